/* src/lnsctl/change.c and diff.c: several files or none, and what is seen of their difference. */
#include "lnsctl/change.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl/lnsctl.h"

static char dir[64], one[96], two[96], said[512];
static struct changes changes;

void
complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
}

static void
begin(void)
{
	strcpy(dir, "/tmp/lnsd-change-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(one, sizeof(one), "%s/one", dir);
	snprintf(two, sizeof(two), "%s/two", dir);
	said[0] = '\0';
}

static void
finish(void)
{
	char command[128];

	changes_fini(&changes);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, 0640), 0);
	close(fd);
}

static void
holds(const char *path, const char *want)
{
	int error;
	char *text = change_read(path, &error);

	if (want)
		ck_assert_str_eq(text ? text : "nothing", want);
	else
		ck_assert_ptr_null(text);
	ck_assert_int_eq(error, 0);
	free(text);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* Nothing lies beside the files. */
static void
folder_has(int count)
{
	char command[160];

	snprintf(command, sizeof(command), "test $(ls -A %s | wc -l) -eq %d", dir, count);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(changes_all_are_written_with_their_modes)
{
	put(one, "old\n");
	ck_assert(changes_add(&changes, one, 0600, DIFF_OPEN, strdup("new\n")));
	ck_assert(changes_add(&changes, two, 0600, DIFF_LINES, strdup("key\n")));
	ck_assert(changes_commit(&changes));
	holds(one, "new\n");
	holds(two, "key\n");
	ck_assert_uint_eq(mode_of(one), 0640);
	ck_assert_uint_eq(mode_of(two), 0600);
	folder_has(2);
}
END_TEST

START_TEST(changes_file_that_says_so_already_is_left_out)
{
	put(one, "same\n");
	ck_assert(changes_add(&changes, one, 0600, DIFF_OPEN, strdup("same\n")));
	ck_assert_uint_eq(changes.count, 0);
	/* the place is free for another */
	ck_assert(changes_add(&changes, two, 0600, DIFF_OPEN, strdup("x\n")));
	ck_assert(changes_commit(&changes));
	holds(two, "x\n");
}
END_TEST

START_TEST(changes_second_cannot_be_prepared_first_is_as_before)
{
	char lost[128];

	snprintf(lost, sizeof(lost), "%s/nowhere/file", dir);
	put(one, "old\n");
	ck_assert(changes_add(&changes, one, 0600, DIFF_OPEN, strdup("new\n")));
	ck_assert(changes_add(&changes, lost, 0600, DIFF_OPEN, strdup("x\n")));
	ck_assert(!changes_commit(&changes));
	ck_assert_ptr_nonnull(strstr(said, "nowhere/file: cannot be written: No such file"));
	holds(one, "old\n");
	folder_has(1);
}
END_TEST

START_TEST(changes_second_cannot_be_placed_both_are_as_before)
{
	put(one, "old\n");
	ck_assert(changes_add(&changes, one, 0600, DIFF_OPEN, strdup("new\n")));
	ck_assert(changes_add(&changes, two, 0600, DIFF_OPEN, strdup("x\n")));
	ck_assert_int_eq(mkdir(two, 0700), 0);
	ck_assert(!changes_commit(&changes));
	holds(one, "old\n");
	ck_assert_uint_eq(mode_of(one), 0640);
	folder_has(2);
	/* a first that was not there is not there again */
	changes_fini(&changes);
	unlink(one);
	ck_assert(changes_add(&changes, one, 0600, DIFF_OPEN, strdup("new\n")));
	ck_assert_int_eq(rmdir(two), 0);
	ck_assert(changes_add(&changes, two, 0600, DIFF_OPEN, strdup("x\n")));
	ck_assert_int_eq(mkdir(two, 0700), 0);
	ck_assert(!changes_commit(&changes));
	holds(one, NULL);
	folder_has(1);
}
END_TEST

/* A limit of the file's size stands in for a full disk. */
START_TEST(changes_no_room_nothing_is_left)
{
	const struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
	bool ok;

	put(one, "old\n");
	ck_assert(changes_add(&changes, one, 0600, DIFF_OPEN, strdup("new\n")));
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	ok = changes_commit(&changes);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	ck_assert(!ok);
	ck_assert_ptr_nonnull(strstr(said, "all files are as they were"));
	holds(one, "old\n");
	folder_has(1);
}
END_TEST

START_TEST(changes_link_is_followed)
{
	put(one, "old\n");
	ck_assert_int_eq(symlink(one, two), 0);
	ck_assert(changes_add(&changes, two, 0600, DIFF_OPEN, strdup("new\n")));
	ck_assert(changes_commit(&changes));
	holds(one, "new\n");
	folder_has(2);
}
END_TEST

START_TEST(changes_no_text_is_refused)
{
	int fd = open(one, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_eq(write(fd, "a\0b", 3), 3);
	close(fd);
	ck_assert(!changes_add(&changes, one, 0600, DIFF_OPEN, strdup("new\n")));
	ck_assert_ptr_nonnull(strstr(said, "cannot be read"));
	ck_assert(!changes_add(&changes, dir, 0600, DIFF_OPEN, strdup("new\n")));
}
END_TEST

static void
masks(const char *text, enum diff_secrets secrets, const char *want)
{
	char *masked = diff_mask(text, secrets);

	ck_assert_str_eq(masked, want);
	free(masked);
}

START_TEST(diff_secrets_are_masked)
{
	masks("[a]\n  password\t=  plain:x\notp=ABC\npasswords = y\n# password = z\n", DIFF_KEYS,
	      "[a]\n  password\t=  " DIFF_MASK "\notp=" DIFF_MASK
	      "\npasswords = y\n# password = z\n");
	masks("# c\nkey one\n\nlast", DIFF_LINES, "# c\n" DIFF_MASK "\n\n" DIFF_MASK);
	masks("password = x", DIFF_OPEN, "password = x");
	masks("password =\npassword\n", DIFF_KEYS, "password =\npassword\n");
	masks("", DIFF_LINES, "");
}
END_TEST

static void
differs(const char *before, const char *after, const char *want)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert(diff_print(out, "/etc/x", before, after, DIFF_KEYS));
	fclose(out);
	ck_assert_str_eq(text, want);
	free(text);
}

START_TEST(diff_is_unified_and_has_no_secret)
{
	differs(NULL, "[a]\npassword = plain:secret\n",
		"--- /dev/null\n+++ /etc/x\n@@ -0,0 +1,2 @@\n+[a]\n+password = " DIFF_MASK "\n");
	differs("a\nb\n", "a\nc\n", "--- /etc/x\n+++ /etc/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
	differs("same\n", "same\n", "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("change");
	TCase *tcase = tcase_create("change");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, begin, finish);
	tcase_add_test(tcase, changes_all_are_written_with_their_modes);
	tcase_add_test(tcase, changes_file_that_says_so_already_is_left_out);
	tcase_add_test(tcase, changes_second_cannot_be_prepared_first_is_as_before);
	tcase_add_test(tcase, changes_second_cannot_be_placed_both_are_as_before);
	tcase_add_test(tcase, changes_no_room_nothing_is_left);
	tcase_add_test(tcase, changes_link_is_followed);
	tcase_add_test(tcase, changes_no_text_is_refused);
	tcase_add_test(tcase, diff_secrets_are_masked);
	tcase_add_test(tcase, diff_is_unified_and_has_no_secret);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
