/* Letting a client in: the order of the checks, and what it is told (RFC 2759 §5 and §6). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/login.h"
#include "keeper/otp_used.h"
#include "md5.h"
#include "mschap_fixture.h"
#include "otp.h"

static const char text[] = "[User]\npassword = plain:clientPass\n"
			   "[hash]\npassword = nt:44ebba8d5312b8d611474411f56989ae\n"
			   "[off]\npassword = plain:clientPass\ndisabled = yes\n"
			   "[old]\npassword = plain:clientPass\nexpires = 2020-01-01\n";
static const struct conf_file file = {"users", text, sizeof(text) - 1};
#define NOW ((time_t)1700000000)

static struct users *
users(void)
{
	static const struct conf conf = {.auth = {.strip_domain = true}};
	struct conf_errors errors = {.count = 0};
	struct users *table = users_parse(&file, &conf, &errors, NULL);

	ck_assert_ptr_nonnull(table);
	conf_errors_fini(&errors);
	return table;
}

/* RFC 2759 §9.2: "User" with "clientPass" */
static struct proof
mschapv2(const char *name)
{
	static const uint8_t challenge[16] = {0x5b, 0x5d, 0x7c, 0x7d, 0x7b, 0x3f, 0x2f, 0x3e,
					      0x3c, 0x2c, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28};
	static const uint8_t response[49] = {
		0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a, 0x28, 0x29, 0x5f, 0x2b, 0x3a,
		0x33, 0x7c, 0x7e, 0,	0,    0,    0,	  0,	0,    0,    0,	  0x82, 0x30,
		0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e, 0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83,
		0x54, 0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf, 0};
	struct proof proof = {.method = METHOD_MSCHAPV2, .challenge_len = 16, .response_len = 49};

	strcpy(proof.user, name);
	memcpy(proof.challenge, challenge, sizeof(challenge));
	memcpy(proof.response, response, sizeof(response));
	return proof;
}

static struct proof
pap(const char *name, const char *password)
{
	struct proof proof = {.method = METHOD_PAP, .response_len = (uint32_t)strlen(password)};

	strcpy(proof.user, name);
	memcpy(proof.response, password, strlen(password));
	return proof;
}

static enum cause
outcome(const struct proof *proof, unsigned methods, char message[128])
{
	struct users *table = users();
	struct otp_used *used = otp_used_new("/proc/none/otp");
	struct plink_auth_reply reply;
	struct login login;

	login_check(&login, proof, methods, table, used, NOW);
	ck_assert_uint_eq(login.otp_step, 0);
	login_reply(&reply, &login, proof);
	ck_assert_uint_eq(reply.ok, login.cause == CAUSE_NONE);
	ck_assert_uint_eq(reply.cause, login.cause);
	if (login.cause != CAUSE_NONE)
		ck_assert_str_ne(login.text, "");
	if (message)
		memcpy(message, reply.message, sizeof(reply.message));
	users_free(table);
	otp_used_free(used);
	return login.cause;
}

START_TEST(mschapv2_right_gets_the_authenticator_response)
{
	struct proof proof = mschapv2("User");
	char message[128];

	ck_assert_int_eq(outcome(&proof, METHOD_MSCHAPV2, message), CAUSE_NONE);
	ck_assert_str_eq(message, "S=407A5589115FD0D6209F510FE9C04566932CDA56 M=Welcome");
}
END_TEST

START_TEST(mschapv2_with_domain_finds_the_user)
{
	struct proof proof = mschapv2("OFFICE\\User");

	ck_assert_int_eq(outcome(&proof, METHOD_MSCHAPV2, NULL), CAUSE_NONE);
}
END_TEST

START_TEST(mschapv2_failure_has_the_form_of_rfc2759)
{
	struct proof proof = mschapv2("User");
	char message[128];

	proof.response[24] ^= 1;
	ck_assert_int_eq(outcome(&proof, METHOD_MSCHAPV2, message), CAUSE_WRONG_PASSWORD);
	ck_assert_str_eq(message,
			 "E=691 R=0 C=5B5D7C7D7B3F2F3E3C2C602132262628 V=3 M=Access denied");
}
END_TEST

START_TEST(unknown_user_and_wrong_password_are_told_the_same)
{
	struct proof unknown = mschapv2("Nobody"), wrong = mschapv2("User");
	char first[128], second[128];

	wrong.response[30] ^= 1;
	ck_assert_int_eq(outcome(&unknown, METHOD_MSCHAPV2, first), CAUSE_UNKNOWN_USER);
	ck_assert_int_eq(outcome(&wrong, METHOD_MSCHAPV2, second), CAUSE_WRONG_PASSWORD);
	ck_assert_str_eq(first, second);
}
END_TEST

