/* src/keeper/otp_used.c, on a file in a folder of its own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/otp_used.h"

static char dir[64], path[96];
static struct user list[] = {{.name = "alice", .key = "alice"},
			     {.name = "j\xc3\xbcrg [at] home", .key = "j\xc3\xbcrg [at] home"}};
static const struct users users = {.list = list, .count = 2};

static void
begin(void)
{
	strcpy(dir, "/tmp/lnsd-otp-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/lnsd/otp", dir);
}

static void
end(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void
write_file(const char *text)
{
	char folder[80];
	FILE *file;

	snprintf(folder, sizeof(folder), "%s/lnsd", dir);
	mkdir(folder, 0700);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void
expect_file(const char *text)
{
	char read_back[512] = "";
	FILE *file = fopen(path, "re");

	ck_assert_ptr_nonnull(file);
	read_back[fread(read_back, 1, sizeof(read_back) - 1, file)] = '\0';
	fclose(file);
	ck_assert_str_eq(read_back, text);
}

START_TEST(step_survives_a_restart)
{
	struct otp_used *used = otp_used_new(path);
	struct stat st;

	ck_assert_uint_eq(otp_used_step(used, "alice"), 0);
	ck_assert_int_eq(otp_used_note(used, "alice", 56666666, &users), 0);
	ck_assert_int_eq(otp_used_note(used, list[1].name, 7, &users), 0);
	ck_assert_int_eq(otp_used_note(used, "alice", 56666667, &users), 0);
	otp_used_free(used);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);

	used = otp_used_new(path);
	ck_assert_uint_eq(otp_used_step(used, "alice"), 56666667);
	ck_assert_uint_eq(otp_used_step(used, list[1].name), 7);
	ck_assert_uint_eq(otp_used_step(used, "Alice"), 0);
	otp_used_free(used);
	expect_file("56666667 alice\n7 j\xc3\xbcrg [at] home\n");
}
END_TEST

START_TEST(account_that_is_gone_is_forgotten)
{
	struct otp_used *used;

	write_file("5 mallory\n6 alice\n");
	used = otp_used_new(path);
	ck_assert_uint_eq(otp_used_step(used, "mallory"), 5);
	ck_assert_int_eq(otp_used_note(used, "alice", 8, &users), 0);
	ck_assert_uint_eq(otp_used_step(used, "mallory"), 0);
	otp_used_free(used);
	expect_file("8 alice\n");
}
END_TEST

START_TEST(line_that_is_none_of_ours_is_left_out)
{
	struct otp_used *used;
	char text[1024] = "1 ";

	memset(text + 2, 'n', 600);
	strcat(text, "\nalice\n-\n0 alice\n12alice\n99999999999999999999999 alice\n9 \n");
	write_file(text);
	used = otp_used_new(path);
	ck_assert_uint_eq(otp_used_step(used, "alice"), 0);
	ck_assert_int_eq(otp_used_note(used, "alice", 3, &users), 0);
	otp_used_free(used);
	expect_file("3 alice\n");
}
END_TEST

START_TEST(file_that_cannot_be_written_is_told_and_memory_still_knows)
{
	struct otp_used *used = otp_used_new("/proc/lnsd/otp");

	ck_assert_int_lt(otp_used_note(used, "alice", 3, &users), 0);
	ck_assert_uint_eq(otp_used_step(used, "alice"), 3);
	otp_used_free(used);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("otp_used");
	TCase *tc = tcase_create("otp_used");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, step_survives_a_restart);
	tcase_add_test(tc, account_that_is_gone_is_forgotten);
	tcase_add_test(tc, line_that_is_none_of_ours_is_left_out);
	tcase_add_test(tc, file_that_cannot_be_written_is_told_and_memory_still_knows);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
