/* Certificates of the gateway and its clients: a CA of our own, what it signs, and whom it shuts
 * out. */
#include "lnsctl/cert.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "conf.h"
#include "lnsctl/cert_nss.h"
#include "lnsctl/cert_show.h"
#include "lnsctl/field.h"
#include "suggest.h"

#define DEFAULT_FILE LNSD_SYSCONFDIR "/lnsd/lnsd.conf"
#define CA_DAYS 3650
#define CA_BITS 3072
#define DAYS_MAX 36500
#define REVOKED_MAX 64 /* certificates of one name that are revoked at once */

const char *
cert_folder(const struct settings *settings)
{
	return settings->of[OPT_FOLDER] ? settings->of[OPT_FOLDER] : CERT_FOLDER;
}

/* A whole number from 1 to `most`; 0: it is none. */
static int
read_number(const char *text, int most)
{
	size_t digits = strspn(text, "0123456789");
	long number = digits && digits < 9 && !text[digits] ? strtol(text, NULL, 10) : 0;

	return number <= most ? (int)number : 0;
}

bool
cert_read_size(const struct settings *settings, struct cert_plan *plan, int days, int bits)
{
	const char *days_text = settings->of[OPT_DAYS], *bits_text = settings->of[OPT_BITS];

	plan->days = days_text ? read_number(days_text, DAYS_MAX) : days;
	plan->bits = bits_text ? read_number(bits_text, 4096) : bits;
	if (plan->days == 0)
		complain("--days %s: from 1 to %d", days_text, DAYS_MAX);
	else if (plan->bits != 2048 && plan->bits != 3072 && plan->bits != 4096)
		complain("--bits %s: 2048, 3072 or 4096", bits_text);
	else
		return true;
	return false;
}

bool
cert_configured(const struct settings *settings, const char *name)
{
	const char *path = settings->of[OPT_CONFIG] ? settings->of[OPT_CONFIG] : DEFAULT_FILE;
	struct conf_errors errors = {.count = 0};
	struct bundle bundle;
	struct conf *conf = NULL;
	bool configured;

	if (bundle_read(&bundle, path, &errors)) {
		conf = conf_parse(bundle.files, bundle.count, &errors);
		bundle_fini(&bundle);
	}
	configured = conf && strcmp(conf->ipsec.certificate, name) == 0;
	conf_free(conf);
	conf_errors_fini(&errors);
	return configured;
}

bool
cert_take_name(const char *name)
{
	if (cert_name_ok(name))
		return true;
	complain("%.100s: a certificate's name has at most 64 letters, digits and ._@+-, and "
		 "begins with a letter or digit",
		 name);
	return false;
}

/* `cert ca` */

static enum exit_code
write_ca(struct cert_store *store, const struct cert_plan *plan)
{
	struct cert_files files = {.count = 0};
	time_t now = time(NULL);
	bool done = false;

	store->key = cert_make_key(plan->bits);
	store->ca = store->key ? cert_make(plan, store->key, NULL, NULL, now) : NULL;
	store->crl = store->ca ? cert_make_crl(NULL, NULL, 0, store->ca, store->key, now) : NULL;
	if (store->crl && cert_read(&store->facts, store->ca)) {
		/* the certificate is last: with it the CA is there */
		cert_files_add_key(&files, store->key, "%s/ca.key", store->folder);
		cert_files_add_crl(&files, store->crl, "%s/ca.crl", store->folder);
		cert_files_add_cert(&files, store->ca, "%s/ca.pem", store->folder);
		done = cert_files_put(&files);
	} else {
		complain("OpenSSL cannot make a CA");
	}
	cert_files_fini(&files);
	return done ? CODE_DONE : CODE_REFUSED;
}

static enum exit_code
make_ca(const struct settings *settings, char *const *args)
{
	struct cert_plan plan = {.kind = CERT_CA, .names = ""};
	char name[CERT_NAME_MAX], host[65] = "", day[CERT_DAY_MAX];
	struct cert_store store;
	enum exit_code code = CODE_REFUSED;

	gethostname(host, sizeof(host) - 1);
	snprintf(name, sizeof(name), "lnsd-ca-%.55s", host);
	/* a machine without a name is called "(none)" */
	if (!cert_name_ok(name))
		snprintf(name, sizeof(name), "lnsd-ca");
	plan.name = args[0] ? args[0] : name;
	if (!cert_take_name(plan.name) || !cert_read_size(settings, &plan, CA_DAYS, CA_BITS))
		return CODE_USAGE;
	if (cert_store_found(&store, cert_folder(settings))) {
		code = write_ca(&store, &plan);
		if (code != CODE_DONE)
			cert_store_abandon(&store);
	}
	if (code == CODE_DONE && settings->json) {
		json_t *document = cert_document(&store.facts, false, time(NULL));

		json_object_set_new(document, "folder", json_string(store.folder));
		code = print_json(document);
		json_decref(document);
	} else if (code == CODE_DONE) {
		printf("the CA %s is in %s, valid until %s: keep a copy of this folder, and keep "
		       "it secret\n",
		       plan.name, store.folder, cert_day(day, store.facts.until));
	}
	cert_store_close(&store);
	return code;
}

