/* The steps of loading, in order; the first that fails says what to do and ends it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "keeper/ipsec_files.h"
#include "keeper/ipsec_host.h"
#include "keeper/ipsec_load.h"
#include "keeper/ipsec_probe.h"
#include "keeper/ipsec_proposals.h"
#include "log.h"
#include "md5.h"

#define COMMAND_MS 10000
#define PATH_BYTES 256

static bool __attribute__((format(printf, 3, 4)))
fail(struct ipsec_outcome *outcome, const char *fix, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(outcome->text, sizeof(outcome->text), fmt, args);
	va_end(args);
	snprintf(outcome->fix, sizeof(outcome->fix), "%s", fix);
	return false;
}

static bool
find_ipsec(char path[PATH_BYTES])
{
	return command_find(path, PATH_BYTES, "ipsec");
}

static void
keep_first_line(void *ctx, const char *line)
{
	char *first = ctx;

	if (!first[0])
		snprintf(first, 128, "%s", line);
}

static bool
ask_version(const char *ipsec, struct pluto_version *version)
{
	const char *const argv[] = {ipsec, "--version", NULL};
	char line[128] = "";

	return command_run(argv, COMMAND_MS, keep_first_line, line) >= 0 &&
	       pluto_version_parse(version, line);
}

void
ipsec_check_proposals(const struct conf *conf, const char *file, struct conf_errors *errors)
{
	bool all_by_profile = !conf->ipsec.ike[0] && !conf->ipsec.esp[0];
	struct pluto_version version;
	char ipsec[PATH_BYTES], why[IPSEC_WHY_MAX];

	if (!conf->ipsec.manage || (all_by_profile && !conf_profile_needs(conf->ipsec.profile)) ||
	    !find_ipsec(ipsec) || !ask_version(ipsec, &version))
		return;
	ipsec_try_proposals(ipsec, "ike", conf->ipsec.ike, file, errors);
	ipsec_try_proposals(ipsec, "esp", conf->ipsec.esp, file, errors);
	if (ipsec_profile_refused(ipsec, conf, why))
		conf_errors_add(errors, file, 0, "[ipsec] profile: %s", why);
}

static bool
make_plan(struct ipsec_outcome *outcome, struct ipsec_plan *plan, const char *ipsec,
	  const struct conf *conf)
{
	char why[IPSEC_WHY_MAX];

	if (!ask_version(ipsec, &plan->version))
		return fail(outcome, "apt install libreswan (it replaces strongSwan's)",
			    "%s is not libreswan's", ipsec);
	snprintf(outcome->version, sizeof(outcome->version), "%u.%u", plan->version.major,
		 plan->version.minor);
	plan->port = conf->server.port;
	plan->ikev2 = conf->ipsec.ikev2;
	plan->count = ipsec_host_addresses(plan->addrs, PLUTO_ADDRS_MAX, conf);
	if (plan->count == 0)
		return fail(outcome, "give an interface an address, then systemctl reload lnsd",
			    "this machine has no address for clients to connect to");
	if (ipsec_profile_refused(ipsec, conf, why))
		return fail(outcome, "set ipsec.profile = compatible, and lnsctl reload",
			    "ipsec.profile: %s", why);
	if (!ipsec_pick_proposals(plan, ipsec, conf))
		return fail(outcome, "choose another ipsec.profile, or set ipsec.ike and ipsec.esp",
			    "libreswan %s did not name a proposal of the configuration that it "
			    "supports",
			    outcome->version);
	return true;
}

/* What is known of this version is the best guess, until it is tried again in a new life of pluto.
 */
static void
recall_apart(struct ipsec_outcome *outcome, const struct ipsec_outcome *before,
	     struct ipsec_plan *plan)
{
	outcome->known = before->known && strcmp(before->version, outcome->version) == 0;
	outcome->pluto_life = before->pluto_life;
	plan->apart = outcome->known ? before->apart : ipsec_apart_guess(&plan->version);
	outcome->apart = plan->apart;
}

