/* lnsctl history: what it reads, picks and shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lnsctl/since.h"
#include "lnsctl_fixture.h"
#include "unit.h"

#define ENTRY(id, user, address, end, refused, cause)                                              \
	"{\"id\":\"" id "\",\"user\":\"" user "\",\"address\":" address                            \
	",\"peer\":\"192.0.2.7\",\"client\":\"windows\",\"start\":\"2026-11-20T10:00:00Z\","       \
	"\"end\":\"" end                                                                           \
	"\",\"duration_s\":65,\"rx_bytes\":1500,\"tx_bytes\":2,\"refused\":" refused               \
	",\"cause\":\"" cause "\",\"closed_by\":\"client\",\"text\":\"why\"}\n"

#define OLD ENTRY("1-1", "alice", "\"10.99.0.10\"", "2026-11-20T10:00:00Z", "false", "admin")
#define SECOND ENTRY("2-2", "bob", "\"10.99.0.11\"", "2026-11-20T11:00:00Z", "false", "shutdown")
#define REFUSAL ENTRY("3-3", "alice", "null", "2026-11-20T12:00:00Z", "true", "wrong-password")
#define NEWEST ENTRY("4-4", "alice", "\"10.99.0.10\"", "2026-11-20T13:00:00Z", "false", "replaced")

/* IDs in the order in which they are shown */
static void
expect_ids(const char *options, const char *want)
{
	char arguments[256], have[256] = "";

	snprintf(arguments, sizeof(arguments), "--json history --file %s/history %s", tool_dir,
		 options);
	ck_assert_msg(tool_run(arguments) == 0, "%s", tool_output);
	for (const char *p = tool_output; (p = strstr(p, "\"id\": \"")); p++)
		snprintf(have + strlen(have), sizeof(have) - strlen(have), "%.3s ", p + 7);
	ck_assert_str_eq(have, want);
}

static void
two_files(void)
{
	tool_file("history.1", 0600, OLD SECOND);
	tool_file("history", 0600, REFUSAL NEWEST);
}

START_TEST(history_is_both_files_newest_first)
{
	two_files();
	expect_ids("", "4-4 3-3 2-2 1-1 ");
	expect_ids("--last 3", "4-4 3-3 2-2 ");
	expect_ids("--last 1", "4-4 ");
}
END_TEST

START_TEST(history_is_picked_by_who_when_and_how)
{
	two_files();
	expect_ids("alice", "4-4 3-3 1-1 ");
	expect_ids("alice --logins", "4-4 1-1 ");
	expect_ids("10.99.0.11", "2-2 ");
	expect_ids("192.0.2.7 --last 2", "4-4 3-3 ");
	expect_ids("--since 2026-11-20T11:00:00Z", "4-4 3-3 2-2 ");
	expect_ids("--since 2026-11-20T11:00:01Z --logins", "4-4 ");
	expect_ids("nobody", "");
}
END_TEST

START_TEST(history_of_a_prefix_is_that_of_its_session)
{
	/* entries of before IPv6 have no such key */
	tool_file("history", 0600,
		  OLD ENTRY("5-5", "bob", "\"10.99.0.11\",\"address6\":\"fd00:1::/64\"",
			    "2026-11-20T11:00:00Z", "false", "admin") NEWEST);
	expect_ids("", "4-4 5-5 1-1 ");
	expect_ids("fd00:1::/64", "5-5 ");
}
END_TEST

START_TEST(history_of_nothing_is_empty)
{
	expect_ids("", "");
	ck_assert_int_eq(tool_run("history --file /no/such/history"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "START"));
}
END_TEST

START_TEST(history_passes_over_what_is_no_entry)
{
	tool_file("history", 0600,
		  OLD "{\"id\":\"9-9\",\"user\":\"al\n"
		      "[]\n\n7\n{\"id\":\"9-9\"}\n{\"id\":9}\nnull\n" NEWEST "{\"id\":\"9-");
	expect_ids("", "4-4 1-1 ");
}
END_TEST

START_TEST(history_is_a_table_for_people)
{
	two_files();
	ck_assert_int_eq(setenv("TZ", "UTC-1", 1), 0);
	char arguments[128];

	snprintf(arguments, sizeof(arguments), "history --file %s/history", tool_dir);
	ck_assert_int_eq(tool_run(arguments), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "START                  FOR  USER   ADDRESS"));
	ck_assert_ptr_nonnull(strstr(tool_output,
				     "2026-11-20 11:00:00  1m05s  alice  10.99.0.10  192.0.2.7  "
				     "windows  1.5 kB  2 B  replaced        client  why\n"));
	ck_assert_ptr_nonnull(strstr(tool_output, "2026-11-20 11:00:00      -  alice  -  "));
}
END_TEST

START_TEST(history_of_wrong_options_is_wrong_usage)
{
	static const char *const wrong[] = {
		"history --last 0", "history --last x",	      "history --since soon",
		"history a b",	    "sessions --since today", "history --since 2026-13-01",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(tool_run(wrong[i]) == 2, "%s: %s", wrong[i], tool_output);
}
END_TEST

static const struct {
	const char *text;
	time_t want; /* before or after 2026-11-21T12:00:00Z; 1: none */
} moments[] = {
	{"90s", -90},
	{"30m", -1800},
	{"2h", -7200},
	{"7d", -604800},
	{"1w", -604800},
	{"today", -43200},
	{"yesterday", -129600},
	{"2026-11-21", -43200},
	{"2026-11-21 11:59", -60},
	{"2026-11-21T11:59", -60},
	{"2026-11-21 11:59:30", -30},
	{"2026-11-21T11:59:30Z", -30},
	{"", 1},
	{"h", 1},
	{"2", 1},
	{"2hh", 1},
	{"99999999d", 1},
	{"-2h", 1},
	{"2026-11-21 25:00", 1},
	{"2026-11-21x", 1},
	{"tomorrow", 1},
};

START_TEST(since_is_what_people_write)
{
	const time_t noon = 1795262400;
	time_t since = 0;

	setenv("TZ", "UTC", 1);
	tzset();
	if (moments[_i].want == 1)
		ck_assert(!since_parse(moments[_i].text, noon, &since));
	else
		ck_assert(since_parse(moments[_i].text, noon, &since));
	if (moments[_i].want != 1)
		ck_assert_int_eq(since - noon, moments[_i].want);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("past");
	TCase *tc = tcase_create("past");

	tcase_add_checked_fixture(tc, tool_begin, tool_end);
	tcase_add_test(tc, history_is_both_files_newest_first);
	tcase_add_test(tc, history_is_picked_by_who_when_and_how);
	tcase_add_test(tc, history_of_a_prefix_is_that_of_its_session);
	tcase_add_test(tc, history_of_nothing_is_empty);
	tcase_add_test(tc, history_passes_over_what_is_no_entry);
	tcase_add_test(tc, history_is_a_table_for_people);
	tcase_add_test(tc, history_of_wrong_options_is_wrong_usage);
	tcase_add_loop_test(tc, since_is_what_people_write, 0,
			    sizeof(moments) / sizeof(moments[0]));
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
