/* The checks of the way in: who has UDP 1701, what protects it, and what drops a client's packets.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "lnsctl/doctor.h"

#define ASK_MS 5000

struct holder {
	bool any;
	char name[64]; /* "xl2tpd"; "" not shown to us */
};

/* `UNCONN 0 0 0.0.0.0:1701 0.0.0.0:* users:(("xl2tpd",pid=812,fd=3))` */
static void
take_holder(void *ctx, const char *line)
{
	struct holder *holder = ctx;
	const char *users = strstr(line, "users:((\"");

	holder->any = true;
	if (users && !holder->name[0]) {
		users += strlen("users:((\"");
		snprintf(holder->name, sizeof(holder->name), "%.*s", (int)strcspn(users, "\""),
			 users);
	}
}

static bool
look_at_port(struct holder *holder, uint16_t port)
{
	char path[256], filter[32];
	const char *const argv[] = {path, "-lunpH", filter, NULL};

	snprintf(filter, sizeof(filter), "sport = :%u", port);
	return command_find(path, sizeof(path), "ss") &&
	       command_run(argv, ASK_MS, take_holder, holder) == 0;
}

/* Its processes say which of them they are: "lnsd: worker". */
static bool
is_lnsd(const char *name)
{
	return strcmp(name, "lnsd") == 0 || strncmp(name, "lnsd:", 5) == 0;
}

void
doctor_port(const struct patient *patient, struct finding *finding)
{
	uint16_t port = patient->conf->server.port;
	struct holder holder = {.any = false};
	char fix[160];

	if (!look_at_port(&holder, port)) {
		finding_good(finding, "not looked at: there is no ss (apt install iproute2)");
	} else if (!holder.any && patient->daemon) {
		finding_bad(finding, "systemctl restart lnsd",
			    "lnsd answers, and nobody listens on UDP %u", port);
	} else if (!holder.any) {
		finding_good(finding, "UDP %u is free for lnsd", port);
	} else if (is_lnsd(holder.name) || (patient->daemon && !holder.name[0])) {
		finding_good(finding, "lnsd has UDP %u", port);
	} else if (!holder.name[0]) {
		finding_bad(finding, "run this as root",
			    "somebody has UDP %u; who it is cannot be seen by you", port);
	} else {
		snprintf(fix, sizeof(fix), "systemctl disable --now %s", holder.name);
		finding_bad(finding, fix, "%s has UDP %u, which lnsd needs", holder.name, port);
	}
}

struct cover {
	uint16_t port;
	bool at_port, in;
};

/* `src 0.0.0.0/0 dst 0.0.0.0/0 proto udp dport 1701`, and then `dir in action block …` */
static void
take_policy(void *ctx, const char *line)
{
	struct cover *cover = ctx;
	const char *port = strstr(line, "dport ");

	if (strncmp(line, "src ", 4) == 0)
		cover->at_port = port && strstr(line, "proto udp") &&
				 strtoul(port + strlen("dport "), NULL, 10) == cover->port;
	else if (cover->at_port && strstr(line, "dir in") && strstr(line, "action block"))
		cover->in = true;
}

/* What comes to UDP 1701 without ESP is dropped by a policy that blocks. */
void
doctor_cover(const struct patient *patient, struct finding *finding)
{
	struct cover cover = {.port = patient->conf->server.port};
	char path[256];
	const char *const argv[] = {path, "xfrm", "policy", NULL};

	if (!patient->conf->ipsec.require)
		finding_bad(finding, "set ipsec.require = yes and restart lnsd",
			    "ipsec.require = no: L2TP is taken in the clear, too");
	else if (!patient->daemon)
		finding_good(finding, "not looked at: lnsd does not answer");
	else if (!command_find(path, sizeof(path), "ip") ||
		 command_run(argv, ASK_MS, take_policy, &cover) != 0)
		finding_bad(finding, "run this as root",
			    "whether UDP %u is protected cannot be seen by you", cover.port);
	else if (cover.in)
		finding_good(finding, "UDP %u takes nothing but what came by IPsec", cover.port);
	else
		finding_bad(finding, "systemctl restart lnsd",
			    "no policy keeps what is in the clear from UDP %u", cover.port);
}

/* Of a client that may be anybody */
static void
tell_way_in(const struct patient *patient, struct finding *finding, const char *what,
	    const struct rules_packet *kind)
{
	struct rules_packet packet = *kind;
	char where[384], fix[256];

	if (!patient->rules) {
		finding_bad(finding, "run this as root (apt install nftables, where it is missing)",
			    "whether a rule of this machine drops %s cannot be seen", what);
		return;
	}
	packet.family = 4;
	memcpy(packet.iface, patient->uplink.iface, sizeof(packet.iface));
	if (rules_drop(patient->rules, &packet, where, sizeof(where)))
		finding_bad(finding, finding_open(fix, where, what), "%s is dropped by %s", what,
			    where);
	else
		finding_good(finding, "no rule of this machine drops %s%s", what,
			     packet.decrypted ? " that came by IPsec" : "");
}

void
doctor_udp500(const struct patient *patient, struct finding *finding)
{
	tell_way_in(patient, finding, "udp 500",
		    &(struct rules_packet){.protocol = IPPROTO_UDP, .port = 500});
}

void
doctor_udp4500(const struct patient *patient, struct finding *finding)
{
	tell_way_in(patient, finding, "udp 4500",
		    &(struct rules_packet){.protocol = IPPROTO_UDP, .port = 4500});
}

void
doctor_esp(const struct patient *patient, struct finding *finding)
{
	tell_way_in(patient, finding, "esp", &(struct rules_packet){.protocol = IPPROTO_ESP});
}

void
doctor_udp1701(const struct patient *patient, struct finding *finding)
{
	tell_way_in(patient, finding, "udp 1701",
		    &(struct rules_packet){.protocol = IPPROTO_UDP,
					   .port = patient->conf->server.port,
					   .decrypted = true});
}
