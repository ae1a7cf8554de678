/* Reliable delivery against RFC 2661 §5.8 and Appendix A, the channel alone. */
#include <check.h>
#include <stdlib.h>

#include "l2tp/chan.h"
#include "l2tp/msg.h"

#define BODY ((const uint8_t *)"body")

static void
queue(struct chan *ch, unsigned count)
{
	uint8_t bytes[L2TP_CONTROL_HEADER + 8] = {0xc8, 0x02, 0, 20};

	while (count--)
		ck_assert(chan_send(ch, bytes, sizeof(bytes)));
}

static uint16_t
at(const uint8_t *bytes, size_t place)
{
	return (uint16_t)(bytes[place] << 8 | bytes[place + 1]);
}

/* Ns of the next message let out; -1 when there is none. */
static int
next_ns(struct chan *ch, mstime_t now)
{
	size_t len;
	const uint8_t *bytes = chan_next(ch, now, &len);

	if (bytes)
		ck_assert_uint_eq(len, L2TP_CONTROL_HEADER + 8);
	return bytes ? at(bytes, 8) : -1;
}

static unsigned
flight(struct chan *ch, mstime_t now)
{
	unsigned count = 0;

	while (next_ns(ch, now) >= 0)
		count++;
	return count;
}

static enum chan_verdict
get(struct chan *ch, uint16_t ns, uint16_t nr)
{
	return chan_input(ch, 0, ns, nr, 7, BODY, 4);
}

static enum chan_verdict
ack(struct chan *ch, uint16_t nr)
{
	return chan_input(ch, 0, 0, nr, 0, NULL, 0);
}

START_TEST(ns_counts_messages_from_zero)
{
	/* §5.8, REL-01 */
	struct chan ch;

	chan_init(&ch, 4, 0);
	ck_assert(chan_idle(&ch));
	queue(&ch, 2);
	ck_assert(!chan_idle(&ch));
	ck_assert_int_eq(next_ns(&ch, 0), 0);
	ck_assert_int_eq(ack(&ch, 1), CHAN_ACK_ONLY);
	ck_assert_int_eq(next_ns(&ch, 0), 1);
	ck_assert_int_eq(ack(&ch, 2), CHAN_ACK_ONLY);
	ck_assert(chan_idle(&ch));
	ck_assert_int_eq(ch.timeout, MSTIME_NEVER);
	chan_fini(&ch);
}
END_TEST

