/* One AVP at a time: the rule table against §4.4, and §4.1's frame. */
#include <check.h>
#include <stdlib.h>

#include "l2tp/avp.h"

#define M 0x8000
#define H 0x4000
#define HAS(attr) (UINT64_C(1) << AVP_##attr)
#define T(type) (1u << MSG_##type)

#define LINE (T(ICRQ) | T(ICCN) | T(OCRP) | T(OCCN))

/* §4.4.1 to §4.4.6, typed in again: vendor, attribute, M, may be hidden, length of the value (0:
 * any), where it may stand. */
static const struct {
	unsigned vendor, attr;
	bool mandatory, may_hide;
	unsigned min, max;
	uint32_t messages;
} defined[] = {
	{0, 36, true, false, 0, 1017, 0xffffffff},
	{0, 1, true, false, 2, 1017, T(CDN) | T(STOPCCN)},
	{0, 2, true, false, 2, 2, T(SCCRP) | T(SCCRQ)},
	{0, 3, true, true, 4, 4, T(SCCRP) | T(SCCRQ)},
	{0, 4, true, true, 4, 4, T(SCCRP) | T(SCCRQ)},
	{0, 5, false, false, 8, 8, T(SCCRQ)},
	{0, 6, false, true, 2, 2, T(SCCRP) | T(SCCRQ)},
	{0, 7, true, false, 1, 1017, T(SCCRP) | T(SCCRQ)},
	{0, 8, false, true, 0, 1017, T(SCCRP) | T(SCCRQ)},
	{0, 9, true, true, 2, 2, T(SCCRP) | T(SCCRQ) | T(STOPCCN)},
	{0, 10, true, false, 2, 2, T(SCCRQ) | T(SCCRP)},
	{0, 11, true, true, 1, 1017, T(SCCRP) | T(SCCRQ)},
	{0, 13, true, true, 16, 16, T(SCCCN) | T(SCCRP)},
	{0, 12, true, false, 3, 1017, T(CDN)},
	{0, 14, true, true, 2, 2, T(CDN) | T(ICRP) | T(ICRQ) | T(OCRP) | T(OCRQ)},
	{0, 15, true, true, 4, 4, T(ICRQ) | T(OCRQ)},
	{0, 16, true, true, 4, 4, T(OCRQ)},
	{0, 17, true, true, 4, 4, T(OCRQ)},
	{0, 18, true, true, 4, 4, T(ICRQ) | T(OCRQ)},
	{0, 19, true, true, 4, 4, T(ICCN) | T(OCCN) | T(OCRQ)},
	{0, 21, true, true, 0, 1017, T(ICRQ) | T(OCRQ)},
	{0, 22, true, true, 0, 1017, T(ICRQ)},
	{0, 23, true, true, 0, 1017, T(ICRQ) | T(OCRQ)},
	{0, 24, true, true, 4, 4, T(ICCN) | T(OCCN)},
	{0, 38, false, true, 4, 4, T(ICCN) | T(OCCN)},
	{0, 25, false, true, 4, 4, T(ICRQ) | T(OCRP)},
	{0, 37, false, true, 0, 1017, T(ICCN)},
	{0, 39, true, false, 0, 0, T(ICCN) | T(OCCN)},
	{0, 26, false, true, 0, 1017, T(ICCN)},
	{0, 27, false, true, 0, 1017, T(ICCN)},
	{0, 28, false, true, 0, 1017, T(ICCN)},
	{0, 29, false, true, 2, 2, T(ICCN)},
	{0, 30, false, true, 0, 1017, T(ICCN)},
	{0, 31, false, true, 1, 1017, T(ICCN)},
	{0, 32, false, true, 2, 2, T(ICCN)},
	{0, 33, false, true, 0, 1017, T(ICCN)},
	{0, 34, true, true, 26, 26, T(WEN)},
	{0, 35, true, true, 10, 10, T(SLI)},
	/* RFC 3301, 3145, 3308, 3437, 3573, 5515: AVP-07 */
	{0, 40, false, true, 4, 4, T(OCRQ)},
	{0, 41, false, true, 4, 4, T(OCRQ)},
	{0, 42, false, true, 2, 2, T(ICRQ) | T(OCRQ)},
	{0, 43, false, true, 0, 1017, T(ICRQ) | T(OCRQ)},
	{0, 44, false, true, 0, 1017, T(ICRQ)},
	{0, 45, false, true, 4, 4, T(ICRQ) | T(OCRP)},
	{0, 46, false, true, 5, 1017, T(CDN)},
	{0, 47, false, true, 2, 2, T(SCCRQ) | T(SCCRP)},
	{0, 48, false, true, 2, 2, T(ICRQ) | T(ICRP) | T(OCRQ) | T(OCRP)},
	{0, 49, false, true, 0, 1017, T(ICRP) | T(OCRQ)},
	{0, 50, false, true, 0, 1017, T(ICRP) | T(OCRQ)},
	{0, 51, false, true, 0, 1017, T(SLI)},
	{0, 52, false, true, 0, 1017, T(SLI)},
	{0, 53, false, true, 0, 1017, T(SCCRQ) | T(SCCRP) | T(ICRQ) | T(ICRP) | T(OCRQ) | T(OCRP)},
	{0, 54, false, true, 2, 2, T(MDMST)},
	{0, 97, false, true, 12, 12, T(CSUN) | T(CSURQ)},
	{0, 98, false, true, 0, 1017, T(ICRQ)},
	{3561, 1, false, true, 0, 1017, LINE},
	{3561, 2, false, true, 0, 1017, LINE},
	{3561, 129, false, true, 8, 8, LINE},
	{3561, 130, false, true, 8, 8, LINE},
	{3561, 131, false, true, 8, 8, LINE},
	{3561, 132, false, true, 8, 8, LINE},
	{3561, 133, false, true, 8, 8, LINE},
	{3561, 134, false, true, 8, 8, LINE},
	{3561, 135, false, true, 8, 8, LINE},
	{3561, 136, false, true, 8, 8, LINE},
	{3561, 137, false, true, 8, 8, LINE},
	{3561, 138, false, true, 8, 8, LINE},
	{3561, 139, false, true, 4, 4, LINE},
	{3561, 140, false, true, 4, 4, LINE},
	{3561, 141, false, true, 4, 4, LINE},
	{3561, 142, false, true, 4, 4, LINE},
	{3561, 144, false, true, 3, 3, LINE},
	{3561, 145, false, true, 4, 4, LINE},
	{3561, 254, false, true, 0, 1017, LINE},
};
#define DEFINED (sizeof(defined) / sizeof(defined[0]))