/* An empty psk when there is none, and none is needed. */
static bool
read_psk(struct ipsec_outcome *outcome, char psk[IPSEC_PSK_MAX], const char *path, bool needed)
{
	char text[1024], fix[160];
	const char *why;
	int error = ipsec_host_read_psk(text, sizeof(text), path, &outcome->psk_open);
	bool none = error == -ENOENT || (error == 0 && !text[0]);
	bool ok = error == 0 && ipsec_psk_parse(psk, text, &why);

	explicit_bzero(text, sizeof(text));
	if (ok)
		return true;
	psk[0] = '\0';
	if (none && !needed)
		return true;
	snprintf(fix, sizeof(fix), "(umask 077; openssl rand -base64 24 >%.100s)", path);
	if (error)
		return fail(outcome, fix, "the pre-shared key %.80s cannot be read: %s", path,
			    strerror(-error));
	return fail(outcome, fix, "the pre-shared key %.60s is no good: %s", path, why);
}

/* Where nothing is known of it now, it is the one that it was before. */
static void
choose_certificate(struct nss_cert *certificate, const struct nss_cert *before,
		   struct ipsec_plan *plan, const char *ipsec, const char *nickname)
{
	nss_look(certificate, ipsec, nickname, time(NULL));
	if (!certificate->until) {
		certificate->from = before->from;
		certificate->until = before->until;
	}
	plan->certificate = nickname;
	plan->cert_from = certificate->from;
	plan->cert_until = certificate->until;
}

/* With what the machine proves itself: certificate, pre-shared key, or both. A certificate that
 * cannot be used keeps nobody out who has the key. RFC 3193 §5.1: who has the group's key is in the
 * group, and may be anybody of it. */
static bool
choose_proofs(struct ipsec_outcome *outcome, const struct ipsec_outcome *before,
	      struct ipsec_plan *plan, char psk[IPSEC_PSK_MAX], const char *ipsec,
	      const struct conf *conf)
{
	const char *nickname = conf->ipsec.certificate;
	const struct nss_cert *certificate = &outcome->certificate;

	if (nickname[0])
		choose_certificate(&outcome->certificate, &before->certificate, plan, ipsec,
				   nickname);
	if (!read_psk(outcome, psk, conf->ipsec.psk_file, !nickname[0]))
		return false;
	plan->psk = psk[0] != '\0';
	if (!plan->psk && !nss_usable(certificate))
		return fail(outcome, certificate->fix, "%s", certificate->text);
	if (plan->psk)
		log_info("ipsec: all clients share the pre-shared key, only PPP passwords tell "
			 "users apart%s",
			 plan->certificate ? "" : "; ipsec.certificate can");
	return true;
}

/* Puts both files in place; *alike are the conns that stood there like this before. */
static bool
write_files(struct ipsec_outcome *outcome, const char *ipsec, const struct ipsec_plan *plan,
	    const char *psk, struct pluto_conns *alike)
{
	char text[IPSEC_TEXT_MAX], before[IPSEC_TEXT_MAX];
	char secrets[IPSEC_SECRETS_MAX], why[100];
	bool changed;
	int error;

	if (!ipsec_conf_text(text, sizeof(text), plan))
		return fail(outcome, "name fewer addresses in server.listen",
			    "the configuration is too long");
	ipsec_host_read(before, sizeof(before), IPSEC_CONF_FILE);
	*alike = ipsec_conns_alike(plan, text, before);
	changed = strcmp(before, text) != 0;
	if (changed && !ipsec_host_checkconfig(ipsec, text, why, sizeof(why)))
		return fail(outcome, "ipsec addconn --checkconfig says more",
			    "libreswan refuses the configuration, not written: %s", why);
	error = changed ? ipsec_host_write(IPSEC_CONF_FILE, text, 0644) : 0;
	if (error == 0 && ipsec_secrets_text(secrets, sizeof(secrets), psk) &&
	    !ipsec_host_same(IPSEC_SECRETS_FILE, secrets))
		error = ipsec_host_write(IPSEC_SECRETS_FILE, secrets, 0600);
	explicit_bzero(secrets, sizeof(secrets));
	if (error)
		return fail(outcome,
			    error == -ENOSPC
				    ? "make room on the disk of /etc/ipsec.d"
				    : "check that /etc/ipsec.d is there and can be written",
			    "the files in /etc/ipsec.d cannot be written: %s", strerror(-error));
	if (changed)
		log_notice("ipsec: wrote %s", IPSEC_CONF_FILE);
	return true;
}

