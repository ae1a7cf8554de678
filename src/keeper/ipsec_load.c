/* The steps of loading, in order; the first that fails says what to do and ends it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keeper/command.h"
#include "keeper/ipsec_files.h"
#include "keeper/ipsec_host.h"
#include "keeper/ipsec_load.h"
#include "log.h"
#include "md5.h"

#define COMMAND_MS 10000
#define ALGPARSE_MS 2000

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

static const char *
find_ipsec(void)
{
	static const char *const places[] = {"/usr/sbin/ipsec", "/usr/local/sbin/ipsec"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static void
keep_first_line(void *ctx, const char *line)
{
	char *first = ctx;

	if (!first[0])
		snprintf(first, 128, "%s", line);
}

static bool
ask_version(const char *ipsec, struct ipsec_version *version)
{
	const char *const argv[] = {ipsec, "--version", NULL};
	char line[128] = "";

	return command_run(argv, COMMAND_MS, keep_first_line, line) >= 0 &&
	       ipsec_version_parse(version, line);
}

struct algparse {
	const char *ipsec;
	char error[128];
};

static void
keep_error(void *ctx, const char *line)
{
	struct algparse *algparse = ctx;
	const char *error = strstr(line, "ERROR: ");

	if (error)
		snprintf(algparse->error, sizeof(algparse->error), "%s", error + 7);
}

static bool
supported(struct algparse *algparse, const char *kind, const char *proposal)
{
	char argument[600];
	const char *const argv[] = {algparse->ipsec, "algparse", "-v1", argument, NULL};

	snprintf(argument, sizeof(argument), "%s=%s", kind, proposal);
	algparse->error[0] = '\0';
	if (command_run(argv, ALGPARSE_MS, keep_error, algparse) == 0)
		return true;
	if (!algparse->error[0])
		snprintf(algparse->error, sizeof(algparse->error), "ipsec algparse failed");
	return false;
}

/* Cuts the next of a comma separated list; false at its end. */
static bool
next_proposal(const char **list, char *out, size_t cap)
{
	size_t len = strcspn(*list, ",");
	size_t start = strspn(*list, " ");

	if (!**list)
		return false;
	snprintf(out, cap, "%.*s", (int)(len - (start < len ? start : len)), *list + start);
	*list += len + ((*list)[len] == ',');
	return true;
}

/* One bad proposal would make pluto refuse the whole line, so those that this libreswan was built
 * without are left out. */
static bool
pick_proposals(char *out, size_t cap, const char *ipsec, const char *kind, const char *list)
{
	struct algparse algparse = {.ipsec = ipsec};
	char proposal[512];
	size_t len = 0;

	out[0] = '\0';
	while (next_proposal(&list, proposal, sizeof(proposal))) {
		if (!supported(&algparse, kind, proposal)) {
			log_info("ipsec: %s=%s left out: %s", kind, proposal, algparse.error);
			continue;
		}
		int n = snprintf(out + len, cap - len, "%s%s", len ? "," : "", proposal);

		if (n < 0 || (size_t)n >= cap - len)
			return false;
		len += (size_t)n;
	}
	return len > 0;
}

static void
check_override(struct algparse *algparse, const char *kind, const char *list, const char *file,
	       struct conf_errors *errors)
{
	char proposal[512];

	while (next_proposal(&list, proposal, sizeof(proposal)))
		if (!supported(algparse, kind, proposal))
			conf_errors_add(errors, file, 0,
					"[ipsec] %s: '%s' is refused by libreswan: %s", kind,
					proposal, algparse->error);
}

void
ipsec_check_overrides(const struct conf *conf, const char *file, struct conf_errors *errors)
{
	struct algparse algparse = {.ipsec = find_ipsec()};
	struct ipsec_version version;

	if (!conf->ipsec.manage || (!conf->ipsec.ike[0] && !conf->ipsec.esp[0]) ||
	    !algparse.ipsec || !ask_version(algparse.ipsec, &version))
		return;
	check_override(&algparse, "ike", conf->ipsec.ike, file, errors);
	check_override(&algparse, "esp", conf->ipsec.esp, file, errors);
}

static bool
make_plan(struct ipsec_outcome *outcome, struct ipsec_plan *plan, const char *ipsec,
	  const struct conf *conf)
{
	const char *ike = conf->ipsec.ike, *esp = conf->ipsec.esp;

	if (!ask_version(ipsec, &plan->version))
		return fail(outcome, "apt install libreswan (it replaces strongSwan's)",
			    "%s is not libreswan's", ipsec);
	snprintf(outcome->version, sizeof(outcome->version), "%u.%u", plan->version.major,
		 plan->version.minor);
	plan->port = conf->server.port;
	plan->count = ipsec_host_addresses(plan->addrs, IPSEC_ADDRS_MAX, conf);
	if (plan->count == 0)
		return fail(outcome, "give an interface an address, then systemctl reload lnsd",
			    "this machine has no address for clients to connect to");
	if (!ike[0])
		ike = conf_profile_ike(conf->ipsec.profile);
	if (!esp[0])
		esp = conf_profile_esp(conf->ipsec.profile);
	if (!pick_proposals(plan->ike, sizeof(plan->ike), ipsec, "ike", ike) ||
	    !pick_proposals(plan->esp, sizeof(plan->esp), ipsec, "esp", esp))
		return fail(outcome, "choose another ipsec.profile, or set ipsec.ike and ipsec.esp",
			    "libreswan %s supports no proposal of the configuration",
			    outcome->version);
	return true;
}

