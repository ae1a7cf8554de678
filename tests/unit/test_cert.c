/* Certificates as they are made, and what `lnsctl cert` does with files and with libreswan, for
 * which scripts stand in. */
#include <check.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl/cert_make.h"
#include "lnsctl_fixture.h"

#define NOW 1796126400 /* 2026-12-01 12:00:00 GMT */
#define DAY 86400
#define BITS 2048

static EVP_PKEY *ca_key;
static X509 *ca;

static X509 *
make(enum cert_kind kind, const char *name, const char *names, int days, EVP_PKEY *key)
{
	const struct cert_plan plan = {kind, name, names, days, BITS};
	X509 *cert = cert_make(&plan, key, kind == CERT_CA ? NULL : ca, ca_key, NOW);

	ck_assert_ptr_nonnull(cert);
	return cert;
}

/* A key is dear: one for all tests, of the CA and of what it signs. */
static void
make_ca(void)
{
	ca_key = cert_make_key(BITS);
	ck_assert_ptr_nonnull(ca_key);
	ca = make(CERT_CA, "lnsd-ca", "", 100, ca_key);
}

static void
free_ca(void)
{
	X509_free(ca);
	EVP_PKEY_free(ca_key);
}

/* What OpenSSL thinks of it, as a peer would ask; X509_V_OK or why not. */
static int
verify(X509 *cert, int purpose, X509_CRL *crl, time_t when)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int error;

	ck_assert(X509_STORE_add_cert(store, ca));
	if (crl)
		ck_assert(X509_STORE_add_crl(store, crl));
	ck_assert(X509_STORE_CTX_init(ctx, store, cert, NULL));
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, when);
	X509_VERIFY_PARAM_set_purpose(param, purpose);
	if (crl)
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK);
	X509_verify_cert(ctx);
	error = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	return error;
}

START_TEST(names_are_told_apart_by_kind)
{
	char names[CERT_NAMES_MAX], bad[CERT_NAME_MAX];

	ck_assert(cert_names(names, "gw.example.org, 192.0.2.1,2001:db8::1,a.b@example.org", bad));
	ck_assert_str_eq(names, "DNS:gw.example.org, IP:192.0.2.1, IP:2001:db8::1, "
				"email:a.b@example.org");
	ck_assert(cert_names(names, "*.example.org", bad));
	ck_assert_str_eq(names, "DNS:*.example.org");
}
END_TEST

START_TEST(names_that_are_none_are_refused)
{
	static const char *const lists[] = {"",	   "gw,",  "a b",	 "gw,otherName:x",
					    "a@",  "@b",   "a@b@c",	 "gw;IP:192.0.2.1",
					    "-gw", "gw\n", "x,dirName:y"};
	char names[CERT_NAMES_MAX], bad[CERT_NAME_MAX], longer[2000];

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		ck_assert_msg(!cert_names(names, lists[i], bad), "%s", lists[i]);
	memset(longer, 'a', 300);
	longer[300] = '\0';
	ck_assert(!cert_names(names, longer, bad));
	for (size_t i = 0; i < 1900; i++)
		longer[i] = "abcdefgh,"[i % 9];
	longer[1900] = '\0';
	ck_assert(!cert_names(names, longer, bad));
}
END_TEST

START_TEST(name_is_what_every_tool_takes)
{
	char longer[CERT_NAME_MAX + 1];

	ck_assert(cert_name_ok("gw.example.org") && cert_name_ok("a@b") && cert_name_ok("7_+-"));
	ck_assert(!cert_name_ok("") && !cert_name_ok("-n") && !cert_name_ok("../x"));
	ck_assert(!cert_name_ok("a b") && !cert_name_ok("a/b") && !cert_name_ok("a\n"));
	memset(longer, 'a', sizeof(longer));
	longer[64] = '\0';
	ck_assert(cert_name_ok(longer));
	longer[64] = 'a';
	longer[65] = '\0';
	ck_assert(!cert_name_ok(longer));
}
END_TEST

START_TEST(cert_serves_its_purpose_and_no_other)
{
	X509 *server = make(CERT_SERVER, "gw", "DNS:gw.example, IP:192.0.2.1", 10, ca_key);
	X509 *client = make(CERT_CLIENT, "phone", "DNS:phone", 10, ca_key);

	ck_assert_int_eq(verify(server, X509_PURPOSE_SSL_SERVER, NULL, NOW), X509_V_OK);
	ck_assert_int_eq(verify(client, X509_PURPOSE_SSL_CLIENT, NULL, NOW), X509_V_OK);
	ck_assert_int_eq(verify(server, X509_PURPOSE_SSL_CLIENT, NULL, NOW),
			 X509_V_ERR_INVALID_PURPOSE);
	ck_assert_int_eq(verify(client, X509_PURPOSE_SSL_SERVER, NULL, NOW),
			 X509_V_ERR_INVALID_PURPOSE);
	ck_assert_int_eq(X509_check_host(server, "gw.example", 0, 0, NULL), 1);
	ck_assert_int_eq(X509_check_host(server, "gw", 0, 0, NULL), 0);
	ck_assert_int_eq(X509_check_ip_asc(server, "192.0.2.1", 0), 1);
	ck_assert_int_eq(X509_check_ca(client), 0);
	X509_free(server);
	X509_free(client);
}
END_TEST

