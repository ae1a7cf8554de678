/* The last control messages of a tunnel. */
#include <check.h>

#include "lns_fixture.h"
#include "trail.h"
#include "unit.h"

static const struct trail *
trail_of(const struct lac *lac)
{
	const struct lns_ref ref = {.tid = lac->lns_tid, .serial = 1};
	struct lns_tunnel_info info;

	ck_assert(lns_find(lac->rig->lns, ref, &info, NULL));
	return info.trail;
}

static void
ck_step(const struct trail *trail, size_t i, const char *type, unsigned flags, unsigned ns,
	unsigned nr)
{
	const struct trail_step *step = trail_at(trail, i);

	ck_assert_str_eq(trail_type(step), type);
	ck_assert_uint_eq(step->flags, flags);
	ck_assert_uint_eq(step->ns, ns);
	ck_assert_uint_eq(step->nr, nr);
	ck_assert_uint_ge(step->len, 12);
}

START_TEST(trail_of_a_setup_has_each_message_once)
{
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
	const struct trail *trail;
	mstime_t start;

	rig_open(&rig);
	start = rig.now;
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	rig.now += 1234;
	ref = lac_call(&lac, 7);
	rig_drain(&rig);
	trail = trail_of(&lac);
	ck_assert_uint_eq(trail_count(trail), 8);
	ck_step(trail, 0, "SCCRQ", 0, 0, 0);
	ck_step(trail, 1, "SCCRP", TRAIL_OUT, 0, 1);
	ck_step(trail, 2, "SCCCN", 0, 1, 1);
	ck_step(trail, 3, "ZLB", TRAIL_OUT, 1, 2);
	ck_step(trail, 4, "ICRQ", 0, 2, 1);
	ck_step(trail, 5, "ICRP", TRAIL_OUT, 1, 3);
	ck_step(trail, 6, "ICCN", 0, 3, 2);
	ck_step(trail, 7, "ZLB", TRAIL_OUT, 2, 4);
	ck_assert_uint_eq(trail_at(trail, 5)->sid, 7);
	ck_assert_uint_eq(trail_at(trail, 6)->sid, ref.sid);
	ck_assert_int_eq(trail_when(trail, trail_at(trail, 0)), start);
	ck_assert_int_eq(trail_when(trail, trail_at(trail, 4)), start + 1234);
	rig_close(&rig);
}
END_TEST

START_TEST(trail_marks_what_is_repeated_or_not_taken)
{
	struct rig rig;
	struct lac lac;
	const struct trail *trail;
	size_t last;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	rig_drain(&rig);
	last = trail_count(trail_of(&lac));
	lac.ns--; /* the SCCCN once more */
	lac_send_type(&lac, MSG_SCCCN, 0);
	lac_send_as(&lac, lac.lns_tid, 0, lac.ns, 999, NULL, 0);
	rig_run(&rig, rig.now + 62000); /* a HELLO, and its first repetition */
	rig_drain(&rig);
	rig_run(&rig, rig.now + 1000);
	rig_drain(&rig);
	trail = trail_of(&lac);
	ck_step(trail, last, "SCCCN", TRAIL_AGAIN, 1, 1);
	ck_step(trail, last + 1, "ZLB", TRAIL_REFUSED, 2, 999);
	ck_assert_str_eq(trail_type(trail_at(trail, trail_count(trail) - 1)), "HELLO");
	ck_assert_uint_eq(trail_at(trail, trail_count(trail) - 1)->flags, TRAIL_OUT | TRAIL_AGAIN);
	rig_close(&rig);
}
END_TEST

START_TEST(trail_keeps_the_last_ones)
{
	struct rig rig;
	struct lac lac;
	const struct trail *trail;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	for (unsigned i = 0; i < 3 * TRAIL_MAX; i++) {
		lac_send_type(&lac, MSG_HELLO, 0);
		rig_drain(&rig);
	}
	trail = trail_of(&lac);
	ck_assert_uint_eq(trail_count(trail), TRAIL_MAX);
	ck_step(trail, TRAIL_MAX - 2, "HELLO", 0, 2 + 3 * TRAIL_MAX - 1, 1);
	ck_step(trail, TRAIL_MAX - 1, "ZLB", TRAIL_OUT, 1, 2 + 3 * TRAIL_MAX);
	ck_step(trail, 0, "HELLO", 0, 2 + 3 * TRAIL_MAX - TRAIL_MAX / 2, 1);
	rig_close(&rig);
}
END_TEST

START_TEST(trail_of_a_dead_tunnel_comes_with_its_end)
{
	struct rig rig;
	struct lac lac;
	const struct lns_act *act;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	rig_drain(&rig);
	do { /* a HELLO that nobody answers */
		ck_assert_int_lt(lns_deadline(rig.lns), rig.now + 100000);
		rig.now = lns_deadline(rig.lns);
		lns_tick(rig.lns, rig.now);
		while ((act = rig_next(&rig)) != NULL && act->kind != LNS_ACT_TUNNEL_DOWN)
			;
	} while (!act);
	ck_assert_ptr_nonnull(act->trail);
	ck_step(act->trail, trail_count(act->trail) - 1, "HELLO", TRAIL_OUT | TRAIL_AGAIN, 1, 2);
	rig_close(&rig);
}
END_TEST

START_TEST(message_without_a_type_is_unknown)
{
	static const uint8_t body[] = {0x80, 8, 0, 0, 0, 7, 0, 1};
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	rig_drain(&rig);
	lac_send_body(&lac, 0, body, sizeof(body));
	ck_step(trail_of(&lac), 4, "?", 0, 2, 1);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		trail_of_a_setup_has_each_message_once,
		trail_marks_what_is_repeated_or_not_taken,
		trail_keeps_the_last_ones,
		trail_of_a_dead_tunnel_comes_with_its_end,
		message_without_a_type_is_unknown,
	};

	return unit_run("trail", tests, sizeof(tests) / sizeof(tests[0]));
}
