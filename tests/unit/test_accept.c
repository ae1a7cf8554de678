/* What a server's attributes give, and what the client is told. */
#include <check.h>
#include <string.h>

#include "radius/accept.h"
#include "radius/attribute.h"
#include "radius/request.h"
#include "unit.h"

static uint8_t bytes[PACKET_MAX];
static const char success[] = "\x07S=0123456789ABCDEF0123456789ABCDEF01234567";

static struct radius_login
login_by(uint32_t method)
{
	struct radius_login login;

	memset(&login, 0, sizeof(login));
	login.proof.method = method;
	return login;
}

static struct radius_verdict
verdict_on(struct wr *w, uint32_t method)
{
	struct radius_login login = login_by(method);
	struct radius_verdict verdict;

	accept_read(&verdict, &login, bytes, packet_end(w));
	ck_assert(radius_valid((const union radius_msg *)&verdict, sizeof(verdict),
			       RADIUS_FROM_PROCESS));
	return verdict;
}

START_TEST(accept_gives_what_its_attributes_say)
{
	struct wr w = packet_begin(bytes, CODE_ACCESS_ACCEPT);
	struct radius_verdict v;
	struct grant grant;

	attr_put_u32(&w, ATTR_FRAMED_IP_ADDRESS, 0x0a630014);
	attr_put_u32(&w, 9, 0xffffff00); /* Framed-IP-Netmask */
	attr_put_text(&w, ATTR_FILTER_ID, "10.0.5.0/24:tcp/443");
	attr_put_text(&w, ATTR_FILTER_ID, "10.0.6.7");
	attr_put_text(&w, ATTR_FRAMED_ROUTE, "192.168.7.0/24 0.0.0.0 1");
	attr_put_u32(&w, ATTR_SESSION_TIMEOUT, 3600);
	attr_put_u32(&w, ATTR_IDLE_TIMEOUT, 600);
	attr_put_u32(&w, ATTR_ACCT_INTERIM_INTERVAL, 10);
	attr_put_vendor(&w, VENDOR_MICROSOFT, MS_PRIMARY_DNS_SERVER, "\x0a\0\0\1", 4);
	attr_put_vendor(&w, VENDOR_WISPR, WISPR_BANDWIDTH_MAX_UP, "\0\x0f\x42\x40", 4);
	attr_put(&w, ATTR_FRAMED_IPV6_PREFIX, "\0\x40\xfd\0\0\1\0\2\0\3", 10);
	attr_put(&w, ATTR_CLASS, "one", 3);
	attr_put(&w, ATTR_CLASS, "two", 3);
	attr_put_text(&w, ATTR_USER_NAME, "the account");
	attr_put_text(&w, ATTR_REPLY_MESSAGE, "hello");
	v = verdict_on(&w, METHOD_PAP);
	ck_assert_uint_eq(v.cause, CAUSE_NONE);
	ck_assert_str_eq(v.user, "the account");
	ck_assert_str_eq(v.told, "hello");
	ck_assert_uint_eq(v.class_len, 10);
	ck_assert_mem_eq(v.class, "\x19\5one\x19\5two", 10);
	ck_assert_uint_eq(v.grant.interim_s, 60);
	grant = radius_unpack(&v.grant);
	ck_assert_uint_eq(grant.address, 0x0a630014);
	ck_assert_uint_eq(grant.allow_count, 2);
	ck_assert_uint_eq(grant.allow[0].first, 443);
	ck_assert_uint_eq(grant.route_count, 1);
	ck_assert_uint_eq(grant.routes[0].bits, 24);
	ck_assert_uint_eq(grant.session_timeout_s, 3600);
	ck_assert_uint_eq(grant.idle_timeout_s, 600);
	ck_assert_uint_eq(grant.dns[0], 0x0a000001);
	ck_assert_uint_eq(grant.rate_up, 1000000);
	ck_assert_uint_eq(grant.prefix6.bits, 64);
	ck_assert_uint_eq(grant.prefix6.ip[0], 0xfd);
}
END_TEST

START_TEST(address_of_our_choice_is_none)
{
	struct wr w = packet_begin(bytes, CODE_ACCESS_ACCEPT);
	struct radius_verdict v;

	attr_put_u32(&w, ATTR_FRAMED_IP_ADDRESS, 0xfffffffe);
	v = verdict_on(&w, METHOD_PAP);
	ck_assert_uint_eq(v.cause, CAUSE_NONE);
	ck_assert_uint_eq(v.grant.base.address, 0);
}
END_TEST

