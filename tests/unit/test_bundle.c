/* src/os/bundle.c, on files in a folder of its own. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "conf_fixture.h"

static char dir[64];
static char main_file[128];

static void
write_file(const char *name, const char *text, size_t len)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static void
begin(void)
{
	char path[200];

	errors_begin();
	strcpy(dir, "/tmp/lnsd-bundle-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(main_file, sizeof(main_file), "%s/lnsd.conf", dir);
	snprintf(path, sizeof(path), "%s.d", main_file);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void
end(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
	errors_end();
}

static const char *
base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

START_TEST(bundle_has_file_and_drop_ins_in_order)
{
	struct bundle bundle;

	write_file("lnsd.conf", "[server]\n", 9);
	write_file("lnsd.conf.d/b.conf", "", 0);
	write_file("lnsd.conf.d/B.conf", "2", 1);
	write_file("lnsd.conf.d/10.conf", "1", 1);
	write_file("lnsd.conf.d/a.conf~", "x", 1);
	write_file("lnsd.conf.d/.a.conf", "x", 1);
	write_file("lnsd.conf.d/.conf", "x", 1);
	ck_assert(bundle_read(&bundle, main_file, &errors));
	ck_assert_uint_eq(bundle.count, 4);
	ck_assert_str_eq(bundle.files[0].name, main_file);
	ck_assert_uint_eq(bundle.files[0].len, 9);
	ck_assert_mem_eq(bundle.files[0].text, "[server]\n", 9);
	ck_assert_str_eq(base_name(bundle.files[1].name), "10.conf");
	ck_assert_str_eq(base_name(bundle.files[2].name), "B.conf");
	ck_assert_str_eq(base_name(bundle.files[3].name), "b.conf");
	ck_assert_uint_eq(bundle.files[3].len, 0);
	bundle_fini(&bundle);
	ck_assert_uint_eq(bundle.count, 0);
}
END_TEST

/* `name` beside the folder cannot be read; the one error names it and has this in its text. */
static void
refuse(const char *path, const char *want)
{
	struct bundle bundle;

	conf_errors_fini(&errors);
	ck_assert(!bundle_read(&bundle, path, &errors));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_msg(strstr(errors.list[0].text, want) != NULL, "%s", errors.list[0].text);
	ck_assert_ptr_null(bundle.files);
	bundle_fini(&bundle);
}

START_TEST(bundle_missing_file_is_told_with_the_fix)
{
	refuse(main_file, "No such file or directory: create it");
	ck_assert_str_eq(errors.list[0].file, main_file);
	refuse(dir, "is no regular file");
	refuse("/dev/null", "is no regular file");
}
END_TEST

START_TEST(bundle_fifo_does_not_hang)
{
	ck_assert_int_eq(mkfifo(main_file, 0600), 0);
	refuse(main_file, "is no regular file");
}
END_TEST

START_TEST(bundle_too_large_file_is_refused)
{
	char *text = malloc((1 << 20) + 1);
	struct bundle bundle;

	memset(text, '#', (1 << 20) + 1);
	write_file("lnsd.conf", text, (1 << 20) + 1);
	refuse(main_file, "larger than 1 MiB");
	write_file("lnsd.conf", text, 1 << 20);
	ck_assert(bundle_read(&bundle, main_file, &errors) || errors.count);
	ck_assert_uint_eq(bundle.files[0].len, 1 << 20);
	bundle_fini(&bundle);
	free(text);
}
END_TEST

START_TEST(bundle_nul_byte_is_refused)
{
	write_file("lnsd.conf", "[ser\0ver]", 9);
	refuse(main_file, "has NUL bytes");
}
END_TEST

START_TEST(bundle_bad_drop_in_is_refused)
{
	write_file("lnsd.conf", "", 0);
	write_file("lnsd.conf.d/a.conf", "\0", 1);
	refuse(main_file, "has NUL bytes");
	ck_assert_str_eq(base_name(errors.list[0].file), "a.conf");
}
END_TEST

START_TEST(bundle_too_many_drop_ins_are_refused)
{
	write_file("lnsd.conf", "", 0);
	for (int i = 0; i < 256; i++) {
		char name[64];

		sprintf(name, "lnsd.conf.d/%03d.conf", i);
		write_file(name, "", 0);
	}
	refuse(main_file, "more files than");
}
END_TEST

