/* The checks of what clients meet behind the gateway: forwarding, our rules and those of others,
 * and ways that go in circles. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "ctl.h"
#include "forward.h"
#include "lnsctl/dns_probe.h"
#include "lnsctl/doctor.h"
#include "lnsctl/field.h"
#include "lnsctl/loop.h"
#include "lnsctl/proc_number.h"

#define ASK_MS 5000

static bool
is_on(const char *path)
{
	return proc_number(path) != 0;
}

/* What it sets up is missed only where it runs. */
static bool
daemon_runs(void)
{
	return access(CTL_PATH, F_OK) == 0;
}

void
doctor_forwarding(const struct patient *patient, struct finding *finding)
{
	bool four = is_on("/proc/sys/net/ipv4/ip_forward");
	bool six = !patient->conf->network.pool6.family ||
		   is_on("/proc/sys/net/ipv6/conf/all/forwarding");

	if (four && six)
		finding_good(finding, "the kernel forwards");
	else if (patient->conf->network.nat && !daemon_runs())
		finding_good(finding, "off: lnsd switches it on when it starts");
	else
		finding_bad(finding,
			    four ? "sysctl -w net.ipv6.conf.all.forwarding=1"
				 : "sysctl -w net.ipv4.ip_forward=1",
			    "the kernel does not forward %s: clients reach the gateway alone",
			    four ? "IPv6" : "IPv4");
}

void
doctor_table(const struct patient *patient, struct finding *finding)
{
	char path[256];
	const char *const argv[] = {path, "list", "chain", "inet", "lnsd", "source", NULL};

	(void)patient;
	if (!daemon_runs())
		finding_good(finding, "not looked at: lnsd does not run");
	else if (!command_find(path, sizeof(path), "nft"))
		finding_good(finding, "not looked at: there is no nft (apt install nftables)");
	else if (command_run(argv, ASK_MS, NULL, NULL) == 0)
		finding_good(finding, "nft table inet lnsd");
	else
		finding_bad(finding, "run this as root; see lnsctl status, then lnsctl reload",
			    "there is no nft table inet lnsd");
}

void
doctor_forward_rules(const struct patient *patient, struct finding *finding)
{
	char chain[128];

	(void)patient;
	switch (forward_find(chain, sizeof(chain))) {
	case FORWARD_FREE:
		finding_good(finding, "no other table drops what is forwarded");
		break;
	case FORWARD_DROPPED:
		finding_bad(finding,
			    "accept it there: iifname \"ppp*\" and oifname \"ppp*\" (iptables: -i "
			    "ppp+, -o ppp+; with Docker in chain DOCKER-USER)",
			    "%s drops what is forwarded and not accepted there", chain);
		break;
	case FORWARD_UNKNOWN:
		finding_bad(finding, "run this as root",
			    "whether others drop what is forwarded cannot be seen");
		break;
	}
}

static void
note_masquerade(void *ctx, const char *line)
{
	bool *found = ctx;

	*found = *found || strstr(line, "masquerade");
}

void
doctor_nat(const struct patient *patient, struct finding *finding)
{
	char path[256];
	const char *const argv[] = {path, "list", "chain", "inet", "lnsd", "translate", NULL};
	bool found = false;

	if (!patient->conf->network.nat)
		finding_good(finding, "network.nat = no: other machines need a route to "
				      "network.pool by this one");
	else if (!daemon_runs() || !command_find(path, sizeof(path), "nft"))
		finding_good(finding, "not looked at: lnsd does not run, or there is no nft");
	else if (command_run(argv, ASK_MS, note_masquerade, &found) != 0)
		finding_good(finding, "not looked at: there is no table of ours to be seen");
	else if (found)
		finding_good(finding, "clients leave with this machine's address");
	else
		finding_bad(finding, "lnsctl reload",
			    "clients leave with their own addresses, which nobody answers");
}

static long
rp_filter_of(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%.40s/rp_filter", name);
	return proc_number(path);
}

/* The greater of the two counts. */
void
doctor_rp_filter(const struct patient *patient, struct finding *finding)
{
	const char *iface = patient->uplink.iface;
	long all = rp_filter_of("all"), own = iface[0] ? rp_filter_of(iface) : 0;
	char fix[200];

	snprintf(fix, sizeof(fix),
		 "sysctl -w net.ipv4.conf.all.rp_filter=2 (to keep it: echo "
		 "net.ipv4.conf.all.rp_filter=2 >/etc/sysctl.d/90-lnsd.conf)");
	if ((all > own ? all : own) == 1)
		finding_bad(finding, fix,
			    "rp_filter is strict%s%s: what comes by another interface than its "
			    "answer would leave by is dropped, decrypted packets, too",
			    iface[0] ? " on " : "", iface);
	else
		finding_good(finding, "rp_filter is %s", all || own ? "loose" : "off");
}

void
doctor_mtu(const struct patient *patient, struct finding *finding)
{
	unsigned mtu = patient->conf->network.mtu, fits = uplink_fits(&patient->uplink);
	char fix[120];

	snprintf(fix, sizeof(fix), "set network.mtu = %u, then lnsctl reload", fits);
	if (mtu > fits)
		finding_bad(finding, fix,
			    "network.mtu is %u, and %s%s lets no more than %u through in one "
			    "piece: every full packet is sent in two",
			    mtu, patient->uplink.iface[0] ? patient->uplink.iface : "a path",
			    patient->uplink.mtu ? "" : " of 1500", fits);
	else if (patient->uplink.mtu)
		finding_good(finding, "%u inside, %u on %s", mtu, patient->uplink.mtu,
			     patient->uplink.iface);
	else
		finding_good(finding, "%u inside; which interface leads out is not known", mtu);
}

void
doctor_loops(const struct patient *patient, struct finding *finding)
{
	const json_t *session;
	size_t i;

	json_array_foreach(patient->sessions, i, session)
	{
		if (loop_find(finding, field_text(session, "peer"), patient->sessions))
			return;
	}
	finding_good(finding, "%s",
		     patient->sessions ? "no client's address leads into a tunnel"
				       : "not looked at: lnsd does not answer");
}

void
doctor_dns(const struct patient *patient, struct finding *finding)
{
	char address[64];

	if (!patient->conf->network.dns_count && !patient->conf->network.dns6_count)
		finding_good(finding, "network.dns = none: clients ask the servers that they know");
	else if (dns_probe_silent(patient->conf, address, sizeof(address)))
		finding_bad(finding, "start a name server there, or name another in network.dns",
			    "%s does not answer: clients find no names", address);
	else
		finding_good(finding, "the name servers of network.dns answer");
}
