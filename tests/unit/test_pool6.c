/* Shares of an IPv6 prefix: each once, one user's the same, and what is in one. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "pool6.h"

static const struct lns_prefix wide = {.ip = {0xfd, 0, 0, 1}, .family = 6, .bits = 48};
static const struct lns_prefix narrow = {.ip = {0x20, 1, 0x0d, 0xb8}, .family = 6, .bits = 60};
static const struct lns_prefix none = {.family = 0};

START_TEST(wide_prefix_gives_each_of_4096_shares_once)
{
	struct pool6 *pool = pool6_new(&wide);
	bool seen[4096] = {false};
	struct lns_prefix share;
	char user[16];

	ck_assert_uint_eq(pool6_size(pool), 4096);
	for (int i = 0; i < 4096; i++) {
		unsigned number;

		snprintf(user, sizeof(user), "u%d", i);
		ck_assert(pool6_take(pool, user, &share));
		ck_assert_uint_eq(share.bits, 60);
		ck_assert_mem_eq(share.ip, wide.ip, 6);
		number = share.ip[6] << 4 | share.ip[7] >> 4;
		ck_assert(!seen[number]);
		seen[number] = true;
	}
	ck_assert(!pool6_take(pool, "one more", &share));
	pool6_give(pool, &share);
	ck_assert(pool6_take(pool, "one more", &share));
	pool6_free(pool);
}
END_TEST

START_TEST(narrow_prefix_gives_links_and_nothing_to_delegate)
{
	struct pool6 *pool = pool6_new(&narrow);
	struct lns_prefix share;

	for (int i = 0; i < 16; i++) {
		ck_assert(pool6_take(pool, "alice", &share));
		ck_assert_uint_eq(share.bits, 64);
		ck_assert_uint_eq(pool6_delegated(&share).family, 0);
	}
	ck_assert_uint_eq(pool6_used(pool), 16);
	ck_assert(!pool6_take(pool, "alice", &share));
	pool6_free(pool);
}
END_TEST

START_TEST(user_gets_the_same_share_again)
{
	struct pool6 *pool = pool6_new(&wide), *other = pool6_new(&wide);
	struct lns_prefix first, again;

	ck_assert(pool6_take(pool, "alice", &first));
	pool6_give(pool, &first);
	ck_assert(pool6_take(pool, "bob", &again));
	ck_assert(pool6_take(pool, "alice", &again));
	ck_assert_mem_eq(&first, &again, sizeof(first));
	ck_assert(pool6_take(other, "alice", &again));
	ck_assert_mem_eq(&first, &again, sizeof(first));
	pool6_free(pool);
	pool6_free(other);
}
END_TEST

START_TEST(fixed_prefix_keeps_its_shares_from_others)
{
	const struct lns_prefix inside = {.ip = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 8}, 6, 61};
	const struct lns_prefix link = {.ip = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 9}, 6, 64};
	const struct lns_prefix outside = {.ip = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 16}, 6, 64};
	const struct lns_prefix around = {.ip = {0x20, 1, 0x0d, 0xb8}, 6, 32};
	struct pool6 *pool = pool6_new(&narrow);
	struct lns_prefix share;

	ck_assert(pool6_take_fixed(pool, &inside));
	ck_assert_uint_eq(pool6_used(pool), 8);
	ck_assert(!pool6_take_fixed(pool, &link));
	ck_assert(!pool6_take_fixed(pool, &around));
	ck_assert(pool6_take_fixed(pool, &outside));
	ck_assert_uint_eq(pool6_used(pool), 8);
	for (int i = 0; i < 8; i++) {
		ck_assert(pool6_take(pool, "alice", &share));
		ck_assert_uint_lt(share.ip[7], 8);
	}
	ck_assert(!pool6_take(pool, "alice", &share));
	pool6_give(pool, &inside);
	ck_assert(pool6_take_fixed(pool, &link));
	pool6_free(pool);
}
END_TEST

START_TEST(parts_of_a_share_do_not_meet)
{
	const struct lns_prefix share = {.ip = {0xfd, 0, 0, 1, 0, 0, 0, 0x30}, 6, 60};
	struct lns_prefix link = pool6_link(&share), delegated = pool6_delegated(&share);

	ck_assert_uint_eq(link.bits, 64);
	ck_assert_mem_eq(link.ip, share.ip, 16);
	ck_assert_uint_eq(delegated.bits, 61);
	ck_assert_uint_eq(delegated.ip[7], 0x38);
	ck_assert_mem_eq(delegated.ip, share.ip, 7);
}
END_TEST

START_TEST(no_prefix_has_no_share)
{
	struct pool6 *pool = pool6_new(&none);
	struct lns_prefix share;

	ck_assert_uint_eq(pool6_size(pool), 0);
	ck_assert(!pool6_take(pool, "alice", &share));
	ck_assert(pool6_take_fixed(pool, &wide));
	pool6_give(pool, &wide);
	pool6_free(pool);
	pool6_free(NULL);
}
END_TEST

START_TEST(very_short_prefix_has_a_bound)
{
	const struct lns_prefix all = {.ip = {0xfd}, 6, 16};
	struct pool6 *pool = pool6_new(&all);
	struct lns_prefix share;

	ck_assert_uint_eq(pool6_size(pool), POOL6_SHARES_MAX);
	ck_assert(pool6_take(pool, "alice", &share));
	ck_assert(!pool6_take_fixed(pool, &share));
	pool6_free(pool);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pool6");
	TCase *tc = tcase_create("pool6");

	tcase_add_test(tc, wide_prefix_gives_each_of_4096_shares_once);
	tcase_add_test(tc, narrow_prefix_gives_links_and_nothing_to_delegate);
	tcase_add_test(tc, user_gets_the_same_share_again);
	tcase_add_test(tc, fixed_prefix_keeps_its_shares_from_others);
	tcase_add_test(tc, parts_of_a_share_do_not_meet);
	tcase_add_test(tc, no_prefix_has_no_share);
	tcase_add_test(tc, very_short_prefix_has_a_bound);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