static const struct {
	uint8_t type;
	const char *value;
	size_t len;
	const char *said;
} dishonourable[] = {
	{ATTR_FILTER_ID, "staff.in", 8, "Filter-Id"},
	{ATTR_FILTER_ID, "10.0.0.1\0x", 10, "Filter-Id"},
	{ATTR_FRAMED_ROUTE, "192.168.7.0/24 10.0.0.1 1", 25, "Framed-Route"},
	{ATTR_FRAMED_ROUTE, "nonsense", 8, "Framed-Route"},
	{ATTR_FRAMED_IP_ADDRESS, "\x7f\0\0\1", 4, "Framed-IP-Address"},
	{ATTR_FRAMED_IP_ADDRESS, "\x0a\0\1", 3, "Framed-IP-Address"},
	{ATTR_FRAMED_IPV6_PREFIX, "\0\x81", 2, "Framed-IPv6-Prefix"},
	{ATTR_FRAMED_IPV6_PREFIX, "\0\x40\xfd", 3, "Framed-IPv6-Prefix"},
};

/* RFC 2865 §4.2: who cannot honour it must refuse */
START_TEST(accept_that_cannot_be_honoured_refuses_the_login)
{
	struct wr w = packet_begin(bytes, CODE_ACCESS_ACCEPT);
	struct radius_verdict v;

	attr_put(&w, dishonourable[_i].type, dishonourable[_i].value, dishonourable[_i].len);
	attr_put_text(&w, ATTR_REPLY_MESSAGE, "hello");
	v = verdict_on(&w, METHOD_PAP);
	ck_assert_uint_eq(v.cause, CAUSE_RADIUS_REJECT);
	ck_assert_ptr_nonnull(strstr(v.text, dishonourable[_i].said));
	ck_assert_uint_eq(v.grant.given, 0);
	ck_assert_str_eq(v.told, "");
}
END_TEST

START_TEST(mschapv2_success_goes_to_the_client_as_it_is)
{
	struct wr w = packet_begin(bytes, CODE_ACCESS_ACCEPT);
	struct radius_verdict v;

	attr_put_vendor(&w, VENDOR_MICROSOFT, MS_CHAP2_SUCCESS, success, sizeof(success) - 1);
	v = verdict_on(&w, METHOD_MSCHAPV2);
	ck_assert_uint_eq(v.cause, CAUSE_NONE);
	ck_assert_str_eq(v.told, success + 1);
}
END_TEST

START_TEST(mschapv2_accept_without_success_is_a_refusal)
{
	struct wr w = packet_begin(bytes, CODE_ACCESS_ACCEPT);
	struct radius_verdict v;

	attr_put_vendor(&w, VENDOR_MICROSOFT, MS_CHAP2_SUCCESS, "\7S=01", 5);
	v = verdict_on(&w, METHOD_MSCHAPV2);
	ck_assert_uint_eq(v.cause, CAUSE_RADIUS_REJECT);
	ck_assert_str_eq(v.told, "");
}
END_TEST

START_TEST(mschap_error_promises_no_second_try)
{
	static const char error[] = "\7E=691 R=1 C=00112233445566778899AABBCCDDEEFF V=3 M=No";
	struct wr w = packet_begin(bytes, CODE_ACCESS_REJECT);
	struct radius_verdict v;

	attr_put_vendor(&w, VENDOR_MICROSOFT, MS_CHAP_ERROR, error, sizeof(error) - 1);
	v = verdict_on(&w, METHOD_MSCHAPV2);
	ck_assert_uint_eq(v.cause, CAUSE_RADIUS_REJECT);
	ck_assert_str_eq(v.told, "E=691 R=0 C=00112233445566778899AABBCCDDEEFF V=3 M=No");
}
END_TEST

START_TEST(reject_says_why_in_one_printable_line)
{
	struct wr w = packet_begin(bytes, CODE_ACCESS_REJECT);
	struct radius_verdict v;

	attr_put_text(&w, ATTR_REPLY_MESSAGE, "two\nlines");
	attr_put_text(&w, ATTR_REPLY_MESSAGE, "outside of \"office\" hours");
	v = verdict_on(&w, METHOD_CHAP);
	ck_assert_str_eq(v.told, "outside of \"office\" hours");
	ck_assert_ptr_nonnull(strstr(v.text, "outside of \\\"office\\\" hours"));
}
END_TEST

START_TEST(challenge_is_a_refusal)
{
	struct wr w = packet_begin(bytes, CODE_ACCESS_CHALLENGE);

	attr_put_text(&w, ATTR_REPLY_MESSAGE, "your code?");
	ck_assert_uint_eq(verdict_on(&w, METHOD_PAP).cause, CAUSE_RADIUS_REJECT);
}
END_TEST

/* ── what we ask ────────────────────────────────────────────────────────────────────────── */

static const struct nas nas = {.secret = {(const uint8_t *)"testing123", 10},
			       .id = "gate",
			       .addr = {.family = 4, .ip = {10, 0, 0, 1}}};

