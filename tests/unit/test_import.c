/* lnsctl import, of a stack that stands in a folder. */
#include <check.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl_fixture.h"

#define XL2TPD                                                                                     \
	"[global]\nport = 1701\n; a comment\n\n[lns default]\nip range = "                         \
	"192.168.42.10-192.168.42.250\n"                                                           \
	"local ip = 192.168.42.1\nrequire chap = yes\nrefuse pap = yes\nrequire authentication = " \
	"yes\n"                                                                                    \
	"name = l2tpd\npppoptfile = /etc/ppp/options.xl2tpd\nlength bit = yes\nwarp = 9\n"         \
	"[lac office]\nlns = 192.0.2.9\nname = me\n"
#define OPTIONS                                                                                    \
	"+mschap-v2\nipcp-accept-local\nipcp-accept-remote\nnoccp\nauth\nmtu 1280\nmru "           \
	"1280\nproxyarp\n"                                                                         \
	"lcp-echo-failure 4\nlcp-echo-interval 30\nconnect-delay 5000\nms-dns 8.8.8.8\nms-dns "    \
	"\"8.8.4.4\"\n"                                                                            \
	"file /etc/ppp/more\n"
#define CHAP                                                                                       \
	"# users\n\"alice\" l2tpd \"pass word\" *\nbob * 'it\\'s' 192.168.42.77\n"                 \
	"carol pptpd x *\n* l2tpd everybody *\ndora l2tpd \"\" *\nerik l2tpd @/etc/key *\n"        \
	"frida l2tpd y 10.0.0.0/8\nOFFICE\\\\gert l2tpd z 203.0.113.1\nalice l2tpd other "         \
	"*\nshort\n"                                                                               \
	"bad]name l2tpd x *\nbytes l2tpd \"\xff\xfe\" *\n"
#define IPSEC                                                                                      \
	"version 2.0\n\nconfig setup\n  uniqueids=no\n\nconn shared\n  left=%defaultroute\n"       \
	"  sha2-truncbug=yes\n\nconn l2tp-psk\n  auto=add\n  leftprotoport=17/1701\n  "            \
	"also=shared\n\n"                                                                          \
	"conn xauth-psk\n  leftxauthserver=yes\n\ninclude /etc/ipsec.d/*.conf\n"

static char arguments[1024];

static void
put(const char *name, const char *text)
{
	char path[96], command[256];

	snprintf(path, sizeof(path), "old/etc/%s", name);
	snprintf(command, sizeof(command), "mkdir -p \"$(dirname %s/%s)\"", tool_dir, path);
	ck_assert_int_eq(system(command), 0);
	tool_file(path, 0600, text);
}

static void
begin(void)
{
	tool_begin();
	put("xl2tpd/xl2tpd.conf", XL2TPD);
	put("ppp/options.xl2tpd", OPTIONS);
	put("ppp/more", "idle 600 # ten minutes\nfile /etc/ppp/more\nbsdcomp 15,15\n");
	put("ppp/chap-secrets", CHAP);
	put("ipsec.secrets",
	    "include /etc/ipsec.d/*.secrets\n192.0.2.1 192.0.2.7 : PSK \"site\"\n");
	put("ipsec.d/l2tp.secrets", "%any  %any  :\n  PSK \"the key of all\"\n: RSA {\n  x\n  }\n");
	put("ipsec.conf", IPSEC);
}

/* `import MORE`, "@" standing for the folder */
static int
import(const char *more)
{
	const char *at = strchr(more, '@');
	char words[512];

	snprintf(words, sizeof(words), "%.*s%s%s", at ? (int)(at - more) : (int)strlen(more), more,
		 at ? tool_dir : "", at ? at + 1 : "");
	snprintf(arguments, sizeof(arguments), "import --config %s/lnsd.conf %s", tool_dir, words);
	return tool_run(arguments);
}

