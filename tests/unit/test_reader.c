/* src/conf: lines as inih takes them, texts of errors, suggestions. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"
#include "suggest.h"

START_TEST(conf_nul_byte_is_refused)
{
	struct conf_file file = {"t.conf", "[server]\nport = 1\0 2\n", 20};

	ck_assert_ptr_null(conf_parse(&file, 1, &errors));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_int_eq(errors.list[0].line, 2);
	ck_assert_str_eq(errors.list[0].text, "[server] the line has a NUL byte");
}
END_TEST

/* inih's buffer holds 199 bytes; a list of pools may be longer. */
START_TEST(conf_line_longer_than_inih_takes_is_whole)
{
	char text[1024] = "[network]\npool = 10.0.0.1-10.0.0.9";
	struct conf *conf;

	for (unsigned i = 1; i < 16; i++)
		sprintf(text + strlen(text), ", 10.0.%u.1 - 10.0.%u.9", i, i);
	ck_assert_uint_gt(strlen(text), 350);
	conf = take_text(text);
	ck_assert_uint_eq(conf->network.pool_count, 16);
	for (unsigned i = 0; i < 16; i++) {
		ck_assert_uint_eq(conf->network.pool[i].first, 0x0a000001 + (i << 8));
		ck_assert_uint_eq(conf->network.pool[i].last, 0x0a000009 + (i << 8));
	}
	conf_free(conf);
	strcat(text, ", 10.1.0.1");
	refuse_text(text, 2, "[network] pool: 'pool' takes 16 items at most");
}
END_TEST

START_TEST(conf_long_value_of_every_length_is_whole)
{
	char text[600], *value = text + sprintf(text, "[ipsec]\nike = ");

	for (size_t len = 3; len < 512; len++) {
		struct conf *conf;

		for (size_t i = 0; i < len; i++)
			value[i] = "ae-;,a-b"[i % 8];
		value[len] = '\0';
		memcpy(value, "a-a", 3);
		if (value[len - 1] == ',' || value[len - 2] == ',')
			value[len - 1] = value[len - 2] = '-';
		conf = take_text(text);
		ck_assert_str_eq(conf->ipsec.ike, value);
		conf_free(conf);
	}
}
END_TEST

START_TEST(conf_line_that_cannot_be_cut_is_refused)
{
	char text[1024] = "[server]\nhost-name = x";
	size_t len = strlen(text);

	memset(text + len, ';', 400);
	strcpy(text + len + 400, "\nport = 9\n");
	refuse_text(text, 2,
		    "[server] the value cannot be cut into parts that the INI library takes");
}
END_TEST

START_TEST(conf_overlong_line_is_refused)
{
	char *text = malloc(6000);

	strcpy(text, "[server]\nhost-name = ");
	memset(text + strlen("[server]\nhost-name = "), 'x', 5000);
	strcpy(text + strlen("[server]\nhost-name = ") + 5000, "\nport = 9\n");
	refuse_text(text, 2, "[server] the line is longer than 4095 bytes");
	strcpy(text, "[server]\nhost-name = ");
	memset(text + strlen("[server]\nhost-name = "), 'x', 300);
	text[strlen("[server]\nhost-name = ") + 300] = '\0';
	refuse_text(text, 2, "[server] host-name: the value is longer than 255 bytes");
	free(text);
}
END_TEST

static const char *
nearest(const char *word)
{
	static const char *const words[] = {"status", "sessions", "show", "reload"};
	struct suggest suggest;

	suggest_init(&suggest, word);
	for (size_t i = 0; i < 4; i++)
		suggest_try(&suggest, words[i]);
	return suggest.best ? suggest.best : "";
}

START_TEST(suggest_finds_what_was_meant_and_nothing_else)
{
	ck_assert_str_eq(nearest("stauts"), "status");
	ck_assert_str_eq(nearest("session"), "sessions");
	ck_assert_str_eq(nearest("relod"), "reload");
	ck_assert_str_eq(nearest("xyzzy"), "");
	ck_assert_str_eq(nearest(""), "");
	ck_assert_str_eq(
		nearest("sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"), "");
}
END_TEST

START_TEST(errors_text_is_printable_and_cut_at_a_character)
{
	char longest[400];

	memset(longest, 'a', sizeof(longest));
	memcpy(longest + 254, "\xc3\xa4", 2);
	longest[399] = '\0';
	conf_errors_add(&errors, "a\nb", 3, "%s", longest);
	conf_errors_add(&errors, "x", 0,
			"tab\tesc\x1b "
			"bad \xff\xc3 good \xe2\x82\xac");
	ck_assert_str_eq(errors.list[0].file, "a?b");
	ck_assert_uint_eq(strlen(errors.list[0].text), 255);
	ck_assert_int_eq(errors.list[0].text[254], '?');
	ck_assert_str_eq(errors.list[1].text, "tab?esc? bad ?? good \xe2\x82\xac");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("reader");
	TCase *tc = tcase_create("reader");

	tcase_add_checked_fixture(tc, errors_begin, errors_end);
	tcase_add_test(tc, conf_nul_byte_is_refused);
	tcase_add_test(tc, conf_line_longer_than_inih_takes_is_whole);
	tcase_add_test(tc, conf_long_value_of_every_length_is_whole);
	tcase_add_test(tc, conf_line_that_cannot_be_cut_is_refused);
	tcase_add_test(tc, conf_overlong_line_is_refused);
	tcase_add_test(tc, suggest_finds_what_was_meant_and_nothing_else);
	tcase_add_test(tc, errors_text_is_printable_and_cut_at_a_character);
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
