/* lnsctl ipsec, with an lnsd of ours that prints what is asked for. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl_fixture.h"

#define DAEMON(conf_now, conf_same, key_same)                                                      \
	"#!/bin/sh\ncat <<'X'\n{\"ok\": true, \"files\": [{\"path\": \"/etc/ipsec.d/lnsd.conf\", " \
	"\"text\": \"conn a\\n    auto=add\\n\", \"now\": " conf_now ", \"same\": " conf_same      \
	"}, {\"path\": \"/etc/ipsec.d/lnsd.secrets\", \"text\": \"%any : PSK \\\"(not "            \
	"shown)\\\"\\n\", \"now\": \"%any : PSK \\\"(not shown)\\\"\\n\", \"same\": " key_same     \
	"}]}\nX\n"
#define AS_WRITTEN DAEMON("\"conn a\\n    auto=add\\n\"", "true", "true")
#define EDITED DAEMON("\"conn a\\n    auto=ignore\\n\"", "false", "true")

static void
says(const char *arguments, int code, const char *want)
{
	int got = tool_run(arguments);

	ck_assert_msg(got == code && strstr(tool_output, want) != NULL, "%s: %d, %s", arguments,
		      got, tool_output);
}

START_TEST(ipsec_show_prints_both_files)
{
	json_t *document;

	tool_file("lnsd", 0700, EDITED);
	says("ipsec show", 0,
	     "==> /etc/ipsec.d/lnsd.conf <==\nconn a\n    auto=add\n\n==> "
	     "/etc/ipsec.d/lnsd.secrets <==\n%any : PSK \"(not shown)\"\n");
	ck_assert_int_eq(tool_run("--json ipsec show"), 0);
	document = json_loads(tool_output, 0, NULL);
	ck_assert_uint_eq(json_array_size(document), 2);
	json_decref(document);
}
END_TEST

START_TEST(ipsec_diff_tells_what_was_edited)
{
	json_t *document;

	tool_file("lnsd", 0700, AS_WRITTEN);
	says("ipsec diff", 0, "the files are as lnsd writes them\n");
	tool_file("lnsd", 0700, EDITED);
	says("ipsec diff", 1, "-    auto=ignore\n+    auto=add\n");
	tool_file("lnsd", 0700, DAEMON("null", "false", "true"));
	says("ipsec diff", 1, "--- /dev/null\n+++ /etc/ipsec.d/lnsd.conf\n");
	tool_file("lnsd", 0700, DAEMON("\"conn a\\n    auto=add\\n\"", "true", "false"));
	says("ipsec diff", 1, "/etc/ipsec.d/lnsd.secrets: the key is another\n");
	ck_assert_int_eq(tool_run("--json ipsec diff"), 1);
	document = json_loads(tool_output, 0, NULL);
	ck_assert(json_is_true(json_object_get(json_array_get(document, 0), "same")));
	ck_assert(json_is_false(json_object_get(json_array_get(document, 1), "same")));
	json_decref(document);
}
END_TEST

START_TEST(ipsec_apply_needs_the_daemon)
{
	tool_file("lnsd", 0700, AS_WRITTEN);
	says("ipsec apply", 3, "does not answer");
}
END_TEST

START_TEST(ipsec_bad_input_is_said)
{
	says("ipsec", 2, "usage");
	says("ipsec shwo", 2, "did you mean 'show'");
	says("ipsec show more", 2, "usage");
	tool_file("lnsd", 0700, "#!/bin/sh\necho 'lnsd: must be started as root' >&2; exit 1\n");
	says("ipsec show", 1, "lnsctl: lnsd: must be started as root");
	tool_file(
		"lnsd", 0700,
		"#!/bin/sh\necho '{\"ok\": false, \"error\": \"no\", \"fix\": \"do\"}'; exit 1\n");
	says("ipsec diff", 1, "lnsctl: no: do");
	/* words after the document are no part of it */
	tool_file("lnsd", 0700, AS_WRITTEN "echo 'lnsd: by the way' >&2\n");
	says("ipsec diff", 0, "as lnsd writes them");
	tool_file("lnsd", 0700, "#!/bin/sh\necho '{\"ok\": tr'\n");
	says("ipsec diff", 1, "says nothing");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ipsec_verb");
	TCase *tcase = tcase_create("ipsec_verb");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, tool_begin, tool_end);
	tcase_add_test(tcase, ipsec_show_prints_both_files);
	tcase_add_test(tcase, ipsec_diff_tells_what_was_edited);
	tcase_add_test(tcase, ipsec_apply_needs_the_daemon);
	tcase_add_test(tcase, ipsec_bad_input_is_said);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
