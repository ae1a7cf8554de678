/* lnsctl check: errors, warnings, and which clients the proposals serve. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lnsctl_fixture.h"

/* A libreswan that takes everything but what is called "bogus". */
#define IPSEC                                                                                      \
	"#!/bin/sh\n"                                                                              \
	"case \"$*\" in\n"                                                                         \
	"*bogus*) printf 'algparse %s\\n\\tERROR: algorithm bogus is not recognized\\n' \"$*\";"   \
	" exit 1;;\n"                                                                              \
	"'algparse -v1 ike='*|'algparse -v1 esp='*) exit 0;;\n"                                    \
	"*) exit 2;;\n"                                                                            \
	"esac\n"

static void
begin(void)
{
	tool_begin();
	tool_file("ipsec", 0700, IPSEC);
	tool_no_rules();
	tool_file("psk", 0600, "8Jq2-xNfe.Rr4uWc0Tz\n");
	tool_file("users", 0600, "[alice]\npassword = plain:x\n");
	ck_assert_int_eq(chdir(tool_dir), 0);
}

/* A configuration with all of its files in the folder, and these lines behind. */
static void
write_conf(const char *more)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "[ipsec]\npsk-file = %s/psk\n[auth]\nusers-file = %s/users\n[ppp]\npppd = "
		 "/bin/true\n%s",
		 tool_dir, tool_dir, more);
	tool_file("lnsd.conf", 0600, text);
}

/* The output is `want`, in which every '@' stands for the folder. */
static void
expect(const char *arguments, int code, const char *want)
{
	char text[4096];
	size_t len = 0;

	for (; *want && len < sizeof(text) - 64; want++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					*want == '@' ? "%s" : "%.1s",
					*want == '@' ? tool_dir : want);
	text[len] = '\0';
	ck_assert_int_eq(tool_run(arguments), code);
	ck_assert_str_eq(tool_output, text);
}

#define ANDROID                                                                                    \
	"offers no IKE proposal that is configured (it would take aes256-sha2;modp1024, which "    \
	"few "                                                                                     \
	"builds of libreswan can do)"
#define SHARED                                                                                     \
	"warning: @/psk: all clients share this key: certificates (ipsec.certificate) or strong "  \
	"PPP passwords are what tells users apart\n"
#define REACH SHARED WORKS
#define AT_WINDOWS                                                                                 \
	"behind a NAT of the server's own, with AssumeUDPEncapsulationContextOnSendRule = 2 there"
#define AT_MIKROTIK "with pfs-group=none there"
#define WORKS                                                                                      \
	"works with windows (" AT_WINDOWS ")\nworks with macos\nworks with ios\n"                  \
	"not with android: " ANDROID "\nworks with chromeos\nworks with networkmanager\n"          \
	"works with mikrotik (" AT_MIKROTIK ")\n"

START_TEST(check_good_files_are_ok)
{
	write_conf("");
	expect("check lnsd.conf", 0, REACH "ok\n");
}
END_TEST

START_TEST(check_json_has_the_contracts_keys)
{
	write_conf("");
	expect("check --json lnsd.conf", 0,
	       "{\n  \"ok\": true,\n  \"errors\": [],\n  \"warnings\": [\n"
	       "    {\n      \"file\": \"@/psk\",\n      \"line\": 0,\n"
	       "      \"text\": \"all clients share this key: certificates (ipsec.certificate) or "
	       "strong PPP passwords are what tells users apart\"\n    }\n  ],\n"
	       "  \"works_with\": [\n    \"windows\",\n    \"macos\",\n    \"ios\",\n"
	       "    \"chromeos\",\n    \"networkmanager\",\n    \"mikrotik\"\n  ],\n"
	       "  \"not_with\": [\n    {\n      \"client\": \"android\",\n      \"why\": \"" ANDROID
	       "\"\n    }\n  ],\n  \"conditions\": {\n    \"windows\": \"" AT_WINDOWS "\",\n"
	       "    \"mikrotik\": \"" AT_MIKROTIK "\"\n  }\n}\n");
}
END_TEST