/* pluto adds no conn whose certificate it cannot use, but one that it has serves on, as when the
 * certificate ends while clients are connected, or certutil has not answered in time. */
static struct pluto_conns
wanted_conns(const struct ipsec_outcome *outcome, const struct ipsec_plan *plan,
	     const struct pluto_conns *alike, const struct pluto_conns *have)
{
	static const enum pluto_kind with_certificate[] = {PLUTO_CERT, PLUTO_CERT_V2};
	struct pluto_conns wanted = ipsec_conns_of(plan);

	for (size_t i = 0; i < 2 && !nss_usable(&outcome->certificate); i++)
		wanted.of[with_certificate[i]] &=
			alike->of[with_certificate[i]] & have->of[with_certificate[i]];
	return wanted;
}

/* Removes from pluto what an earlier file of ours had and this one has not. */
static void
remove_surplus(const char *ipsec, const struct pluto_conns *have, const struct pluto_conns *wanted)
{
	for (size_t i = 0; i < PLUTO_CONNS_MAX; i++) {
		char name[PLUTO_NAME_MAX];
		const char *const argv[] = {ipsec, "whack", "--delete", "--name", name, NULL};

		pluto_conn_name(name, i);
		if (pluto_conns_have(have, i) && !pluto_conns_have(wanted, i))
			command_run(argv, COMMAND_MS, NULL, NULL);
	}
}

/* Adding a conn that is there already would end its clients' SAs. */
static void
load_conns(const char *ipsec, const struct pluto_conns *wanted, const struct pluto_conns *alike,
	   const struct pluto_conns *have)
{
	for (size_t i = 0; i < PLUTO_CONNS_MAX; i++) {
		char name[PLUTO_NAME_MAX], line[128] = "";
		const char *const argv[] = {ipsec, "addconn", name, NULL};

		pluto_conn_name(name, i);
		if (!pluto_conns_have(wanted, i) ||
		    (pluto_conns_have(alike, i) && pluto_conns_have(have, i)))
			continue;
		if (command_run(argv, COMMAND_MS, keep_first_line, line) != 0)
			log_warning("ipsec: addconn %s: %s", name, line);
	}
}

/* Every conn that is wanted is there. */
static bool
all_loaded(struct ipsec_outcome *outcome, const struct pluto_conns *wanted,
	   const struct pluto_conns *have)
{
	char name[PLUTO_NAME_MAX], fix[160];

	for (size_t i = 0; i < PLUTO_CONNS_MAX; i++) {
		if (!pluto_conns_have(wanted, i) || pluto_conns_have(have, i))
			continue;
		pluto_conn_name(name, i);
		snprintf(fix, sizeof(fix),
			 "look at `ipsec addconn %s`; /etc/ipsec.conf must include "
			 "/etc/ipsec.d/*.conf",
			 name);
		return fail(outcome, fix, "libreswan did not load our connection");
	}
	return true;
}

/* pluto reads `config setup` only when it starts. */
static bool
settings_hold(struct ipsec_outcome *outcome, const struct pluto_state *pluto)
{
	if (pluto->uniqueids)
		return fail(
			outcome,
			"systemctl restart ipsec (and remove uniqueids from /etc/ipsec.conf)",
			"pluto runs with uniqueids=yes: clients with equal private addresses end "
			"each other's VPN");
	if (pluto->drops_ikev1)
		return fail(outcome,
			    "systemctl restart ipsec (and remove ikev1-policy from "
			    "/etc/ipsec.conf)",
			    "pluto drops IKEv1, so no client can connect");
	return true;
}

