/* Calls that we ask a LAC to place: RFC 2661 §6.9 to §6.11, §7.5.2. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/call.h"

/* §7.5.2, typed in again; its wait-connect is S_WAIT_ANSWER. SE_BAD is "not acceptable". */
static const struct {
	enum session_state state;
	enum session_event event;
	enum session_action action;
	enum session_state next;
} rfc[] = {
	{S_IDLE, SE_OPEN, SA_NONE, S_WAIT_TUNNEL},
	{S_IDLE, SE_OCCN, SA_END, S_DEAD},
	{S_IDLE, SE_OCRP, SA_END, S_DEAD},
	{S_IDLE, SE_CDN, SA_END, S_DEAD},
	{S_WAIT_TUNNEL, SE_TUNNEL_UP, SA_OCRQ, S_WAIT_REPLY},
	{S_WAIT_TUNNEL, SE_CLOSE, SA_END, S_DEAD},
	{S_WAIT_REPLY, SE_OCRP, SA_START, S_WAIT_ANSWER},
	{S_WAIT_REPLY, SE_BAD, SA_CDN, S_DEAD},
	{S_WAIT_REPLY, SE_OCCN, SA_CDN, S_DEAD},
	{S_WAIT_REPLY, SE_OCRQ, SA_CDN, S_DEAD},
	{S_WAIT_REPLY, SE_CDN, SA_END, S_DEAD},
	{S_WAIT_REPLY, SE_CLOSE, SA_CDN, S_DEAD},
	{S_WAIT_ANSWER, SE_OCCN, SA_GO, S_ESTABLISHED},
	{S_WAIT_ANSWER, SE_OCRQ, SA_CDN, S_DEAD},
	{S_WAIT_ANSWER, SE_OCRP, SA_CDN, S_DEAD},
	{S_WAIT_ANSWER, SE_CDN, SA_END, S_DEAD},
	{S_WAIT_ANSWER, SE_CLOSE, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_OCRQ, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_OCRP, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_OCCN, SA_CDN, S_DEAD},
	{S_ESTABLISHED, SE_CDN, SA_END, S_DEAD},
	{S_ESTABLISHED, SE_CLOSE, SA_CDN, S_DEAD},
	/* and beyond the text */
	{S_WAIT_TUNNEL, SE_TUNNEL_DOWN, SA_END, S_DEAD},
	{S_WAIT_REPLY, SE_TUNNEL_DOWN, SA_END, S_DEAD},
	{S_WAIT_ANSWER, SE_TUNNEL_DOWN, SA_END, S_DEAD},
	{S_WAIT_ANSWER, SE_BAD, SA_CDN, S_DEAD},
};

START_TEST(table_is_that_of_the_rfc)
{
	/* SES-07 */
	for (size_t i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		const struct session_cell *cell = session_cell(rfc[i].state, rfc[i].event);

		ck_assert_msg(cell->action == rfc[i].action && cell->next == rfc[i].next,
			      "%s, event %d: action %d, next %s", session_state_name(rfc[i].state),
			      rfc[i].event, cell->action, session_state_name(cell->next));
	}
}
END_TEST

struct dial {
	struct rig rig;
	struct lac lac;
	struct lns_call call;
	struct lns_ref ref;
	const char *why;
};

static void
dial_open_as(struct dial *d, uint32_t bearer, uint32_t framing)
{
	struct l2tp_msg msg;

	*d = (struct dial){.call = {.peer = "",
				    .number = "5551212",
				    .sub_address = "",
				    .minimum_bps = 9600,
				    .maximum_bps = 128000}};
	rig_open(&d->rig);
	lac_init(&d->lac, &d->rig, 1);
	msg = lac_sccrq(&d->lac);
	msg.framing_caps = framing;
	if (bearer) {
		msg.has |= HAS(BEARER_CAPS);
		msg.bearer_caps = bearer;
	}
	lac_send(&d->lac, &msg, 0);
	d->lac.lns_tid = lac_expect(&d->lac, MSG_SCCRP)->assigned_tunnel;
	lac_send_type(&d->lac, MSG_SCCCN, 0);
	rig_expect(&d->rig, LNS_ACT_TUNNEL_UP);
	lac_expect_zlb(&d->lac);
	d->call.tid = d->lac.lns_tid;
}

