/* See show.h. */
#include "worker/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "worker/addr.h"
#include "worker/answer.h"
#include "worker/app.h"
#include "worker/document.h"
#include "worker/request.h"
#include "worker/show_ipsec.h"
#include "worker/udp.h"

/* A moment of the monotonic clock as RFC 3339 in UTC. */
static void
put_time(json_t *object, const char *key, struct app *app, mstime_t when)
{
	time_t t = time(NULL) - (time_t)((app_now(app) - when) / 1000);
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	put_text(object, key, text);
}

static void
put_peer(json_t *object, const struct lns_path *path)
{
	char text[ADDR_TEXT_MAX];

	put_text(object, "peer", addr_host_text(text, &path->peer));
	put_int(object, "peer_port", path->peer.port);
}

/* ── status ─────────────────────────────────────────────────────────────────────────────── */

static json_t *
listen_list(const struct app *app)
{
	json_t *list = json_array();
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; i < udp_count(app->udp); i++)
		json_array_append_new(list, answer_text(addr_text(text, udp_bound(app->udp, i))));
	return list;
}

static json_t *
problem_list(const struct app *app)
{
	json_t *list = json_array();

	for (size_t i = 0; i < WALL_PROBLEMS; i++) {
		const struct wall_problem *problem = &app->problems[i];
		json_t *row;

		if (!problem->text[0])
			continue;
		row = json_object();
		put_text(row, "severity", problem->severity);
		put_text(row, "text", problem->text);
		put_text(row, "fix", problem->fix);
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *
ipsec_facts(const struct app *app)
{
	json_t *ipsec = json_object();

	put_text(ipsec, "manager", app->facts.manager);
	put_text(ipsec, "version", app->facts.version);
	put_text(ipsec, "profile", app->facts.profile);
	put(ipsec, "loaded", json_boolean(app->facts.loaded));
	return ipsec;
}

/* What came and was not used: the first thing to look at when "nothing arrives". */
static json_t *
dropped_facts(const struct app *app, const struct lns_counters *lns)
{
	struct udp_counters udp = udp_counters(app->udp);
	json_t *dropped = json_object();

	put_int(dropped, "malformed", lns->dropped_malformed + udp.truncated);
	put_int(dropped, "unknown", lns->dropped_unknown);
	put_int(dropped, "path", lns->dropped_path);
	put_int(dropped, "unprotected", app->unprotected);
	put_int(dropped, "limit", lns->dropped_limit);
	put_int(dropped, "not_sent", udp.dropped + udp.failed);
	return dropped;
}

json_t *
show_status(struct app *app)
{
	struct lns_counters lns = lns_counters(app->lns);
	uint64_t rx = app->rx_bytes, tx = app->tx_bytes, sessions = 0;
	json_t *status = json_object();

	for (const struct port *port = app->ports.first; port; port = port->next_all) {
		rx += port->counters.rx_bytes;
		tx += port->counters.tx_bytes;
		sessions += port_listed(port);
	}
	app_turn_day(app);
	put_text(status, "version", LNSD_VERSION);
	put_int(status, "uptime_s", (uint64_t)(app_now(app) - app->started) / 1000);
	put(status, "listen", listen_list(app));
	put_text(status, "data_path", "pty");
	put(status, "ipsec", ipsec_facts(app));
	put_int(status, "tunnels", lns.tunnels);
	put_int(status, "sessions", sessions);
	put_int(status, "half_open", lns.half_open);
	put_int(status, "logins_today", app->logins_today);
	put_int(status, "failures_today", app->failures_today);
	put_int(status, "rx_bytes", rx);
	put_int(status, "tx_bytes", tx);
	put(status, "problems", problem_list(app));
	put(status, "dropped", dropped_facts(app, &lns));
	return status;
}

/* ── sessions ───────────────────────────────────────────────────────────────────────────── */

static json_t *
setup_times(const struct port *port)
{
	json_t *setup = json_object();

	put_int(setup, "l2tp", (uint64_t)(port->go_at - port->tunnel_at));
	put(setup, "ppp", port->up ? json_integer(port->up_at - port->go_at) : NULL);
	put(setup, "total", port->up ? json_integer(port->up_at - port->tunnel_at) : NULL);
	return setup;
}

static json_t *
session_document(struct app *app, const struct port *port, const struct neighbours *all,
		 const struct sa_counts *counts)
{
	json_t *session = json_object();
	char text[ADDR_TEXT_MAX], id[REQUEST_ID_MAX];

	put_text(session, "id", request_id_text(id, port->ref));
	put_int(session, "tunnel_id", port->ref.tid);
	put_text(session, "user", port->user);
	put_text(session, "address", addr_ip4_text(text, port->address));
	put(session, "address6", NULL);
	put_peer(session, &port->path);
	put(session, "nat", json_boolean(show_nat(app, &port->path)));
	put_text(session, "client", port->client);
	put_time(session, "since", app, port->go_at);
	put_int(session, "uptime_s", (uint64_t)(app_now(app) - port->go_at) / 1000);
	put_text(session, "state", port_state(port));
	put_text(session, "ifname", port->ifname);
	put_text(session, "data_path", "pty");
	put_text(session, "data_path_reason", "kernel L2TP is not used by this version");
	put_int(session, "rx_bytes", port->counters.rx_bytes);
	put_int(session, "tx_bytes", port->counters.tx_bytes);
	put_int(session, "rx_packets", port->counters.rx_packets);
	put_int(session, "tx_packets", port->counters.tx_packets);
	put(session, "setup_ms", setup_times(port));
	put(session, "ipsec", show_ipsec(app, &port->path, port->ref.tid, all, counts));
	return session;
}

/* The listed sessions of one tunnel, or of all (0). */
static json_t *
session_list(struct app *app, const struct neighbours *all, uint16_t tid)
{
	json_t *list = json_array();

	for (const struct port *port = app->ports.first; port; port = port->next_all) {
		if (port_listed(port) && (!tid || port->ref.tid == tid))
			json_array_append_new(list, session_document(app, port, all, NULL));
	}
	return list;
}

json_t *
show_sessions(struct app *app)
{
	struct neighbours all;
	json_t *list;

	neighbours_init(&all, app);
	list = session_list(app, &all, 0);
	free(all.list);
	return list;
}

/* ── tunnels ────────────────────────────────────────────────────────────────────────────── */

struct tunnel_walk {
	struct app *app;
	json_t *list;
	uint16_t tid; /* 0: all */
};

static void
add_tunnel(void *ctx, const struct lns_tunnel_info *info)
{
	struct tunnel_walk *walk = ctx;
	char local[ADDR_TEXT_MAX];
	json_t *tunnel;

	if (walk->tid && walk->tid != info->ref.tid)
		return;
	tunnel = json_object();
	put_int(tunnel, "id", info->ref.tid);
	put_int(tunnel, "peer_id", info->peer_tid);
	put_peer(tunnel, &info->path);
	put_text(tunnel, "local", addr_text(local, &info->path.local));
	put_text(tunnel, "host_name", info->host_name);
	put_text(tunnel, "vendor", info->vendor);
	put_text(tunnel, "client", info->client);
	put_int(tunnel, "firmware", info->firmware);
	put_text(tunnel, "state", info->state);
	put(tunnel, "half_open", json_boolean(info->half_open));
	put_int(tunnel, "sessions", info->sessions);
	put_int(tunnel, "ns", info->ns);
	put_int(tunnel, "nr", info->nr);
	put_int(tunnel, "window", info->window);
	put_int(tunnel, "cwnd", info->cwnd);
	put_int(tunnel, "retransmits", info->retransmits);
	put_time(tunnel, "since", walk->app, info->since);
	json_array_append_new(walk->list, tunnel);
}

json_t *
show_tunnels(struct app *app)
{
	struct tunnel_walk walk = {.app = app, .list = json_array()};

	lns_walk_tunnels(app->lns, add_tunnel, &walk);
	return walk.list;
}

/* ── show ───────────────────────────────────────────────────────────────────────────────── */

struct session_walk {
	struct lns_ref ref;
	json_t *session;
};

/* What the AVPs of ICRQ and ICCN said. */
static void
add_facts(void *ctx, const struct lns_tunnel_info *tunnel, const struct lns_session_info *info)
{
	struct session_walk *walk = ctx;

	(void)tunnel;
	if (info->ref.tid != walk->ref.tid || info->ref.sid != walk->ref.sid)
		return;
	put_int(walk->session, "peer_session_id", info->peer_sid);
	put_text(walk->session, "l2tp_state", info->state);
	put_text(walk->session, "calling_number", info->calling);
	put_text(walk->session, "called_number", info->called);
	put_int(walk->session, "call_serial_number", info->serial_number);
	put_int(walk->session, "tx_speed", info->tx_speed);
	put_int(walk->session, "rx_speed", info->rx_speed);
}

static const struct port *
port_by_id(const struct app *app, const char *id)
{
	char text[REQUEST_ID_MAX];

	for (const struct port *port = app->ports.first; port; port = port->next_all) {
		if (port_listed(port) && strcmp(request_id_text(text, port->ref), id) == 0)
			return port;
	}
	return NULL;
}

static json_t *
tunnel_document(struct app *app, uint16_t tid)
{
	struct tunnel_walk walk = {.app = app, .list = json_array(), .tid = tid};
	json_t *tunnel;

	lns_walk_tunnels(app->lns, add_tunnel, &walk);
	tunnel = json_incref(json_array_get(walk.list, 0));
	json_decref(walk.list);
	return tunnel;
}

static json_t *
show_session(struct app *app, const struct sa_counts *counts, const struct neighbours *all,
	     const struct port *port)
{
	struct session_walk walk = {.ref = port->ref};
	json_t *document = json_object();

	walk.session = session_document(app, port, all, counts);
	lns_walk_sessions(app->lns, add_facts, &walk);
	put_int(walk.session, "rx_dropped", port->counters.rx_dropped);
	put_int(walk.session, "bad_frames", port->rx.bad);
	put(document, "tunnel", tunnel_document(app, port->ref.tid));
	put(document, "session", walk.session);
	return document;
}

struct path_walk {
	uint16_t tid;
	struct lns_path path;
	bool found;
};

static void
note_path(void *ctx, const struct lns_tunnel_info *info)
{
	struct path_walk *walk = ctx;

	if (info->ref.tid != walk->tid)
		return;
	walk->path = info->path;
	walk->found = true;
}

static json_t *
show_tunnel(struct app *app, const struct sa_counts *counts, const struct neighbours *all,
	    uint16_t tid)
{
	struct path_walk walk = {.tid = tid};
	json_t *document, *tunnel;

	lns_walk_tunnels(app->lns, note_path, &walk);
	if (!walk.found)
		return NULL;
	document = json_object();
	tunnel = tunnel_document(app, tid);
	put(tunnel, "ipsec", show_ipsec(app, &walk.path, tid, all, counts));
	put(document, "tunnel", tunnel);
	put(document, "sessions", session_list(app, all, tid));
	return document;
}

json_t *
show_one(struct app *app, const char *id, const struct sa_counts *counts)
{
	const struct port *port = port_by_id(app, id);
	uint16_t tid = request_tunnel_id(id);
	struct neighbours all;
	json_t *document = NULL;

	neighbours_init(&all, app);
	if (port)
		document = show_session(app, counts, &all, port);
	else if (tid)
		document = show_tunnel(app, counts, &all, tid);
	free(all.list);
	return document;
}

uint32_t
show_mark(const struct app *app, const char *id)
{
	const struct port *port = port_by_id(app, id);
	struct path_walk walk = {.tid = request_tunnel_id(id)};

	if (port)
		return port->path.mark;
	if (walk.tid)
		lns_walk_tunnels(app->lns, note_path, &walk);
	return walk.path.mark;
}