static bool
load(struct ipsec_outcome *outcome, const char *ipsec, const struct ipsec_plan *plan,
     const struct pluto_conns *alike)
{
	/* finds addresses that came up after pluto did, and reads the secrets again */
	const char *const listen[] = {ipsec, "whack", "--listen", NULL};
	const char *const rereadsecrets[] = {ipsec, "whack", "--rereadsecrets", NULL};
	struct pluto_conns wanted;
	struct pluto_state pluto;

	if (!ipsec_host_pluto(ipsec, &pluto))
		return fail(outcome, "systemctl start ipsec", "libreswan's pluto is not running");
	/* where nobody is connected, a restart for the settings' sake harms nobody */
	if (ipsec_host_may_restart(&pluto) && ipsec_host_restart())
		ipsec_host_pluto(ipsec, &pluto);
	/* with IKEv1 dropped no conn of ours can even be added */
	if (pluto.drops_ikev1)
		return settings_hold(outcome, &pluto);
	command_run(listen, COMMAND_MS, NULL, NULL);
	command_run(rereadsecrets, COMMAND_MS, NULL, NULL);
	wanted = wanted_conns(outcome, plan, alike, &pluto.conns);
	remove_surplus(ipsec, &pluto.conns, &wanted);
	load_conns(ipsec, &wanted, alike, &pluto.conns);
	ipsec_host_pluto(ipsec, &pluto);
	if (!all_loaded(outcome, &wanted, &pluto.conns))
		return false;
	outcome->loaded = true;
	return settings_hold(outcome, &pluto);
}

static void
write_and_load(struct ipsec_outcome *outcome, const char *ipsec, const struct ipsec_plan *plan,
	       const char *psk)
{
	struct pluto_conns alike = {0};

	if (write_files(outcome, ipsec, plan, psk, &alike))
		load(outcome, ipsec, plan, &alike);
}

/* Only a pluto that runs can be tried; when it turns out to be another kind than was guessed, it is
 * given what it needs. */
static void
try_apart(struct ipsec_outcome *outcome, const char *ipsec, struct ipsec_plan *plan,
	  const char *psk)
{
	uint64_t life = ipsec_host_pluto_life();

	if (!outcome->loaded || (outcome->known && outcome->pluto_life == life))
		return;
	outcome->pluto_life = life;
	outcome->apart = ipsec_probe(ipsec, &plan->version);
	outcome->known = true;
	if (outcome->apart == plan->apart)
		return;
	plan->apart = outcome->apart;
	outcome->loaded = false;
	write_and_load(outcome, ipsec, plan, psk);
}

/* All that is written follows from this. */
static bool
decide(struct ipsec_outcome *outcome, const struct ipsec_outcome *before, struct ipsec_plan *plan,
       char ipsec[PATH_BYTES], char psk[IPSEC_PSK_MAX], const struct conf *conf,
       enum conf_marks marks)
{
	memset(outcome, 0, sizeof(*outcome));
	if (!find_ipsec(ipsec))
		return fail(outcome, "apt install libreswan", "libreswan is not installed");
	if (!make_plan(outcome, plan, ipsec, conf))
		return false;
	if (marks == MARKS_OWN)
		recall_apart(outcome, before, plan);
	return choose_proofs(outcome, before, plan, psk, ipsec, conf);
}

void
ipsec_load(struct ipsec_outcome *outcome, const struct ipsec_outcome *before,
	   const struct conf *conf, enum conf_marks marks)
{
	struct ipsec_plan plan = {.count = 0};
	char ipsec[PATH_BYTES], psk[IPSEC_PSK_MAX];

	if (!decide(outcome, before, &plan, ipsec, psk, conf, marks))
		return;
	log_info("ipsec: IKEv1 is deprecated (RFC 9395), and what most clients speak: accepted for "
		 "lnsd's L2TP connections only");
	write_and_load(outcome, ipsec, &plan, psk);
	if (marks == MARKS_OWN)
		try_apart(outcome, ipsec, &plan, psk);
	secret_wipe(psk, sizeof(psk));
}

bool
ipsec_texts(struct ipsec_outcome *outcome, const struct conf *conf, char text[IPSEC_TEXT_MAX],
	    char secrets[IPSEC_SECRETS_MAX])
{
	const struct ipsec_outcome never = {.loaded = false};
	struct ipsec_plan plan = {.count = 0};
	char ipsec[PATH_BYTES], psk[IPSEC_PSK_MAX];
	bool ok;

	if (!decide(outcome, &never, &plan, ipsec, psk, conf, conf->ipsec.marks))
		return false;
	ok = ipsec_conf_text(text, IPSEC_TEXT_MAX, &plan) &&
	     ipsec_secrets_text(secrets, IPSEC_SECRETS_MAX, psk);
	secret_wipe(psk, sizeof(psk));
	return ok || fail(outcome, "name fewer addresses in server.listen",
			  "the configuration is too long");
}