/* The value of the first attribute of this type, as a text; "" when there is none. */
static const char *
value_of(size_t len, uint32_t vendor, uint8_t type, size_t *size)
{
	static char value[256];
	struct attrs attrs = attrs_of(bytes, len);
	struct attr attr;

	memset(value, 0, sizeof(value));
	*size = 0;
	while (attrs_next(&attrs, &attr)) {
		if (attr.vendor != vendor || attr.type != type || *size)
			continue;
		memcpy(value, attr.value, attr.len);
		*size = attr.len;
	}
	return value;
}

START_TEST(mschapv2_is_asked_in_the_order_of_rfc_2548)
{
	struct radius_login login = login_by(METHOD_MSCHAPV2);
	const char *value;
	size_t len, size;

	strcpy(login.proof.user, "OFFICE\\nemo");
	login.proof.id = 7;
	login.proof.challenge_len = 16;
	login.proof.response_len = 49;
	memset(login.proof.response, 'P', 16);
	memset(login.proof.response + 24, 'R', 24);
	login.line.peer = (struct lns_addr){.family = 4, .ip = {192, 0, 2, 7}};
	len = request_login(bytes, &login, &nas, (const uint8_t *)"0123456789abcdef");
	ck_assert_uint_eq(packet_length(bytes, len), len);
	ck_assert_uint_eq(bytes[PACKET_HEADER], ATTR_MESSAGE_AUTHENTICATOR);
	value = value_of(len, VENDOR_MICROSOFT, MS_CHAP2_RESPONSE, &size);
	ck_assert_uint_eq(size, 50);
	ck_assert(value[0] == 7 && value[1] == 0 && value[2] == 'P' && value[17] == 'P');
	ck_assert(value[18] == 0 && value[25] == 0 && value[26] == 'R' && value[49] == 'R');
	ck_assert_str_eq(value_of(len, 0, ATTR_USER_NAME, &size), "OFFICE\\nemo");
	ck_assert_str_eq(value_of(len, 0, ATTR_CALLING_STATION_ID, &size), "192.0.2.7");
	ck_assert_str_eq(value_of(len, 0, ATTR_NAS_IDENTIFIER, &size), "gate");
}
END_TEST

START_TEST(record_of_a_stop_has_counters_of_64_bits_and_a_cause)
{
	struct radius_record record;
	const char *value;
	size_t len, size;

	memset(&record, 0, sizeof(record));
	record.status = STATUS_STOP;
	record.rx_bytes = (UINT64_C(5) << 32) + 6;
	record.cause = CAUSE_IDLE_TIMEOUT;
	strcpy(record.line.id, "12-34");
	strcpy(record.user, "nemo");
	memcpy(record.class, "\x19\5one", 5);
	record.class_len = 5;
	len = request_record(bytes, &record, &nas);
	len = request_delay(bytes, len, 9);
	ck_assert_uint_eq(packet_length(bytes, len), len);
	value = value_of(len, 0, ATTR_ACCT_INPUT_OCTETS, &size);
	ck_assert(size == 4 && value[3] == 6);
	ck_assert_int_eq(value_of(len, 0, ATTR_ACCT_INPUT_GIGAWORDS, &size)[3], 5);
	ck_assert_int_eq(value_of(len, 0, ATTR_ACCT_TERMINATE_CAUSE, &size)[3], 4);
	ck_assert_int_eq(value_of(len, 0, ATTR_ACCT_DELAY_TIME, &size)[3], 9);
	ck_assert_str_eq(value_of(len, 0, ATTR_ACCT_SESSION_ID, &size), "12-34");
	ck_assert_str_eq(value_of(len, 0, ATTR_CLASS, &size), "one");
}
END_TEST

/* RFC 2866 §5.10: one of the eighteen */
START_TEST(every_cause_has_a_terminate_cause)
{
	for (uint32_t cause = 0; cause <= CAUSE_COUNT; cause++) {
		ck_assert_uint_ge(request_terminate_cause(cause), 1);
		ck_assert_uint_le(request_terminate_cause(cause), 18);
	}
	ck_assert_uint_eq(request_terminate_cause(CAUSE_USER_REQUEST), 1);
	ck_assert_uint_eq(request_terminate_cause(CAUSE_SESSION_TIMEOUT), 5);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		accept_gives_what_its_attributes_say,
		address_of_our_choice_is_none,
		mschapv2_success_goes_to_the_client_as_it_is,
		mschapv2_accept_without_success_is_a_refusal,
		mschap_error_promises_no_second_try,
		reject_says_why_in_one_printable_line,
		challenge_is_a_refusal,
		mschapv2_is_asked_in_the_order_of_rfc_2548,
		record_of_a_stop_has_counters_of_64_bits_and_a_cause,
		every_cause_has_a_terminate_cause,
	};
	Suite *suite = suite_create("accept");
	TCase *tcase = tcase_create("accept");
	SRunner *runner = srunner_create(suite);
	int failed;

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_loop_test(tcase, accept_that_cannot_be_honoured_refuses_the_login, 0,
			    (int)(sizeof(dishonourable) / sizeof(dishonourable[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
