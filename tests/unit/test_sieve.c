/* Who has asked before: CC-21 where the table of half-open tunnels is full. */
#include "l2tp/sieve.h"

#include "l2tp/table.h"
#include "lns_fixture.h"
#include "unit.h"

static uint64_t
asker(uint32_t number)
{
	return table_mix(UINT64_C(0x1234567890abcdef), number);
}

START_TEST(asker_heard_again_passes_once)
{
	struct sieve sieve = {0};

	ck_assert(!sieve_passes(&sieve, asker(1), 5000));
	ck_assert(!sieve_passes(&sieve, asker(2), 5000));
	ck_assert(sieve_passes(&sieve, asker(1), 5000));
	ck_assert(!sieve_passes(&sieve, asker(1), 5000));
	ck_assert(sieve_passes(&sieve, asker(2), 5000));
	sieve_fini(&sieve);
	ck_assert(!sieve_passes(&sieve, asker(1), 5000));
	sieve_fini(&sieve);
}
END_TEST

START_TEST(asker_whose_print_would_be_zero_is_not_taken_for_heard)
{
	struct sieve sieve = {0};

	ck_assert(!sieve_passes(&sieve, 7, 1));
	ck_assert(sieve_passes(&sieve, 7, 1));
	sieve_fini(&sieve);
}
END_TEST

START_TEST(sieve_has_room_for_its_askers_and_never_more_than_two_megabytes)
{
	static const struct {
		size_t askers, room;
	} cases[] = {{0, 1024}, {1025, 2048}, {1024 * 1000, 1 << 20}, {SIZE_MAX, 1 << 20}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sieve sieve = {0};

		sieve_passes(&sieve, asker(1), cases[i].askers);
		ck_assert_uint_eq(sieve.mask + 1, cases[i].room);
		sieve_fini(&sieve);
	}
}
END_TEST

START_TEST(askers_are_remembered_through_a_second_of_a_flood_and_the_forged_do_not_pass)
{
	struct sieve sieve = {0};
	unsigned back = 0, forged = 0;

	for (uint32_t i = 0; i < 1000; i++)
		sieve_passes(&sieve, asker(i), 1024 * 1000);
	for (uint32_t i = 0; i < 100000; i++)
		forged += sieve_passes(&sieve, asker(1000000 + i), 1024 * 1000);
	for (uint32_t i = 0; i < 1000; i++)
		back += sieve_passes(&sieve, asker(i), 1024 * 1000);
	ck_assert_uint_gt(back, 850);
	ck_assert_uint_lt(forged, 20);
	sieve_fini(&sieve);
}
END_TEST

/* ── at the door ────────────────────────────────────────────────────────────────────────── */

static enum lns_verdict
ask(struct lac *lac)
{
	struct l2tp_msg msg = lac_sccrq(lac);

	lac->ns = 0;
	return lac_send(lac, &msg, 0);
}

/* Five that never go on: all that may be half-open. */
static void
fill_up(struct rig *rig)
{
	struct lac lac;

	for (uint8_t i = 1; i <= 5; i++) {
		lac_init(&lac, rig, i);
		ck_assert_int_eq(ask(&lac), LNS_TAKEN);
		ck_assert_ptr_nonnull(lac_expect(&lac, MSG_SCCRP));
	}
}

static void
forge(struct rig *rig, uint32_t from, uint32_t count)
{
	struct lac lac;

	for (uint32_t i = from; i < from + count; i++) {
		lac_init(&lac, rig, 200);
		lac.path.peer.port = (uint16_t)i;
		lac.path.peer.ip[1] = (uint8_t)(i >> 16);
		ask(&lac);
		rig_drain(rig);
	}
}

START_TEST(full_table_takes_who_repeats_in_place_of_the_oldest_and_tells_nobody)
{
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	fill_up(&rig);
	lac_init(&lac, &rig, 9);
	ck_assert_int_eq(ask(&lac), LNS_DROPPED);
	rig_expect_nothing(&rig);
	ck_assert_int_eq(ask(&lac), LNS_TAKEN);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LIMIT, BY_SERVER,
		       "made room for a newer one");
	ck_assert_uint_eq(rig.act.path.peer.ip[3], 1);
	ck_assert(!rig.act.was_up);
	lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).half_open, 5);
	ck_assert_uint_eq(rig_count(&rig).dropped_limit, 1);
	lac_send_type(&lac, MSG_SCCCN, 0);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	ck_assert_uint_eq(rig_count(&rig).half_open, 4);
	rig_close(&rig);
}
END_TEST

START_TEST(client_that_repeats_comes_in_through_a_flood)
{
	struct rig rig;
	struct lac lac;
	unsigned asked = 0;

	rig_open(&rig);
	rig.conf.max_half_open = 1000;
	rig.conf.max_tunnels = 2000;
	lns_reconf(rig.lns, &rig.conf);
	forge(&rig, 0, 2000);
	lac_init(&lac, &rig, 9);
	/* a second of 100,000 between two, and a twentieth before SCCCN */
	while (ask(&lac) == LNS_DROPPED && ++asked < 5)
		forge(&rig, 10000 + asked * 100000, 100000);
	ck_assert_uint_ge(asked, 1);
	ck_assert_uint_lt(asked, 5);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LIMIT, BY_SERVER,
		       "made room for a newer one");
	lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	forge(&rig, 900000, 5000);
	ck_assert_int_eq(lac_send_type(&lac, MSG_SCCCN, 0), LNS_TAKEN);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	ck_assert_uint_eq(rig_count(&rig).half_open, 999);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		asker_heard_again_passes_once,
		asker_whose_print_would_be_zero_is_not_taken_for_heard,
		sieve_has_room_for_its_askers_and_never_more_than_two_megabytes,
		askers_are_remembered_through_a_second_of_a_flood_and_the_forged_do_not_pass,
		full_table_takes_who_repeats_in_place_of_the_oldest_and_tells_nobody,
		client_that_repeats_comes_in_through_a_flood,
	};

	return unit_run("sieve", tests, sizeof(tests) / sizeof(tests[0]));
}
