/* Who may have no tunnel here: sent to another server, answered without state, in bounds. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/tunnel.h"

static enum lns_verdict
send_sccrq(struct lac *lac)
{
	struct l2tp_msg msg = lac_sccrq(lac);

	lac->ns = 0;
	lac->lns_tid = 0;
	return lac_send(lac, &msg, 0);
}

START_TEST(drain_sends_new_peers_to_the_address)
{
	/* §4.4.2 result 2, error 7; RFC 3193 §4.3; CC-19, IPS-07 */
	struct rig rig;
	struct lac old, lac;
	struct lns_ref call;
	struct l2tp_msg msg;

	rig_open(&rig);
	ck_assert_ptr_null(lns_draining(rig.lns));
	lac_init(&old, &rig, 1);
	lac_connect(&old);
	call = lac_call(&old, 7);
	lns_drain(rig.lns, rig.now, "192.0.2.77", false);
	ck_assert_str_eq(lns_draining(rig.lns), "192.0.2.77");
	rig_expect_nothing(&rig);
	lac_init(&lac, &rig, 2);
	ck_assert_int_eq(send_sccrq(&lac), LNS_DROPPED);
	lac_expect_refusal(&lac, lac.tid, 2, ERROR_TRY_ANOTHER, "192.0.2.77");
	rig_expect_nothing(&rig);
	/* who has a tunnel keeps it, and its calls; new ones go to the address as well */
	msg = lac_icrq(&old, 8);
	lac_send(&old, &msg, 0);
	lac_expect_cdn(&old, 8, 2, ERROR_TRY_ANOTHER);
	rig_expect_nothing(&rig);
	ck_assert_int_eq(lac_data(&old, call.sid), LNS_DATA);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	ck_assert_uint_eq(rig_count(&rig).sessions, 1);
	lns_drain(rig.lns, rig.now, NULL, true);
	ck_assert_ptr_null(lns_draining(rig.lns));
	rig_expect_nothing(&rig);
	lac_init(&lac, &rig, 2);
	lac_connect(&lac);
	rig_close(&rig);
}
END_TEST

