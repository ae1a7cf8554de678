/* src/conf: the option table against the contract, the shipped files and the manual; differences.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"

START_TEST(conf_diff_names_changed_keys_with_both_values)
{
	struct conf *from = take_text("[server]\nhello = 1m\nlisten = 192.0.2.1, 2001:db8::1\n");
	struct conf *to =
		take_text("[server]\nhello = 60s\nhost-name = x\n[network]\ndns=192.0.2.9\n"
			  "pool = 10.1.0.0/24, 10.2.0.1\n[auth]\nmethods = pap, chap\n");
	char log[1024] = "";

	conf_diff(from, from, note_change, log);
	ck_assert_str_eq(log, "");
	conf_diff(from, to, note_change, log);
	ck_assert_str_eq(log, "server.listen 2 '192.0.2.1, 2001:db8::1' '0.0.0.0, ::'\n"
			      "server.host-name 1 '' 'x'\n"
			      "network.pool 1 '10.99.0.10-10.99.0.250' "
			      "'10.1.0.1-10.1.0.254, 10.2.0.1-10.2.0.1'\n"
			      "network.gateway 2 '10.99.0.1' '10.1.0.1'\n"
			      "network.dns 1 '' '192.0.2.9'\n"
			      "auth.methods 1 'mschapv2' 'chap, pap'\n");
	conf_free(from);
	conf_free(to);
}
END_TEST

START_TEST(conf_diff_writes_every_kind_of_value)
{
	struct conf *from = take_text("");
	struct conf *to = take_text("[server]\nport=9\nhello=1500ms\navp-strict=yes\n[log]\n"
				    "level=error\n[auth]\nidle-timeout=2h\n[ppp]\npppd=/x\n");
	char log[1024] = "";

	conf_diff(from, to, note_change, log);
	ck_assert_str_eq(log, "server.port 2 '1701' '9'\n"
			      "server.hello 0 '1m' '1500ms'\n"
			      "server.avp-strict 0 'no' 'yes'\n"
			      "ppp.pppd 1 '/usr/sbin/pppd' '/x'\n"
			      "auth.idle-timeout 1 '0' '2h'\n"
			      "log.level 0 'info' 'error'\n");
	conf_free(from);
	conf_free(to);
}
END_TEST

/* A number after the key is enum conf_live: 2 needs a restart. */
START_TEST(conf_hold_keeps_what_needs_a_restart_and_nothing_else)
{
	struct conf *held = take_text("");
	struct conf *conf =
		take_text("[server]\nlisten = 192.0.2.1\nport = 9\nhello = 7s\n[ipsec]\n"
			  "require = no\nmark-base = 0x30000000\nmarks = ike\n[network]\n"
			  "gateway = 10.99.0.2\nmtu = 1300\n[auth]\nradius = 192.0.2.2\n"
			  "radius-secret-file = /x\ncoa-listen = 192.0.2.1:3799\n");
	char log[2048] = "";

	conf_diff(held, conf, note_change, log);
	for (const char *key = "server.listen\0server.port\0ipsec.require\0ipsec.mark-base\0"
			       "ipsec.marks\0network.gateway\0auth.coa-listen\0";
	     *key; key += strlen(key) + 1)
		ck_assert_msg(strstr(log, key) != NULL, "%s is missing", key);
	conf_hold(conf, held);
	log[0] = '\0';
	conf_diff(held, conf, note_change, log);
	ck_assert_str_eq(log, "server.hello 0 '1m' '7s'\n"
			      "network.mtu 1 '1400' '1300'\n"
			      "auth.radius 1 '' '192.0.2.2:1812:1813'\n"
			      "auth.radius-secret-file 1 '' '/x'\n");
	conf_free(held);
	conf_free(conf);
}
END_TEST

/* Every key of the contract, with its default and when a change of it takes effect. */
START_TEST(conf_option_table_is_the_contracts)
{
	static const char want[] =
		"server listen R,server port R,server data-path N,server host-name N,"
		"server hello L,server tunnel-secret-file N,server max-tunnels L,"
		"server max-sessions L,server max-half-open L,server avp-strict L,"
		"server retries N,server udp-checksum-data L,"
		"ipsec manage L,ipsec require R,ipsec psk-file L,ipsec log-file L,ipsec "
		"certificate L,"
		"ipsec profile L,ipsec ike L,ipsec esp L,ipsec mark-base R,ipsec marks R,"
		"ipsec ikev2 L,network pool N,network gateway R,network pool6 N,network dns N,"
		"network search-domain L,network routes L,network wins N,network mtu N,network nat "
		"L,network client-to-client L,"
		"ppp pppd N,ppp options-file N,ppp lcp-echo N,auth methods N,auth users-file L,"
		"auth fold-names L,auth strip-domain L,"
		"auth radius N,auth radius-secret-file N,auth order N,auth radius-timeout N,"
		"auth radius-dead-time N,auth radius-interim N,auth coa-listen R,"
		"auth max-sessions-per-user N,auth on-limit N,auth idle-timeout N,"
		"auth session-timeout N,auth ban-after L,auth ban-time L,auth ban-never L,"
		"metrics listen R,"
		"log level L,log history-size L,peer address N,peer host-name N,peer port L,peer "
		"secret-file N,"
		"peer hide-avps N,peer sequencing N,peer proxy-auth N,peer dscp N,"
		"peer max-sessions N,client server L,"
		"client user L,client password-file L,client psk-file L,client routes L,"
		"client redial L,";
	char have[4096] = "";
	const char *section, *key, *def;
	enum conf_live live;
	bool built;

	for (size_t i = 0; conf_option(i, &section, &key, &def, &live, &built); i++) {
		ck_assert_ptr_nonnull(def);
		sprintf(have + strlen(have), "%s %s %c,", section, key, "LNR"[live]);
	}
	ck_assert_str_eq(have, want);
	ck_assert(conf_option(0, NULL, NULL, NULL, NULL, NULL));
}
END_TEST

