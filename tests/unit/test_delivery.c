/* Reliable delivery on the wire: RFC 2661 §5.8, §5.5 and Appendix B, as a LAC sees it. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/tunnel.h"

START_TEST(lock_step_establishment_is_appendix_b1)
{
	/* App. B.1, REL-17 */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	msg = lac_sccrq(&lac);
	lac_send(&lac, &msg, 0);
	lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	ck_assert_uint_eq(rig.head.ns, 0);
	ck_assert_uint_eq(rig.head.nr, 1);
	lac_send_type(&lac, MSG_SCCCN, 0);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	lac_expect_zlb(&lac);
	ck_assert_uint_eq(rig.head.ns, 1);
	ck_assert_uint_eq(rig.head.nr, 2);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(lost_icrp_is_appendix_b2)
{
	/* App. B.2, REL-17: in a tunnel where each side has sent what B.1 shows */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;
	uint8_t body[256];
	size_t len;
	uint16_t sid;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	msg = lac_icrq(&lac, 7);
	len = lac_body(&msg, body, sizeof(body));
	lac_send_body(&lac, 0, body, len);
	sid = rig_expect(&rig, LNS_ACT_PPP_START)->ref.sid;
	lac_expect_datagram(&lac); /* lost */
	ck_assert_uint_eq(rig.head.ns, 1);
	ck_assert_uint_eq(rig.head.nr, 3);
	rig.now += 900;
	ck_assert_int_eq(lac_send_as(&lac, lac.lns_tid, 0, 2, 1, body, len), LNS_TAKEN);
	lac_expect_zlb(&lac);
	ck_assert_uint_eq(rig.head.ns, 2);
	ck_assert_uint_eq(rig.head.nr, 3);
	rig_expect_nothing(&rig);
	rig.now += 100;
	lns_tick(rig.lns, rig.now);
	lac_expect(&lac, MSG_ICRP);
	ck_assert_uint_eq(rig.head.ns, 1);
	ck_assert_uint_eq(rig.head.nr, 3);
	msg = lac_iccn();
	lac_send(&lac, &msg, sid);
	rig_expect(&rig, LNS_ACT_PPP_GO);
	lac_expect_zlb(&lac);
	ck_assert_uint_eq(rig.head.ns, 2);
	ck_assert_uint_eq(rig.head.nr, 4);
	rig_close(&rig);
}
END_TEST

START_TEST(seventy_thousand_messages_each_way_keep_the_tunnel)
{
	/* REL-03: ICRQ, CDN of the LAC; ICRP of ours, and a CDN too when the id is in use */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg icrq;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	icrq = lac_icrq(&lac, 7);
	for (unsigned i = 0; i < 70000; i++) {
		lac_send(&lac, &icrq, 0);
		if (i == 0)
			rig_expect(&rig, LNS_ACT_PPP_START);
		lac_expect(&lac, i == 0 ? MSG_ICRP : MSG_CDN);
		rig_expect_nothing(&rig);
	}
	lac_zlb(&lac);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(lac.ns, (uint16_t)(70000 + 2));
	ck_assert_uint_eq(lac.nr, (uint16_t)(70000 + 1));
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	ck_assert_uint_eq(rig_count(&rig).sessions, 1);
	ck_assert_uint_eq(rig_count(&rig).retransmits, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(unanswered_message_goes_out_six_times_then_the_tunnel_ends)
{
	/* §5.8, REL-06 to REL-09; the same bytes each time but for Nr */
	static const mstime_t due[] = {1000, 3000, 7000, 15000, 23000};
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
	struct l2tp_msg msg;
	mstime_t start;
	uint8_t first[2048];
	size_t len;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	msg = lac_icrq(&lac, 8);
	lac_send(&lac, &msg, 0);
	start = rig.now;
	rig_expect(&rig, LNS_ACT_PPP_START);
	lac_expect_datagram(&lac);
	len = rig.act.len;
	memcpy(first, rig.bytes, len);
	rig_expect_nothing(&rig);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_int_eq(lns_deadline(rig.lns), start + due[i]);
		rig.now = start + due[i];
		/* without its acknowledgement; it only moves Nr on */
		lac_send_as(&lac, lac.lns_tid, 0, lac.ns++, lac.nr,
			    (const uint8_t *)"\x80\x08\0\0\0\0\0\x06", 8);
		lac_expect_zlb(&lac);
		lns_tick(rig.lns, rig.now);
		lac_expect_datagram(&lac);
		ck_assert_uint_eq(rig.act.len, len);
		ck_assert_uint_eq(rig.head.nr, lac.ns);
		first[10] = rig.bytes[10];
		first[11] = rig.bytes[11];
		ck_assert_mem_eq(rig.bytes, first, len);
		rig_expect_nothing(&rig);
	}
	ck_assert_uint_eq(rig_count(&rig).retransmits, 5);
	/* the last proof of life is 8 s old when the tries are over: it lives on (see the next
	 * test); in silence it ends */
	rig.now = start + 31000 + 31000;
	lns_tick(rig.lns, rig.now);
	rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_LOST_CARRIER, BY_SERVER, NULL);
	rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_LOST_CARRIER, BY_SERVER, NULL);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LOST_CARRIER, BY_SERVER, NULL);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_uint_eq(rig_count(&rig).sessions, 0);
	ck_assert_int_eq(lac_data(&lac, ref.sid), LNS_DROPPED);
	rig_close(&rig);
}
END_TEST