START_TEST(check_all_errors_are_told)
{
	tool_file("lnsd.conf", 0600, "[sever]\n[network]\nmtu = 9\n");
	expect("check lnsd.conf", 1,
	       "lnsd.conf:1: [sever] unknown section (did you mean 'server'?)\n"
	       "lnsd.conf:3: [network] mtu: 9 is out of range (576 to 1500)\n");
	expect("check --json lnsd.conf 2>/dev/null", 1,
	       "{\n  \"ok\": false,\n  \"errors\": [\n"
	       "    {\n      \"file\": \"lnsd.conf\",\n      \"line\": 1,\n"
	       "      \"text\": \"[sever] unknown section (did you mean 'server'?)\"\n    },\n"
	       "    {\n      \"file\": \"lnsd.conf\",\n      \"line\": 3,\n"
	       "      \"text\": \"[network] mtu: 9 is out of range (576 to 1500)\"\n    }\n  ],\n"
	       "  \"warnings\": [],\n  \"works_with\": [],\n  \"not_with\": [],\n"
	       "  \"conditions\": {}\n}\n");
}
END_TEST

START_TEST(check_missing_file_is_an_error)
{
	expect("check nowhere.conf", 1,
	       "nowhere.conf: cannot be read: No such file or directory: create it, or name "
	       "another "
	       "file\n");
}
END_TEST

START_TEST(check_users_file_is_checked_too)
{
	write_conf("");
	tool_file("users", 0600, "[alice]\npasword = plain:s3cret\n");
	expect("check lnsd.conf", 1,
	       "@/users:2: [alice] unknown key (did you mean 'password'?)\n"
	       "@/users:1: [alice] has no password\n" SHARED);
}
END_TEST

START_TEST(check_what_hurts_is_warned_of)
{
	write_conf("[network]\nmtu = 1410\n[ipsec]\nrequire = no\n[auth]\nmethods = pap, chap\n"
		   "[network]\ngateway = 10.99.0.20\n");
	tool_file("users", 0644, "[alice]\npassword = plain:x\naddress = 192.0.2.7\n");
	tool_file("psk", 0640, "");
	expect("check lnsd.conf", 0,
	       "warning: @/users: mode 0644 lets others at the secrets: chmod 600 @/users\n"
	       "warning: @/users:1: [alice] address: 192.0.2.7 is outside the gateway's network "
	       "and "
	       "network.pool: other machines need a route to it\n"
	       "warning: lnsd.conf: [ipsec] require: with 'no', sessions without IPsec are let in, "
	       "in "
	       "the clear\n"
	       "warning: @/psk: is empty: no client gets past IPsec without a pre-shared key\n"
	       "warning: @/psk: mode 0640 lets others at the secrets: chmod 600 @/psk\n"
	       "warning: lnsd.conf: [network] mtu: 1410 is more than fits into 1500 bytes under "
	       "IPsec: "
	       "every full packet is sent in two; 1400 is the most\n"
	       "warning: lnsd.conf: [auth] methods: with pap the client sends its password as it "
	       "is, "
	       "and only IPsec hides it\n" WORKS "ok\n");
}
END_TEST

START_TEST(check_marks_that_hurt_are_warned_of)
{
	write_conf("[ipsec]\nmarks = ike\n");
	expect("check lnsd.conf", 0,
	       "warning: lnsd.conf: [ipsec] marks: libreswan gives no marks to SAs, so with 'ike' "
	       "only one client behind each NAT can connect: leave it at own\n" REACH "ok\n");
	write_conf("[ipsec]\nmarks = ike\nmanage = no\n");
	expect("check lnsd.conf", 0, "ok\n");
	write_conf("[ipsec]\nmark-base = 0xff0000\n");
	expect("check lnsd.conf", 0,
	       "warning: lnsd.conf: [ipsec] mark-base: libreswan's own marks count up from 0x10000 "
	       "and will meet 0xff0000: choose 0x1000000 or more\n" REACH "ok\n");
	write_conf("[ipsec]\nmark-base = 0x1000000\n");
	expect("check lnsd.conf", 0, REACH "ok\n");
}
END_TEST

