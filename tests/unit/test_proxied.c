/* What a LAC heard becomes a proof, or nothing at all. */
#include <check.h>
#include <string.h>

#include "worker/proxied.h"

static const uint8_t bytes[512] = {'a', 'l', 'i', 'c', 'e', [5 ... 511] = 'x'};

static struct lns_bytes
first(size_t len)
{
	return (struct lns_bytes){.p = bytes, .len = len};
}

static struct lns_proxy
heard(enum lns_proxy_type type)
{
	return (struct lns_proxy){.type = type,
				  .id = 7,
				  .name = first(5),
				  .challenge = first(16),
				  .response = first(16)};
}

static void
check_nothing(const struct lns_proxy *proxy)
{
	static const struct proof none;
	struct proof proof;

	memset(&proof, 0x5a, sizeof(proof));
	ck_assert(!proxied_proof(&proof, proxy));
	ck_assert_mem_eq(&proof, &none, sizeof(proof));
}

START_TEST(chap_is_copied_whole)
{
	struct lns_proxy proxy = heard(LNS_PROXY_CHAP);
	struct proof proof;

	memset(&proof, 0x5a, sizeof(proof));
	ck_assert(proxied_proof(&proof, &proxy));
	ck_assert_uint_eq(proof.method, METHOD_CHAP);
	ck_assert_uint_eq(proof.id, 7);
	ck_assert_str_eq(proof.user, "alice");
	ck_assert_uint_eq(proof.challenge_len, 16);
	ck_assert_mem_eq(proof.challenge, bytes, 16);
	ck_assert_uint_eq(proof.challenge[16], 0);
	ck_assert_uint_eq(proof.response_len, 16);
	ck_assert_mem_eq(proof.response, bytes, 16);
}
END_TEST

START_TEST(pap_has_a_password_and_no_challenge)
{
	struct lns_proxy proxy = heard(LNS_PROXY_PAP);
	struct proof proof;

	ck_assert(proxied_proof(&proof, &proxy));
	ck_assert_uint_eq(proof.method, METHOD_PAP);
	ck_assert_uint_eq(proof.challenge_len, 0);
	ck_assert_uint_eq(proof.response_len, 16);
	ck_assert_mem_eq(proof.response, bytes, 16);
}
END_TEST

START_TEST(other_kinds_are_nothing)
{
	static const enum lns_proxy_type types[] = {LNS_PROXY_TEXT, LNS_PROXY_NONE,
						    LNS_PROXY_MSCHAP1, (enum lns_proxy_type)0};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct lns_proxy proxy = heard(types[i]);

		check_nothing(&proxy);
	}
}
END_TEST

START_TEST(what_does_not_fit_is_nothing)
{
	struct lns_proxy proxy = heard(LNS_PROXY_CHAP);
	struct proof proof;

	proxy.challenge = first(sizeof(proof.challenge));
	ck_assert(proxied_proof(&proof, &proxy));
	proxy.challenge = first(sizeof(proof.challenge) + 1);
	check_nothing(&proxy);
	proxy = heard(LNS_PROXY_PAP);
	proxy.response = first(sizeof(proof.response));
	ck_assert(proxied_proof(&proof, &proxy));
	proxy.response = first(sizeof(proof.response) + 1);
	check_nothing(&proxy);
	proxy = heard(LNS_PROXY_PAP);
	proxy.name = first(sizeof(proof.user) - 1);
	ck_assert(proxied_proof(&proof, &proxy));
	proxy.name = first(sizeof(proof.user));
	check_nothing(&proxy);
}
END_TEST

START_TEST(chap_of_another_measure_is_nothing)
{
	struct lns_proxy proxy = heard(LNS_PROXY_CHAP);

	proxy.response = first(49); /* MS-CHAPv2's, which has no type of its own */
	check_nothing(&proxy);
	proxy = heard(LNS_PROXY_CHAP);
	proxy.challenge = first(0);
	check_nothing(&proxy);
}
END_TEST

START_TEST(name_with_a_nul_inside_is_nothing)
{
	struct lns_proxy proxy = heard(LNS_PROXY_PAP);

	proxy.name = (struct lns_bytes){.p = (const uint8_t *)"root\0xyz", .len = 8};
	check_nothing(&proxy);
	/* no name at all finds no user, and is not for us to judge */
	proxy.name = (struct lns_bytes){.p = NULL, .len = 0};
	ck_assert(proxied_proof(&(struct proof){0}, &proxy));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("proxied");
	TCase *tc = tcase_create("proxied");

	tcase_add_test(tc, chap_is_copied_whole);
	tcase_add_test(tc, pap_has_a_password_and_no_challenge);
	tcase_add_test(tc, other_kinds_are_nothing);
	tcase_add_test(tc, what_does_not_fit_is_nothing);
	tcase_add_test(tc, chap_of_another_measure_is_nothing);
	tcase_add_test(tc, name_with_a_nul_inside_is_nothing);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
