/* Lines, levels, escaping of what a peer said, and the rate limit. */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "log.h"

/* What the sink has taken; a sink has no argument. */
static struct {
	unsigned count;
	enum log_level level;
	char line[2000];
} taken;

static void
take_line(enum log_level level, const char *line)
{
	taken.count++;
	taken.level = level;
	strncpy(taken.line, line, sizeof(taken.line) - 1);
}

static void
set_up(void)
{
	memset(&taken, 0, sizeof(taken));
	log_set_sink(take_line);
	log_set_level(LVL_INFO);
}

START_TEST(log_without_sink_goes_nowhere)
{
	log_set_sink(NULL);
	ck_assert(!log_enabled(LVL_ERROR));
	log_error("x=%d", 1);
	ck_assert_uint_eq(taken.count, 0);
}
END_TEST

START_TEST(log_level_lets_pass_what_is_as_grave)
{
	for (int set = LVL_ERROR; set <= LVL_DEBUG; set++) {
		log_set_level((enum log_level)set);
		for (int level = LVL_ERROR; level <= LVL_DEBUG; level++) {
			unsigned before = taken.count;

			log_line((enum log_level)level, "event key=%d", level);
			ck_assert_uint_eq(taken.count, before + (level <= set));
			ck_assert_int_eq(log_enabled((enum log_level)level), level <= set);
		}
	}
}
END_TEST

START_TEST(log_line_is_formatted_and_keeps_its_level)
{
	log_notice("session up tid=%u user=\"%s\"", 12, "alice");
	ck_assert_str_eq(taken.line, "session up tid=12 user=\"alice\"");
	ck_assert_int_eq(taken.level, LVL_NOTICE);
}
END_TEST

START_TEST(log_line_has_no_control_bytes)
{
	log_error("a%sb", "\n\r\t\x1b[31m\x7f");
	ck_assert_str_eq(taken.line, "a????[31m?b");
}
END_TEST

START_TEST(log_line_too_long_is_cut)
{
	char text[3000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_error("%s", text);
	ck_assert_uint_eq(strlen(taken.line), 1000);
}
END_TEST

static const struct {
	const char *raw, *escaped;
} escapes[] = {
	{"", ""},
	{"plain text", "plain text"},
	{"say \"x\\y\"", "say \\\"x\\\\y\\\""},
	{"\n\x01\x7f", "\\x0a\\x01\\x7f"},
	{"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80",
	 "M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80"},
	/* a byte out of place, a character cut short, its first byte alone */
	{"\x80z", "\\x80z"},
	{"\xe2\x82", "\\xe2\\x82"},
	{"\xc3z", "\\xc3z"},
	/* overlong forms of '/', a surrogate, beyond the last character */
	{"\xc0\xaf", "\\xc0\\xaf"},
	{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
	{"\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"},
	{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	{"\xff\xfe", "\\xff\\xfe"},
	/* C1: the control characters of Latin-1 */
	{"\xc2\x9b[31m", "\\xc2\\x9b[31m"},
};

START_TEST(escape_gives_printable_text)
{
	char dst[100];

	ck_assert_ptr_eq(log_escape(dst, sizeof(dst), escapes[_i].raw, strlen(escapes[_i].raw)),
			 dst);
	ck_assert_str_eq(dst, escapes[_i].escaped);
}
END_TEST

START_TEST(escape_of_a_nul_is_shown)
{
	char dst[20];

	ck_assert_str_eq(log_escape(dst, sizeof(dst), "a\0b", 3), "a\\x00b");
	ck_assert_str_eq(log_escape(dst, sizeof(dst), NULL, 0), "");
}
END_TEST

/* Whatever room there is: it ends with NUL, is a beginning of the whole, and cuts nothing in half.
 */
START_TEST(escape_cuts_between_characters)
{
	const char raw[] = "a\n\"\xe2\x82\xac";
	const char *cuts[] = {"",
			      "a",
			      "a",
			      "a",
			      "a",
			      "a\\x0a",
			      "a\\x0a",
			      "a\\x0a\\\"",
			      "a\\x0a\\\"",
			      "a\\x0a\\\"",
			      "a\\x0a\\\"\xe2\x82\xac"};

	for (size_t cap = 1; cap <= sizeof(cuts) / sizeof(cuts[0]); cap++) {
		char dst[16];

		memset(dst, 'X', sizeof(dst));
		log_escape(dst, cap, raw, sizeof(raw) - 1);
		ck_assert_str_eq(dst, cuts[cap - 1]);
		ck_assert_int_eq(dst[cap], 'X');
	}
}
END_TEST

START_TEST(escape_without_room_writes_nothing)
{
	char dst[1] = {'X'};

	ck_assert_ptr_eq(log_escape(dst, 0, "a", 1), dst);
	ck_assert_int_eq(dst[0], 'X');
}
END_TEST

START_TEST(limit_lets_a_burst_pass_then_one_in_ten_seconds)
{
	struct log_limit limit = {0};
	mstime_t now = 1000000;
	uint32_t dropped;

	for (int i = 0; i < 10; i++) {
		ck_assert(log_limit_pass(&limit, now, &dropped));
		ck_assert_uint_eq(dropped, 0);
	}
	for (int i = 0; i < 99; i++)
		ck_assert(!log_limit_pass(&limit, now + i * 100, &dropped));
	ck_assert(log_limit_pass(&limit, now + 10000, &dropped));
	ck_assert_uint_eq(dropped, 99);
	ck_assert(!log_limit_pass(&limit, now + 10000, &dropped));
	ck_assert(!log_limit_pass(&limit, now + 19999, &dropped));
	ck_assert(log_limit_pass(&limit, now + 20000, &dropped));
	ck_assert_uint_eq(dropped, 2);
}
END_TEST

START_TEST(limit_after_silence_is_whole_again)
{
	struct log_limit limit = {0};
	uint32_t dropped;

	for (int i = 0; i < 50; i++)
		log_limit_pass(&limit, 0, &dropped);
	for (int i = 0; i < 10; i++)
		ck_assert(log_limit_pass(&limit, 1000000, &dropped));
	ck_assert(!log_limit_pass(&limit, 1000000, &dropped));
}
END_TEST

START_TEST(level_names_are_those_of_the_configuration)
{
	ck_assert_str_eq(log_level_name(LVL_ERROR), "error");
	ck_assert_str_eq(log_level_name(LVL_WARNING), "warning");
	ck_assert_str_eq(log_level_name(LVL_NOTICE), "notice");
	ck_assert_str_eq(log_level_name(LVL_INFO), "info");
	ck_assert_str_eq(log_level_name(LVL_DEBUG), "debug");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, log_without_sink_goes_nowhere);
	tcase_add_test(tc, log_level_lets_pass_what_is_as_grave);
	tcase_add_test(tc, log_line_is_formatted_and_keeps_its_level);
	tcase_add_test(tc, log_line_has_no_control_bytes);
	tcase_add_test(tc, log_line_too_long_is_cut);
	tcase_add_loop_test(tc, escape_gives_printable_text, 0,
			    sizeof(escapes) / sizeof(escapes[0]));
	tcase_add_test(tc, escape_of_a_nul_is_shown);
	tcase_add_test(tc, escape_cuts_between_characters);
	tcase_add_test(tc, escape_without_room_writes_nothing);
	tcase_add_test(tc, limit_lets_a_burst_pass_then_one_in_ten_seconds);
	tcase_add_test(tc, limit_after_silence_is_whole_again);
	tcase_add_test(tc, level_names_are_those_of_the_configuration);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
