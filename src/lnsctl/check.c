/* `check [FILE]`: the same parsers as the daemon's, and what is right but will hurt. Needs no
 * daemon. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "command.h"
#include "conf.h"
#include "lnsctl/algparse.h"
#include "lnsctl/dns_probe.h"
#include "lnsctl/eap.h"
#include "lnsctl/field.h"
#include "lnsctl/key_weak.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/overlap.h"
#include "lnsctl/reach.h"
#include "lnsctl/table.h"
#include "lnsctl/uplink.h"
#include "marks.h"
#include "nss.h"
#include "secret.h"
#include "users.h"

#define DEFAULT_FILE LNSD_SYSCONFDIR "/lnsd/lnsd.conf"
/* NAT-T, AES-CBC with SHA-1 or SHA-2, UDP, L2TP and PPP leave 1402 bytes of a 1500-byte path. */
#define MTU_FITS 1400

struct report {
	const char *file;	 /* the main configuration file */
	struct conf *conf;	 /* NULL: refused */
	bool shared_key;	 /* clients can come by the pre-shared key */
	char ike[512], esp[512]; /* the proposals in force, without what libreswan refuses */
	struct conf_errors errors, warnings;
};

#define warn(report, file, line, ...) conf_errors_add(&(report)->warnings, file, line, __VA_ARGS__)

/* A file with secrets; true when it can be read now. `without` is what its absence means. */
static bool
check_secret_file(struct report *report, const char *path, const char *without)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT)
			warn(report, path, 0, "is not there: %s", without);
		else
			warn(report, path, 0, "cannot be looked at: %s", strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode))
		warn(report, path, 0, "is no regular file: %s", without);
	else if (st.st_size == 0)
		warn(report, path, 0, "is empty: %s", without);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		warn(report, path, 0, "mode %04o lets others at the secrets: chmod 600 %s",
		     (unsigned)st.st_mode & 07777, path);
	if (access(path, R_OK) < 0) {
		warn(report, path, 0, "cannot be read by you and is not checked: run this as root");
		return false;
	}
	return S_ISREG(st.st_mode) && st.st_size > 0;
}

static void
check_users(struct report *report)
{
	const char *path = report->conf->auth.users_file;
	struct bundle bundle;
	struct users *users;

	if (!check_secret_file(report, path, "nobody can log in") ||
	    !bundle_read_one(&bundle, path, &report->errors))
		return;
	users = users_parse(&bundle.files[0], report->conf, &report->errors, &report->warnings);
	users_free(users);
	bundle_fini(&bundle);
}

static void
check_secret(struct report *report, struct conf_peer *owner)
{
	struct conf_secret *secret = &owner->secret;
	char loss[SECRET_WHY_MAX], why[SECRET_WHY_MAX];

	if (!secret->file[0] ||
	    !check_secret_file(report, secret->file, secret_loss(owner, loss)) ||
	    secret_read(secret, why))
		return;
	warn(report, secret->file, 0, "%s; %s until it can be used", why, secret_loss(owner, loss));
}

/* Peers come in the order of the file, and the first that matches is taken. */
static void
check_peers(struct report *report)
{
	struct conf *conf = report->conf;
	struct conf_peer *owner;

	for (size_t i = 0; (owner = conf_secret_owner(conf, i)); i++)
		check_secret(report, owner);
	for (size_t i = 0; i + 1 < conf->peer_count; i++) {
		if (conf->peers[i].address_count || conf->peers[i].host_name[0])
			continue;
		warn(report, report->file, 0,
		     "[peer %s] has neither address nor host-name: it is for everybody, and no "
		     "section after it is ever used",
		     conf->peers[i].name);
		break;
	}
}

/*
 * Asks libreswan for each proposal of the list, the key's own or, where that is empty, the
 * profile's; keeps in `kept` what the daemon will use. A refused one of the administrator's is an
 * error; of the profile's it is left out.
 */
