/* The address pool: every address out once, given back once, reserved ones for their users alone.
 */
#include <check.h>
#include <stdlib.h>

#include "pool.h"

#define IP(a, b, c, d)                                                                             \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct conf_range two[] = {{IP(10, 0, 0, 10), IP(10, 0, 0, 12)},
					{IP(10, 0, 1, 1), IP(10, 0, 1, 2)}};

START_TEST(take_gives_each_address_once_then_none)
{
	struct pool *pool = pool_new(two, 2, IP(10, 0, 0, 1));
	uint32_t expected[] = {IP(10, 0, 0, 10), IP(10, 0, 0, 11), IP(10, 0, 0, 12),
			       IP(10, 0, 1, 1),	 IP(10, 0, 1, 2),  0};

	ck_assert_uint_eq(pool_size(pool), 5);
	for (size_t i = 0; i < 6; i++)
		ck_assert_uint_eq(pool_take(pool, NULL, 0), expected[i]);
	ck_assert_uint_eq(pool_used(pool), 5);
	pool_free(pool);
}
END_TEST

START_TEST(take_address_given_back_comes_last)
{
	struct pool *pool = pool_new(two, 2, IP(10, 0, 0, 1));
	uint32_t first = pool_take(pool, NULL, 0);

	pool_give(pool, first);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_ne(pool_take(pool, NULL, 0), first);
	ck_assert_uint_eq(pool_take(pool, NULL, 0), first);
	ck_assert_uint_eq(pool_take(pool, NULL, 0), 0);
	pool_free(pool);
}
END_TEST

START_TEST(take_never_gives_gateway_or_reserved)
{
	struct pool *pool = pool_new(two, 2, IP(10, 0, 0, 10));

	ck_assert(pool_reserve(pool, IP(10, 0, 1, 1)));
	ck_assert(pool_reserve(pool, IP(10, 0, 1, 1)));
	ck_assert_uint_eq(pool_size(pool), 3);
	ck_assert_uint_eq(pool_take(pool, NULL, 0), IP(10, 0, 0, 11));
	ck_assert_uint_eq(pool_take(pool, NULL, 0), IP(10, 0, 0, 12));
	ck_assert_uint_eq(pool_take(pool, NULL, 0), IP(10, 0, 1, 2));
	ck_assert_uint_eq(pool_take(pool, NULL, 0), 0);
	ck_assert(!pool_take_fixed(pool, IP(10, 0, 0, 10)));
	ck_assert(pool_take_fixed(pool, IP(10, 0, 1, 1)));
	ck_assert(!pool_take_fixed(pool, IP(10, 0, 1, 1)));
	pool_free(pool);
}
END_TEST

START_TEST(fixed_inside_without_reservation_leaves_the_pool)
{
	struct pool *pool = pool_new(&two[1], 1, 0);

	ck_assert(pool_take_fixed(pool, IP(10, 0, 1, 1)));
	ck_assert_uint_eq(pool_take(pool, NULL, 0), IP(10, 0, 1, 2));
	ck_assert_uint_eq(pool_take(pool, NULL, 0), 0);
	pool_give(pool, IP(10, 0, 1, 1));
	ck_assert_uint_eq(pool_take(pool, NULL, 0), IP(10, 0, 1, 1));
	pool_free(pool);
}
END_TEST

START_TEST(fixed_outside_is_out_once)
{
	struct pool *pool = pool_new(&two[1], 1, 0);

	for (uint32_t i = 40; i > 0; i--)
		ck_assert(pool_reserve(pool, IP(192, 168, 0, i)));
	for (uint32_t i = 1; i <= 40; i++) {
		ck_assert(pool_take_fixed(pool, IP(192, 168, 0, i)));
		ck_assert(!pool_take_fixed(pool, IP(192, 168, 0, i)));
	}
	ck_assert_uint_eq(pool_used(pool), 40);
	ck_assert_uint_eq(pool_size(pool), 2);
	pool_give(pool, IP(192, 168, 0, 7));
	ck_assert(pool_take_fixed(pool, IP(192, 168, 0, 7)));
	ck_assert(pool_take_fixed(pool, IP(192, 168, 9, 9)));
	pool_free(pool);
}
END_TEST

START_TEST(give_of_what_is_not_out_is_ignored)
{
	struct pool *pool = pool_new(&two[1], 1, 0);
	uint32_t address = pool_take(pool, NULL, 0);

	pool_give(pool, address);
	pool_give(pool, address);
	pool_give(pool, IP(1, 2, 3, 4));
	pool_give(pool, 0);
	ck_assert_uint_eq(pool_used(pool), 0);
	ck_assert_uint_ne(pool_take(pool, NULL, 0), 0);
	ck_assert_uint_ne(pool_take(pool, NULL, 0), 0);
	ck_assert_uint_eq(pool_take(pool, NULL, 0), 0);
	pool_free(pool);
}
END_TEST

START_TEST(reserve_of_an_address_in_use_holds_after_it_is_back)
{
	struct pool *pool = pool_new(&two[1], 1, 0);
	uint32_t address = pool_take(pool, NULL, 0);

	ck_assert(pool_reserve(pool, address));
	pool_give(pool, address);
	ck_assert_uint_ne(pool_take(pool, NULL, 0), address);
	ck_assert_uint_eq(pool_take(pool, NULL, 0), 0);
	ck_assert(pool_take_fixed(pool, address));
	pool_free(pool);
}
END_TEST

START_TEST(empty_pool_has_nothing)
{
	struct pool *pool = pool_new(NULL, 0, IP(10, 0, 0, 1));

	ck_assert_uint_eq(pool_size(pool), 0);
	ck_assert_uint_eq(pool_take(pool, NULL, 0), 0);
	ck_assert(pool_take_fixed(pool, IP(10, 0, 0, 2)));
	pool_free(pool);
	pool_free(NULL);
}
END_TEST

