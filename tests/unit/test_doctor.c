/* lnsctl doctor on machines that stand-ins make: libreswan's programs, rules, and the daemon. */
#include <check.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lnsctl_fixture.h"

#define IPSEC(version, setup, policy)                                                              \
	"#!/bin/sh\n"                                                                              \
	"case \"$*\" in\n"                                                                         \
	"--version) echo '" version "';;\n"                                                        \
	"'whack --status')\n"                                                                      \
	"echo '000 pluto_version=4.10, pluto_vendorid=OE-Libreswan-4.10'\n"                        \
	"echo '000 nhelpers=-1, uniqueids=" setup ", dnssec-enable=yes'\n"                         \
	"echo '000 ddos-mode=auto, ikev1-policy=" policy "'\n"                                     \
	"echo '000 \"lnsd-psk-1\": 10.9.0.1/32:UDP/1701'\n"                                        \
	"echo '000 \"lnsd-psk-2\": 10.9.0.1/32:UDP/1701';;\n"                                      \
	"*) exit 1;;\n"                                                                            \
	"esac\n"
#define SILENT                                                                                     \
	"#!/bin/sh\n[ \"$*\" = --version ] && echo 'Libreswan 4.10' && exit 0\n"                   \
	"echo 'whack: is Pluto running?'; exit 1\n"

static void
begin(void)
{
	char text[512];

	tool_begin();
	tool_file("ipsec", 0700, IPSEC("Libreswan 4.10", "no", "accept"));
	tool_no_rules();
	tool_file("ss", 0700, "#!/bin/sh\n");
	tool_file("psk", 0600, "a key\n");
	snprintf(text, sizeof(text), "[ipsec]\npsk-file = %s/psk\n[ppp]\npppd = /bin/true\n",
		 tool_dir);
	tool_file("lnsd.conf", 0600, text);
	ck_assert_int_eq(chdir(tool_dir), 0);
}

/* The rows of `doctor --json`; the caller's. */
static json_t *
examine(const char *arguments, int code)
{
	json_t *rows, *row;
	size_t i;

	ck_assert_int_eq(tool_run(arguments), code);
	rows = json_loads(tool_output, 0, NULL);
	ck_assert_msg(json_array_size(rows) > 10, "%s", tool_output);
	json_array_foreach(rows, i, row)
	{
		ck_assert(json_is_string(json_object_get(row, "check")));
		ck_assert(json_is_boolean(json_object_get(row, "ok")));
		ck_assert(json_is_string(json_object_get(row, "text")));
		/* what is wrong has a fix, what is well needs none */
		ck_assert_msg(json_is_true(json_object_get(row, "ok")) ==
				      !json_string_value(json_object_get(row, "fix"))[0],
			      "%s", tool_output);
	}
	return rows;
}

static const json_t *
row_of(const json_t *rows, const char *check)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i,
			   row) if (strcmp(json_string_value(json_object_get(row, "check")),
					   check) == 0) return row;
	ck_abort_msg("no row %s in %s", check, tool_output);
}

static void
expect(const json_t *rows, const char *check, bool ok, const char *text, const char *fix)
{
	const json_t *row = row_of(rows, check);

	ck_assert_str_eq(json_string_value(json_object_get(row, "text")), text);
	ck_assert_int_eq(json_is_true(json_object_get(row, "ok")), ok);
	if (fix)
		ck_assert_str_eq(json_string_value(json_object_get(row, "fix")), fix);
}

START_TEST(doctor_healthy_machine_is_well)
{
	json_t *rows = examine("--json doctor lnsd.conf", 1);
	char psk[256];

	snprintf(psk, sizeof(psk),
		 "%s/psk; all clients share it, and only PPP passwords tell users apart", tool_dir);
	expect(rows, "configuration", true, "lnsd.conf", "");
	expect(rows, "libreswan", true, "libreswan 4.10", "");
	expect(rows, "pluto", true, "pluto runs", "");
	expect(rows, "ikev1", true, "pluto accepts IKEv1", "");
	expect(rows, "uniqueids", true, "uniqueids=no", "");
	expect(rows, "connections", true, "2 for IKEv1", "");
	expect(rows, "psk", true, psk, "");
	expect(rows, "certificate", true, "none: ipsec.certificate = none", "");
	expect(rows, "mark-range", true, "0x20000000 to 0x2000ffff are used by no rule", "");
	expect(rows, "pppd", true, "/bin/true", "");
	/* but for the daemon, which does not run */
	ck_assert(json_is_false(json_object_get(row_of(rows, "daemon"), "ok")));
	json_decref(rows);
}
END_TEST

