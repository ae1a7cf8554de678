#include "lnsctl/overlap.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const char *
ip_text(char out[INET_ADDRSTRLEN], uint32_t ip)
{
	struct in_addr in = {.s_addr = htonl(ip)};

	return inet_ntop(AF_INET, &in, out, INET_ADDRSTRLEN);
}

static bool
in_pool4(const struct conf *conf, const struct ifaddrs *local, char *text, size_t cap)
{
	const struct sockaddr_in *address = (const void *)local->ifa_addr;
	const struct sockaddr_in *mask = (const void *)local->ifa_netmask;
	uint32_t bits = ntohl(mask->sin_addr.s_addr);
	uint32_t first = ntohl(address->sin_addr.s_addr) & bits, last = first | ~bits;
	char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN], net[INET_ADDRSTRLEN];

	for (size_t i = 0; i < conf->network.pool_count; i++) {
		const struct conf_range *range = &conf->network.pool[i];

		if (range->first > last || range->last < first)
			continue;
		snprintf(text, cap, "%s-%s of network.pool are in the network %s/%d of %.15s",
			 ip_text(from, range->first > first ? range->first : first),
			 ip_text(to, range->last < last ? range->last : last), ip_text(net, first),
			 __builtin_popcount(bits), local->ifa_name);
		return true;
	}
	return false;
}

bool
overlap_find(const struct conf *conf, char *text, size_t cap)
{
	struct ifaddrs *locals = NULL;
	bool found = false;

	if (getifaddrs(&locals) < 0)
		return false;
	for (const struct ifaddrs *p = locals; p && !found; p = p->ifa_next) {
		if (!p->ifa_addr || !p->ifa_netmask ||
		    p->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT))
			continue;
		if (p->ifa_addr->sa_family == AF_INET)
			found = in_pool4(conf, p, text, cap);
	}
	freeifaddrs(locals);
	return found;
}
