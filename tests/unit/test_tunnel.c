/* The tunnel's machine: its table against RFC 2661 §7.2.1, and what it does on the wire. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/tunnel.h"

/* §7.2.1, typed in again. "Send StopCCN, Clean up", idle is closing
 * here: the StopCCN has to be delivered first (§7.1). idle after a StopCCN of the peer is linger
 * (§5.7). */
static const struct {
	enum tunnel_state state;
	enum tunnel_event event;
	enum tunnel_action action;
	enum tunnel_state next;
} rfc[] = {
	{T_IDLE, TE_OPEN, TA_SCCRQ, T_WAIT_CTL_REPLY},
	{T_IDLE, TE_SCCRQ, TA_SCCRP, T_WAIT_CTL_CONN},
	{T_IDLE, TE_SCCRQ_BAD, TA_STOPCCN, T_CLOSING},
	{T_IDLE, TE_SCCRP, TA_STOPCCN, T_CLOSING},
	{T_IDLE, TE_SCCCN, TA_DROP, T_DEAD},
	{T_WAIT_CTL_REPLY, TE_SCCRP, TA_SCCCN, T_ESTABLISHED},
	{T_WAIT_CTL_REPLY, TE_SCCRP_BAD, TA_STOPCCN, T_CLOSING},
	{T_WAIT_CTL_REPLY, TE_SCCRQ, TA_STOPCCN, T_CLOSING},
	{T_WAIT_CTL_REPLY, TE_SCCCN, TA_STOPCCN, T_CLOSING},
	/* "clean up, re-queue SCCRQ for idle state": what idle does with it, at once */
	{T_WAIT_CTL_REPLY, TE_TIE_LOST, TA_SCCRP, T_WAIT_CTL_CONN},
	/* §4.4.3: both sides discard their tunnels */
	{T_WAIT_CTL_REPLY, TE_TIE_EQUAL, TA_DROP, T_DEAD},
	{T_WAIT_CTL_CONN, TE_SCCCN, TA_UP, T_ESTABLISHED},
	{T_WAIT_CTL_CONN, TE_SCCCN_BAD, TA_STOPCCN, T_CLOSING},
	{T_WAIT_CTL_CONN, TE_SCCRP, TA_STOPCCN, T_CLOSING},
	{T_WAIT_CTL_CONN, TE_SCCRQ, TA_STOPCCN, T_CLOSING},
	{T_ESTABLISHED, TE_OPEN, TA_WAKE, T_ESTABLISHED},
	{T_ESTABLISHED, TE_CLOSE, TA_STOPCCN, T_CLOSING},
	{T_ESTABLISHED, TE_SCCRQ, TA_STOPCCN, T_CLOSING},
	{T_ESTABLISHED, TE_SCCRP, TA_STOPCCN, T_CLOSING},
	{T_ESTABLISHED, TE_SCCCN, TA_STOPCCN, T_CLOSING},
	{T_IDLE, TE_STOPCCN, TA_STOPPED, T_LINGER},
	{T_WAIT_CTL_REPLY, TE_STOPCCN, TA_STOPPED, T_LINGER},
	{T_WAIT_CTL_CONN, TE_STOPCCN, TA_STOPPED, T_LINGER},
	{T_ESTABLISHED, TE_STOPCCN, TA_STOPPED, T_LINGER},
	/* §5.8: no answer to the last retransmission clears the tunnel */
	{T_WAIT_CTL_REPLY, TE_GONE, TA_DROP, T_DEAD},
	{T_WAIT_CTL_CONN, TE_GONE, TA_DROP, T_DEAD},
	{T_ESTABLISHED, TE_GONE, TA_DROP, T_DEAD},
	/* §7.1: an invalid or malformed message clears it */
	{T_WAIT_CTL_REPLY, TE_FAULT, TA_STOPCCN, T_CLOSING},
	{T_WAIT_CTL_CONN, TE_FAULT, TA_STOPCCN, T_CLOSING},
	{T_ESTABLISHED, TE_FAULT, TA_STOPCCN, T_CLOSING},
	/* §5.7: until our StopCCN is acknowledged, then for one cycle more */
	{T_CLOSING, TE_ACKED, TA_NONE, T_LINGER},
	{T_CLOSING, TE_STOPCCN, TA_NONE, T_LINGER},
	{T_CLOSING, TE_GONE, TA_BURY, T_DEAD},
	{T_LINGER, TE_EXPIRED, TA_BURY, T_DEAD},
};

