/* `lnsctl client`: what goes out, where to, and what is refused. What the settings themselves come
 * to is tests/profiles' matter. */
#include <check.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl_fixture.h"

#define KEY "the key of the gateway"
#define PASSWORD "open sesame"

static void
begin(void)
{
	char conf[512];

	tool_begin();
	snprintf(conf, sizeof(conf),
		 "[auth]\nusers-file = %s/users\n[ipsec]\npsk-file = %s/psk\n[server]\n"
		 "host-name = vpn.example.org\n",
		 tool_dir, tool_dir);
	tool_file("conf", 0600, conf);
	tool_file("users", 0600,
		  "[alice]\npassword = plain:" PASSWORD "\n"
		  "[bob]\npassword = nt:8846f7eaee8fb117ad06bdd830b7586c\ndisabled = yes\n"
		  "[carol]\npassword = plain:" PASSWORD "\notp = JBSWY3DPEHPK3PXP\n"
		  "[../dave e]\npassword = plain:x\n");
	tool_file("psk", 0600, KEY "\n");
}

static int
run(const char *arguments)
{
	char line[1024];

	snprintf(line, sizeof(line), "--config %s/conf client %s", tool_dir, arguments);
	return tool_run(line);
}

static void
says(const char *what)
{
	ck_assert_msg(strstr(tool_output, what), "no '%s' in: %s", what, tool_output);
}

static void
says_not(const char *what)
{
	ck_assert_msg(!strstr(tool_output, what), "'%s' in: %s", what, tool_output);
}

/* The document, without the notes on standard error, of which there are none with --json. */
static json_t *
document(const char *arguments)
{
	char line[512];
	json_t *json;

	snprintf(line, sizeof(line), "%s --json", arguments);
	ck_assert_int_eq(run(line), 0);
	json = json_loads(tool_output, 0, NULL);
	ck_assert_msg(json, "no JSON: %s", tool_output);
	return json;
}

static const char *
member(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	ck_assert_msg(text, "no %s", key);
	return text;
}

static const char *const systems[] = {"windows", "macos",    "ios",	 "android",
				      "linux",	 "mikrotik", "routeros", "strongswan"};

START_TEST(secrets_are_in_it_only_when_asked_for)
{
	char line[64];

	/* those of Apple are in Base64 */
	snprintf(line, sizeof(line), "%s alice", systems[_i]);
	ck_assert_int_eq(run(line), 0);
	says_not(KEY);
	says_not("dGhlIGtleSBvZiB0aGUgZ2F0ZXdheQ==");
	says_not(PASSWORD);
	snprintf(line, sizeof(line), "%s alice --secrets", systems[_i]);
	ck_assert_int_eq(run(line), 0);
	ck_assert(strstr(tool_output, KEY) ||
		  strstr(tool_output, "dGhlIGtleSBvZiB0aGUgZ2F0ZXdheQ=="));
	says(PASSWORD);
	says("vpn.example.org");
}
END_TEST

START_TEST(document_has_content_file_and_notes)
{
	char line[64];
	json_t *json;

	snprintf(line, sizeof(line), "%s alice", systems[_i]);
	json = document(line);
	ck_assert_str_eq(member(json, "os"), systems[_i]);
	ck_assert_str_eq(member(json, "user"), "alice");
	ck_assert_int_eq(strncmp(member(json, "file"), "alice.", 6), 0);
	ck_assert_ptr_nonnull(strstr(member(json, "content"), "vpn.example.org"));
	ck_assert(json_is_false(json_object_get(json, "secrets")));
	ck_assert_uint_gt(json_array_size(json_object_get(json, "notes")), 0);
	json_decref(json);
}
END_TEST

START_TEST(file_name_is_good_for_every_file_system)
{
	json_t *json = document("windows '../dave e'");

	ck_assert_str_eq(member(json, "file"), "_._dave_e.ps1");
	json_decref(json);
}
END_TEST

START_TEST(hash_leaves_the_password_out_and_says_so)
{
	ck_assert_int_eq(run("windows bob --secrets"), 0);
	says(KEY);
	says("users' file has only a hash");
	says("the user is disabled");
	says_not("rasdial");
}
END_TEST

START_TEST(one_time_code_leaves_the_password_out)
{
	ck_assert_int_eq(run("linux carol --secrets"), 0);
	says_not(PASSWORD);
	says("password-flags=2");
	says("six digits");
}
END_TEST

static void
look(const char *name, mode_t mode, const char *holds)
{
	char path[128], bytes[8192];
	struct stat st;
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", tool_dir, name);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, mode);
	file = fopen(path, "re");
	n = fread(bytes, 1, sizeof(bytes) - 1, file);
	bytes[n] = '\0';
	fclose(file);
	ck_assert_ptr_nonnull(strstr(bytes, holds));
}