static void
check_proposals(struct report *report, const char *kind, const char *own, const char *profile,
		char *kept, size_t cap)
{
	const char *list = own[0] ? own : profile;
	size_t len = 0;

	while (*list) {
		char item[128], why[ALGPARSE_WHY_MAX];
		int item_len = (int)strcspn(list, ",");
		enum algparse answer;

		snprintf(item, sizeof(item), "%.*s", item_len, list);
		list += item_len;
		list += strspn(list, ", \t");
		answer = algparse(kind, item, why);
		if (answer == ALGPARSE_REFUSED && own[0])
			conf_errors_add(&report->errors, report->file, 0,
					"[ipsec] %s: '%s' is refused by libreswan: %s", kind, item,
					why);
		else if (answer == ALGPARSE_REFUSED)
			warn(report, report->file, 0,
			     "[ipsec] profile: %s=%s is refused by libreswan and left out: %s",
			     kind, item, why);
		else
			len += (size_t)snprintf(kept + len, cap - len, "%s%s", len ? "," : "",
						item);
		if (answer == ALGPARSE_NO_IPSEC || answer == ALGPARSE_NO_ANSWER) {
			snprintf(kept, cap, "%s", own[0] ? own : profile);
			warn(report, report->file, 0, "[ipsec] %s: not tried, because %s", kind,
			     answer == ALGPARSE_NO_IPSEC ? "libreswan is not installed"
							 : "'ipsec algparse' does not work here");
			return;
		}
	}
	if (len == 0)
		conf_errors_add(&report->errors, report->file, 0,
				"[ipsec] %s: libreswan takes none of the proposals", kind);
}

/* Serving nobody more than `compatible` does, the weaker proposals would only weaken. */
static void
check_profile(struct report *report)
{
	enum conf_profile profile = report->conf->ipsec.profile;
	const char *needs = conf_profile_needs(profile);
	char why[ALGPARSE_WHY_MAX];

	if (!needs || report->conf->ipsec.ike[0] || algparse("ike", needs, why) != ALGPARSE_REFUSED)
		return;
	conf_errors_add(&report->errors, report->file, 0,
			"[ipsec] profile: '%s' is of no use with this libreswan, which refuses "
			"ike=%s: %s",
			conf_profile_name(profile), needs, why);
}

/* libreswan's own marks count up from 0x10000, one for each client that connects. */
#define LIBRESWAN_MARKS_END 0x1000000

static void
check_marks(struct report *report)
{
	const struct conf *conf = report->conf;
	char rule[160];

	if (conf->ipsec.marks == MARKS_IKE) {
		if (conf->ipsec.manage)
			warn(report, report->file, 0,
			     "[ipsec] marks: libreswan gives no marks to SAs, so with 'ike' only "
			     "one client behind each NAT can connect: leave it at own");
		return;
	}
	if (conf->ipsec.mark_base < LIBRESWAN_MARKS_END)
		warn(report, report->file, 0,
		     "[ipsec] mark-base: libreswan's own marks count up from 0x10000 and will meet "
		     "0x%x: choose 0x%x or more",
		     conf->ipsec.mark_base, LIBRESWAN_MARKS_END);
	if (marks_find(conf->ipsec.mark_base, rule, sizeof(rule)) == MARKS_USED)
		warn(report, report->file, 0,
		     "[ipsec] mark-base: others use marks of 0x%x to 0x%x, too: choose another "
		     "range, or change that rule: %s",
		     conf->ipsec.mark_base, conf->ipsec.mark_base + MARKS_COUNT - 1, rule);
}

/* It may be put into the database after the configuration is written, so nothing of it is an error
 * here. */
static void
check_certificate(struct report *report)
{
	const char *nickname = report->conf->ipsec.certificate;
	struct nss_cert cert;
	char ipsec[256];

	if (!nickname[0])
		return;
	if (!command_find(ipsec, sizeof(ipsec), "ipsec")) {
		warn(report, report->file, 0,
		     "[ipsec] certificate: not looked at, because libreswan is not installed");
		return;
	}
	nss_look(&cert, ipsec, nickname, time(NULL));
	if (cert.state != NSS_GOOD)
		warn(report, report->file, 0, "[ipsec] certificate: %s: %s", cert.text, cert.fix);
}