START_TEST(table_is_that_of_the_rfc)
{
	/* CC-04 */
	for (size_t i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		const struct tunnel_cell *cell = tunnel_cell(rfc[i].state, rfc[i].event);

		ck_assert_msg(cell->action == rfc[i].action && cell->next == rfc[i].next,
			      "%s, event %d: action %d, next %s", tunnel_state_name(rfc[i].state),
			      rfc[i].event, cell->action, tunnel_state_name(cell->next));
	}
}
END_TEST

START_TEST(every_cell_keeps_the_order_of_a_life)
{
	for (unsigned state = 0; state < T_STATES; state++)
		for (unsigned event = 0; event < T_EVENTS; event++) {
			const struct tunnel_cell *cell =
				tunnel_cell((enum tunnel_state)state, (enum tunnel_event)event);
			bool over = state >= T_CLOSING;

			/* nothing goes back, and what is over is told and sent no more */
			ck_assert_uint_ge(cell->next, state);
			if (over)
				ck_assert(cell->action == TA_NONE || cell->action == TA_BURY);
			ck_assert_int_eq(cell->action == TA_UP,
					 state == T_WAIT_CTL_CONN && event == TE_SCCCN);
			ck_assert_int_eq(cell->action == TA_SCCCN,
					 state == T_WAIT_CTL_REPLY && event == TE_SCCRP);
			ck_assert_int_eq(cell->action == TA_BURY,
					 over && state != T_DEAD && cell->next == T_DEAD);
			ck_assert_int_eq(cell->action == TA_STOPCCN,
					 !over && cell->next == T_CLOSING);
			ck_assert_int_eq(cell->action == TA_STOPPED,
					 !over && cell->next == T_LINGER);
		}
}
END_TEST

START_TEST(states_have_the_names_of_the_rfc)
{
	ck_assert_str_eq(tunnel_state_name(T_IDLE), "idle");
	ck_assert_str_eq(tunnel_state_name(T_WAIT_CTL_REPLY), "wait-ctl-reply");
	ck_assert_str_eq(tunnel_state_name(T_WAIT_CTL_CONN), "wait-ctl-conn");
	ck_assert_str_eq(tunnel_state_name(T_ESTABLISHED), "established");
	for (unsigned state = T_CLOSING; state < T_STATES; state++)
		ck_assert_ptr_nonnull(tunnel_state_name((enum tunnel_state)state));
}
END_TEST

