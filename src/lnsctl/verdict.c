/*
 * The cases in the order in which they are held against the evidence: what is now before what was,
 * and what came later before what came earlier. A case takes the evidence or leaves it.
 */
#include "lnsctl/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const probe_names[PROBES] = PROBE_NAMES;

#define PORTS_FIX                                                                                  \
	"let UDP 500 and 4500 in on the way here (the provider's security group, a router); "      \
	"whether something comes shows: tcpdump -ni any 'host %s and (udp port 500 or udp port "   \
	"4500)'"

static void
good(struct finding *finding, const char *text)
{
	finding_good(finding, "%s", text);
}

/* Whether the last try got past IPsec; all times are whole seconds. */
static bool
is_history_newer(const struct evidence *e)
{
	time_t ike = e->tale.protected ? e->tale.protected : e->tale.begun;

	return e->past.any && e->past.end >= ike;
}

/* An SA of its last try: one that the kernel still has while another try is under way is of before.
 */
static bool
has_sa(const struct evidence *e)
{
	return e->sas.in.sas > 0 && (e->tale.stage == PLUTO_IPSEC || e->tale.stage == PLUTO_SILENT);
}

/* The client has an SA, or had one in its last try, and nothing came through it. */
static bool
nothing_comes(const struct evidence *e)
{
	if (has_sa(e))
		return e->sas.in.packets == 0;
	return e->tale.stage == PLUTO_IPSEC && e->tale.counted && e->tale.none_in;
}

static bool
something_comes(const struct evidence *e)
{
	if (has_sa(e))
		return e->sas.in.packets > 0;
	return e->tale.stage == PLUTO_IPSEC && e->tale.counted && !e->tale.none_in;
}

static bool
something_leaves(const struct evidence *e)
{
	return has_sa(e) ? e->sas.out.packets > 0 : !e->tale.none_out;
}

static bool
is_behind_nat(const struct evidence *e)
{
	return has_sa(e) ? e->sas.nat : e->tale.nat;
}

/* ── what is now ────────────────────────────────────────────────────────────────────────── */

static bool
is_banned(const struct evidence *e, struct finding *finding)
{
	char fix[128];

	if (!e->ban.any)
		return false;
	snprintf(fix, sizeof(fix), "lnsctl bans del %s", e->client);
	finding_bad(finding, fix, "shut out until %s: %s", e->ban.until, e->ban.reason);
	return true;
}

static bool
is_looped(const struct evidence *e, struct finding *finding)
{
	if (e->looped)
		*finding = e->loop;
	return e->looped;
}

static bool
is_connected(const struct evidence *e, struct finding *finding)
{
	if (!e->session.up)
		return false;
	finding_good(finding,
		     "%s is connected with the address %s: %" PRId64 " packets from it, %" PRId64
		     " to it",
		     e->session.user, e->session.address, e->session.rx_packets,
		     e->session.tx_packets);
	return true;
}

static bool
is_waited_for(const struct evidence *e, struct finding *finding)
{
	char fix[256];

	/* one that was given up for another, which came to a login */
	if (!e->tunnel.waiting || !e->tunnel.retransmits ||
	    (is_history_newer(e) && e->past.end >= e->tunnel.since))
		return false;
	snprintf(fix, sizeof(fix),
		 "see that what leaves here reaches it: ip route get %s; let ESP and UDP 4500 out "
		 "and back to it (a firewall on the way, the client's own)",
		 e->client);
	finding_bad(finding, fix,
		    "its first message (SCCRQ) came, and lnsd's answer was sent %" PRId64
		    " times without one: what goes back is lost",
		    e->tunnel.retransmits + 1);
	return true;
}

static bool
is_under_way(const struct evidence *e, struct finding *finding)
{
	if (!e->session.any)
		return false;
	good(finding, "it is logging in now");
	return true;
}

/* ── what the history says ──────────────────────────────────────────────────────────────── */