START_TEST(bundle_overlong_path_is_refused)
{
	char path[400];

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[399] = '\0';
	refuse(path, "the path is longer than 253 bytes");
}
END_TEST

START_TEST(bundle_of_one_leaves_drop_ins)
{
	struct bundle bundle;

	write_file("lnsd.conf", "x", 1);
	write_file("lnsd.conf.d/a.conf", "y", 1);
	ck_assert(bundle_read_one(&bundle, main_file, &errors));
	ck_assert_uint_eq(bundle.count, 1);
	bundle_fini(&bundle);
}
END_TEST

/* With the secrets that the configuration would have: none. */
static int
to_memfd(const struct bundle *bundle)
{
	struct conf *conf = conf_parse(bundle->files, bundle->count, &errors);
	int fd;

	ck_assert_ptr_nonnull(conf);
	fd = bundle_to_memfd(bundle, conf);
	conf_free(conf);
	return fd;
}

START_TEST(bundle_comes_back_from_the_memfd)
{
	struct bundle bundle, back;
	int fd;

	write_file("lnsd.conf", "[server]\nport = 1702\n", 21);
	write_file("lnsd.conf.d/a.conf", "", 0);
	write_file("lnsd.conf.d/b.conf", "[log]", 5);
	ck_assert(bundle_read(&bundle, main_file, &errors));
	fd = to_memfd(&bundle);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_lt(pwrite(fd, "x", 1, 0), 0);
	ck_assert_int_lt(ftruncate(fd, 0), 0);
	ck_assert(bundle_from_memfd(&back, fd));
	close(fd);
	ck_assert_uint_eq(back.count, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(back.files[i].name, bundle.files[i].name);
		ck_assert_uint_eq(back.files[i].len, bundle.files[i].len);
		ck_assert_mem_eq(back.files[i].text, bundle.files[i].text, bundle.files[i].len + 1);
	}
	bundle_fini(&back);
	bundle_fini(&bundle);
}
END_TEST

START_TEST(bundle_empty_one_comes_back)
{
	struct bundle bundle = {0}, back;
	int fd = to_memfd(&bundle);

	ck_assert_int_ge(fd, 0);
	ck_assert(bundle_from_memfd(&back, fd));
	ck_assert_uint_eq(back.count, 0);
	bundle_fini(&back);
	close(fd);
}
END_TEST

/* A memfd with these bytes, sealed like ours. */
static int
forge(const char *bytes, size_t len, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

START_TEST(bundle_that_is_not_whole_is_refused)
{
	struct bundle bundle, back;
	char bytes[512];
	ssize_t len;
	int fd;

	write_file("lnsd.conf", "[server]\n", 9);
	ck_assert(bundle_read_one(&bundle, main_file, &errors));
	fd = to_memfd(&bundle);
	bundle_fini(&bundle);
	len = pread(fd, bytes, sizeof(bytes), 0);
	close(fd);
	/* every shorter one, one that is longer, one that can be changed, no memfd at all */
	for (ssize_t cut = 0; cut < len; cut++) {
		fd = forge(bytes, (size_t)cut, ALL_SEALS);
		ck_assert(!bundle_from_memfd(&back, fd));
		close(fd);
	}
	bytes[len] = '\0';
	fd = forge(bytes, (size_t)len + 1, ALL_SEALS);
	ck_assert(!bundle_from_memfd(&back, fd));
	close(fd);
	fd = forge(bytes, (size_t)len, F_SEAL_SHRINK);
	ck_assert(!bundle_from_memfd(&back, fd));
	close(fd);
	fd = forge(bytes, (size_t)len, ALL_SEALS);
	ck_assert(bundle_from_memfd(&back, fd));
	bundle_fini(&back);
	close(fd);
	fd = open(main_file, O_RDONLY | O_CLOEXEC);
	ck_assert(!bundle_from_memfd(&back, fd));
	close(fd);
	ck_assert(!bundle_from_memfd(&back, -1));
}
END_TEST

START_TEST(bundle_with_a_flipped_byte_never_leads_outside)
{
	struct bundle bundle, back;
	char bytes[512];
	ssize_t len;
	int fd;

	write_file("lnsd.conf", "[server]\n", 9);
	ck_assert(bundle_read_one(&bundle, main_file, &errors));
	fd = to_memfd(&bundle);
	bundle_fini(&bundle);
	len = pread(fd, bytes, sizeof(bytes), 0);
	close(fd);
	/* the header and the lengths of the one file */
	for (ssize_t i = 0; i < 20; i++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes[i] ^= (char)(1 << bit);
			fd = forge(bytes, (size_t)len, ALL_SEALS);
			ck_assert(!bundle_from_memfd(&back, fd));
			close(fd);
			bytes[i] ^= (char)(1 << bit);
		}
	}
}
END_TEST