START_TEST(drain_of_all_sends_everybody_away)
{
	struct rig rig;
	struct lac lac[3];
	const struct l2tp_msg *stop;

	rig_open(&rig);
	for (uint8_t i = 0; i < 3; i++) {
		lac_init(&lac[i], &rig, i);
		if (i < 2)
			lac_connect(&lac[i]);
	}
	lac_call(&lac[0], 7);
	send_sccrq(&lac[2]); /* half-open */
	lac[2].lns_tid = lac_expect(&lac[2], MSG_SCCRP)->assigned_tunnel;
	lac_zlb(&lac[2]);
	lac_send_type(&lac[1], MSG_STOPCCN, 0); /* over already */
	rig_drain(&rig);
	lns_drain(rig.lns, rig.now, "2001:db8::1", true);
	for (int i = 0; i < 3; i++)
		rig_expect_end(&rig, i == 1 ? LNS_ACT_PPP_STOP : LNS_ACT_TUNNEL_DOWN, CAUSE_ADMIN,
			       BY_ADMIN, "2001:db8::1");
	for (int i = 0; i < 2; i++) {
		stop = lac_expect(i ? &lac[0] : &lac[2], MSG_STOPCCN);
		ck_assert_uint_eq(stop->result.result, 2);
		ck_assert_uint_eq(stop->result.error, 7);
		ck_assert_mem_eq(stop->result.text.p, "2001:db8::1", stop->result.text.len);
	}
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(address_that_is_too_long_is_cut)
{
	struct rig rig;
	char address[100];

	rig_open(&rig);
	memset(address, 'x', sizeof(address));
	address[99] = 0;
	lns_drain(rig.lns, rig.now, address, false);
	ck_assert_uint_eq(strlen(lns_draining(rig.lns)), 63);
	lns_drain(rig.lns, rig.now, "", true);
	ck_assert_ptr_null(lns_draining(rig.lns));
	rig_close(&rig);
}
END_TEST

static unsigned lines;
static char last[1024];

static void
keep_line(enum log_level level, const char *line)
{
	(void)level;
	lines++;
	snprintf(last, sizeof(last), "%s", line);
}

START_TEST(refusals_are_bounded_in_number_and_rate)
{
	/* CC-21, HDR-13: a second's worth at once, then one in 10 ms; nobody is remembered */
	struct rig rig;
	struct lac lac;
	unsigned sent = 0;

	rig_open(&rig);
	lns_drain(rig.lns, rig.now, "192.0.2.77", false);
	for (unsigned i = 0; i < 100000; i++) {
		lac_init(&lac, &rig, 1);
		lac.path.peer.port = (uint16_t)i;
		ck_assert_int_eq(send_sccrq(&lac), LNS_DROPPED);
		if (i % 16 == 15)
			while (rig_next(&rig))
				sent++;
		rig.now += i % 100 == 99; /* 100,000 a second */
	}
	ck_assert_uint_ge(sent, 195);
	ck_assert_uint_le(sent, 201);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_uint_eq(rig_count(&rig).dropped_limit, 100000);
	ck_assert_int_eq(lns_deadline(rig.lns), MSTIME_NEVER);
	/* and of a batch whose actions are not taken no more than there is room for */
	rig.now += 10000;
	for (unsigned i = 0; i < 1000; i++)
		send_sccrq(&lac);
	for (sent = 0; rig_next(&rig); sent++)
		;
	ck_assert_uint_eq(sent, REFUSE_WAITING);
	rig_close(&rig);
}
END_TEST

START_TEST(refusal_is_told_in_the_log_with_peer_and_reason)
{
	/* CC-20, AVP-12, SEC-04: who and why, escaped, and not a line for each */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	log_set_sink(keep_line);
	log_set_level(LVL_NOTICE);
	lac_init(&lac, &rig, 1);
	lac.host_name = "a\"b\n";
	lac.host_name_len = 4;
	msg = lac_sccrq(&lac);
	msg.has &= ~HAS(FRAMING_CAPS);
	lac_send(&lac, &msg, 0);
	ck_assert_uint_eq(lines, 1);
	ck_assert_ptr_nonnull(
		strstr(last, "tunnel refused peer=192.0.2.1:1701 host=\"a\\\"b\\x0a\" text=\""));
	ck_assert_ptr_nonnull(strstr(last, "Framing Capabilities"));
	lac.path.peer =
		(struct lns_addr){.ip = {0x20, 1, 0xd, 0xb8, [15] = 9}, .port = 40000, .family = 6};
	lac.path.local.family = 6;
	lac.ns = 0;
	lac_send(&lac, &msg, 0);
	ck_assert_ptr_nonnull(strstr(last, " peer=[2001:db8::9]:40000 "));
	for (unsigned i = 0; i < 1000; i++) {
		lac.ns = 0;
		lac_send(&lac, &msg, 0);
	}
	ck_assert_uint_le(lines, 10);
	log_set_sink(NULL);
	rig_close(&rig);
}
END_TEST

START_TEST(malformed_message_is_told_in_the_log_with_peer_and_reason)
{
	/* §7.1, CC-20, AVP-11: of a tunnel, of a session, of nobody */
	static const uint8_t bad[] = {0x80, 8, 0, 0, 0, 0, 0, 6, 1, 2};
	struct rig rig;
	struct lac lac;

	lines = 0;
	rig_open(&rig);
	log_set_sink(keep_line);
	log_set_level(LVL_NOTICE);
	lac_init(&lac, &rig, 1);
	ck_assert_int_eq(lac_send_as(&lac, 0, 0, 0, 0, bad, 5), LNS_DROPPED);
	ck_assert_uint_eq(lines, 1);
	ck_assert_ptr_nonnull(strstr(last, "message malformed peer=192.0.2.1:1701 "));
	lac_connect(&lac);
	lac_send_body(&lac, 0, bad, sizeof(bad));
	ck_assert_uint_eq(lines, 2);
	ck_assert_ptr_nonnull(
		strstr(last, "message malformed peer=192.0.2.1:1701 host=\"lac\" text=\""));
	log_set_sink(NULL);
	rig_close(&rig);
}
END_TEST

START_TEST(code_point_is_granted_where_the_peer_is_configured_so)
{
	/* RFC 3308, DS-01, DS-02: answered only if it is obeyed; on all that the tunnel sends */
	static const struct {
		bool obey;
		uint16_t phb;
		uint8_t dscp;
	} rows[] = {{true, 46 << 10, 46}, {true, 0, 0}, {true, 1, 0}, {false, 46 << 10, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig rig;
		struct lac lac;
		struct l2tp_msg msg;
		struct lns_tunnel_info info;
		bool granted = rows[i].obey && rows[i].phb != 1;

		rig_open(&rig);
		rig.conf.others.dscp = rows[i].obey;
		rig_start(&rig);
		lac_init(&lac, &rig, 1);
		msg = lac_sccrq(&lac);
		msg.has |= HAS(CONTROL_DSCP);
		msg.control_dscp = rows[i].phb;
		lac_send(&lac, &msg, 0);
		lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
		ck_assert_int_eq(MSG_HAS(&rig.msg, AVP_CONTROL_DSCP), granted);
		if (granted)
			ck_assert_uint_eq(rig.msg.control_dscp, rows[i].phb);
		ck_assert_uint_eq(rig.act.dscp, rows[i].dscp);
		lac_send_type(&lac, MSG_SCCCN, 0);
		rig_expect(&rig, LNS_ACT_TUNNEL_UP);
		ck_assert(lns_find(rig.lns, rig.act.ref, &info, NULL));
		ck_assert_uint_eq(info.dscp, rows[i].dscp);
		lac_expect_zlb(&lac);
		ck_assert_uint_eq(rig.act.dscp, rows[i].dscp);
		rig_close(&rig);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("drain");
	TCase *t = tcase_create("drain");
	SRunner *sr;
	int failed;

	tcase_add_test(t, drain_sends_new_peers_to_the_address);
	tcase_add_test(t, drain_of_all_sends_everybody_away);
	tcase_add_test(t, address_that_is_too_long_is_cut);
	tcase_add_test(t, refusals_are_bounded_in_number_and_rate);
	tcase_add_test(t, refusal_is_told_in_the_log_with_peer_and_reason);
	tcase_add_test(t, malformed_message_is_told_in_the_log_with_peer_and_reason);
	tcase_add_test(t, code_point_is_granted_where_the_peer_is_configured_so);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