/* The cause is the case's name. @: the user, where that is fit for a command. */
static const struct {
	const char *cause, *fix;
} refusals[] = {
	{"wrong-password",
	 "give the client the right password, or set another: lnsctl user passwd @"},
	{"unknown-user", "mend the name at the client (no domain before it), or: lnsctl user add "
			 "@"},
	{"expired", "lnsctl user set @ expires=DATE (a later one; none: expires=)"},
	{"disabled", "lnsctl user enable @"},
	{"user-removed", "lnsctl user add @"},
	{"limit", "lnsctl disconnect @, or let the user have more: lnsctl user set @ "
		  "sessions=N (auth.max-sessions-per-user is everybody's)"},
	{"no-address", "widen network.pool, then lnsctl reload"},
	{"method", "add what the client offers to auth.methods (a hash in the users' file serves "
		   "mschapv2 and eap alone), then lnsctl reload; or tick MS-CHAP v2 at the client"},
	{"wrong-code", "the user types the password and behind it the six digits; see that the "
		       "clocks agree: timedatectl"},
	{"radius-down", "lnsctl status tells which RADIUS servers do not answer"},
	{"radius-reject", "see the RADIUS server's log for @"},
	{"banned", "lnsctl bans; then lnsctl bans del ADDRESS"},
};

static void
put_name(char *out, size_t cap, const char *text, const char *name)
{
	size_t len = 0;

	for (; *text && len + 1 < cap; text++) {
		if (*text == '@')
			len += (size_t)snprintf(out + len, cap - len, "%.60s", name);
		else
			out[len++] = *text;
	}
	out[len < cap ? len : cap - 1] = '\0';
}

static bool
is_refused(const struct evidence *e, struct finding *finding)
{
	char fix[256] = "lnsctl history tells when and how often";

	if (!is_history_newer(e) || !e->past.refused)
		return false;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (strcmp(e->past.cause, refusals[i].cause) == 0)
			put_name(fix, sizeof(fix), refusals[i].fix, finding_name(e->past.user));
	}
	finding_bad(finding, fix, "%s was refused at %s: %s", e->past.user, e->past.when,
		    e->past.text);
	return true;
}

static bool
is_over(const struct evidence *e, struct finding *finding)
{
	if (!is_history_newer(e) || e->past.refused)
		return false;
	finding_good(finding, "%s was connected, until %s: %s", e->past.user, e->past.when,
		     e->past.text);
	return true;
}

/* ── IKE ────────────────────────────────────────────────────────────────────────────────── */

static bool
has_wrong_key(const struct evidence *e, struct finding *finding)
{
	char fix[384];

	if (e->tale.fault != PLUTO_WRONG_KEY)
		return false;
	snprintf(fix, sizeof(fix), "give the client the key that stands in %s", e->psk_file);
	finding_bad(finding, fix, "it has another pre-shared key than we (%u tr%s within the hour)",
		    e->tale.wrong_keys, e->tale.wrong_keys == 1 ? "y" : "ies");
	return true;
}

static bool
has_no_proposal(const struct evidence *e, struct finding *finding)
{
	if (e->tale.fault == PLUTO_NO_IKE_PROPOSAL)
		finding_bad(
			finding,
			strstr(e->tale.offered, "GROUP 2") && !strchr(e->tale.offered, '(')
				? "use another client: it knows DH group 2 (modp1024) alone, as "
				  "Android to 11, which this libreswan cannot do"
				: "add one that it offers to ipsec.ike, then lnsctl reload; "
				  "lnsctl check tells whom the proposals serve",
			"no common IKE proposal; it offers: %s; allowed: %.160s",
			e->tale.offered[0] ? e->tale.offered : "(not said)", e->ike);
	else if (e->tale.fault == PLUTO_NO_ESP_PROPOSAL)
		finding_bad(finding,
			    "add one that it offers to ipsec.esp, then lnsctl reload (MikroTik: "
			    "pfs-group=none at the client)",
			    "no common ESP proposal; libreswan does not say what it offers; "
			    "allowed: %.200s",
			    e->esp);
	else
		return false;
	return true;
}

