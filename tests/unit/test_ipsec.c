/* The files for libreswan, line by line where a line matters. */
#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/ipsec_files.h"

static struct ipsec_plan
plan(unsigned major)
{
	struct ipsec_plan p = {.version = {major, 2},
			       .count = 2,
			       .port = 1701,
			       .ike = "aes256-sha2;dh14",
			       .esp = "aes_gcm-null"};

	p.addrs[0].family = 4;
	inet_pton(AF_INET, "192.0.2.1", p.addrs[0].ip);
	p.addrs[1].family = 6;
	inet_pton(AF_INET6, "2001:db8::1", p.addrs[1].ip);
	return p;
}

static bool
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *p = text; (p = strstr(p, line)); p++)
		if ((p == text || p[-1] == '\n') && p[len] == '\n')
			return true;
	return false;
}

START_TEST(version_of_libreswan_is_read)
{
	struct ipsec_version v = {0, 0};

	ck_assert(ipsec_version_parse(&v, "Libreswan 4.10"));
	ck_assert(v.major == 4 && v.minor == 10);
	ck_assert(ipsec_version_parse(&v, "Linux Libreswan 3.32 (netkey) on 5.10.0"));
	ck_assert(v.major == 3 && v.minor == 32);
	ck_assert(ipsec_version_parse(&v, "Libreswan v5.2"));
	ck_assert(v.major == 5 && v.minor == 2);
	ck_assert(!ipsec_version_parse(&v, "Linux strongSwan U5.9.8/K6.1.0"));
	ck_assert(!ipsec_version_parse(&v, "Libreswan"));
	ck_assert(!ipsec_version_parse(&v, ""));
}
END_TEST

START_TEST(conf_of_4_has_no_word_of_5)
{
	struct ipsec_plan p = plan(4);
	char text[IPSEC_TEXT_MAX];

	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	ck_assert(has_line(text, "    ikev2=no"));
	ck_assert(has_line(text, "    dpdaction=clear"));
	ck_assert_ptr_null(strstr(text, "keyexchange"));
}
END_TEST

START_TEST(conf_of_5_has_no_word_of_4)
{
	struct ipsec_plan p = plan(5);
	char text[IPSEC_TEXT_MAX];

	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	ck_assert(has_line(text, "    keyexchange=ikev1"));
	ck_assert_ptr_null(strstr(text, "ikev2=no"));
	ck_assert_ptr_null(strstr(text, "dpdaction"));
}
END_TEST

START_TEST(conf_has_what_clients_need)
{
	static const char *const lines[] = {"config setup",
					    "    uniqueids=no",
					    "    ikev1-policy=accept",
					    "    type=transport",
					    "    leftprotoport=17/1701",
					    "    rightprotoport=17/%any",
					    "    right=%any",
					    "    pfs=no",
					    "    rekey=no",
					    "    ike=aes256-sha2;dh14",
					    "    esp=aes_gcm-null",
					    "conn lnsd-psk-1",
					    "    left=192.0.2.1",
					    "conn lnsd-psk-2",
					    "    left=2001:db8::1",
					    "    auto=add"};
	struct ipsec_plan p = plan(4);
	char text[IPSEC_TEXT_MAX];

	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(has_line(text, lines[i]), "%s", lines[i]);
	ck_assert_ptr_null(strstr(text, "reqid="));
	ck_assert_ptr_null(strstr(text, "rightsubnet"));
	ck_assert_ptr_null(strstr(text, "sha2-truncbug"));
}
END_TEST

START_TEST(conf_that_does_not_fit_is_refused)
{
	struct ipsec_plan p = plan(4);
	char text[300];

	ck_assert(!ipsec_conf_text(text, sizeof(text), &p));
}
END_TEST

START_TEST(conn_names_are_recognised)
{
	char name[IPSEC_NAME_MAX];

	ipsec_conn_name(name, 2);
	ck_assert_str_eq(name, "lnsd-psk-3");
	ck_assert_int_eq(ipsec_conn_in("000 \"lnsd-psk-1\": 192.0.2.1/32"), 0);
	ck_assert_int_eq(ipsec_conn_in("\"lnsd-psk-32\":   xauth"), 31);
	ck_assert_int_eq(ipsec_conn_in("\"lnsd-psk-33\":   xauth"), -1);
	ck_assert_int_eq(ipsec_conn_in("\"lnsd-psk-0\":"), -1);
	ck_assert_int_eq(ipsec_conn_in("\"lnsd-psk-x\":"), -1);
	ck_assert_int_eq(ipsec_conn_in("\"other\":"), -1);
	ck_assert_int_eq(ipsec_conn_in(""), -1);
}
END_TEST

START_TEST(psk_good_is_taken_without_its_line_end)
{
	char psk[IPSEC_PSK_MAX], text[IPSEC_TEXT_MAX];
	const char *why;

	ck_assert(ipsec_psk_parse(psk, "a shared secret\r\n", &why));
	ck_assert_str_eq(psk, "a shared secret");
	ck_assert(ipsec_secrets_text(text, sizeof(text), psk));
	ck_assert(has_line(text, "%any %any : PSK \"a shared secret\""));
}
END_TEST

START_TEST(psk_bad_is_refused_without_saying_it)
{
	static const char *const bad[] = {
		"",	     "\n",	    "\nhunter2\n",    "hunter2\"x",
		"hun\tter2", "hunter2\x7f", "hunter2\nmore\n"};
	char psk[IPSEC_PSK_MAX], longest[400];
	const char *why;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!ipsec_psk_parse(psk, bad[i], &why), "%zu", i);
		ck_assert_ptr_null(strstr(why, "hunter2"));
	}
	memset(longest, 'k', sizeof(longest));
	longest[255] = '\0';
	ck_assert(ipsec_psk_parse(psk, longest, &why));
	longest[255] = 'k';
	longest[399] = '\0';
	ck_assert(!ipsec_psk_parse(psk, longest, &why));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ipsec");
	TCase *tc = tcase_create("ipsec");

	tcase_add_test(tc, version_of_libreswan_is_read);
	tcase_add_test(tc, conf_of_4_has_no_word_of_5);
	tcase_add_test(tc, conf_of_5_has_no_word_of_4);
	tcase_add_test(tc, conf_has_what_clients_need);
	tcase_add_test(tc, conf_that_does_not_fit_is_refused);
	tcase_add_test(tc, conn_names_are_recognised);
	tcase_add_test(tc, psk_good_is_taken_without_its_line_end);
	tcase_add_test(tc, psk_bad_is_refused_without_saying_it);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
