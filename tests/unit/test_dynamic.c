/* RFC 5176: who may ask, what for, and how often it is answered. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "radius/attribute.h"
#include "radius/dynamic.h"
#include "unit.h"

#define NOW 1700000000

static const struct secret secret = {(const uint8_t *)"testing123", 10};
static const struct secret wrong = {(const uint8_t *)"testing124", 10};
static const struct lns_addr server = {.family = 4, .ip = {10, 0, 0, 5}, .port = 4711};
static const struct lns_addr other = {.family = 4, .ip = {10, 0, 0, 6}, .port = 4711};

static struct dynamic dynamic;
static struct radius_order order;
static const struct dynamic_entry *entry;
static const char *why;
static uint8_t bytes[PACKET_MAX];

static void
set_up(void)
{
	memset(&dynamic, 0, sizeof(dynamic));
	dynamic.nas = (struct nas){
		.secret = secret, .id = "gate", .addr = {.family = 4, .ip = {192, 0, 2, 1}}};
	dynamic.servers[0] = server;
	dynamic.server_count = 1;
}

static enum dynamic_verdict
put_in(struct wr *w, const struct secret *by, const struct lns_addr *from)
{
	size_t len = packet_end(w);

	ck_assert(packet_sign_request(bytes, len, 3, by));
	return dynamic_input(&dynamic, NOW, from, bytes, len, &order, &entry, &why);
}

static struct wr
disconnect(const char *id)
{
	struct wr w = packet_begin(bytes, CODE_DISCONNECT_REQUEST);

	attr_put_text(&w, ATTR_ACCT_SESSION_ID, id);
	return w;
}

/* The Error-Cause of the answer, which must be a good one; 0: an ACK. */
static uint32_t
error_of(const struct dynamic_entry *answered)
{
	struct attrs attrs = attrs_of(answered->answer, answered->answer_len);
	struct attr attr;
	uint32_t error = 0;

	ck_assert(packet_answers(answered->answer, answered->answer_len, answered->request, &secret,
				 true));
	while (attrs_next(&attrs, &attr)) {
		struct rd r = rd_init(attr.value, attr.len);

		if (attr.type == ATTR_ERROR_CAUSE)
			error = rd_u32(&r);
	}
	return error;
}

START_TEST(disconnect_of_a_server_is_an_order_and_acknowledged_when_done)
{
	struct wr w = disconnect("12-34");

	attr_put_text(&w, ATTR_USER_NAME, "nemo");
	attr_put_u32(&w, ATTR_FRAMED_IP_ADDRESS, 0x0a630014);
	attr_put_u32(&w, ATTR_EVENT_TIMESTAMP, NOW - 299);
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_ORDER);
	ck_assert_uint_eq(order.change, 0);
	ck_assert_str_eq(order.match.id, "12-34");
	ck_assert_str_eq(order.match.user, "nemo");
	ck_assert_uint_eq(order.match.address, 0x0a630014);
	entry = dynamic_done(&dynamic, order.ask, ERROR_CAUSE_NONE);
	ck_assert_ptr_nonnull(entry);
	ck_assert_uint_eq(entry->answer[0], CODE_DISCONNECT_ACK);
	ck_assert_uint_eq(error_of(entry), 0);
	ck_assert_ptr_null(dynamic_done(&dynamic, order.ask, ERROR_CAUSE_NONE));
}
END_TEST

START_TEST(order_that_fails_is_refused_with_its_cause)
{
	struct wr w = disconnect("12-34");

	attr_put(&w, ATTR_PROXY_STATE, "way back", 8);
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_ORDER);
	entry = dynamic_done(&dynamic, order.ask, ERROR_CAUSE_NO_SESSION);
	ck_assert_uint_eq(entry->answer[0], CODE_DISCONNECT_NAK);
	ck_assert_uint_eq(error_of(entry), ERROR_CAUSE_NO_SESSION);
	ck_assert_ptr_nonnull(memmem(entry->answer, entry->answer_len, "way back", 8));
}
END_TEST

START_TEST(foreign_unsigned_and_stale_ones_are_dropped)
{
	struct wr w = disconnect("12-34");

	ck_assert_int_eq(put_in(&w, &secret, &other), DYNAMIC_DROP);
	ck_assert_ptr_nonnull(strstr(why, "server"));
	ck_assert_int_eq(put_in(&w, &wrong, &server), DYNAMIC_DROP);
	ck_assert_ptr_nonnull(strstr(why, "signed"));
	attr_put_u32(&w, ATTR_EVENT_TIMESTAMP, NOW - 301);
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_DROP);
	ck_assert_ptr_nonnull(strstr(why, "stale"));
	w = packet_begin(bytes, CODE_ACCESS_REQUEST);
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_DROP);
	ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(duplicate_is_carried_out_once_and_answered_again)
{
	struct wr w = disconnect("12-34");
	uint32_t ask;

	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_ORDER);
	ask = order.ask;
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_DROP);
	ck_assert_ptr_null(why);
	dynamic_done(&dynamic, ask, ERROR_CAUSE_NONE);
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_ANSWER);
	ck_assert_uint_eq(entry->ask, ask);
	ck_assert_uint_eq(entry->answer[0], CODE_DISCONNECT_ACK);
}
END_TEST