START_TEST(doctor_bad_settings_of_pluto_are_told)
{
	json_t *rows;

	tool_file("ipsec", 0700, IPSEC("Libreswan 5.2", "yes", "drop"));
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "libreswan", true, "libreswan 5.2", "");
	expect(rows, "ikev1", false, "pluto drops IKEv1, so no client can connect",
	       "systemctl restart ipsec (and remove ikev1-policy from /etc/ipsec.conf)");
	expect(rows, "uniqueids", false,
	       "pluto runs with uniqueids=yes: clients with equal private addresses end each "
	       "other's VPN",
	       "systemctl restart ipsec (and remove uniqueids from /etc/ipsec.conf)");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_pluto_that_is_silent_is_told_once)
{
	json_t *rows;

	tool_file("ipsec", 0700, SILENT);
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "pluto", false, "libreswan's pluto does not answer", NULL);
	expect(rows, "ikev1", true, "not looked at: pluto does not answer", "");
	expect(rows, "connections", true, "not looked at: pluto does not answer", "");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_program_of_another_is_no_libreswan)
{
	char text[128];
	json_t *rows;

	tool_file("ipsec", 0700, IPSEC("Linux strongSwan U5.9.8/K6.1.0", "no", "accept"));
	rows = examine("--json doctor lnsd.conf", 1);
	snprintf(text, sizeof(text), "%s/ipsec is not libreswan's", tool_dir);
	expect(rows, "libreswan", false, text, "apt install libreswan (it replaces strongSwan's)");
	expect(rows, "pluto", true, "not looked at: there is no libreswan", "");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_conns_that_are_missing_are_told)
{
	json_t *rows;

	tool_file("lnsd.conf", 0600, "[ipsec]\nikev2 = yes\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "connections", false, "pluto has not all of lnsd's connections",
	       "systemctl start lnsd; /etc/ipsec.conf must include /etc/ipsec.d/*.conf");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_ikev2_that_is_not_renewed_is_told)
{
	json_t *rows = examine("--json doctor lnsd.conf", 1);

	expect(rows, "ikev2", true, "not offered: ipsec.ikev2 = no", "");
	json_decref(rows);
	tool_file("lnsd.conf", 0600, "[ipsec]\nikev2 = yes\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "ikev2", true, "offered", "");
	json_decref(rows);
	tool_file("ipsec", 0700, IPSEC("Libreswan 5.2", "no", "accept"));
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "ikev2", false,
	       "with libreswan 5.2 the SA of a client by IKEv2 is not renewed: it must connect "
	       "anew "
	       "when that ends, usually after an hour",
	       "set ipsec.ikev2 = no, or use libreswan 4.x");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_ipsec_of_others_is_not_looked_at)
{
	json_t *rows;

	tool_file("lnsd.conf", 0600, "[ipsec]\nmanage = no\nmarks = ike\n");
	tool_file("ipsec", 0700, "#!/bin/sh\nexit 1\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "libreswan", true, "not looked at: ipsec.manage = no", "");
	expect(rows, "clients-of-one-nat", true, "not looked at: ipsec.manage = no", "");
	expect(rows, "psk", true, "not looked at: ipsec.manage = no", "");
	expect(rows, "mark-range", true, "not looked at: ipsec.marks = ike", "");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_marks_of_ike_with_libreswan_are_told)
{
	json_t *rows;

	tool_file("lnsd.conf", 0600, "[ipsec]\nmarks = ike\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "clients-of-one-nat", false,
	       "only one client behind each NAT can connect: libreswan gives no marks to SAs, as "
	       "ipsec.marks = ike wants it",
	       "set ipsec.marks = own");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_rule_that_uses_our_marks_is_named)
{
	json_t *rows;

	tool_file("nft", 0700,
		  "#!/bin/sh\n[ \"$*\" = 'list ruleset' ] || exit 1\n"
		  "printf 'table inet x {\\n\\t\\tmeta mark & 0xff000000 == 0x20000000 "
		  "drop\\n}\\n'\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "mark-range", false,
	       "marks of 0x20000000 to 0x2000ffff are used by others, too: nft: meta mark & "
	       "0xff000000 == 0x20000000 drop",
	       NULL);
	json_decref(rows);
}
END_TEST

START_TEST(doctor_secrets_that_are_missing_or_open_are_told)
{
	char text[128], fix[128];
	json_t *rows;

	tool_file("psk", 0644, "a key\n");
	rows = examine("--json doctor lnsd.conf", 1);
	snprintf(text, sizeof(text), "others can read %s/psk", tool_dir);
	snprintf(fix, sizeof(fix), "chmod 600 %s/psk", tool_dir);
	expect(rows, "psk", false, text, fix);
	json_decref(rows);
	ck_assert_int_eq(unlink("psk"), 0);
	rows = examine("--json doctor lnsd.conf", 1);
	snprintf(text, sizeof(text), "there is no pre-shared key in %s/psk", tool_dir);
	expect(rows, "psk", false, text, NULL);
	json_decref(rows);
}
END_TEST

START_TEST(doctor_certificate_in_place_of_the_key_is_looked_at)
{
	char text[512];
	json_t *rows;

	tool_file("ipsec", 0700,
		  "#!/bin/sh\ncase \"$*\" in --version) echo Libreswan 4.10;;\n"
		  "'addconn --configsetup') echo \"export nssdir='/nss'\";;\n*) exit 1;; esac\n");
	tool_file("certutil", 0700,
		  "#!/bin/sh\necho 'gw         u,u,u'\n"
		  "echo 'Not Before: Sat Jan 01 00:00:00 2000'\n"
		  "echo 'Not After : Fri Dec 31 00:00:00 2100'\n");
	snprintf(text, sizeof(text), "[ipsec]\npsk-file = %s/none\ncertificate = gw\n", tool_dir);
	tool_file("lnsd.conf", 0600, text);
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "certificate", true, "gw, valid until 2100-12-31", "");
	expect(rows, "psk", true, "none: clients need a certificate", "");
	json_decref(rows);
	tool_file("certutil", 0700, "#!/bin/sh\necho 'gw         ,,'\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "certificate", false,
	       "the certificate 'gw' is in /nss without its private key",
	       "ipsec import FILE.p12, a file that has the key, too");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_configuration_that_is_refused_is_told)
{
	json_t *rows;

	tool_file("lnsd.conf", 0600, "[network]\nmtu = 9\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "configuration", false,
	       "refused: [network] mtu: 9 is out of range (576 to 1500)",
	       "lnsctl check tells all that is wrong");
	expect(rows, "libreswan", true, "libreswan 4.10", "");
	json_decref(rows);
	rows = examine("--json doctor nowhere.conf", 1);
	ck_assert(json_is_false(json_object_get(row_of(rows, "configuration"), "ok")));
	json_decref(rows);
}
END_TEST

