/* src/lnsctl/userfile.c: editing the users' file, all else byte for byte. */
#include "lnsctl/userfile.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct userfile file;

static void
begin(const char *text)
{
	userfile_fini(&file);
	ck_assert(userfile_init(&file, text, strlen(text)));
}

static void
finish(void)
{
	userfile_fini(&file);
}

static void
holds(const char *want)
{
	char *text = strndup(file.text, file.len);

	ck_assert_str_eq(text, want);
	free(text);
}

#define TEXT                                                                                       \
	"# head\n\n[alice] # first\n  password = plain:x ; old\n\n# of "                           \
	"bob\n[bob]\npassword=plain:y\n"                                                           \
	"#rate = 1mbit\nrate\t= 2mbit\n"

START_TEST(userfile_key_is_replaced_added_and_removed)
{
	begin(TEXT);
	ck_assert(userfile_set(&file, 3, "password", "plain:z"));
	holds("# head\n\n[alice] # first\npassword = plain:z\n\n# of bob\n[bob]\npassword=plain:y\n"
	      "#rate = 1mbit\nrate\t= 2mbit\n");
	ck_assert(userfile_set(&file, 3, "rate", "3mbit"));
	holds("# head\n\n[alice] # first\npassword = plain:z\nrate = 3mbit\n\n# of bob\n[bob]\n"
	      "password=plain:y\n#rate = 1mbit\nrate\t= 2mbit\n");
	ck_assert(userfile_set(&file, 8, "rate", NULL));
	ck_assert(userfile_set(&file, 8, "allow", NULL));
	holds("# head\n\n[alice] # first\npassword = plain:z\nrate = 3mbit\n\n# of bob\n[bob]\n"
	      "password=plain:y\n#rate = 1mbit\n");
}
END_TEST

START_TEST(userfile_section_is_added_at_the_end)
{
	int line;

	begin("");
	ck_assert(userfile_add(&file, "a", &line));
	ck_assert_int_eq(line, 1);
	ck_assert(userfile_set(&file, line, "password", "plain:x"));
	ck_assert(userfile_add(&file, "b c", &line));
	ck_assert_int_eq(line, 4);
	holds("[a]\npassword = plain:x\n\n[b c]\n");
	begin("# no newline");
	ck_assert(userfile_add(&file, "a", &line));
	ck_assert_int_eq(line, 3);
	holds("# no newline\n\n[a]\n");
}
END_TEST

START_TEST(userfile_section_goes_without_its_neighbours)
{
	begin(TEXT);
	ck_assert(userfile_remove(&file, 3));
	holds("# head\n\n# of bob\n[bob]\npassword=plain:y\n#rate = 1mbit\nrate\t= 2mbit\n");
	begin(TEXT);
	ck_assert(userfile_remove(&file, 7));
	holds("# head\n\n[alice] # first\n  password = plain:x ; old\n\n# of bob\n");
}
END_TEST

START_TEST(userfile_ends_of_lines_stay_as_they_are)
{
	int line;

	begin("[a]\r\npassword = plain:x\r\n");
	ck_assert(userfile_set(&file, 1, "password", "plain:y"));
	ck_assert(userfile_set(&file, 1, "rate", "1mbit"));
	ck_assert(userfile_add(&file, "b", &line));
	holds("[a]\r\npassword = plain:y\r\nrate = 1mbit\r\n\r\n[b]\r\n");
	begin("[a]\npassword = plain:x");
	ck_assert(userfile_set(&file, 1, "rate", "1mbit"));
	holds("[a]\npassword = plain:x\nrate = 1mbit\n");
}
END_TEST

START_TEST(userfile_key_that_is_the_begin_of_another_is_not_it)
{
	begin("[a]\nrates = 1\nrate2 = 1\n");
	ck_assert(userfile_set(&file, 1, "rate", NULL));
	holds("[a]\nrates = 1\nrate2 = 1\n");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("userfile");
	TCase *tc = tcase_create("userfile");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, NULL, finish);
	tcase_add_test(tc, userfile_key_is_replaced_added_and_removed);
	tcase_add_test(tc, userfile_section_is_added_at_the_end);
	tcase_add_test(tc, userfile_section_goes_without_its_neighbours);
	tcase_add_test(tc, userfile_ends_of_lines_stay_as_they_are);
	tcase_add_test(tc, userfile_key_that_is_the_begin_of_another_is_not_it);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