START_TEST(zlb_takes_no_place)
{
	/* §5.8, REL-01: Nr is not updated by the Ns of a ZLB, and a ZLB is never acknowledged */
	struct chan ch;

	chan_init(&ch, 4, 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(chan_input(&ch, 0, 5, 0, 0, NULL, 0), CHAN_ACK_ONLY);
	ck_assert_uint_eq(ch.nr, 0);
	ck_assert(!ch.ack_due);
	chan_fini(&ch);
}
END_TEST

START_TEST(sequence_compares_over_the_wrap)
{
	/* §5.8, REL-02: last received 15, so 16 is expected */
	for (unsigned ns = 0; ns <= 15; ns++)
		ck_assert_int_lt(seq_cmp((uint16_t)ns, 16), 0);
	for (unsigned ns = 32784; ns <= 65535; ns++)
		ck_assert_int_lt(seq_cmp((uint16_t)ns, 16), 0);
	for (unsigned ns = 17; ns < 32784; ns++)
		ck_assert_int_gt(seq_cmp((uint16_t)ns, 16), 0);
	ck_assert_int_eq(seq_cmp(16, 16), 0);
}
END_TEST

START_TEST(duplicate_is_acknowledged_and_not_delivered)
{
	/* §5.8, REL-02, REL-04, at the edges of the range */
	static const uint16_t old[] = {0, 15, 32784, 65535};
	struct chan ch;

	chan_init(&ch, 4, 0);
	for (uint16_t ns = 0; ns <= 15; ns++)
		ck_assert_int_eq(get(&ch, ns, 0), CHAN_DELIVER);
	for (size_t i = 0; i < 4; i++) {
		ch.ack_due = false;
		ck_assert_int_eq(get(&ch, old[i], 0), CHAN_DUPLICATE);
		ck_assert(ch.ack_due);
		ck_assert_uint_eq(ch.nr, 16);
	}
	ck_assert_int_eq(get(&ch, 32783, 0), CHAN_BAD);
	chan_fini(&ch);
}
END_TEST

START_TEST(seventy_thousand_each_way_pass_the_wrap)
{
	/* REL-03 */
	struct chan ch;

	chan_init(&ch, 4, 0);
	for (unsigned i = 0; i < 70000; i++) {
		queue(&ch, 1);
		ck_assert_int_eq(next_ns(&ch, i), (uint16_t)i);
		ck_assert_int_eq(get(&ch, (uint16_t)i, (uint16_t)(i + 1)), CHAN_DELIVER);
		ck_assert_uint_eq(ch.nr, (uint16_t)(i + 1));
		ck_assert(chan_idle(&ch));
	}
	ck_assert_uint_eq(ch.retransmits, 0);
	chan_fini(&ch);
}
END_TEST

START_TEST(retransmission_keeps_ns_and_takes_todays_nr)
{
	/* §5.8, REL-06 to REL-09: after 1, 2, 4, 8, 8 s, and gone another 8 s later */
	static const mstime_t due[] = {1000, 3000, 7000, 15000, 23000, 31000};
	struct chan ch;
	size_t len;

	chan_init(&ch, 8, 0);
	queue(&ch, 1);
	ck_assert_int_eq(next_ns(&ch, 0), 0);
	for (uint16_t i = 0; i < 5; i++) {
		const uint8_t *bytes;

		ck_assert_int_eq(ch.timeout, due[i]);
		ck_assert(chan_tick(&ch, due[i] - 1));
		ck_assert_ptr_null(chan_next(&ch, due[i] - 1, &len));
		ck_assert_int_eq(get(&ch, i, 0), CHAN_DELIVER);
		ck_assert(chan_tick(&ch, due[i]));
		bytes = chan_next(&ch, due[i], &len);
		ck_assert_uint_eq(at(bytes, 8), 0);
		ck_assert_uint_eq(at(bytes, 10), i + 1);
		ck_assert(!ch.ack_due); /* it carried the acknowledgement (REL-16) */
		ck_assert_uint_eq(ch.retransmits, i + 1);
	}
	ck_assert_int_eq(ch.timeout, due[5]);
	ck_assert(chan_tick(&ch, due[5] - 1));
	ck_assert(!chan_tick(&ch, due[5]));
	ck_assert_int_eq(due[5], CHAN_CYCLE);
	chan_fini(&ch);
}
END_TEST

START_TEST(repeat_lets_all_out_again_and_charges_no_try)
{
	struct chan ch;

	chan_init(&ch, 4, 0);
	chan_repeat(&ch);
	ck_assert_int_eq(next_ns(&ch, 0), -1);
	ck_assert_int_eq(ch.timeout, MSTIME_NEVER);
	queue(&ch, 3);
	ck_assert_int_eq(next_ns(&ch, 0), 0);
	chan_input(&ch, 0, 0, 1, 0, NULL, 0);
	ck_assert_uint_eq(flight(&ch, 0), 2);
	for (mstime_t now = 1000; now < 31000; now += 1000) {
		ck_assert(chan_tick(&ch, now));
		flight(&ch, now);
	}
	ck_assert_uint_eq(ch.tries, CHAN_TRIES);
	chan_repeat(&ch);
	/* the window as the losses left it */
	ck_assert_int_eq(next_ns(&ch, 30500), 1);
	ck_assert_int_eq(next_ns(&ch, 30500), -1);
	ck_assert_int_eq(ch.timeout, 30500 + CHAN_RTO_FIRST);
	for (mstime_t now = 31500; now < 30500 + CHAN_CYCLE; now += 1000) {
		ck_assert(chan_tick(&ch, now));
		flight(&ch, now);
	}
	ck_assert(!chan_tick(&ch, 30500 + CHAN_CYCLE));
	chan_fini(&ch);
}
END_TEST

START_TEST(acknowledgement_resets_the_interval)
{
	struct chan ch;

	chan_init(&ch, 4, 0);
	queue(&ch, 2);
	flight(&ch, 0);
	ck_assert(chan_tick(&ch, 1000));
	flight(&ch, 1000);
	ck_assert_int_eq(ch.timeout, 3000);
	chan_input(&ch, 1500, 0, 1, 0, NULL, 0);
	ck_assert_int_eq(next_ns(&ch, 1500), 1);
	ck_assert_int_eq(ch.timeout, 2500);
	chan_fini(&ch);
}
END_TEST

START_TEST(revived_channel_has_all_tries_again)
{
	struct chan ch;
	mstime_t now = 0;

	chan_init(&ch, 4, 0);
	queue(&ch, 1);
	for (int i = 0; i <= CHAN_TRIES; i++) {
		ck_assert_uint_eq(flight(&ch, now), 1);
		now = ch.timeout;
		ck_assert_int_eq(chan_tick(&ch, now), i < CHAN_TRIES);
	}
	chan_revive(&ch);
	for (int i = 0; i < CHAN_TRIES; i++) {
		ck_assert(chan_tick(&ch, now));
		ck_assert_int_eq(ch.rto, CHAN_RTO_CAP);
		ck_assert_uint_eq(flight(&ch, now), 1);
		now = ch.timeout;
	}
	ck_assert(!chan_tick(&ch, now));
	chan_fini(&ch);
}
END_TEST

START_TEST(slow_start_doubles_up_to_the_peers_window)
{
	/* Appendix A, REL-11, REL-12: one more for each acknowledgement, never above the window */
	static const unsigned sizes[] = {1, 2, 4, 8, 8, 8};
	struct chan ch;

	chan_init(&ch, 4, 0);
	chan_set_peer_window(&ch, 8);
	queue(&ch, 40);
	for (size_t i = 0; i < 6; i++) {
		ck_assert_uint_eq(ch.cwnd, sizes[i]);
		ck_assert_uint_eq(flight(&ch, 0), sizes[i]);
		while (ch.acked != ch.sent)
			ack(&ch, (uint16_t)(ch.acked + 1));
	}
	chan_fini(&ch);
}
END_TEST

START_TEST(loss_halves_the_threshold_then_grows_by_one_a_window)
{
	/* Appendix A: SSTHRESH = CWND / 2, CWND = 1; above SSTHRESH 1/CWND for each acknowledgement
	 */
	struct chan ch;

	chan_init(&ch, 4, 0);
	chan_set_peer_window(&ch, 8);
	queue(&ch, 60);
	while (ch.cwnd < 8) {
		flight(&ch, 0);
		ack(&ch, (uint16_t)(ch.acked + 1));
	}
	flight(&ch, 0);
	ck_assert(chan_tick(&ch, ch.timeout));
	ck_assert_uint_eq(ch.ssthresh, 4);
	ck_assert_uint_eq(ch.cwnd, 1);
	/* only the oldest goes again, with the same Ns */
	ck_assert_int_eq(next_ns(&ch, 5000), ch.acked);
	ck_assert_int_eq(next_ns(&ch, 5000), -1);
	for (uint16_t window = 2; window <= 4; window++) {
		ack(&ch, (uint16_t)(ch.acked + 1));
		ck_assert_uint_eq(ch.cwnd, window);
	}
	flight(&ch, 5000);
	for (unsigned window = 4; window < 8; window++)
		for (unsigned i = 0; i < window; i++) {
			ck_assert_uint_eq(ch.cwnd, window);
			flight(&ch, 5000);
			ack(&ch, (uint16_t)(ch.acked + 1));
		}
	ck_assert_uint_eq(ch.cwnd, 8);
	chan_fini(&ch);
}
END_TEST

START_TEST(late_acknowledgement_skips_what_it_covers)
{
	/* the first of four is sent again, and then all four turn out to have arrived */
	struct chan ch;

	chan_init(&ch, 4, 0);
	queue(&ch, 8);
	while (ch.cwnd < 4) {
		flight(&ch, 0);
		ack(&ch, (uint16_t)(ch.acked + 1));
	}
	flight(&ch, 0);
	ck_assert_uint_eq((uint16_t)(ch.sent - ch.acked), 4);
	chan_tick(&ch, ch.timeout);
	ck_assert_int_eq(next_ns(&ch, 5000), ch.acked);
	ack(&ch, ch.sent);
	ck_assert_int_eq(next_ns(&ch, 5000), 7);
	ck_assert_uint_eq(ch.retransmits, 1);
	chan_fini(&ch);
}
END_TEST

START_TEST(window_of_zero_is_one)
{
	/* §5.8, AVP-21: 0 is invalid, and must not stall */
	struct chan ch;

	chan_init(&ch, 4, 0);
	chan_set_peer_window(&ch, 0);
	ck_assert_uint_eq(ch.peer_window, 1);
	queue(&ch, 3);
	ck_assert_uint_eq(flight(&ch, 0), 1);
	chan_fini(&ch);
}
END_TEST

START_TEST(window_of_one_is_lock_step)
{
	/* clients with a window of one are common: never two on the way */
	struct chan ch;

	chan_init(&ch, 4, 0);
	chan_set_peer_window(&ch, 1);
	queue(&ch, 20);
	for (uint16_t i = 0; i < 20; i++) {
		ck_assert_int_eq(next_ns(&ch, i), i);
		ck_assert_int_eq(next_ns(&ch, i), -1);
		ack(&ch, (uint16_t)(i + 1));
	}
	ck_assert(chan_idle(&ch));
	chan_fini(&ch);
}
END_TEST

START_TEST(no_window_announced_is_four)
{
	/* §4.4.3 Receive Window Size, AVP-21 */
	struct chan ch;

	chan_init(&ch, 4, 0);
	ck_assert_uint_eq(ch.peer_window, 4);
	queue(&ch, 20);
	while (ch.cwnd < 4) {
		flight(&ch, 0);
		ack(&ch, (uint16_t)(ch.acked + 1));
	}
	flight(&ch, 0);
	ck_assert_uint_eq((uint16_t)(ch.sent - ch.acked), 4);
	chan_fini(&ch);
}
END_TEST

START_TEST(reordered_inside_the_window_comes_in_order)
{
	/* §5.8, REL-05 */
	static const uint16_t order[] = {3, 1, 2};
	struct chan ch;
	struct chan_msg *msg;

	chan_init(&ch, 4, 0);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(get(&ch, order[i], 0), CHAN_EARLY);
		/* never acknowledged beyond the gap */
		ck_assert_uint_eq(ch.nr, 0);
		ck_assert(!ch.ack_due);
		ck_assert_ptr_null(chan_early(&ch));
	}
	ck_assert_int_eq(get(&ch, 1, 0), CHAN_DUPLICATE);
	ck_assert_int_eq(get(&ch, 0, 0), CHAN_DELIVER);
	for (uint16_t nr = 2; nr <= 4; nr++) {
		size_t len;
		uint16_t sid;

		msg = chan_early(&ch);
		ck_assert_ptr_nonnull(msg);
		ck_assert_uint_eq(ch.nr, nr);
		ck_assert_mem_eq(chan_msg_body(msg, &len, &sid), BODY, 4);
		ck_assert_uint_eq(len, 4);
		ck_assert_uint_eq(sid, 7);
		chan_msg_free(msg);
	}
	ck_assert_ptr_null(chan_early(&ch));
	ck_assert(ch.ack_due);
	chan_fini(&ch);
}
END_TEST

