/* What a session does not accept: RFC 2661 §6.6 to §6.12, §7.1, §7.4.2, as a LAC sees it. */
#include <check.h>
#include <stdio.h>
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
}

static struct l2tp_msg
ocrq(uint16_t peer_sid)
{
	return (struct l2tp_msg){.type = MSG_OCRQ,
				 .has = HAS(ASSIGNED_SESSION) | HAS(CALL_SERIAL) |
					HAS(MINIMUM_BPS) | HAS(MAXIMUM_BPS) | HAS(BEARER_TYPE) |
					HAS(FRAMING_TYPE) | HAS(CALLED_NUMBER),
				 .assigned_session = peer_sid,
				 .called = BYTES("5551212")};
}

START_TEST(malformed_icrq_is_answered_with_a_cdn)
{
	/* §6.6, SES-01: no Call Serial Number; without an Assigned Session ID the header says 0 */
	struct call c;
	struct l2tp_msg msg;

	call_open(&c);
	msg = lac_icrq(&c.lac, 7);
	msg.has = HAS(ASSIGNED_SESSION);
	lac_send(&c.lac, &msg, 0);
	lac_expect_cdn(&c.lac, 7, 2, ERROR_VALUE);
	msg.has = HAS(CALL_SERIAL);
	lac_send(&c.lac, &msg, 0);
	lac_expect_cdn(&c.lac, 0, 2, ERROR_VALUE);
	rig_expect_nothing(&c.rig);
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 0);
	ck_assert_uint_eq(rig_count(&c.rig).tunnels, 1);
	rig_close(&c.rig);
}
END_TEST

START_TEST(malformed_iccn_ends_the_session)
{
	/* §6.8, §7.4.2 "ICCN not acceptable", SES-03 */
	struct call c;
	struct l2tp_msg msg = lac_iccn();

	call_open(&c);
	c.ref = lac_ask(&c.lac, 7);
	msg.has = HAS(FRAMING_TYPE);
	lac_send(&c.lac, &msg, c.ref.sid);
	rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_PROTOCOL_ERROR, BY_SERVER, NULL);
	lac_expect_cdn(&c.lac, 7, 2, ERROR_VALUE);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
}
END_TEST

START_TEST(malformed_message_of_no_session_is_acknowledged)
{
	struct call c;
	struct l2tp_msg msg = {.type = MSG_WEN};

	call_open(&c);
	lac_send(&c.lac, &msg, 77);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
}
END_TEST

START_TEST(malformed_message_of_a_session_ends_it_alone)
{
	struct call c;
	struct lns_ref other;
	struct l2tp_msg msg = {.type = MSG_WEN};

	call_open(&c);
	c.ref = lac_call(&c.lac, 7);
	other = lac_call(&c.lac, 8);
	lac_send(&c.lac, &msg, c.ref.sid);
	rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_PROTOCOL_ERROR, BY_SERVER, NULL);
	lac_expect_cdn(&c.lac, 7, 2, ERROR_VALUE);
	rig_expect_nothing(&c.rig);
	ck_assert_int_eq(lac_data(&c.lac, other.sid), LNS_DATA);
	rig_close(&c.rig);
}
END_TEST

START_TEST(message_of_a_lacs_answer_ends_the_session)
{
	/* §7.4.2: ICRP, and what belongs to an outgoing call, in wait-connect and established */
	static const unsigned types[] = {MSG_ICRP, MSG_OCRP, MSG_OCCN};

	for (unsigned i = 0; i < 6; i++) {
		struct call c;
		char text[32];
		struct l2tp_msg msg = {.type = (uint16_t)types[i / 2],
				       .has = HAS(ASSIGNED_SESSION) | HAS(TX_SPEED) |
					      HAS(FRAMING_TYPE),
				       .assigned_session = 7};

		call_open(&c);
		if (i % 2)
			c.ref = lac_call(&c.lac, 7);
		else
			c.ref = lac_ask(&c.lac, 7);
		lac_send(&c.lac, &msg, c.ref.sid);
		snprintf(text, sizeof(text), "unexpected %s", l2tp_type_name(msg.type));
		rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_PROTOCOL_ERROR, BY_SERVER, text);
		lac_expect_cdn(&c.lac, 7, 2, ERROR_SESSION_ID);
		rig_expect_nothing(&c.rig);
		rig_close(&c.rig);
	}
}
END_TEST

