/* What the CA signs: for the gateway, whose key goes into libreswan's database and nowhere else,
 * and for clients, whose key goes into their file and nowhere else. */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lnsctl/cert.h"
#include "lnsctl/cert_nss.h"
#include "lnsctl/cert_show.h"
#include "lnsctl/field.h"
#include "lnsctl/offer.h"
#include "lnsctl/user_password.h"

/* what Apple's systems accept at most of a server */
#define DAYS 825
#define BITS 2048
#define DAY_S (24L * 3600)

/* What has just been made. */
struct issue {
	const struct settings *settings;
	struct cert_store store;
	EVP_PKEY *key;
	X509 *cert;
	struct cert_facts facts;
	char password[USER_PASSWORD_MAX]; /* of the file that has the key */
};

static bool
make(struct issue *issue, const struct cert_plan *plan)
{
	issue->key = cert_make_key(plan->bits);
	issue->cert = issue->key ? cert_make(plan, issue->key, issue->store.ca, issue->store.key,
					     time(NULL))
				 : NULL;
	if (issue->cert && cert_read(&issue->facts, issue->cert))
		return user_password_generate(issue->password, USER_PASSWORD_GENERATED);
	complain("OpenSSL cannot make the certificate");
	return false;
}

static void
fini(struct issue *issue)
{
	cert_store_close(&issue->store);
	EVP_PKEY_free(issue->key);
	X509_free(issue->cert);
	explicit_bzero(issue->password, sizeof(issue->password));
}

static void
add_record(struct cert_files *files, const struct issue *issue)
{
	cert_files_add_cert(files, issue->cert, "%s/issued/%s.pem", issue->store.folder,
			    issue->facts.serial);
}

static void
say_end(const struct issue *issue)
{
	if (issue->facts.until >= issue->store.facts.until)
		complain("the CA itself ends on that day: no certificate is valid longer");
}

/* Server */

/* The bundle with the key as bytes, the caller's to wipe and free. 0: it cannot be made. */
static int
encode(unsigned char **bytes, const struct issue *issue)
{
	PKCS12 *bundle = cert_make_bundle(issue->key, issue->cert, NULL, issue->password);
	int len;

	*bytes = NULL;
	len = bundle ? i2d_PKCS12(bundle, bytes) : 0;
	PKCS12_free(bundle);
	if (len > 0)
		return len;
	complain("OpenSSL cannot make the file for libreswan");
	return 0;
}

static bool
import(struct issue *issue, const struct cert_nss *nss)
{
	unsigned char *bytes;
	char ca[PATH_MAX];
	int len = encode(&bytes, issue);
	struct offer bundle, password;
	bool done;

	if (!len)
		return false;
	snprintf(ca, sizeof(ca), "%s/ca.pem", issue->store.folder);
	offer_open(&bundle, bytes, (size_t)len);
	offer_open(&password, issue->password, strlen(issue->password));
	done = cert_nss_trust(nss, ca, issue->store.facts.name) &&
	       cert_nss_import(nss, bundle.path, password.path);
	offer_close(&bundle);
	offer_close(&password);
	OPENSSL_clear_free(bytes, (size_t)len);
	return done;
}