START_TEST(cert_says_what_was_planned)
{
	X509 *cert =
		make(CERT_SERVER, "gw", "DNS:gw.example, IP:192.0.2.1, IP:2001:DB8::1", 10, ca_key);
	X509 *other = make(CERT_SERVER, "gw", "DNS:gw.example", 10, ca_key);
	struct cert_facts facts, others;

	ck_assert(cert_read(&facts, cert) && cert_read(&others, other));
	ck_assert_int_eq(facts.kind, CERT_SERVER);
	ck_assert_str_eq(facts.name, "gw");
	ck_assert_str_eq(facts.names, "DNS:gw.example, IP:192.0.2.1, IP:2001:db8::1");
	ck_assert_int_eq(facts.bits, BITS);
	ck_assert_int_eq(facts.until, NOW + 10 * DAY);
	ck_assert_int_eq(facts.from, NOW - 3600);
	ck_assert_str_ne(facts.serial, others.serial);
	ck_assert_uint_eq(strlen(facts.serial), 32);
	X509_free(cert);
	X509_free(other);
}
END_TEST

START_TEST(cert_ends_with_its_ca)
{
	X509 *cert = make(CERT_CLIENT, "phone", "", 1000, ca_key);
	struct cert_facts facts;

	ck_assert(cert_read(&facts, cert));
	ck_assert_int_eq(facts.until, NOW + 100 * DAY);
	ck_assert_int_eq(verify(cert, X509_PURPOSE_ANY, NULL, NOW + 100 * DAY + 1),
			 X509_V_ERR_CERT_HAS_EXPIRED);
	X509_free(cert);
}
END_TEST

START_TEST(crl_keeps_those_of_the_one_before)
{
	X509 *one = make(CERT_CLIENT, "one", "", 10, ca_key);
	X509 *two = make(CERT_CLIENT, "two", "", 10, ca_key);
	X509 *three = make(CERT_CLIENT, "three", "", 10, ca_key);
	X509_CRL *none = cert_make_crl(NULL, NULL, 0, ca, ca_key, NOW);
	X509_CRL *first = cert_make_crl(none, &one, 1, ca, ca_key, NOW);
	X509_CRL *second = cert_make_crl(first, &two, 1, ca, ca_key, NOW + DAY);

	ck_assert(none && first && second);
	ck_assert(!cert_revoked(none, one) && cert_revoked(first, one));
	ck_assert(!cert_revoked(first, two) && cert_revoked(second, two));
	ck_assert(cert_revoked(second, one) && !cert_revoked(second, three));
	ck_assert_int_eq(verify(one, X509_PURPOSE_ANY, second, NOW + 2 * DAY),
			 X509_V_ERR_CERT_REVOKED);
	ck_assert_int_eq(verify(three, X509_PURPOSE_ANY, second, NOW + 2 * DAY), X509_V_OK);
	X509_CRL_free(none);
	X509_CRL_free(first);
	X509_CRL_free(second);
	X509_free(one);
	X509_free(two);
	X509_free(three);
}
END_TEST

START_TEST(bundle_opens_with_its_password_only)
{
	X509 *cert = make(CERT_CLIENT, "phone", "", 10, ca_key), *read = NULL;
	PKCS12 *bundle = cert_make_bundle(ca_key, cert, ca, "right");
	STACK_OF(X509) *more = NULL;
	EVP_PKEY *key = NULL;

	ck_assert_ptr_nonnull(bundle);
	ck_assert(!PKCS12_parse(bundle, "wrong", &key, &read, NULL));
	ck_assert(PKCS12_parse(bundle, "right", &key, &read, &more));
	ck_assert(EVP_PKEY_eq(key, ca_key) == 1 && X509_cmp(read, cert) == 0);
	ck_assert_int_eq(sk_X509_num(more), 1);
	ck_assert_str_eq((const char *)X509_alias_get0(read, NULL), "phone");
	sk_X509_pop_free(more, X509_free);
	EVP_PKEY_free(key);
	X509_free(read);
	X509_free(cert);
	PKCS12_free(bundle);
}
END_TEST

/* Here on the program itself, with a CA in the folder "ca". */

