/* src/lnsctl/import_words.c: words as pppd and libreswan read them. */
#include "lnsctl/import_words.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct words words;
static struct word word;

static void
next(const char *text, int line, bool first)
{
	ck_assert(words_next(&words, &word));
	ck_assert_str_eq(word.text, text);
	ck_assert_int_eq(words.line, line);
	ck_assert(word.first == first);
}

START_TEST(words_pppd_quotes_comments_and_lines)
{
	words_init(&words, "# c\n\"a b\" l2tpd 'it''s \"x\"' * # end\n\n\tc\\\n d#e\n", WORDS_PPPD);
	next("a b", 2, true);
	ck_assert(word.quoted && !word.indented);
	next("l2tpd", 2, false);
	ck_assert(!word.quoted);
	next("its \"x\"", 2, false);
	next("*", 2, false);
	next("c", 4, true);
	ck_assert(word.indented);
	next("d", 5, false);
	ck_assert(!words_next(&words, &word));
}
END_TEST

START_TEST(words_pppd_escapes)
{
	words_init(&words, "a\\ b \\\"q\\\" \\101\\x42\\x4ag \\s\\t\\\\ \"in\\\"side\" x\\",
		   WORDS_PPPD);
	next("a b", 1, true);
	next("\"q\"", 1, false);
	next("ABJg", 1, false);
	next(" \t\\", 1, false);
	next("in\"side", 1, false);
	next("x", 1, false);
	ck_assert(!words_next(&words, &word));
}
END_TEST

START_TEST(words_ipsec_has_no_escapes_and_no_comment_in_a_word)
{
	words_init(&words, "%any %any : PSK \"a\\b#c\"\n  more#x # y\n", WORDS_IPSEC);
	next("%any", 1, true);
	next("%any", 1, false);
	next(":", 1, false);
	next("PSK", 1, false);
	ck_assert(words_more(&words));
	next("a\\b#c", 1, false);
	ck_assert(!words_more(&words));
	next("more#x", 2, true);
	ck_assert(word.indented && !words_more(&words));
	ck_assert(!words_next(&words, &word));
}
END_TEST

START_TEST(words_long_one_is_cut_and_said_to_be)
{
	char text[5000];

	memset(text, 'x', sizeof(text));
	memcpy(text + 4090, " y\n", 4);
	words_init(&words, text, WORDS_PPPD);
	ck_assert(words_next(&words, &word));
	ck_assert(word.cut);
	ck_assert_uint_eq(strlen(word.text), IMPORT_WORD_MAX - 1);
	next("y", 1, false);
	ck_assert(!word.cut);
}
END_TEST

START_TEST(words_open_quote_ends_with_the_text)
{
	words_init(&words, "a \"b\nc", WORDS_PPPD);
	next("a", 1, true);
	next("b\nc", 1, false);
	ck_assert(!words_next(&words, &word));
	words_init(&words, "", WORDS_PPPD);
	ck_assert(!words_next(&words, &word));
	words_init(&words, "a b\nc", WORDS_PPPD);
	next("a", 1, true);
	words_skip_line(&words);
	next("c", 2, true);
}
END_TEST

START_TEST(words_pair_is_trimmed)
{
	static const struct {
		const char *line, *key, *value;
	} good[] = {
		{"ip range = 10.0.0.2-10.0.0.9", "ip range", "10.0.0.2-10.0.0.9"},
		{"  name=\"a b\" ; c", "name", "a b"},
		{"x = a#b # c\r", "x", "a#b"},
		{"x =", "x", ""},
	};
	char key[64], value[64];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert(words_pair(good[i].line, strlen(good[i].line), key, value, sizeof(key)));
		ck_assert_str_eq(key, good[i].key);
		ck_assert_str_eq(value, good[i].value);
	}
	ck_assert(!words_pair("conn x", 6, key, value, sizeof(key)));
	ck_assert(!words_pair(" = x", 4, key, value, sizeof(key)));
	ck_assert(words_pair("abcdef=ghijkl", 13, key, value, 4));
	ck_assert_str_eq(key, "abc");
	ck_assert_str_eq(value, "ghi");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("import_words");
	TCase *tcase = tcase_create("import_words");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, words_pppd_quotes_comments_and_lines);
	tcase_add_test(tcase, words_pppd_escapes);
	tcase_add_test(tcase, words_ipsec_has_no_escapes_and_no_comment_in_a_word);
	tcase_add_test(tcase, words_long_one_is_cut_and_said_to_be);
	tcase_add_test(tcase, words_open_quote_ends_with_the_text);
	tcase_add_test(tcase, words_pair_is_trimmed);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