/* Recorded first: what is in use somewhere can be revoked. */
static bool
put_server(struct issue *issue)
{
	struct cert_files files = {.count = 0};
	struct cert_nss nss;
	sigset_t all, before;
	bool done;

	if (!cert_nss_open(&nss))
		return false;
	add_record(&files, issue);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	done = cert_files_put(&files);
	if (done && !import(issue, &nss)) {
		unlink(files.list[0].file.path);
		done = false;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	cert_files_fini(&files);
	return done;
}

static enum exit_code
print_server(const struct issue *issue)
{
	const struct cert_facts *facts = &issue->facts;
	bool configured = cert_configured(issue->settings, facts->name);
	char day[CERT_DAY_MAX];
	enum exit_code code;
	json_t *document;

	if (issue->settings->json) {
		document = cert_document(facts, false, time(NULL));
		json_object_set_new(document, "configured", json_boolean(configured));
		code = print_json(document);
		json_decref(document);
		return code;
	}
	printf("%s is in libreswan's database, valid until %s, for clients that dial %s\n",
	       facts->name, cert_day(day, facts->until), facts->names);
	if (configured)
		puts("the next clients are shown it within a minute, or at once after: lnsctl "
		     "reload");
	else
		printf("to use it: certificate = %s in [ipsec] of the configuration, then lnsctl "
		       "reload\n",
		       facts->name);
	return CODE_DONE;
}

/* Client */

struct output {
	char bundle[PATH_MAX - 32], ca[PATH_MAX];
};

/* NAME.p12 here, or what --output says; the CA's certificate beside it. */
static bool
choose_output(struct output *output, const struct settings *settings, const char *name, bool again)
{
	const char *given = settings->of[OPT_OUTPUT];
	size_t len;

	snprintf(output->bundle, sizeof(output->bundle), "%s%s", given ? given : name,
		 given ? "" : ".p12");
	len = strlen(output->bundle);
	if (len > 4 && strcmp(output->bundle + len - 4, ".p12") == 0)
		len -= 4;
	snprintf(output->ca, sizeof(output->ca), "%.*s-ca.crt", (int)len, output->bundle);
	if (again || access(output->bundle, F_OK) < 0)
		return true;
	complain("%s is there already: choose another --output", output->bundle);
	return false;
}

static bool
put_client(struct issue *issue, const struct output *output)
{
	struct cert_files files = {.count = 0};
	PKCS12 *bundle =
		cert_make_bundle(issue->key, issue->cert, issue->store.ca, issue->password);
	bool done;

	add_record(&files, issue);
	cert_files_add_cert(&files, issue->store.ca, "%s", output->ca);
	cert_files_add_bundle(&files, bundle, "%s", output->bundle);
	done = cert_files_put(&files);
	PKCS12_free(bundle);
	cert_files_fini(&files);
	return done;
}

static enum exit_code
print_client(const struct issue *issue, const struct output *output)
{
	char day[CERT_DAY_MAX];
	enum exit_code code;
	json_t *document;

	if (issue->settings->json) {
		document = cert_document(&issue->facts, false, time(NULL));
		json_object_set_new(document, "file", json_string(output->bundle));
		json_object_set_new(document, "ca_file", json_string(output->ca));
		json_object_set_new(document, "password", json_string(issue->password));
		code = print_json(document);
		json_decref(document);
		return code;
	}
	printf("%s has the certificate and its key, valid until %s, for one device\n",
	       output->bundle, cert_day(day, issue->facts.until));
	printf("%s is the CA, which the device has to trust\n", output->ca);
	printf("password of %s, shown this once: %s\n", output->bundle, issue->password);
	return CODE_DONE;
}

/* Both */

static enum exit_code
issue_one(struct issue *issue, const struct cert_plan *plan, bool again)
{
	struct output output = {.bundle = ""};
	enum exit_code code;

	if (plan->kind == CERT_CLIENT &&
	    !choose_output(&output, issue->settings, plan->name, again))
		return CODE_REFUSED;
	if (!make(issue, plan))
		return CODE_REFUSED;
	if (!(plan->kind == CERT_SERVER ? put_server(issue) : put_client(issue, &output)))
		return CODE_REFUSED;
	code = plan->kind == CERT_SERVER ? print_server(issue) : print_client(issue, &output);
	say_end(issue);
	return code;
}

static enum exit_code
issue_new(const struct settings *settings, enum cert_kind kind, const char *name)
{
	char names[CERT_NAMES_MAX], bad[CERT_NAME_MAX];
	struct cert_plan plan = {.kind = kind, .name = name, .names = names};
	struct issue issue = {.settings = settings, .store.lock = -1};
	const char *san = settings->of[OPT_SAN] ? settings->of[OPT_SAN] : name;
	enum exit_code code = CODE_REFUSED;

	if (!cert_take_name(name) || !cert_read_size(settings, &plan, DAYS, BITS))
		return CODE_USAGE;
	/* a client is told by its common name; the other is only for those who look at it */
	if (!cert_names(names, san, bad)) {
		if (settings->of[OPT_SAN] || kind == CERT_SERVER) {
			complain("'%s' is no host name or address: --san takes those that clients "
				 "dial, with commas",
				 bad);
			return CODE_USAGE;
		}
		names[0] = '\0';
	}
	if (!cert_store_open(&issue.store, cert_folder(settings), true))
		;
	else if (cert_store_find(&issue.store, name, time(NULL)) ||
		 strcmp(issue.store.facts.name, name) == 0)
		complain("there is a certificate '%s' already: renew or revoke it, or choose "
			 "another name",
			 name);
	else
		code = issue_one(&issue, &plan, false);
	fini(&issue);
	return code;
}

enum exit_code
cert_server(const struct settings *settings, char *const *args)
{
	return issue_new(settings, CERT_SERVER, args[0]);
}

enum exit_code
cert_client(const struct settings *settings, char *const *args)
{
	return issue_new(settings, CERT_CLIENT, args[0]);
}

/* The last one of the name that is not revoked, though it be over. */
static enum exit_code
renew_one(struct issue *issue, const char *name)
{
	const struct cert_entry *last = cert_store_find(&issue->store, name, 0);
	time_t now = time(NULL);
	struct cert_plan plan;
	int days;

	if (strcmp(issue->store.facts.name, name) == 0) {
		complain("%s is the CA itself, which cannot be renewed: make another before it "
			 "ends (lnsctl cert ca NAME --folder DIR) and move to it certificate by "
			 "certificate, see docs/certificates.md",
			 name);
		return CODE_REFUSED;
	}
	if (!last) {
		complain("no certificate '%.64s' was made here, or it is revoked: 'lnsctl cert "
			 "list' has them all",
			 name);
		return CODE_REFUSED;
	}
	days = (int)((last->facts.until - last->facts.from) / DAY_S);
	plan = (struct cert_plan){last->facts.kind, name, last->facts.names, 0, 0};
	if (!cert_read_size(issue->settings, &plan, days > 0 ? days : 1, last->facts.bits))
		return CODE_USAGE;
	/* libreswan takes the one that is valid longest */
	if (now + plan.days * DAY_S <= last->facts.until) {
		complain("the certificate that is there is valid longer: --days %ld or more",
			 (last->facts.until - now) / DAY_S + 1);
		return CODE_REFUSED;
	}
	return issue_one(issue, &plan, true);
}

enum exit_code
cert_renew(const struct settings *settings, char *const *args)
{
	struct issue issue = {.settings = settings, .store.lock = -1};
	enum exit_code code = CODE_REFUSED;

	if (cert_store_open(&issue.store, cert_folder(settings), true))
		code = renew_one(&issue, args[0]);
	fini(&issue);
	return code;
}