START_TEST(second_iccn_ends_the_session)
{
	/* §7.4.2: established, receive ICCN */
	struct call c;
	struct l2tp_msg msg = lac_iccn();

	call_open(&c);
	c.ref = lac_call(&c.lac, 7);
	lac_send(&c.lac, &msg, c.ref.sid);
	rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_PROTOCOL_ERROR, BY_SERVER,
		       "unexpected ICCN");
	lac_expect_cdn(&c.lac, 7, 2, ERROR_SESSION_ID);
	rig_close(&c.rig);
}
END_TEST

START_TEST(session_messages_of_no_session_are_acknowledged)
{
	/* §7.4.2 idle: clean up; SES-10, SES-11 */
	static const unsigned types[] = {MSG_ICCN, MSG_CDN,  MSG_WEN,  MSG_SLI,
					 MSG_OCRP, MSG_OCCN, MSG_MDMST};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct call c;
		struct l2tp_msg msg = lac_iccn();

		call_open(&c);
		msg.type = (uint16_t)types[i];
		msg.has |= HAS(CALL_ERRORS) | HAS(ACCM) | HAS(ASSIGNED_SESSION) | HAS(MOH_STATUS);
		msg.assigned_session = 99;
		lac_send(&c.lac, &msg, 4242);
		lac_expect_zlb(&c.lac);
		rig_expect_nothing(&c.rig);
		ck_assert_uint_eq(rig_count(&c.rig).tunnels, 1);
		rig_close(&c.rig);
	}
}
END_TEST

START_TEST(icrp_of_no_session_is_refused)
{
	/* §7.4.2 idle */
	struct call c;
	struct l2tp_msg msg = {
		.type = MSG_ICRP, .has = HAS(ASSIGNED_SESSION), .assigned_session = 99};

	call_open(&c);
	lac_send(&c.lac, &msg, 4242);
	lac_expect_cdn(&c.lac, 99, 2, ERROR_SESSION_ID);
	rig_expect_nothing(&c.rig);
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 0);
	rig_close(&c.rig);
}
END_TEST

START_TEST(request_in_a_live_session_ends_it)
{
	/* §7.4.2: ICRQ in wait-connect and established, told by the header's id; OCRQ likewise */
	static const unsigned types[] = {MSG_ICRQ, MSG_OCRQ};

	for (unsigned i = 0; i < 4; i++) {
		struct call c;
		struct l2tp_msg msg;

		call_open(&c);
		c.ref = i % 2 ? lac_call(&c.lac, 7) : lac_ask(&c.lac, 7);
		msg = ocrq(8);
		msg.type = (uint16_t)types[i / 2];
		lac_send(&c.lac, &msg, c.ref.sid);
		rig_expect(&c.rig, LNS_ACT_PPP_STOP);
		lac_expect_cdn(&c.lac, 7, 2, ERROR_SESSION_ID);
		rig_expect_nothing(&c.rig);
		ck_assert_uint_eq(rig_count(&c.rig).sessions, 0);
		rig_close(&c.rig);
	}
}
END_TEST

START_TEST(assigned_session_id_in_use_refuses_the_new_one)
{
	/* SES-16 */
	struct call c;
	struct l2tp_msg msg;

	call_open(&c);
	c.ref = lac_call(&c.lac, 7);
	msg = lac_icrq(&c.lac, 7);
	lac_send(&c.lac, &msg, 0);
	lac_expect_cdn(&c.lac, 7, 2, ERROR_SESSION_ID);
	ck_assert_uint_ne(c.rig.msg.assigned_session, c.ref.sid);
	rig_expect_nothing(&c.rig);
	ck_assert_int_eq(lac_data(&c.lac, c.ref.sid), LNS_DATA);
	rig_close(&c.rig);
}
END_TEST

