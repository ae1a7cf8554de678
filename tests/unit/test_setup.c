/* lnsctl setup in a folder, with a systemctl of ours. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl_fixture.h"

/* A systemd under which a unit runs, or is enabled, when there is a file UNIT.active, or .enabled.
 */
#define SYSTEMCTL                                                                                  \
	"#!/bin/sh\ncd %s || exit\n"                                                               \
	"case $1 in\n"                                                                             \
	"is-system-running) echo running;;\n"                                                      \
	"is-active) test -e \"$3.active\";;\n"                                                     \
	"is-enabled) test -e \"$3.enabled\";;\n"                                                   \
	"enable) echo \"$*\" >>ran; touch \"$2.enabled\" \"$3.enabled\";;\n"                       \
	"*) echo \"$*\" >>ran; touch \"$2.active\";;\n"                                            \
	"esac\n"

static char arguments[512];

static void
begin(void)
{
	char text[1024];

	tool_begin();
	tool_no_rules();
	snprintf(text, sizeof(text), SYSTEMCTL, tool_dir);
	tool_file("systemctl", 0700, text);
	tool_file("ipsec", 0700, "#!/bin/sh\nexit 1\n");
}

/* `setup MORE` for the folder */
static int
setup(const char *more)
{
	snprintf(arguments, sizeof(arguments), "setup --config %s/lnsd.conf %s </dev/null",
		 tool_dir, more);
	return tool_run(arguments);
}

/* setup on a machine where all went well: the daemon answers once */
static int
setup_served(const char *more)
{
	int code;

	tool_daemon("{\"ok\": true, \"data\": {\"version\": \"1\", \"ipsec\": {\"loaded\": true}}}"
		    "\n");
	code = setup(more);
	tool_daemon_ended();
	return code;
}

