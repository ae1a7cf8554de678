/* The session's machine: its table against RFC 2661 §7.4.2, and incoming calls on the wire. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/session.h"

/* §7.4.2, typed in again: SE_BAD is "not acceptable". The RFC's idle after the end is dead here:
 * the object goes. */
static const struct {
	enum session_state state;
	enum session_event event;
	enum session_action action;
	enum session_state next;
} rfc[] = {
	{S_IDLE, SE_ICRQ, SA_ICRP, S_WAIT_CONNECT},
	{S_IDLE, SE_BAD, SA_CDN, S_DEAD},
	{S_IDLE, SE_ICRP, SA_CDN, S_DEAD},
	{S_IDLE, SE_ICCN, SA_END, S_DEAD},
	{S_IDLE, SE_CDN, SA_END, S_DEAD},
	{S_WAIT_CONNECT, SE_ICCN, SA_GO, S_ESTABLISHED},
	{S_WAIT_CONNECT, SE_BAD, SA_CDN, S_DEAD},
	{S_WAIT_CONNECT, SE_ICRQ, SA_CDN, S_DEAD},
	{S_WAIT_CONNECT, SE_ICRP, SA_CDN, S_DEAD},
	{S_WAIT_CONNECT, SE_CDN, SA_END, S_DEAD},
	{S_WAIT_CONNECT, SE_CLOSE, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_CDN, SA_END, S_DEAD},
	{S_ESTABLISHED, SE_CLOSE, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_ICRQ, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_ICRP, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_ICCN, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_BAD, SA_CDN, S_DEAD},
	/* §5.7: the sessions of a tunnel that ends go without a CDN */
	{S_IDLE, SE_TUNNEL_DOWN, SA_END, S_DEAD},
	{S_WAIT_CONNECT, SE_TUNNEL_DOWN, SA_END, S_DEAD},
	{S_ESTABLISHED, SE_TUNNEL_DOWN, SA_END, S_DEAD},
	/* messages of a call that we would have placed have no place in one that came in */
	{S_WAIT_CONNECT, SE_OCRQ, SA_CDN, S_DEAD},
	{S_WAIT_CONNECT, SE_OCRP, SA_CDN, S_DEAD},
	{S_WAIT_CONNECT, SE_OCCN, SA_CDN, S_DEAD},
};

START_TEST(table_is_that_of_the_rfc)
{
	/* SES-04 */
	for (size_t i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		const struct session_cell *cell = session_cell(rfc[i].state, rfc[i].event);

		ck_assert_msg(cell->action == rfc[i].action && cell->next == rfc[i].next,
			      "%s, event %d: action %d, next %s", session_state_name(rfc[i].state),
			      rfc[i].event, cell->action, session_state_name(cell->next));
	}
}
END_TEST

START_TEST(every_cell_keeps_the_order_of_a_life)
{
	for (unsigned state = 0; state < S_STATES; state++)
		for (unsigned event = 0; event < S_EVENTS; event++) {
			const struct session_cell *cell =
				session_cell((enum session_state)state, (enum session_event)event);
			bool over = cell->action == SA_CDN || cell->action == SA_END;

			ck_assert_uint_ge(cell->next, state);
			ck_assert_int_eq(over, state != S_DEAD && cell->next == S_DEAD);
			ck_assert_int_eq(cell->action == SA_GO,
					 state != S_ESTABLISHED && cell->next == S_ESTABLISHED);
			if (cell->action == SA_NONE)
				ck_assert(cell->next == state || event == SE_OPEN);
		}
}
END_TEST

START_TEST(states_have_the_names_of_the_rfc)
{
	ck_assert_str_eq(session_state_name(S_IDLE), "idle");
	ck_assert_str_eq(session_state_name(S_WAIT_CONNECT), "wait-connect");
	ck_assert_str_eq(session_state_name(S_ESTABLISHED), "established");
	ck_assert_str_eq(session_state_name(S_DEAD), "dead");
}
END_TEST

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

