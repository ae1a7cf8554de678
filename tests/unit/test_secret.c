/* src/os/secret.c, on files in a folder of its own. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_fixture.h"
#include "secret.h"

static char dir[64];
static struct conf_secret secret;
static char why[SECRET_WHY_MAX];

static void
write_file(const char *name, mode_t mode, const char *bytes, size_t len)
{
	int fd;

	snprintf(secret.file, sizeof(secret.file), "%s/%s", dir, name);
	fd = open(secret.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void
begin(void)
{
	errors_begin();
	memset(&secret, 0, sizeof(secret));
	strcpy(dir, "/tmp/lnsd-secret-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
end(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
	errors_end();
}

static void
expect_secret(const char *bytes, size_t len, const char *want)
{
	write_file("s", 0600, bytes, len);
	ck_assert_msg(secret_read(&secret, why), "%s", why);
	ck_assert_uint_eq(secret.len, strlen(want));
	ck_assert_mem_eq(secret.bytes, want, strlen(want));
}

START_TEST(secret_is_the_line_without_its_end)
{
	expect_secret("s3cret\n", 7, "s3cret");
	expect_secret("s3cret\r\n", 8, "s3cret");
	expect_secret("s3cret", 6, "s3cret");
	expect_secret(" a b \t\n", 7, " a b \t");
	expect_secret("x", 1, "x");
}
END_TEST

START_TEST(secret_may_have_128_bytes)
{
	char bytes[LNS_SECRET_MAX + 4];

	memset(bytes, 'a', sizeof(bytes));
	bytes[LNS_SECRET_MAX] = '\r';
	bytes[LNS_SECRET_MAX + 1] = '\n';
	write_file("s", 0600, bytes, LNS_SECRET_MAX + 2);
	ck_assert(secret_read(&secret, why));
	ck_assert_uint_eq(secret.len, LNS_SECRET_MAX);
	for (size_t len = LNS_SECRET_MAX + 1; len <= sizeof(bytes); len++) {
		memset(bytes, 'a', sizeof(bytes));
		write_file("s", 0600, bytes, len);
		ck_assert(!secret_read(&secret, why));
		ck_assert_uint_eq(secret.len, 0);
		ck_assert_ptr_nonnull(strstr(why, "is too long"));
	}
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	const char *want;
} faults[] = {
	{"", 0, "is empty: write the secret into it as one line of 1 to 128 bytes"},
	{"\n", 1, "is empty: write the secret into it as one line of 1 to 128 bytes"},
	{"\r\n", 2, "is empty: write the secret into it as one line of 1 to 128 bytes"},
	{"a\nb\n", 4,
	 "is more than one line of text: write the secret into it as one line of 1 to 128 bytes"},
	{"a\n\n", 3,
	 "is more than one line of text: write the secret into it as one line of 1 to 128 bytes"},
	{"a\0b", 3,
	 "is more than one line of text: write the secret into it as one line of 1 to 128 bytes"},
};

START_TEST(secret_that_is_no_line_is_refused)
{
	write_file("s", 0600, faults[_i].bytes, faults[_i].len);
	secret.len = 9;
	ck_assert(!secret_read(&secret, why));
	ck_assert_uint_eq(secret.len, 0);
	ck_assert_str_eq(why, faults[_i].want);
}
END_TEST

START_TEST(secret_file_that_cannot_be_read_is_refused)
{
	snprintf(secret.file, sizeof(secret.file), "%s/none", dir);
	ck_assert(!secret_read(&secret, why));
	ck_assert_str_eq(why, "cannot be read: No such file or directory");
	strcpy(secret.file, dir);
	ck_assert(!secret_read(&secret, why));
	ck_assert_str_eq(why, "is no regular file: name another one");
	snprintf(secret.file, sizeof(secret.file), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(secret.file, 0600), 0);
	ck_assert(!secret_read(&secret, why));
	ck_assert_str_eq(why, "is no regular file: name another one");
}
END_TEST

START_TEST(secrets_of_all_are_read_and_faults_told)
{
	char text[1024], want[512];
	struct conf *conf;

	snprintf(text, sizeof(text),
		 "[server]\ntunnel-secret-file = %s/none\n[peer a]\nsecret-file = %s/a\n[peer b]\n"
		 "[peer c]\nsecret-file = %s/c\n[peer d]\nsecret-file = %s/none\n",
		 dir, dir, dir, dir);
	conf = take_text(text);
	write_file("a", 0600, "alpha\n", 6);
	write_file("c", 0640, "gamma\n", 6);
	secrets_read(conf, &errors);
	ck_assert_uint_eq(conf->others.secret.len, 0);
	ck_assert_mem_eq(conf->peers[0].secret.bytes, "alpha", 5);
	ck_assert_uint_eq(conf->peers[0].secret.len, 5);
	ck_assert_uint_eq(conf->peers[1].secret.len, 0);
	ck_assert_uint_eq(conf->peers[2].secret.len, 5);
	ck_assert_uint_eq(errors.count, 3);
	ck_assert_str_eq(errors.list[0].text,
			 "cannot be read: No such file or directory; peers without a [peer] "
			 "section are refused until it can be used");
	snprintf(want, sizeof(want), "mode 0640 lets others at the secret: chmod 600 %s/c", dir);
	ck_assert_str_eq(errors.list[1].text, want);
	ck_assert_str_eq(errors.list[2].text, "cannot be read: No such file or directory; "
					      "[peer d] is refused until it can be used");
	snprintf(want, sizeof(want), "%s/none", dir);
	ck_assert_str_eq(errors.list[2].file, want);
	conf_free(conf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("secret");
	TCase *tc = tcase_create("secret");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, secret_is_the_line_without_its_end);
	tcase_add_test(tc, secret_may_have_128_bytes);
	tcase_add_loop_test(tc, secret_that_is_no_line_is_refused, 0,
			    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, secret_file_that_cannot_be_read_is_refused);
	tcase_add_test(tc, secrets_of_all_are_read_and_faults_told);
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