static const struct {
	enum pluto_fault fault;
	const char *text, *fix;
} faults[] = {
	{PLUTO_AGGRESSIVE, "it asks in IKE's aggressive mode: a group name is set",
	 "leave 'group name' or 'IPsec identifier' empty at the client"},
	{PLUTO_IKEV2, "it speaks IKEv2, which is not offered",
	 "choose L2TP/IPsec with IKEv1 at the client, or set ipsec.ikev2 = yes"},
	{PLUTO_NO_CONN, "libreswan has no connection for it",
	 "lnsctl doctor tells which of lnsd's connections are missing"},
	{PLUTO_SELECTOR, "it wants IPsec for something else than UDP 1701 of this machine",
	 "choose L2TP/IPsec (not IPsec or XAuth alone) at the client"},
	{PLUTO_CERTIFICATE, "libreswan does not take its certificate",
	 "lnsctl cert list: was it issued by our CA, is it valid, is it revoked?"},
	{PLUTO_KERNEL, "the kernel refused its SA", "modprobe -a esp4 esp6; lnsctl doctor"},
};

static bool
has_fault(const struct evidence *e, struct finding *finding)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (e->tale.fault != faults[i].fault)
			continue;
		finding_bad(finding, faults[i].fix, "%s%s%s", faults[i].text,
			    e->tale.why[0] ? ": " : "", e->tale.why);
		return true;
	}
	return false;
}

/* ── rules of this machine ──────────────────────────────────────────────────────────────── */

/* By how far it came: what it would have sent next is what is missed. */
static bool
is_dropped_here(const struct evidence *e, struct finding *finding)
{
	enum probe probe = PROBES;
	char fix[256];

	if (something_comes(e) && !something_leaves(e))
		probe = PROBE_L2TP;
	else if (nothing_comes(e))
		probe = is_behind_nat(e) ? PROBE_NATT : PROBE_ESP;
	else if (e->tale.stage == PLUTO_R2)
		probe = PROBE_NATT;
	else if (e->tale.stage == PLUTO_SILENT && !has_sa(e))
		probe = e->rule[PROBE_IKE][0] ? PROBE_IKE : PROBE_NATT;
	if (probe == PROBES || !e->rule[probe][0])
		return false;
	finding_bad(finding, finding_open(fix, e->rule[probe], probe_names[probe]),
		    "this machine drops what it sends, %s: %s", probe_names[probe], e->rule[probe]);
	return true;
}

/* ── what came of the SA ────────────────────────────────────────────────────────────────── */

static bool
is_without_encapsulation(const struct evidence *e, struct finding *finding)
{
	if (!nothing_comes(e) || !is_behind_nat(e))
		return false;
	finding_bad(finding,
		    "on the client, as administrator: reg add "
		    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent /v "
		    "AssumeUDPEncapsulationContextOnSendRule /t REG_DWORD /d 2 /f, then restart it",
		    "it has an SA through a NAT and sends nothing through it%s: so does Windows "
		    "behind NAT without AssumeUDPEncapsulationContextOnSendRule (its error 809)",
		    e->tale.silent > 1 ? ", again and again" : "");
	return true;
}

static bool
is_esp_blocked(const struct evidence *e, struct finding *finding)
{
	char fix[256];

	if (!nothing_comes(e))
		return false;
	snprintf(fix, sizeof(fix),
		 "let IP protocol 50 (ESP) pass between %s and this machine, in both ways (the "
		 "provider's security group, a router)",
		 e->client);
	finding_bad(finding, fix,
		    "it has an SA, without NAT, and nothing comes through it: ESP (IP protocol 50) "
		    "is blocked on the way");
	return true;
}

static bool
is_not_answered(const struct evidence *e, struct finding *finding)
{
	char fix[256];

	if (!something_comes(e) || !something_leaves(e) || e->tunnel.any)
		return false;
	snprintf(fix, sizeof(fix),
		 "see that what leaves here reaches it: ip route get %s; let ESP and UDP 4500 out "
		 "and back to it (a firewall on the way, the client's own)",
		 e->client);
	finding_bad(finding, fix,
		    "L2TP came through its SA and was answered, and no login came of it: what goes "
		    "back is lost");
	return true;
}

static bool
is_without_daemon(const struct evidence *e, struct finding *finding)
{
	if (!something_comes(e) || e->daemon_seen)
		return false;
	finding_bad(finding, "systemctl start lnsd",
		    "its SA carries packets, and lnsd does not answer here");
	return true;
}

