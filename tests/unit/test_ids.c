/* Every id once before any comes again; another seed, another order. */
#include <stdlib.h>

#include "l2tp/ids.h"
#include "lns_fixture.h"
#include "unit.h"

static void
fill(void *ctx, void *out, size_t len)
{
	uint64_t *state = ctx;
	uint8_t *bytes = out;

	while (len--) {
		*state = *state * UINT64_C(6364136223846793005) + 1;
		*bytes++ = (uint8_t)(*state >> 56);
	}
}

START_TEST(ids_walked_through_give_each_once_and_never_zero)
{
	uint8_t *seen = calloc(1, IDS_COUNT + 1);
	uint64_t seed = 4711;
	uint16_t first;
	struct ids ids;

	ck_assert_ptr_nonnull(seen);
	ids_init(&ids, fill, &seed);
	first = ids_next(&ids);
	seen[first]++;
	for (unsigned i = 1; i < IDS_COUNT; i++)
		seen[ids_next(&ids)]++;
	ck_assert_uint_eq(seen[0], 0);
	for (unsigned id = 1; id <= IDS_COUNT; id++)
		ck_assert_uint_eq(seen[id], 1);
	ck_assert_uint_eq(ids_next(&ids), first);
	free(seen);
}
END_TEST

START_TEST(ids_of_another_seed_come_in_another_order)
{
	uint64_t seeds[] = {1, 2};
	struct ids one, other;
	unsigned same = 0;

	ids_init(&one, fill, &seeds[0]);
	ids_init(&other, fill, &seeds[1]);
	for (unsigned i = 0; i < 1000; i++)
		same += ids_next(&one) == ids_next(&other);
	ck_assert_uint_lt(same, 10);
}
END_TEST

/* The peer has not acknowledged the CDN of any of them: it may still send to the old ids. */
START_TEST(session_id_of_an_ended_session_is_not_given_to_the_next_ones)
{
	uint8_t used[65536] = {0};
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	for (unsigned i = 0; i < 2000; i++) {
		struct lns_ref ref = lac_call(&lac, (uint16_t)(i + 1));

		ck_assert_uint_eq(used[ref.sid], 0);
		used[ref.sid] = 1;
		lns_close(rig.lns, rig.now, ref, CAUSE_ADMIN, BY_ADMIN, NULL);
		rig_expect(&rig, LNS_ACT_PPP_STOP);
		lac_expect_cdn(&lac, (uint16_t)(i + 1), CDN_ADMIN, 0);
		rig_drain(&rig);
		lac_zlb(&lac);
	}
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		ids_walked_through_give_each_once_and_never_zero,
		ids_of_another_seed_come_in_another_order,
		session_id_of_an_ended_session_is_not_given_to_the_next_ones,
	};

	return unit_run("ids", tests, sizeof(tests) / sizeof(tests[0]));
}
