/* src/conf/users.c */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"
#include "users.h"

#define HASH "nt:8846f7eaee8fb117ad06bdd830b7586c"

static const struct conf conf = {.auth = {.strip_domain = true}};

static struct users *
parse(const char *text)
{
	struct conf_file file = {"users", text, strlen(text)};

	conf_errors_fini(&errors);
	return users_parse(&file, &conf, &errors, NULL);
}

static void
refuse(const char *text, int line, const char *want)
{
	ck_assert_ptr_null(parse(text));
	ck_assert_msg(errors.count == 1, "%zu errors", errors.count);
	ck_assert_str_eq(errors.list[0].text, want);
	ck_assert_int_eq(errors.list[0].line, line);
}

START_TEST(users_are_found_with_all_their_keys)
{
	struct users *users = parse("[bob]\n"
				    "password = plain:tr0ub4dor & 3#\n"
				    "[alice]\n"
				    "password = " HASH " # comment\n"
				    "address  = 10.99.0.20\n"
				    "sessions = 3\n"
				    "expires  = 2027-01-01\n"
				    "disabled = yes\n"
				    "[J\xc3\xb6rg M\xc3\xbcller]\n"
				    "password = plain:x\n"
				    "address = none\n"
				    "expires = none\n");
	const struct user *user;

	ck_assert_ptr_nonnull(users);
	ck_assert_uint_eq(users->count, 3);
	user = users_find(users, "alice");
	ck_assert_ptr_nonnull(user);
	ck_assert_int_eq(user->cred.kind, CRED_NT);
	ck_assert_uint_eq(user->cred.nt_hash[0], 0x88);
	ck_assert_uint_eq(user->grant.address, 0x0a630014);
	ck_assert_uint_eq(user->grant.max_sessions, 3);
	ck_assert_int_eq(user->grant.expires, 1798761600);
	ck_assert(user->disabled);
	ck_assert_int_eq(user->line, 3);
	user = users_find(users, "bob");
	ck_assert_str_eq(user->cred.plain, "tr0ub4dor & 3#");
	ck_assert_uint_eq(user->grant.address, 0);
	ck_assert_uint_eq(user->grant.max_sessions, 0);
	ck_assert_int_eq(user->grant.expires, 0);
	ck_assert(!user->disabled);
	ck_assert_ptr_nonnull(users_find(users, "J\xc3\xb6rg M\xc3\xbcller"));
	ck_assert_ptr_null(users_find(users, "Bob"));
	ck_assert_ptr_null(users_find(users, ""));
	users_free(users);
}
END_TEST

START_TEST(users_empty_file_is_valid)
{
	struct users *users = parse("# nobody yet\n");

	ck_assert_ptr_nonnull(users);
	ck_assert_uint_eq(users->count, 0);
	ck_assert_ptr_null(users_find(users, "alice"));
	users_free(users);
	users_free(NULL);
}
END_TEST