/* Without a certificate all depends on the key. */
static void
check_psk(struct report *report)
{
	const struct conf *conf = report->conf;
	struct stat st;

	if (conf->ipsec.certificate[0] &&
	    (stat(conf->ipsec.psk_file, &st) < 0 ? errno == ENOENT : st.st_size == 0))
		return;
	report->shared_key = check_secret_file(
		report, conf->ipsec.psk_file, "no client gets past IPsec without a pre-shared key");
}

static void
check_ipsec(struct report *report)
{
	const struct conf *conf = report->conf;

	if (!conf->ipsec.require)
		warn(report, report->file, 0,
		     "[ipsec] require: with 'no', sessions without IPsec are let in, in the clear");
	check_marks(report);
	if (!conf->ipsec.manage)
		return;
	if (conf->ipsec.ikev2)
		warn(report, report->file, 0,
		     "[ipsec] ikev2: serves Linux (NetworkManager-l2tp) and routers; the clients "
		     "built into Windows, macOS, iOS, Android and ChromeOS use IKEv1; with "
		     "libreswan 5.x an IKEv2 client's SA is not renewed");
	check_psk(report);
	check_certificate(report);
	check_profile(report);
	check_proposals(report, "ike", conf->ipsec.ike, conf_profile_ike(conf->ipsec.profile),
			report->ike, sizeof(report->ike));
	check_proposals(report, "esp", conf->ipsec.esp, conf_profile_esp(conf->ipsec.profile),
			report->esp, sizeof(report->esp));
}

static void
check_eap(struct report *report)
{
	const char *pppd = report->conf->ppp.pppd;
	struct eap_found found;

	if (!(report->conf->auth.methods & METHOD_EAP) || access(pppd, X_OK) < 0)
		return;
	found = eap_look(pppd);
	if (!found.any)
		conf_errors_add(&report->errors, report->file, 0,
				"[auth] methods: %.120s knows no EAP: take eap out", pppd);
	else if (!found.tls)
		warn(report, report->file, 0,
		     "[auth] methods: %.120s knows no EAP-TLS: eap is EAP-MSCHAPv2 only", pppd);
	else if (access(EAP_TLS_FILE, F_OK) < 0)
		warn(report, EAP_TLS_FILE, 0,
		     "is not there: pppd 2.4 lets nobody in by eap without it, see lnsd.conf(5)");
}

static void
check_mtu(struct report *report)
{
	unsigned mtu = report->conf->network.mtu;
	struct uplink uplink;

	uplink_look(&uplink);
	if (mtu > MTU_FITS)
		warn(report, report->file, 0,
		     "[network] mtu: %u is more than fits into 1500 bytes under IPsec: every full "
		     "packet is sent in two; 1400 is the most",
		     mtu);
	else if (mtu > uplink_fits(&uplink))
		warn(report, report->file, 0,
		     "[network] mtu: %u is more than fits under IPsec into the %u bytes of %s: "
		     "every full packet is sent in two; %u is the most",
		     mtu, uplink.mtu, uplink.iface, uplink_fits(&uplink));
}

static void
check_network(struct report *report)
{
	const struct conf *conf = report->conf;
	char text[160];

	if (overlap_find(conf, text, sizeof(text)))
		warn(report, report->file, 0,
		     "[network] pool: %s: nobody there finds a client; choose another", text);
	if (dns_probe_silent(conf, text, sizeof(text)))
		warn(report, report->file, 0,
		     "[network] dns: %s does not answer: clients would find no names; start a name "
		     "server there, or name another",
		     text);
	check_mtu(report);
}

static void
check_hurts(struct report *report)
{
	const struct conf *conf = report->conf;
	char text[160];

	if (conf->auth.methods & METHOD_PAP)
		warn(report, report->file, 0,
		     "[auth] methods: with pap the client sends its password as it is, and only "
		     "IPsec hides it");
	if (access(conf->ppp.pppd, X_OK) < 0)
		warn(report, conf->ppp.pppd, 0,
		     "is no program that can be started: install ppp, or set ppp.pppd");
	if (report->shared_key && key_weak_file(conf->ipsec.psk_file, text, sizeof(text)))
		warn(report, conf->ipsec.psk_file, 0,
		     "the key %s: who has recorded one client's IKE can try keys until one fits; "
		     "openssl rand -base64 24 makes a good one",
		     text);
	if (report->shared_key)
		warn(report, conf->ipsec.psk_file, 0,
		     "all clients share this key: certificates (ipsec.certificate) or strong PPP "
		     "passwords are what tells users apart");
}

