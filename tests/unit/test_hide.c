/* §4.3, both ways. What is hidden here was made by another implementation of its text. */
#include <check.h>
#include <stdlib.h>

#include "l2tp/avp.h"
#include "l2tp/hide.h"

#define M 0x8000
#define H 0x4000
#define HAS(attr) (UINT64_C(1) << AVP_##attr)

static const uint8_t secret[] = {'t', 'u', 'n', 'n', 'e', 'l', ' ', 's', 'e', 'c', 'r', 'e', 't'};
static const uint8_t vector[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const char other_vector[] = "another vector, longer than sixteen";

#define V1 vector, sizeof(vector)
#define V2 (const uint8_t *)other_vector, sizeof(other_vector) - 1

static const struct {
	uint16_t attr;
	const uint8_t *vector;
	size_t vector_len;
	struct {
		size_t len;
		uint8_t bytes[40];
	} open, hidden; /* the Hidden AVP Subformat, and what becomes of it */
} made[] = {
	/* less than a block, just one, three */
	{9, V1, {4, {0, 2, 0x12, 0x34}}, {4, {0x29, 0x04, 0xea, 0x75}}},
	{21,
	 V1,
	 {16, "\x00\x0e"
	      "01234567890123"},
	 {16,
	  {0x9b, 0x75, 0x56, 0x3f, 0x77, 0x4d, 0xfa, 0x06, 0x29, 0xbb, 0xc4, 0xe2, 0x4b, 0x2e, 0x9a,
	   0x1b}}},
	{21,
	 V1,
	 {35, "\x00\x21+49 30 1234567 ext 12345678901234"},
	 {35, {0x9b, 0x5a, 0x4d, 0x3a, 0x7c, 0x5e, 0xfd, 0x03, 0x3f, 0xbd, 0xce, 0xe8,
	       0x4f, 0x2a, 0x9e, 0x1f, 0xc3, 0xf2, 0xd9, 0x9a, 0x1f, 0x43, 0xac, 0xad,
	       0xf4, 0xac, 0x19, 0xcc, 0xf8, 0x53, 0x7d, 0x63, 0xe2, 0x62, 0x10}}},
	/* twelve bytes of padding; another vector and seven */
	{9,
	 V1,
	 {16,
	  {0, 2, 0x12, 0x34, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa,
	   0xab}},
	 {16,
	  {0x29, 0x04, 0xea, 0x75, 0x9e, 0xef, 0xa0, 0xf8, 0x51, 0xf5, 0xa5, 0x7a, 0xca, 0xe0, 0x36,
	   0xf9}}},
	{30,
	 V2,
	 {26, "\x00\x11"
	      "alice@example.netUUUUUUU"},
	 {26, {0x39, 0x3d, 0xe1, 0xb4, 0x03, 0x77, 0xf3, 0x3c, 0xe9, 0x13, 0x98, 0x8a, 0x32,
	       0x60, 0x5d, 0xb5, 0xb5, 0xb3, 0xe4, 0xa0, 0x4b, 0xb0, 0x82, 0xe5, 0xed, 0x6f}}},
	/* nothing */
	{21, V1, {2, {0, 0}}, {2, {0x9b, 0x7b}}},
};
#define MADE (int)(sizeof(made) / sizeof(made[0]))

static struct hide_key
key_of(const uint8_t *v, size_t len)
{
	return (struct hide_key){secret, sizeof(secret), v, len};
}

START_TEST(value_is_hidden_as_by_another_implementation)
{
	/* HID-03 */
	struct hide_key key = key_of(made[_i].vector, made[_i].vector_len);
	uint8_t bytes[40];

	memcpy(bytes, made[_i].open.bytes, sizeof(bytes));
	ck_assert(hide_value(&key, made[_i].attr, bytes, made[_i].open.len));
	ck_assert_mem_eq(bytes, made[_i].hidden.bytes, made[_i].hidden.len);
}
END_TEST

START_TEST(value_hidden_by_another_implementation_is_read)
{
	/* HID-03 */
	struct hide_key key = key_of(made[_i].vector, made[_i].vector_len);
	uint8_t *out = malloc(made[_i].hidden.len);

	ck_assert(
		unhide_value(&key, made[_i].attr, made[_i].hidden.bytes, made[_i].hidden.len, out));
	ck_assert_mem_eq(out, made[_i].open.bytes, made[_i].open.len);
	free(out);
}
END_TEST

static void
raw(struct wr *w, unsigned bits, unsigned vendor, unsigned attr, const void *value, size_t len)
{
	wr_u16(w, (uint16_t)(bits | (6 + len)));
	wr_u16(w, (uint16_t)vendor);
	wr_u16(w, (uint16_t)attr);
	wr_bytes(w, value, len);
}

/* An AVP whose subformat is given. */
static void
raw_hidden(struct wr *w, unsigned bits, unsigned vendor, unsigned attr, const uint8_t *v,
	   size_t v_len, const void *subformat, size_t len)
{
	struct hide_key key = key_of(v, v_len);
	uint8_t bytes[1100];

	memcpy(bytes, subformat, len);
	ck_assert(hide_value(&key, (uint16_t)attr, bytes, len));
	raw(w, bits | H, vendor, attr, bytes, len);
}

struct outcome {
	bool good;
	struct l2tp_msg msg;
	struct l2tp_fault fault;
	uint8_t room[4096];
};

static void
decode_with(struct outcome *o, unsigned type, const struct wr *w, struct msg_reading how)
{
	struct rd r = rd_init(w->start, wr_len(w));

	ck_assert(!w->bad);
	how.room = o->room;
	*o = (struct outcome){.msg = {.type = (uint16_t)type}};
	o->good = avp_decode_all(&r, &o->msg, &how, &o->fault);
}

static void
decode(struct outcome *o, unsigned type, const struct wr *w)
{
	decode_with(o, type, w,
		    (struct msg_reading){.secret = secret,
					 .secret_len = sizeof(secret),
					 .room_len = sizeof(o->room)});
}

static void
ck_fault(const struct outcome *o, unsigned error, unsigned attr)
{
	ck_assert(!o->good);
	ck_assert_uint_eq(o->fault.result, 2);
	ck_assert_uint_eq(o->fault.error, error);
	ck_assert_uint_eq(o->fault.attr, attr);
}

START_TEST(closest_vector_before_is_the_one_that_counts)
{
	/* HID-02, HID-04 */
	uint8_t bytes[256];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	raw(&w, M, 0, AVP_RANDOM_VECTOR, V1);
	raw_hidden(&w, M, 0, AVP_FRAMING_TYPE, V1, "\x00\x04\x00\x00\x00\x02zzz", 9);
	raw(&w, M, 0, AVP_RANDOM_VECTOR, V2);
	raw(&w, H, 0, AVP_PROXY_AUTH_NAME, made[4].hidden.bytes, made[4].hidden.len);
	raw(&w, M, 0, AVP_RANDOM_VECTOR, V1);
	raw_hidden(&w, M, 0, AVP_TX_SPEED, V1, "\x00\x04\x00\x01\x00\x00", 6);
	decode(&o, MSG_ICCN, &w);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.ignored, 0);
	ck_assert_uint_eq(o.msg.framing_type, 2);
	ck_assert_uint_eq(o.msg.tx_speed, 65536);
	ck_assert_uint_eq(o.msg.proxy_auth_name.len, 17);
	ck_assert_mem_eq(o.msg.proxy_auth_name.p, "alice@example.net", 17);
	ck_assert_uint_eq(o.msg.random_vector.len, 16);
}
END_TEST