START_TEST(doctor_problems_of_the_daemon_are_rows)
{
	json_t *rows;

	tool_daemon("{\"ok\": true, \"data\": {\"version\": \"0.1.0\", \"problems\": [{"
		    "\"severity\": \"error\", \"text\": \"it hurts\", \"fix\": \"rest\"}]}}\n");
	rows = examine("--json doctor lnsd.conf", 1);
	tool_daemon_ended();
	expect(rows, "daemon", true, "lnsd 0.1.0 answers", "");
	expect(rows, "problem", false, "it hurts", "rest");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_table_has_a_line_for_each_and_its_fix)
{
	tool_file("psk", 0644, "a key\n");
	ck_assert_int_eq(tool_run("doctor lnsd.conf"), 1);
	ck_assert_ptr_nonnull(strstr(tool_output, "ok   libreswan           libreswan 4.10\n"));
	ck_assert_ptr_nonnull(strstr(tool_output, "BAD  psk                 others can read "));
	ck_assert_ptr_nonnull(strstr(tool_output, "\n                         fix: chmod 600 "));
}
END_TEST

START_TEST(doctor_rule_that_drops_clients_is_named)
{
	json_t *rows;

	tool_file("nft", 0700,
		  "#!/bin/sh\n[ \"$*\" = 'list ruleset' ] || exit 1\n"
		  "printf 'table ip x {\\n\\tchain in {\\n\\t\\ttype filter hook input priority 0; "
		  "policy accept;\\n\\t\\tudp dport { 500, 4500 } drop\\n\\t}\\n}\\n'\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "udp-500", false,
	       "udp 500 is dropped by table ip x, chain in: udp dport { 500, 4500 } drop",
	       "nft insert rule ip x in udp dport 500 accept");
	expect(rows, "udp-4500", false,
	       "udp 4500 is dropped by table ip x, chain in: udp dport { 500, 4500 } drop",
	       "nft insert rule ip x in udp dport 4500 accept");
	expect(rows, "esp", true, "no rule of this machine drops esp", "");
	expect(rows, "udp-1701", true, "no rule of this machine drops udp 1701 that came by IPsec",
	       "");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_who_has_our_port_is_named)
{
	json_t *rows = examine("--json doctor lnsd.conf", 1);

	expect(rows, "port-1701", true, "UDP 1701 is free for lnsd", "");
	json_decref(rows);
	tool_file("ss", 0700,
		  "#!/bin/sh\necho 'UNCONN 0 0 0.0.0.0:1701 0.0.0.0:* "
		  "users:((\"xl2tpd\",pid=812,fd=3))'\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "port-1701", false, "xl2tpd has UDP 1701, which lnsd needs",
	       "systemctl disable --now xl2tpd");
	json_decref(rows);
	tool_file("ss", 0700,
		  "#!/bin/sh\necho 'UNCONN 0 0 0.0.0.0:1701 0.0.0.0:* "
		  "users:((\"lnsd: worker\",pid=813,fd=9))'\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "port-1701", true, "lnsd has UDP 1701", "");
	json_decref(rows);
	tool_file("ss", 0700, "#!/bin/sh\necho 'UNCONN 0 0 0.0.0.0:1701 0.0.0.0:*'\n");
	rows = examine("--json doctor lnsd.conf", 1);
	expect(rows, "port-1701", false, "somebody has UDP 1701; who it is cannot be seen by you",
	       "run this as root");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_cover_is_seen_where_the_daemon_runs)
{
	static const char status[] = "{\"ok\": true, \"data\": {\"version\": \"0.1.0\", "
				     "\"problems\": []}}\n";
	json_t *rows;

	tool_daemon(status);
	tool_file("ip", 0700,
		  "#!/bin/sh\n[ \"$*\" = 'xfrm policy' ] && printf 'src ::/0 dst ::/0 proto udp "
		  "dport "
		  "1701 \\n\\tdir in action block priority 9\\n'\nexit 0\n");
	rows = examine("--json doctor lnsd.conf", 1);
	tool_daemon_ended();
	expect(rows, "covered", true, "UDP 1701 takes nothing but what came by IPsec", "");
	json_decref(rows);
	tool_daemon(status);
	tool_no_rules();
	rows = examine("--json doctor lnsd.conf", 1);
	tool_daemon_ended();
	expect(rows, "covered", false, "no policy keeps what is in the clear from UDP 1701",
	       "systemctl restart lnsd");
	json_decref(rows);
}
END_TEST

START_TEST(doctor_secrets_of_others_that_are_open_are_told)
{
	char text[256], want[128];
	json_t *rows;

	snprintf(text, sizeof(text), "[auth]\nusers-file = %s/users\n", tool_dir);
	tool_file("lnsd.conf", 0600, text);
	tool_file("users", 0644, "[alice]\npassword = plain:x\n");
	rows = examine("--json doctor lnsd.conf", 1);
	snprintf(want, sizeof(want), "others can read or write %s/users", tool_dir);
	snprintf(text, sizeof(text), "chmod 600 %s/users", tool_dir);
	expect(rows, "files", false, want, text);
	json_decref(rows);
}
END_TEST

#define CLIENT_LINE                                                                                \
	"Nov 21 20:43:27.063095: \"lnsd-psk-1\"[4] 192.0.2.7 #7: responding to Main Mode from "    \
	"unknown peer 192.0.2.7:500\n"                                                             \
	"Nov 21 20:43:27.063095: \"lnsd-psk-1\"[4] 192.0.2.7 #7: probable authentication "         \
	"failure (mismatch of preshared secrets?): malformed payload in packet\n"

/* A log with these lines, of now, and a history that is empty */
static void
log_of_now(const char *lines)
{
	char text[4096], now[64], *at;
	time_t t = time(NULL);
	struct tm tm;

	ck_assert_ptr_nonnull(localtime_r(&t, &tm));
	strftime(now, sizeof(now), "%b %d %H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s", lines);
	for (at = text; (at = strstr(at, "Nov 21 20:43:27")); at++)
		memcpy(at, now, strlen(now));
	tool_file("pluto.log", 0600, text);
	snprintf(text, sizeof(text), "[ipsec]\nlog-file = %s/pluto.log\n", tool_dir);
	tool_file("lnsd.conf", 0600, text);
}

/* The verdict on 192.0.2.7 */
static void
expect_case(const char *name, bool ok)
{
	json_t *rows;
	const json_t *row;

	ck_assert_int_eq(tool_run("--json doctor lnsd.conf --client 192.0.2.7 --file none"), 1);
	rows = json_loads(tool_output, 0, NULL);
	row = row_of(rows, "verdict");
	ck_assert_str_eq(json_string_value(json_object_get(row, "case")), name);
	ck_assert_int_eq(json_is_true(json_object_get(row, "ok")), ok);
	json_decref(rows);
}

START_TEST(doctor_client_is_judged_by_the_log)
{
	log_of_now(CLIENT_LINE);
	expect_case("wrong-psk", false);
	log_of_now("");
	expect_case("nothing-arrived", false);
	ck_assert_int_eq(tool_run("doctor lnsd.conf --client 192.0.2.7 --file none"), 1);
	ck_assert_ptr_nonnull(strstr(tool_output, "BAD  verdict             nothing-arrived: "
						  "nothing of it has arrived on UDP 500 or 4500"));
}
END_TEST

START_TEST(doctor_client_that_was_refused_is_in_the_history)
{
	char text[512], now[64];
	time_t t = time(NULL);
	struct tm tm;

	log_of_now("");
	ck_assert_ptr_nonnull(gmtime_r(&t, &tm));
	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(text, sizeof(text),
		 "half a line\n{\"peer\": \"192.0.2.7\", \"user\": \"alice\", \"refused\": true, "
		 "\"cause\": \"wrong-password\", \"text\": \"wrong password\", \"end\": \"%s\"}\n",
		 now);
	tool_file("none", 0600, text);
	expect_case("wrong-password", false);
}
END_TEST

START_TEST(doctor_client_that_is_no_address_is_wrong_usage)
{
	ck_assert_int_eq(tool_run("doctor lnsd.conf --client alice"), 2);
	ck_assert_ptr_nonnull(strstr(tool_output, "--client alice: no address"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("doctor");
	TCase *tc = tcase_create("doctor");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, begin, tool_end);
	tcase_add_test(tc, doctor_healthy_machine_is_well);
	tcase_add_test(tc, doctor_bad_settings_of_pluto_are_told);
	tcase_add_test(tc, doctor_pluto_that_is_silent_is_told_once);
	tcase_add_test(tc, doctor_program_of_another_is_no_libreswan);
	tcase_add_test(tc, doctor_conns_that_are_missing_are_told);
	tcase_add_test(tc, doctor_ikev2_that_is_not_renewed_is_told);
	tcase_add_test(tc, doctor_ipsec_of_others_is_not_looked_at);
	tcase_add_test(tc, doctor_marks_of_ike_with_libreswan_are_told);
	tcase_add_test(tc, doctor_rule_that_uses_our_marks_is_named);
	tcase_add_test(tc, doctor_secrets_that_are_missing_or_open_are_told);
	tcase_add_test(tc, doctor_certificate_in_place_of_the_key_is_looked_at);
	tcase_add_test(tc, doctor_configuration_that_is_refused_is_told);
	tcase_add_test(tc, doctor_problems_of_the_daemon_are_rows);
	tcase_add_test(tc, doctor_table_has_a_line_for_each_and_its_fix);
	tcase_add_test(tc, doctor_rule_that_drops_clients_is_named);
	tcase_add_test(tc, doctor_who_has_our_port_is_named);
	tcase_add_test(tc, doctor_cover_is_seen_where_the_daemon_runs);
	tcase_add_test(tc, doctor_secrets_of_others_that_are_open_are_told);
	tcase_add_test(tc, doctor_client_is_judged_by_the_log);
	tcase_add_test(tc, doctor_client_that_was_refused_is_in_the_history);
	tcase_add_test(tc, doctor_client_that_is_no_address_is_wrong_usage);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
