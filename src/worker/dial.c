/* See dial.h. */
#include "worker/dial.h"

#include <stdio.h>
#include <string.h>

#include "worker/addr.h"
#include "worker/app.h"
#include "worker/udp.h"

/* Minimum and Maximum BPS (§4.4.4): the LAC may choose. */
#define SLOWEST_BPS 1
#define FASTEST_BPS 1000000000

/* The peer's first address, when it is a single one. */
static bool
single_address(const struct conf_peer *peer, struct lns_addr *addr)
{
	const struct lns_prefix *prefix = &peer->address[0];

	if (!peer->address_count || prefix->bits != (prefix->family == 4 ? 32 : 128))
		return false;
	*addr = (struct lns_addr){.family = prefix->family, .port = peer->port};
	memcpy(addr->ip, prefix->ip, sizeof(addr->ip));
	return true;
}

/* By the SA that the LAC has set up, if there is one: both ends are then as it says. */
static bool
through_sa(const struct app *app, struct lns_path *path)
{
	const struct wall_sa *sa = sa_to(&app->sas, &path->peer);

	if (!sa)
		return false;
	path->mark = sa->mark;
	memcpy(path->local.ip, sa->local.ip, sizeof(path->local.ip));
	if (sa->peer.port)
		path->peer.port = sa->peer.port;
	return true;
}

/* The way by which a tunnel may be opened. False: `why` says why there is none. */
static bool
find_path(const struct app *app, const struct conf_peer *peer, struct lns_path *path, char *why,
	  size_t cap)
{
	char host[ADDR_TEXT_MAX];

	*path = (struct lns_path){.mark = 0};
	if (!single_address(peer, &path->peer)) {
		snprintf(why, cap, "its first address is not a single one");
		return false;
	}
	addr_host_text(host, &path->peer);
	if (!udp_source(app->udp, path->peer.family, &path->local)) {
		snprintf(why, cap, "server.listen has no address to reach %s from", host);
		return false;
	}
	if (through_sa(app, path) || !app->rules.require)
		return true;
	snprintf(why, cap, "ipsec.require, and no SA of %s: it has to connect first", host);
	return false;
}

/* False: `why` says why it cannot be that one. */
static bool
check_tunnel(const struct app *app, const struct request *request, char *why, size_t cap)
{
	struct lns_tunnel_info tunnel;

	if (!app_find_tunnel(app, request->tunnel, &tunnel)) {
		snprintf(why, cap, "no tunnel has the ID %u", request->tunnel);
		return false;
	}
	if (strcmp(tunnel.peer, request->arg) == 0)
		return true;
	snprintf(why, cap, "tunnel %u is not one of [peer %.60s]", request->tunnel, request->arg);
	return false;
}

bool
dial_begin(struct app *app, const struct request *request, struct lns_ref *ref, char *why,
	   size_t cap)
{
	const struct conf_peer *peer = conf_peer(app->conf, request->arg);
	struct lns_call call = {.peer = request->arg,
				.tid = request->tunnel,
				.number = request->number,
				.sub_address = "",
				.minimum_bps = SLOWEST_BPS,
				.maximum_bps = FASTEST_BPS};
	char no_path[160] = "";
	const char *reason = "";
	struct lns_path path;

	if (!peer) {
		snprintf(why, cap, "the configuration has no section [peer %.60s]", request->arg);
		return false;
	}
	if (call.tid && !check_tunnel(app, request, why, cap))
		return false;
	if (!call.tid && find_path(app, peer, &path, no_path, sizeof(no_path)))
		call.path = &path;
	if (lns_dial(app->lns, app_now(app), &call, ref, &reason))
		return true;
	snprintf(why, cap, "[peer %s]: %s%s%s%s", peer->name, reason,
		 no_path[0] ? " (a new tunnel cannot be opened: " : "", no_path,
		 no_path[0] ? ")" : "");
	return false;
}
