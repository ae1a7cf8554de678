/* RFC 1321's test suite, in one part and in many; comparing and wiping. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "md5.h"

static const struct {
	const char *text, *digest;
} suite_of_rfc1321[] = {
	{"", "d41d8cd98f00b204e9800998ecf8427e"},
	{"a", "0cc175b9c0f1b6a831c399e269772661"},
	{"abc", "900150983cd24fb0d6963f7d28e17f72"},
	{"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
	{"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	 "d174ab98d277d9f5a5611c2c9f419d9f"},
	{"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
	 "57edf4a22be3c955ac49da2e2107b67a"},
};

static void
check_parts(const struct md5_part *parts, size_t count, const char *digest)
{
	uint8_t out[MD5_SIZE];
	char hex[2 * MD5_SIZE + 1];

	ck_assert(md5(out, parts, count));
	for (size_t i = 0; i < MD5_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", out[i]);
	ck_assert_str_eq(hex, digest);
}

START_TEST(md5_of_the_rfcs_texts_is_right)
{
	const char *text = suite_of_rfc1321[_i].text;
	struct md5_part part = {text, strlen(text)};

	check_parts(&part, 1, suite_of_rfc1321[_i].digest);
}
END_TEST

START_TEST(md5_of_parts_is_that_of_the_whole)
{
	const char *text = suite_of_rfc1321[_i].text;
	size_t len = strlen(text);

	for (size_t cut = 0; cut <= len; cut++) {
		struct md5_part parts[] = {{text, cut}, {NULL, 0}, {text + cut, len - cut}};

		check_parts(parts, 3, suite_of_rfc1321[_i].digest);
	}
}
END_TEST

START_TEST(md5_of_no_part_is_that_of_nothing)
{
	check_parts(NULL, 0, suite_of_rfc1321[0].digest);
}
END_TEST

START_TEST(secret_eq_differs_in_any_byte)
{
	uint8_t a[MD5_SIZE], b[MD5_SIZE];

	memset(a, 7, sizeof(a));
	memcpy(b, a, sizeof(b));
	ck_assert(secret_eq(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] ^= 0x80;
		ck_assert(!secret_eq(a, b, sizeof(a)));
		b[i] = a[i];
	}
	b[0] = 0;
	ck_assert(secret_eq(a, b, 0));
}
END_TEST

START_TEST(secret_wipe_leaves_nothing)
{
	uint8_t secret[33], nothing[32] = {0};

	memset(secret, 0xaa, sizeof(secret));
	secret_wipe(secret, 32);
	ck_assert_mem_eq(secret, nothing, 32);
	ck_assert_uint_eq(secret[32], 0xaa);
}
END_TEST

int
main(void)
{
	int texts = sizeof(suite_of_rfc1321) / sizeof(suite_of_rfc1321[0]);
	Suite *suite = suite_create("md5");
	TCase *tc = tcase_create("md5");

	tcase_add_loop_test(tc, md5_of_the_rfcs_texts_is_right, 0, texts);
	tcase_add_loop_test(tc, md5_of_parts_is_that_of_the_whole, 0, texts);
	tcase_add_test(tc, md5_of_no_part_is_that_of_nothing);
	tcase_add_test(tc, secret_eq_differs_in_any_byte);
	tcase_add_test(tc, secret_wipe_leaves_nothing);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