static const struct avp_rule *
rule_of(size_t i)
{
	return avp_find((uint16_t)defined[i].vendor, (uint16_t)defined[i].attr);
}

static void
raw(struct wr *w, unsigned bits, unsigned len, unsigned vendor, unsigned attr)
{
	wr_u16(w, (uint16_t)(bits | len));
	wr_u16(w, (uint16_t)vendor);
	wr_u16(w, (uint16_t)attr);
}

struct outcome {
	bool good;
	struct l2tp_msg msg;
	struct l2tp_fault fault;
};

/* AVPs of a message of this type; what is decoded points into w. */
static struct outcome
decode(unsigned type, const struct wr *w, bool strict)
{
	const struct msg_reading how = {.strict = strict};
	struct outcome o = {.msg = {.type = (uint16_t)type}};
	struct rd r = rd_init(w->start, wr_len(w));

	ck_assert(!w->bad);
	o.good = avp_decode_all(&r, &o.msg, &how, &o.fault);
	return o;
}

static void
ck_fault(const struct outcome *o, unsigned error, unsigned attr)
{
	ck_assert(!o->good);
	ck_assert_uint_eq(o->fault.result, 2);
	ck_assert_uint_eq(o->fault.error, error);
	ck_assert_uint_eq(o->fault.attr, attr);
	ck_assert_ptr_nonnull(o->fault.why);
}