START_TEST(change_says_what_a_live_session_gets)
{
	struct wr w = packet_begin(bytes, CODE_COA_REQUEST);

	attr_put_text(&w, ATTR_USER_NAME, "nemo");
	attr_put_u32(&w, ATTR_FRAMED_IP_ADDRESS, 0x0a630014);
	attr_put_u32(&w, ATTR_SESSION_TIMEOUT, 60);
	attr_put_text(&w, ATTR_FILTER_ID, "10.0.6.7");
	attr_put_vendor(&w, VENDOR_WISPR, WISPR_BANDWIDTH_MAX_DOWN, "\0\x0f\x42\x40", 4);
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_ORDER);
	ck_assert_uint_eq(order.change, 1);
	ck_assert_uint_eq(order.grant.given, GIFT_SESSION_TIMEOUT | GIFT_ALLOW | GIFT_RATE);
	ck_assert_uint_eq(order.grant.base.rate_down, 1000000);
	ck_assert_uint_eq(order.grant.base.address, 0);
	ck_assert(
		radius_valid((const union radius_msg *)&order, sizeof(order), RADIUS_FROM_PROCESS));
	entry = dynamic_done(&dynamic, order.ask, ERROR_CAUSE_NONE);
	ck_assert_uint_eq(entry->answer[0], CODE_COA_ACK);
}
END_TEST

static const struct {
	enum packet_code code;
	uint8_t type;
	const char *value;
	size_t len;
	uint32_t error;
} refused[] = {
	{CODE_DISCONNECT_REQUEST, ATTR_SESSION_TIMEOUT, "\0\0\0\1", 4,
	 ERROR_CAUSE_UNSUPPORTED_ATTRIBUTE},
	{CODE_DISCONNECT_REQUEST, ATTR_NAS_IDENTIFIER, "door", 4, ERROR_CAUSE_NAS_MISMATCH},
	{CODE_DISCONNECT_REQUEST, ATTR_NAS_IP_ADDRESS, "\x0a\0\0\1", 4, ERROR_CAUSE_NAS_MISMATCH},
	{CODE_DISCONNECT_REQUEST, ATTR_CALLING_STATION_ID, "a\0b", 3, ERROR_CAUSE_INVALID_VALUE},
	{CODE_COA_REQUEST, ATTR_FILTER_ID, "staff", 5, ERROR_CAUSE_INVALID_VALUE},
	{CODE_COA_REQUEST, ATTR_FRAMED_ROUTE, "10.0.0.0/8", 10, ERROR_CAUSE_UNSUPPORTED_ATTRIBUTE},
	{CODE_COA_REQUEST, ATTR_IDLE_TIMEOUT, "\0\0\0\1", 4, ERROR_CAUSE_UNSUPPORTED_ATTRIBUTE},
	{CODE_COA_REQUEST, ATTR_REPLY_MESSAGE, "nothing", 7, ERROR_CAUSE_MISSING_ATTRIBUTE},
};

START_TEST(request_that_cannot_be_served_is_refused_at_once)
{
	struct wr w = packet_begin(bytes, refused[_i].code);

	attr_put_text(&w, ATTR_ACCT_SESSION_ID, "12-34");
	attr_put(&w, refused[_i].type, refused[_i].value, refused[_i].len);
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_ANSWER);
	ck_assert_uint_eq(error_of(entry), refused[_i].error);
}
END_TEST

START_TEST(request_for_no_session_in_particular_is_refused)
{
	struct wr w = packet_begin(bytes, CODE_DISCONNECT_REQUEST);

	attr_put_text(&w, ATTR_NAS_IDENTIFIER, "gate");
	ck_assert_int_eq(put_in(&w, &secret, &server), DYNAMIC_ANSWER);
	ck_assert_uint_eq(error_of(entry), ERROR_CAUSE_MISSING_ATTRIBUTE);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		disconnect_of_a_server_is_an_order_and_acknowledged_when_done,
		order_that_fails_is_refused_with_its_cause,
		foreign_unsigned_and_stale_ones_are_dropped,
		duplicate_is_carried_out_once_and_answered_again,
		change_says_what_a_live_session_gets,
		request_for_no_session_in_particular_is_refused,
	};
	Suite *suite = suite_create("dynamic");
	TCase *tcase = tcase_create("dynamic");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, NULL);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(tcase, request_that_cannot_be_served_is_refused_at_once, 0,
			    (int)(sizeof(refused) / sizeof(refused[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