START_TEST(disabled_and_expired_need_the_right_password_first)
{
	struct proof proof = pap("off", "clientPass");

	ck_assert_int_eq(outcome(&proof, METHOD_PAP, NULL), CAUSE_DISABLED);
	proof = pap("off", "guess");
	ck_assert_int_eq(outcome(&proof, METHOD_PAP, NULL), CAUSE_WRONG_PASSWORD);
	proof = pap("old", "clientPass");
	ck_assert_int_eq(outcome(&proof, METHOD_PAP, NULL), CAUSE_EXPIRED);
}
END_TEST

START_TEST(method_not_configured_is_refused)
{
	struct proof proof = pap("User", "clientPass");

	ck_assert_int_eq(outcome(&proof, METHOD_MSCHAPV2 | METHOD_CHAP, NULL), CAUSE_METHOD);
	ck_assert_int_eq(outcome(&proof, METHOD_PAP, NULL), CAUSE_NONE);
}
END_TEST

START_TEST(chap_with_a_hash_is_refused_with_the_reason)
{
	struct proof proof = {
		.method = METHOD_CHAP, .challenge_len = 8, .response_len = 16, .user = "hash"};
	char message[128];

	ck_assert_int_eq(outcome(&proof, METHOD_CHAP, message), CAUSE_METHOD);
	ck_assert_str_eq(message, "Access denied");
}
END_TEST

/* MD5 of identifier, password and challenge (RFC 1994 §4.1) */
static struct proof
chap(const char *name, const char *password)
{
	struct proof proof = {.method = METHOD_CHAP,
			      .id = 0x2a,
			      .challenge_len = 20,
			      .challenge = "twenty bytes of noise",
			      .response_len = 16};
	const uint8_t id = 0x2a;
	const struct md5_part parts[] = {
		{&id, 1}, {password, strlen(password)}, {proof.challenge, proof.challenge_len}};

	strcpy(proof.user, name);
	ck_assert(md5(proof.response, parts, 3));
	return proof;
}

START_TEST(chap_needs_its_own_identifier_challenge_and_password)
{
	struct proof proof = chap("User", "clientPass");

	ck_assert_int_eq(outcome(&proof, METHOD_CHAP, NULL), CAUSE_NONE);
	proof.id++;
	ck_assert_int_eq(outcome(&proof, METHOD_CHAP, NULL), CAUSE_WRONG_PASSWORD);
	proof.id--;
	proof.challenge_len--;
	ck_assert_int_eq(outcome(&proof, METHOD_CHAP, NULL), CAUSE_WRONG_PASSWORD);
	proof = chap("User", "guess");
	ck_assert_int_eq(outcome(&proof, METHOD_CHAP, NULL), CAUSE_WRONG_PASSWORD);
	proof = chap("off", "clientPass");
	ck_assert_int_eq(outcome(&proof, METHOD_CHAP, NULL), CAUSE_DISABLED);
}
END_TEST

START_TEST(pap_goes_with_a_hash_too)
{
	/* RFC 2759 §9.2: the hash of "clientPass" */
	struct proof proof = pap("hash", "clientPass");

	ck_assert_int_eq(outcome(&proof, METHOD_PAP, NULL), CAUSE_NONE);
	proof = pap("hash", "clientpass");
	ck_assert_int_eq(outcome(&proof, METHOD_PAP, NULL), CAUSE_WRONG_PASSWORD);
}
END_TEST

START_TEST(long_name_is_unknown)
{
	struct proof proof = pap("x", "clientPass");

	memset(proof.user, 'u', sizeof(proof.user) - 1);
	ck_assert_int_eq(outcome(&proof, METHOD_PAP, NULL), CAUSE_UNKNOWN_USER);
}
END_TEST

/* RFC 6238's secret; the second factor of [User] and [hash] */
static const uint8_t secret[] = "12345678901234567890";

/* The code of the step that lies so far from NOW, behind "clientPass" */
static const char *
typed(char words[32], int drift)
{
	char code[OTP_DIGITS + 1];

	ck_assert(otp_code(code, secret, 20, otp_step(NOW) + (uint64_t)drift));
	sprintf(words, "clientPass%s", code);
	return words;
}

