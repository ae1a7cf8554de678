/* Credentials: the example of RFC 2759 §9.2, CHAP by RFC 1994, PAP, and what the users' file may
 * hold. */
#include <check.h>
#include <openssl/provider.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "cred.h"
#include "md5.h"

static const uint8_t auth_challenge[16] = {0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
					   0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28};
/* §9.2: peer challenge, eight reserved zeros, NT response, flags */
static const uint8_t rfc_response[49] = {0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a, 0x28, 0x29,
					 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e, 0,	   0,	 0,    0,
					 0,    0,    0,	   0,	 0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70,
					 0x8b, 0x5e, 0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83, 0x54,
					 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf, 0};
static const uint8_t rfc_hash[16] = {0x44, 0xeb, 0xba, 0x8d, 0x53, 0x12, 0xb8, 0xd6,
				     0x11, 0x47, 0x44, 0x11, 0xf5, 0x69, 0x89, 0xae};
#define RFC_ANSWER "S=407A5589115FD0D6209F510FE9C04566932CDA56"
#define RFC_NT "nt:44ebba8d5312b8d611474411f56989ae"

static struct cred
parsed(const char *text)
{
	struct cred cred;
	const char *why;

	ck_assert_msg(cred_parse(&cred, text, &why), "%s", why);
	return cred;
}

START_TEST(nt_hash_of_rfc2759_is_right)
{
	uint8_t hash[16];

	ck_assert(cred_nt_hash(hash, "clientPass"));
	ck_assert_mem_eq(hash, rfc_hash, 16);
}
END_TEST

START_TEST(nt_hash_of_utf8_is_that_of_utf16)
{
	/* "ü€😀" is fc 00 ac 20 3d d8 00 de in UTF-16LE; its MD4 by another implementation */
	static const uint8_t expected[16] = {0xb3, 0xa2, 0x5b, 0xd4, 0x26, 0x39, 0xd0, 0x24,
					     0x4f, 0xc1, 0x7a, 0x8a, 0x9c, 0xaa, 0xa3, 0xbc};
	uint8_t hash[16];

	ck_assert(cred_nt_hash(hash, "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"));
	ck_assert_mem_eq(hash, expected, 16);
}
END_TEST

START_TEST(nt_hash_of_bad_utf8_is_refused)
{
	static const char *const bad[] = {"\xff",
					  "a\x80",
					  "\xc3",
					  "\xc0\xaf" /* overlong */,
					  "\xed\xa0\x80" /* surrogate */,
					  "\xf4\x90\x80\x80"};
	uint8_t hash[16];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!cred_nt_hash(hash, bad[i]), "%zu", i);
}
END_TEST

START_TEST(nt_hash_of_long_password_is_bounded)
{
	char text[400];
	uint8_t hash[16];

	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	ck_assert(cred_nt_hash(hash, text));
	text[255] = 'a';
	text[399] = '\0';
	ck_assert(!cred_nt_hash(hash, text));
}
END_TEST

START_TEST(parse_of_good_forms_succeeds)
{
	struct cred plain = parsed("plain:clientPass"), nt = parsed(RFC_NT);
	struct cred upper = parsed("nt:44EBBA8D5312B8D611474411F56989AE");

	ck_assert_int_eq(plain.kind, CRED_PLAIN);
	ck_assert_str_eq(plain.plain, "clientPass");
	ck_assert_mem_eq(plain.nt_hash, rfc_hash, 16);
	ck_assert_int_eq(nt.kind, CRED_NT);
	ck_assert_mem_eq(nt.nt_hash, rfc_hash, 16);
	ck_assert_mem_eq(upper.nt_hash, rfc_hash, 16);
}
END_TEST

START_TEST(parse_of_bad_forms_says_why_without_the_secret)
{
	static const char *const bad[] = {"",
					  "hunter2",
					  "plain:",
					  "nt:",
					  "nt:44ebba8d5312b8d611474411f56989a",
					  "nt:44ebba8d5312b8d611474411f56989aez",
					  "nt:44ebba8d5312b8d611474411f56989ag",
					  "plain:hunter2\xff"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cred cred;
		const char *why;

		ck_assert_msg(!cred_parse(&cred, bad[i], &why), "%s", bad[i]);
		ck_assert_ptr_nonnull(why);
		ck_assert_ptr_null(strstr(why, "hunter2"));
		ck_assert_int_eq(cred.kind, CRED_NONE);
	}
}
END_TEST

START_TEST(mschapv2_example_of_rfc2759_is_accepted)
{
	struct cred creds[] = {parsed("plain:clientPass"), parsed(RFC_NT)};

	for (size_t i = 0; i < 2; i++) {
		char answer[43] = "";

		ck_assert(cred_check_mschapv2(&creds[i], "User", auth_challenge, rfc_response,
					      answer));
		ck_assert_str_eq(answer, RFC_ANSWER);
	}
}
END_TEST

START_TEST(mschapv2_domain_is_left_out_of_the_hash)
{
	struct cred cred = parsed(RFC_NT);
	char answer[43] = "";

	ck_assert(cred_check_mschapv2(&cred, "OFFICE\\User", auth_challenge, rfc_response, answer));
	ck_assert_str_eq(answer, RFC_ANSWER);
}
END_TEST