START_TEST(storm_of_takes_and_gives_never_doubles)
{
	struct conf_range range = {IP(10, 1, 0, 0), IP(10, 1, 0, 63)};
	struct pool *pool = pool_new(&range, 1, IP(10, 1, 0, 1));
	bool out[64] = {false};
	size_t used = 0;
	uint32_t seed = 4711;

	for (int i = 0; i < 20000; i++) {
		seed = seed * 1664525 + 1013904223;
		uint32_t pick = seed >> 20 & 63;

		if (seed >> 31) {
			uint32_t address = pool_take(pool, NULL, 0);

			ck_assert(address != 0 || used == 63);
			if (address) {
				ck_assert(!out[address & 63]);
				out[address & 63] = true;
				used++;
			}
		} else if (out[pick]) {
			pool_give(pool, range.first + pick);
			out[pick] = false;
			used--;
		}
		ck_assert_uint_eq(pool_used(pool), used);
	}
	pool_free(pool);
}
END_TEST

START_TEST(take_grants_the_first_wish_that_is_free)
{
	struct pool *pool = pool_new(two, 2, IP(10, 0, 0, 10));
	const uint32_t wishes[] = {IP(192, 168, 0, 1), IP(10, 0, 0, 10), IP(10, 0, 0, 12),
				   IP(10, 0, 1, 2)};

	ck_assert(pool_reserve(pool, IP(10, 0, 0, 12)));
	ck_assert_uint_eq(pool_take(pool, wishes, 4), IP(10, 0, 1, 2));
	ck_assert_uint_eq(pool_take(pool, wishes, 4), IP(10, 0, 0, 11));
	pool_give(pool, IP(10, 0, 1, 2));
	ck_assert_uint_eq(pool_take(pool, wishes, 4), IP(10, 0, 1, 2));
	pool_free(pool);
}
END_TEST

START_TEST(exhausted_until_one_is_back)
{
	struct pool *pool = pool_new(&two[1], 1, 0);

	ck_assert(pool_reserve(pool, IP(10, 0, 1, 2)));
	ck_assert(pool_reserved(pool, IP(10, 0, 1, 2)));
	ck_assert(!pool_reserved(pool, IP(10, 0, 1, 1)));
	ck_assert(!pool_exhausted(pool));
	ck_assert(pool_take(pool, NULL, 0));
	ck_assert(pool_exhausted(pool));
	ck_assert(pool_take_fixed(pool, IP(10, 0, 1, 2)));
	pool_give(pool, IP(10, 0, 1, 2));
	ck_assert(pool_exhausted(pool));
	pool_give(pool, IP(10, 0, 1, 1));
	ck_assert(!pool_exhausted(pool));
	pool_free(pool);
}
END_TEST

/* Any order of coming and going leaves no hole in which an address is not found. */
START_TEST(fixed_outside_by_the_thousand_come_and_go)
{
	struct pool *pool = pool_new(&two[1], 1, 0);

	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 5000; i++)
			ck_assert(pool_take_fixed(pool, IP(192, 168, 0, 0) + i * 7));
		for (uint32_t i = 0; i < 5000; i += 2)
			pool_give(pool, IP(192, 168, 0, 0) + i * 7);
		for (uint32_t i = 1; i < 5000; i += 2)
			ck_assert(!pool_take_fixed(pool, IP(192, 168, 0, 0) + i * 7));
		for (uint32_t i = 5001; i-- > 0;)
			pool_give(pool, IP(192, 168, 0, 0) + i * 7);
		ck_assert_uint_eq(pool_used(pool), 0);
	}
	pool_free(pool);
}
END_TEST

/* A /8 that is full but for a place at its end: seconds, if each take walked through it. */
START_TEST(large_pool_finds_the_last_free_address)
{
	struct conf_range range = {IP(10, 0, 0, 1), IP(10, 255, 255, 254)};
	struct pool *pool = pool_new(&range, 1, IP(10, 0, 0, 1));
	size_t size = pool_size(pool);

	ck_assert_uint_gt(size, 0);
	for (size_t i = 0; i < size; i++)
		pool_take(pool, NULL, 0);
	ck_assert_uint_eq(pool_used(pool), size);
	ck_assert_uint_eq(pool_take(pool, NULL, 0), 0);
	for (uint32_t i = 0; i < 100000; i++) {
		uint32_t address = IP(10, 0, 0, 2) + i * 167u % (uint32_t)size;

		pool_give(pool, address);
		ck_assert_uint_eq(pool_take(pool, NULL, 0), address);
	}
	pool_free(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pool");
	TCase *tc = tcase_create("pool");

	tcase_add_test(tc, take_gives_each_address_once_then_none);
	tcase_add_test(tc, take_address_given_back_comes_last);
	tcase_add_test(tc, take_never_gives_gateway_or_reserved);
	tcase_add_test(tc, fixed_inside_without_reservation_leaves_the_pool);
	tcase_add_test(tc, fixed_outside_is_out_once);
	tcase_add_test(tc, give_of_what_is_not_out_is_ignored);
	tcase_add_test(tc, reserve_of_an_address_in_use_holds_after_it_is_back);
	tcase_add_test(tc, empty_pool_has_nothing);
	tcase_add_test(tc, storm_of_takes_and_gives_never_doubles);
	tcase_add_test(tc, take_grants_the_first_wish_that_is_free);
	tcase_add_test(tc, exhausted_until_one_is_back);
	tcase_add_test(tc, fixed_outside_by_the_thousand_come_and_go);
	tcase_add_test(tc, large_pool_finds_the_last_free_address);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