/* A whole file, relative to the project's folder (where tests are started). */
static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 1 << 18);

	ck_assert_msg(file != NULL, "%s is not there (run me in the project's folder)", path);
	ck_assert_uint_gt(fread(text, 1, (1 << 18) - 1, file), 0);
	fclose(file);
	return text;
}

START_TEST(conf_shipped_files_are_valid)
{
	static const char *const files[] = {"conf/lnsd.conf", "conf/minimal.conf"};

	for (size_t i = 0; i < 2; i++) {
		char *text = read_file(files[i]);

		conf_free(take_text(text));
		free(text);
	}
}
END_TEST

/* The line "#key = def" of the section, without its mark; NULL: it is not there. */
static char *
commented_key(char *text, const char *section, const char *key, const char *def)
{
	char want[256];
	char *begin, *end, *line;

	sprintf(want, "\n[%s]", section);
	begin = strstr(text, want);
	ck_assert_msg(begin != NULL, "conf/lnsd.conf has no [%s]", section);
	end = strstr(begin + 1, "\n[");
	sprintf(want, "\n#%s = %s\n", key, def);
	line = strstr(begin, want);
	return line && (!end || line < end) ? line + 1 : NULL;
}

START_TEST(conf_shipped_file_has_every_key_at_its_default)
{
	char *text = read_file("conf/lnsd.conf");
	struct conf *conf, *defaults = take_text("");
	const char *section, *key, *def;
	char log[4096] = "";
	bool built;

	for (size_t i = 0; conf_option(i, &section, &key, &def, NULL, &built); i++) {
		char *line;

		if (strcmp(section, "peer") == 0 || strcmp(section, "client") == 0) {
			char want[100];

			sprintf(want, "\n#[%s NAME]\n", section);
			ck_assert_msg(strstr(text, want) != NULL, "[%s] is missing", section);
			sprintf(want, "\n#%s = %s\n", key, def);
			ck_assert_msg(strstr(strstr(text, "\n#[peer NAME]"), want) != NULL,
				      "[%s] %s is missing", section, key);
			continue;
		}
		line = commented_key(text, section, key, def);
		ck_assert_msg(line != NULL, "no line '#%s = %s' in [%s]", key, def, section);
		line[0] = ' ';
	}
	conf = take_text(text);
	conf_diff(defaults, conf, note_change, log);
	ck_assert_str_eq(log, "");
	conf_free(conf);
	conf_free(defaults);
	free(text);
}
END_TEST

START_TEST(conf_manual_has_every_key)
{
	char *text = read_file("docs/lnsd.conf.5");
	const char *section, *key;

	for (size_t i = 0; conf_option(i, &section, &key, NULL, NULL, NULL); i++) {
		char want[100];

		sprintf(want, "\n.It Cm %s", key);
		ck_assert_msg(strstr(text, want) != NULL, "[%s] %s is missing", section, key);
	}
	free(text);
}
END_TEST

START_TEST(conf_profiles_have_proposals)
{
	ck_assert_str_eq(conf_profile_name(PROFILE_MODERN), "modern");
	ck_assert(strstr(conf_profile_ike(PROFILE_COMPATIBLE), "aes256-sha1;dh20") != NULL);
	ck_assert(strstr(conf_profile_ike(PROFILE_MODERN), "sha1") == NULL);
	ck_assert(strstr(conf_profile_esp(PROFILE_MODERN), "sha1") == NULL);
	ck_assert_ptr_null(conf_profile_needs(PROFILE_MODERN));
	ck_assert(strstr(conf_profile_ike(PROFILE_LEGACY), conf_profile_needs(PROFILE_LEGACY)) !=
		  NULL);
	ck_assert(strstr(conf_profile_esp(PROFILE_LEGACY), "3des-sha1") != NULL);
}
END_TEST

/* The defaults of the profiles must pass the check that the keys' values pass. */
START_TEST(conf_profiles_proposals_are_valid_values)
{
	for (int i = PROFILE_COMPATIBLE; i <= PROFILE_MODERN; i++) {
		char text[1024];

		sprintf(text, "[ipsec]\nike = %s\nesp = %s\n",
			conf_profile_ike((enum conf_profile)i),
			conf_profile_esp((enum conf_profile)i));
		conf_free(take_text(text));
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("option");
	TCase *tc = tcase_create("option");

	tcase_add_checked_fixture(tc, errors_begin, errors_end);
	tcase_add_test(tc, conf_diff_names_changed_keys_with_both_values);
	tcase_add_test(tc, conf_diff_writes_every_kind_of_value);
	tcase_add_test(tc, conf_hold_keeps_what_needs_a_restart_and_nothing_else);
	tcase_add_test(tc, conf_option_table_is_the_contracts);
	tcase_add_test(tc, conf_shipped_files_are_valid);
	tcase_add_test(tc, conf_shipped_file_has_every_key_at_its_default);
	tcase_add_test(tc, conf_manual_has_every_key);
	tcase_add_test(tc, conf_profiles_have_proposals);
	tcase_add_test(tc, conf_profiles_proposals_are_valid_values);
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
