/* One AVP at a time: the rule table against §4.4, and §4.1's frame. */
#include <check.h>
#include <stdlib.h>

#include "l2tp/avp.h"

#define M 0x8000
#define HAS(attr) (UINT64_C(1) << AVP_##attr)
#define T(type) (1u << MSG_##type)

/* §4.4.1 to §4.4.6, typed in again: attribute, M, may be hidden, length of the value (0: any),
 * where it may stand. */
static const struct {
	unsigned attr;
	bool mandatory, may_hide;
	unsigned min, max;
	uint32_t messages;
} defined[] = {
	{36, true, false, 0, 1017, 0xffffffff},
	{1, true, false, 2, 1017, T(CDN) | T(STOPCCN)},
	{2, true, false, 2, 2, T(SCCRP) | T(SCCRQ)},
	{3, true, true, 4, 4, T(SCCRP) | T(SCCRQ)},
	{4, true, true, 4, 4, T(SCCRP) | T(SCCRQ)},
	{5, false, false, 8, 8, T(SCCRQ)},
	{6, false, true, 2, 2, T(SCCRP) | T(SCCRQ)},
	{7, true, false, 1, 1017, T(SCCRP) | T(SCCRQ)},
	{8, false, true, 0, 1017, T(SCCRP) | T(SCCRQ)},
	{9, true, true, 2, 2, T(SCCRP) | T(SCCRQ) | T(STOPCCN)},
	{10, true, false, 2, 2, T(SCCRQ) | T(SCCRP)},
	{11, true, true, 1, 1017, T(SCCRP) | T(SCCRQ)},
	{13, true, true, 16, 16, T(SCCCN) | T(SCCRP)},
	{12, true, false, 3, 1017, T(CDN)},
	{14, true, true, 2, 2, T(CDN) | T(ICRP) | T(ICRQ) | T(OCRP) | T(OCRQ)},
	{15, true, true, 4, 4, T(ICRQ) | T(OCRQ)},
	{16, true, true, 4, 4, T(OCRQ)},
	{17, true, true, 4, 4, T(OCRQ)},
	{18, true, true, 4, 4, T(ICRQ) | T(OCRQ)},
	{19, true, true, 4, 4, T(ICCN) | T(OCCN) | T(OCRQ)},
	{21, true, true, 0, 1017, T(ICRQ) | T(OCRQ)},
	{22, true, true, 0, 1017, T(ICRQ)},
	{23, true, true, 0, 1017, T(ICRQ) | T(OCRQ)},
	{24, true, true, 4, 4, T(ICCN) | T(OCCN)},
	{38, false, true, 4, 4, T(ICCN) | T(OCCN)},
	{25, false, true, 4, 4, T(ICRQ) | T(OCRP)},
	{37, false, true, 0, 1017, T(ICCN)},
	{39, true, false, 0, 0, T(ICCN) | T(OCCN)},
	{26, false, true, 0, 1017, T(ICCN)},
	{27, false, true, 0, 1017, T(ICCN)},
	{28, false, true, 0, 1017, T(ICCN)},
	{29, false, true, 2, 2, T(ICCN)},
	{30, false, true, 0, 1017, T(ICCN)},
	{31, false, true, 1, 1017, T(ICCN)},
	{32, false, true, 2, 2, T(ICCN)},
	{33, false, true, 0, 1017, T(ICCN)},
	{34, true, true, 26, 26, T(WEN)},
	{35, true, true, 10, 10, T(SLI)},
	/* RFC 3301, 3145, 3308, 3437, 3573, 5515: AVP-07 */
	{40, false, true, 4, 4, T(OCRQ)},
	{41, false, true, 4, 4, T(OCRQ)},
	{42, false, true, 2, 2, T(ICRQ) | T(OCRQ)},
	{43, false, true, 0, 1017, T(ICRQ) | T(OCRQ)},
	{44, false, true, 0, 1017, T(ICRQ)},
	{45, false, true, 4, 4, T(ICRQ) | T(OCRP)},
	{46, false, true, 5, 1017, T(CDN)},
	{47, false, true, 2, 2, T(SCCRQ) | T(SCCRP)},
	{48, false, true, 2, 2, T(ICRQ) | T(ICRP) | T(OCRQ) | T(OCRP)},
	{49, false, true, 0, 1017, T(ICRP) | T(OCRQ)},
	{50, false, true, 0, 1017, T(ICRP) | T(OCRQ)},
	{51, false, true, 0, 1017, T(SLI)},
	{52, false, true, 0, 1017, T(SLI)},
	{53, false, true, 0, 1017, T(SCCRQ) | T(SCCRP) | T(ICRQ) | T(ICRP) | T(OCRQ) | T(OCRP)},
	{54, false, true, 2, 2, T(MDMST)},
	{97, false, true, 12, 12, T(CSUN) | T(CSURQ)},
	{98, false, true, 0, 1017, T(ICRQ)},
};
#define DEFINED (sizeof(defined) / sizeof(defined[0]))

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
		const struct avp_rule *rule = avp_find(0, (uint16_t)defined[i].attr);

		ck_assert_ptr_nonnull(rule);
		ck_assert_uint_eq(rule->attr, defined[i].attr);
		ck_assert_msg(rule->mandatory == defined[i].mandatory, "M of %s", rule->name);
		ck_assert_msg(rule->may_hide == defined[i].may_hide, "H of %s", rule->name);
		ck_assert_msg(rule->min == defined[i].min, "least length of %s", rule->name);
		ck_assert_msg(rule->max == defined[i].max, "greatest length of %s", rule->name);
		ck_assert_msg(rule->messages == defined[i].messages, "messages of %s", rule->name);
	}
	for (unsigned attr = 0; attr <= 0xffff; attr++)
		found += avp_find(0, (uint16_t)attr) != NULL;
	ck_assert_uint_eq(found, DEFINED);
}
END_TEST

