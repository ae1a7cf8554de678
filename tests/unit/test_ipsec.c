/* The files for libreswan, line by line where a line matters. */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/ipsec_files.h"

static struct ipsec_plan
plan(unsigned major)
{
	struct ipsec_plan p = {.version = {major, 2},
			       .count = 2,
			       .port = 1701,
			       .apart = IPSEC_APART_MARK,
			       .psk = true,
			       .v1 = {"aes256-sha2;dh14", "aes_gcm-null"},
			       .v2 = {"aes_gcm-sha2-dh31", "aes_gcm-null"}};

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

START_TEST(conf_tells_clients_of_one_address_apart)
{
	struct ipsec_plan p = plan(4);
	char text[IPSEC_TEXT_MAX];

	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	ck_assert(has_line(text, "    mark=-1"));
	ck_assert_ptr_null(strstr(text, "overlapip"));
	p.apart = IPSEC_APART_OVERLAP;
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	ck_assert(has_line(text, "    overlapip=yes"));
	ck_assert_ptr_null(strstr(text, "mark"));
	p.apart = IPSEC_APART_NOTHING;
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	ck_assert_ptr_null(strstr(text, "overlapip"));
	ck_assert_ptr_null(strstr(text, "mark"));
}
END_TEST

/* What the installed version does is tried; this is for when it cannot be. */
START_TEST(apart_unknown_is_guessed_by_version)
{
	static const struct pluto_version before[] = {{4, 10}, {5, 0}, {5, 2}},
					  after[] = {{5, 3}, {5, 10}, {6, 0}};

	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(ipsec_apart_guess(&before[i]), IPSEC_APART_MARK);
		ck_assert_int_eq(ipsec_apart_guess(&after[i]), IPSEC_APART_OVERLAP);
	}
}
END_TEST

/* From a line on, up to the next conn */
static void
cut_conn(char *out, size_t cap, const char *text, const char *first)
{
	const char *start = strstr(text, first), *end;

	ck_assert_msg(start != NULL, "%s", first);
	end = strstr(start + 1, "\nconn ");
	snprintf(out, cap, "%.*s", (int)(end ? end + 1 - start : (long)strlen(start)), start);
}