START_TEST(mschapv2_any_changed_part_is_refused)
{
	struct cred cred = parsed(RFC_NT), wrong = parsed("plain:clientpass");
	uint8_t response[49], challenge[16];
	char answer[43] = "";

	ck_assert(!cred_check_mschapv2(&wrong, "User", auth_challenge, rfc_response, answer));
	ck_assert(!cred_check_mschapv2(&cred, "user", auth_challenge, rfc_response, answer));
	for (size_t i = 0; i < 48; i++) {
		memcpy(response, rfc_response, sizeof(response));
		response[i] ^= 1;
		/* the eight reserved bytes are not looked at (§4) */
		ck_assert_msg(cred_check_mschapv2(&cred, "User", auth_challenge, response,
						  answer) == (i >= 16 && i < 24),
			      "byte %zu", i);
	}
	memcpy(challenge, auth_challenge, sizeof(challenge));
	challenge[15] ^= 0x80;
	answer[0] = '\0';
	ck_assert(!cred_check_mschapv2(&cred, "User", challenge, rfc_response, answer));
	ck_assert_str_eq(answer, "");
}
END_TEST

START_TEST(chap_response_of_rfc1994_is_accepted)
{
	struct cred cred = parsed("plain:secret");
	static const uint8_t challenge[] = {1, 2, 3, 4, 5};
	/* RFC 1994 §4.1: MD5 over identifier, secret, challenge */
	const struct md5_part parts[] = {{"\x2a", 1}, {"secret", 6}, {challenge, 5}};
	uint8_t response[16];

	ck_assert(md5(response, parts, 3));
	ck_assert(cred_check_chap(&cred, 0x2a, challenge, 5, response));
	ck_assert(!cred_check_chap(&cred, 0x2b, challenge, 5, response));
	ck_assert(!cred_check_chap(&cred, 0x2a, challenge, 4, response));
	response[3] ^= 1;
	ck_assert(!cred_check_chap(&cred, 0x2a, challenge, 5, response));
}
END_TEST

START_TEST(chap_with_hash_alone_is_refused)
{
	struct cred cred = parsed(RFC_NT);
	const struct md5_part parts[] = {{"\x01", 1}, {"", 0}, {"abc", 3}};
	uint8_t response[16];

	/* the answer that an empty password would give must not pass */
	ck_assert(md5(response, parts, 3));
	ck_assert(!cred_check_chap(&cred, 1, (const uint8_t *)"abc", 3, response));
}
END_TEST

START_TEST(pap_right_password_alone_is_accepted)
{
	struct cred creds[] = {parsed("plain:clientPass"), parsed(RFC_NT)};
	struct cred none = {.kind = CRED_NONE};
	char big[300] = "clientPass";

	for (size_t i = 0; i < 2; i++) {
		ck_assert(cred_check_pap(&creds[i], "clientPass", 10));
		ck_assert(!cred_check_pap(&creds[i], "clientPass", 9));
		ck_assert(!cred_check_pap(&creds[i], "clientPas", 9));
		ck_assert(!cred_check_pap(&creds[i], "", 0));
		ck_assert(!cred_check_pap(&creds[i], "clientPass\0x", 12));
		ck_assert(!cred_check_pap(&creds[i], big, sizeof(big)));
	}
	ck_assert(!cred_check_pap(&none, "", 0));
}
END_TEST

START_TEST(serves_says_what_a_form_can_do)
{
	struct cred plain = parsed("plain:x"), nt = parsed(RFC_NT), none = {.kind = CRED_NONE};

	ck_assert(cred_serves(&plain, METHOD_CHAP) && cred_serves(&plain, METHOD_MSCHAPV2) &&
		  cred_serves(&plain, METHOD_PAP));
	ck_assert(!cred_serves(&nt, METHOD_CHAP) && cred_serves(&nt, METHOD_MSCHAPV2) &&
		  cred_serves(&nt, METHOD_PAP));
	ck_assert(!cred_serves(&none, METHOD_PAP) && !cred_serves(&plain, METHOD_EAP));
}
END_TEST

START_TEST(wipe_leaves_nothing)
{
	struct cred cred = parsed("plain:clientPass"), zero = {.kind = CRED_NONE};

	memset(&zero, 0, sizeof(zero));
	cred_wipe(&cred);
	ck_assert_mem_eq(&cred, &zero, sizeof(cred));
}
END_TEST

/* cred.c keeps the provider to the end of the process, which leak checkers take for a leak. */
static void
give_provider_back(void)
{
	OSSL_PROVIDER *legacy = OSSL_PROVIDER_try_load(NULL, "legacy", 1);

	while (legacy && OSSL_PROVIDER_available(NULL, "legacy"))
		OSSL_PROVIDER_unload(legacy);
}

int
main(void)
{
	Suite *suite = suite_create("cred");
	TCase *tc = tcase_create("cred");

	tcase_add_checked_fixture(tc, NULL, give_provider_back);
	tcase_add_test(tc, nt_hash_of_rfc2759_is_right);
	tcase_add_test(tc, nt_hash_of_utf8_is_that_of_utf16);
	tcase_add_test(tc, nt_hash_of_bad_utf8_is_refused);
	tcase_add_test(tc, nt_hash_of_long_password_is_bounded);
	tcase_add_test(tc, parse_of_good_forms_succeeds);
	tcase_add_test(tc, parse_of_bad_forms_says_why_without_the_secret);
	tcase_add_test(tc, mschapv2_example_of_rfc2759_is_accepted);
	tcase_add_test(tc, mschapv2_domain_is_left_out_of_the_hash);
	tcase_add_test(tc, mschapv2_any_changed_part_is_refused);
	tcase_add_test(tc, chap_response_of_rfc1994_is_accepted);
	tcase_add_test(tc, chap_with_hash_alone_is_refused);
	tcase_add_test(tc, pap_right_password_alone_is_accepted);
	tcase_add_test(tc, serves_says_what_a_form_can_do);
	tcase_add_test(tc, wipe_leaves_nothing);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