static bool
is_not_l2tp(const struct evidence *e, struct finding *finding)
{
	char fix[160];

	if (!something_comes(e) || something_leaves(e) || e->tunnel.any)
		return false;
	snprintf(
		fix, sizeof(fix),
		"lnsctl status --json tells under 'dropped' what was not used, and why; journalctl "
		"-u lnsd");
	finding_bad(finding, fix,
		    "packets come through its SA, and none of them opened a tunnel (no SCCRQ)");
	return true;
}

/* ── what came of IKE ───────────────────────────────────────────────────────────────────── */

static bool
is_ike_not_answered(const struct evidence *e, struct finding *finding)
{
	char fix[256];

	if (e->tale.stage != PLUTO_R1 && (e->tale.stage != PLUTO_R2 || !e->tale.repeats))
		return false;
	snprintf(fix, sizeof(fix),
		 "see that what leaves here reaches it: ip route get %s; let UDP 500 out and back "
		 "to "
		 "it (a firewall on the way, the client's own)",
		 e->client);
	finding_bad(finding, fix,
		    "it asks on UDP 500, and our answer does not reach it (it asked again: %u)",
		    e->tale.repeats);
	return true;
}

static bool
is_4500_blocked(const struct evidence *e, struct finding *finding)
{
	if (e->tale.stage != PLUTO_R2)
		return false;
	finding_bad(finding,
		    "let UDP 4500 in on the way here (the provider's security group, a router)",
		    "UDP 500 gets through, and what must follow on UDP 4500 does not come: it is "
		    "blocked on the way");
	return true;
}

static bool
is_ike_alone(const struct evidence *e, struct finding *finding)
{
	if (e->tale.stage != PLUTO_IKE && e->tale.stage != PLUTO_ASKED)
		return false;
	finding_bad(finding, "journalctl -t pluto tells all that libreswan says of it",
		    "IKE began, and came to no SA; libreswan gives no reason that is known here");
	return true;
}

static bool
is_protected_only(const struct evidence *e, struct finding *finding)
{
	if (!has_sa(e) && e->tale.stage != PLUTO_IPSEC)
		return false;
	finding_good(finding, "it has an SA; what follows is under way");
	return true;
}

static bool
is_unknown(const struct evidence *e, struct finding *finding)
{
	char fix[160];

	if (e->log_seen && e->sas_seen)
		return false;
	snprintf(fix, sizeof(fix), "sudo lnsctl doctor --client %s", e->client);
	finding_bad(finding, fix,
		    "nothing is known of it, and %s cannot be seen by you: nothing can be said",
		    !e->log_seen ? "libreswan's log" : "the kernel's IPsec");
	return true;
}

static bool
is_silent(const struct evidence *e, struct finding *finding)
{
	char fix[320];

	snprintf(fix, sizeof(fix), PORTS_FIX, e->client);
	finding_bad(finding, fix,
		    "nothing of it has arrived on UDP 500 or 4500 within the last hour%s",
		    e->rules_seen ? ", and no rule of this machine drops it" : "");
	return true;
}

static const struct {
	const char *name;
	bool (*is)(const struct evidence *e, struct finding *finding);
} cases[] = {
	{"banned", is_banned},
	{"return-path-lost", is_looped},
	{"connected", is_connected},
	{"logging-in", is_under_way},
	{"return-path-lost", is_waited_for},
	{"wrong-psk", has_wrong_key},
	{"no-common-proposal", has_no_proposal},
	{"ike-refused", has_fault},
	{"refused", is_refused},
	{"ended", is_over},
	{"protocol-blocked", is_dropped_here},
	{"nat-without-encapsulation", is_without_encapsulation},
	{"protocol-blocked", is_esp_blocked},
	{"no-daemon", is_without_daemon},
	{"return-path-lost", is_not_answered},
	{"no-l2tp", is_not_l2tp},
	{"return-path-lost", is_ike_not_answered},
	{"protocol-blocked", is_4500_blocked},
	{"ike-unfinished", is_ike_alone},
	{"under-way", is_protected_only},
	{"not-seen", is_unknown},
	{"nothing-arrived", is_silent},
};

const char *
verdict_find(const struct evidence *evidence, struct finding *finding)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!cases[i].is(evidence, finding))
			continue;
		/* a refusal is a case by its cause */
		if (cases[i].is == is_refused)
			return evidence->past.cause;
		return cases[i].name;
	}
	return "not-seen";
}