START_TEST(check_marks_that_a_rule_uses_are_warned_of)
{
	tool_file("ip", 0700,
		  "#!/bin/sh\n[ \"$*\" = '-6 rule' ] && printf "
		  "'0:\\tfrom all lookup local\\n99:\\tfrom all fwmark 0x20000007 lookup 5\\n'\n"
		  "exit 0\n");
	write_conf("");
	expect("check lnsd.conf", 0,
	       "warning: lnsd.conf: [ipsec] mark-base: others use marks of 0x20000000 to "
	       "0x2000ffff, too: choose another range, or change that rule: ip: 99: from all "
	       "fwmark 0x20000007 lookup 5\n" REACH "ok\n");
	write_conf("[ipsec]\nmark-base = 0x30000000\n");
	expect("check lnsd.conf", 0, REACH "ok\n");
}
END_TEST

START_TEST(check_ikev2_says_whom_it_serves)
{
	write_conf("[ipsec]\nikev2 = yes\n");
	expect("check lnsd.conf", 0,
	       "warning: lnsd.conf: [ipsec] ikev2: serves Linux (NetworkManager-l2tp) and routers; "
	       "the clients built into Windows, macOS, iOS, Android and ChromeOS use IKEv1; with "
	       "libreswan 5.x an IKEv2 client's SA is not renewed\n" REACH "ok\n");
}
END_TEST

START_TEST(check_missing_secrets_are_warned_of)
{
	write_conf("[ppp]\noptions-file = none\n[auth]\nmethods = chap\n");
	tool_file("users", 0600, "[bob]\npassword = nt:8846f7eaee8fb117ad06bdd830b7586c\n");
	ck_assert_int_eq(unlink("psk"), 0);
	expect("check lnsd.conf", 0,
	       "warning: @/users:1: [bob] password: a hash serves none of auth.methods: use "
	       "plain:\n"
	       "warning: @/psk: is not there: no client gets past IPsec without a pre-shared "
	       "key\n" WORKS "ok\n");
	ck_assert_int_eq(unlink("users"), 0);
	tool_file("psk", 0600, "8Jq2-xNfe.Rr4uWc0Tz\n");
	expect("check lnsd.conf", 0,
	       "warning: @/users: is not there: nobody can log in\n" REACH "ok\n");
}
END_TEST

START_TEST(check_certificate_is_looked_at_and_needs_no_key)
{
	tool_file(
		"ipsec", 0700,
		"#!/bin/sh\n[ \"$*\" = 'addconn --configsetup' ] && echo \"export nssdir='/nss'\"\n"
		"exit 0\n");
	tool_file("certutil", 0700,
		  "#!/bin/sh\necho 'gw         u,u,u'\n"
		  "echo 'Not Before: Sat Jan 01 00:00:00 2000'\n"
		  "echo 'Not After : Fri Dec 31 00:00:00 2100'\n");
	write_conf("[ipsec]\ncertificate = gw\n");
	expect("check lnsd.conf", 0, REACH "ok\n");
	ck_assert_int_eq(unlink("psk"), 0);
	expect("check lnsd.conf", 0, WORKS "ok\n");
	write_conf("[ipsec]\ncertificate = nobody\n");
	expect("check lnsd.conf", 0,
	       "warning: lnsd.conf: [ipsec] certificate: there is no certificate 'nobody' in /nss: "
	       "lnsctl cert server NAME, or ipsec import FILE.p12, whose friendly name is the "
	       "nickname\n" WORKS "ok\n");
}
END_TEST

