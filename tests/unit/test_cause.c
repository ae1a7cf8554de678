/* Every cause and closer has a word and a sentence, and numbers from elsewhere do no harm. */
#include <check.h>
#include <limits.h>
#include <string.h>

#include "cause.h"

START_TEST(cause_name_each_is_a_word_of_its_own)
{
	for (unsigned i = 0; i < CAUSE_COUNT; i++) {
		const char *name = cause_name(i);

		ck_assert_ptr_nonnull(name);
		ck_assert_uint_gt(strlen(name), 0);
		ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(name, cause_name(j));
	}
}
END_TEST

START_TEST(cause_text_each_is_a_sentence)
{
	for (unsigned i = 0; i < CAUSE_COUNT; i++) {
		ck_assert_ptr_nonnull(cause_text(i));
		ck_assert_uint_gt(strlen(cause_text(i)), 4);
	}
	ck_assert_str_eq(cause_text(CAUSE_WRONG_PASSWORD), "wrong password");
}
END_TEST

START_TEST(cause_out_of_range_is_unknown)
{
	const unsigned numbers[] = {CAUSE_COUNT, CAUSE_COUNT + 1, UINT_MAX};

	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(cause_name(numbers[i]), "unknown");
		ck_assert_ptr_nonnull(cause_text(numbers[i]));
		ck_assert_str_eq(closed_by_name(numbers[i]), "");
	}
}
END_TEST

START_TEST(cause_words_of_the_contract_stay)
{
	ck_assert_str_eq(cause_name(CAUSE_USER_REQUEST), "user-request");
	ck_assert_str_eq(cause_name(CAUSE_LOST_CARRIER), "lost-carrier");
	ck_assert_str_eq(cause_name(CAUSE_WRONG_PASSWORD), "wrong-password");
	ck_assert_str_eq(cause_name(CAUSE_NO_ADDRESS), "no-address");
	ck_assert_str_eq(cause_name(CAUSE_LCP_SILENT), "lcp-silent");
	ck_assert_str_eq(cause_name(CAUSE_LCP), "lcp");
	ck_assert_str_eq(cause_name(CAUSE_LOOPBACK), "loopback");
	ck_assert_str_eq(cause_name(CAUSE_CALLBACK), "callback");
	ck_assert_str_eq(cause_name(CAUSE_AUTH_TIMEOUT), "auth-timeout");
	ck_assert_str_eq(cause_name(CAUSE_NCP), "ncp");
	ck_assert_str_eq(closed_by_name(BY_NOBODY), "");
	ck_assert_str_eq(closed_by_name(BY_CLIENT), "client");
	ck_assert_str_eq(closed_by_name(BY_SERVER), "server");
	ck_assert_str_eq(closed_by_name(BY_ADMIN), "admin");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cause");
	TCase *tc = tcase_create("cause");

	tcase_add_test(tc, cause_name_each_is_a_word_of_its_own);
	tcase_add_test(tc, cause_text_each_is_a_sentence);
	tcase_add_test(tc, cause_out_of_range_is_unknown);
	tcase_add_test(tc, cause_words_of_the_contract_stay);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