START_TEST(message_beyond_our_window_is_not_kept)
{
	struct chan ch;

	chan_init(&ch, 4, 0);
	ck_assert_int_eq(get(&ch, 4, 0), CHAN_BAD);
	ck_assert_int_eq(get(&ch, 3, 0), CHAN_EARLY);
	ck_assert_ptr_nonnull(ch.early);
	/* what was kept is freed with the channel */
	chan_fini(&ch);
	ck_assert_ptr_null(ch.early);
}
END_TEST

START_TEST(early_messages_over_the_wrap_stay_sorted)
{
	struct chan ch;
	struct chan_msg *msg;

	chan_init(&ch, 8, 0);
	ch.nr = 65534;
	ck_assert_int_eq(get(&ch, 1, 0), CHAN_EARLY);
	ck_assert_int_eq(get(&ch, 65535, 0), CHAN_EARLY);
	ck_assert_int_eq(get(&ch, 0, 0), CHAN_EARLY);
	ck_assert_int_eq(get(&ch, 65534, 0), CHAN_DELIVER);
	for (int i = 0; i < 3; i++) {
		msg = chan_early(&ch);
		ck_assert_ptr_nonnull(msg);
		chan_msg_free(msg);
	}
	ck_assert_uint_eq(ch.nr, 2);
	chan_fini(&ch);
}
END_TEST

