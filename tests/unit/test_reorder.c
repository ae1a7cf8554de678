/* The order of numbered frames (RFC 2661 §5.4): turns, gaps, time, bounds, peers that count anew.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tp/reorder.h"

struct order {
	struct reorder r;
	struct frames ready;
	mstime_t now;
	char out[8192]; /* what came out, in order: "3 4 5 " */
};

static void
note(struct order *o, unsigned n)
{
	size_t len = strlen(o->out);

	snprintf(o->out + len, sizeof(o->out) - len, "%u ", n);
}

static void
take_ready(struct order *o)
{
	struct lns_data data;

	while (frames_next(&o->ready, &data)) {
		uint16_t n;

		ck_assert_uint_ge(data.len, sizeof(n));
		ck_assert_uint_eq(data.ref.sid, 7);
		memcpy(&n, data.frame, sizeof(n));
		note(o, n);
	}
}

/* A frame whose bytes are its number, of `len` bytes. */
static enum reorder_verdict
put_long(struct order *o, unsigned n, size_t len)
{
	uint8_t bytes[70000] = {0};
	uint16_t ns = (uint16_t)n;
	struct lns_data data = {.ref = {.sid = 7}, .frame = bytes, .len = len};
	enum reorder_verdict verdict;

	memcpy(bytes, &ns, sizeof(ns));
	verdict = reorder_take(&o->r, &o->ready, o->now, &data, ns);
	if (verdict == REORDER_PASS)
		note(o, ns);
	take_ready(o);
	return verdict;
}

static enum reorder_verdict
put(struct order *o, unsigned n)
{
	return put_long(o, n, 2);
}

static void
close_order(struct order *o, const char *expected)
{
	ck_assert_str_eq(o->out, expected);
	frames_forget(&o->ready);
	reorder_fini(&o->r);
	ck_assert_int_eq(reorder_due(&o->r), MSTIME_NEVER);
}

START_TEST(frames_in_order_pass_at_once)
{
	struct order o = {0};

	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(put(&o, i), REORDER_PASS);
	ck_assert_int_eq(reorder_due(&o.r), MSTIME_NEVER);
	close_order(&o, "0 1 2 3 ");
}
END_TEST

START_TEST(early_frames_wait_for_the_missing_one)
{
	/* DAT-05 */
	struct order o = {.now = 1000};

	put(&o, 0);
	ck_assert_int_eq(put(&o, 3), REORDER_KEPT);
	ck_assert_int_eq(put(&o, 2), REORDER_KEPT);
	ck_assert_str_eq(o.out, "0 ");
	ck_assert_int_eq(reorder_due(&o.r), 1100);
	ck_assert_int_eq(put(&o, 1), REORDER_PASS);
	ck_assert_int_eq(reorder_due(&o.r), MSTIME_NEVER);
	put(&o, 4);
	close_order(&o, "0 1 2 3 4 ");
}
END_TEST

START_TEST(late_and_repeated_frames_are_dropped)
{
	struct order o = {0};

	put(&o, 0);
	put(&o, 1);
	ck_assert_int_eq(put(&o, 0), REORDER_LATE);
	ck_assert_int_eq(put(&o, 3), REORDER_KEPT);
	ck_assert_int_eq(put(&o, 3), REORDER_LATE);
	ck_assert_uint_eq(o.r.count, 1);
	put(&o, 2);
	ck_assert_int_eq(put(&o, 3), REORDER_LATE);
	close_order(&o, "0 1 2 3 ");
}
END_TEST

START_TEST(gap_is_tolerated_after_100_ms)
{
	/* each frame waits by itself; what it was kept for is lost, and late if it comes after all
	 */
	struct order o = {.now = 1000};

	put(&o, 1);
	o.now = 1050;
	put(&o, 2);
	put(&o, 4);
	o.now = 1099;
	reorder_expire(&o.r, &o.ready, o.now);
	take_ready(&o);
	ck_assert_str_eq(o.out, "");
	o.now = 1100;
	reorder_expire(&o.r, &o.ready, o.now);
	take_ready(&o);
	ck_assert_str_eq(o.out, "1 2 ");
	ck_assert_int_eq(put(&o, 0), REORDER_LATE);
	ck_assert_int_eq(reorder_due(&o.r), 1150);
	o.now = 1150;
	reorder_expire(&o.r, &o.ready, o.now);
	take_ready(&o);
	put(&o, 5);
	close_order(&o, "1 2 4 5 ");
}
END_TEST

START_TEST(frame_that_has_waited_takes_those_before_it_along)
{
	struct order o = {.now = 1000};

	put(&o, 5);
	o.now = 1090;
	put(&o, 3);
	o.now = 1100;
	reorder_expire(&o.r, &o.ready, o.now);
	take_ready(&o);
	close_order(&o, "3 5 ");
}
END_TEST

START_TEST(numbers_wrap)
{
	struct order o = {.r = {.next = 65534}};

	put(&o, 65535);
	put(&o, 65537);
	put(&o, 65536);
	ck_assert_int_eq(put(&o, 65530), REORDER_LATE);
	put(&o, 65534);
	close_order(&o, "65534 65535 0 1 ");
}
END_TEST