static enum exit_code
list(const struct settings *settings, char *const *args)
{
	struct cert_store store;
	enum exit_code code = CODE_REFUSED;

	(void)args;
	if (cert_store_open(&store, cert_folder(settings), false))
		code = cert_print_list(&store, settings->json, time(NULL));
	cert_store_close(&store);
	return code;
}

/* `cert revoke` */

/* A client proves to be the certificate's subject, or one of its other names. */
static bool
end_sessions(const struct cert_nss *nss, const struct cert_facts *facts)
{
	char identity[CERT_NAMES_MAX];
	const char *names = facts->names;
	bool ended;

	snprintf(identity, sizeof(identity), "CN=%s", facts->name);
	ended = cert_nss_end(nss, identity);
	while (*names) {
		int len = (int)strcspn(names, ",");
		const char *value = strchr(names, ':') + 1;

		snprintf(identity, sizeof(identity), "%s%.*s",
			 strncmp(names, "DNS:", 4) == 0 ? "@" : "", (int)(names + len - value),
			 value);
		ended = cert_nss_end(nss, identity) && ended;
		names += len;
		names += strspn(names, ", ");
	}
	return ended;
}

/* What was revoked before is told to libreswan again: somebody may have been interrupted. */
static bool
tell_libreswan(const struct cert_store *store, const char *name, bool *ended)
{
	char path[PATH_MAX];
	struct cert_nss nss;
	bool ok = cert_nss_open(&nss);

	snprintf(path, sizeof(path), "%s/ca.pem", store->folder);
	ok = ok && cert_nss_trust(&nss, path, store->facts.name);
	for (size_t i = 0; ok && i < store->count; i++) {
		const struct cert_facts *facts = &store->entries[i].facts;

		snprintf(path, sizeof(path), "%s/issued/%s.pem", store->folder, facts->serial);
		if (strcmp(facts->name, name) == 0)
			ok = cert_nss_distrust(&nss, path, name);
	}
	snprintf(path, sizeof(path), "%s/ca.crl", store->folder);
	ok = ok && cert_nss_take_crl(&nss, path);
	*ended = ok;
	for (size_t i = 0; ok && i < store->count; i++)
		if (strcmp(store->entries[i].facts.name, name) == 0)
			*ended = end_sessions(&nss, &store->entries[i].facts) && *ended;
	return ok;
}

static bool
write_crl(struct cert_store *store, X509 *const revoked[], size_t count)
{
	struct cert_files files = {.count = 0};
	X509_CRL *crl =
		cert_make_crl(store->crl, revoked, count, store->ca, store->key, time(NULL));
	bool done = false;

	if (crl) {
		cert_files_add_crl(&files, crl, "%s/ca.crl", store->folder);
		done = cert_files_put(&files);
	} else {
		complain("OpenSSL cannot make the list of revoked certificates");
	}
	cert_files_fini(&files);
	X509_CRL_free(crl);
	return done;
}

static void
suggest_name(const struct cert_store *store, const char *name)
{
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX];

	suggest_init(&suggest, name);
	for (size_t i = 0; i < store->count; i++)
		suggest_try(&suggest, store->entries[i].facts.name);
	complain("no certificate '%.64s' was made here%s; 'lnsctl cert list' has them all", name,
		 suggest_hint(&suggest, hint));
}

/* All certificates of the name: one that was renewed is still good. */
static enum exit_code
revoke_all(struct cert_store *store, const char *name)
{
	X509 *revoked[REVOKED_MAX];
	size_t known = 0, count = 0;

	for (size_t i = 0; i < store->count; i++) {
		const struct cert_entry *entry = &store->entries[i];

		if (strcmp(entry->facts.name, name) != 0)
			continue;
		known++;
		if (!entry->revoked && count < REVOKED_MAX)
			revoked[count++] = entry->cert;
	}
	if (known == 0)
		suggest_name(store, name);
	return known > 0 && (count == 0 || write_crl(store, revoked, count)) ? CODE_DONE
									     : CODE_REFUSED;
}

static enum exit_code
print_revoked(const struct settings *settings, const char *name, bool ended)
{
	json_t *document;
	enum exit_code code;

	if (!settings->json) {
		printf("%s is revoked: libreswan lets nobody in by it%s\n", name,
		       ended ? ", and who was in by it is out"
			     : "; it does not run now, so nobody is in");
		return CODE_DONE;
	}
	document = json_pack("{s:s, s:s, s:b}", "name", name, "state", "revoked", "sessions_ended",
			     ended);
	code = print_json(document);
	json_decref(document);
	return code;
}