START_TEST(peer_whose_data_flow_elsewhere_needs_no_hello)
{
	/* through the kernel: the core is told of it, and of nothing else */
	struct rig rig;
	struct lac lac;
	struct lns_ref ref, stale;
	uint64_t sent;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	rig_drain(&rig);
	rig_run(&rig, rig.now + 1000);
	sent = rig_count(&rig).control_out;
	for (int i = 0; i < 30; i++) {
		rig_run(&rig, rig.now + 20000);
		lns_heard(rig.lns, rig.now, ref);
	}
	ck_assert_uint_eq(rig_count(&rig).control_out, sent);
	/* what is no session is no sign of life */
	stale = ref;
	stale.serial++;
	rig_run(&rig, rig.now + 50000);
	lns_heard(rig.lns, rig.now, stale);
	rig_run(&rig, rig.now + 10000);
	ck_assert_uint_gt(rig_count(&rig).control_out, sent);
	rig_close(&rig);
}
END_TEST

START_TEST(silent_peer_is_gone_at_31_seconds)
{
	/* §5.8, REL-09: a tunnel without sessions, its HELLO unanswered (CC-18) */
	struct rig rig;
	struct lac lac;
	mstime_t start;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	start = rig.now + 60000;
	rig_run(&rig, start + 30999);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	ck_assert_uint_eq(rig_count(&rig).retransmits, 5);
	rig.now = start + 31000;
	lns_tick(rig.lns, rig.now);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LOST_CARRIER, BY_SERVER, NULL);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_int_eq(lns_deadline(rig.lns), MSTIME_NEVER);
	rig_close(&rig);
}
END_TEST

START_TEST(hello_follows_silence_and_data_counts)
{
	/* §5.5, §6.5, CC-16, CC-17 */
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
	mstime_t start;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	rig.now += 59000;
	start = rig.now;
	ck_assert_int_eq(lac_data(&lac, ref.sid), LNS_DATA);
	lns_tick(rig.lns, start + 1000);
	rig_expect_nothing(&rig);
	rig.now = start + 59999;
	lns_tick(rig.lns, rig.now);
	rig_expect_nothing(&rig);
	rig.now = start + 60000;
	ck_assert_int_eq(lns_deadline(rig.lns), rig.now);
	lns_tick(rig.lns, rig.now);
	lac_expect(&lac, MSG_HELLO);
	ck_assert_uint_eq(rig.head.sid, 0);
	lac_zlb(&lac);
	rig_expect_nothing(&rig);
	ck_assert_int_eq(lns_deadline(rig.lns), rig.now + 60000);
	rig_close(&rig);
}
END_TEST

