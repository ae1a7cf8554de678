/* src/lnsctl/profile_text.c: a value in each language's quotes, and what cannot be said in one. */
#include "lnsctl/profile_text.h"

#include <check.h>
#include <string.h>

typedef void put_fn(struct profile_text *text, const char *value);

static struct profile_text text;

static void
begin(void)
{
	ck_assert(profile_text_init(&text));
}

static void
finish(void)
{
	profile_text_fini(&text);
}

static void
becomes(put_fn *put, const char *value, const char *want)
{
	finish();
	begin();
	put(&text, value);
	ck_assert_msg(!text.fault, "%s", text.fault);
	ck_assert_str_eq(text.bytes, want);
	ck_assert_uint_eq(text.len, strlen(want));
}

static void
cannot(put_fn *put, const char *value)
{
	finish();
	begin();
	put(&text, value);
	ck_assert_ptr_nonnull(text.fault);
}

START_TEST(powershell_string_is_ascii_and_has_no_quote_of_any_kind)
{
	becomes(profile_add_powershell, "", "''");
	becomes(profile_add_powershell, "it's $x `n \"q\"; exit", "'it''s $x `n \"q\"; exit'");
	becomes(profile_add_powershell, "a\n\xe2\x80\x99; b",
		"('a' + [char]0x000a + [char]0x2019 + '; b')");
	/* a character beyond 16 bits is two */
	becomes(profile_add_powershell, "\xf0\x9f\x98\x80", "('' + [char]0xd83d + [char]0xde00)");
	cannot(profile_add_powershell, "\xff");
}
END_TEST

START_TEST(xml_text_has_no_markup_and_refuses_what_xml_cannot_carry)
{
	becomes(profile_add_xml, "<a b=\"c\">&amp;]]>'",
		"&#60;a b=&#34;c&#34;&#62;&#38;amp;]]&#62;&#39;");
	becomes(profile_add_xml, "\t\r\n\xc3\xa4", "&#9;&#13;&#10;\xc3\xa4");
	cannot(profile_add_xml, "a\x01");
	cannot(profile_add_xml, "\xef\xbf\xbf");
	cannot(profile_add_xml, "\xc3");
}
END_TEST

START_TEST(keyfile_value_keeps_its_blanks_and_stays_one_line)
{
	becomes(profile_add_keyfile, " a b ", "\\sa b\\s");
	becomes(profile_add_keyfile, "a\n[vpn]\r\\s\t;#", "a\\n[vpn]\\r\\\\s\\t;#");
	cannot(profile_add_keyfile, "\xfe");
}
END_TEST

START_TEST(routeros_string_has_no_variable_help_or_end_in_it)
{
	becomes(profile_add_routeros, "a\"b\\c$d?e", "\"a\\\"b\\\\c\\$d\\3Fe\"");
	becomes(profile_add_routeros, "\n/system reset\xc3\xa4", "\"\\0A/system reset\\C3\\A4\"");
}
END_TEST

START_TEST(shell_word_is_one_word)
{
	becomes(profile_add_shell, "it's $(id) `id` \\ \"", "'it'\\''s $(id) `id` \\ \"'");
}
END_TEST

START_TEST(swanctl_and_pppd_strings_stay_one_line)
{
	becomes(profile_add_swanctl, "a\"b\\c\nd\t#", "\"a\\\"b\\\\c\\nd\\t#\"");
	becomes(profile_add_pppd, "a\"b\\c\nd # $x", "\"a\\\"b\\\\c\\012d # $x\"");
}
END_TEST

START_TEST(base64_is_padded)
{
	becomes(profile_add_base64, "", "");
	becomes(profile_add_base64, "f", "Zg==");
	becomes(profile_add_base64, "fo", "Zm8=");
	becomes(profile_add_base64, "foo", "Zm9v");
	becomes(profile_add_base64, "foob\xff", "Zm9vYv8=");
}
END_TEST

START_TEST(text_that_grows_too_long_is_a_fault_and_takes_no_more)
{
	for (int i = 0; i < PROFILE_TEXT_MAX / 16; i++)
		profile_add(&text, "%s", "0123456789abcdef");
	ck_assert_ptr_nonnull(text.fault);
	ck_assert_uint_lt(text.len, PROFILE_TEXT_MAX);
	profile_add(&text, "x");
	ck_assert_uint_eq(strlen(text.bytes) < PROFILE_TEXT_MAX, 1);
}
END_TEST

START_TEST(plain_is_utf8_without_control_characters)
{
	ck_assert(profile_is_plain("a \xc3\xa4"));
	ck_assert(!profile_is_plain("a\n"));
	ck_assert(!profile_is_plain("a\x7f"));
	ck_assert(!profile_is_plain("\xff"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("profile_text");
	TCase *tc = tcase_create("profile_text");

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, powershell_string_is_ascii_and_has_no_quote_of_any_kind);
	tcase_add_test(tc, xml_text_has_no_markup_and_refuses_what_xml_cannot_carry);
	tcase_add_test(tc, keyfile_value_keeps_its_blanks_and_stays_one_line);
	tcase_add_test(tc, routeros_string_has_no_variable_help_or_end_in_it);
	tcase_add_test(tc, shell_word_is_one_word);
	tcase_add_test(tc, swanctl_and_pppd_strings_stay_one_line);
	tcase_add_test(tc, base64_is_padded);
	tcase_add_test(tc, text_that_grows_too_long_is_a_fault_and_takes_no_more);
	tcase_add_test(tc, plain_is_utf8_without_control_characters);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