START_TEST(check_tunnel_secrets_are_checked)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "[server]\ntunnel-secret-file = %s/none\n[peer good]\naddress = ::1\n"
		 "secret-file = %s/good\n[peer open]\naddress = ::2\nsecret-file = %s/open\n"
		 "[peer two]\nhost-name = x\nsecret-file = %s/two\n[peer empty]\n"
		 "secret-file = %s/empty\n",
		 tool_dir, tool_dir, tool_dir, tool_dir, tool_dir);
	write_conf(text);
	tool_file("good", 0600, "a secret\n");
	tool_file("open", 0644, "a secret\n");
	tool_file("two", 0600, "a\nsecret\n");
	tool_file("empty", 0600, "");
	expect("check lnsd.conf", 0,
	       "warning: @/none: is not there: peers without a [peer] section are refused\n"
	       "warning: @/open: mode 0644 lets others at the secrets: chmod 600 @/open\n"
	       "warning: @/two: is more than one line of text: write the secret into it as one "
	       "line of 1 to 128 bytes; [peer two] is refused until it can be used\n"
	       "warning: @/empty: is empty: [peer empty] is refused\n" REACH "ok\n");
}
END_TEST

START_TEST(check_peer_that_hides_others_is_warned_of)
{
	write_conf("[peer a]\naddress = ::1\n[peer all]\n[peer b]\nhost-name = x\n");
	expect("check lnsd.conf", 0,
	       "warning: lnsd.conf: [peer all] has neither address nor host-name: it is for "
	       "everybody, and no section after it is ever used\n" REACH "ok\n");
	write_conf("[peer a]\naddress = ::1\n[peer all]\n");
	expect("check lnsd.conf", 0, REACH "ok\n");
}
END_TEST

START_TEST(check_pppd_that_does_not_start_is_warned_of)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "[ipsec]\nmanage = no\n[auth]\nusers-file = %s/users\n[ppp]\n"
		 "pppd = %s/nowhere\n",
		 tool_dir, tool_dir);
	tool_file("lnsd.conf", 0600, text);
	expect("check lnsd.conf", 0,
	       "warning: @/nowhere: is no program that can be started: install ppp, or set "
	       "ppp.pppd\n"
	       "ok\n");
}
END_TEST

START_TEST(check_modern_profile_leaves_windows_out)
{
	write_conf("[ipsec]\nprofile = modern\n");
	expect("check lnsd.conf", 0,
	       SHARED
	       "not with windows: offers no IKE proposal that is configured (it would take "
	       "aes256-sha1;dh20)\n"
	       "works with macos\nworks with ios\n"
	       "not with android: " ANDROID "\n"
	       "not with chromeos: offers no IKE proposal that is configured (it would take "
	       "aes128-sha2;dh15)\n"
	       "not with networkmanager: offers no ESP proposal that is configured (it would take "
	       "aes256-sha1)\n"
	       "not with mikrotik: offers no IKE proposal that is configured (it would take "
	       "aes128-sha1;dh14)\n"
	       "ok\n");
}
END_TEST

/* The client's line among the others */
static void
expect_reach(const char *ike, const char *esp, const char *line)
{
	char text[512];

	snprintf(text, sizeof(text), "[ipsec]\nike = %s\nesp = %s\n", ike, esp);
	write_conf(text);
	ck_assert_msg(tool_run("check lnsd.conf") == 0, "%s", tool_output);
	ck_assert_msg(strstr(tool_output, line) != NULL, "no '%s' in\n%s", line, tool_output);
}

START_TEST(check_own_proposals_are_understood)
{
	expect_reach("aes256-sha1-modp2048", "aes256-sha1", "works with windows (");
	expect_reach("AES256-SHA1;DH20", "AES-SHA1", "works with windows (");
	expect_reach("aes-sha", "3des-sha1", "works with windows (");
	expect_reach("aes256-sha1;dh2", "aes128-md5", "works with android (");
	expect_reach("aes128-sha2+sha1;dh14", "aes_gcm", "works with chromeos\n");
	expect_reach("aes_cbc256-sha2_256;dh14", "aes_gcm", "not with macos: offers no ESP");
	expect_reach("aes256-sha2;dh31", "aes256-sha2", "not with macos: offers no IKE");
	expect_reach("camellia256-sha1;dh14", "aes256-sha1", "not with windows: offers no IKE");
	expect_reach("aes256-sha1;dh14, aes128-sha1;dh14", "aes128-sha1, aes256-sha2",
		     "works with mikrotik (");
}
END_TEST