START_TEST(nr_beyond_what_was_sent_changes_nothing)
{
	/* REL-14: queued is not sent */
	struct chan ch;

	chan_init(&ch, 4, 0);
	queue(&ch, 2);
	ck_assert_int_eq(next_ns(&ch, 0), 0);
	ck_assert_int_eq(get(&ch, 0, 2), CHAN_BAD);
	ck_assert_uint_eq(ch.nr, 0);
	ck_assert_uint_eq(ch.queued, 2);
	ck_assert_int_eq(ack(&ch, 2), CHAN_BAD);
	ck_assert_uint_eq(ch.acked, 0);
	ck_assert_int_eq(ch.timeout, 1000);
	chan_fini(&ch);
}
END_TEST

START_TEST(nr_that_goes_back_is_ignored)
{
	/* REL-15 */
	struct chan ch;

	chan_init(&ch, 4, 0);
	queue(&ch, 3);
	for (uint16_t i = 1; i <= 2; i++) {
		flight(&ch, 0);
		ack(&ch, i);
	}
	ck_assert_int_eq(get(&ch, 0, 0), CHAN_DELIVER);
	ck_assert_uint_eq(ch.acked, 2);
	ck_assert_uint_eq(ch.queued, 1);
	chan_fini(&ch);
}
END_TEST

