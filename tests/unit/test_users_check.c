/* src/conf/users_check.c: users against each other and against the configuration; names. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"
#include "users.h"

#define X "password = plain:x\n"
#define HASH "password = nt:8846f7eaee8fb117ad06bdd830b7586c\n"

static struct conf conf;
static struct conf_errors warnings;

static struct users *
parse(const char *text)
{
	struct conf_file file = {"users", text, strlen(text)};

	conf_errors_fini(&errors);
	conf_errors_fini(&warnings);
	return users_parse(&file, &conf, &errors, &warnings);
}

static void
setup(void)
{
	errors_begin();
	conf = (struct conf){
		.auth = {.methods = METHOD_MSCHAPV2, .strip_domain = true},
		.network = {.gateway = 0x0a630001,
			    .pool = {{0x0a63000a, 0x0a6300fa}},
			    .pool_count = 1,
			    .dns = {0x0a630002},
			    .dns_count = 1},
	};
}

static void
teardown(void)
{
	conf_errors_fini(&warnings);
	errors_end();
}

static const struct {
	const char *text;
	int line;
	const char *want;
} conflicts[] = {
	{"[b]\n" X "address = 10.0.0.5\n[a]\n" X "address = 10.0.0.5\n", 4,
	 "[a] address: 10.0.0.5 belongs to [b] already (line 1)"},
	{"[a]\n" X "address = 10.99.0.1\n", 1,
	 "[a] address: has the gateway's own address 10.99.0.1 in it"},
	{"[a]\n" X "routes = 10.0.0.0/8\n", 1,
	 "[a] routes: has the gateway's own address 10.99.0.1 in it"},
	{"[a]\n" X "address = 10.99.0.2\n", 1,
	 "[a] address: 10.99.0.2 is a name server's (network.dns)"},
	{"[a]\n" X "routes = 192.168.7.0/24\n[b]\n" X "routes = fd00::/64, 192.168.7.0/24\n", 4,
	 "[b] routes: 192.168.7.0/24 belongs to [a] already (line 1)"},
	{"[a]\n" X "routes = 192.168.7.3\n[b]\n" X "address = 192.168.7.3\n", 4,
	 "[b] address: 192.168.7.3 belongs to [a] already (line 1)"},
};

START_TEST(users_conflict_is_told_with_both_names)
{
	ck_assert_ptr_null(parse(conflicts[_i].text));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.list[0].text, conflicts[_i].want);
	ck_assert_int_eq(errors.list[0].line, conflicts[_i].line);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *want; /* NULL: nothing is wrong */
} hurts[] = {
	{"[a]\n" X "routes = 192.168.0.0/16\n[b]\n" X "routes = 192.168.7.0/24\n", 4,
	 "[b] routes: 192.168.7.0/24 lies in 192.168.0.0/16, which is [a]'s (line 1)"},
	{"[b]\n" X "routes = 192.168.7.0/24\n[a]\n" X "routes = 192.168.0.0/16\n", 1,
	 "[b] routes: 192.168.7.0/24 lies in 192.168.0.0/16, which is [a]'s (line 4)"},
	{"[a]\n" X "routes = 192.168.0.0/16, 192.168.7.0/24\naddress = 10.99.0.9\n", 0, NULL},
	{"[a]\n" X "routes = 192.168.6.0/24\n[b]\n" X "routes = 192.168.7.0/24\n", 0, NULL},
	{"[a]\n" X "address = 192.0.2.7\n", 1,
	 "[a] address: 192.0.2.7 is outside the gateway's network and network.pool: other machines "
	 "need a route to it"},
	{"[a]\n" HASH "otp = JBSWY3DPEHPK3PXP\n", 1,
	 "[a] otp: with a hash it works with pap only: mschapv2 and chap need password = plain:"},
	{"[a]\n" X "otp = JBSWY3DPEHPK3PXP\n", 0, NULL},
	{"[CORP\\a]\n" X, 1,
	 "[CORP\\a] nobody can log in with this name: auth.strip-domain takes away what stands "
	 "before the backslash"},
};

START_TEST(users_what_will_hurt_is_a_warning)
{
	struct users *users = parse(hurts[_i].text);

	ck_assert_ptr_nonnull(users);
	ck_assert_uint_eq(warnings.count, hurts[_i].want ? 1 : 0);
	if (hurts[_i].want) {
		ck_assert_str_eq(warnings.list[0].text, hurts[_i].want);
		ck_assert_int_eq(warnings.list[0].line, hurts[_i].line);
	}
	users_free(users);
}
END_TEST

