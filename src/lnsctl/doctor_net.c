/* The checks of what clients meet on the wire: forwarding, our rules, and those of others. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "ctl.h"
#include "forward.h"
#include "lnsctl/doctor.h"

#define ASK_MS 5000

static bool
is_on(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c = '0';

	if (fd < 0)
		return false;
	if (read(fd, &c, 1) != 1)
		c = '0';
	close(fd);
	return c != '0';
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