START_TEST(send_refuses_a_stub_and_more_than_the_bound)
{
	struct chan ch;
	uint8_t bytes[L2TP_CONTROL_HEADER + 8] = {0};

	chan_init(&ch, 4, 0);
	ck_assert(!chan_send(&ch, bytes, L2TP_CONTROL_HEADER - 1));
	queue(&ch, CHAN_QUEUE_MAX);
	ck_assert(!chan_send(&ch, bytes, sizeof(bytes)));
	ck_assert_uint_eq(ch.queued, CHAN_QUEUE_MAX);
	ck_assert_uint_eq(ch.ns, CHAN_QUEUE_MAX);
	chan_fini(&ch);
}
END_TEST

START_TEST(forgotten_queue_still_acknowledges)
{
	/* §5.7: after a StopCCN the peer's repetitions are acknowledged, nothing else is sent */
	struct chan ch;

	chan_init(&ch, 4, 0);
	queue(&ch, 3);
	ck_assert_int_eq(next_ns(&ch, 0), 0);
	chan_forget(&ch);
	ck_assert(chan_idle(&ch));
	ck_assert_int_eq(ch.timeout, MSTIME_NEVER);
	ck_assert_int_eq(next_ns(&ch, 9999), -1);
	ck_assert_int_eq(ack(&ch, 1), CHAN_ACK_ONLY);
	ck_assert_int_eq(ack(&ch, 2), CHAN_BAD);
	ck_assert_int_eq(get(&ch, 0, 0), CHAN_DELIVER);
	ck_assert(ch.ack_due);
	chan_fini(&ch);
}
END_TEST