START_TEST(vendors_attribute_is_unhidden_by_its_number_alone)
{
	static const uint8_t circuit[] = {0x0e, 0x95, 0x2f, 0xa5, 0xd0, 0x42, 0x33,
					  0xc6, 0x49, 0x26, 0x88, 0x27, 0x22, 0x1e,
					  0x59, 0xd6, 0x60, 0xca, 0xf3};
	uint8_t bytes[256];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	raw(&w, M, 0, AVP_RANDOM_VECTOR, V1);
	raw(&w, H, 3561, 1, circuit, sizeof(circuit));
	decode(&o, MSG_ICRQ, &w);
	ck_assert(o.good && MSG_HAS_LINE(&o.msg, LINE_CIRCUIT_ID));
	ck_assert_uint_eq(o.msg.line.circuit_id.len, 17);
	ck_assert_mem_eq(o.msg.line.circuit_id.p, "bras1 eth 0/1:100", 17);
}
END_TEST

START_TEST(subformat_that_lies_is_malformed)
{
	/* HID-05: inner length beyond the outer, nothing inside, no room for an inner length; and
	 * what is inside has the wrong length */
	static const struct {
		size_t len;
		uint8_t subformat[8];
	} bad[] = {{4, {0, 3, 1, 2}},
		   {4, {0xff, 0xff, 1, 2}},
		   {6, {3, 0xf8, 1, 2, 3, 4}},
		   {4, {0, 0, 1, 2}},
		   {2, {0, 0}},
		   {2, {0, 2}},
		   {1, {0}},
		   {0, {0}},
		   {5, {0, 3, 1, 2, 3}},
		   {6, {0, 1, 0x12, 9, 9, 9}}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (unsigned bits = 0; bits <= M; bits += M) {
			uint8_t bytes[64];
			struct wr w = wr_init(bytes, sizeof(bytes));
			struct outcome o;

			raw(&w, M, 0, AVP_RANDOM_VECTOR, V1);
			raw_hidden(&w, bits, 0, AVP_ASSIGNED_SESSION, V1, bad[i].subformat,
				   bad[i].len);
			decode(&o, MSG_ICRP, &w);
			ck_assert(!MSG_HAS(&o.msg, AVP_ASSIGNED_SESSION));
			ck_assert_uint_eq(o.msg.assigned_session, 0);
			if (bits)
				ck_fault(&o, ERROR_LENGTH, AVP_ASSIGNED_SESSION);
			else
				ck_assert(o.good && o.msg.ignored == 1);
		}
	}
}
END_TEST