/* A password longer than inih's line of 199 bytes */
START_TEST(users_long_password_is_whole)
{
	char text[400] = "[a]\npassword = plain:", *password = text + strlen(text);
	struct users *users;

	for (size_t i = 0; i < 255; i++)
		password[i] = (char)('!' + i % 90);
	/* a mark after white space would be a comment; here is none */
	users = parse(text);
	ck_assert_ptr_nonnull(users);
	ck_assert_str_eq(users->list[0].cred.plain, password);
	users_free(users);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *want;
} faults[] = {
	{"[a]\n", 1, "[a] has no password"},
	{"[a]\n[b]\npassword = plain:x\n", 1, "[a] has no password"},
	{"[a]\npassword = plain:x\npassword = plain:y\n", 3, "[a] password: is given twice"},
	{"[a]\npassword = plain:x\n\n[a]\npassword = plain:y\n", 4,
	 "[a] the user stands in the file twice (first in line 1)"},
	{"[b]\npassword = plain:x\naddress = 10.0.0.5\n[a]\npassword = plain:y\n"
	 "address = 10.0.0.5\n",
	 4, "[a] address: 10.0.0.5 belongs to [b] already (line 1)"},
	{"[a]\npassword = plain:x\naddress = 10.0.0\n", 3,
	 "[a] address: is no IPv4 address of a host"},
	{"[a]\npassword = plain:x\naddress = 127.0.0.1\n", 3,
	 "[a] address: is no IPv4 address of a host"},
	{"[a]\npassword = plain:x\nsessions = 0\n", 3,
	 "[a] sessions: is no number from 1 to 65535"},
	{"[a]\npassword = plain:x\nsessions = 2x\n", 3,
	 "[a] sessions: is no number from 1 to 65535"},
	{"[a]\npassword = plain:x\nexpires = 2027-02-29\n", 3,
	 "[a] expires: is no date (such as 2027-01-31, or 2027-01-31T18:00Z)"},
	{"[a]\npassword = plain:x\nexpires = 1.1.2027\n", 3,
	 "[a] expires: is no date (such as 2027-01-31, or 2027-01-31T18:00Z)"},
	{"[a]\npassword = plain:x\nexpires = 2027-01-011\n", 3,
	 "[a] expires: is no date (such as 2027-01-31, or 2027-01-31T18:00Z)"},
	{"[a]\npassword = plain:x\nexpires = 0000-01-01\n", 3,
	 "[a] expires: is no date (such as 2027-01-31, or 2027-01-31T18:00Z)"},
	{"[a]\npassword = plain:x\ndisabled = perhaps\n", 3, "[a] disabled: is neither yes nor no"},
	{"[a]\npassword = plain:x\nadress = 10.0.0.1\n", 3,
	 "[a] unknown key (did you mean 'address'?)"},
	{"[a]\npassword = plain:x\notp = JBSWY3DP\n", 3,
	 "[a] otp: is no base32 secret of 16 to 102 characters (A to Z, 2 to 7)"},
	{"[a]\npassword = plain:x\notp = JBSWY3DPEHPK3PX1\n", 3,
	 "[a] otp: is no base32 secret of 16 to 102 characters (A to Z, 2 to 7)"},
	{"[a]\npassword = percent:%4\n", 2,
	 "[a] password: percent: needs two hexadecimal digits after each '%', and 255 bytes at "
	 "most"},
	{"[a]\npassword = percent:a%00b\n", 2,
	 "[a] password: percent: needs two hexadecimal digits after each '%', and 255 bytes at "
	 "most"},
	{"[a]\npassword = percent:%ff\n", 2, "[a] password: the password is not valid UTF-8"},
	{"[a]\npassword = percent:\n", 2, "[a] password: the password is empty"},
	{"[a]\npassword = plain:x\nroutes = 10.0.0.0/8, x\n", 3,
	 "[a] routes: item 2 is no IPv4 or IPv6 prefix (such as 192.168.7.0/24)"},
	{"password = plain:x\n", 1, "a key stands before the first [section]"},
	{"[]\npassword = plain:x\n", 1, "the section has no name"},
};

START_TEST(users_fault_is_told_with_its_place)
{
	refuse(faults[_i].text, faults[_i].line, faults[_i].want);
}
END_TEST

START_TEST(users_overlong_name_is_refused)
{
	char text[400] = "[";

	memset(text + 1, 'a', 128);
	strcpy(text + 129, "]\npassword = plain:x\n[b]\npassword = plain:y\n");
	ck_assert_ptr_null(parse(text));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert(strstr(errors.list[0].text, "longer than 127 bytes") != NULL);
}
END_TEST

START_TEST(users_keys_of_policy_are_read)
{
	struct users *users = parse("[a]\n"
				    "password = plain:x\n"
				    "routes = 192.168.7.0/24, fd00::/64\n"
				    "allow = 10.0.5.0/24:tcp/443, 10.0.6.7 # no more\n"
				    "rate = 20mbit/100mbit\n"
				    "otp = jbsw y3dp ehpk 3pxp\n");
	const struct user *user;

	ck_assert_ptr_nonnull(users);
	user = users_find(users, "a");
	ck_assert_uint_eq(user->grant.route_count, 2);
	ck_assert_uint_eq(user->grant.allow_count, 2);
	ck_assert_uint_eq(user->grant.allow[0].first, 443);
	ck_assert_uint_eq(user->grant.rate_up, 20000000);
	ck_assert_uint_eq(user->grant.rate_down, 100000000);
	ck_assert_uint_eq(user->otp_len, 10);
	ck_assert_mem_eq(user->otp, "Hello!\xde\xad\xbe\xef", 10);
	users_free(users);
}
END_TEST

/* What the reader would take away is written in the other form, all else as it is. */
static const struct {
	const char *password, *text;
} written[] = {
	{"simple", "plain:simple"},
	{"a b  c", "plain:a b  c"},
	{"#;\"'%=[x]\\", "plain:#;\"'%=[x]\\"},
	{"p\xc3\xa4ss", "plain:p\xc3\xa4ss"},
	{" lead", "percent:%20lead"},
	{"trail ", "percent:trail%20"},
	{"a #b%", "percent:a%20#b%25"},
	{"a ;b", "percent:a%20;b"},
	{"a\x01\n", "percent:a%01%0A"},
	{"   ", "percent:%20 %20"},
	{"plain:x", "plain:plain:x"},
};

