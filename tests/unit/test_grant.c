#include "grant.h"

#include <check.h>
#include <stdlib.h>

START_TEST(copy_of_lists_outlives_the_first)
{
	struct grant from = {.rate_up = 5, .route_count = 1, .allow_count = 1}, to;

	from.routes = calloc(1, sizeof(*from.routes));
	from.allow = calloc(1, sizeof(*from.allow));
	ck_assert_ptr_nonnull(from.routes);
	ck_assert_ptr_nonnull(from.allow);
	from.routes[0].bits = 24;
	from.allow[0].last = 443;
	ck_assert(grant_copy(&to, &from));
	grant_fini(&from);
	ck_assert_uint_eq(from.route_count, 0);
	ck_assert_uint_eq(to.rate_up, 5);
	ck_assert_uint_eq(to.routes[0].bits, 24);
	ck_assert_uint_eq(to.allow[0].last, 443);
	grant_fini(&to);
}
END_TEST

START_TEST(copy_of_nothing_has_no_lists)
{
	struct grant from = {0}, to;

	ck_assert(grant_copy(&to, &from));
	ck_assert_ptr_null(to.routes);
	ck_assert_ptr_null(to.allow);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("grant");
	TCase *tc = tcase_create("grant");

	tcase_add_test(tc, copy_of_lists_outlives_the_first);
	tcase_add_test(tc, copy_of_nothing_has_no_lists);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