static void
dial_open(struct dial *d)
{
	dial_open_as(d, 3, 3);
}

static bool
dial(struct dial *d)
{
	return lns_dial(d->rig.lns, d->rig.now, &d->call, &d->ref, &d->why);
}

static struct l2tp_msg
ocrp(uint16_t peer_sid)
{
	return (struct l2tp_msg){
		.type = MSG_OCRP, .has = HAS(ASSIGNED_SESSION), .assigned_session = peer_sid};
}

static struct l2tp_msg
occn(void)
{
	struct l2tp_msg msg = lac_iccn();

	msg.type = MSG_OCCN;
	return msg;
}

static struct lns_session_info
info_of(const struct dial *d)
{
	struct lns_session_info info;

	ck_assert(lns_find(d->rig.lns, d->ref, NULL, &info));
	return info;
}

/* To wait-reply, wait-connect, established; the LAC calls the session 7. */
static void
dial_to(struct dial *d, enum session_state state)
{
	struct l2tp_msg msg;

	dial_open(d);
	ck_assert(dial(d));
	lac_expect(&d->lac, MSG_OCRQ);
	if (state == S_WAIT_REPLY)
		return;
	msg = ocrp(7);
	lac_send(&d->lac, &msg, d->ref.sid);
	rig_expect(&d->rig, LNS_ACT_PPP_START);
	lac_expect_zlb(&d->lac);
	if (state == S_WAIT_ANSWER)
		return;
	msg = occn();
	lac_send(&d->lac, &msg, d->ref.sid);
	rig_expect(&d->rig, LNS_ACT_PPP_GO);
	lac_expect_zlb(&d->lac);
}

START_TEST(call_is_placed_and_data_flows)
{
	/* SES-06, SES-07: eight attributes, and the sub-address */
	struct dial d;
	struct l2tp_msg msg;
	const struct l2tp_msg *sent;

	dial_open(&d);
	d.call.sub_address = "12";
	ck_assert(dial(&d));
	ck_assert_str_eq(info_of(&d).state, "wait-reply");
	sent = lac_expect(&d.lac, MSG_OCRQ);
	ck_assert_uint_eq(d.rig.head.sid, 0);
	ck_assert_uint_eq(sent->has, HAS(ASSIGNED_SESSION) | HAS(CALL_SERIAL) | HAS(MINIMUM_BPS) |
					     HAS(MAXIMUM_BPS) | HAS(BEARER_TYPE) |
					     HAS(FRAMING_TYPE) | HAS(CALLED_NUMBER) |
					     HAS(SUB_ADDRESS));
	ck_assert_uint_eq(sent->assigned_session, d.ref.sid);
	ck_assert_uint_eq(sent->minimum_bps, 9600);
	ck_assert_uint_eq(sent->maximum_bps, 128000);
	ck_assert_uint_eq(sent->bearer_type, 3);
	ck_assert_uint_eq(sent->framing_type, 3);
	ck_assert_uint_eq(sent->called.len, 7);
	ck_assert_mem_eq(sent->called.p, "5551212", 7);
	ck_assert_uint_eq(sent->sub_address.len, 2);
	rig_expect_nothing(&d.rig);
	msg = ocrp(7);
	lac_send(&d.lac, &msg, d.ref.sid);
	ck_assert_mem_eq(&rig_expect(&d.rig, LNS_ACT_PPP_START)->ref, &d.ref, sizeof(d.ref));
	lac_expect_zlb(&d.lac);
	ck_assert_str_eq(info_of(&d).state, "wait-connect");
	/* §5.2, SES-13 */
	ck_assert_int_eq(lac_data(&d.lac, d.ref.sid), LNS_DROPPED);
	msg = occn();
	msg.has |= HAS(RX_SPEED) | HAS(SEQUENCING_REQUIRED);
	msg.rx_speed = 33600;
	lac_send(&d.lac, &msg, d.ref.sid);
	ck_assert_mem_eq(&rig_expect(&d.rig, LNS_ACT_PPP_GO)->ref, &d.ref, sizeof(d.ref));
	lac_expect_zlb(&d.lac);
	rig_expect_nothing(&d.rig);
	ck_assert_int_eq(lac_data(&d.lac, d.ref.sid), LNS_DATA);
	ck_assert(info_of(&d).established && info_of(&d).outgoing && info_of(&d).sequencing);
	ck_assert_uint_eq(info_of(&d).peer_sid, 7);
	ck_assert_str_eq(info_of(&d).called, "5551212");
	ck_assert_uint_eq(info_of(&d).tx_speed, 1000000);
	ck_assert_uint_eq(info_of(&d).rx_speed, 33600);
	rig_close(&d.rig);
}
END_TEST