START_TEST(empty_hidden_value_is_one)
{
	/* HID-05: inner length 0, where the attribute may be empty */
	uint8_t bytes[64];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	raw(&w, M, 0, AVP_RANDOM_VECTOR, V1);
	raw(&w, M | H, 0, AVP_CALLED_NUMBER, made[5].hidden.bytes, made[5].hidden.len);
	decode(&o, MSG_ICRQ, &w);
	ck_assert(o.good && MSG_HAS(&o.msg, AVP_CALLED_NUMBER));
	ck_assert_uint_eq(o.msg.called.len, 0);
}
END_TEST

START_TEST(hidden_value_that_cannot_be_read_obeys_its_m_bit)
{
	/* HID-06: no secret; no room; too little of it; no vector; a vector only behind
	 * it; no secret, and where it may not stand at all */
	static const struct {
		size_t secret_len, room_len;
		bool before, behind;
		unsigned type;
	} lacking[] = {{0, 4096, true, false, MSG_SCCRQ},
		       {sizeof(secret), 0, true, false, MSG_SCCRQ},
		       {sizeof(secret), 3, true, false, MSG_SCCRQ},
		       {sizeof(secret), 4096, false, false, MSG_SCCRQ},
		       {sizeof(secret), 4096, false, true, MSG_SCCRQ},
		       {0, 4096, true, false, MSG_HELLO}};

	for (size_t i = 0; i < sizeof(lacking) / sizeof(lacking[0]); i++) {
		for (unsigned bits = 0; bits <= M; bits += M) {
			uint8_t bytes[64];
			struct wr w = wr_init(bytes, sizeof(bytes));
			struct outcome o;

			if (lacking[i].before)
				raw(&w, M, 0, AVP_RANDOM_VECTOR, V1);
			raw(&w, bits | H, 0, AVP_ASSIGNED_TUNNEL, made[0].hidden.bytes, 4);
			if (lacking[i].behind)
				raw(&w, M, 0, AVP_RANDOM_VECTOR, V1);
			decode_with(&o, lacking[i].type, &w,
				    (struct msg_reading){.secret = secret,
							 .secret_len = lacking[i].secret_len,
							 .room_len = lacking[i].room_len});
			ck_assert(!MSG_HAS(&o.msg, AVP_ASSIGNED_TUNNEL));
			if (bits)
				ck_fault(&o, ERROR_UNKNOWN_AVP, AVP_ASSIGNED_TUNNEL);
			else
				ck_assert(o.good && o.msg.ignored == 1);
		}
	}
}
END_TEST