/* One of the list's rows about `what` has this in its `key`. */
static bool
has_row(const json_t *list, const char *what, const char *key, const char *want)
{
	const json_t *row;
	size_t i;

	json_array_foreach(list, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "what")), what) == 0 &&
		    strstr(json_string_value(json_object_get(row, key)), want))
			return true;
	}
	return false;
}

static void
has(const json_t *list, const char *what, const char *key, const char *want)
{
	ck_assert_msg(has_row(list, what, key, want), "%s: no %s '%s': %s", what, key, want,
		      tool_output);
}

static json_t *
document_of(const char *more)
{
	json_t *document;

	ck_assert_msg(import(more) == 0, "%s", tool_output);
	document = json_loads(tool_output, 0, NULL);
	ck_assert_msg(document != NULL, "%s", tool_output);
	return document;
}

START_TEST(import_takes_the_stack_and_tells_of_the_rest)
{
	json_t *document = document_of("--json xl2tpd @/old");
	const json_t *taken = json_object_get(document, "taken"),
		     *left = json_object_get(document, "left");

	has(taken, "network.pool", "value", "192.168.42.10-192.168.42.250");
	has(taken, "network.pool", "from", "/etc/xl2tpd/xl2tpd.conf:6");
	has(taken, "network.gateway", "value", "192.168.42.1");
	has(taken, "network.dns", "value", "8.8.8.8, 8.8.4.4");
	has(taken, "network.mtu", "value", "1280");
	has(taken, "ppp.lcp-echo", "value", "30s");
	has(taken, "auth.idle-timeout", "value", "600s");
	has(taken, "the pre-shared key", "from", "/etc/ipsec.d/l2tp.secrets:1");
	has(taken, "user alice", "from", "/etc/ppp/chap-secrets:2");
	has(taken, "user bob", "value", "192.168.42.77");
	has(taken, "user gert", "value", "");
	has(taken, "user frida", "value", "");
	has(left, "user carol", "why", "another server");
	has(left, "user *", "why", "everybody");
	has(left, "user dora", "why", "empty");
	has(left, "user erik", "why", "a file of its own");
	has(left, "user alice", "why", "before");
	has(left, "user short", "why", "three columns");
	has(left, "user bytes", "why", "UTF-8");
	has(left, "user frida", "why", "only a single one");
	has(left, "warp", "why", "does not know");
	has(left, "[lac office]", "why", "dialling out");
	has(left, "proxyarp", "why", "routed");
	has(left, "bsdcomp", "why", "does not know");
	has(left, "a secret", "why", "single peers");
	has(left, "conn l2tp-psk", "why", "take this one out");
	has(left, "conn xauth-psk", "why", "no L2TP");
	has(left, "sha2-truncbug", "why", "Apple");
	has(left, "an include", "why", "too deeply");
	ck_assert(!has_row(left, "name", "why", ""));
	ck_assert_ptr_null(strstr(tool_output, "the key of all"));
	ck_assert_ptr_null(strstr(tool_output, "pass word"));
	json_decref(document);
}
END_TEST

START_TEST(import_files_are_right_and_a_second_one_changes_nothing)
{
	char users[4096], conf[4096];

	/* as it is installed: an example that sets nothing */
	tool_file("lnsd.conf", 0644, "# an example\n[network]\n#pool = 10.0.0.2-10.0.0.9\n");
	json_decref(document_of("--json xl2tpd @/old"));
	snprintf(users, sizeof(users), "%s", tool_text("users"));
	snprintf(conf, sizeof(conf), "%s", tool_text("lnsd.conf"));
	ck_assert_str_eq(tool_text("psk"), "the key of all\n");
	ck_assert_ptr_nonnull(strstr(conf, "\n[network]\npool = 192.168.42.10-192.168.42.250\n"));
	ck_assert_ptr_nonnull(strstr(users, "\n[bob]\npassword = nt:"));
	ck_assert_ptr_nonnull(strstr(users, "\naddress = 192.168.42.77\n"));
	ck_assert_ptr_null(strstr(users, "carol"));

	ck_assert_int_eq(import("xl2tpd @/old"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "there is such a user already"));
	ck_assert_ptr_nonnull(strstr(tool_output, "\nnothing is changed"));
	ck_assert_str_eq(tool_text("users"), users);
	ck_assert_str_eq(tool_text("lnsd.conf"), conf);
}
END_TEST