START_TEST(call_is_answered_and_started_early)
{
	/* §6.6 to §6.8, SES-02: pppd is wanted at ICRQ, data at ICCN */
	struct call c;
	struct l2tp_msg msg;

	call_open(&c);
	msg = lac_icrq(&c.lac, 7);
	lac_send(&c.lac, &msg, 0);
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 1);
	c.ref = rig_expect(&c.rig, LNS_ACT_PPP_START)->ref;
	ck_assert_uint_ne(c.ref.sid, 0);
	ck_assert_uint_eq(c.ref.tid, c.lac.lns_tid);
	ck_assert_uint_eq(lac_expect(&c.lac, MSG_ICRP)->assigned_session, c.ref.sid);
	ck_assert_uint_eq(c.rig.head.sid, 7);
	rig_expect_nothing(&c.rig);
	/* §5.2, SES-13: no data before */
	ck_assert_int_eq(lac_data(&c.lac, c.ref.sid), LNS_DROPPED);
	msg = lac_iccn();
	lac_send(&c.lac, &msg, c.ref.sid);
	ck_assert_mem_eq(&rig_expect(&c.rig, LNS_ACT_PPP_GO)->ref, &c.ref, sizeof(c.ref));
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	ck_assert_int_eq(lac_data(&c.lac, c.ref.sid), LNS_DATA);
	rig_close(&c.rig);
}
END_TEST

START_TEST(cdn_of_the_peer_ends_its_session_alone)
{
	/* §6.12, SES-09, SES-14: nothing is sent but the acknowledgement */
	struct call c;
	struct lns_ref other;
	struct l2tp_msg msg = {.type = MSG_CDN,
			       .has = HAS(RESULT_CODE) | HAS(ASSIGNED_SESSION),
			       .result = {.result = 3},
			       .assigned_session = 7};

	call_open(&c);
	c.ref = lac_call(&c.lac, 7);
	other = lac_call(&c.lac, 8);
	lac_send(&c.lac, &msg, c.ref.sid);
	rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_USER_REQUEST, BY_CLIENT,
		       "CDN: administrative reasons");
	ck_assert_mem_eq(&c.rig.act.ref, &c.ref, sizeof(c.ref));
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	ck_assert_int_eq(lac_data(&c.lac, c.ref.sid), LNS_DROPPED);
	ck_assert_int_eq(lac_data(&c.lac, other.sid), LNS_DATA);
	/* SES-10: once more is acknowledged and ignored */
	lac_send(&c.lac, &msg, c.ref.sid);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
}
END_TEST

START_TEST(cdn_before_iccn_stops_what_was_started)
{
	struct call c;
	struct l2tp_msg msg = {.type = MSG_CDN,
			       .has = HAS(RESULT_CODE) | HAS(ASSIGNED_SESSION),
			       .result = {.result = 1},
			       .assigned_session = 7};

	call_open(&c);
	c.ref = lac_ask(&c.lac, 7);
	lac_send(&c.lac, &msg, c.ref.sid);
	rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_USER_REQUEST, BY_CLIENT,
		       "CDN: loss of carrier");
	lac_expect_zlb(&c.lac);
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 0);
	rig_close(&c.rig);
}
END_TEST

START_TEST(cdn_with_header_id_zero_is_known_by_the_peers_id)
{
	/* §5.3, HDR-10: the peer gave up before it learnt our id */
	struct call c;
	struct lns_ref other;
	struct l2tp_msg msg = {.type = MSG_CDN,
			       .has = HAS(RESULT_CODE) | HAS(ASSIGNED_SESSION),
			       .result = {.result = 1},
			       .assigned_session = 7};

	call_open(&c);
	c.ref = lac_ask(&c.lac, 7);
	other = lac_call(&c.lac, 8);
	lac_send(&c.lac, &msg, 0);
	ck_assert_uint_eq(rig_expect(&c.rig, LNS_ACT_PPP_STOP)->ref.sid, c.ref.sid);
	lac_expect_zlb(&c.lac);
	/* without an id there is nothing to find */
	msg.assigned_session = 0;
	lac_send(&c.lac, &msg, 0);
	msg.has = HAS(RESULT_CODE);
	lac_send(&c.lac, &msg, 0);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	ck_assert_int_eq(lac_data(&c.lac, other.sid), LNS_DATA);
	rig_close(&c.rig);
}
END_TEST