START_TEST(call_serial_numbers_increase)
{
	/* AVP-24 */
	struct dial d;
	uint32_t last = 0;

	dial_open(&d);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(dial(&d));
		lac_expect(&d.lac, MSG_OCRQ);
		ck_assert_uint_gt(d.rig.msg.call_serial, last);
		last = d.rig.msg.call_serial;
		ck_assert_uint_eq(info_of(&d).serial_number, last);
		lac_zlb(&d.lac);
	}
	rig_close(&d.rig);
}
END_TEST

START_TEST(types_are_those_that_the_lac_has_announced)
{
	/* SES-06, AVP-18: a subset; bits that mean something else (RFC 3301) are not asked for */
	static const uint32_t rows[][4] = {{1, 1, 1, 1}, {2, 2, 2, 2}, {7, 7, 3, 3}};
	struct dial d;

	for (size_t i = 0; i < 3; i++) {
		dial_open_as(&d, rows[i][0], rows[i][1]);
		ck_assert(dial(&d));
		lac_expect(&d.lac, MSG_OCRQ);
		ck_assert_uint_eq(d.rig.msg.bearer_type, rows[i][2]);
		ck_assert_uint_eq(d.rig.msg.framing_type, rows[i][3]);
		rig_close(&d.rig);
	}
}
END_TEST

START_TEST(lac_without_bearer_is_not_asked)
{
	/* §6.9, SES-06 */
	static const uint32_t rows[][2] = {{0, 3}, {4, 3}, {3, 0}};
	struct dial d;

	for (size_t i = 0; i < 3; i++) {
		dial_open_as(&d, rows[i][0], rows[i][1]);
		ck_assert(!dial(&d));
		ck_assert_str_eq(d.why, "the LAC has announced no bearer that it can dial with");
		rig_expect_nothing(&d.rig);
		ck_assert_uint_eq(rig_count(&d.rig).sessions, 0);
		rig_close(&d.rig);
	}
}
END_TEST

START_TEST(call_that_makes_no_sense_is_refused)
{
	static char longest[CALL_NUMBER_MAX + 2];
	struct dial d;
	const struct lns_call *good = &d.call;
	struct lns_call bad[] = {
		{.number = ""},
		{.number = longest},
		{.number = "1", .sub_address = longest},
		{.number = "1", .sub_address = "", .minimum_bps = 2, .maximum_bps = 1},
		{.number = "1", .sub_address = "", .tid = 1},
		{.number = "1", .sub_address = ""},
		{.number = "1", .sub_address = "", .peer = "nobody"},
		{.number = "1", .sub_address = "", .peer = "nobody"},
	};
	static const char *const why[] = {
		"a number has 1 to 255 bytes",
		"a number has 1 to 255 bytes",
		"a sub-address has 255 bytes at most",
		"the minimum of the speed is above its maximum",
		"no such tunnel",
		"no such tunnel",
		"no such tunnel",
		"no such peer",
	};

	dial_open(&d);
	memset(longest, '5', CALL_NUMBER_MAX + 1);
	bad[4].tid = (uint16_t)(good->tid ^ 1);
	bad[7].path = &d.lac.path;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		d.call = bad[i];
		if (!d.call.peer)
			d.call.peer = "";
		ck_assert(!dial(&d));
		ck_assert_str_eq(d.why, why[i]);
	}
	rig_expect_nothing(&d.rig);
	rig_close(&d.rig);
}
END_TEST

