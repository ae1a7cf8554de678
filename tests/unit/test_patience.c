/* Peers that do not acknowledge as they should: what is borne, and for how long. RFC 2661 §5.5,
 * §5.8. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/tunnel.h"

START_TEST(hello_loss_with_data_flowing_keeps_the_tunnel)
{
	/* some phones never acknowledge a HELLO: data is as good a proof of life */
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	rig.now += 60000;
	lns_tick(rig.lns, rig.now);
	lac_expect_datagram(&lac);
	ck_assert_uint_eq(rig.msg.type, MSG_HELLO);
	rig_expect_nothing(&rig);
	for (int second = 0; second < 300; second += 10) {
		rig_run(&rig, rig.now + 10000);
		rig_drain(&rig);
		ck_assert_int_eq(lac_data(&lac, ref.sid), LNS_DATA);
	}
	ck_assert_uint_eq(rig_count(&rig).sessions, 1);
	/* in silence it ends: 60 s without a sign and a cycle after that, to the end of the tries
	 */
	rig_run(&rig, rig.now + 60000 + 31000 - 1);
	ck_assert_uint_eq(rig_count(&rig).sessions, 1);
	rig_run(&rig, rig.now + 1 + 48000);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).sessions, 0);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(hello_loss_with_echoes_now_and_then_keeps_the_tunnel)
{
	/* LCP echoes of an idle client once in 80 s, and no HELLO acknowledged in an hour */
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	for (int second = 0; second < 3600; second += 80) {
		rig_run(&rig, rig.now + 80000);
		rig_drain(&rig);
		ck_assert_int_eq(lac_data(&lac, ref.sid), LNS_DATA);
	}
	ck_assert_uint_gt(rig_count(&rig).retransmits, 100);
	/* without a session there is nothing to keep it for */
	lac.nr++;
	lac_zlb(&lac);
	lns_close(rig.lns, rig.now, ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_drain(&rig);
	rig_run(&rig, rig.now + 31000);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(acknowledgement_in_a_message_beyond_our_window_still_counts)
{
	/* the message is not taken, but what its Nr says opens the window */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac.window = 1;
	lac_connect(&lac);
	for (uint16_t sid = 7; sid <= 8; sid++) {
		msg = lac_icrq(&lac, sid);
		lac_send(&lac, &msg, 0);
		rig_expect(&rig, LNS_ACT_PPP_START);
		if (sid == 8)
			lac_expect_zlb(&lac);
		else
			lac_expect_datagram(&lac);
	}
	lac.nr++;
	lac_send_as(&lac, lac.lns_tid, 0, (uint16_t)(lac.ns + 8), lac.nr, (const uint8_t *)"x", 1);
	lac_expect(&lac, MSG_ICRP);
	rig_expect_nothing(&rig);
	ck_assert_int_eq(lns_deadline(rig.lns), rig.now + 1000);
	ck_assert_uint_eq(rig_count(&rig).dropped_malformed, 1);
	rig_close(&rig);
}
END_TEST

START_TEST(stopccn_acknowledged_beyond_our_window_does_not_stay_forever)
{
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lns_shutdown(rig.lns, rig.now);
	rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
	lac_expect(&lac, MSG_STOPCCN);
	lac_send_as(&lac, lac.lns_tid, 0, (uint16_t)(lac.ns + 8), lac.nr, (const uint8_t *)"x", 1);
	ck_assert(lns_quiet(rig.lns));
	rig_run(&rig, rig.now + 31000);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(peer_that_never_acknowledges_cannot_fill_the_memory)
{
	/* each refused ICRQ makes a CDN; the queue is bounded, and then the tunnel goes */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg icrq;
	unsigned count = 0;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	icrq = lac_icrq(&lac, 7);
	while (rig_count(&rig).tunnels && count++ < 10000) {
		lac_send(&lac, &icrq, 0);
		while (rig_next(&rig) && rig.act.kind != LNS_ACT_TUNNEL_DOWN)
			;
	}
	ck_assert_uint_eq(count, CHAN_QUEUE_MAX + 1);
	ck_assert_int_eq(rig.act.kind, LNS_ACT_TUNNEL_DOWN);
	ck_assert_int_eq(rig.act.cause, CAUSE_NO_RESOURCES);
	ck_assert_uint_eq(rig_count(&rig).sessions, 0);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("patience");
	TCase *t = tcase_create("patience");
	SRunner *sr;
	int failed;

	tcase_add_test(t, hello_loss_with_data_flowing_keeps_the_tunnel);
	tcase_add_test(t, hello_loss_with_echoes_now_and_then_keeps_the_tunnel);
	tcase_add_test(t, acknowledgement_in_a_message_beyond_our_window_still_counts);
	tcase_add_test(t, stopccn_acknowledged_beyond_our_window_does_not_stay_forever);
	tcase_add_test(t, peer_that_never_acknowledges_cannot_fill_the_memory);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
