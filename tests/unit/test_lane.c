/* Which way a session's data take, and why. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lane.h"

static void
check_choice(const struct lane_facts *facts, enum lane lane, enum lane_reason reason)
{
	struct lane_choice choice = lane_choose(facts);

	ck_assert_int_eq(choice.lane, lane);
	ck_assert_int_eq(choice.reason, reason);
}

START_TEST(choose_without_a_hindrance_is_the_kernel)
{
	struct lane_facts facts = {0};

	check_choice(&facts, LANE_KERNEL, LANE_LOADED);
	facts.kernel = true;
	check_choice(&facts, LANE_KERNEL, LANE_WANTED);
}
END_TEST

START_TEST(choose_with_any_hindrance_is_the_pty)
{
	check_choice(&(struct lane_facts){.pty = true}, LANE_PTY, LANE_CONFIGURED);
	check_choice(&(struct lane_facts){.no_l2tp = true}, LANE_PTY, LANE_NO_L2TP);
	check_choice(&(struct lane_facts){.no_marks = true}, LANE_PTY, LANE_NO_MARKS);
	check_choice(&(struct lane_facts){.inside = true}, LANE_PTY, LANE_INSIDE);
	check_choice(&(struct lane_facts){.sequencing = true}, LANE_PTY, LANE_SEQUENCING);
	check_choice(&(struct lane_facts){.dscp = true}, LANE_PTY, LANE_DSCP);
	check_choice(&(struct lane_facts){.proxied = true}, LANE_PTY, LANE_PROXIED);
	check_choice(&(struct lane_facts){.shared = true}, LANE_PTY, LANE_SHARED);
	check_choice(&(struct lane_facts){.full = true}, LANE_PTY, LANE_FULL);
}
END_TEST

START_TEST(choose_with_several_hindrances_names_what_an_administrator_can_change_first)
{
	struct lane_facts facts = {.kernel = true, .no_l2tp = true, .shared = true};

	check_choice(&facts, LANE_PTY, LANE_NO_L2TP);
	facts.pty = true;
	check_choice(&facts, LANE_PTY, LANE_CONFIGURED);
}
END_TEST

START_TEST(text_of_each_reason_is_there)
{
	char text[160];

	for (int reason = 0; reason < LANE_REASONS; reason++) {
		lane_text(text, sizeof(text), (enum lane_reason)reason, "no room");
		ck_assert_uint_gt(strlen(text), 5);
		ck_assert_uint_lt(strlen(text), sizeof(text) - 1);
	}
	ck_assert_str_eq(lane_text(text, sizeof(text), LANE_ERROR, "no room"),
			 "the kernel refused: no room");
	ck_assert_str_eq(lane_text(text, sizeof(text), LANE_LOADED, ""), "kernel L2TP is loaded");
	ck_assert_str_eq(lane_text(text, sizeof(text), LANE_REASONS, ""), "");
	ck_assert_str_eq(lane_name(LANE_PTY), "pty");
	ck_assert_str_eq(lane_name(LANE_KERNEL), "kernel");
}
END_TEST

START_TEST(found_by_ids_is_so_from_6_11_on)
{
	static const struct {
		const char *release;
		bool yes;
	} rows[] = {
		{"6.11.0", true},
		{"6.11-rc1", true},
		{"6.12.38+deb13-amd64", true},
		{"7.0", true},
		{"10.2.1", true},
		{"6.10.99", false},
		{"6.1.0-37-amd64", false},
		{"6.1.176", false},
		{"5.19", false},
		{"6", false},
		{"", false},
		{"x.y", false},
		{"7", true},
		{".12", false},
		{"6.99999999999999", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(lane_found_by_ids(rows[i].release) == rows[i].yes, "%s",
			      rows[i].release);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("lane");
	TCase *tc = tcase_create("lane");

	tcase_add_test(tc, choose_without_a_hindrance_is_the_kernel);
	tcase_add_test(tc, choose_with_any_hindrance_is_the_pty);
	tcase_add_test(tc,
		       choose_with_several_hindrances_names_what_an_administrator_can_change_first);
	tcase_add_test(tc, text_of_each_reason_is_there);
	tcase_add_test(tc, found_by_ids_is_so_from_6_11_on);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