START_TEST(import_settings_key_and_users_of_ours_stay)
{
	char conf[512];

	snprintf(conf, sizeof(conf),
		 "[network]\npool = 10.9.9.2-10.9.9.9\n[ipsec]\npsk-file = %s/psk\n[auth]\n"
		 "users-file = %s/users\n",
		 tool_dir, tool_dir);
	tool_file("lnsd.conf", 0644, conf);
	tool_file("psk", 0600, "ours\n");
	tool_file("users", 0600, "# mine\n[alice]\npassword = plain:mine");
	ck_assert_int_eq(import("hwdsl2 @/old"), 0);
	ck_assert_str_eq(tool_text("lnsd.conf"), conf);
	ck_assert_str_eq(tool_text("psk"), "ours\n");
	ck_assert_ptr_eq(
		strstr(tool_text("users"), "# mine\n[alice]\npassword = plain:mine\n[bob]\n"),
		tool_text("users"));
	ck_assert_ptr_nonnull(
		strstr(tool_output, "put 'pool = 192.168.42.10-192.168.42.250' into"));
	ck_assert_ptr_nonnull(strstr(tool_output, "there is one already, and it stays"));
}
END_TEST

START_TEST(import_dry_run_writes_nothing)
{
	ck_assert_int_eq(import("--dry-run xl2tpd @/old"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "+pool = 192.168.42.10-192.168.42.250\n"));
	ck_assert_ptr_nonnull(strstr(tool_output, "+[alice]\n+password = (not shown)\n"));
	ck_assert_ptr_null(strstr(tool_output, "the key of all"));
	ck_assert_str_eq(tool_text("lnsd.conf"), "");
	ck_assert_str_eq(tool_text("users"), "");
}
END_TEST

START_TEST(import_users_of_a_file_and_of_another_server)
{
	ck_assert_int_eq(import("chap-secrets @/old/etc/ppp/chap-secrets --server pptpd"), 0);
	ck_assert_ptr_nonnull(strstr(tool_text("users"), "[carol]"));
	ck_assert_ptr_nonnull(strstr(tool_text("users"), "[bob]"));
	ck_assert_ptr_null(strstr(tool_text("users"), "[alice]"));
	ck_assert_str_eq(tool_text("psk"), "");
}
END_TEST

START_TEST(import_bad_input_is_said)
{
	static const struct {
		const char *arguments;
		int code;
		const char *says;
	} bad[] = {
		{"", 2, "usage"},
		{"xl2tp", 2, "did you mean 'xl2tpd'"},
		{"xl2tpd /nowhere", 1, "/nowhere/etc/xl2tpd/xl2tpd.conf: cannot be read"},
		{"chap-secrets /nowhere", 1, "PATH is the folder that has etc/"},
		{"xl2tpd / more", 2, "usage"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(import(bad[i].arguments), bad[i].code);
		ck_assert_msg(strstr(tool_output, bad[i].says) != NULL, "%s: %s", bad[i].arguments,
			      tool_output);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("import");
	TCase *tcase = tcase_create("import");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, begin, tool_end);
	tcase_add_test(tcase, import_takes_the_stack_and_tells_of_the_rest);
	tcase_add_test(tcase, import_files_are_right_and_a_second_one_changes_nothing);
	tcase_add_test(tcase, import_settings_key_and_users_of_ours_stay);
	tcase_add_test(tcase, import_dry_run_writes_nothing);
	tcase_add_test(tcase, import_users_of_a_file_and_of_another_server);
	tcase_add_test(tcase, import_bad_input_is_said);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
