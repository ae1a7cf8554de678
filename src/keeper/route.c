/* See route.h. */
#include "keeper/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/xfrm_sock.h"
#include "log.h"

/* What an administrator adds has a better one, or is the same and goes before. */
#define ROUTE_METRIC 1024

const char *
prefix_print(char text[PREFIX_TEXT], const struct lns_prefix *prefix)
{
	char ip[INET6_ADDRSTRLEN] = "?";

	inet_ntop(prefix->family == 4 ? AF_INET : AF_INET6, prefix->ip, ip, sizeof(ip));
	snprintf(text, PREFIX_TEXT, "%s/%u", ip, prefix->bits);
	return text;
}

bool
prefix_overlaps(const struct lns_prefix *a, const struct lns_prefix *b)
{
	unsigned bits = a->bits < b->bits ? a->bits : b->bits, rest = bits % 8;

	if (a->family != b->family || memcmp(a->ip, b->ip, bits / 8) != 0)
		return false;
	return rest == 0 || (a->ip[bits / 8] ^ b->ip[bits / 8]) >> (8 - rest) == 0;
}

static bool
same_prefix(const struct lns_prefix *a, const struct lns_prefix *b)
{
	return a->bits == b->bits && prefix_overlaps(a, b);
}

static int
ones(const uint8_t *bytes, size_t len)
{
	int count = 0;

	for (size_t i = 0; i < len; i++)
		count += __builtin_popcount(bytes[i]);
	return count;
}