START_TEST(call_beyond_a_limit_is_refused)
{
	/* SES-20 */
	struct dial d;

	dial_open(&d);
	d.rig.conf.max_sessions = 1;
	lns_reconf(d.rig.lns, &d.rig.conf);
	ck_assert(dial(&d));
	lac_expect(&d.lac, MSG_OCRQ);
	ck_assert(!dial(&d));
	ck_assert_str_eq(d.why, "server.max-sessions is reached");
	lns_shutdown(d.rig.lns, d.rig.now);
	ck_assert(!dial(&d));
	ck_assert_str_eq(d.why, "the server is shutting down");
	rig_close(&d.rig);
}
END_TEST

START_TEST(cdn_of_the_lac_says_why_the_call_failed)
{
	/* §4.4.2: busy, before and after OCRP; nothing is sent but the acknowledgement */
	static const enum session_state states[] = {S_WAIT_REPLY, S_WAIT_ANSWER, S_ESTABLISHED};

	for (size_t i = 0; i < 3; i++) {
		struct dial d;
		struct l2tp_msg msg = {.type = MSG_CDN,
				       .has = HAS(RESULT_CODE) | HAS(ASSIGNED_SESSION),
				       .result = {.result = 8},
				       .assigned_session = 7};

		dial_to(&d, states[i]);
		lac_send(&d.lac, &msg, d.ref.sid);
		rig_expect_end(&d.rig, LNS_ACT_PPP_STOP, CAUSE_USER_REQUEST, BY_CLIENT,
			       "CDN: busy signal");
		lac_expect_zlb(&d.lac);
		rig_expect_nothing(&d.rig);
		ck_assert_uint_eq(rig_count(&d.rig).sessions, 0);
		rig_close(&d.rig);
	}
}
END_TEST

START_TEST(message_out_of_its_state_ends_the_call)
{
	/* §7.5.2, SES-07: each message in each state in which it has no place */
	static const struct {
		enum session_state state;
		unsigned type;
	} rows[] = {
		{S_WAIT_REPLY, MSG_OCCN},  {S_WAIT_REPLY, MSG_OCRQ},  {S_WAIT_REPLY, MSG_ICRQ},
		{S_WAIT_REPLY, MSG_ICRP},  {S_WAIT_REPLY, MSG_ICCN},  {S_WAIT_ANSWER, MSG_OCRQ},
		{S_WAIT_ANSWER, MSG_OCRP}, {S_WAIT_ANSWER, MSG_ICRQ}, {S_WAIT_ANSWER, MSG_ICRP},
		{S_WAIT_ANSWER, MSG_ICCN}, {S_ESTABLISHED, MSG_OCRQ}, {S_ESTABLISHED, MSG_OCRP},
		{S_ESTABLISHED, MSG_OCCN}, {S_ESTABLISHED, MSG_ICRQ}, {S_ESTABLISHED, MSG_ICRP},
		{S_ESTABLISHED, MSG_ICCN},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dial d;
		struct l2tp_msg msg = {.type = (uint16_t)rows[i].type,
				       .has = HAS(ASSIGNED_SESSION) | HAS(CALL_SERIAL) |
					      HAS(MINIMUM_BPS) | HAS(MAXIMUM_BPS) |
					      HAS(BEARER_TYPE) | HAS(FRAMING_TYPE) |
					      HAS(CALLED_NUMBER) | HAS(TX_SPEED),
				       .assigned_session = 9,
				       .called = BYTES("1")};

		dial_to(&d, rows[i].state);
		lac_send(&d.lac, &msg, d.ref.sid);
		rig_expect_end(&d.rig, LNS_ACT_PPP_STOP, CAUSE_PROTOCOL_ERROR, BY_SERVER, NULL);
		lac_expect_cdn(&d.lac, rows[i].state == S_WAIT_REPLY ? 0 : 7, 2, ERROR_SESSION_ID);
		ck_assert_uint_eq(d.rig.msg.assigned_session, d.ref.sid);
		rig_expect_nothing(&d.rig);
		ck_assert_uint_eq(rig_count(&d.rig).sessions, 0);
		rig_close(&d.rig);
	}
}
END_TEST