START_TEST(users_hash_that_serves_no_method_is_a_warning)
{
	struct users *users;

	conf.auth.methods = METHOD_CHAP;
	users = parse("[a]\n" HASH "[b]\n" X);
	ck_assert_ptr_nonnull(users);
	ck_assert_uint_eq(warnings.count, 1);
	ck_assert_str_eq(warnings.list[0].text,
			 "[a] password: a hash serves none of auth.methods: use plain:");
	users_free(users);

	conf.auth.methods = METHOD_EAP;
	users = parse("[a]\n" HASH "[b]\n" X);
	ck_assert_ptr_nonnull(users);
	ck_assert_uint_eq(warnings.count, 0);
	users_free(users);
}
END_TEST

START_TEST(users_names_are_exact_unless_folded)
{
	static const char text[] = "[Alice]\n" X "[Stra\xc3\x9f"
				   "e]\n" X "[\xc3\x96mer]\n" X;
	struct users *users = parse(text);

	ck_assert_ptr_nonnull(users_find(users, "Alice"));
	ck_assert_ptr_null(users_find(users, "alice"));
	users_free(users);
	conf.auth.fold_names = true;
	users = parse(text);
	ck_assert_str_eq(users_find(users, "aLICE")->name, "Alice");
	ck_assert_str_eq(users_find(users, "\xc3\xb6MER")->name, "\xc3\x96mer");
	ck_assert_ptr_nonnull(users_find(users, "STRASSE"));
	ck_assert_ptr_null(users_find(users, "alic"));
	ck_assert_ptr_null(users_find(users, "\xff"));
	users_free(users);
}
END_TEST

START_TEST(users_that_differ_in_case_only_are_refused_when_folded)
{
	static const char text[] = "[Bob]\n" X "[a]\n" X "[BOB]\n" X;
	struct users *users = parse(text);

	ck_assert_ptr_nonnull(users);
	users_free(users);
	conf.auth.fold_names = true;
	ck_assert_ptr_null(parse(text));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_int_eq(errors.list[0].line, 5);
	ck_assert_str_eq(errors.list[0].text,
			 "[BOB] differs from [Bob] (line 1) in letter case only, and "
			 "auth.fold-names is set");
}
END_TEST

START_TEST(users_domain_is_stripped_as_configured)
{
	struct users users = {.strip_domain = true};

	ck_assert_str_eq(users_account(&users, "CORP\\x\\alice"), "alice");
	ck_assert_str_eq(users_account(&users, "alice@corp"), "alice@corp");
	ck_assert_str_eq(users_account(&users, "CORP\\"), "");
	users.strip_domain = false;
	ck_assert_str_eq(users_account(&users, "CORP\\alice"), "CORP\\alice");
}
END_TEST

START_TEST(users_name_that_cannot_be_is_said_so)
{
	static const char *const wrong[] = {"",	    " a",   "a ",	"a[b",	   "a]b",  "../x",
					    "a\\b", "a\nb", "a\x7f",	"a\xff",   "a #b", "#a",
					    ";",    "a\tb", "\xc3\x28", "a\x1b[0m"};
	char name[4097];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(users_name_fault(wrong[i]) != NULL, "'%s'", wrong[i]);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_ptr_nonnull(users_name_fault(name));
	name[127] = '\0';
	ck_assert_ptr_null(users_name_fault(name));
	ck_assert_ptr_null(users_name_fault("J\xc3\xb6rg M\xc3\xbcller"));
	ck_assert_ptr_null(users_name_fault("alice@example.net"));
	ck_assert_ptr_null(users_name_fault("a#b;c"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("users_check");
	TCase *tc = tcase_create("users_check");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, users_conflict_is_told_with_both_names, 0,
			    (int)(sizeof(conflicts) / sizeof(conflicts[0])));
	tcase_add_loop_test(tc, users_what_will_hurt_is_a_warning, 0,
			    (int)(sizeof(hurts) / sizeof(hurts[0])));
	tcase_add_test(tc, users_hash_that_serves_no_method_is_a_warning);
	tcase_add_test(tc, users_names_are_exact_unless_folded);
	tcase_add_test(tc, users_that_differ_in_case_only_are_refused_when_folded);
	tcase_add_test(tc, users_domain_is_stripped_as_configured);
	tcase_add_test(tc, users_name_that_cannot_be_is_said_so);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