/* NSS's tools and libreswan's, which note how they were called, and this behind that. */
static void
stand_in(const char *name, const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "#!/bin/sh\necho \"%s $*\" >>%s/calls\n%s\n", name, tool_dir,
		 more);
	tool_file(name, 0700, text);
}

static char once[sizeof(tool_dir)];

static void
begin(void)
{
	char text[128];

	tool_begin();
	ck_assert_int_eq(chdir(tool_dir), 0);
	stand_in("ipsec", "[ $1 = addconn ] && echo \"export nssdir='/some/nss'\"; exit 0");
	stand_in("certutil", "");
	stand_in("pk12util", "head -c 1 $2 | od -An -tx1 >>calls; wc -c <$6 >>calls");
	stand_in("crlutil", "");
	snprintf(text, sizeof(text), "cp -a %s/ca .", once);
	ck_assert_int_eq(system(text), 0);
}

/* The CA that every test begins with. */
static void
begin_once(void)
{
	char text[128];

	tool_begin();
	memcpy(once, tool_dir, sizeof(once));
	snprintf(text, sizeof(text), "cert ca lab-ca --bits 2048 --folder %s/ca", once);
	ck_assert_int_eq(tool_run(text), 0);
}

static void
end_once(void)
{
	memcpy(tool_dir, once, sizeof(once));
	tool_end();
}

static const char *
calls(void)
{
	static char text[4096];
	FILE *file = fopen("calls", "re");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	if (file)
		fclose(file);
	unlink("calls");
	return text;
}

static void
expect(const char *arguments, int code, const char *part)
{
	char all[256];

	snprintf(all, sizeof(all), "cert %s --folder ca", arguments);
	ck_assert_msg(tool_run(all) == code, "%s: %s", arguments, tool_output);
	ck_assert_msg(strstr(tool_output, part), "%s: %s", arguments, tool_output);
}