/* A message of this type with just this attribute, of the length given. */
static size_t
one_avp(uint8_t *bytes, size_t cap, unsigned attr, unsigned bits, unsigned len)
{
	struct wr w = wr_init(bytes, cap);

	raw(&w, bits, 6 + len, 0, attr);
	for (unsigned i = 0; i < len; i++)
		wr_u8(&w, (uint8_t)(i + 1));
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
		const struct avp_rule *rule = avp_find(0, (uint16_t)defined[i].attr);
		unsigned len = rule->kind == KIND_FLAG ? 0 : rule->max == 1017 ? 20 : rule->max;
		size_t size =
			one_avp(in, sizeof(in), defined[i].attr, defined[i].mandatory ? M : 0, len);
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
			size_t size = one_avp(bytes, sizeof(bytes), defined[i].attr, bits, len);
			struct wr r = {.start = bytes, .p = bytes + size, .end = bytes + size};

			o = decode(type, &r, true);
			ck_assert_uint_eq(o.msg.has, 0);
			if (bits) {
				ck_fault(&o, ERROR_LENGTH, defined[i].attr);
				continue;
			}
			ck_assert(o.good);
			ck_assert_uint_eq(o.msg.ignored, 1);
			ck_assert_uint_eq(o.msg.ignored_attr, defined[i].attr);
		}
	}
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

START_TEST(result_code_with_error_and_text_is_read)
{
	/* §4.4.2, AVP-15: 8, 10 and 10+n */
	uint8_t bytes[64];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	raw(&w, M, 14, 0, AVP_RESULT_CODE);
	wr_u16(&w, 2);
	wr_u16(&w, 6);
	wr_bytes(&w, "busy", 4);
	o = decode(MSG_STOPCCN, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.result.result, 2);
	ck_assert_uint_eq(o.msg.result.error, 6);
	ck_assert_uint_eq(o.msg.result.text.len, 4);
	ck_assert_mem_eq(o.msg.result.text.p, "busy", 4);
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

START_TEST(call_errors_and_accm_skip_the_reserved_word)
{
	/* §4.4.6, AVP-30 */
	uint8_t bytes[64];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	raw(&w, M, 32, 0, AVP_CALL_ERRORS);
	wr_u16(&w, 0xffff);
	for (uint32_t i = 1; i <= 6; i++)
		wr_u32(&w, i);
	o = decode(MSG_WEN, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.call_errors.crc, 1);
	ck_assert_uint_eq(o.msg.call_errors.framing, 2);
	ck_assert_uint_eq(o.msg.call_errors.hardware, 3);
	ck_assert_uint_eq(o.msg.call_errors.buffer, 4);
	ck_assert_uint_eq(o.msg.call_errors.timeout, 5);
	ck_assert_uint_eq(o.msg.call_errors.alignment, 6);
	w = wr_init(bytes, sizeof(bytes));
	raw(&w, M, 16, 0, AVP_ACCM);
	wr_u16(&w, 0xffff);
	wr_u32(&w, 0xa0000);
	wr_u32(&w, 0xffffffff);
	o = decode(MSG_SLI, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.accm.send, 0xa0000);
	ck_assert_uint_eq(o.msg.accm.receive, 0xffffffff);
}
END_TEST

START_TEST(q931_cause_with_and_without_text_is_read)
{
	/* §4.4.4, AVP-23: length 9 plus the text */
	uint8_t bytes[32];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	raw(&w, M, 13, 0, AVP_Q931_CAUSE);
	wr_u16(&w, 17);
	wr_u8(&w, 69);
	wr_bytes(&w, "busy", 4);
	o = decode(MSG_CDN, &w, true);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.q931.cause, 17);
	ck_assert_uint_eq(o.msg.q931.message, 69);
	ck_assert_uint_eq(o.msg.q931.text.len, 4);
	ck_assert_mem_eq(o.msg.q931.text.p, "busy", 4);
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
	tcase_add_test(t, unknown_attribute_obeys_its_m_bit);
	tcase_add_test(t, frame_that_lies_about_its_length_is_a_fault);
	tcase_add_test(t, result_code_of_some_clients_is_understood);
	tcase_add_test(t, result_code_with_error_and_text_is_read);
	tcase_add_test(t, over_long_frame_is_cut_for_the_result_code_alone);
	tcase_add_test(t, repeated_or_misplaced_attribute_is_passed_over);
	tcase_add_test(t, number_of_attributes_is_bounded);
	tcase_add_test(t, value_of_1017_bytes_fits_and_1018_is_refused);
	tcase_add_test(t, encode_stops_where_the_room_ends);
	tcase_add_test(t, call_errors_and_accm_skip_the_reserved_word);
	tcase_add_test(t, q931_cause_with_and_without_text_is_read);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
