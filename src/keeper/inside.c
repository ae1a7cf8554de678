#include "keeper/inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keeper/link6.h"
#include "keeper/state.h"
#include "log.h"

#define PREFIX_TEXT 64

static const char *
prefix_text(char out[PREFIX_TEXT], const struct lns_prefix *prefix)
{
	char ip[INET6_ADDRSTRLEN] = "";

	inet_ntop(AF_INET6, prefix->ip, ip, sizeof(ip));
	snprintf(out, PREFIX_TEXT, "%s/%u", ip, prefix->bits);
	return out;
}

static bool
kernel_has_ipv6(void)
{
	return access("/proc/net/if_inet6", F_OK) == 0;
}

bool
inside_wanted(const struct keeper *keeper)
{
	return keeper->conf->network.pool6.family && kernel_has_ipv6();
}

/* ── the prefix ─────────────────────────────────────────────────────────────────────────── */

static void
take_fixed(struct keeper *keeper, struct session_info *info)
{
	const struct lns_prefix *fixed = &info->grant.prefix6;
	bool right = fixed->family == 6 && fixed->bits > 0 && fixed->bits <= 64;
	char text[PREFIX_TEXT];

	if (right && pool6_take_fixed(keeper->pool6, fixed))
		info->prefix6 = *fixed;
	else
		log_warning("session=%u-%u has no IPv6: its prefix %s %s", info->ref.tid,
			    info->ref.sid, prefix_text(text, fixed),
			    right ? "is in use" : "is no IPv6 prefix of 64 bits or fewer");
}

void
inside_take(struct keeper *keeper, struct session_info *info)
{
	if (info->prefix6.family || !inside_wanted(keeper))
		return;
	if (info->grant.prefix6.family)
		take_fixed(keeper, info);
	else if (!pool6_take(keeper->pool6, info->user, &info->prefix6))
		problem_set(keeper, PROBLEM_POOL6, "warning",
			    "network.pool6 is exhausted: new sessions have no IPv6",
			    "a shorter prefix has more (lnsd.conf(5)): change network.pool6 and "
			    "reload");
}

void
inside_down(struct keeper *keeper, struct session_info *info)
{
	if (!info->prefix6.family)
		return;
	pool6_give(keeper->pool6, &info->prefix6);
	info->prefix6.family = 0;
	problem_set(keeper, PROBLEM_POOL6, "", "", "");
}

/* ── the link ───────────────────────────────────────────────────────────────────────────── */

void
inside_up(struct keeper *keeper, struct session_info *info)
{
	const struct conf *conf = keeper->conf;
	bool own_dns = info->grant.dns_count > 0;
	struct inside_link *link;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.inside.kind = WALL_INSIDE;
	msg.inside.ref = info->ref;
	link = &msg.inside.link;
	link->address = info->address;
	link->gateway = keeper->gateway;
	link->dns_count = (uint32_t)(own_dns ? info->grant.dns_count : conf->network.dns_count);
	memcpy(link->dns, own_dns ? info->grant.dns : conf->network.dns, sizeof(link->dns));
	if (info->up6) {
		link->link6 = pool6_link(&info->prefix6);
		link->delegated6 = pool6_delegated(&info->prefix6);
	}
	keeper_send(keeper, &msg, -1);
}

void
inside_up6(struct keeper *keeper, struct session_info *info)
{
	struct lns_prefix link;
	char text[PREFIX_TEXT];
	int error;

	if (!info->prefix6.family || info->up6)
		return;
	link = pool6_link(&info->prefix6);
	error = link6_set(if_nametoindex(info->ifname), &link, &info->prefix6);
	if (error) {
		log_warning("session=%u-%u has no IPv6: %s on %s: %s", info->ref.tid, info->ref.sid,
			    prefix_text(text, &info->prefix6), info->ifname,
			    error == -EEXIST ? "there is a route to it already" : strerror(-error));
		return;
	}
	info->up6 = true;
	log_debug("ipv6 up session=%u-%u prefix=%s ifname=%s", info->ref.tid, info->ref.sid,
		  prefix_text(text, &info->prefix6), info->ifname);
	inside_up(keeper, info);
}

/* ── the machine ────────────────────────────────────────────────────────────────────────── */

static bool
forwards(void)
{
	FILE *file = fopen("/proc/sys/net/ipv6/conf/all/forwarding", "re");
	bool yes = !file || fgetc(file) != '0';

	if (file)
		fclose(file);
	return yes;
}

/* With network.nat forwarding is on already (net.h); without it the machine's rules are others'. */
void
inside_note_problems(struct keeper *keeper)
{
	if (!keeper->conf->network.pool6.family)
		problem_set(keeper, PROBLEM_IPV6, "", "", "");
	else if (!kernel_has_ipv6())
		problem_set(keeper, PROBLEM_IPV6, "warning",
			    "network.pool6 is of no use: the kernel has no IPv6",
			    "take ipv6.disable=1 from the kernel's command line, or set "
			    "network.pool6 = none");
	else if (!forwards())
		problem_set(keeper, PROBLEM_IPV6, "warning",
			    "the kernel forwards no IPv6: clients get no further than this machine",
			    "network.nat = yes switches it on; else: sysctl -w "
			    "net.ipv6.conf.all.forwarding=1");
	else
		problem_set(keeper, PROBLEM_IPV6, "", "", "");
	if (!keeper->conf->network.pool6.family)
		problem_set(keeper, PROBLEM_POOL6, "", "", "");
}