START_TEST(output_is_a_file_for_its_owner_when_it_has_secrets)
{
	char line[256];

	umask(022);
	snprintf(line, sizeof(line), "windows alice --output %s/plain", tool_dir);
	ck_assert_int_eq(run(line), 0);
	look("plain", 0644, "Read-Host");
	snprintf(line, sizeof(line), "windows alice --secrets --output %s/plain", tool_dir);
	ck_assert_int_eq(run(line), 0);
	look("plain", 0600, KEY);
	says_not(KEY);
}
END_TEST

START_TEST(output_that_cannot_be_written_leaves_all_as_it_was)
{
	char line[256];

	tool_file("there", 0640, "old");
	snprintf(line, sizeof(line), "windows alice --output %s", tool_dir);
	ck_assert_int_eq(run(line), 1);
	says("Is a directory");
	snprintf(line, sizeof(line), "windows alice --output %s/none/file", tool_dir);
	ck_assert_int_eq(run(line), 1);
	says("No such file or directory");
	ck_assert_int_eq(run("windows alice --output /dev/null"), 1);
	says("cannot be written");
	snprintf(line, sizeof(line), "windows nobody --output %s/there", tool_dir);
	ck_assert_int_eq(run(line), 1);
	look("there", 0640, "old");
}
END_TEST

START_TEST(what_is_wrong_is_one_line_and_its_own_exit_code)
{
	ck_assert_int_eq(run("windos alice"), 2);
	says("did you mean 'windows'");
	ck_assert_int_eq(run("windows"), 2);
	ck_assert_int_eq(run("windows alice bob"), 2);
	ck_assert_int_eq(run("windows alice --server 'a b'"), 2);
	ck_assert_int_eq(run("windows alice --server \"x';exit\""), 2);
	ck_assert_int_eq(run("windows alice --since today"), 2);
	ck_assert_int_eq(run("windows eve"), 1);
	says("no such user");
	tool_file("psk", 0600, "two\nlines\n");
	ck_assert_int_eq(run("windows alice --secrets"), 1);
	says("more than one line");
	says_not("lines\n");
	ck_assert_int_eq(run("windows alice"), 0);
}
END_TEST

START_TEST(gateway_without_a_key_says_what_is_missing)
{
	char path[128], conf[512];

	snprintf(path, sizeof(path), "%s/psk", tool_dir);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(run("macos alice"), 0);
	says("yours to fill in");
	ck_assert_int_eq(run("macos alice --secrets"), 1);
	says("write the pre-shared key into it");
	snprintf(conf, sizeof(conf),
		 "[auth]\nusers-file = %s/users\n[ipsec]\npsk-file = %s\ncertificate = gw\n",
		 tool_dir, path);
	tool_file("conf", 0600, conf);
	ck_assert_int_eq(run("macos alice"), 1);
	says("certificates only");
}
END_TEST

START_TEST(modern_gateway_is_said_to_shut_windows_out)
{
	char conf[512];

	snprintf(conf, sizeof(conf),
		 "[auth]\nusers-file = %s/users\n[ipsec]\npsk-file = %s/psk\nprofile = modern\n",
		 tool_dir, tool_dir);
	tool_file("conf", 0600, conf);
	ck_assert_int_eq(run("windows alice --server 192.168.1.1"), 0);
	says("does not serve it");
	says("192.168.1.1 is a private address");
	ck_assert_int_eq(run("linux alice --server 2001:db8::1"), 0);
	says("ipsec-esp=aes256-sha2_256");
	says("IPv4 only");
}
END_TEST

START_TEST(unknown_user_is_the_radius_servers_where_there_is_one)
{
	char conf[512];

	tool_file("secret", 0600, "s\n");
	snprintf(conf, sizeof(conf),
		 "[auth]\nusers-file = %s/users\nradius = 192.0.2.1\nradius-secret-file = "
		 "%s/secret\n[ipsec]\npsk-file = %s/psk\n",
		 tool_dir, tool_dir, tool_dir);
	tool_file("conf", 0600, conf);
	ck_assert_int_eq(run("linux eve --secrets --server vpn.example.org"), 0);
	says("the RADIUS server decides");
	says("user=eve");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("profile");
	TCase *tc = tcase_create("profile");
	int count = sizeof(systems) / sizeof(systems[0]);

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, begin, tool_end);
	tcase_add_loop_test(tc, secrets_are_in_it_only_when_asked_for, 0, count);
	tcase_add_loop_test(tc, document_has_content_file_and_notes, 0, count);
	tcase_add_test(tc, file_name_is_good_for_every_file_system);
	tcase_add_test(tc, hash_leaves_the_password_out_and_says_so);
	tcase_add_test(tc, one_time_code_leaves_the_password_out);
	tcase_add_test(tc, output_is_a_file_for_its_owner_when_it_has_secrets);
	tcase_add_test(tc, output_that_cannot_be_written_leaves_all_as_it_was);
	tcase_add_test(tc, what_is_wrong_is_one_line_and_its_own_exit_code);
	tcase_add_test(tc, gateway_without_a_key_says_what_is_missing);
	tcase_add_test(tc, modern_gateway_is_said_to_shut_windows_out);
	tcase_add_test(tc, unknown_user_is_the_radius_servers_where_there_is_one);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
