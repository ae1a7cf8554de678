/* The history's file: lines that are whole whatever came before, two files at the most. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/history_file.h"
#include "unit.h"

static char dir[32];
static char path[64], old_path[64];

static void
begin(void)
{
	strcpy(dir, "/tmp/lnsd-history-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/history", dir);
	snprintf(old_path, sizeof(old_path), "%s/history.1", dir);
}

static void
end(void)
{
	unlink(path);
	unlink(old_path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static struct history_file
file_of(uint64_t limit)
{
	return (struct history_file){.path = path, .group = getegid(), .limit = limit};
}

static void
expect_content(const char *name, const char *want)
{
	char have[512] = "";
	FILE *file = fopen(name, "re");

	ck_assert_ptr_nonnull(file);
	have[fread(have, 1, sizeof(have) - 1, file)] = '\0';
	fclose(file);
	ck_assert_str_eq(have, want);
}

static void
put(const char *text)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static struct wall_history
alice(void)
{
	return (struct wall_history){
		.kind = WALL_HISTORY,
		.ref = {.tid = 4711, .sid = 815, .serial = 3},
		.peer = {.family = 4, .ip = {192, 0, 2, 7}, .port = 4500},
		.up = 1,
		.address = 0x0a63000c,
		.link6 = {.family = 6, .bits = 64, .ip = {0xfd, [3] = 1}},
		.cause = CAUSE_USER_REQUEST,
		.by = BY_CLIENT,
		.duration_s = 61,
		.rx_bytes = 5000000000,
		.tx_bytes = 7,
		.user = "alice",
		.client = "windows",
	};
}

START_TEST(line_of_a_session_has_the_keys_of_the_contract)
{
	struct wall_history entry = alice();
	/* 2026-11-21T14:05:33Z */
	char *line = history_line(&entry, 1795269933);

	ck_assert_str_eq(line,
			 "{\"id\":\"4711-815\",\"user\":\"alice\",\"address\":\"10.99.0.12\","
			 "\"address6\":\"fd00:1::/"
			 "64\",\"peer\":\"192.0.2.7\",\"peer_port\":4500,\"client\":\"windows\","
			 "\"start\":\"2026-11-21T14:04:32Z\",\"end\":\"2026-11-21T14:05:33Z\","
			 "\"duration_s\":61,\"rx_bytes\":5000000000,\"tx_bytes\":7,"
			 "\"refused\":false,\"cause\":\"user-request\",\"closed_by\":\"client\","
			 "\"text\":\"the client hung up\"}");
	free(line);
}
END_TEST

START_TEST(line_of_a_refusal_has_no_address_and_says_so)
{
	struct wall_history entry = alice();
	char *line;

	entry.up = 0;
	entry.address = 0;
	entry.link6.family = 0;
	entry.cause = CAUSE_WRONG_PASSWORD;
	entry.by = BY_SERVER;
	entry.duration_s = 0;
	entry.peer = (struct lns_addr){.family = 6, .ip = {0x20, 1, 0xd, 0xb8, [15] = 9}};
	line = history_line(&entry, 1795269933);
	ck_assert_ptr_nonnull(
		strstr(line, "\"address\":null,\"address6\":null,\"peer\":\"2001:db8::9\""));
	ck_assert_ptr_nonnull(strstr(line, "\"start\":\"2026-11-21T14:05:33Z\",\"end\":"
					   "\"2026-11-21T14:05:33Z\""));
	ck_assert_ptr_nonnull(strstr(line, "\"refused\":true,\"cause\":\"wrong-password\","
					   "\"closed_by\":\"server\",\"text\":\"wrong password\""));
	free(line);
}
END_TEST

START_TEST(line_of_a_name_that_breaks_out_stays_one_line)
{
	struct wall_history entry = alice();
	char *line;

	strcpy(entry.user, "a\n\"}\x1b[2J");
	line = history_line(&entry, 0);
	ck_assert_ptr_nonnull(strstr(line, "\"user\":\"a\\n\\\"}\\u001B[2J\""));
	ck_assert_ptr_null(strchr(line, '\n'));
	free(line);
	/* no UTF-8 */
	strcpy(entry.user, "a\xff");
	line = history_line(&entry, 0);
	ck_assert_ptr_nonnull(strstr(line, "\"user\":\"a\\\\xff\""));
	free(line);
}
END_TEST

START_TEST(append_makes_a_file_for_the_group_alone)
{
	const struct history_file file = file_of(1000);
	struct stat st;

	umask(0);
	ck_assert_int_eq(history_append(&file, "{1}"), 0);
	ck_assert_int_eq(history_append(&file, "{2}"), 0);
	expect_content(path, "{1}\n{2}\n");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
}
END_TEST

START_TEST(append_closes_a_line_that_was_torn_off)
{
	const struct history_file file = file_of(1000);

	put("{1}\n{\"user\":\"al");
	ck_assert_int_eq(history_append(&file, "{2}"), 0);
	ck_assert_int_eq(history_append(&file, "{3}"), 0);
	expect_content(path, "{1}\n{\"user\":\"al\n{2}\n{3}\n");
}
END_TEST

START_TEST(append_beyond_the_limit_keeps_two_files)
{
	const struct history_file file = file_of(8);

	ck_assert_int_eq(history_append(&file, "{1}"), 0);
	ck_assert_int_eq(history_append(&file, "{2}"), 0);
	ck_assert_int_eq(access(old_path, F_OK), -1);
	ck_assert_int_eq(history_append(&file, "{3}"), 0);
	expect_content(old_path, "{1}\n{2}\n");
	expect_content(path, "{3}\n");
	ck_assert_int_eq(history_append(&file, "{4}"), 0);
	ck_assert_int_eq(history_append(&file, "{5}"), 0);
	expect_content(old_path, "{3}\n{4}\n");
	expect_content(path, "{5}\n");
	/* one that is longer than the limit is there all the same */
	ck_assert_int_eq(history_append(&file, "{66666666}"), 0);
	expect_content(path, "{66666666}\n");
}
END_TEST

START_TEST(append_to_a_full_disk_fails_and_recovers)
{
	const struct history_file file = file_of(1000);
	struct rlimit limit;

	ck_assert_int_eq(history_append(&file, "{1}"), 0);
	/* the next file system call that writes finds room for three bytes */
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = 7;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(history_append(&file, "{22222}"), -ENOSPC);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(history_append(&file, "{3}"), 0);
	expect_content(path, "{1}\n{22\n{3}\n");
}
END_TEST

START_TEST(append_to_what_is_no_file_fails)
{
	struct history_file file = file_of(1000);

	ck_assert_int_eq(symlink("/dev/null", path), 0);
	ck_assert_int_eq(history_append(&file, "{1}"), -ELOOP);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(history_append(&file, "{1}"), -EINVAL);
	file.path = "/proc/no/such/folder";
	ck_assert_int_eq(history_append(&file, "{1}"), -ENOENT);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		line_of_a_session_has_the_keys_of_the_contract,
		line_of_a_refusal_has_no_address_and_says_so,
		line_of_a_name_that_breaks_out_stays_one_line,
		append_makes_a_file_for_the_group_alone,
		append_closes_a_line_that_was_torn_off,
		append_beyond_the_limit_keeps_two_files,
		append_to_a_full_disk_fails_and_recovers,
		append_to_what_is_no_file_fails,
	};
	Suite *s = suite_create("history");
	TCase *tc = tcase_create("history");

	tcase_add_checked_fixture(tc, begin, end);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
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