START_TEST(hello_of_the_peer_is_acknowledged)
{
	/* §6.5, CC-16 */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lac_send_type(&lac, MSG_HELLO, 0);
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(tries_are_those_of_the_configuration)
{
	/* §5.8, REL-09: of a tunnel that is made after they are known */
	static const struct {
		unsigned tries;
		mstime_t cycle;
	} rows[] = {{0, 31000}, {1, 3000}, {3, 15000}, {7, 47000}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig rig;
		struct lac lac;

		rig_open(&rig);
		lac_init(&lac, &rig, 1);
		rig.conf.tries = rows[i].tries;
		lns_reconf(rig.lns, &rig.conf);
		lac_connect(&lac);
		rig.conf.tries = 2;
		lns_reconf(rig.lns, &rig.conf);
		rig_run(&rig, rig.now + 60000 + rows[i].cycle - 1);
		rig_drain(&rig);
		ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
		ck_assert_uint_eq(rig_count(&rig).retransmits, rows[i].tries ? rows[i].tries : 5);
		lns_tick(rig.lns, ++rig.now);
		rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LOST_CARRIER, BY_SERVER, NULL);
		ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(end_is_acknowledged_for_as_long_as_either_side_repeats)
{
	/* §5.7, CC-14, REL-10: 31 s, and longer when our own cycle is */
	static const struct {
		unsigned tries;
		mstime_t linger;
	} rows[] = {{1, 31000}, {5, 31000}, {7, 47000}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig rig;
		struct lac lac;

		rig_open(&rig);
		rig.conf.tries = rows[i].tries;
		rig_start(&rig);
		lac_init(&lac, &rig, 1);
		lac_connect(&lac);
		lac_send_type(&lac, MSG_STOPCCN, 0);
		rig_drain(&rig);
		ck_assert_int_eq(lns_deadline(rig.lns), rig.now + rows[i].linger);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(silent_peer_with_calls_is_gone_all_the_same)
{
	/* §5.8, REL-09, CC-18: 60 s of silence, a HELLO, 31 s more */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lac_call(&lac, 7);
	rig_run(&rig, rig.now + 60000 + 30999);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).sessions, 1);
	lns_tick(rig.lns, ++rig.now);
	rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_LOST_CARRIER, BY_SERVER, NULL);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LOST_CARRIER, BY_SERVER, NULL);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(acknowledgement_is_not_withheld_while_we_wait_for_one)
{
	/* §5.8, REL-13: our window is shut, and everything that comes is acknowledged */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac.window = 1;
	lac_connect(&lac);
	msg = lac_icrq(&lac, 7);
	lac_send(&lac, &msg, 0);
	rig_expect(&rig, LNS_ACT_PPP_START);
	lac_expect_datagram(&lac); /* ICRP, never acknowledged */
	for (uint16_t sid = 8; sid < 16; sid++) {
		msg = lac_icrq(&lac, sid);
		lac_send(&lac, &msg, 0);
		rig_expect(&rig, LNS_ACT_PPP_START);
		lac_expect_zlb(&lac);
		rig_expect_nothing(&rig);
	}
	rig_close(&rig);
}
END_TEST

START_TEST(batch_is_acknowledged_once_and_a_zlb_never)
{
	/* §5.8, REL-16 */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	for (int i = 0; i < 6; i++)
		lac_send_type(&lac, MSG_HELLO, 0);
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	for (int i = 0; i < 6; i++)
		lac_zlb(&lac);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(reordered_messages_take_effect_in_order)
{
	/* §5.8, REL-05: SCCCN, ICRQ, ICCN after one another, the last first */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;
	uint8_t body[256];

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	msg = lac_sccrq(&lac);
	lac_send(&lac, &msg, 0);
	lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	msg = lac_icrq(&lac, 7);
	ck_assert_int_eq(
		lac_send_as(&lac, lac.lns_tid, 0, 2, 1, body, lac_body(&msg, body, sizeof(body))),
		LNS_TAKEN);
	rig_expect_nothing(&rig); /* nothing is acknowledged beyond the gap */
	ck_assert_uint_eq(rig_count(&rig).sessions, 0);
	lac_send_type(&lac, MSG_SCCCN, 0);
	lac.ns++;
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	rig_expect(&rig, LNS_ACT_PPP_START);
	lac_expect(&lac, MSG_ICRP);
	ck_assert_uint_eq(rig.head.nr, 3);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(nr_beyond_what_was_sent_changes_nothing)
{
	/* REL-14 */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lac_send_as(&lac, lac.lns_tid, 0, lac.ns, (uint16_t)(lac.nr + 1),
		    (const uint8_t *)"\x80\x08\0\0\0\0\0\x06", 8);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).dropped_malformed, 1);
	lac_send_type(&lac, MSG_HELLO, 0);
	lac_expect_zlb(&lac);
	rig_close(&rig);
}
END_TEST

START_TEST(duplicates_are_acknowledged_and_not_acted_upon)
{
	/* §5.8, REL-04, CC-11: SCCRQ, SCCCN, ICRQ, ICCN, HELLO, CDN, StopCCN, each twice */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;
	uint8_t body[8][256];
	size_t len[8];
	unsigned count = 0;
	struct lns_ref ref;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	msg = lac_sccrq(&lac);
	len[count] = lac_body(&msg, body[count], 256);
	count++;
	msg = (struct l2tp_msg){.type = MSG_SCCCN};
	len[count] = lac_body(&msg, body[count], 256);
	count++;
	msg = lac_icrq(&lac, 7);
	len[count] = lac_body(&msg, body[count], 256);
	count++;
	msg = lac_iccn();
	len[count] = lac_body(&msg, body[count], 256);
	count++;
	for (unsigned i = 0; i < count; i++) {
		ck_assert_int_eq(lac_send_as(&lac, i ? lac.lns_tid : 0, i == 3 ? ref.sid : 0,
					     (uint16_t)i, 0, body[i], len[i]),
				 LNS_TAKEN);
		lac_expect_zlb(&lac);
		rig_expect_nothing(&rig);
	}
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	ck_assert_uint_eq(rig_count(&rig).sessions, 1);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("delivery");
	TCase *t = tcase_create("delivery");
	SRunner *sr;
	int failed;

	tcase_add_test(t, lock_step_establishment_is_appendix_b1);
	tcase_add_test(t, lost_icrp_is_appendix_b2);
	tcase_add_test(t, seventy_thousand_messages_each_way_keep_the_tunnel);
	tcase_add_test(t, unanswered_message_goes_out_six_times_then_the_tunnel_ends);
	tcase_add_test(t, silent_peer_is_gone_at_31_seconds);
	tcase_add_test(t, peer_whose_data_flow_elsewhere_needs_no_hello);
	tcase_add_test(t, hello_follows_silence_and_data_counts);
	tcase_add_test(t, hello_of_the_peer_is_acknowledged);
	tcase_add_test(t, tries_are_those_of_the_configuration);
	tcase_add_test(t, end_is_acknowledged_for_as_long_as_either_side_repeats);
	tcase_add_test(t, silent_peer_with_calls_is_gone_all_the_same);
	tcase_add_test(t, acknowledgement_is_not_withheld_while_we_wait_for_one);
	tcase_add_test(t, batch_is_acknowledged_once_and_a_zlb_never);
	tcase_add_test(t, reordered_messages_take_effect_in_order);
	tcase_add_test(t, nr_beyond_what_was_sent_changes_nothing);
	tcase_add_test(t, duplicates_are_acknowledged_and_not_acted_upon);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