START_TEST(rules_are_those_of_the_rfc)
{
	/* AVP-14 */
	unsigned found = 0;

	for (size_t i = 0; i < DEFINED; i++) {
		const struct avp_rule *rule = rule_of(i);

		ck_assert_ptr_nonnull(rule);
		ck_assert_uint_eq(rule->attr, defined[i].attr);
		ck_assert_uint_eq(rule->vendor, defined[i].vendor);
		ck_assert_msg(rule->mandatory == defined[i].mandatory, "M of %s", rule->name);
		ck_assert_msg(rule->may_hide == defined[i].may_hide, "H of %s", rule->name);
		ck_assert_msg(rule->min == defined[i].min, "least length of %s", rule->name);
		ck_assert_msg(rule->max == defined[i].max, "greatest length of %s", rule->name);
		ck_assert_msg(rule->messages == defined[i].messages, "messages of %s", rule->name);
	}
	for (unsigned attr = 0; attr <= 0xffff; attr++)
		found += (avp_find(0, (uint16_t)attr) != NULL) +
			 (avp_find(3561, (uint16_t)attr) != NULL) +
			 (avp_find(9, (uint16_t)attr) != NULL);
	ck_assert_uint_eq(found, DEFINED);
}
END_TEST

/* A message with just this attribute, of the length given. */
static size_t
one_avp(uint8_t *bytes, size_t cap, size_t i, unsigned bits, unsigned len)
{
	struct wr w = wr_init(bytes, cap);

	raw(&w, bits, 6 + len, defined[i].vendor, defined[i].attr);
	for (unsigned k = 0; k < len; k++)
		wr_u8(&w, (uint8_t)(k + 1));
	return wr_len(&w);
}

static unsigned
a_type_of(uint32_t messages)
{
	unsigned type = 1;

	while (!(messages >> type & 1))
		type++;
	return type;
}

START_TEST(each_attribute_survives_decode_and_encode)
{
	for (size_t i = 0; i < DEFINED; i++) {
		uint8_t in[1100], out[1100];
		const struct avp_rule *rule = rule_of(i);
		unsigned len = rule->kind == KIND_FLAG ? 0 : rule->max == 1017 ? 20 : rule->max;
		size_t size = one_avp(in, sizeof(in), i, defined[i].mandatory ? M : 0, len);
		struct wr r = {.start = in, .p = in + size, .end = in + size}, w;
		struct outcome o = decode(a_type_of(defined[i].messages), &r, true);

		ck_assert_msg(o.good, "attribute %u", defined[i].attr);
		ck_assert(avp_present(&o.msg, rule));
		ck_assert_uint_eq(o.msg.ignored, 0);
		if (defined[i].attr == AVP_RANDOM_VECTOR)
			continue; /* the encoder makes its own */
		w = wr_init(out, sizeof(out));
		avp_encode_all(&w, &o.msg, NULL);
		if (defined[i].attr == AVP_CALL_ERRORS || defined[i].attr == AVP_ACCM ||
		    defined[i].attr == 97)
			in[6] = in[7] = 0; /* §4.4.6: reserved, and sent as 0 */
		ck_assert_uint_eq(wr_len(&w), size);
		ck_assert_mem_eq(out, in, size);
	}
}
END_TEST

START_TEST(wrong_length_with_m_is_a_fault_without_m_is_passed_over)
{
	/* §7.1, AVP-11 */
	for (size_t i = 0; i < DEFINED; i++) {
		uint8_t bytes[1100];
		struct outcome o;
		unsigned len, type = a_type_of(defined[i].messages);

		if (defined[i].min == 0 && defined[i].max == 1017)
			continue;
		len = defined[i].min ? defined[i].min - 1 : defined[i].max + 1;
		for (unsigned bits = 0; bits <= M; bits += M) {
			size_t size = one_avp(bytes, sizeof(bytes), i, bits, len);
			struct wr r = {.start = bytes, .p = bytes + size, .end = bytes + size};

			o = decode(type, &r, true);
			ck_assert(o.msg.has == 0 && o.msg.has_line == 0);
			if (bits) {
				ck_fault(&o, ERROR_LENGTH, defined[i].attr);
				ck_assert_uint_eq(o.fault.vendor, defined[i].vendor);
				continue;
			}
			ck_assert(o.good);
			ck_assert_uint_eq(o.msg.ignored, 1);
			ck_assert_uint_eq(o.msg.ignored_attr, defined[i].attr);
		}
	}
}
END_TEST

