/* Who is shut out: counting within ten minutes, bounds, order, and the file between two lives. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bans.h"
#include "keeper/ban_file.h"

#define NOW 1795262400

static struct bans *bans;
static char path[64], dir[32];

static void
begin(void)
{
	bans = bans_new();
	ck_assert_ptr_nonnull(bans);
	strcpy(dir, "/tmp/lnsd-bans-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/bans", dir);
}

static void
end(void)
{
	bans_free(bans);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static struct lns_addr
ip4(uint32_t n)
{
	return (struct lns_addr){.family = 4,
				 .ip = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n},
				 .port = (uint16_t)n};
}

static struct lns_addr
ip6(uint8_t net, uint8_t host)
{
	return (struct lns_addr){
		.family = 6, .ip = {0x20, 1, 0xd, 0xb8, [7] = net, [15] = host}, .port = 500};
}

static bool
fails(uint32_t n, int64_t at)
{
	const struct lns_addr addr = ip4(n);

	return bans_failure(bans, &addr, 3, NOW + at);
}

static bool
put(const struct lns_addr *addr, int64_t until, struct ban *evicted)
{
	const struct ban ban = {
		.source = ban_source(addr), .reason = BAN_PSK, .since = NOW, .until = NOW + until};

	return bans_put(bans, &ban, evicted);
}

START_TEST(failure_is_the_last_straw_within_ten_minutes_only)
{
	ck_assert(!fails(1, 0));
	ck_assert(!fails(1, 10));
	/* another one's do not count */
	ck_assert(!fails(2, 11));
	ck_assert(fails(1, 599));
	/* it begins anew */
	ck_assert(!fails(1, 600));
	ck_assert(!fails(1, 601));
	/* ten minutes after the first of them the third is the second */
	ck_assert(!fails(1, 1200));
	ck_assert(fails(1, 1200));
}
END_TEST

START_TEST(failure_with_a_clock_set_back_counts_anew)
{
	ck_assert(!fails(1, 5000));
	ck_assert(!fails(1, 5000));
	ck_assert(!fails(1, 0));
	ck_assert(!fails(1, 1));
	ck_assert(fails(1, 2));
}
END_TEST

START_TEST(failure_never_bans_when_it_is_off_and_has_a_bound)
{
	const struct lns_addr addr = ip4(1);

	for (int i = 0; i < 100; i++)
		ck_assert(!bans_failure(bans, &addr, 0, NOW));
	for (int i = 1; i < BANS_AFTER_MAX; i++)
		ck_assert(!bans_failure(bans, &addr, 1000, NOW));
	ck_assert(bans_failure(bans, &addr, 1000, NOW));
	ck_assert(bans_failure(bans, &addr, 1, NOW));
}
END_TEST

START_TEST(failures_of_many_forget_who_was_silent_for_longest)
{
	ck_assert(!fails(0, 0));
	ck_assert(!fails(1, 1));
	ck_assert(!fails(0, 2));
	for (uint32_t i = 2; i < BANS_SOURCES_MAX + 1; i++)
		ck_assert(!fails(i, 3));
	/* 1 was forgotten, 0 was not */
	ck_assert(fails(0, 4));
	ck_assert(!fails(1, 4));
	ck_assert(!fails(1, 4));
	ck_assert(fails(1, 4));
}
END_TEST

START_TEST(source_is_an_ipv4_address_or_an_ipv6_64)
{
	struct lns_addr a = ip6(1, 1), b = ip6(1, 2), c = ip6(2, 1), d = ip4(5);
	struct ban evicted;

	a.scope = 3;
	ck_assert(!put(&a, 60, &evicted));
	ck_assert_ptr_nonnull(bans_find(bans, &b));
	ck_assert_ptr_null(bans_find(bans, &c));
	ck_assert(!put(&d, 60, &evicted));
	d.port++;
	ck_assert_ptr_nonnull(bans_find(bans, &d));
	d.ip[3]++;
	ck_assert_ptr_null(bans_find(bans, &d));
	ck_assert(bans_remove(bans, &b));
	ck_assert(!bans_remove(bans, &a));
}
END_TEST

START_TEST(ban_of_the_same_replaces_and_a_full_table_drops_the_first_to_end)
{
	struct ban evicted;

	for (uint32_t i = 0; i < BANS_MAX; i++) {
		/* in no order */
		const struct lns_addr addr = ip4(i * 2053 % BANS_MAX);

		ck_assert(!put(&addr, i == 77 ? 5 : 100 + i, &evicted));
	}
	const struct lns_addr soon = ip4(77 * 2053 % BANS_MAX), other = ip4(0xffffff);

	ck_assert_int_eq(bans_next(bans), NOW + 5);
	ck_assert(!put(&soon, 6, &evicted));
	ck_assert_int_eq(bans_next(bans), NOW + 6);
	ck_assert(put(&other, 100, &evicted));
	ck_assert_mem_eq(evicted.source.ip, soon.ip, 16);
	ck_assert_ptr_null(bans_find(bans, &soon));
	ck_assert_ptr_nonnull(bans_find(bans, &other));
	for (size_t i = 1; i < BANS_MAX; i++)
		ck_assert_int_lt(
			memcmp(bans_at(bans, i - 1)->source.ip, bans_at(bans, i)->source.ip, 16),
			0);
	ck_assert_ptr_null(bans_at(bans, BANS_MAX));
	ck_assert_uint_eq(bans_count(bans), BANS_MAX);
}
END_TEST