static unsigned
mode_of(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", tool_dir, name);
	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

START_TEST(setup_makes_all_and_a_second_run_nothing)
{
	char users[512], key[64], *password;

	ck_assert_int_eq(setup_served("--yes --server vpn.example.net --user alice --routes "
				      "192.168.7.0/24"),
			 0);
	ck_assert_ptr_nonnull(strstr(tool_text("lnsd.conf"), "\nhost-name = vpn.example.net\n"));
	ck_assert_ptr_nonnull(strstr(tool_text("lnsd.conf"), "\nroutes = 192.168.7.0/24\n"));
	ck_assert_uint_eq(mode_of("psk"), 0600);
	ck_assert_uint_eq(mode_of("users"), 0600);
	snprintf(key, sizeof(key), "%s", tool_text("psk"));
	ck_assert_uint_eq(strlen(key), 33);
	snprintf(users, sizeof(users), "%s", tool_text("users"));
	ck_assert_ptr_nonnull(strstr(users, "[alice]\npassword = nt:"));
	ck_assert_str_eq(tool_text("ran"),
			 "enable ipsec.service lnsd.service\nstart ipsec.service\n"
			 "start lnsd.service\n");
	password = strstr(tool_output, "password: ");
	ck_assert_ptr_nonnull(password);
	ck_assert_uint_eq(strcspn(password + 10, "\n"), 20);
	ck_assert_ptr_nonnull(strstr(tool_output, "server:   vpn.example.net\n"));
	key[32] = '\0';
	ck_assert_ptr_null(strstr(tool_output, key));

	ck_assert_int_eq(setup_served("--yes"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "nothing is changed"));
	ck_assert_ptr_nonnull(strstr(tool_output, "user:     alice\n"));
	ck_assert_ptr_nonnull(strstr(tool_output, "server:   vpn.example.net\n"));
	ck_assert_str_eq(tool_text("users"), users);
	ck_assert_ptr_null(strstr(tool_output, key));
	/* no question, so no terminal is needed either */
	ck_assert_int_eq(setup_served("--secrets"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, key));
}
END_TEST

START_TEST(setup_dry_run_shows_all_and_does_nothing)
{
	ck_assert_int_eq(setup("--yes --dry-run --server 192.0.2.1 --user bob"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "+host-name = 192.0.2.1\n"));
	ck_assert_ptr_nonnull(strstr(tool_output, "+[bob]\n+password = (not shown)\n"));
	ck_assert_ptr_nonnull(strstr(tool_output, "/psk\n@@ -0,0 +1 @@\n+(not shown)\n"));
	ck_assert_ptr_nonnull(strstr(tool_output, "would run: systemctl start lnsd.service\n"));
	ck_assert_ptr_null(strstr(tool_output, "nt:"));
	ck_assert_uint_eq(mode_of("lnsd.conf") + mode_of("psk") + mode_of("users") + mode_of("ran"),
			  0);
}
END_TEST

START_TEST(setup_document_has_it_all)
{
	json_t *document;
	const json_t *client;

	ck_assert_int_eq(setup_served("--json --yes --server 192.0.2.1 --user bob --secrets"), 0);
	document = json_loads(tool_output, 0, NULL);
	ck_assert_msg(document != NULL, "%s", tool_output);
	ck_assert_uint_eq(json_array_size(json_object_get(document, "changed")), 3);
	ck_assert_uint_eq(json_array_size(json_object_get(document, "commands")), 3);
	ck_assert(json_is_true(json_object_get(json_object_get(document, "check"), "ok")));
	ck_assert_uint_gt(json_array_size(json_object_get(document, "doctor")), 10);
	client = json_object_get(document, "client");
	ck_assert_str_eq(json_string_value(json_object_get(client, "user")), "bob");
	ck_assert_uint_eq(strlen(json_string_value(json_object_get(client, "psk"))), 32);
	ck_assert_uint_eq(strlen(json_string_value(json_object_get(client, "password"))), 20);
	json_decref(document);
}
END_TEST

START_TEST(setup_examples_are_replaced_settings_of_others_are_not)
{
	tool_file("lnsd.conf", 0644, "# an example\n[network]\n#pool = 10.0.0.2-10.0.0.9\n");
	tool_file("users", 0600, "# an example\n#[alice]\n");
	ck_assert_int_eq(setup_served("--yes --server 192.0.2.1 --user alice"), 0);
	ck_assert_ptr_nonnull(strstr(tool_text("lnsd.conf"), "host-name = 192.0.2.1"));
	ck_assert_ptr_nonnull(strstr(tool_text("users"), "# an example\n#[alice]\n\n[alice]\n"));

	tool_file("lnsd.conf", 0644, "[network]\npool = 10.0.0.2-10.0.0.9\n");
	ck_assert_int_eq(setup("--yes --server 192.0.2.9 --user carol"), 1);
	ck_assert_ptr_nonnull(strstr(tool_output, "has settings of your own and stays as it is"));
	ck_assert_str_eq(tool_text("lnsd.conf"), "[network]\npool = 10.0.0.2-10.0.0.9\n");
	ck_assert_ptr_null(strstr(tool_text("users"), "carol"));
	tool_file("lnsd.conf", 0644, "[network]\npool = nonsense\n");
	ck_assert_int_eq(setup("--yes"), 1);
	ck_assert_ptr_nonnull(strstr(tool_output, "lnsd.conf:2: "));
}
END_TEST

START_TEST(setup_key_and_users_that_are_there_stay)
{
	tool_file("psk", 0600, "a key of long ago\n");
	tool_file("users", 0600, "[old]\npassword = plain:x\n");
	ck_assert_int_eq(setup_served("--yes --server 192.0.2.1 --user alice"), 0);
	ck_assert_str_eq(tool_text("psk"), "a key of long ago\n");
	ck_assert_str_eq(tool_text("users"), "[old]\npassword = plain:x\n");
	ck_assert_ptr_nonnull(strstr(tool_output, "lnsctl user add alice"));
	ck_assert_ptr_nonnull(strstr(tool_output, "user:     old\n"));
}
END_TEST

START_TEST(setup_bad_input_is_said_and_nothing_is_written)
{
	static const struct {
		const char *arguments;
		int code;
		const char *says;
	} bad[] = {
		{"", 2, "give --yes"},
		{"--yes --server 192.0.2", 2, "no name or address"},
		{"--yes --server 'a b'", 2, "no name or address"},
		{"--yes --server 192.0.2.1 --user 'a]b'", 2, "the user's name"},
		{"--yes --server 192.0.2.1 --routes 300.0.0.0/8", 2, "routes"},
		{"--yes --server 192.0.2.1 --pool 10.0.0.9-10.0.0.2", 1, "pool"},
		{"--yes --server 192.0.2.1 --dns here", 1, "dns"},
		{"--yes --server 192.0.2.1 --config lnsd.conf", 2, "whole path"},
		{"--yes --server 192.0.2.1 --config /nowhere/lnsd.conf", 1, "/nowhere"},
		{"--yes extra", 2, "usage"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(setup(bad[i].arguments), bad[i].code);
		ck_assert_msg(strstr(tool_output, bad[i].says) != NULL, "%s: %s", bad[i].arguments,
			      tool_output);
		ck_assert_uint_eq(mode_of("lnsd.conf") + mode_of("psk") + mode_of("users"), 0);
	}
}
END_TEST

START_TEST(setup_other_gateway_is_not_pushed_aside)
{
	tool_file("xl2tpd.service.active", 0600, "");
	ck_assert_int_eq(setup("--yes --server 192.0.2.1"), 1);
	ck_assert_ptr_nonnull(strstr(tool_output, "systemctl disable --now xl2tpd.service"));
	ck_assert_uint_eq(mode_of("lnsd.conf"), 0);
}
END_TEST

START_TEST(setup_service_that_does_not_start_is_said)
{
	tool_file("systemctl", 0700,
		  "#!/bin/sh\ncase $1 in is-system-running) echo degraded;; is-*) exit 1;; "
		  "start) echo 'Job failed.'; exit 1;; esac\n");
	ck_assert_int_eq(setup("--yes --server 192.0.2.1 --user alice"), 1);
	ck_assert_ptr_nonnull(strstr(tool_output, "start ipsec.service: Job failed.; the files "
						  "stand: see 'journalctl -u ipsec.service"));
	ck_assert_uint_eq(mode_of("users"), 0600);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("setup");
	TCase *tcase = tcase_create("setup");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, begin, tool_end);
	tcase_add_test(tcase, setup_makes_all_and_a_second_run_nothing);
	tcase_add_test(tcase, setup_dry_run_shows_all_and_does_nothing);
	tcase_add_test(tcase, setup_document_has_it_all);
	tcase_add_test(tcase, setup_examples_are_replaced_settings_of_others_are_not);
	tcase_add_test(tcase, setup_key_and_users_that_are_there_stay);
	tcase_add_test(tcase, setup_bad_input_is_said_and_nothing_is_written);
	tcase_add_test(tcase, setup_other_gateway_is_not_pushed_aside);
	tcase_add_test(tcase, setup_service_that_does_not_start_is_said);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