START_TEST(cdn_without_anything_is_enough)
{
	/* a peer that wants to leave is let go, whatever it forgot */
	struct call c;

	call_open(&c);
	c.ref = lac_call(&c.lac, 7);
	lac_send_type(&c.lac, MSG_CDN, c.ref.sid);
	rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_USER_REQUEST, BY_CLIENT, NULL);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
}
END_TEST

START_TEST(session_of_another_tunnel_is_out_of_reach)
{
	struct call c;
	struct lac other;
	struct lns_ref theirs;

	call_open(&c);
	lac_init(&other, &c.rig, 2);
	lac_connect(&other);
	theirs = lac_call(&other, 7);
	lac_send_type(&c.lac, MSG_CDN, theirs.sid);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	ck_assert_int_eq(lac_data(&c.lac, theirs.sid), LNS_DROPPED);
	ck_assert_int_eq(lac_data(&other, theirs.sid), LNS_DATA);
	rig_close(&c.rig);
}
END_TEST

START_TEST(local_close_sends_a_cdn_that_says_why)
{
	/* §7.4.2, §4.4.2, SES-05, AVP-16 */
	static const struct {
		enum cause cause;
		unsigned result, error;
	} causes[] = {
		{CAUSE_USER_REQUEST, 1, 0}, {CAUSE_LOST_CARRIER, 1, 0},
		{CAUSE_IDLE_TIMEOUT, 3, 0}, {CAUSE_SESSION_TIMEOUT, 3, 0},
		{CAUSE_ADMIN, 3, 0},	    {CAUSE_WRONG_PASSWORD, 3, 0},
		{CAUSE_UNKNOWN_USER, 3, 0}, {CAUSE_LIMIT, 4, 0},
		{CAUSE_NO_ADDRESS, 4, 0},   {CAUSE_NO_RESOURCES, 2, 4},
		{CAUSE_PPPD_START, 4, 0},   {CAUSE_PPPD_DIED, 4, 0},
		{CAUSE_LCP, 1, 0},	    {CAUSE_LCP_SILENT, 1, 0},
		{CAUSE_NCP, 1, 0},	    {CAUSE_AUTH_TIMEOUT, 3, 0},
		{CAUSE_NONE, 2, 0},
	};
	struct call c;

	call_open(&c);
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		c.ref = lac_call(&c.lac, 7);
		lns_close(c.rig.lns, c.rig.now, c.ref, causes[i].cause, BY_SERVER, "because");
		rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, causes[i].cause, BY_SERVER, "because");
		lac_expect_cdn(&c.lac, 7, causes[i].result, causes[i].error);
		ck_assert_uint_eq(c.rig.msg.result.text.len, 7);
		ck_assert_mem_eq(c.rig.msg.result.text.p, "because", 7);
		ck_assert_uint_eq(c.rig.msg.assigned_session, c.ref.sid);
		rig_expect_nothing(&c.rig);
		ck_assert_uint_eq(rig_count(&c.rig).sessions, 0);
		/* a stale ref does nothing */
		lns_close(c.rig.lns, c.rig.now, c.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
		rig_expect_nothing(&c.rig);
	}
	rig_close(&c.rig);
}
END_TEST

START_TEST(wen_and_sli_are_acknowledged_in_any_state)
{
	/* SES-11, SES-12 */
	struct call c;
	struct l2tp_msg msg = {.has = HAS(CALL_ERRORS) | HAS(ACCM)};

	call_open(&c);
	c.ref = lac_ask(&c.lac, 7);
	for (unsigned i = 0; i < 2; i++) {
		msg.type = i ? MSG_SLI : MSG_WEN;
		lac_send(&c.lac, &msg, c.ref.sid);
		lac_expect_zlb(&c.lac);
		rig_expect_nothing(&c.rig);
	}
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 1);
	rig_close(&c.rig);
}
END_TEST