static int
mode(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

START_TEST(ca_is_the_only_one_and_keeps_its_key)
{
	ck_assert_int_eq(mode("ca"), 0700);
	ck_assert_int_eq(mode("ca/ca.key"), 0600);
	expect("ca", 1, "there is a CA in ca already");
	expect("renew lab-ca", 1, "lab-ca is the CA itself, which cannot be renewed: make another");
	expect("list", 0, "lab-ca  ca    valid");
	ck_assert_int_eq(tool_run("cert list --folder nowhere"), 1);
	ck_assert_str_eq(tool_output,
			 "lnsctl: there is no CA in nowhere: lnsctl cert ca makes one\n");
	tool_file("ca/ca.crl", 0600, "no list");
	expect("list", 1, "ca/ca.crl cannot be read");
}
END_TEST

START_TEST(client_gets_files_that_only_it_can_open)
{
	const char *password;

	expect("client phone", 0, "password of phone.p12, shown this once: ");
	password = strstr(tool_output, "once: ") + strlen("once: ");
	ck_assert_uint_eq(strcspn(password, "\n"), 20);
	ck_assert_int_eq(mode("phone.p12"), 0600);
	ck_assert_int_eq(mode("phone-ca.crt"), 0644);
	expect("client phone --output other.p12", 1, "there is a certificate 'phone' already");
	expect("client lab-ca", 1, "there is a certificate 'lab-ca' already");
	expect("client tablet --output phone.p12", 1, "phone.p12 is there already");
	expect("client tablet --output none/tablet.p12", 1, "nothing is changed");
	expect("list --json", 0, "\"phone\"");
	ck_assert_ptr_null(strstr(tool_output, "tablet"));
	ck_assert_str_eq(calls(), "");
}
END_TEST

START_TEST(server_goes_into_the_database_and_nowhere_else)
{
	const char *called;
	unsigned first;
	int length;

	expect("server gw --san gw.example,192.0.2.1 --config none", 0,
	       "for clients that dial DNS:gw.example, IP:192.0.2.1\n"
	       "to use it: certificate = gw in [ipsec]");
	called = calls();
	ck_assert_ptr_eq(strstr(called, "ipsec addconn --configsetup\n"
					"certutil -A -d sql:/some/nss -n lab-ca -t CT,, -a -i "
					"ca/ca.pem\npk12util -i /proc/"),
			 called);
	/* the file and its password, neither of them on a disk */
	ck_assert_int_eq(sscanf(strstr(called, "pk12util"),
				"pk12util -i /proc/%*d/fd/%*d -d sql:/some/nss -w "
				"/proc/%*d/fd/%*d -K %x %d",
				&first, &length),
			 2);
	ck_assert_uint_eq(first, 0x30);
	ck_assert_int_eq(length, 20);
	tool_file("lnsd.conf", 0600, "[ipsec]\ncertificate = gw\n");
	expect("renew gw --days 900 --config lnsd.conf", 0, "the next clients are shown it");
	expect("revoke gw --config lnsd.conf", 1, "gw is the gateway's own (ipsec.certificate)");
}
END_TEST

START_TEST(server_that_cannot_be_imported_never_was)
{
	stand_in("pk12util", "echo 'no space left'; exit 24");
	expect("server gw", 1, "pk12util: no space left");
	expect("list --json", 0, "lab-ca");
	ck_assert_ptr_null(strstr(tool_output, "\"gw\""));
	stand_in("ipsec", "exit 1");
	expect("server gw", 1, "libreswan does not say where its certificates are");
}
END_TEST

START_TEST(revoked_ones_are_told_to_libreswan_until_it_knows)
{
	expect("client phone", 0, "phone.p12");
	stand_in("crlutil", "echo 'it is locked'; exit 1");
	expect("revoke phone", 1, "libreswan does not know it yet: run this again");
	expect("list", 0, "revoked");
	stand_in("crlutil", "");
	calls();
	expect("revoke phone --json", 0, "\"sessions_ended\": true");
	ck_assert_ptr_nonnull(strstr(calls(), "-n phone (revoked) -t p,p,p -a -i ca/issued/"));
	stand_in("ipsec", "[ $1 = addconn ] && echo \"export nssdir='/some/nss'\"");
	expect("revoke phone", 0, "nobody is in\n");
	ck_assert_ptr_nonnull(strstr(calls(), "crlutil -I -t 1 -i ca/ca.crl -d sql:/some/nss\n"
					      "ipsec whack --deleteid --name CN=phone\n"
					      "ipsec whack --deleteid --name @phone\n"));
	expect("revoke phnoe", 1, "did you mean 'phone'?");
	expect("renew phone", 1, "no certificate 'phone' was made here, or it is revoked");
}
END_TEST

START_TEST(renewed_one_is_later_and_both_are_revoked)
{
	expect("client phone --days 10", 0, "phone.p12");
	expect("renew phone --days 9", 1, "valid longer: --days 1");
	expect("renew phone --days 40 --json", 0, "\"state\": \"valid\"");
	expect("list", 0, "valid ");
	ck_assert_ptr_nonnull(strstr(tool_output, "expires-soon"));
	expect("revoke phone", 0, "phone is revoked");
	expect("list --json", 0, "\"revoked\"");
	ck_assert_ptr_null(strstr(tool_output, "expires-soon"));
	expect("client phone --output again.p12", 0, "again.p12");
}
END_TEST

START_TEST(usage_that_is_wrong_is_told)
{
	expect("", 2, "cert ca|server|client|list|renew|revoke [NAME]");
	expect("make", 2, "lnsctl: cert has no 'make'");
	expect("list all", 2, "usage: lnsctl cert list\n");
	expect("client", 2, "usage: lnsctl cert client NAME");
	expect("list --days 3", 2, "cert list takes no --days");
	expect("client phone --days 0", 2, "--days 0: from 1 to 36500");
	expect("client phone --days 10x", 2, "--days 10x");
	expect("client phone --bits 1024", 2, "--bits 1024: 2048, 3072 or 4096");
	expect("client ../phone", 2, "a certificate's name has");
	expect("server gw --san 'gw,a b'", 2, "'a b' is no host name or address");
	ck_assert_int_eq(mode("phone.p12"), -1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("cert");
	TCase *made = tcase_create("made"), *tool = tcase_create("tool");

	tcase_add_unchecked_fixture(made, make_ca, free_ca);
	tcase_add_test(made, names_are_told_apart_by_kind);
	tcase_add_test(made, names_that_are_none_are_refused);
	tcase_add_test(made, name_is_what_every_tool_takes);
	tcase_add_test(made, cert_serves_its_purpose_and_no_other);
	tcase_add_test(made, cert_says_what_was_planned);
	tcase_add_test(made, cert_ends_with_its_ca);
	tcase_add_test(made, crl_keeps_those_of_the_one_before);
	tcase_add_test(made, bundle_opens_with_its_password_only);
	suite_add_tcase(s, made);
	tcase_add_unchecked_fixture(tool, begin_once, end_once);
	tcase_add_checked_fixture(tool, begin, tool_end);
	tcase_set_timeout(tool, 60);
	tcase_add_test(tool, ca_is_the_only_one_and_keeps_its_key);
	tcase_add_test(tool, client_gets_files_that_only_it_can_open);
	tcase_add_test(tool, server_goes_into_the_database_and_nowhere_else);
	tcase_add_test(tool, server_that_cannot_be_imported_never_was);
	tcase_add_test(tool, revoked_ones_are_told_to_libreswan_until_it_knows);
	tcase_add_test(tool, renewed_one_is_later_and_both_are_revoked);
	tcase_add_test(tool, usage_that_is_wrong_is_told);
	suite_add_tcase(s, tool);
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
