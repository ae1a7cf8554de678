/* Items are found by their hash as long as they are in, whatever else is, and however they collide.
 */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "l2tp/table.h"

#define MANY 5000

struct owner {
	unsigned before;
	struct table_item item;
	bool in;
};

static bool
found(const struct table *table, const struct owner *o)
{
	const struct table_item *item = table_first(table, o->item.hash);

	while (item && item != &o->item)
		item = table_next(item);
	return item != NULL;
}

START_TEST(table_empty_finds_nothing)
{
	struct table table;

	table_init(&table);
	for (uint64_t hash = 0; hash < 100; hash++)
		ck_assert_ptr_null(table_first(&table, hash));
	table_fini(&table);
}
END_TEST

START_TEST(table_owner_is_that_of_its_item)
{
	struct owner o = {0};
	struct table_item *item = &o.item, *none = NULL;

	ck_assert_ptr_eq(TABLE_OWNER(item, struct owner, item), &o);
	ck_assert_ptr_null(TABLE_OWNER(none, struct owner, item));
}
END_TEST

START_TEST(table_grows_with_what_is_in_it)
{
	struct owner *owners = calloc(MANY, sizeof(*owners));
	struct table table;
	size_t longest = 0;

	table_init(&table);
	ck_assert_ptr_eq(table.buckets, table.few);
	for (size_t i = 0; i < MANY; i++) {
		table_add(&table, &owners[i].item, table_mix(4711, i));
		ck_assert_uint_ge(table.mask + 1, table.count);
	}
	for (size_t i = 0; i < MANY; i++) {
		ck_assert_ptr_eq(table_first(&table, table_mix(4711, i)), &owners[i].item);
		ck_assert_ptr_null(table_next(&owners[i].item));
	}
	for (size_t i = 0; i <= table.mask; i++) {
		size_t length = 0;

		for (struct table_item *item = table.buckets[i]; item; item = item->next)
			length++;
		longest = length > longest ? length : longest;
	}
	ck_assert_uint_lt(longest, 12);
	table_fini(&table);
	ck_assert_uint_eq(table.count, 0);
	free(owners);
}
END_TEST

START_TEST(table_gives_equal_hashes_newest_first)
{
	/* and in the same order after it has grown around them */
	struct owner owners[100] = {0};
	const struct table_item *item;
	struct table table;

	table_init(&table);
	for (size_t i = 0; i < 100; i++)
		table_add(&table, &owners[i].item, i % 2 ? 7 : i);
	item = table_first(&table, 7);
	for (size_t i = 100; i > 0; i -= 2, item = table_next(item))
		ck_assert_ptr_eq(item, &owners[i - 1].item);
	ck_assert_ptr_null(item);
	table_fini(&table);
}
END_TEST

START_TEST(table_storm_of_changes_loses_nothing)
{
	struct owner *owners = calloc(MANY, sizeof(*owners));
	struct table table;
	size_t in = 0;

	table_init(&table);
	srand(4711);
	for (int turn = 0; turn < 50000; turn++) {
		size_t i = (size_t)rand() % MANY;

		if (owners[i].in)
			table_remove(&table, &owners[i].item);
		else
			table_add(&table, &owners[i].item, (uint64_t)(i / 3));
		owners[i].in = !owners[i].in;
		in = owners[i].in ? in + 1 : in - 1;
		ck_assert_uint_eq(table.count, in);
		ck_assert_int_eq(found(&table, &owners[i]), owners[i].in);
	}
	for (size_t i = 0; i < MANY; i++)
		ck_assert_int_eq(found(&table, &owners[i]), owners[i].in);
	table_fini(&table);
	free(owners);
}
END_TEST

START_TEST(mix_depends_on_key_and_value)
{
	/* the low bits choose the bucket: they differ with the key, so that nobody can choose */
	unsigned same = 0;

	for (uint64_t i = 0; i < 1024; i++) {
		ck_assert_uint_ne(table_mix(1, i), table_mix(1, i + 1));
		same += (table_mix(1, i) & 1023) == (table_mix(2, i) & 1023);
	}
	ck_assert_uint_lt(same, 16);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("table");
	TCase *t = tcase_create("table");
	SRunner *sr;
	int failed;

	tcase_add_test(t, table_empty_finds_nothing);
	tcase_add_test(t, table_owner_is_that_of_its_item);
	tcase_add_test(t, table_grows_with_what_is_in_it);
	tcase_add_test(t, table_gives_equal_hashes_newest_first);
	tcase_add_test(t, table_storm_of_changes_loses_nothing);
	tcase_add_test(t, mix_depends_on_key_and_value);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