static void
examine(struct report *report)
{
	struct bundle bundle;

	if (!bundle_read(&bundle, report->file, &report->errors))
		return;
	report->conf = conf_parse(bundle.files, bundle.count, &report->errors);
	bundle_fini(&bundle);
	if (!report->conf)
		return;
	check_users(report);
	check_peers(report);
	check_ipsec(report);
	check_eap(report);
	check_network(report);
	check_hurts(report);
}

/* Output */

static void
print_lines(FILE *out, const char *prefix, const struct conf_errors *errors)
{
	for (size_t i = 0; i < errors->kept; i++) {
		const struct conf_error *error = &errors->list[i];

		if (error->line)
			fprintf(out, "%s%s:%d: %s\n", prefix, error->file, error->line,
				error->text);
		else
			fprintf(out, "%s%s: %s\n", prefix, error->file, error->text);
	}
	if (errors->count > errors->kept)
		fprintf(out, "%sand %zu more\n", prefix, errors->count - errors->kept);
}

static bool
next_reach(const struct report *report, size_t i, struct reach *reach)
{
	return report->conf && report->conf->ipsec.manage &&
	       reach_at(i,
			&(struct reach_offer){.ike = report->ike,
					      .esp = report->esp,
					      .methods = report->conf->auth.methods},
			reach);
}

static void
print_report(const struct report *report)
{
	struct reach reach;

	print_lines(stdout, "warning: ", &report->warnings);
	if (report->errors.count > 0)
		return;
	for (size_t i = 0; next_reach(report, i, &reach); i++) {
		if (reach.works && reach.condition[0])
			printf("works with %s (%s)\n", reach.client, reach.condition);
		else if (reach.works)
			printf("works with %s\n", reach.client);
		else
			printf("not with %s: %s\n", reach.client, reach.why);
	}
	puts("ok");
}

static json_t *
lines_document(const struct conf_errors *errors)
{
	json_t *list = json_array();

	for (size_t i = 0; i < errors->kept; i++) {
		const struct conf_error *error = &errors->list[i];

		json_array_append_new(list, json_pack("{s:s, s:i, s:s}", "file", error->file,
						      "line", error->line, "text", error->text));
	}
	return list;
}

static enum exit_code
print_document(const struct report *report)
{
	json_t *with = json_array(), *without = json_array(), *conditions = json_object();
	json_t *document;
	enum exit_code code;
	struct reach reach;

	for (size_t i = 0; next_reach(report, i, &reach); i++) {
		if (reach.works)
			json_array_append_new(with, json_string(reach.client));
		if (reach.works && reach.condition[0])
			json_object_set_new(conditions, reach.client, json_string(reach.condition));
		if (!reach.works)
			json_array_append_new(without, json_pack("{s:s, s:s}", "client",
								 reach.client, "why", reach.why));
	}
	document = json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "ok", report->errors.count == 0,
			     "errors", lines_document(&report->errors), "warnings",
			     lines_document(&report->warnings), "works_with", with, "not_with",
			     without, "conditions", conditions);
	code = print_json(document);
	json_decref(document);
	return code;
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	struct report report = {.file = args[0] ? args[0] : DEFAULT_FILE};
	enum exit_code code = CODE_DONE;

	examine(&report);
	print_lines(stderr, "", &report.errors);
	if (settings->json)
		code = print_document(&report);
	else
		print_report(&report);
	if (report.errors.count > 0)
		code = CODE_REFUSED;
	conf_free(report.conf);
	conf_errors_fini(&report.errors);
	conf_errors_fini(&report.warnings);
	return code;
}

const struct verb verb_check = {
	.name = "check",
	.arg = "[FILE]",
	.most = 1,
	.summary = "is the configuration right, and whom does it serve",
	.help = "Reads FILE (" DEFAULT_FILE "), its drop-ins and the users' file as the daemon\n"
		"would; says all errors, what will hurt, and which clients find a common IPsec\n"
		"proposal. Works without the daemon; run it as root to have the secret files "
		"checked.\n",
	.prints = true,
	.run = run,
};