START_TEST(bundle_brings_the_secrets_along)
{
	static const char text[] = "[server]\ntunnel-secret-file = /x\n[peer a]\n"
				   "[peer b]\nsecret-file = /y\n";
	struct bundle bundle, back;
	struct conf *conf, *again, *other;
	int fd;

	write_file("lnsd.conf", text, strlen(text));
	ck_assert(bundle_read_one(&bundle, main_file, &errors));
	conf = conf_parse(bundle.files, bundle.count, &errors);
	memcpy(conf->others.secret.bytes, "ab", 2);
	conf->others.secret.len = 2;
	memset(conf->peers[1].secret.bytes, 'z', LNS_SECRET_MAX);
	conf->peers[1].secret.len = LNS_SECRET_MAX;
	fd = bundle_to_memfd(&bundle, conf);
	ck_assert(bundle_from_memfd(&back, fd));
	close(fd);
	again = conf_parse(back.files, back.count, &errors);
	ck_assert_uint_eq(again->others.secret.len, 0);
	ck_assert(bundle_give_secrets(&back, again));
	for (size_t i = 0; i < 3; i++) {
		const struct conf_secret *want = &conf_secret_owner(conf, i)->secret;
		const struct conf_secret *have = &conf_secret_owner(again, i)->secret;

		ck_assert_uint_eq(have->len, want->len);
		ck_assert_mem_eq(have->bytes, want->bytes, LNS_SECRET_MAX);
	}
	other = take_text("[peer a]\n");
	ck_assert(!bundle_give_secrets(&back, other));
	conf_free(other);
	conf_free(again);
	conf_free(conf);
	bundle_fini(&back);
	ck_assert_ptr_null(back.secrets);
	bundle_fini(&bundle);
}
END_TEST

START_TEST(bundle_secret_that_is_too_long_is_refused)
{
	struct bundle bundle = {0}, back;
	struct conf *conf = take_text("");
	int fd;

	conf->others.secret.len = LNS_SECRET_MAX + 1;
	fd = bundle_to_memfd(&bundle, conf);
	ck_assert(!bundle_from_memfd(&back, fd));
	close(fd);
	conf_free(conf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("bundle");
	TCase *tc = tcase_create("bundle");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, bundle_has_file_and_drop_ins_in_order);
	tcase_add_test(tc, bundle_missing_file_is_told_with_the_fix);
	tcase_add_test(tc, bundle_fifo_does_not_hang);
	tcase_add_test(tc, bundle_too_large_file_is_refused);
	tcase_add_test(tc, bundle_nul_byte_is_refused);
	tcase_add_test(tc, bundle_bad_drop_in_is_refused);
	tcase_add_test(tc, bundle_too_many_drop_ins_are_refused);
	tcase_add_test(tc, bundle_overlong_path_is_refused);
	tcase_add_test(tc, bundle_of_one_leaves_drop_ins);
	tcase_add_test(tc, bundle_comes_back_from_the_memfd);
	tcase_add_test(tc, bundle_empty_one_comes_back);
	tcase_add_test(tc, bundle_that_is_not_whole_is_refused);
	tcase_add_test(tc, bundle_with_a_flipped_byte_never_leads_outside);
	tcase_add_test(tc, bundle_brings_the_secrets_along);
	tcase_add_test(tc, bundle_secret_that_is_too_long_is_refused);
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
