/* What certutil prints, and what is made of it, with stand-ins for it and for libreswan's program.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lnsctl_fixture.h"
#include "nss.h"

/* 2026-12-01 12:00:00 and 2027-12-01 12:00:00 GMT */
#define FROM 1796126400
#define UNTIL 1827662400
#define DAY 86400

#define ROWS                                                                                       \
	"printf '\\nCertificate Nickname   Trust Attributes\\n"                                    \
	"                       SSL,S/MIME,JAR/XPI\\n\\n"                                          \
	"gateway-old            ,,   \\ngateway                u,u,u\\nlab ca     CT,, \\n'"

static char ipsec[128];

/* `certutil -L` prints by this command, `certutil -L -n` these times. */
static void
make_tools(const char *rows, const char *times)
{
	char text[1024], path[1024];

	tool_file("ipsec", 0700,
		  "#!/bin/sh\n[ \"$*\" = 'addconn --configsetup' ] || exit 1\n"
		  "echo \"export ipsecdir='/etc/ipsec.d'\"\necho \"export nssdir='/some/nss'\"\n");
	snprintf(text, sizeof(text),
		 "#!/bin/sh\ncase \"$*\" in\n'-L -d sql:/some/nss') %s;;\n"
		 "'-L -d sql:/some/nss -n gateway') printf '%s';;\n*) exit 255;;\nesac\n",
		 rows, times);
	tool_file("certutil", 0700, text);
	snprintf(ipsec, sizeof(ipsec), "%s/ipsec", tool_dir);
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", tool_dir);
	setenv("PATH", path, 1);
}

static void
begin(void)
{
	tool_begin();
	make_tools(ROWS, "            Not Before: Tue Dec 01 12:00:00 2026\\n"
			 "            Not After : Wed Dec 01 12:00:00 2027\\n");
}

static void
expect(const char *nickname, time_t now, enum nss_state state, const char *text)
{
	struct nss_cert cert;

	nss_look(&cert, ipsec, nickname, now);
	ck_assert_str_eq(cert.text, text);
	ck_assert(cert.from < cert.until || state == NSS_BAD || state == NSS_UNKNOWN);
	ck_assert_int_eq(nss_usable(&cert), state == NSS_GOOD || state == NSS_ENDING);
	ck_assert_int_eq(cert.state, state);
	ck_assert_int_eq(cert.fix[0] == '\0', state == NSS_GOOD);
}

START_TEST(row_is_of_its_nickname_only)
{
	bool key = true;

	ck_assert(nss_read_row("gw                     ,,   ", "gw", &key) && !key);
	ck_assert(nss_read_row("gw                     CT,,u ", "gw", &key) && key);
	ck_assert(nss_read_row("gw u,u,u", "gw", &key) && key);
	ck_assert(!nss_read_row("gw two                 u,u,u", "gw", &key));
	ck_assert(!nss_read_row("gw2                    u,u,u", "gw", &key));
	ck_assert(!nss_read_row("g                      u,u,u", "gw", &key));
	ck_assert(!nss_read_row("gw                     SSL", "gw", &key));
	ck_assert(!nss_read_row("gw                     SSL,S/MIME", "gw", &key));
	ck_assert(!nss_read_row("gw", "gw", &key));
	ck_assert(!nss_read_row("", "gw", &key));
}
END_TEST

START_TEST(times_are_read_in_gmt)
{
	bool after;
	time_t when;

	setenv("TZ", "America/New_York", 1);
	ck_assert(nss_read_time("   Not Before: Tue Dec 01 12:00:00 2026", &after, &when));
	ck_assert(!after && when == FROM);
	ck_assert(nss_read_time("   Not After : Wed Dec 01 12:00:00 2027", &after, &when));
	ck_assert(after && when == UNTIL);
	ck_assert(!nss_read_time("   Not After : soon", &after, &when));
	ck_assert(!nss_read_time("   Validity:", &after, &when));
}
END_TEST

START_TEST(certificate_with_key_and_time_is_good)
{
	expect("gateway", FROM, NSS_GOOD, "gateway, valid until 2027-12-01");
	expect("gateway", UNTIL - 30 * DAY, NSS_GOOD, "gateway, valid until 2027-12-01");
}
END_TEST

START_TEST(certificate_that_is_not_valid_now_is_told)
{
	expect("gateway", FROM - 1, NSS_BAD,
	       "the certificate 'gateway' is not valid before 2026-12-01");
	expect("gateway", UNTIL - 30 * DAY + 1, NSS_ENDING,
	       "the certificate 'gateway' expires on 2027-12-01");
	expect("gateway", UNTIL, NSS_BAD, "the certificate 'gateway' has expired on 2027-12-01");
}
END_TEST

START_TEST(certificate_renewed_counts_by_the_newest)
{
	make_tools(
		ROWS,
		"Not Before: Tue Dec 01 12:00:00 2026\\nNot After : Wed Dec 01 12:00:00 2027\\n"
		"Not Before: Sun Dec 01 12:00:00 2024\\nNot After : Mon Dec 01 12:00:00 2025\\n");
	expect("gateway", FROM, NSS_GOOD, "gateway, valid until 2027-12-01");
}
END_TEST

START_TEST(certificate_without_key_or_not_there_is_told)
{
	expect("nobody", FROM, NSS_BAD, "there is no certificate 'nobody' in /some/nss");
	make_tools("echo 'gateway      ,,'", "");
	expect("gateway", FROM, NSS_BAD,
	       "the certificate 'gateway' is in /some/nss without its private key");
}
END_TEST

START_TEST(database_that_cannot_be_read_says_nothing_of_the_certificate)
{
	make_tools("exit 255", "");
	expect("gateway", FROM, NSS_UNKNOWN, "the NSS database /some/nss cannot be read");
	tool_file("ipsec", 0700, "#!/bin/sh\nexit 1\n");
	expect("gateway", FROM, NSS_UNKNOWN, "libreswan does not say where its NSS database is");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("nss");
	TCase *tc = tcase_create("nss");

	tcase_add_checked_fixture(tc, begin, tool_end);
	tcase_add_test(tc, row_is_of_its_nickname_only);
	tcase_add_test(tc, times_are_read_in_gmt);
	tcase_add_test(tc, certificate_with_key_and_time_is_good);
	tcase_add_test(tc, certificate_that_is_not_valid_now_is_told);
	tcase_add_test(tc, certificate_renewed_counts_by_the_newest);
	tcase_add_test(tc, certificate_without_key_or_not_there_is_told);
	tcase_add_test(tc, database_that_cannot_be_read_says_nothing_of_the_certificate);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