START_TEST(ocrq_is_refused_for_good)
{
	/* §7.5.1, SES-08: no facilities, permanent; whole or malformed */
	struct call c;
	struct l2tp_msg msg = ocrq(7);

	call_open(&c);
	lac_send(&c.lac, &msg, 0);
	lac_expect_cdn(&c.lac, 7, 5, 0);
	rig_expect_nothing(&c.rig);
	msg.has &= ~HAS(CALLED_NUMBER);
	lac_send(&c.lac, &msg, 0);
	lac_expect_cdn(&c.lac, 7, 2, ERROR_VALUE);
	rig_expect_nothing(&c.rig);
	ck_assert_uint_eq(rig_count(&c.rig).tunnels, 1);
	rig_close(&c.rig);
}
END_TEST

START_TEST(unknown_attribute_with_m_ends_the_session_when_strict)
{
	/* §4.1, AVP-02: CDN 2/8, the tunnel lives; not strict: the call goes on */
	for (unsigned strict = 0; strict < 2; strict++) {
		struct call c;
		struct l2tp_msg msg;
		uint8_t body[256];
		struct wr w;

		rig_open(&c.rig);
		c.rig.conf.avp_strict = strict;
		rig_start(&c.rig);
		lac_init(&c.lac, &c.rig, 1);
		lac_connect(&c.lac);
		msg = lac_icrq(&c.lac, 7);
		w = wr_init(body, sizeof(body));
		wr_room(&w, lac_body(&msg, body, sizeof(body)));
		avp_raw(&w, 0x8000, 0, 77, "x", 1);
		lac_send_body(&c.lac, 0, body, wr_len(&w));
		if (strict) {
			lac_expect_cdn(&c.lac, 7, 2, ERROR_UNKNOWN_AVP);
		} else {
			rig_expect(&c.rig, LNS_ACT_PPP_START);
			lac_expect(&c.lac, MSG_ICRP);
		}
		ck_assert_uint_eq(rig_count(&c.rig).tunnels, 1);
		ck_assert_uint_eq(rig_count(&c.rig).sessions, !strict);
		rig_close(&c.rig);
	}
}
END_TEST

START_TEST(sessions_beyond_the_limit_are_refused)
{
	/* SES-05, SES-20: temporary */
	struct call c;
	struct l2tp_msg msg;

	call_open(&c);
	c.rig.conf.max_sessions = 2;
	lns_reconf(c.rig.lns, &c.rig.conf);
	lac_call(&c.lac, 7);
	c.ref = lac_call(&c.lac, 8);
	msg = lac_icrq(&c.lac, 9);
	lac_send(&c.lac, &msg, 0);
	lac_expect_cdn(&c.lac, 9, 4, 0);
	rig_expect_nothing(&c.rig);
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 2);
	ck_assert_uint_eq(rig_count(&c.rig).dropped_limit, 1);
	lns_close(c.rig.lns, c.rig.now, c.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect(&c.rig, LNS_ACT_PPP_STOP);
	lac_expect_cdn(&c.lac, 8, 3, 0);
	lac_call(&c.lac, 9);
	rig_close(&c.rig);
}
END_TEST