START_TEST(attribute_that_must_not_be_hidden_is_malformed)
{
	/* HID-07; §4.4.1: a hidden Message Type is no Message Type, see test_msg.c */
	static const struct {
		unsigned attr, type;
		size_t len;
	} open[] = {{1, MSG_CDN, 2},	{2, MSG_SCCRQ, 2},  {5, MSG_SCCRQ, 8}, {7, MSG_SCCRQ, 3},
		    {10, MSG_SCCRQ, 2}, {36, MSG_SCCRQ, 9}, {12, MSG_CDN, 3},  {39, MSG_ICCN, 0}};

	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		for (unsigned bits = 0; bits <= M; bits += M) {
			static const uint8_t zero[16];
			uint8_t bytes[64], subformat[16] = {0, (uint8_t)open[i].len};
			struct wr w = wr_init(bytes, sizeof(bytes));
			struct outcome o;

			ck_assert(!avp_rule((uint16_t)open[i].attr)->may_hide);
			raw(&w, M, 0, AVP_RANDOM_VECTOR, V1);
			memcpy(subformat + 2, zero, open[i].len);
			raw_hidden(&w, bits, 0, open[i].attr, V1, subformat, 2 + open[i].len);
			decode(&o, open[i].type, &w);
			ck_assert_uint_eq(o.msg.has, HAS(RANDOM_VECTOR));
			if (bits)
				ck_fault(&o, ERROR_VALUE, open[i].attr);
			else
				ck_assert(o.good && o.msg.ignored == 1);
		}
	}
}
END_TEST

static struct msg_hiding
hiding(size_t padding_len)
{
	struct msg_hiding hide = {.secret = secret, .secret_len = sizeof(secret)};

	memcpy(hide.vector, vector, sizeof(vector));
	for (size_t i = 0; i < sizeof(hide.padding); i++)
		hide.padding[i] = (uint8_t)(0xa0 + i);
	hide.padding_len = padding_len;
	return hide;
}

START_TEST(vector_stands_before_the_first_hidden_attribute)
{
	/* HID-01, HID-04, HID-09: 16 bytes, M and not H; what must not be hidden is not */
	static const struct l2tp_msg msg = {.type = MSG_SCCRP,
					    .has = HAS(PROTOCOL_VERSION) | HAS(ASSIGNED_TUNNEL) |
						   HAS(RECEIVE_WINDOW),
					    .protocol_version = 0x0100,
					    .assigned_tunnel = 0x1234,
					    .window = 4};

	for (size_t padding = 0; padding <= 12; padding += 12) {
		struct msg_hiding hide = hiding(padding);
		uint8_t bytes[256], expected[256];
		struct wr w = wr_init(bytes, sizeof(bytes)), e = wr_init(expected, 256);
		size_t i = padding ? 3 : 0;

		raw(&e, M, 0, AVP_PROTOCOL_VERSION, "\x01", 2);
		raw(&e, M, 0, AVP_RANDOM_VECTOR, V1);
		raw(&e, M | H, 0, AVP_ASSIGNED_TUNNEL, made[i].hidden.bytes, made[i].hidden.len);
		raw(&e, M, 0, AVP_RECEIVE_WINDOW, "\x00\x04", 2);
		avp_encode_all(&w, &msg, &hide);
		ck_assert_uint_eq(wr_len(&w), wr_len(&e));
		ck_assert_mem_eq(bytes, expected, wr_len(&e));
	}
}
END_TEST

START_TEST(nothing_is_hidden_without_a_secret_and_no_vector_without_need)
{
	/* HID-01 */
	struct l2tp_msg msg = {.type = MSG_SCCRP,
			       .has = HAS(ASSIGNED_TUNNEL) | HAS(RANDOM_VECTOR),
			       .assigned_tunnel = 5};
	struct msg_hiding hide = hiding(0);
	uint8_t bytes[64];
	struct wr w = wr_init(bytes, sizeof(bytes));

	hide.secret_len = 0;
	avp_encode_all(&w, &msg, &hide);
	ck_assert_uint_eq(wr_len(&w), 8);
	ck_assert_uint_eq(bytes[0], M >> 8);
	hide.secret_len = sizeof(secret);
	msg.has = HAS(RECEIVE_WINDOW);
	w = wr_init(bytes, sizeof(bytes));
	avp_encode_all(&w, &msg, &hide);
	ck_assert_uint_eq(wr_len(&w), 8);
	ck_assert_uint_eq(bytes[5], AVP_RECEIVE_WINDOW);
}
END_TEST