/* No signal comes in between; where libreswan is in the way it can be told later. */
static enum exit_code
revoke_and_tell(struct cert_store *store, const char *name, bool *ended)
{
	sigset_t all, before;
	enum exit_code code;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	code = revoke_all(store, name);
	if (code == CODE_DONE && !tell_libreswan(store, name, ended)) {
		complain("%s stands in %s/ca.crl as revoked, but libreswan does not know it yet: "
			 "run this again",
			 name, store->folder);
		code = CODE_REFUSED;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return code;
}

static enum exit_code
revoke_name(const struct settings *settings, char *const *args)
{
	struct cert_store store;
	enum exit_code code = CODE_REFUSED;
	bool ended = false;

	if (cert_configured(settings, args[0])) {
		complain("%s is the gateway's own (ipsec.certificate): make another by lnsctl cert "
			 "server, name that one, and lnsctl reload first",
			 args[0]);
		return CODE_REFUSED;
	}
	if (cert_store_open(&store, cert_folder(settings), true))
		code = revoke_and_tell(&store, args[0], &ended);
	cert_store_close(&store);
	return code == CODE_DONE ? print_revoked(settings, args[0], ended) : code;
}

static const struct action {
	const char *name, *arg;
	int least, most;
	uint64_t options;
	verb_fn *run;
} actions[] = {
	{"ca", "[NAME] [--days N] [--bits N]", 0, 1, OPT_BIT(OPT_DAYS) | OPT_BIT(OPT_BITS),
	 make_ca},
	{"server", "NAME [--san NAME,...] [--days N] [--bits N]", 1, 1,
	 OPT_BIT(OPT_SAN) | OPT_BIT(OPT_DAYS) | OPT_BIT(OPT_BITS) | OPT_BIT(OPT_CONFIG),
	 cert_server},
	{"client", "NAME [--output FILE] [--san NAME,...] [--days N] [--bits N]", 1, 1,
	 OPT_BIT(OPT_SAN) | OPT_BIT(OPT_DAYS) | OPT_BIT(OPT_BITS) | OPT_BIT(OPT_OUTPUT),
	 cert_client},
	{"list", "", 0, 0, 0, list},
	{"renew", "NAME [--output FILE] [--days N] [--bits N]", 1, 1,
	 OPT_BIT(OPT_DAYS) | OPT_BIT(OPT_BITS) | OPT_BIT(OPT_OUTPUT) | OPT_BIT(OPT_CONFIG),
	 cert_renew},
	{"revoke", "NAME", 1, 1, OPT_BIT(OPT_CONFIG), revoke_name},
};
#define ACTION_COUNT (sizeof(actions) / sizeof(actions[0]))

static enum exit_code
wrong_usage(const struct action *action)
{
	fprintf(stderr, "usage: lnsctl cert %s%s%s\n", action->name, action->arg[0] ? " " : "",
		action->arg);
	return CODE_USAGE;
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	const char *foreign;
	int more = 0; /* words behind the action's */

	while (args[1 + more])
		more++;
	for (size_t i = 0; i < ACTION_COUNT; i++) {
		const struct action *action = &actions[i];

		if (strcmp(action->name, args[0]) != 0)
			continue;
		foreign = options_foreign(settings, action->options | OPT_BIT(OPT_FOLDER));
		if (foreign)
			complain("cert %s takes no --%s", action->name, foreign);
		if (foreign || more < action->least || more > action->most)
			return wrong_usage(action);
		return action->run(settings, args + 1);
	}
	complain("cert has no '%s': 'lnsctl help cert' shows what it has", args[0]);
	return CODE_USAGE;
}

const struct verb verb_cert = {
	.name = "cert",
	.arg = "ca|server|client|list|renew|revoke [NAME] [OPTION...]",
	.least = 1,
	.most = 2,
	.options = OPT_BIT(OPT_SAN) | OPT_BIT(OPT_DAYS) | OPT_BIT(OPT_BITS) | OPT_BIT(OPT_OUTPUT) |
		   OPT_BIT(OPT_CONFIG) | OPT_BIT(OPT_FOLDER),
	.summary = "certificates of the gateway and its clients",
	.help = "ca [NAME]      makes a CA in " CERT_FOLDER ", or in --folder DIR\n"
		"server NAME    a certificate of the gateway, put into libreswan's database; "
		"clients\n"
		"               dial NAME, or the names and addresses of --san A,B,...\n"
		"client NAME    one of a client: a PKCS#12 file (--output FILE), whose password "
		"is\n"
		"               shown once, and the CA's certificate beside it\n"
		"list           all of them, and which are revoked or expire within 30 days\n"
		"renew NAME     a later one of the same name, with a new key\n"
		"revoke NAME    nobody gets in by it any more, and who is in gets out\n\n"
		"--days N is how long it is valid (a CA 3650, others 825), --bits N the size of "
		"its\n"
		"RSA key: 2048, 3072 or 4096. Works without the daemon; run it as root.\n",
	.prints = true,
	.run = run,
};