START_TEST(cycle_is_the_sum_of_the_intervals)
{
	/* §5.8, REL-08, REL-09: 1 + 2 + 4 + 8 + 8 + 8 s for five; bounded */
	static const struct {
		unsigned tries;
		mstime_t cycle;
	} rows[] = {{0, 31000}, {1, 3000},  {2, 7000},
		    {5, 31000}, {6, 39000}, {1000000, 7000 + (CHAN_TRIES_MAX - 2) * 8000}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct chan ch;
		mstime_t now = 0;

		chan_init(&ch, 4, rows[i].tries);
		ck_assert_int_eq(chan_cycle(&ch), rows[i].cycle);
		queue(&ch, 1);
		while (chan_tick(&ch, now)) {
			next_ns(&ch, now);
			now = ch.timeout;
		}
		ck_assert_int_eq(now, rows[i].cycle);
		chan_fini(&ch);
	}
}
END_TEST

START_TEST(oldest_is_what_is_not_acknowledged)
{
	struct chan ch;
	size_t len = 0;

	chan_init(&ch, 4, 0);
	ck_assert_ptr_null(chan_oldest(&ch, &len));
	queue(&ch, 2);
	next_ns(&ch, 0);
	ck_assert_uint_eq(at(chan_oldest(&ch, &len), 8), 0);
	ck_assert_uint_eq(len, L2TP_CONTROL_HEADER + 8);
	ack(&ch, 1);
	next_ns(&ch, 0);
	ck_assert_uint_eq(at(chan_oldest(&ch, &len), 8), 1);
	ack(&ch, 2);
	ck_assert_ptr_null(chan_oldest(&ch, &len));
	chan_fini(&ch);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("chan");
	TCase *t = tcase_create("chan");
	SRunner *sr;
	int failed;

	tcase_add_test(t, ns_counts_messages_from_zero);
	tcase_add_test(t, zlb_takes_no_place);
	tcase_add_test(t, sequence_compares_over_the_wrap);
	tcase_add_test(t, duplicate_is_acknowledged_and_not_delivered);
	tcase_add_test(t, seventy_thousand_each_way_pass_the_wrap);
	tcase_add_test(t, retransmission_keeps_ns_and_takes_todays_nr);
	tcase_add_test(t, repeat_lets_all_out_again_and_charges_no_try);
	tcase_add_test(t, acknowledgement_resets_the_interval);
	tcase_add_test(t, revived_channel_has_all_tries_again);
	tcase_add_test(t, slow_start_doubles_up_to_the_peers_window);
	tcase_add_test(t, loss_halves_the_threshold_then_grows_by_one_a_window);
	tcase_add_test(t, late_acknowledgement_skips_what_it_covers);
	tcase_add_test(t, window_of_zero_is_one);
	tcase_add_test(t, window_of_one_is_lock_step);
	tcase_add_test(t, no_window_announced_is_four);
	tcase_add_test(t, reordered_inside_the_window_comes_in_order);
	tcase_add_test(t, message_beyond_our_window_is_not_kept);
	tcase_add_test(t, early_messages_over_the_wrap_stay_sorted);
	tcase_add_test(t, nr_beyond_what_was_sent_changes_nothing);
	tcase_add_test(t, nr_that_goes_back_is_ignored);
	tcase_add_test(t, send_refuses_a_stub_and_more_than_the_bound);
	tcase_add_test(t, forgotten_queue_still_acknowledges);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, cycle_is_the_sum_of_the_intervals);
	tcase_add_test(t, oldest_is_what_is_not_acknowledged);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
