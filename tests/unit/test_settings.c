/* src/worker/settings.c */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"
#include "worker/settings.h"

START_TEST(settings_of_no_configuration_are_the_defaults)
{
	struct conf *conf = take_text("");
	struct lns_conf settings;

	ck_assert(settings_make(&settings, conf, "machine"));
	ck_assert_str_eq(settings.host_name, "machine");
	ck_assert_uint_eq(settings.tries, 5);
	ck_assert_int_eq(settings.hello, 60000);
	ck_assert_uint_eq(settings.max_half_open, 1000);
	ck_assert_uint_eq(settings.peer_count, 0);
	ck_assert_str_eq(settings.others.name, "");
	ck_assert_uint_eq(settings.others.secret_len, 0);
	ck_assert(!settings.others.secret_missing && settings.others.dscp);
	ck_assert_int_eq(settings.others.sequencing, LNS_SEQ_OFF);
	settings_free(&settings);
	conf_free(conf);
}
END_TEST

START_TEST(settings_have_each_peer_with_its_secret)
{
	struct conf *conf = take_text("[server]\nhost-name = me\nretries = 7\n"
				      "tunnel-secret-file = /x\n"
				      "[peer a]\naddress = 192.0.2.0/24, ::1\nsecret-file = /y\n"
				      "hide-avps = yes\nproxy-auth = accept\ndscp = no\n"
				      "sequencing = reorder\nmax-sessions = 9\nhost-name = l*\n"
				      "[peer b]\n");
	struct lns_conf settings;

	memcpy(conf->peers[0].secret.bytes, "abc", 3);
	conf->peers[0].secret.len = 3;
	ck_assert(settings_make(&settings, conf, "machine"));
	ck_assert_str_eq(settings.host_name, "me");
	ck_assert_uint_eq(settings.tries, 7);
	ck_assert(settings.others.secret_missing);
	ck_assert_uint_eq(settings.peer_count, 2);
	ck_assert_str_eq(settings.peers[0].name, "a");
	ck_assert_uint_eq(settings.peers[0].prefixes, 2);
	ck_assert_uint_eq(settings.peers[0].prefix[0].bits, 24);
	ck_assert_uint_eq(settings.peers[0].prefix[1].family, 6);
	ck_assert_str_eq(settings.peers[0].host_name, "l*");
	ck_assert_uint_eq(settings.peers[0].secret_len, 3);
	ck_assert_mem_eq(settings.peers[0].secret, "abc", 3);
	ck_assert(!settings.peers[0].secret_missing && settings.peers[0].hide);
	ck_assert(settings.peers[0].proxy_accept && !settings.peers[0].dscp);
	ck_assert_int_eq(settings.peers[0].sequencing, LNS_SEQ_REORDER);
	ck_assert_uint_eq(settings.peers[0].max_sessions, 9);
	ck_assert_str_eq(settings.peers[1].name, "b");
	ck_assert(!settings.peers[1].secret_missing && settings.peers[1].dscp);
	settings_free(&settings);
	ck_assert_ptr_null(settings.peers);
	conf_free(conf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("settings");
	TCase *tc = tcase_create("settings");

	tcase_add_checked_fixture(tc, errors_begin, errors_end);
	tcase_add_test(tc, settings_of_no_configuration_are_the_defaults);
	tcase_add_test(tc, settings_have_each_peer_with_its_secret);
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