/* The bits that the AVP of a row should have when we send it. */
static unsigned
bits_of(unsigned vendor, unsigned attr, bool hide)
{
	for (size_t i = 0; i < DEFINED; i++)
		if (defined[i].vendor == vendor && defined[i].attr == attr)
			return (defined[i].mandatory ? M : 0) |
			       (hide && defined[i].may_hide ? H : 0);
	ck_abort_msg("attribute %u of vendor %u is not defined", attr, vendor);
	return 0;
}

START_TEST(each_attribute_goes_out_with_the_bits_of_its_definition)
{
	/* AVP-01, AVP-14, HID-01: every type, with all that may stand in it */
	static const struct msg_hiding hide = {
		.secret = (const uint8_t *)"s", .secret_len = 1, .padding_len = 3};
	const struct msg_hiding *how = _i % 2 ? &hide : NULL;
	struct l2tp_msg msg = {.type = (uint16_t)(_i / 2),
			       .has = UINT64_MAX,
			       .has_line = UINT32_MAX,
			       .speeds = {.count = 2}};
	static uint8_t bytes[4096];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct rd r;
	unsigned expected = 0, seen = 0;
	bool vector = false;

	for (size_t i = 0; i < DEFINED; i++)
		if (defined[i].messages >> msg.type & 1 && defined[i].attr != AVP_RANDOM_VECTOR)
			expected += defined[i].attr == 97 ? 2 : 1;
	avp_encode_all(&w, &msg, how);
	ck_assert(!w.bad);
	r = rd_init(bytes, wr_len(&w));
	while (rd_left(&r)) {
		unsigned bits = rd_u16(&r), vendor = rd_u16(&r), attr = rd_u16(&r);

		ck_assert_ptr_nonnull(rd_bytes(&r, (bits & 0x3ff) - 6));
		ck_assert_msg((bits & 0xfc00) == bits_of(vendor, attr, how), "attribute %u", attr);
		ck_assert(vector || !(bits & H));
		vector = vector || attr == AVP_RANDOM_VECTOR;
		seen += attr != AVP_RANDOM_VECTOR;
	}
	ck_assert_uint_eq(seen, expected);
}
END_TEST

START_TEST(unknown_attribute_obeys_its_m_bit)
{
	/* §4.1, AVP-02, AVP-03, AVP-06; not strict: passed over and counted */
	static const struct {
		unsigned bits, vendor, attr;
	} unknown[] = {{0, 0, 20}, {0, 0, 999}, {0, 9, 9}, {0x0400, 0, 9}, {0x2000, 0, 9}};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		uint8_t bytes[64];
		struct wr w = wr_init(bytes, sizeof(bytes));
		struct outcome o;

		raw(&w, unknown[i].bits, 8, unknown[i].vendor, unknown[i].attr);
		wr_u16(&w, 77);
		o = decode(MSG_STOPCCN, &w, true);
		ck_assert(o.good);
		ck_assert_uint_eq(o.msg.ignored, 1);
		ck_assert_uint_eq(o.msg.ignored_attr, unknown[i].attr);
		ck_assert_uint_eq(o.msg.has, 0);
		bytes[0] |= 0x80;
		o = decode(MSG_STOPCCN, &w, true);
		ck_fault(&o, ERROR_UNKNOWN_AVP, unknown[i].attr);
		ck_assert_uint_eq(o.fault.vendor, unknown[i].vendor);
		o = decode(MSG_STOPCCN, &w, false);
		ck_assert(o.good);
		ck_assert_uint_eq(o.msg.ignored, 1);
		ck_assert_uint_eq(o.msg.assigned_tunnel, 0);
	}
}
END_TEST