static bool
read_psk(struct ipsec_outcome *outcome, char psk[IPSEC_PSK_MAX], const char *path)
{
	char text[1024], fix[160];
	const char *why;
	int error = ipsec_host_read_psk(text, sizeof(text), path, &outcome->psk_open);
	bool ok = error == 0 && ipsec_psk_parse(psk, text, &why);

	explicit_bzero(text, sizeof(text));
	if (ok)
		return true;
	snprintf(fix, sizeof(fix), "(umask 077; openssl rand -base64 24 >%.100s)", path);
	if (error)
		return fail(outcome, fix, "the pre-shared key %.80s cannot be read: %s", path,
			    strerror(-error));
	return fail(outcome, fix, "the pre-shared key %.60s is no good: %s", path, why);
}

/* Puts both files in place; *changed when one was not there like this before. */
static bool
write_files(struct ipsec_outcome *outcome, const char *ipsec, const char *text, const char *psk,
	    bool *changed)
{
	char secrets[IPSEC_PSK_MAX + 256], why[100];
	int error;

	*changed = !ipsec_host_same(IPSEC_CONF_FILE, text);
	if (*changed && !ipsec_host_checkconfig(ipsec, text, why, sizeof(why)))
		return fail(outcome, "ipsec addconn --checkconfig says more",
			    "libreswan refuses the configuration, not written: %s", why);
	error = *changed ? ipsec_host_write(IPSEC_CONF_FILE, text, 0644) : 0;
	if (error == 0 && ipsec_secrets_text(secrets, sizeof(secrets), psk) &&
	    !ipsec_host_same(IPSEC_SECRETS_FILE, secrets))
		error = ipsec_host_write(IPSEC_SECRETS_FILE, secrets, 0600);
	explicit_bzero(secrets, sizeof(secrets));
	if (error)
		return fail(outcome, "check that /etc/ipsec.d is there and can be written",
			    "the files in /etc/ipsec.d cannot be written: %s", strerror(-error));
	if (*changed)
		log_info("ipsec: wrote %s", IPSEC_CONF_FILE);
	return true;
}

/* Removes from pluto what an earlier file of ours had and this one has not. */
static void
remove_surplus(const char *ipsec, const struct pluto_state *pluto, size_t count)
{
	for (size_t i = count; i < IPSEC_ADDRS_MAX; i++) {
		char name[IPSEC_NAME_MAX];
		const char *const argv[] = {ipsec, "whack", "--delete", "--name", name, NULL};

		ipsec_conn_name(name, i);
		if (pluto->conns & 1u << i)
			command_run(argv, COMMAND_MS, NULL, NULL);
	}
}

static void
load_conns(const char *ipsec, const struct pluto_state *pluto, size_t count, bool all)
{
	for (size_t i = 0; i < count; i++) {
		char name[IPSEC_NAME_MAX], line[128] = "";
		const char *const argv[] = {ipsec, "addconn", name, NULL};

		ipsec_conn_name(name, i);
		/* adding a conn that is there already would end its clients' SAs */
		if (!all && pluto->conns & 1u << i)
			continue;
		if (command_run(argv, COMMAND_MS, keep_first_line, line) != 0)
			log_warning("ipsec: addconn %s: %s", name, line);
	}
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
load(struct ipsec_outcome *outcome, const char *ipsec, size_t count, bool changed)
{
	/* finds addresses that came up after pluto did, and reads the secrets again */
	const char *const listen[] = {ipsec, "whack", "--listen", NULL};
	const char *const rereadsecrets[] = {ipsec, "whack", "--rereadsecrets", NULL};
	uint32_t wanted = count == 32 ? ~0u : (1u << count) - 1;
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
	remove_surplus(ipsec, &pluto, count);
	load_conns(ipsec, &pluto, count, changed);
	ipsec_host_pluto(ipsec, &pluto);
	if ((pluto.conns & wanted) != wanted)
		return fail(outcome,
			    "look at `ipsec addconn lnsd-psk-1`; /etc/ipsec.conf must "
			    "include /etc/ipsec.d/*.conf",
			    "libreswan did not load our connection");
	outcome->loaded = true;
	return settings_hold(outcome, &pluto);
}

void
ipsec_load(struct ipsec_outcome *outcome, const struct conf *conf)
{
	struct ipsec_plan plan = {.count = 0};
	const char *ipsec = find_ipsec();
	char text[IPSEC_TEXT_MAX], psk[IPSEC_PSK_MAX];
	bool changed;

	memset(outcome, 0, sizeof(*outcome));
	if (!ipsec) {
		fail(outcome, "apt install libreswan", "libreswan is not installed");
		return;
	}
	if (!make_plan(outcome, &plan, ipsec, conf) ||
	    !read_psk(outcome, psk, conf->ipsec.psk_file))
		return;
	if (!ipsec_conf_text(text, sizeof(text), &plan))
		fail(outcome, "name fewer addresses in server.listen",
		     "the configuration is too long");
	else if (write_files(outcome, ipsec, text, psk, &changed))
		load(outcome, ipsec, plan.count, changed);
	secret_wipe(psk, sizeof(psk));
}
