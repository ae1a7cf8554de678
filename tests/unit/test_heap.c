/* Deadlines come out in order, whatever is put in, moved and taken out. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "heap.h"

#define MANY 500

/* The invariants: each parent before its children, each item knows its place, and none is late. */
static void
check_order(const struct heap *h)
{
	size_t wrong = 0;

	for (size_t i = 0; i < h->count; i++) {
		wrong += h->slots[i].item->place != i + 1 ||
			 h->slots[i].item->when < h->slots[i].when;
		wrong += h->slots[(i - (i > 0)) / 4].when > h->slots[i].when;
	}
	ck_assert_uint_eq(wrong, 0);
}

/* The first is the earliest of all. */
static void
check_first(struct heap *h)
{
	const struct heap_item *first = heap_first(h);
	size_t earlier = 0;

	check_order(h);
	for (size_t i = 0; i < h->count; i++)
		earlier += h->slots[i].item->when < first->when;
	ck_assert_uint_eq(earlier, 0);
}

START_TEST(heap_empty_has_no_first)
{
	struct heap h = {0};
	struct heap_item item = {0};

	ck_assert_ptr_null(heap_first(&h));
	heap_remove(&h, &item);
	ck_assert(heap_set(&h, &item, MSTIME_NEVER));
	ck_assert_ptr_null(heap_first(&h));
	heap_fini(&h);
}
END_TEST

START_TEST(heap_items_come_out_in_order)
{
	struct heap h = {0};
	struct heap_item items[MANY] = {0};
	mstime_t last = INT64_MIN;

	for (size_t i = 0; i < MANY; i++) {
		ck_assert(heap_set(&h, &items[i], (mstime_t)(i * 7919 % 251) - 100));
		check_order(&h);
	}
	for (size_t i = 0; i < MANY; i++) {
		struct heap_item *first = heap_first(&h);

		ck_assert_int_ge(first->when, last);
		last = first->when;
		heap_remove(&h, first);
		ck_assert_uint_eq(first->place, 0);
		check_order(&h);
	}
	ck_assert_ptr_null(heap_first(&h));
	heap_fini(&h);
}
END_TEST

START_TEST(heap_set_again_moves_both_ways)
{
	struct heap h = {0};
	struct heap_item a = {0}, b = {0}, c = {0};

	heap_set(&h, &a, 10);
	heap_set(&h, &b, 20);
	heap_set(&h, &c, 30);
	heap_set(&h, &c, 5);
	ck_assert_ptr_eq(heap_first(&h), &c);
	heap_set(&h, &c, 15);
	ck_assert_ptr_eq(heap_first(&h), &a);
	heap_set(&h, &a, MSTIME_NEVER);
	ck_assert_ptr_eq(heap_first(&h), &c);
	ck_assert_uint_eq(h.count, 2);
	ck_assert_uint_eq(a.place, 0);
	heap_fini(&h);
}
END_TEST

START_TEST(heap_put_off_costs_nothing_until_it_would_have_come)
{
	struct heap h = {0};
	struct heap_item items[MANY] = {0};

	for (size_t i = 0; i < MANY; i++)
		heap_set(&h, &items[i], (mstime_t)i);
	for (size_t i = 1; i < MANY; i++) {
		heap_set(&h, &items[i], (mstime_t)(2 * MANY - i));
		ck_assert_uint_eq(items[i].place, i + 1);
	}
	ck_assert_ptr_eq(heap_first(&h), &items[0]);
	heap_set(&h, &items[9], 10);
	ck_assert_uint_eq(items[9].place, 10);
	heap_remove(&h, &items[0]);
	ck_assert_ptr_eq(heap_first(&h), &items[9]);
	heap_remove(&h, &items[9]);
	for (size_t i = MANY - 1; i > 0; i--) {
		if (i == 9)
			continue;
		ck_assert_ptr_eq(heap_first(&h), &items[i]);
		check_order(&h);
		heap_remove(&h, &items[i]);
	}
	heap_fini(&h);
}
END_TEST

START_TEST(heap_remove_from_anywhere_keeps_order)
{
	for (size_t out = 0; out < 40; out++) {
		struct heap h = {0};
		struct heap_item items[40] = {0};

		for (size_t i = 0; i < 40; i++)
			heap_set(&h, &items[i], (mstime_t)(i * 31 % 17));
		heap_remove(&h, &items[out]);
		heap_remove(&h, &items[out]);
		ck_assert_uint_eq(h.count, 39);
		check_order(&h);
		heap_fini(&h);
	}
}
END_TEST

START_TEST(heap_reserve_makes_set_certain)
{
	struct heap h = {0};
	struct heap_item items[100] = {0};

	ck_assert(heap_reserve(&h, 100));
	ck_assert_uint_ge(h.room, 100);
	ck_assert(heap_reserve(&h, 10));
	ck_assert_uint_ge(h.room, 100);
	struct heap_slot *place = h.slots;
	for (size_t i = 0; i < 100; i++)
		ck_assert(heap_set(&h, &items[i], 1));
	ck_assert_ptr_eq(h.slots, place);
	ck_assert(!heap_reserve(&h, SIZE_MAX));
	ck_assert_uint_eq(h.count, 100);
	heap_fini(&h);
}
END_TEST

START_TEST(heap_reserve_one_more_each_time_moves_it_seldom)
{
	struct heap h = {0};
	unsigned moved = 0;

	for (size_t count = 1; count <= 100000; count++) {
		size_t room = h.room;

		ck_assert(heap_reserve(&h, count));
		ck_assert_uint_ge(h.room, count);
		moved += h.room != room;
	}
	ck_assert_uint_lt(moved, 16);
	heap_fini(&h);
}
END_TEST

START_TEST(heap_fini_lets_items_go)
{
	struct heap h = {0};
	struct heap_item item = {0};

	heap_set(&h, &item, 1);
	heap_fini(&h);
	ck_assert_uint_eq(item.place, 0);
	ck_assert(heap_set(&h, &item, 2));
	ck_assert_ptr_eq(heap_first(&h), &item);
	heap_fini(&h);
}
END_TEST

START_TEST(heap_storm_of_changes_keeps_order)
{
	struct heap h = {0};
	struct heap_item items[MANY] = {0};
	int failed = 0;

	srand(4711);
	for (int turn = 0; turn < 20000; turn++) {
		struct heap_item *item = &items[rand() % MANY];

		if (rand() % 4 == 0)
			heap_remove(&h, item);
		else
			failed += !heap_set(&h, item, rand() % 1000);
		if (turn % 50 == 0)
			check_first(&h);
	}
	check_first(&h);
	ck_assert_int_eq(failed, 0);
	heap_fini(&h);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("heap");
	TCase *tc = tcase_create("heap");

	tcase_add_test(tc, heap_empty_has_no_first);
	tcase_add_test(tc, heap_items_come_out_in_order);
	tcase_add_test(tc, heap_set_again_moves_both_ways);
	tcase_add_test(tc, heap_put_off_costs_nothing_until_it_would_have_come);
	tcase_add_test(tc, heap_remove_from_anywhere_keeps_order);
	tcase_add_test(tc, heap_reserve_makes_set_certain);
	tcase_add_test(tc, heap_reserve_one_more_each_time_moves_it_seldom);
	tcase_add_test(tc, heap_fini_lets_items_go);
	tcase_add_test(tc, heap_storm_of_changes_keeps_order);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