START_TEST(frame_that_lies_about_its_length_is_a_fault)
{
	/* §4.1, AVP-04 */
	for (unsigned len = 0; len < 6; len++) {
		uint8_t bytes[16];
		struct wr w = wr_init(bytes, sizeof(bytes));
		struct outcome o;

		raw(&w, M, len, 0, AVP_ASSIGNED_TUNNEL);
		o = decode(MSG_STOPCCN, &w, false);
		ck_fault(&o, ERROR_LENGTH, AVP_ASSIGNED_TUNNEL);
	}
	for (unsigned cut = 1; cut < 8; cut++) {
		uint8_t bytes[8];
		struct wr w = wr_init(bytes, sizeof(bytes));
		struct outcome o;

		raw(&w, M, 8, 0, AVP_ASSIGNED_TUNNEL);
		wr_u16(&w, 7);
		w.p -= cut;
		o = decode(MSG_STOPCCN, &w, false);
		ck_assert(!o.good);
		ck_assert_uint_eq(o.fault.error, ERROR_LENGTH);
		ck_assert_uint_eq(o.msg.has, 0);
	}
}
END_TEST

START_TEST(result_code_of_some_clients_is_understood)
{
	/* byte-swapped, and its length counts the header twice: StopCCN of a stock client, logged
	 * as "768" elsewhere */
	static const uint8_t swapped[] = {0x80, 0x10, 0, 0, 0, 1, 0x03, 0x00, 0x00, 0x00};
	/* two bytes: no Error Code (§4.4.2, AVP-15) */
	static const uint8_t two[] = {0x80, 0x08, 0, 0, 0, 1, 0x00, 0x01};
	struct wr w = {.start = (uint8_t *)swapped,
		       .p = (uint8_t *)swapped + sizeof(swapped),
		       .end = (uint8_t *)swapped + sizeof(swapped)};
	struct outcome o = decode(MSG_CDN, &w, true);

	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.result.result, 3);
	ck_assert_uint_eq(o.msg.result.error, 0);
	ck_assert_uint_eq(o.msg.result.text.len, 0);
	w = (struct wr){.start = (uint8_t *)two,
			.p = (uint8_t *)two + sizeof(two),
			.end = (uint8_t *)two + sizeof(two)};
	o = decode(MSG_CDN, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.result.result, 1);
	ck_assert_uint_eq(o.msg.result.error, 0);
}
END_TEST

START_TEST(over_long_frame_is_cut_for_the_result_code_alone)
{
	static const unsigned others[] = {AVP_ASSIGNED_TUNNEL, AVP_RANDOM_VECTOR, 999};

	for (size_t i = 0; i < 3; i++) {
		uint8_t bytes[16];
		struct wr w = wr_init(bytes, sizeof(bytes));
		struct outcome o;

		raw(&w, 0, 16, 0, others[i]);
		wr_u16(&w, 1);
		o = decode(MSG_STOPCCN, &w, false);
		ck_fault(&o, ERROR_LENGTH, others[i]);
	}
}
END_TEST

START_TEST(repeated_or_misplaced_attribute_is_passed_over)
{
	/* AVP-13: the first one holds */
	uint8_t bytes[64];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	for (unsigned i = 0; i < 2; i++) {
		raw(&w, M, 8, 0, AVP_ASSIGNED_TUNNEL);
		wr_u16(&w, (uint16_t)(11 + i));
	}
	raw(&w, M, 10, 0, AVP_TX_SPEED);
	wr_u32(&w, 56000);
	o = decode(MSG_STOPCCN, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.assigned_tunnel, 11);
	ck_assert_uint_eq(o.msg.tx_speed, 0);
	ck_assert_uint_eq(o.msg.ignored, 2);
	ck_assert_uint_eq(o.msg.ignored_attr, AVP_ASSIGNED_TUNNEL);
}
END_TEST

START_TEST(number_of_attributes_is_bounded)
{
	uint8_t bytes[AVP_PER_MESSAGE_MAX * 6];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	for (unsigned i = 1; i < AVP_PER_MESSAGE_MAX; i++)
		raw(&w, 0, 6, 0, 999);
	o = decode(MSG_HELLO, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.ignored, AVP_PER_MESSAGE_MAX - 1);
	raw(&w, 0, 6, 0, 999);
	o = decode(MSG_HELLO, &w, true);
	ck_fault(&o, ERROR_LENGTH, 999);
}
END_TEST