START_TEST(conf_with_ikev2_has_a_second_conn_for_each_address)
{
	struct ipsec_plan p = plan(4);
	char text[IPSEC_TEXT_MAX], conn[1024];

	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	ck_assert_ptr_null(strstr(text, "lnsd-v2"));
	p.ikev2 = true;
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-shared-v2");
	ck_assert(has_line(conn, "    ikev2=insist"));
	ck_assert(has_line(conn, "    narrowing=yes"));
	ck_assert(has_line(conn, "    type=transport"));
	ck_assert(has_line(conn, "    mark=-1"));
	ck_assert(has_line(conn, "    ike=aes_gcm-sha2-dh31"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-v2-2");
	ck_assert(has_line(conn, "    left=2001:db8::1"));
	ck_assert(has_line(conn, "    also=lnsd-shared-v2"));
	ck_assert_ptr_null(strstr(conn, "rightsubnet"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-psk-1");
	ck_assert(has_line(conn, "    also=lnsd-shared"));
	ck_assert_uint_eq(ipsec_conns_of(&p).of[PLUTO_PSK], 3);
	ck_assert_uint_eq(ipsec_conns_of(&p).of[PLUTO_PSK_V2], 3);
	ck_assert_uint_eq(ipsec_conns_of(&p).of[PLUTO_CERT], 0);
}
END_TEST

START_TEST(conf_of_5_with_ikev2_lets_private_addresses_be_narrowed_to)
{
	struct ipsec_plan p = plan(5);
	char text[IPSEC_TEXT_MAX], conn[1024];

	p.ikev2 = true;
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-shared-v2");
	ck_assert(has_line(conn, "    keyexchange=ikev2"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-v2-1");
	ck_assert(has_line(conn, "    rightsubnet=0.0.0.0/0"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-v2-2");
	ck_assert(has_line(conn, "    rightsubnet=::/0"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-psk-1");
	ck_assert_ptr_null(strstr(conn, "rightsubnet"));
}
END_TEST

START_TEST(conf_of_all_conns_fits)
{
	struct ipsec_plan p = plan(5);
	char text[IPSEC_TEXT_MAX];

	char nickname[128];

	memset(nickname, 'n', sizeof(nickname) - 1);
	nickname[sizeof(nickname) - 1] = '\0';
	p.certificate = nickname;
	p.ikev2 = true;
	p.count = PLUTO_ADDRS_MAX;
	for (size_t i = 0; i < p.count; i++)
		inet_pton(AF_INET6, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", p.addrs[i].ip);
	for (size_t i = 0; i < p.count; i++)
		p.addrs[i].family = 6;
	memset(p.v1.ike, 'a', sizeof(p.v1.ike) - 1);
	memset(p.v1.esp, 'a', sizeof(p.v1.esp) - 1);
	p.v2 = p.v1;
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	for (size_t kind = 0; kind < PLUTO_KINDS; kind++)
		ck_assert_uint_eq(ipsec_conns_of(&p).of[kind], UINT32_MAX);
}
END_TEST

START_TEST(conf_with_certificate_has_its_conn_beside_that_of_the_key)
{
	static const char *const lines[] = {"    also=lnsd-shared",    "    authby=rsasig",
					    "    leftcert=gw.example", "    leftid=%fromcert",
					    "    leftsendcert=always", "    rightid=%fromcert",
					    "    rightca=%same"};
	struct ipsec_plan p = plan(4);
	char text[IPSEC_TEXT_MAX], conn[1024];

	p.certificate = "gw.example";
	p.cert_from = 1796126400;
	p.cert_until = 1827662400;
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-shared\n");
	ck_assert_ptr_null(strstr(conn, "authby"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-certificate\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(has_line(conn, lines[i]), "%s", lines[i]);
	ck_assert(has_line(conn,
			   "    # valid from 2026-12-01 12:00:00 until 2027-12-01 12:00:00 GMT"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-cert-2\n");
	ck_assert(has_line(conn, "    also=lnsd-certificate"));
	ck_assert(has_line(conn, "    left=2001:db8::1"));
	ck_assert_ptr_null(strstr(conn, "authby"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-psk-2\n");
	ck_assert(has_line(conn, "    authby=secret"));
	ck_assert_ptr_null(strstr(text, "certificate-v2"));
}
END_TEST

START_TEST(conf_with_certificate_and_ikev2_has_one_for_both)
{
	struct ipsec_plan p = plan(5);
	char text[IPSEC_TEXT_MAX], conn[1024];

	p.certificate = "gw.example";
	p.ikev2 = true;
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-certificate-v2\n");
	ck_assert(has_line(conn, "    also=lnsd-shared-v2"));
	ck_assert(has_line(conn, "    leftcert=gw.example"));
	ck_assert(has_line(conn, "    rightid=%any"));
	ck_assert(has_line(conn, "    rightca=%same"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-cert-v2-1\n");
	ck_assert(has_line(conn, "    also=lnsd-certificate-v2"));
	ck_assert(has_line(conn, "    rightsubnet=0.0.0.0/0"));
	cut_conn(conn, sizeof(conn), text, "conn lnsd-cert-1\n");
	ck_assert(has_line(conn, "    also=lnsd-certificate"));
}
END_TEST

START_TEST(conf_without_key_has_the_certificates_conn_only)
{
	struct ipsec_plan p = plan(4);
	char text[IPSEC_TEXT_MAX];

	p.psk = false;
	p.certificate = "gw";
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	ck_assert(has_line(text, "conn lnsd-cert-1"));
	ck_assert_ptr_null(strstr(text, "lnsd-psk"));
	ck_assert_ptr_null(strstr(text, "secret"));
	ck_assert_uint_eq(ipsec_conns_of(&p).of[PLUTO_PSK], 0);
	ck_assert_uint_eq(ipsec_conns_of(&p).of[PLUTO_CERT], 3);
	ck_assert(ipsec_secrets_text(text, sizeof(text), ""));
	ck_assert_ptr_null(strstr(text, "PSK"));
}
END_TEST

/* Clients who are connected by the key are not to notice that certificates came. */
START_TEST(conns_alike_are_those_that_nothing_was_changed_of)
{
	struct ipsec_plan p = plan(4), other = plan(4);
	char text[IPSEC_TEXT_MAX], before[IPSEC_TEXT_MAX];

	ck_assert(ipsec_conf_text(before, sizeof(before), &p));
	ck_assert_uint_eq(ipsec_conns_alike(&p, before, "").of[PLUTO_PSK], 0);
	ck_assert_uint_eq(ipsec_conns_alike(&p, before, before).of[PLUTO_PSK], 3);
	p.certificate = "gw";
	ck_assert(ipsec_conf_text(text, sizeof(text), &p));
	ck_assert_uint_eq(ipsec_conns_alike(&p, text, before).of[PLUTO_PSK], 3);
	ck_assert_uint_eq(ipsec_conns_alike(&p, text, before).of[PLUTO_CERT], 0);
	other.certificate = "gw2";
	inet_pton(AF_INET, "192.0.2.9", other.addrs[0].ip);
	ck_assert(ipsec_conf_text(before, sizeof(before), &other));
	ck_assert_uint_eq(ipsec_conns_alike(&p, text, before).of[PLUTO_PSK], 2);
	ck_assert_uint_eq(ipsec_conns_alike(&p, text, before).of[PLUTO_CERT], 0);
	other = p;
	other.cert_until++;
	ck_assert(ipsec_conf_text(before, sizeof(before), &other));
	ck_assert_uint_eq(ipsec_conns_alike(&p, text, before).of[PLUTO_PSK], 3);
	ck_assert_uint_eq(ipsec_conns_alike(&p, text, before).of[PLUTO_CERT], 0);
	other = p;
	other.v1.ike[0] = 'A';
	ck_assert(ipsec_conf_text(before, sizeof(before), &other));
	ck_assert_uint_eq(ipsec_conns_alike(&p, text, before).of[PLUTO_PSK], 0);
	ck_assert_uint_eq(ipsec_conns_alike(&p, text, before).of[PLUTO_CERT], 0);
}
END_TEST

START_TEST(probe_is_a_conn_on_the_loopback_address)
{
	static const struct pluto_version four = {4, 10}, five = {5, 2};
	char text[1024];

	ipsec_probe_text(text, sizeof(text), &four, IPSEC_APART_MARK);
	ck_assert(has_line(text, "conn lnsd-probe"));
	ck_assert(has_line(text, "    ikev2=no"));
	ck_assert(has_line(text, "    left=127.0.0.1"));
	ck_assert(has_line(text, "    mark=-1"));
	ck_assert_ptr_null(strstr(text, "auto="));
	ipsec_probe_text(text, sizeof(text), &five, IPSEC_APART_OVERLAP);
	ck_assert(has_line(text, "    keyexchange=ikev1"));
	ck_assert(has_line(text, "    overlapip=yes"));
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

	tcase_add_test(tc, conf_of_4_has_no_word_of_5);
	tcase_add_test(tc, conf_of_5_has_no_word_of_4);
	tcase_add_test(tc, conf_has_what_clients_need);
	tcase_add_test(tc, conf_that_does_not_fit_is_refused);
	tcase_add_test(tc, conf_tells_clients_of_one_address_apart);
	tcase_add_test(tc, apart_unknown_is_guessed_by_version);
	tcase_add_test(tc, conf_with_ikev2_has_a_second_conn_for_each_address);
	tcase_add_test(tc, conf_of_5_with_ikev2_lets_private_addresses_be_narrowed_to);
	tcase_add_test(tc, conf_of_all_conns_fits);
	tcase_add_test(tc, conf_with_certificate_has_its_conn_beside_that_of_the_key);
	tcase_add_test(tc, conf_with_certificate_and_ikev2_has_one_for_both);
	tcase_add_test(tc, conf_without_key_has_the_certificates_conn_only);
	tcase_add_test(tc, conns_alike_are_those_that_nothing_was_changed_of);
	tcase_add_test(tc, probe_is_a_conn_on_the_loopback_address);
	tcase_add_test(tc, psk_good_is_taken_without_its_line_end);
	tcase_add_test(tc, psk_bad_is_refused_without_saying_it);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