START_TEST(users_password_of_any_kind_comes_back)
{
	char value[USERS_PASSWORD_TEXT_MAX], text[900];
	struct users *users;

	ck_assert(users_password_text(value, written[_i].password));
	ck_assert_str_eq(value, written[_i].text);
	sprintf(text, "[a]\npassword = %s   # comment\n", value);
	users = parse(text);
	ck_assert_ptr_nonnull(users);
	ck_assert_str_eq(users->list[0].cred.plain, written[_i].password);
	users_free(users);
}
END_TEST

START_TEST(users_password_that_is_none_is_not_written)
{
	char value[USERS_PASSWORD_TEXT_MAX], password[257];

	memset(password, '\n', 256);
	password[256] = '\0';
	ck_assert(!users_password_text(value, password));
	ck_assert(users_password_text(value, password + 1));
	ck_assert(!users_password_text(value, ""));
	ck_assert(!users_password_text(value, "\xff"));
}
END_TEST

/* Whatever is wrong with a line, its text is not shown. */
START_TEST(users_errors_never_quote_a_password)
{
	static const char *const lines[] = {
		"password = s3cret\n",
		"password = plain : s3cret\n",
		"password = nt:s3cret\n",
		"password plain:s3cret\n",
		"password: plain:s3cret=x\n",
		"s3cret\n",
		"plain:s3cret = x\n",
		"s3cret = x\n",
		"password = plain:\n",
		"address = plain:s3cret\n",
		"sessions = s3cret\n",
		"expires = s3cret\n",
		"disabled = s3cret\n",
		"otp = s3cret\n",
		"password = percent:s3cret%\n",
		"routes = s3cret\n",
		"allow = s3cret\n",
		"rate = s3cret\n",
		"passwort = s3cret\n",
		"password = plain:s3cret\x01\n",
		"password = plain:s3cret\xff\n",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[200];

		sprintf(text, "[a]\n%s", lines[i]);
		ck_assert_ptr_null(parse(text));
		for (size_t n = 0; n < errors.kept; n++)
			ck_assert_msg(!strstr(errors.list[n].text, "s3cret"), "%s",
				      errors.list[n].text);
	}
}
END_TEST

START_TEST(users_many_are_sorted_and_found)
{
	char *text = calloc(1, 2000 * 40), name[16];
	struct users *users;
	size_t len = 0;

	for (int i = 0; i < 2000; i++)
		len += (size_t)sprintf(text + len, "[u%d]\npassword = plain:p%d\n", i * 7919 % 2000,
				       i);
	users = parse(text);
	ck_assert_ptr_nonnull(users);
	ck_assert_uint_eq(users->count, 2000);
	for (int i = 0; i < 2000; i++) {
		sprintf(name, "u%d", i);
		ck_assert_ptr_nonnull(users_find(users, name));
	}
	users_free(users);
	free(text);
}
END_TEST

START_TEST(users_beyond_the_bound_are_refused)
{
	char *text = calloc(1, 65600 * 8);
	size_t len = 0;

	for (int i = 0; i < 65537; i++)
		len += (size_t)sprintf(text + len, "[%x]\n", i);
	ck_assert_ptr_null(parse(text));
	ck_assert_uint_eq(errors.count, 65537);
	free(text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("users");
	TCase *tc = tcase_create("users");

	tcase_add_checked_fixture(tc, errors_begin, errors_end);
	tcase_add_test(tc, users_are_found_with_all_their_keys);
	tcase_add_test(tc, users_empty_file_is_valid);
	tcase_add_test(tc, users_long_password_is_whole);
	tcase_add_loop_test(tc, users_fault_is_told_with_its_place, 0,
			    (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_test(tc, users_overlong_name_is_refused);
	tcase_add_test(tc, users_errors_never_quote_a_password);
	tcase_add_test(tc, users_keys_of_policy_are_read);
	tcase_add_loop_test(tc, users_password_of_any_kind_comes_back, 0,
			    (int)(sizeof(written) / sizeof(written[0])));
	tcase_add_test(tc, users_password_that_is_none_is_not_written);
	tcase_add_test(tc, users_many_are_sorted_and_found);
	tcase_add_test(tc, users_beyond_the_bound_are_refused);
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
