/* Values of more than one field, byte by byte. What is only a number or a view is in test_avp.c. */
#include <check.h>
#include <stdlib.h>

#include "l2tp/codec.h"

#define READ(kind, bytes, out)                                                                     \
	do {                                                                                       \
		struct rd r_ = rd_init(bytes, sizeof(bytes));                                      \
		codec_get(kind, &r_, out);                                                         \
		ck_assert(!r_.bad && rd_left(&r_) == 0);                                           \
	} while (0)

/* Puts the value and compares it with what it should be. */
static void
ck_written(enum avp_kind kind, const void *in, const uint8_t *bytes, size_t len)
{
	uint8_t out[64];
	struct wr w = wr_init(out, sizeof(out));

	codec_put(kind, &w, in);
	ck_assert_uint_eq(wr_len(&w), len);
	ck_assert_mem_eq(out, bytes, len);
}

static void
ck_text(struct l2tp_bytes text, const char *expected)
{
	ck_assert_uint_eq(text.len, strlen(expected));
	ck_assert(!text.len || memcmp(text.p, expected, text.len) == 0);
}

START_TEST(result_code_is_read_with_and_without_the_rest)
{
	/* §4.4.2, AVP-15: lengths 8, 10 and 10 + n */
	static const struct {
		size_t len;
		uint8_t bytes[12];
		unsigned result, error;
		const char *text;
	} all[] = {
		{2, {0, 1}, 1, 0, ""},
		{4, {0, 2, 0, 4}, 2, 4, ""},
		{8, {0, 2, 0, 6, 'b', 'u', 's', 'y'}, 2, 6, "busy"},
		{6, {0, 11, 0, 8, 0xc3, 0xa4}, 11, 8, "\xc3\xa4"},
		/* in the byte order of some clients' own; an undefined code stays what it is */
		{4, {3, 0, 0, 0}, 3, 0, ""},
		{4, {2, 0, 8, 0}, 2, 8, ""},
		{4, {1, 2, 0, 0xff}, 0x102, 0xff, ""},
		/* half an error code is no error code */
		{3, {0, 1, '?'}, 1, 0, "?"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct rd r = rd_init(all[i].bytes, all[i].len);
		struct l2tp_result_code code = {0};

		codec_get(KIND_RESULT, &r, &code);
		ck_assert(!r.bad);
		ck_assert_uint_eq(code.result, all[i].result);
		ck_assert_uint_eq(code.error, all[i].error);
		ck_text(code.text, all[i].text);
	}
}
END_TEST

START_TEST(result_code_is_written_as_short_as_it_can_be)
{
	/* §4.4.2: the Error Code is optional, and comes with the text */
	static const struct l2tp_result_code plain = {1, 0, {NULL, 0}}, error = {2, 4, {NULL, 0}},
					     text = {1, 0, {(const uint8_t *)"bye", 3}};
	static const uint8_t plain_bytes[] = {0, 1}, error_bytes[] = {0, 2, 0, 4},
			     text_bytes[] = {0, 1, 0, 0, 'b', 'y', 'e'};

	ck_written(KIND_RESULT, &plain, plain_bytes, sizeof(plain_bytes));
	ck_written(KIND_RESULT, &error, error_bytes, sizeof(error_bytes));
	ck_written(KIND_RESULT, &text, text_bytes, sizeof(text_bytes));
}
END_TEST

START_TEST(q931_cause_is_read_with_and_without_text)
{
	/* §4.4.4, AVP-23 */
	static const uint8_t plain[] = {0, 16, 0x45}, text[] = {0, 17, 0x45, 'b', 'u', 's', 'y'};
	struct l2tp_q931 q = {0};

	READ(KIND_Q931, plain, &q);
	ck_assert(q.cause == 16 && q.message == 0x45);
	ck_text(q.text, "");
	READ(KIND_Q931, text, &q);
	ck_assert(q.cause == 17 && q.message == 0x45);
	ck_text(q.text, "busy");
	ck_written(KIND_Q931, &q, text, sizeof(text));
}
END_TEST

START_TEST(call_errors_skip_the_reserved_word)
{
	/* §4.4.6, AVP-30: what it holds does not count, and it is sent as 0 */
	uint8_t bytes[26] = {0xff, 0xff};
	struct l2tp_call_errors e;

	for (size_t i = 1; i <= 6; i++)
		bytes[4 * i + 1] = (uint8_t)i;
	READ(KIND_CALL_ERRORS, bytes, &e);
	ck_assert_uint_eq(e.crc, 1);
	ck_assert_uint_eq(e.framing, 2);
	ck_assert_uint_eq(e.hardware, 3);
	ck_assert_uint_eq(e.buffer, 4);
	ck_assert_uint_eq(e.timeout, 5);
	ck_assert_uint_eq(e.alignment, 6);
	bytes[0] = bytes[1] = 0;
	ck_written(KIND_CALL_ERRORS, &e, bytes, sizeof(bytes));
}
END_TEST

START_TEST(accm_skips_the_reserved_word)
{
	/* §4.4.6, AVP-30 */
	static const uint8_t bytes[] = {0xff, 0xff, 0, 0x0a, 0, 0, 0xff, 0xff, 0xff, 0xff},
			     sent[] = {0, 0, 0, 0x0a, 0, 0, 0xff, 0xff, 0xff, 0xff};
	struct l2tp_accm a;

	READ(KIND_ACCM, bytes, &a);
	ck_assert_uint_eq(a.send, 0xa0000);
	ck_assert_uint_eq(a.receive, 0xffffffff);
	ck_written(KIND_ACCM, &a, sent, sizeof(sent));
}
END_TEST

START_TEST(disconnect_cause_is_code_protocol_direction_text)
{
	/* RFC 3145 §2, PDC-01 */
	static const uint8_t plain[] = {0, 6, 0xc0, 0x21, 0},
			     text[] = {0, 16, 0xc0, 0x23, 2, 'n', 'o'};
	struct l2tp_disconnect d = {0};

	READ(KIND_DISCONNECT, plain, &d);
	ck_assert(d.code == 6 && d.protocol == 0xc021 && d.direction == 0);
	ck_text(d.text, "");
	READ(KIND_DISCONNECT, text, &d);
	ck_assert(d.code == 16 && d.protocol == 0xc023 && d.direction == 2);
	ck_text(d.text, "no");
	ck_written(KIND_DISCONNECT, &d, text, sizeof(text));
}
END_TEST

START_TEST(connect_speed_update_is_session_tx_rx)
{
	/* RFC 5515 §5.1, ALI-02 */
	static const uint8_t bytes[] = {0xff, 0xff, 0x12, 0x34, 0, 0x0f, 0x42, 0x40, 0, 0, 0xfa, 0},
			     sent[] = {0, 0, 0x12, 0x34, 0, 0x0f, 0x42, 0x40, 0, 0, 0xfa, 0};
	struct l2tp_speed s;

	READ(KIND_SPEED, bytes, &s);
	ck_assert_uint_eq(s.sid, 0x1234);
	ck_assert_uint_eq(s.tx, 1000000);
	ck_assert_uint_eq(s.rx, 64000);
	ck_written(KIND_SPEED, &s, sent, sizeof(sent));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("codec");
	TCase *t = tcase_create("codec");
	SRunner *sr;
	int failed;

	tcase_add_test(t, result_code_is_read_with_and_without_the_rest);
	tcase_add_test(t, result_code_is_written_as_short_as_it_can_be);
	tcase_add_test(t, q931_cause_is_read_with_and_without_text);
	tcase_add_test(t, call_errors_skip_the_reserved_word);
	tcase_add_test(t, accm_skips_the_reserved_word);
	tcase_add_test(t, disconnect_cause_is_code_protocol_direction_text);
	tcase_add_test(t, connect_speed_update_is_session_tx_rx);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