/* The network of an address of ours; false for one of another kind. */
static bool
network_of(const struct ifaddrs *one, struct lns_prefix *network)
{
	const void *ip = NULL, *mask = NULL;
	size_t len = 0;

	if (one->ifa_addr && one->ifa_netmask && one->ifa_addr->sa_family == AF_INET) {
		ip = &((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr;
		mask = &((const struct sockaddr_in *)(const void *)one->ifa_netmask)->sin_addr;
		len = 4;
	} else if (one->ifa_addr && one->ifa_netmask && one->ifa_addr->sa_family == AF_INET6) {
		ip = &((const struct sockaddr_in6 *)(const void *)one->ifa_addr)->sin6_addr;
		mask = &((const struct sockaddr_in6 *)(const void *)one->ifa_netmask)->sin6_addr;
		len = 16;
	}
	if (len == 0)
		return false;
	*network =
		(struct lns_prefix){.family = len == 4 ? 4 : 6, .bits = (uint16_t)ones(mask, len)};
	memcpy(network->ip, ip, len);
	return true;
}

/* A network that one of our own interfaces is in. */
static bool
covers_own(const struct lns_prefix *to, char why[96])
{
	char text[PREFIX_TEXT];
	struct ifaddrs *all = NULL;
	struct lns_prefix network;
	bool found = false;

	if (getifaddrs(&all) < 0) {
		snprintf(why, 96, "the gateway's own networks cannot be read: %s", strerror(errno));
		return true;
	}
	for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next) {
		found = network_of(one, &network) && prefix_overlaps(to, &network);
		if (found)
			snprintf(why, 96, "it covers %.46s of the gateway's own %s",
				 prefix_print(text, &network), one->ifa_name);
	}
	freeifaddrs(all);
	return found;
}

static bool
covers_pool(const struct lns_prefix *to, const struct conf *conf)
{
	uint32_t first, last;

	if (to->family != 4)
		return false;
	memcpy(&first, to->ip, sizeof(first));
	first = ntohl(first);
	last = first | (uint32_t)(UINT64_C(0xffffffff) >> to->bits);
	for (size_t i = 0; i < conf->network.pool_count; i++)
		if (first <= conf->network.pool[i].last && last >= conf->network.pool[i].first)
			return true;
	return first <= conf->network.gateway && last >= conf->network.gateway;
}

/* What no session may have, whoever it is; false with `why`. */
static bool
may_route(const struct route *route, const struct conf *conf, char why[96])
{
	struct lns_prefix peer = {.family = route->session->path.peer.family};

	peer.bits = peer.family == 4 ? 32 : 128;
	memcpy(peer.ip, route->session->path.peer.ip, sizeof(peer.ip));
	if (route->to.bits == 0)
		snprintf(why, 96, "the default route is the gateway's own");
	else if (covers_pool(&route->to, conf))
		snprintf(why, 96, "it covers addresses of network.pool or network.gateway");
	else if (prefix_overlaps(&route->to, &peer))
		snprintf(why, 96, "it covers the address that the client itself calls from");
	else
		return !covers_own(&route->to, why);
	return false;
}

struct match {
	struct lns_prefix to;
	bool same, ours;
};

static void
note_match(void *ctx, const struct nlmsghdr *hdr)
{
	struct match *match = ctx;
	struct lns_prefix to = {.family = match->to.family};
	struct rtnl_route *route = NULL;
	struct nl_addr *dst;

	if (rtnl_route_parse((struct nlmsghdr *)(uintptr_t)hdr, &route) != 0)
		return;
	dst = rtnl_route_get_dst(route);
	if (dst && nl_addr_get_len(dst) <= sizeof(to.ip)) {
		memcpy(to.ip, nl_addr_get_binary_addr(dst), nl_addr_get_len(dst));
		to.bits = (uint16_t)nl_addr_get_prefixlen(dst);
		match->same = same_prefix(&to, &match->to);
		match->ours = rtnl_route_get_protocol(route) == ROUTE_PROTOCOL;
	}
	rtnl_route_put(route);
}

/* True when the host has a route of its own to just this network, whatever its metric. One lookup:
 * a host may have a million routes. */
static bool
host_has(struct nl_sock *sock, const struct lns_prefix *to)
{
	const struct rtmsg head = {.rtm_family = to->family == 4 ? AF_INET : AF_INET6,
				   .rtm_dst_len = to->family == 4 ? 32 : 128,
				   .rtm_flags = RTM_F_FIB_MATCH};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	struct match match = {.to = *to};

	if (msg && (nlmsg_append(msg, (void *)(uintptr_t)&head, sizeof(head), NLMSG_ALIGNTO) < 0 ||
		    nla_put(msg, RTA_DST, to->family == 4 ? 4 : 16, to->ip) < 0)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	/* no answer but an error: there is none */
	xfrm_ask(sock, msg, note_match, &match);
	return match.same && !match.ours;
}

static struct rtnl_route *
build(const struct route *route)
{
	int family = route->to.family == 4 ? AF_INET : AF_INET6;
	struct nl_addr *dst =
		nl_addr_build(family, (void *)(uintptr_t)route->to.ip, family == AF_INET ? 4 : 16);
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct rtnl_route *made = rtnl_route_alloc();

	if (dst && hop && made) {
		nl_addr_set_prefixlen(dst, route->to.bits);
		rtnl_route_nh_set_ifindex(hop, route->ifindex);
		rtnl_route_add_nexthop(made, hop);
		rtnl_route_set_family(made, (uint8_t)family);
		rtnl_route_set_dst(made, dst);
		rtnl_route_set_table(made, RT_TABLE_MAIN);
		rtnl_route_set_scope(made, family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
		rtnl_route_set_protocol(made, ROUTE_PROTOCOL);
		rtnl_route_set_priority(made, ROUTE_METRIC);
	} else {
		rtnl_route_nh_free(hop);
		rtnl_route_put(made);
		made = NULL;
	}
	nl_addr_put(dst);
	return made;
}

static void
uninstall(struct nl_sock *sock, struct route *route)
{
	struct rtnl_route *gone = route->installed ? build(route) : NULL;

	/* it went with its interface, if that has gone */
	if (gone)
		rtnl_route_delete(sock, gone, 0);
	rtnl_route_put(gone);
	route->installed = false;
}

static void
install(struct nl_sock *sock, struct route *route)
{
	struct rtnl_route *made = build(route);
	int error = made ? rtnl_route_add(sock, made, NLM_F_EXCL) : -NLE_NOMEM;

	rtnl_route_put(made);
	route->installed = error == 0;
	snprintf(route->why, sizeof(route->why), "%s",
		 error == 0	       ? ""
		 : error == -NLE_EXIST ? "the gateway has a route to it"
				       : nl_geterror(error));
}

/* Who has the network now. */
static struct route *
owner(const struct routes *routes, const struct lns_prefix *to)
{
	struct route *route;

	TAILQ_FOREACH(route, &routes->list, next)
	if (route->installed && same_prefix(&route->to, to))
		return route;
	return NULL;
}

/* Installs it, or says in `why` what is against it. */
static void
settle(struct routes *routes, const struct conf *conf, struct route *route)
{
	struct route *other = owner(routes, &route->to);
	char user[sizeof(route->why)];

	if (!may_route(route, conf, route->why))
		return;
	if (other && strcmp(other->session->user, route->session->user) == 0) {
		uninstall(routes->sock, other);
		snprintf(other->why, sizeof(other->why), "a newer session of the user has it");
		other = NULL;
	}
	if (other) {
		log_escape(user, sizeof(user), other->session->user, strlen(other->session->user));
		snprintf(route->why, sizeof(route->why), "user \"%.40s\" (session %u-%u) has it",
			 user, other->session->ref.tid, other->session->ref.sid);
	} else if (host_has(routes->sock, &route->to)) {
		snprintf(route->why, sizeof(route->why), "the gateway has a route to it");
	} else {
		install(routes->sock, route);
	}
}

static void
say(const struct route *route)
{
	char user[300], to[PREFIX_TEXT];

	log_escape(user, sizeof(user), route->session->user, strlen(route->session->user));
	if (route->installed)
		log_info("route %s user=\"%s\" session=%u-%u ifname=%s",
			 prefix_print(to, &route->to), user, route->session->ref.tid,
			 route->session->ref.sid, route->session->ifname);
	else
		log_warning("route %s user=\"%s\" session=%u-%u not set: %s",
			    prefix_print(to, &route->to), user, route->session->ref.tid,
			    route->session->ref.sid, route->why);
}

struct route *
routes_up(struct routes *routes, const struct conf *conf, const struct session_info *session,
	  size_t *count)
{
	const struct grant *grant = &session->grant;
	struct route *list = NULL;
	int error = 0;

	*count = 0;
	if (!routes->sock)
		routes->sock = xfrm_sock(NETLINK_ROUTE, &error);
	if (routes->sock && grant->route_count)
		list = calloc(grant->route_count, sizeof(*list));
	if (!list)
		return NULL;
	*count = grant->route_count;
	for (size_t i = 0; i < *count; i++) {
		list[i].to = grant->routes[i];
		list[i].session = session;
		list[i].ifindex = (int)if_nametoindex(session->ifname);
		settle(routes, conf, &list[i]);
		say(&list[i]);
		TAILQ_INSERT_TAIL(&routes->list, &list[i], next);
	}
	return list;
}

/* The last that asked is the first that gets what is free. */
static void
settle_next(struct routes *routes, const struct conf *conf, const struct lns_prefix *to)
{
	struct route *route;

	TAILQ_FOREACH_REVERSE(route, &routes->list, route_list, next)
	{
		if (route->installed || !same_prefix(&route->to, to))
			continue;
		settle(routes, conf, route);
		say(route);
		if (route->installed)
			return;
	}
}

void
routes_down(struct routes *routes, const struct conf *conf, struct route *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		TAILQ_REMOVE(&routes->list, &list[i], next);
	for (size_t i = 0; i < count; i++) {
		bool was = list[i].installed;

		uninstall(routes->sock, &list[i]);
		if (was)
			settle_next(routes, conf, &list[i].to);
	}
	free(list);
}

void
routes_close(struct routes *routes)
{
	nl_socket_free(routes->sock);
	routes->sock = NULL;
}