START_TEST(sessions_beyond_the_peers_limit_are_refused)
{
	/* SES-20: in all its tunnels together, and nobody else's */
	static const struct lns_peer peers[] = {
		{.name = "hq", .host_name = "hq*", .max_sessions = 2}};
	struct call c;
	struct lac second, other;
	struct l2tp_msg msg;

	rig_open(&c.rig);
	c.rig.conf.peers = peers;
	c.rig.conf.peer_count = 1;
	rig_start(&c.rig);
	lac_init(&c.lac, &c.rig, 1);
	lac_init(&second, &c.rig, 2);
	lac_init(&other, &c.rig, 3);
	c.lac.host_name = second.host_name = "hq1";
	lac_connect(&c.lac);
	lac_connect(&second);
	lac_connect(&other);
	c.ref = lac_call(&c.lac, 7);
	lac_call(&second, 7);
	msg = lac_icrq(&second, 8);
	lac_send(&second, &msg, 0);
	lac_expect_cdn(&second, 8, 4, 0);
	lac_call(&other, 7);
	lns_close(c.rig.lns, c.rig.now, c.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect(&c.rig, LNS_ACT_PPP_STOP);
	lac_expect_cdn(&c.lac, 7, 3, 0);
	lac_call(&second, 8);
	rig_close(&c.rig);
}
END_TEST

START_TEST(session_is_sent_to_another_server_while_draining)
{
	/* SES-05: 2/7 with the address; what is up stays up */
	struct call c;
	struct l2tp_msg msg;

	call_open(&c);
	c.ref = lac_call(&c.lac, 7);
	lns_drain(c.rig.lns, c.rig.now, "192.0.2.99", false);
	msg = lac_icrq(&c.lac, 8);
	lac_send(&c.lac, &msg, 0);
	lac_expect_cdn(&c.lac, 8, 2, ERROR_TRY_ANOTHER);
	ck_assert_uint_eq(c.rig.msg.result.text.len, 10);
	ck_assert_mem_eq(c.rig.msg.result.text.p, "192.0.2.99", 10);
	ck_assert_int_eq(lac_data(&c.lac, c.ref.sid), LNS_DATA);
	lns_drain(c.rig.lns, c.rig.now, NULL, false);
	lac_call(&c.lac, 8);
	rig_close(&c.rig);
}
END_TEST

START_TEST(malformed_cdn_ends_its_session_all_the_same)
{
	/* a peer that wants to leave is let go: nothing but the acknowledgement (§6.12) */
	struct call c;
	struct l2tp_msg msg = {.type = MSG_CDN};
	uint8_t body[64];
	struct wr w;

	call_open(&c);
	c.ref = lac_call(&c.lac, 7);
	w = wr_init(body, sizeof(body));
	wr_room(&w, lac_body(&msg, body, sizeof(body)));
	avp_raw(&w, 0x8000, 0, AVP_RESULT_CODE, "x", 1);
	lac_send_body(&c.lac, c.ref.sid, body, wr_len(&w));
	rig_expect(&c.rig, LNS_ACT_PPP_STOP);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 0);
	rig_close(&c.rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("refusal");
	TCase *t = tcase_create("refusal");
	SRunner *sr;
	int failed;

	tcase_add_test(t, malformed_icrq_is_answered_with_a_cdn);
	tcase_add_test(t, malformed_iccn_ends_the_session);
	tcase_add_test(t, malformed_message_of_no_session_is_acknowledged);
	tcase_add_test(t, malformed_message_of_a_session_ends_it_alone);
	tcase_add_test(t, message_of_a_lacs_answer_ends_the_session);
	tcase_add_test(t, second_iccn_ends_the_session);
	tcase_add_test(t, session_messages_of_no_session_are_acknowledged);
	tcase_add_test(t, icrp_of_no_session_is_refused);
	tcase_add_test(t, request_in_a_live_session_ends_it);
	tcase_add_test(t, assigned_session_id_in_use_refuses_the_new_one);
	tcase_add_test(t, ocrq_is_refused_for_good);
	tcase_add_test(t, unknown_attribute_with_m_ends_the_session_when_strict);
	tcase_add_test(t, sessions_beyond_the_limit_are_refused);
	tcase_add_test(t, sessions_beyond_the_peers_limit_are_refused);
	tcase_add_test(t, session_is_sent_to_another_server_while_draining);
	tcase_add_test(t, malformed_cdn_ends_its_session_all_the_same);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