START_TEST(speeds_beyond_the_room_are_passed_over)
{
	/* ALI-02: the one attribute that is repeated for its own sake */
	uint8_t bytes[(L2TP_SPEEDS_MAX + 2) * 18];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	for (uint16_t i = 0; i < L2TP_SPEEDS_MAX + 2; i++) {
		raw(&w, 0, 18, 0, 97);
		wr_u16(&w, 0);
		wr_u16(&w, i);
		wr_u64(&w, 0);
	}
	o = decode(MSG_CSUN, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.speeds.count, L2TP_SPEEDS_MAX);
	ck_assert_uint_eq(o.msg.speeds.list[L2TP_SPEEDS_MAX - 1].sid, L2TP_SPEEDS_MAX - 1);
	ck_assert_uint_eq(o.msg.ignored, 2);
}
END_TEST

START_TEST(value_of_1017_bytes_fits_and_1018_is_refused)
{
	/* §4.1, AVP-05, AVP-19: never cut, never wrapped into the flags */
	static const uint8_t name[1018] = {'x'};
	uint8_t bytes[1100];
	struct l2tp_msg msg = {.type = MSG_SCCRQ, .has = HAS(HOST_NAME)};
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	msg.host_name = (struct l2tp_bytes){name, 1017};
	avp_encode_all(&w, &msg, NULL);
	ck_assert_uint_eq(wr_len(&w), 1023);
	ck_assert_uint_eq(bytes[0] << 8 | bytes[1], M | 1023);
	o = decode(MSG_SCCRQ, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.host_name.len, 1017);
	w = wr_init(bytes, sizeof(bytes));
	msg.host_name.len = 1018;
	avp_encode_all(&w, &msg, NULL);
	ck_assert(w.bad);
}
END_TEST

START_TEST(encode_stops_where_the_room_ends)
{
	struct l2tp_msg msg = {.type = MSG_SCCRQ,
			       .has = HAS(PROTOCOL_VERSION) | HAS(HOST_NAME) | HAS(TX_SPEED),
			       .host_name = {(const uint8_t *)"abc", 3}};
	uint8_t bytes[32];
	struct wr w = wr_init(bytes, sizeof(bytes));

	/* an attribute that may not stand in this message is left out */
	avp_encode_all(&w, &msg, NULL);
	ck_assert_uint_eq(wr_len(&w), 8 + 9);
	for (size_t cap = 0; cap < 17; cap++) {
		w = wr_init(bytes, cap);
		avp_encode_all(&w, &msg, NULL);
		ck_assert(w.bad);
		ck_assert_uint_eq(wr_len(&w), 0);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("avp");
	TCase *t = tcase_create("avp");
	SRunner *sr;
	int failed;

	tcase_add_test(t, rules_are_those_of_the_rfc);
	tcase_add_test(t, each_attribute_survives_decode_and_encode);
	tcase_add_test(t, wrong_length_with_m_is_a_fault_without_m_is_passed_over);
	tcase_add_loop_test(t, each_attribute_goes_out_with_the_bits_of_its_definition, 0,
			    2 * MSG_TYPE_END);
	tcase_add_test(t, unknown_attribute_obeys_its_m_bit);
	tcase_add_test(t, frame_that_lies_about_its_length_is_a_fault);
	tcase_add_test(t, result_code_of_some_clients_is_understood);
	tcase_add_test(t, over_long_frame_is_cut_for_the_result_code_alone);
	tcase_add_test(t, repeated_or_misplaced_attribute_is_passed_over);
	tcase_add_test(t, number_of_attributes_is_bounded);
	tcase_add_test(t, speeds_beyond_the_room_are_passed_over);
	tcase_add_test(t, value_of_1017_bytes_fits_and_1018_is_refused);
	tcase_add_test(t, encode_stops_where_the_room_ends);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