START_TEST(check_own_proposal_that_libreswan_refuses_is_an_error)
{
	write_conf("[ipsec]\nike = aes256-sha1;dh14, aes256-bogus\nesp = aes128-sha1\n");
	expect("check lnsd.conf", 1,
	       "lnsd.conf: [ipsec] ike: 'aes256-bogus' is refused by libreswan: algorithm bogus is "
	       "not "
	       "recognized\n" SHARED);
	write_conf("[ipsec]\nesp = aes128-bogus\n");
	expect("check lnsd.conf", 1,
	       "lnsd.conf: [ipsec] esp: 'aes128-bogus' is refused by libreswan: algorithm bogus is "
	       "not "
	       "recognized\n"
	       "lnsd.conf: [ipsec] esp: libreswan takes none of the proposals\n" SHARED);
}
END_TEST

START_TEST(check_profiles_proposal_that_libreswan_refuses_is_left_out)
{
	write_conf("");
	tool_file("ipsec", 0700,
		  "#!/bin/sh\ncase \"$*\" in *';dh15') echo 'ERROR: no DH 15'; exit 1; esac\n");
	expect("check lnsd.conf", 0,
	       "warning: lnsd.conf: [ipsec] profile: ike=aes128-sha2;dh15 is refused by libreswan "
	       "and "
	       "left out: no DH 15\n" REACH "ok\n");
}
END_TEST

/* Which serves Android up to 11, where libreswan can. */
START_TEST(check_legacy_profile_serves_android_or_is_an_error)
{
	write_conf("[ipsec]\nprofile = legacy\n");
	ck_assert_int_eq(tool_run("check lnsd.conf"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "\nworks with windows"));
	ck_assert_ptr_nonnull(strstr(tool_output, "\nworks with android"));
	tool_file("ipsec", 0700,
		  "#!/bin/sh\ncase \"$*\" in *modp1024*) echo 'ERROR: no DH 2'; exit 1; esac\n");
	ck_assert_int_eq(tool_run("check lnsd.conf"), 1);
	ck_assert_ptr_nonnull(
		strstr(tool_output,
		       "lnsd.conf: [ipsec] profile: 'legacy' is of no use with this libreswan, "
		       "which refuses ike=aes256-sha1;modp1024: no DH 2\n"));
}
END_TEST

START_TEST(check_broken_libreswan_is_no_error)
{
	write_conf("");
	tool_file("ipsec", 0700, "#!/bin/sh\nhead -c 100000 /dev/zero; exit 1\n");
	expect("check lnsd.conf", 0,
	       "warning: lnsd.conf: [ipsec] ike: not tried, because 'ipsec algparse' does not work "
	       "here\n"
	       "warning: lnsd.conf: [ipsec] esp: not tried, because 'ipsec algparse' does not work "
	       "here\n" REACH "ok\n");
}
END_TEST

/* A pppd that knows all options but these */
static void
pppd_without(const char *options)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "#!/bin/sh\ncase \"$*\" in %s) echo \"pppd: unrecognized option 'x'\"; exit 2;; "
		 "esac\nexit 4\n",
		 options);
	tool_file("pppd", 0700, text);
	write_conf("[auth]\nmethods = eap\n");
	snprintf(text, sizeof(text), "sed -i 's|/bin/true|%s/pppd|' %s/lnsd.conf", tool_dir,
		 tool_dir);
	ck_assert_int_eq(system(text), 0);
}

