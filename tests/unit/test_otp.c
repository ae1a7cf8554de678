/* One-time codes: the vectors of RFC 4226 (appendix D) and RFC 6238 (appendix B), base32 by RFC
 * 4648 §10, the address for authenticators. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "otp.h"

/* both RFCs' secret for SHA-1 */
static const uint8_t secret[20] = "12345678901234567890";

START_TEST(code_of_a_counter_is_that_of_rfc4226)
{
	static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314",
					    "254676", "287922", "162583", "399871", "520489"};
	char code[OTP_DIGITS + 1];

	ck_assert(otp_code(code, secret, sizeof(secret), (uint64_t)_i));
	ck_assert_str_eq(code, codes[_i]);
}
END_TEST

START_TEST(code_of_a_moment_is_that_of_rfc6238)
{
	/* the RFC prints eight digits: ours are the last six */
	static const struct {
		time_t now;
		const char *code;
	} rows[] = {{59, "287082"},	    {1111111109, "081804"}, {1111111111, "050471"},
		    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
	char code[OTP_DIGITS + 1];

	ck_assert(otp_code(code, secret, sizeof(secret), otp_step(rows[_i].now)));
	ck_assert_str_eq(code, rows[_i].code);
}
END_TEST

START_TEST(step_changes_every_thirty_seconds)
{
	ck_assert_uint_eq(otp_step(0), 0);
	ck_assert_uint_eq(otp_step(29), 0);
	ck_assert_uint_eq(otp_step(30), 1);
	ck_assert_uint_eq(otp_step(-1), 0);
}
END_TEST

static const struct {
	const char *bytes, *text;
} base32[] = {{"f", "MY"},	   {"fo", "MZXQ"},	  {"foo", "MZXW6"},
	      {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};

START_TEST(base32_is_that_of_rfc4648_both_ways)
{
	uint8_t bytes[OTP_SECRET_MAX];
	char text[OTP_TEXT_MAX];
	uint32_t len;

	otp_encode(text, (const uint8_t *)base32[_i].bytes, strlen(base32[_i].bytes));
	ck_assert_str_eq(text, base32[_i].text);
	ck_assert(otp_decode(bytes, &len, text));
	ck_assert_uint_eq(len, strlen(base32[_i].bytes));
	ck_assert_mem_eq(bytes, base32[_i].bytes, len);
}
END_TEST

START_TEST(base32_as_people_copy_it_is_taken)
{
	static const char *const texts[] = {"mzxw 6ytb oi", "MZXW6YTBOI======", "MzXw6yTbOi"};
	uint8_t bytes[OTP_SECRET_MAX];
	uint32_t len;

	ck_assert(otp_decode(bytes, &len, texts[_i]));
	ck_assert_uint_eq(len, 6);
	ck_assert_mem_eq(bytes, "foobar", 6);
}
END_TEST

START_TEST(base32_that_is_none_is_refused)
{
	static const char *const texts[] = {"",	 "M", "MZ1",	"MZXW6YTBO", "MZ", "MZXQ=Q",
					    "=", " ", "MZ\xc3", "MZX-",	     "0A"};
	uint8_t bytes[OTP_SECRET_MAX];
	uint32_t len;

	ck_assert(!otp_decode(bytes, &len, texts[_i]));
}
END_TEST

START_TEST(longest_secret_fits_and_a_longer_one_is_refused)
{
	uint8_t bytes[OTP_SECRET_MAX], back[OTP_SECRET_MAX];
	char text[OTP_TEXT_MAX + 2];
	uint32_t len;

	memset(bytes, 0xff, sizeof(bytes));
	otp_encode(text, bytes, sizeof(bytes));
	ck_assert_uint_eq(strlen(text), OTP_TEXT_MAX - 1);
	ck_assert(otp_decode(back, &len, text));
	ck_assert_uint_eq(len, OTP_SECRET_MAX);
	ck_assert_mem_eq(back, bytes, sizeof(bytes));
	strcat(text, "AA");
	ck_assert(!otp_decode(back, &len, text));
}
END_TEST

START_TEST(uri_escapes_names_and_ends_when_it_does_not_fit)
{
	static const char expected[] = "otpauth://totp/vpn%20%26%20co:j%C3%BCrg%40x?secret="
				       "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=vpn%20%26%20co";
	char uri[256];

	ck_assert(otp_uri(uri, sizeof(uri), "vpn & co", "j\xc3\xbcrg@x", secret, sizeof(secret)));
	ck_assert_str_eq(uri, expected);
	for (size_t cap = 1; cap < strlen(expected); cap++)
		ck_assert(!otp_uri(uri, cap, "vpn & co", "j\xc3\xbcrg@x", secret, sizeof(secret)));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("otp");
	TCase *tc = tcase_create("otp");

	tcase_add_loop_test(tc, code_of_a_counter_is_that_of_rfc4226, 0, 10);
	tcase_add_loop_test(tc, code_of_a_moment_is_that_of_rfc6238, 0, 6);
	tcase_add_test(tc, step_changes_every_thirty_seconds);
	tcase_add_loop_test(tc, base32_is_that_of_rfc4648_both_ways, 0, 6);
	tcase_add_loop_test(tc, base32_as_people_copy_it_is_taken, 0, 3);
	tcase_add_loop_test(tc, base32_that_is_none_is_refused, 0, 11);
	tcase_add_test(tc, longest_secret_fits_and_a_longer_one_is_refused);
	tcase_add_test(tc, uri_escapes_names_and_ends_when_it_does_not_fit);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
