/* `doctor --client ADDRESS`: the evidence, a row each, and what follows from it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lnsctl/doctor.h"
#include "lnsctl/evidence.h"
#include "lnsctl/table.h"
#include "lnsctl/verdict.h"

static const char *const probe_names[PROBES] = PROBE_NAMES;

/* What this user may not look at */
static void
unseen(struct finding *finding, const struct evidence *e, const char *what)
{
	char fix[128];

	snprintf(fix, sizeof(fix), "sudo lnsctl doctor --client %s", e->client);
	finding_bad(finding, fix, "%s cannot be seen by you", what);
}

static void
tell_ike(const struct evidence *e, struct finding *finding)
{
	static const char *const stages[] = {
		[PLUTO_SILENT] = "nothing of it",	 [PLUTO_ASKED] = "it asked",
		[PLUTO_R1] = "it was answered once",	 [PLUTO_R2] = "it was answered twice",
		[PLUTO_IKE] = "it has proved who it is", [PLUTO_IPSEC] = "it got an SA",
	};
	char text[128];

	if (!e->log_seen) {
		snprintf(text, sizeof(text), "libreswan's log in %.90s", e->log);
		unseen(finding, e, text);
		return;
	}
	finding_good(finding, "in %.200s within the hour: %s (%zu lines)", e->log,
		     stages[e->tale.stage], e->tale.heard);
}

static void
tell_sas(const struct evidence *e, struct finding *finding)
{
	char in[HUMAN_MAX], out[HUMAN_MAX];

	if (!e->sas_seen)
		unseen(finding, e, "the kernel's IPsec");
	else if (!e->sas.in.sas)
		finding_good(finding, "none now");
	else
		finding_good(finding,
			     "%s: %" PRIu64 " packets in (%s), %" PRIu64 " out (%s), since %s",
			     e->sas.nat ? "through a NAT" : "without NAT", e->sas.in.packets,
			     human_bytes(in, (int64_t)e->sas.in.bytes), e->sas.out.packets,
			     human_bytes(out, (int64_t)e->sas.out.bytes), e->sas.in.since);
}

static void
tell_daemon(const struct evidence *e, struct finding *finding)
{
	if (!e->daemon_seen)
		finding_bad(finding, "systemctl start lnsd; or sudo lnsctl",
			    "lnsd does not answer");
	else if (!e->tunnel.any)
		finding_good(finding, "no tunnel now");
	else if (!e->session.any)
		finding_good(finding, "a tunnel, %s, %" PRId64 " retransmissions; no session",
			     e->tunnel.state, e->tunnel.retransmits);
	else
		finding_good(finding, "session %s of \"%s\", %s", e->session.id, e->session.user,
			     e->session.up ? "up" : "not up yet");
}

static void
tell_history(const struct evidence *e, struct finding *finding)
{
	if (!e->history_seen)
		unseen(finding, e, "the history");
	else if (!e->past.any)
		finding_good(finding, "no login and no refusal within the hour");
	else
		finding_good(finding, "at %s \"%s\" %s: %s", e->past.when, e->past.user,
			     e->past.refused ? "was refused" : "went", e->past.text);
}

static void
tell_rules(const struct evidence *e, struct finding *finding)
{
	char fix[256];

	for (enum probe probe = 0; probe < PROBES; probe++) {
		if (!e->rule[probe][0])
			continue;
		finding_bad(finding, finding_open(fix, e->rule[probe], probe_names[probe]),
			    "%s of it is dropped by %s", probe_names[probe], e->rule[probe]);
		return;
	}
	if (e->rules_seen)
		finding_good(finding, "no rule of this machine drops what it sends");
	else
		unseen(finding, e, "what the rules of this machine drop");
}

bool
doctor_client(json_t *report, const struct settings *settings, const struct patient *patient,
	      const char *client)
{
	static const struct {
		const char *name;
		void (*tell)(const struct evidence *evidence, struct finding *finding);
	} rows[] = {{"ike", tell_ike},
		    {"sa", tell_sas},
		    {"tunnel", tell_daemon},
		    {"history", tell_history},
		    {"rules", tell_rules}};
	struct evidence evidence;
	struct finding finding;
	const char *name;

	if (!evidence_gather(&evidence, settings, patient, client))
		return false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rows[i].tell(&evidence, &finding);
		doctor_add(report, rows[i].name, &finding);
	}
	name = verdict_find(&evidence, &finding);
	doctor_add(report, "verdict", &finding);
	json_object_set_new(json_array_get(report, json_array_size(report) - 1), "case",
			    json_string(name));
	return true;
}