START_TEST(session_without_iccn_is_ended_in_time)
{
	/* §4.4.2 CDN 10 */
	struct call c;

	call_open(&c);
	c.ref = lac_ask(&c.lac, 7);
	lac_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	c.rig.now += 59999;
	lns_tick(c.rig.lns, c.rig.now);
	rig_expect_nothing(&c.rig);
	ck_assert_int_eq(lns_deadline(c.rig.lns), c.rig.now + 1);
	c.rig.now++;
	lns_tick(c.rig.lns, c.rig.now);
	rig_expect_end(&c.rig, LNS_ACT_PPP_STOP, CAUSE_NEGOTIATION, BY_SERVER, "no ICCN in time");
	rig_drain(&c.rig);
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 0);
	rig_close(&c.rig);
}
END_TEST

START_TEST(late_session_is_told_with_result_ten)
{
	struct call c;

	call_open(&c);
	c.rig.conf.session_setup = 5000;
	lns_reconf(c.rig.lns, &c.rig.conf);
	c.ref = lac_ask(&c.lac, 7);
	lac_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	c.rig.now += 5000;
	lns_tick(c.rig.lns, c.rig.now);
	rig_expect(&c.rig, LNS_ACT_PPP_STOP);
	lac_expect_cdn(&c.lac, 7, 10, 0);
	rig_close(&c.rig);
}
END_TEST

START_TEST(numbers_and_names_of_any_length_are_taken)
{
	/* §4.4.4, AVP-25: up to 1017 bytes, shown escaped and cut */
	static uint8_t digits[1000];
	struct call c;
	struct l2tp_msg msg;

	memset(digits, '5', sizeof(digits));
	digits[0] = 0x1b;
	call_open(&c);
	msg = lac_icrq(&c.lac, 7);
	msg.has |= HAS(CALLING_NUMBER) | HAS(CALLED_NUMBER) | HAS(SUB_ADDRESS);
	msg.calling = (struct l2tp_bytes){digits, 600};
	msg.called = (struct l2tp_bytes){digits, 600};
	msg.sub_address = (struct l2tp_bytes){digits, 600};
	lac_send(&c.lac, &msg, 0);
	c.ref = rig_expect(&c.rig, LNS_ACT_PPP_START)->ref;
	ck_assert_uint_eq(strspn(endpoint_session(c.rig.lns, c.ref.sid)->calling, "\\x1b5"), 127);
	ck_assert_mem_eq(endpoint_session(c.rig.lns, c.ref.sid)->called, "\\x1b5", 5);
	rig_close(&c.rig);
}
END_TEST

START_TEST(code_point_that_is_asked_for_is_put_on_data)
{
	/* DS-01, DS-02: AF41 is 34, its PHB code 34 << 10; answered only where it is obeyed */
	for (unsigned obeys = 0; obeys < 2; obeys++) {
		struct call c;
		struct l2tp_msg msg;
		struct lns_way way;
		struct lns_session_info info;
		uint8_t buf[LNS_HEADROOM + 1] = {0};

		rig_open(&c.rig);
		c.rig.conf.others.dscp = obeys;
		rig_start(&c.rig);
		lac_init(&c.lac, &c.rig, 1);
		lac_connect(&c.lac);
		msg = lac_icrq(&c.lac, 7);
		msg.has |= HAS(SESSION_DSCP);
		msg.session_dscp = 34 << 10;
		lac_send(&c.lac, &msg, 0);
		c.ref = rig_expect(&c.rig, LNS_ACT_PPP_START)->ref;
		lac_expect(&c.lac, MSG_ICRP);
		ck_assert_int_eq(MSG_HAS(&c.rig.msg, AVP_SESSION_DSCP), obeys);
		if (obeys)
			ck_assert_uint_eq(c.rig.msg.session_dscp, 34 << 10);
		msg = lac_iccn();
		lac_send(&c.lac, &msg, c.ref.sid);
		ck_assert_uint_gt(lns_encap(c.rig.lns, c.ref, buf + LNS_HEADROOM, 1, &way), 0);
		ck_assert_uint_eq(way.dscp, obeys ? 34 : 0);
		ck_assert(lns_find(c.rig.lns, c.ref, NULL, &info));
		ck_assert_uint_eq(info.dscp, way.dscp);
		rig_close(&c.rig);
	}
}
END_TEST