START_TEST(answer_that_is_not_acceptable_ends_the_call)
{
	/* §7.5.2: no Assigned Session ID; one that another session has */
	struct dial d;
	struct l2tp_msg msg = {.type = MSG_OCRP};
	struct lns_ref first;

	dial_to(&d, S_WAIT_REPLY);
	lac_send(&d.lac, &msg, d.ref.sid);
	rig_expect(&d.rig, LNS_ACT_PPP_STOP);
	lac_expect_cdn(&d.lac, 0, 2, ERROR_VALUE);
	rig_close(&d.rig);
	dial_to(&d, S_ESTABLISHED);
	first = d.ref;
	ck_assert(dial(&d));
	lac_expect(&d.lac, MSG_OCRQ);
	msg = ocrp(7);
	lac_send(&d.lac, &msg, d.ref.sid);
	rig_expect_end(&d.rig, LNS_ACT_PPP_STOP, CAUSE_PROTOCOL_ERROR, BY_SERVER,
		       "Assigned Session ID is in use");
	lac_expect_cdn(&d.lac, 0, 2, ERROR_SESSION_ID);
	ck_assert_int_eq(lac_data(&d.lac, first.sid), LNS_DATA);
	rig_close(&d.rig);
}
END_TEST

START_TEST(call_of_ours_is_closed_with_a_cdn)
{
	static const enum session_state states[] = {S_WAIT_REPLY, S_WAIT_ANSWER, S_ESTABLISHED};

	for (size_t i = 0; i < 3; i++) {
		struct dial d;

		dial_to(&d, states[i]);
		lns_close(d.rig.lns, d.rig.now, d.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
		rig_expect_end(&d.rig, LNS_ACT_PPP_STOP, CAUSE_ADMIN, BY_ADMIN, NULL);
		lac_expect_cdn(&d.lac, i ? 7 : 0, 3, 0);
		ck_assert_uint_eq(d.rig.msg.assigned_session, d.ref.sid);
		rig_expect_nothing(&d.rig);
		rig_close(&d.rig);
	}
}
END_TEST

START_TEST(call_that_nobody_answers_ends_in_time)
{
	static const struct {
		enum session_state state;
		const char *text;
	} rows[] = {{S_WAIT_REPLY, "no OCRP in time"}, {S_WAIT_ANSWER, "no OCCN in time"}};

	for (size_t i = 0; i < 2; i++) {
		struct dial d;

		dial_to(&d, rows[i].state);
		lac_zlb(&d.lac);
		rig_expect_nothing(&d.rig);
		d.rig.now += 60000;
		lns_tick(d.rig.lns, d.rig.now);
		rig_expect_end(&d.rig, LNS_ACT_PPP_STOP, CAUSE_NEGOTIATION, BY_SERVER,
			       rows[i].text);
		rig_close(&d.rig);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("call");
	TCase *t = tcase_create("call");
	SRunner *sr;
	int failed;

	tcase_add_test(t, table_is_that_of_the_rfc);
	tcase_add_test(t, call_is_placed_and_data_flows);
	tcase_add_test(t, call_serial_numbers_increase);
	tcase_add_test(t, types_are_those_that_the_lac_has_announced);
	tcase_add_test(t, lac_without_bearer_is_not_asked);
	tcase_add_test(t, call_that_makes_no_sense_is_refused);
	tcase_add_test(t, call_beyond_a_limit_is_refused);
	tcase_add_test(t, cdn_of_the_lac_says_why_the_call_failed);
	tcase_add_test(t, message_out_of_its_state_ends_the_call);
	tcase_add_test(t, answer_that_is_not_acceptable_ends_the_call);
	tcase_add_test(t, call_of_ours_is_closed_with_a_cdn);
	tcase_add_test(t, call_that_nobody_answers_ends_in_time);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