/* The same password in the form of the method */
static struct proof
proof_of(unsigned method, const char *name, const char *password)
{
	if (method == METHOD_PAP)
		return pap(name, password);
	if (method == METHOD_CHAP)
		return chap(name, password);

	struct proof proof = mschapv2(name);

	mschap_answer(&proof, password);
	return proof;
}

static const unsigned all_methods[] = {METHOD_MSCHAPV2, METHOD_CHAP, METHOD_PAP};

/* `last`: the step that was used before, from NOW; 0x7fff: none */
#define NEVER 0x7fff

static void
expect_code(const struct proof *proof, int last, enum cause cause, const char *words, int drift)
{
	struct users *table = users();
	struct otp_used *used = otp_used_new("/proc/none/otp");
	struct login login;

	for (size_t i = 0; i < table->count; i++) {
		memcpy(table->list[i].otp, secret, 20);
		table->list[i].otp_len = 20;
	}
	if (last != NEVER)
		otp_used_note(used, proof->user, otp_step(NOW) + (uint64_t)last, table);
	login_check(&login, proof, proof->method, table, used, NOW);
	ck_assert_str_eq(login.text, words);
	ck_assert_int_eq(login.cause, cause);
	ck_assert_uint_eq(login.otp_step,
			  cause == CAUSE_NONE ? otp_step(NOW) + (uint64_t)drift : 0);
	users_free(table);
	otp_used_free(used);
}

START_TEST(eap_is_asked_for_by_its_own_name)
{
	struct proof proof = mschapv2("User");

	proof.eap = EAP_MSCHAPV2;
	ck_assert_int_eq(outcome(&proof, METHOD_EAP, NULL), CAUSE_NONE);
	ck_assert_int_eq(outcome(&proof, METHOD_MSCHAPV2, NULL), CAUSE_METHOD);
	proof.response[30] ^= 1;
	ck_assert_int_eq(outcome(&proof, METHOD_EAP, NULL), CAUSE_WRONG_PASSWORD);
}
END_TEST

START_TEST(certificate_lets_in_whom_the_account_does)
{
	static const struct {
		const char *name;
		enum cause cause;
	} rows[] = {{"hash", CAUSE_NONE},
		    {"nobody", CAUSE_UNKNOWN_USER},
		    {"off", CAUSE_DISABLED},
		    {"old", CAUSE_EXPIRED}};
	struct proof proof = {.method = METHOD_EAP, .eap = EAP_TLS};

	strcpy(proof.user, rows[_i].name);
	ck_assert_int_eq(outcome(&proof, METHOD_EAP, NULL), rows[_i].cause);
	ck_assert_int_eq(outcome(&proof, METHOD_MSCHAPV2, NULL), CAUSE_METHOD);
	/* EAP-MD5: pppd would have taken the secret from its own files */
	proof.eap = 4;
	ck_assert_int_eq(outcome(&proof, METHOD_EAP, NULL), CAUSE_METHOD);
}
END_TEST

START_TEST(certificate_does_not_go_with_a_code)
{
	struct proof proof = {.method = METHOD_EAP, .eap = EAP_TLS, .user = "User"};

	expect_code(&proof, NEVER, CAUSE_METHOD,
		    "EAP-TLS has no place for the one-time code that the user needs", 0);
}
END_TEST

START_TEST(code_of_this_step_and_its_neighbours_is_taken)
{
	char words[32];

	for (int drift = -1; drift <= 1; drift++) {
		struct proof proof = proof_of(all_methods[_i], "User", typed(words, drift));

		expect_code(&proof, NEVER, CAUSE_NONE, "", drift);
		expect_code(&proof, drift - 1, CAUSE_NONE, "", drift);
	}
}
END_TEST

START_TEST(code_of_two_steps_away_is_refused_and_the_clock_suspected)
{
	char words[32];
	struct proof proof = proof_of(all_methods[_i], "User", typed(words, -2));

	expect_code(&proof, NEVER, CAUSE_WRONG_CODE,
		    "the one-time code is one of 60 s ago: whose clock is wrong?", 0);
	proof = proof_of(all_methods[_i], "User", typed(words, 10));
	expect_code(&proof, NEVER, CAUSE_WRONG_CODE,
		    "the one-time code is one of 300 s ahead: whose clock is wrong?", 0);
}
END_TEST

START_TEST(code_is_taken_once)
{
	char words[32];
	struct proof proof = proof_of(all_methods[_i], "User", typed(words, 0));

	expect_code(&proof, 0, CAUSE_WRONG_CODE, "the one-time code was used before", 0);
	expect_code(&proof, 1, CAUSE_WRONG_CODE,
		    "a later one-time code was used before: was the clock set back?", 0);
}
END_TEST