START_TEST(sccrp_carries_what_it_must)
{
	/* §6.2, CC-02; §4.4.3: no bearer without hardware (AVP-18) */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;
	const struct l2tp_msg *sccrp;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	msg = lac_sccrq(&lac);
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
	sccrp = lac_expect(&lac, MSG_SCCRP);
	ck_assert_uint_eq(sccrp->protocol_version, 0x0100);
	ck_assert_uint_eq(sccrp->framing_caps, 3);
	ck_assert(!MSG_HAS(sccrp, AVP_BEARER_CAPS) || sccrp->bearer_caps == 0);
	ck_assert_uint_eq(sccrp->host_name.len, strlen("lns.example"));
	ck_assert_mem_eq(sccrp->host_name.p, "lns.example", sccrp->host_name.len);
	ck_assert_mem_eq(sccrp->vendor_name.p, "lnsd", sccrp->vendor_name.len);
	ck_assert_uint_eq(sccrp->firmware, 0x0100);
	ck_assert_uint_eq(sccrp->window, 8);
	ck_assert_uint_ne(sccrp->assigned_tunnel, 0);
	ck_assert_uint_eq(rig.head.sid, 0);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(stopccn_of_the_peer_ends_all_and_is_acknowledged_for_a_cycle)
{
	/* §5.7, §6.4, CC-13, CC-14 */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg = {.type = MSG_STOPCCN,
			       .has = HAS(ASSIGNED_TUNNEL) | HAS(RESULT_CODE),
			       .result = {.result = 6, .text = BYTES("bye \"now\"\n")}};
	mstime_t end;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lac_call(&lac, 7);
	lac_call(&lac, 8);
	msg.assigned_tunnel = lac.tid;
	lac_send(&lac, &msg, 0);
	/* no CDN; what the peer says is escaped (SEC-04) */
	for (int i = 0; i < 3; i++)
		rig_expect_end(&rig, i < 2 ? LNS_ACT_PPP_STOP : LNS_ACT_TUNNEL_DOWN,
			       CAUSE_USER_REQUEST, BY_CLIENT,
			       "StopCCN: peer is being shut down: bye \\\"now\\\"\\x0a");
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	end = rig.now + CHAN_CYCLE;
	while (rig.now < end) {
		lac.ns--;
		lac_send(&lac, &msg, 0);
		lac_expect_zlb(&lac);
		rig_expect_nothing(&rig);
		ck_assert_int_eq(lns_deadline(rig.lns), end);
		rig.now += 1000;
	}
	rig_run(&rig, end);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	lac.ns--;
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
	rig_close(&rig);
}
END_TEST

START_TEST(stopccn_with_tunnel_id_zero_is_known_by_the_peers_id)
{
	/* §4.4.3, HDR-11: the peer never learnt our id */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg = {.type = MSG_STOPCCN,
			       .has = HAS(ASSIGNED_TUNNEL) | HAS(RESULT_CODE),
			       .result = {.result = 1}};

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	{
		struct l2tp_msg sccrq = lac_sccrq(&lac);

		lac_send(&lac, &sccrq, 0);
	}
	lac_expect(&lac, MSG_SCCRP);
	msg.assigned_tunnel = (uint16_t)(lac.tid + 1);
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
	lac.ns--;
	msg.assigned_tunnel = lac.tid;
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_USER_REQUEST, BY_CLIENT, NULL);
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(local_close_sends_stopccn_until_it_is_acknowledged)
{
	/* §7.2.1, CC-13, CC-15: with our Assigned Tunnel ID and a Result Code */
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
	const struct l2tp_msg *stop;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = rig.act.ref;
	lac_call(&lac, 7);
	lns_close(rig.lns, rig.now, ref, CAUSE_ADMIN, BY_ADMIN, "out you go");
	rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_ADMIN, BY_ADMIN, "out you go");
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_ADMIN, BY_ADMIN, "out you go");
	stop = lac_expect(&lac, MSG_STOPCCN);
	ck_assert_uint_eq(stop->assigned_tunnel, lac.lns_tid);
	ck_assert_uint_eq(stop->result.result, 1);
	ck_assert_uint_eq(stop->result.error, 0);
	ck_assert_mem_eq(stop->result.text.p, "out you go", stop->result.text.len);
	ck_assert_uint_eq(rig.head.sid, 0);
	ck_assert(!lns_quiet(rig.lns));
	/* a second one changes nothing */
	lns_close(rig.lns, rig.now, ref, CAUSE_SHUTDOWN, BY_SERVER, NULL);
	rig_expect_nothing(&rig);
	rig.now += 1000;
	lns_tick(rig.lns, rig.now);
	lac.nr--;
	lac_expect(&lac, MSG_STOPCCN);
	lac_zlb(&lac);
	rig_expect_nothing(&rig);
	ck_assert(lns_quiet(rig.lns));
	ck_assert_int_eq(lns_deadline(rig.lns), rig.now + CHAN_CYCLE);
	rig_run(&rig, rig.now + CHAN_CYCLE);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(stopccn_never_acknowledged_is_given_up_after_31_seconds)
{
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
	mstime_t end;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = rig.act.ref;
	lns_close(rig.lns, rig.now, ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
	lac_expect(&lac, MSG_STOPCCN);
	rig_expect_nothing(&rig);
	end = rig.now + 31000;
	rig_run(&rig, end - 1);
	ck_assert(!lns_quiet(rig.lns));
	rig.now = end;
	lns_tick(rig.lns, end);
	/* it was told when it closed, and once is enough */
	rig_expect_nothing(&rig);
	ck_assert(lns_quiet(rig.lns));
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(stopccns_that_cross_end_the_tunnel_once)
{
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg = {.type = MSG_STOPCCN,
			       .has = HAS(ASSIGNED_TUNNEL) | HAS(RESULT_CODE),
			       .result = {.result = 1}};

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lns_close(rig.lns, rig.now, rig.act.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_ADMIN, BY_ADMIN, NULL);
	lac_expect_datagram(&lac);
	msg.assigned_tunnel = lac.tid;
	lac_send(&lac, &msg, 0);
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	ck_assert(lns_quiet(rig.lns));
	rig_run(&rig, rig.now + 31000);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

/* On an established (or not) tunnel the message brings down everything with this StopCCN. */
static void
ck_stopped_by(unsigned type, bool connected, unsigned result, unsigned error)
{
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;
	const struct l2tp_msg *stop;
	char text[64];

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	msg = lac_sccrq(&lac);
	if (connected) {
		lac_connect(&lac);
		lac_call(&lac, 7);
	} else {
		lac_send(&lac, &msg, 0);
		lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	}
	if (type == MSG_ICRQ)
		msg = lac_icrq(&lac, 9);
	else if (type == MSG_ICCN)
		msg = lac_iccn();
	else
		msg.type = (uint16_t)type;
	lac_send(&lac, &msg, 0);
	snprintf(text, sizeof(text), "unexpected %s", l2tp_type_name(type));
	if (connected)
		rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_PROTOCOL_ERROR, BY_SERVER, text);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_PROTOCOL_ERROR, BY_SERVER, text);
	stop = lac_expect(&lac, MSG_STOPCCN);
	ck_assert_uint_eq(stop->result.result, result);
	ck_assert_uint_eq(stop->result.error, error);
	rig_close(&rig);
}

START_TEST(message_out_of_sequence_ends_the_tunnel)
{
	/* §7.2.1, CC-04, CC-05, CC-19: finite state machine error */
	ck_stopped_by(MSG_SCCRQ, false, 7, 0);
	ck_stopped_by(MSG_SCCRP, false, 7, 0);
	ck_stopped_by(MSG_ICRQ, false, 7, 0);
	ck_stopped_by(MSG_ICCN, false, 7, 0);
	ck_stopped_by(MSG_CDN, false, 7, 0);
	ck_stopped_by(MSG_SCCRQ, true, 7, 0);
	ck_stopped_by(MSG_SCCRP, true, 7, 0);
	ck_stopped_by(MSG_SCCCN, true, 7, 0);
}
END_TEST

START_TEST(messages_after_the_end_are_acknowledged_and_nothing_else)
{
	/* CC-04: the four messages of §7.2.1 in closing and linger, the RFC's idle (§5.7) */
	static const unsigned types[] = {MSG_SCCRQ, MSG_SCCRP, MSG_SCCCN, MSG_STOPCCN};

	for (unsigned i = 0; i < 8; i++) {
		struct rig rig;
		struct lac lac;
		struct lns_ref ref;
		struct l2tp_msg msg;

		rig_open(&rig);
		lac_init(&lac, &rig, 1);
		lac_connect(&lac);
		ref = (struct lns_ref){.tid = lac.lns_tid,
				       .serial = endpoint_tunnel(rig.lns, lac.lns_tid)->serial};
		if (i < 4) {
			lns_close(rig.lns, rig.now, ref, CAUSE_ADMIN, BY_ADMIN, NULL);
			rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
			lac_expect_datagram(&lac);
		} else {
			lac_send_type(&lac, MSG_STOPCCN, 0);
			rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
			lac_expect_zlb(&lac);
		}
		msg = lac_sccrq(&lac);
		msg.type = (uint16_t)types[i % 4];
		ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
		lac_expect_zlb(&lac);
		rig_expect_nothing(&rig);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(end_is_told_as_it_was_whatever_comes_after)
{
	/* what follows a StopCCN in the same batch says nothing about why the tunnel ended */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg = {.type = MSG_STOPCCN,
			       .has = HAS(ASSIGNED_TUNNEL) | HAS(RESULT_CODE),
			       .result = {.result = 1}};

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	msg.assigned_tunnel = lac.tid;
	lac_send(&lac, &msg, 0);
	lac_send_type(&lac, MSG_SCCCN, 0);
	msg = lac_sccrq(&lac);
	lac_send(&lac, &msg, 0);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_USER_REQUEST, BY_CLIENT, NULL);
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(tunnel_that_comes_and_goes_in_one_batch_is_told_in_order)
{
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	msg = lac_sccrq(&lac);
	lac_send(&lac, &msg, 0);
	lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	lac_send_type(&lac, MSG_SCCCN, 0);
	msg = lac_icrq(&lac, 7);
	lac_send(&lac, &msg, 0);
	lac_send_type(&lac, MSG_STOPCCN, 0);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	rig_expect(&rig, LNS_ACT_PPP_START);
	rig_expect(&rig, LNS_ACT_PPP_STOP);
	rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
	rig_close(&rig);
}
END_TEST

START_TEST(malformed_tunnel_message_ends_the_tunnel)
{
	/* §7.1, AVP-02, AVP-09, CC-20 */
	static const struct {
		bool strict;
		size_t len;
		uint8_t body[16];
		unsigned error;
	} bad[] = {
		{false, 4, {1, 2, 3, 4}, ERROR_VALUE},
		{false, 10, {0x80, 8, 0, 0, 0, 0, 0, 6, 1, 2}, ERROR_LENGTH},
		{false, 8, {0x80, 8, 0, 0, 0, 0, 0, 99}, ERROR_UNKNOWN_AVP},
		{true, 14, {0x80, 8, 0, 0, 0, 0, 0, 6, 0x80, 6, 0, 0, 0, 77}, ERROR_UNKNOWN_AVP},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rig rig;
		struct lac lac;
		const struct l2tp_msg *stop;

		rig_open(&rig);
		rig.conf.avp_strict = bad[i].strict;
		rig_start(&rig);
		lac_init(&lac, &rig, 1);
		lac_connect(&lac);
		lac_call(&lac, 7);
		lac_send_body(&lac, 0, bad[i].body, bad[i].len);
		rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_PROTOCOL_ERROR, BY_SERVER, NULL);
		rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_PROTOCOL_ERROR, BY_SERVER, NULL);
		stop = lac_expect(&lac, MSG_STOPCCN);
		ck_assert_uint_eq(stop->result.result, 2);
		ck_assert_uint_eq(stop->result.error, bad[i].error);
		ck_assert_uint_gt(stop->result.text.len, 0);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(unknown_attribute_is_named_in_the_answer)
{
	/* §4.4.2 error 8, AVP-16: the attribute in readable form */
	static const uint8_t body[] = {0x80, 8, 0, 0, 0, 0, 0, 6, 0x80, 6, 0, 0, 0, 77};
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	rig.conf.avp_strict = true;
	rig_start(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lac_send_body(&lac, 0, body, sizeof(body));
	rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
	ck_assert_ptr_nonnull(strstr(rig.act.text, "77"));
	rig_close(&rig);
}
END_TEST

START_TEST(unknown_attribute_with_m_is_passed_over_when_not_strict)
{
	static const uint8_t body[] = {0x80, 8, 0, 0, 0, 0, 0, 6, 0x80, 6, 0, 0, 0, 77};
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lac_send_body(&lac, 0, body, sizeof(body));
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(unknown_type_without_m_is_acknowledged_and_ignored)
{
	/* §4.4.1, AVP-09, MOH-01 */
	static const uint8_t body[] = {0, 8, 0, 0, 0, 0, 0, 17};
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lac_send_body(&lac, 0, body, sizeof(body));
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	rig_close(&rig);
}
END_TEST

START_TEST(tunnel_that_dies_of_its_probe_leaves_no_timer)
{
	/* a second tunnel makes the endpoint ask the first for life, and there is no room to ask */
	struct rig rig;
	struct lac first, second;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&first, &rig, 1);
	second = first;
	second.tid++;
	lac_connect(&first);
	endpoint_tunnel(rig.lns, first.lns_tid)->chan.queued = CHAN_QUEUE_MAX;
	msg = lac_sccrq(&second);
	lac_send(&second, &msg, 0);
	second.lns_tid = lac_expect(&second, MSG_SCCRP)->assigned_tunnel;
	lac_send_type(&second, MSG_SCCCN, 0);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_NO_RESOURCES, BY_SERVER, NULL);
	lac_expect_zlb(&second);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	ck_assert_uint_eq(rig.lns->timers.count, 1);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tunnel");
	TCase *t = tcase_create("tunnel");
	SRunner *sr;
	int failed;

	tcase_add_test(t, table_is_that_of_the_rfc);
	tcase_add_test(t, every_cell_keeps_the_order_of_a_life);
	tcase_add_test(t, states_have_the_names_of_the_rfc);
	tcase_add_test(t, sccrp_carries_what_it_must);
	tcase_add_test(t, stopccn_of_the_peer_ends_all_and_is_acknowledged_for_a_cycle);
	tcase_add_test(t, stopccn_with_tunnel_id_zero_is_known_by_the_peers_id);
	tcase_add_test(t, local_close_sends_stopccn_until_it_is_acknowledged);
	tcase_add_test(t, stopccn_never_acknowledged_is_given_up_after_31_seconds);
	tcase_add_test(t, stopccns_that_cross_end_the_tunnel_once);
	tcase_add_test(t, message_out_of_sequence_ends_the_tunnel);
	tcase_add_test(t, messages_after_the_end_are_acknowledged_and_nothing_else);
	tcase_add_test(t, end_is_told_as_it_was_whatever_comes_after);
	tcase_add_test(t, tunnel_that_comes_and_goes_in_one_batch_is_told_in_order);
	tcase_add_test(t, malformed_tunnel_message_ends_the_tunnel);
	tcase_add_test(t, unknown_attribute_is_named_in_the_answer);
	tcase_add_test(t, unknown_attribute_with_m_is_passed_over_when_not_strict);
	tcase_add_test(t, unknown_type_without_m_is_acknowledged_and_ignored);
	tcase_add_test(t, tunnel_that_dies_of_its_probe_leaves_no_timer);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