START_TEST(code_that_is_no_code_point_is_not_answered)
{
	/* DS-01: RFC 3140's codes of other kinds */
	struct call c;
	struct l2tp_msg msg;

	rig_open(&c.rig);
	c.rig.conf.others.dscp = true;
	rig_start(&c.rig);
	lac_init(&c.lac, &c.rig, 1);
	lac_connect(&c.lac);
	msg = lac_icrq(&c.lac, 7);
	msg.has |= HAS(SESSION_DSCP);
	msg.session_dscp = 0x0011;
	lac_send(&c.lac, &msg, 0);
	rig_expect(&c.rig, LNS_ACT_PPP_START);
	ck_assert(!MSG_HAS(lac_expect(&c.lac, MSG_ICRP), AVP_SESSION_DSCP));
	rig_close(&c.rig);
}
END_TEST

START_TEST(ids_are_never_zero_and_unique_over_200000_sessions)
{
	/* §5.3, HDR-09, SEC-02: in a ring of 16 that live at a time, and spread over the range */
	struct call c;
	struct lns_ref live[16] = {0};
	unsigned low = 0;
	bool twice = false;

	call_open(&c);
	for (unsigned i = 0; i < 200000; i++) {
		struct lns_ref *slot = &live[i % 16];

		if (slot->sid) {
			lns_close(c.rig.lns, c.rig.now, *slot, CAUSE_ADMIN, BY_ADMIN, NULL);
			rig_expect(&c.rig, LNS_ACT_PPP_STOP);
			lac_expect_cdn(&c.lac, (uint16_t)(i % 16 + 1), 3, 0);
		}
		*slot = lac_call(&c.lac, (uint16_t)(i % 16 + 1));
		ck_assert_uint_ne(slot->sid, 0);
		for (unsigned k = 0; k < 16; k++)
			twice |= &live[k] != slot && live[k].sid == slot->sid;
		low += slot->sid < 32768;
	}
	ck_assert(!twice);
	ck_assert_uint_gt(low, 99000);
	ck_assert_uint_lt(low, 101000);
	ck_assert_uint_eq(rig_count(&c.rig).sessions, 16);
	rig_close(&c.rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session");
	TCase *t = tcase_create("session");
	SRunner *sr;
	int failed;

	tcase_add_test(t, table_is_that_of_the_rfc);
	tcase_add_test(t, every_cell_keeps_the_order_of_a_life);
	tcase_add_test(t, states_have_the_names_of_the_rfc);
	tcase_add_test(t, call_is_answered_and_started_early);
	tcase_add_test(t, cdn_of_the_peer_ends_its_session_alone);
	tcase_add_test(t, cdn_before_iccn_stops_what_was_started);
	tcase_add_test(t, cdn_with_header_id_zero_is_known_by_the_peers_id);
	tcase_add_test(t, cdn_without_anything_is_enough);
	tcase_add_test(t, session_of_another_tunnel_is_out_of_reach);
	tcase_add_test(t, local_close_sends_a_cdn_that_says_why);
	tcase_add_test(t, wen_and_sli_are_acknowledged_in_any_state);
	tcase_add_test(t, session_without_iccn_is_ended_in_time);
	tcase_add_test(t, late_session_is_told_with_result_ten);
	tcase_add_test(t, numbers_and_names_of_any_length_are_taken);
	tcase_add_test(t, code_point_that_is_asked_for_is_put_on_data);
	tcase_add_test(t, code_that_is_no_code_point_is_not_answered);
	tcase_add_test(t, ids_are_never_zero_and_unique_over_200000_sessions);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