START_TEST(code_that_is_missing_is_named)
{
	struct proof proof = proof_of(all_methods[_i], "User", "clientPass");

	expect_code(&proof, NEVER, CAUSE_WRONG_CODE,
		    "the one-time code is missing: it is typed behind the password", 0);
}
END_TEST

START_TEST(wrong_code_is_told_from_a_wrong_password_by_pap_only)
{
	char words[32];
	struct proof proof = pap("User", "clientPass000000");

	expect_code(&proof, NEVER, CAUSE_WRONG_CODE,
		    "the one-time code is wrong or was used before", 0);
	typed(words, 0);
	words[0] = 'C';
	proof = pap("User", words);
	expect_code(&proof, NEVER, CAUSE_WRONG_PASSWORD, "wrong password", 0);
	proof = pap("User", "12345");
	expect_code(&proof, NEVER, CAUSE_WRONG_PASSWORD, "wrong password", 0);
	proof = proof_of(METHOD_MSCHAPV2, "User", "clientPass000000");
	expect_code(&proof, NEVER, CAUSE_WRONG_PASSWORD, "wrong password or one-time code", 0);
	proof = chap("User", "clientPass000000");
	expect_code(&proof, NEVER, CAUSE_WRONG_PASSWORD, "wrong password or one-time code", 0);
}
END_TEST

START_TEST(code_behind_a_hash_goes_with_pap_only)
{
	char words[32];
	struct proof proof = pap("hash", typed(words, 0));

	expect_code(&proof, NEVER, CAUSE_NONE, "", 0);
	proof = proof_of(METHOD_MSCHAPV2, "hash", words);
	expect_code(&proof, NEVER, CAUSE_METHOD,
		    "with a one-time code only PAP goes with a hash: use plain:", 0);
}
END_TEST

START_TEST(code_of_a_disabled_account_is_used_up_and_lets_nobody_in)
{
	struct users *table = users();
	struct otp_used *used = otp_used_new("/proc/none/otp");
	struct login login;
	char words[32];
	struct proof proof = pap("off", typed(words, 0));

	for (size_t i = 0; i < table->count; i++) {
		memcpy(table->list[i].otp, secret, 20);
		table->list[i].otp_len = 20;
	}
	login_check(&login, &proof, METHOD_PAP, table, used, NOW);
	ck_assert_int_eq(login.cause, CAUSE_DISABLED);
	ck_assert_uint_eq(login.otp_step, otp_step(NOW));
	users_free(table);
	otp_used_free(used);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("login");
	TCase *tc = tcase_create("login");

	tcase_add_test(tc, mschapv2_right_gets_the_authenticator_response);
	tcase_add_test(tc, mschapv2_with_domain_finds_the_user);
	tcase_add_test(tc, mschapv2_failure_has_the_form_of_rfc2759);
	tcase_add_test(tc, unknown_user_and_wrong_password_are_told_the_same);
	tcase_add_test(tc, disabled_and_expired_need_the_right_password_first);
	tcase_add_test(tc, method_not_configured_is_refused);
	tcase_add_test(tc, chap_with_a_hash_is_refused_with_the_reason);
	tcase_add_test(tc, chap_needs_its_own_identifier_challenge_and_password);
	tcase_add_test(tc, pap_goes_with_a_hash_too);
	tcase_add_test(tc, long_name_is_unknown);
	tcase_add_test(tc, eap_is_asked_for_by_its_own_name);
	tcase_add_loop_test(tc, certificate_lets_in_whom_the_account_does, 0, 4);
	tcase_add_test(tc, certificate_does_not_go_with_a_code);
	tcase_add_loop_test(tc, code_of_this_step_and_its_neighbours_is_taken, 0, 3);
	tcase_add_loop_test(tc, code_of_two_steps_away_is_refused_and_the_clock_suspected, 0, 3);
	tcase_add_loop_test(tc, code_is_taken_once, 0, 3);
	tcase_add_loop_test(tc, code_that_is_missing_is_named, 0, 3);
	tcase_add_test(tc, wrong_code_is_told_from_a_wrong_password_by_pap_only);
	tcase_add_test(tc, code_behind_a_hash_goes_with_pap_only);
	tcase_add_test(tc, code_of_a_disabled_account_is_used_up_and_lets_nobody_in);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