START_TEST(check_says_what_pppd_knows_of_eap)
{
	pppd_without("*require-eap*");
	ck_assert_int_eq(tool_run("check lnsd.conf"), 1);
	ck_assert_ptr_nonnull(strstr(tool_output, "/pppd knows no EAP: take eap out\n"));
	pppd_without("*max-tls-version*");
	ck_assert_int_eq(tool_run("check lnsd.conf"), 0);
	ck_assert_ptr_nonnull(
		strstr(tool_output, "/pppd knows no EAP-TLS: eap is EAP-MSCHAPv2 only\n"));
	pppd_without("nothing");
	ck_assert_int_eq(tool_run("check lnsd.conf"), 0);
	ck_assert_ptr_null(strstr(tool_output, "knows no EAP"));
}
END_TEST

START_TEST(check_key_that_can_be_guessed_is_warned_of)
{
	static const struct {
		const char *key, *why;
	} rows[] = {
		{"a key\n", "is short (5 characters, 16 are few)"},
		{"0123456789abcde\n", "is short (15 characters, 16 are few)"},
		{"abababababababababab\n", "is made of few different characters"},
		{"Password1234567890\n", "has a word in it that everybody tries"},
	};
	char text[2048];

	write_conf("");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tool_file("psk", 0600, rows[i].key);
		snprintf(text, sizeof(text),
			 "warning: @/psk: the key %s: who has recorded one client's IKE can try "
			 "keys "
			 "until one fits; openssl rand -base64 24 makes a good one\n" REACH "ok\n",
			 rows[i].why);
		expect("check lnsd.conf", 0, text);
	}
	tool_file("psk", 0600, "a secret sentence that is quite long\n");
	expect("check lnsd.conf", 0, REACH "ok\n");
}
END_TEST

START_TEST(check_methods_that_a_client_does_not_know_leave_it_out)
{
	pppd_without("nothing");
	ck_assert_int_eq(tool_run("check lnsd.conf"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "works with windows ("));
	ck_assert_ptr_nonnull(strstr(tool_output, "not with ios: knows none of auth.methods (it "
						  "knows mschapv2, chap, pap)\n"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("check");
	TCase *tc = tcase_create("check");

	tcase_add_checked_fixture(tc, begin, tool_end);
	tcase_add_test(tc, check_good_files_are_ok);
	tcase_add_test(tc, check_json_has_the_contracts_keys);
	tcase_add_test(tc, check_all_errors_are_told);
	tcase_add_test(tc, check_missing_file_is_an_error);
	tcase_add_test(tc, check_users_file_is_checked_too);
	tcase_add_test(tc, check_what_hurts_is_warned_of);
	tcase_add_test(tc, check_marks_that_hurt_are_warned_of);
	tcase_add_test(tc, check_marks_that_a_rule_uses_are_warned_of);
	tcase_add_test(tc, check_ikev2_says_whom_it_serves);
	tcase_add_test(tc, check_missing_secrets_are_warned_of);
	tcase_add_test(tc, check_certificate_is_looked_at_and_needs_no_key);
	tcase_add_test(tc, check_tunnel_secrets_are_checked);
	tcase_add_test(tc, check_peer_that_hides_others_is_warned_of);
	tcase_add_test(tc, check_pppd_that_does_not_start_is_warned_of);
	tcase_add_test(tc, check_modern_profile_leaves_windows_out);
	tcase_add_test(tc, check_own_proposals_are_understood);
	tcase_add_test(tc, check_own_proposal_that_libreswan_refuses_is_an_error);
	tcase_add_test(tc, check_profiles_proposal_that_libreswan_refuses_is_left_out);
	tcase_add_test(tc, check_legacy_profile_serves_android_or_is_an_error);
	tcase_add_test(tc, check_broken_libreswan_is_no_error);
	tcase_add_test(tc, check_says_what_pppd_knows_of_eap);
	tcase_add_test(tc, check_key_that_can_be_guessed_is_warned_of);
	tcase_add_test(tc, check_methods_that_a_client_does_not_know_leave_it_out);
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
