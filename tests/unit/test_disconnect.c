/* PPP Disconnect Cause Code (RFC 3145), sent and received. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

struct call {
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
};

static void
call_open(struct call *c)
{
	rig_open(&c->rig);
	lac_init(&c->lac, &c->rig, 1);
	lac_connect(&c->lac);
	c->ref = lac_call(&c->lac, 7);
}

START_TEST(cdn_that_ppp_caused_says_so)
{
	/* PDC-03: RFC 3145 §3; who saw it: 1 the peer's end, 2 ours */
	static const struct {
		enum cause cause;
		unsigned code, protocol, direction;
	} rows[] = {
		{CAUSE_ADMIN, 1, 0, 0},
		{CAUSE_SHUTDOWN, 1, 0, 0},
		{CAUSE_USER_REQUEST, 3, 0xc021, 1},
		{CAUSE_IDLE_TIMEOUT, 3, 0xc021, 2},
		{CAUSE_SESSION_TIMEOUT, 3, 0xc021, 2},
		{CAUSE_LCP, 5, 0xc021, 0},
		{CAUSE_LCP_SILENT, 6, 0xc021, 1},
		{CAUSE_LOOPBACK, 7, 0xc021, 0},
		{CAUSE_LOST_CARRIER, 8, 0xc021, 1},
		{CAUSE_CALLBACK, 12, 0xc021, 2},
		{CAUSE_AUTH_TIMEOUT, 13, 0, 1},
		{CAUSE_METHOD, 15, 0, 1},
		{CAUSE_UNKNOWN_USER, 16, 0, 1},
		{CAUSE_WRONG_PASSWORD, 16, 0, 1},
		{CAUSE_DISABLED, 16, 0, 1},
		{CAUSE_EXPIRED, 16, 0, 1},
		{CAUSE_LIMIT, 16, 0, 1},
		{CAUSE_NCP, 17, 0x8021, 0},
		{CAUSE_NO_ADDRESS, 20, 0x8021, 2},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = cause_text(rows[i].cause);
		const struct l2tp_disconnect *d;
		struct call c;

		call_open(&c);
		d = &c.rig.msg.disconnect;
		lns_close(c.rig.lns, c.rig.now, c.ref, rows[i].cause, BY_SERVER, "because");
		rig_expect(&c.rig, LNS_ACT_PPP_STOP);
		lac_expect(&c.lac, MSG_CDN);
		ck_assert(MSG_HAS(&c.rig.msg, AVP_PPP_DISCONNECT));
		ck_assert_uint_eq(d->code, rows[i].code);
		ck_assert_uint_eq(d->protocol, rows[i].protocol);
		ck_assert_uint_eq(d->direction, rows[i].direction);
		ck_assert_uint_eq(d->text.len, strlen(text));
		ck_assert_mem_eq(d->text.p, text, strlen(text));
		rig_close(&c.rig);
	}
}
END_TEST

START_TEST(cdn_that_ppp_did_not_cause_has_none)
{
	static const enum cause causes[] = {CAUSE_NEGOTIATION, CAUSE_PPPD_DIED, CAUSE_PPPD_START,
					    CAUSE_PROTOCOL_ERROR, CAUSE_NO_RESOURCES};
	struct call c;
	struct l2tp_msg msg;

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		call_open(&c);
		lns_close(c.rig.lns, c.rig.now, c.ref, causes[i], BY_SERVER, NULL);
		rig_expect(&c.rig, LNS_ACT_PPP_STOP);
		ck_assert(!MSG_HAS(lac_expect(&c.lac, MSG_CDN), AVP_PPP_DISCONNECT));
		rig_close(&c.rig);
	}
	/* where PPP never began, a limit is not its */
	call_open(&c);
	c.rig.conf.max_sessions = 1;
	lns_reconf(c.rig.lns, &c.rig.conf);
	msg = lac_icrq(&c.lac, 8);
	lac_send(&c.lac, &msg, 0);
	lac_expect_cdn(&c.lac, 8, 4, 0);
	ck_assert(!MSG_HAS(&c.rig.msg, AVP_PPP_DISCONNECT));
	rig_close(&c.rig);
}
END_TEST

START_TEST(attribute_goes_out_without_the_m_bit)
{
	/* PDC-01: 00 or 40 in the first byte; attribute 46; code, protocol, direction, text */
	struct call c;
	const uint8_t *found = NULL;

	call_open(&c);
	lns_close(c.rig.lns, c.rig.now, c.ref, CAUSE_IDLE_TIMEOUT, BY_SERVER, NULL);
	rig_expect(&c.rig, LNS_ACT_PPP_STOP);
	lac_expect(&c.lac, MSG_CDN);
	for (size_t i = 12; i + 11 <= c.rig.act.len; i++)
		if (memcmp(c.rig.bytes + i + 2, "\x00\x00\x00\x2e\x00\x03\xc0\x21\x02", 9) == 0)
			found = c.rig.bytes + i;
	ck_assert_ptr_nonnull(found);
	ck_assert_uint_eq(found[0] & 0x80, 0);
	rig_close(&c.rig);
}
END_TEST

START_TEST(received_cause_is_told_and_changes_nothing)
{
	/* PDC-02: known and unknown codes, with and without a text */
	static const struct {
		struct l2tp_disconnect said;
		const char *text;
	} rows[] = {
		{{16, 0xc223, 1, {(const uint8_t *)"bad\x07", 4}},
		 "CDN: loss of carrier; PPP 16 authentication failed: bad\\x07"},
		{{999, 0, 77, {NULL, 0}}, "CDN: loss of carrier; PPP 999"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct call c;
		struct l2tp_msg msg = {.type = MSG_CDN,
				       .has = HAS(RESULT_CODE) | HAS(ASSIGNED_SESSION) |
					      HAS(PPP_DISCONNECT),
				       .result = {.result = 1},
				       .assigned_session = 7,
				       .disconnect = rows[i].said};

		call_open(&c);
		lac_send(&c.lac, &msg, c.ref.sid);
		rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_USER_REQUEST, BY_CLIENT,
			       rows[i].text);
		lac_expect_zlb(&c.lac);
		rig_expect_nothing(&c.rig);
		rig_close(&c.rig);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("disconnect");
	TCase *t = tcase_create("disconnect");
	SRunner *sr;
	int failed;

	tcase_add_test(t, cdn_that_ppp_caused_says_so);
	tcase_add_test(t, cdn_that_ppp_did_not_cause_has_none);
	tcase_add_test(t, attribute_goes_out_without_the_m_bit);
	tcase_add_test(t, received_cause_is_told_and_changes_nothing);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
