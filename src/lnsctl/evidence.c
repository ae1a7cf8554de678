#include "lnsctl/evidence.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "kept.h"
#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/loop.h"
#include "rules.h"

#define ASK_MS 10000
/* The end of a log file that is read */
#define LOG_BYTES (4L << 20)

static const struct {
	uint8_t protocol;
	uint16_t port;
	bool decrypted;
} probes[PROBES] = {
	[PROBE_IKE] = {IPPROTO_UDP, 500, false},
	[PROBE_NATT] = {IPPROTO_UDP, 4500, false},
	[PROBE_ESP] = {IPPROTO_ESP, 0, false},
	[PROBE_L2TP] = {IPPROTO_UDP, 1701, true},
};

/* An address in the form that everybody writes it in */
static bool
take_address(struct evidence *evidence, const char *text)
{
	evidence->family = strchr(text, ':') ? 6 : 4;
	return inet_pton(evidence->family == 4 ? AF_INET : AF_INET6, text, evidence->ip) == 1 &&
	       inet_ntop(evidence->family == 4 ? AF_INET : AF_INET6, evidence->ip, evidence->client,
			 sizeof(evidence->client));
}

/* ── pluto's log ────────────────────────────────────────────────────────────────────────── */

static void
take_log_line(void *ctx, const char *line)
{
	struct evidence *evidence = ctx;

	pluto_tale_line(&evidence->tale, line, evidence->now);
}

static bool
read_log_file(struct evidence *evidence, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (!file)
		return false;
	/* A short one has no such place, and is read from its beginning; the first line of a long
	 * one may be half a line, which is about nobody. */
	(void)fseek(file, -LOG_BYTES, SEEK_END);
	while ((len = getline(&line, &room, file)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		take_log_line(evidence, line);
	}
	free(line);
	fclose(file);
	return true;
}

/* `export logfile='/var/log/pluto.log'` */
static void
take_setup(void *ctx, const char *line)
{
	static const char begin[] = "export logfile='";
	struct evidence *evidence = ctx;

	if (strncmp(line, begin, strlen(begin)) != 0)
		return;
	line += strlen(begin);
	snprintf(evidence->log, sizeof(evidence->log), "%.*s", (int)strcspn(line, "'"), line);
}

/* Where pluto writes: the configuration says it, or libreswan's own. "": to the journal. */
static void
find_log(struct evidence *evidence, const char *file)
{
	char ipsec[256];
	const char *const argv[] = {ipsec, "addconn", "--configsetup", NULL};

	snprintf(evidence->log, sizeof(evidence->log), "%s", file);
	if (!file[0] && command_find(ipsec, sizeof(ipsec), "ipsec"))
		command_run(argv, ASK_MS, take_setup, evidence);
}

/* Fields with an underscore are the journal's own word. */
static bool
read_journal(struct evidence *evidence)
{
	char program[256];
	const char *const journal[] = {
		program,       "--quiet",	 "--no-pager",	"--output=short-unix",
		"--since=-1h", "--lines=100000", "_COMM=pluto", "_UID=0",
		NULL};
	bool answered = command_find(program, sizeof(program), "journalctl") &&
			command_run(journal, ASK_MS, take_log_line, evidence) == 0;

	/* who may not read it is shown an empty one */
	return answered && (evidence->tale.lines > 0 || geteuid() == 0);
}

static void
read_log(struct evidence *evidence, const char *file)
{
	evidence->tale.family = evidence->family;
	memcpy(evidence->tale.ip, evidence->ip, sizeof(evidence->ip));
	evidence->tale.since = evidence->now - EVIDENCE_SINCE_S;
	find_log(evidence, file);
	evidence->log_seen =
		evidence->log[0] ? read_log_file(evidence, evidence->log) : read_journal(evidence);
	if (!evidence->log[0])
		snprintf(evidence->log, sizeof(evidence->log), "the journal");
}

/* ── the kernel ─────────────────────────────────────────────────────────────────────────── */

static void
look_at_sas(struct evidence *evidence)
{
	evidence->sas.client = evidence->client;
	evidence->sas_seen = sa_look_ask(&evidence->sas);
	way_find(&evidence->way, evidence->client);
}

static void
look_at_rules(struct evidence *evidence)
{
	struct rules *rules = rules_new();

	evidence->rules_seen = rules && rules_ask(rules);
	for (size_t i = 0; rules && i < PROBES; i++) {
		struct rules_packet packet = {.protocol = probes[i].protocol,
					      .port = probes[i].port,
					      .decrypted = probes[i].decrypted,
					      .family = evidence->family};

		memcpy(packet.ip, evidence->ip, sizeof(packet.ip));
		/* by which one it comes is not known when the answers go astray */
		if (!evidence->looped)
			memcpy(packet.iface, evidence->way.iface, sizeof(packet.iface));
		rules_drop(rules, &packet, evidence->rule[i], sizeof(evidence->rule[i]));
	}
	rules_free(rules);
}

/* ── the daemon ─────────────────────────────────────────────────────────────────────────── */

static void
copy(char *out, size_t cap, const json_t *object, const char *key)
{
	snprintf(out, cap, "%s", field_text(object, key));
}

static bool
is_peer(const struct evidence *evidence, const json_t *row)
{
	return strcmp(field_text(row, "peer"), evidence->client) == 0;
}

/* Those that are up before those that are not yet */
static void
take_session(struct evidence *evidence, const json_t *row)
{
	bool up = strcmp(field_text(row, "state"), "up") == 0;

	if (!is_peer(evidence, row) || (evidence->session.any && !up))
		return;
	evidence->session.any = true;
	evidence->session.up = up;
	copy(evidence->session.id, sizeof(evidence->session.id), row, "id");
	copy(evidence->session.user, sizeof(evidence->session.user), row, "user");
	copy(evidence->session.address, sizeof(evidence->session.address), row, "address");
	evidence->session.rx_packets = field_number(row, "rx_packets");
	evidence->session.tx_packets = field_number(row, "tx_packets");
}

/* Anybody's may be the one that swallows our answers. */
static void
take_loop(struct evidence *evidence, const json_t *sessions)
{
	evidence->looped = loop_judge(&evidence->loop, evidence->client, &evidence->way, sessions);
}

/* "2026-11-21T14:05:33Z"; 0: it is none */
static time_t
moment_of(const json_t *row, const char *key)
{
	struct tm tm = {.tm_isdst = 0};

	return strptime(field_text(row, key), "%Y-%m-%dT%H:%M:%SZ", &tm) ? timegm(&tm) : 0;
}

/* One that waits tells most. */
static void
take_tunnel(struct evidence *evidence, const json_t *row)
{
	bool waiting = strcmp(field_text(row, "state"), "wait-ctl-conn") == 0;

	if (!is_peer(evidence, row) || evidence->tunnel.waiting)
		return;
	evidence->tunnel.any = true;
	evidence->tunnel.waiting = waiting;
	evidence->tunnel.since = moment_of(row, "since");
	copy(evidence->tunnel.state, sizeof(evidence->tunnel.state), row, "state");
	evidence->tunnel.retransmits = field_number(row, "retransmits");
}

/* "10.9.0.2", "2001:db8:1::/64" */
static void
take_ban(struct evidence *evidence, const json_t *row)
{
	char text[64];
	uint8_t ip[16];

	copy(text, sizeof(text), row, "address");
	text[strcspn(text, "/")] = '\0';
	if (inet_pton(evidence->family == 4 ? AF_INET : AF_INET6, text, ip) != 1 ||
	    memcmp(ip, evidence->ip, evidence->family == 4 ? 4 : 8) != 0)
		return;
	evidence->ban.any = true;
	copy(evidence->ban.reason, sizeof(evidence->ban.reason), row, "reason");
	copy(evidence->ban.until, sizeof(evidence->ban.until), row, "until");
}

static void
ask_daemon(struct evidence *evidence, const struct settings *settings)
{
	static const struct {
		const char *verb;
		void (*take)(struct evidence *evidence, const json_t *row);
		void (*take_all)(struct evidence *evidence, const json_t *rows);
	} questions[] = {{"sessions", take_session, take_loop},
			 {"tunnels", take_tunnel, NULL},
			 {"bans", take_ban, NULL}};

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct answer answer;
		const json_t *row;
		size_t n;

		client_ask(settings, questions[i].verb, NULL, &answer);
		evidence->daemon_seen = answer.code == CODE_DONE;
		json_array_foreach(answer.data, n, row) questions[i].take(evidence, row);
		if (questions[i].take_all)
			questions[i].take_all(evidence, answer.data);
		json_decref(answer.data);
		if (!evidence->daemon_seen)
			return;
	}
}