START_TEST(bans_expire_in_time_and_order)
{
	const struct lns_addr a = ip4(1), b = ip4(2);
	struct ban ended;

	put(&a, 20, &ended);
	put(&b, 10, &ended);
	ck_assert(!bans_expire(bans, NOW + 9, &ended));
	ck_assert(bans_expire(bans, NOW + 20, &ended));
	ck_assert_int_eq(ended.until, NOW + 10);
	ck_assert(bans_expire(bans, NOW + 20, &ended));
	ck_assert_int_eq(ended.until, NOW + 20);
	ck_assert(!bans_expire(bans, INT64_MAX, &ended));
	ck_assert_int_eq(bans_next(bans), INT64_MAX);
}
END_TEST

START_TEST(exempt_is_who_is_in_a_prefix)
{
	static const struct lns_prefix list[] = {
		{.family = 4, .ip = {10, 0, 0}, .bits = 23},
		{.family = 6, .ip = {0x20, 1, 0xd, 0xb8, [7] = 1}, .bits = 64},
		{.family = 4, .ip = {192, 0, 2, 1}, .bits = 32},
	};
	struct lns_addr in4 = ip4(0x1ff), out4 = ip4(0x200), in6 = ip6(1, 9), out6 = ip6(2, 9);
	static const struct lns_prefix all = {.family = 4};

	ck_assert(ban_exempt(&in4, list, 3));
	ck_assert(!ban_exempt(&out4, list, 3));
	ck_assert(ban_exempt(&in6, list, 3));
	ck_assert(!ban_exempt(&out6, list, 3));
	ck_assert(ban_exempt(&out4, &all, 1));
	ck_assert(!ban_exempt(&out6, &all, 1));
	ck_assert(!ban_exempt(&in4, list, 0));
}
END_TEST

START_TEST(reasons_have_names_both_ways)
{
	for (unsigned i = 0; i < BAN_REASONS; i++)
		ck_assert_int_eq(ban_reason_find(ban_reason_name(i)), i);
	ck_assert_str_eq(ban_reason_name(BAN_REASONS), "unknown");
	ck_assert_int_eq(ban_reason_find("none"), BAN_REASONS);
}
END_TEST

START_TEST(file_gives_back_what_still_holds)
{
	const struct lns_addr a = ip4(1), b = ip4(2), c = ip6(1, 7);
	struct ban evicted;
	struct stat st;

	put(&a, 100, &evicted);
	put(&b, 10, &evicted);
	put(&c, 1000, &evicted);
	ck_assert_int_eq(ban_file_write(path, getegid(), bans), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
	bans_free(bans);
	bans = bans_new();
	ck_assert_int_eq(ban_file_read(path, bans, NOW + 50), 0);
	ck_assert_ptr_null(bans_find(bans, &b));
	ck_assert_ptr_nonnull(bans_find(bans, &c));
	ck_assert_int_eq(bans_find(bans, &a)->until, NOW + 100);
	ck_assert_int_eq(bans_find(bans, &a)->reason, BAN_PSK);
	/* the clock was set back: it lasts no longer than it was meant to */
	bans_free(bans);
	bans = bans_new();
	ck_assert_int_eq(ban_file_read(path, bans, NOW - 5000), 0);
	ck_assert_int_eq(bans_find(bans, &a)->since, NOW - 5000);
	ck_assert_int_eq(bans_find(bans, &a)->until, NOW - 4900);
}
END_TEST

START_TEST(file_of_nonsense_is_passed_over)
{
	FILE *file = fopen(path, "we");
	const struct lns_addr good = ip4(1);

	ck_assert_ptr_nonnull(file);
	fputs("\nx\n10.0.0.9 wrong-psk 1 9999999999 more\n10.0.0.300 wrong-psk 1 9999999999\n"
	      "10.0.0.8 bored 1 9999999999\n10.0.0.7 wrong-psk 9 8\n10.0.0.6 wrong-psk -9 "
	      "9999999999\n"
	      "10.0.0.1 wrong-psk 1795262400 9999999999\n10.0.0.5 wrong-psk 1 99",
	      file);
	fclose(file);
	ck_assert_int_eq(ban_file_read(path, bans, NOW), 0);
	ck_assert_ptr_nonnull(bans_find(bans, &good));
	ck_assert_ptr_null(bans_at(bans, 1));
	unlink(path);
	ck_assert_int_eq(ban_file_read(path, bans, NOW), 0);
	ck_assert_int_lt(ban_file_write("/proc/no/bans", getegid(), bans), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("bans");
	TCase *tc = tcase_create("bans");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, failure_is_the_last_straw_within_ten_minutes_only);
	tcase_add_test(tc, failure_with_a_clock_set_back_counts_anew);
	tcase_add_test(tc, failure_never_bans_when_it_is_off_and_has_a_bound);
	tcase_add_test(tc, failures_of_many_forget_who_was_silent_for_longest);
	tcase_add_test(tc, source_is_an_ipv4_address_or_an_ipv6_64);
	tcase_add_test(tc, ban_of_the_same_replaces_and_a_full_table_drops_the_first_to_end);
	tcase_add_test(tc, bans_expire_in_time_and_order);
	tcase_add_test(tc, exempt_is_who_is_in_a_prefix);
	tcase_add_test(tc, reasons_have_names_both_ways);
	tcase_add_test(tc, file_gives_back_what_still_holds);
	tcase_add_test(tc, file_of_nonsense_is_passed_over);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