START_TEST(at_most_64_wait)
{
	/* the oldest go first, whatever they wait for */
	struct order o = {0};

	for (unsigned i = 1; i <= 128; i += 2)
		ck_assert_int_eq(put(&o, i), REORDER_KEPT);
	ck_assert_uint_le(o.r.count, REORDER_MAX);
	ck_assert_mem_eq(o.out, "1 3 5 ", 6);
	o.out[0] = 0;
	reorder_fini(&o.r);
	/* all 64 places taken: the next one in order releases them, and follows them */
	for (unsigned i = 1; i <= REORDER_MAX; i++)
		put(&o, i);
	ck_assert_uint_eq(o.r.count, REORDER_MAX);
	ck_assert_str_eq(o.out, "");
	ck_assert_int_eq(put(&o, REORDER_MAX + 1), REORDER_KEPT);
	ck_assert_uint_eq(o.r.count, 0);
	ck_assert_uint_eq(o.r.next, REORDER_MAX + 2);
	ck_assert_ptr_nonnull(strstr(o.out, "63 64 65 "));
	o.out[0] = 0;
	close_order(&o, "");
}
END_TEST

START_TEST(at_most_128_kb_wait)
{
	struct order o = {0};

	put_long(&o, 1, 65000);
	put_long(&o, 3, 65000);
	ck_assert_str_eq(o.out, "");
	put_long(&o, 5, 65000);
	ck_assert_str_eq(o.out, "1 ");
	ck_assert_uint_le(o.r.bytes, REORDER_BYTES);
	/* 4 makes room by the release of 3, and then it is its own turn */
	ck_assert_int_eq(put_long(&o, 4, 65000), REORDER_KEPT);
	close_order(&o, "1 3 4 5 ");
}
END_TEST

START_TEST(frame_that_no_room_can_be_made_for_is_late)
{
	struct order o = {0};

	put_long(&o, 10, 65000);
	put_long(&o, 11, 65000);
	ck_assert_int_eq(put_long(&o, 5, 65000), REORDER_LATE);
	close_order(&o, "10 11 ");
}
END_TEST

START_TEST(jump_ahead_is_followed_at_once)
{
	/* DAT-05: loss of more than can wait, or a peer that counts from somewhere else */
	struct order o = {0};

	put(&o, 0);
	put(&o, 2);
	ck_assert_int_eq(put(&o, 20000), REORDER_KEPT);
	ck_assert_int_eq(put(&o, 20001), REORDER_PASS);
	ck_assert_int_eq(put(&o, 30000), REORDER_PASS);
	close_order(&o, "0 2 20000 20001 30000 ");
}
END_TEST

START_TEST(peer_that_counts_anew_is_followed)
{
	/* DAT-05: seven may be stragglers, the eighth in a row is a restart */
	struct order o = {0};

	for (unsigned i = 0; i < 1000; i++)
		put(&o, i);
	o.out[0] = 0;
	put(&o, 1001);
	for (unsigned i = 0; i < 7; i++)
		ck_assert_int_eq(put(&o, i), REORDER_LATE);
	ck_assert_int_eq(put(&o, 7), REORDER_KEPT);
	ck_assert_int_eq(put(&o, 8), REORDER_PASS);
	close_order(&o, "1001 7 8 ");
}
END_TEST

START_TEST(stragglers_among_frames_in_order_are_no_restart)
{
	struct order o = {0};

	for (unsigned i = 0; i < 100; i++)
		put(&o, i);
	o.out[0] = 0;
	for (unsigned i = 0; i < 20; i++) {
		ck_assert_int_eq(put(&o, i), REORDER_LATE);
		ck_assert_int_eq(put(&o, 100 + i), REORDER_PASS);
	}
	/* nor are late ones that do not follow one another */
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_eq(put(&o, 60 - 2 * i), REORDER_LATE);
	ck_assert_uint_eq(o.r.next, 120);
	o.out[0] = 0;
	close_order(&o, "");
}
END_TEST

START_TEST(frames_that_nobody_takes_are_forgotten)
{
	struct order o = {0};
	struct lns_data data = {.frame = (const uint8_t *)"x", .len = 1};

	ck_assert_int_eq(reorder_take(&o.r, &o.ready, 0, &data, 1), REORDER_KEPT);
	ck_assert_int_eq(reorder_take(&o.r, &o.ready, 0, &data, 0), REORDER_PASS);
	ck_assert_ptr_nonnull(o.ready.first);
	frames_forget(&o.ready);
	ck_assert(!frames_next(&o.ready, &data));
	/* and the next ones come out again */
	ck_assert_int_eq(reorder_take(&o.r, &o.ready, 0, &data, 3), REORDER_KEPT);
	reorder_expire(&o.r, &o.ready, REORDER_WAIT_MS);
	ck_assert(frames_next(&o.ready, &data));
	ck_assert_uint_eq(data.len, 1);
	close_order(&o, "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reorder");
	TCase *t = tcase_create("reorder");
	SRunner *sr;
	int failed;

	tcase_add_test(t, frames_in_order_pass_at_once);
	tcase_add_test(t, early_frames_wait_for_the_missing_one);
	tcase_add_test(t, late_and_repeated_frames_are_dropped);
	tcase_add_test(t, gap_is_tolerated_after_100_ms);
	tcase_add_test(t, frame_that_has_waited_takes_those_before_it_along);
	tcase_add_test(t, numbers_wrap);
	tcase_add_test(t, at_most_64_wait);
	tcase_add_test(t, at_most_128_kb_wait);
	tcase_add_test(t, frame_that_no_room_can_be_made_for_is_late);
	tcase_add_test(t, jump_ahead_is_followed_at_once);
	tcase_add_test(t, peer_that_counts_anew_is_followed);
	tcase_add_test(t, stragglers_among_frames_in_order_are_no_restart);
	tcase_add_test(t, frames_that_nobody_takes_are_forgotten);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