START_TEST(hidden_value_fits_or_is_refused)
{
	/* AVP-05: 1017 bytes have room for a length and 1015 more; the padding gives way */
	static const uint8_t number[1017] = "1";
	struct l2tp_msg msg = {.type = MSG_ICRQ, .has = HAS(CALLED_NUMBER)};
	struct msg_hiding hide = hiding(99);
	uint8_t bytes[1100];

	for (size_t len = 990; len <= 1017; len++) {
		struct wr w = wr_init(bytes, sizeof(bytes));
		struct outcome o;

		msg.called = (struct l2tp_bytes){number, len};
		avp_encode_all(&w, &msg, &hide);
		ck_assert_int_eq(w.bad, len > 1015);
		if (w.bad)
			continue;
		ck_assert_uint_eq(wr_len(&w), 22 + (len + 24 < 1023 ? len + 24 : 1023));
		decode(&o, MSG_ICRQ, &w);
		ck_assert(o.good);
		ck_assert_uint_eq(o.msg.called.len, len);
		ck_assert_mem_eq(o.msg.called.p, number, len);
	}
}
END_TEST

START_TEST(hiding_stops_where_the_room_ends)
{
	struct l2tp_msg msg = {.type = MSG_ICRQ,
			       .has = HAS(CALLED_NUMBER),
			       .called = {(const uint8_t *)"0123", 4}};
	struct msg_hiding hide = hiding(5);
	uint8_t bytes[39];

	for (size_t cap = 0; cap <= sizeof(bytes); cap++) {
		struct wr w = wr_init(bytes, cap);

		avp_encode_all(&w, &msg, &hide);
		ck_assert_int_eq(w.bad, cap < 39);
	}
}
END_TEST

START_TEST(speeds_of_several_sessions_survive_hidden)
{
	static const struct l2tp_msg msg = {
		.type = MSG_CSUN,
		.has_line = 1u << LINE_SPEED_UPDATE,
		.speeds = {.count = 2, .list = {{7, 1000000, 250000}, {8, 3, 4}}}};
	struct msg_hiding hide = hiding(3);
	uint8_t bytes[256];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct outcome o;

	avp_encode_all(&w, &msg, &hide);
	decode(&o, MSG_CSUN, &w);
	ck_assert(o.good);
	ck_assert_uint_eq(o.msg.speeds.count, 2);
	ck_assert_uint_eq(o.msg.speeds.list[0].sid, 7);
	ck_assert_uint_eq(o.msg.speeds.list[0].tx, 1000000);
	ck_assert_uint_eq(o.msg.speeds.list[0].rx, 250000);
	ck_assert_uint_eq(o.msg.speeds.list[1].sid, 8);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("hide");
	TCase *t = tcase_create("hide");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(t, value_is_hidden_as_by_another_implementation, 0, MADE);
	tcase_add_loop_test(t, value_hidden_by_another_implementation_is_read, 0, MADE);
	tcase_add_test(t, closest_vector_before_is_the_one_that_counts);
	tcase_add_test(t, vendors_attribute_is_unhidden_by_its_number_alone);
	tcase_add_test(t, subformat_that_lies_is_malformed);
	tcase_add_test(t, empty_hidden_value_is_one);
	tcase_add_test(t, hidden_value_that_cannot_be_read_obeys_its_m_bit);
	tcase_add_test(t, attribute_that_must_not_be_hidden_is_malformed);
	tcase_add_test(t, vector_stands_before_the_first_hidden_attribute);
	tcase_add_test(t, nothing_is_hidden_without_a_secret_and_no_vector_without_need);
	tcase_add_test(t, hidden_value_fits_or_is_refused);
	tcase_add_test(t, hiding_stops_where_the_room_ends);
	tcase_add_test(t, speeds_of_several_sessions_survive_hidden);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