/* ── the history ────────────────────────────────────────────────────────────────────────── */

static void
take_past(struct evidence *evidence, const json_t *entry)
{
	time_t end = moment_of(entry, "end");

	if (!is_peer(evidence, entry) || end < evidence->now - EVIDENCE_SINCE_S)
		return;
	evidence->past.any = true;
	evidence->past.end = end;
	evidence->past.refused = field_true(entry, "refused");
	copy(evidence->past.user, sizeof(evidence->past.user), entry, "user");
	copy(evidence->past.cause, sizeof(evidence->past.cause), entry, "cause");
	copy(evidence->past.text, sizeof(evidence->past.text), entry, "text");
	copy(evidence->past.when, sizeof(evidence->past.when), entry, "end");
}

/* One that is not there is empty. */
static bool
read_history(struct evidence *evidence, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (!file)
		return errno == ENOENT;
	while ((len = getline(&line, &room, file)) > 0) {
		json_t *entry =
			len <= HISTORY_LINE_MAX ? json_loadb(line, (size_t)len, 0, NULL) : NULL;

		take_past(evidence, entry);
		json_decref(entry);
	}
	free(line);
	fclose(file);
	return true;
}

bool
evidence_gather(struct evidence *evidence, const struct settings *settings,
		const struct patient *patient, const char *client)
{
	const struct conf *conf = patient->conf;
	const char *history = settings->of[OPT_FILE] ? settings->of[OPT_FILE] : HISTORY_PATH;
	char old[512];

	*evidence = (struct evidence){.now = time(NULL), .psk_file = conf->ipsec.psk_file};
	if (!take_address(evidence, client))
		return false;
	evidence->ike =
		conf->ipsec.ike[0] ? conf->ipsec.ike : conf_profile_ike(conf->ipsec.profile);
	evidence->esp =
		conf->ipsec.esp[0] ? conf->ipsec.esp : conf_profile_esp(conf->ipsec.profile);
	read_log(evidence, conf->ipsec.log_file);
	look_at_sas(evidence);
	ask_daemon(evidence, settings);
	look_at_rules(evidence);
	snprintf(old, sizeof(old), "%.480s" HISTORY_OLD, history);
	evidence->history_seen = read_history(evidence, old) && read_history(evidence, history);
	return true;
}
