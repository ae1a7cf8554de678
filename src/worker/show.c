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
	put_int(ipsec, "tries", app->facts.tries);
	put_text(ipsec, "error", app->facts.error);
	put_text(ipsec, "fix", app->facts.fix);
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
	put_int(dropped, "banned", app->banned);
	put_int(dropped, "limit", lns->dropped_limit);
	put_int(dropped, "not_sent", udp.dropped + udp.failed);
	return dropped;
}

/* Both ways to a server, in one word. */
static const char *
server_state(const struct radius_server_state *server)
{
	if (server->auth_down && server->acct_down)
		return "down";
	return server->auth_down   ? "authentication down"
	       : server->acct_down ? "accounting down"
	       : server->answered  ? "up"
				   : "not asked yet";
}

static json_t *
radius_facts(struct app *app)
{
	const struct wall_radius *radius = &app->radius;
	json_t *facts = json_object(), *list = json_array();

	for (size_t i = 0; i < radius->count; i++) {
		const struct radius_server_state *server = &radius->state.servers[i];
		json_t *row = json_object();
		char text[ADDR_TEXT_MAX];

		put_text(row, "address", addr_text(text, &radius->servers[i].addr));
		put_int(row, "accounting_port", radius->servers[i].acct_port);
		put_text(row, "state", server_state(server));
		if (server->answered)
			put_time(row, "last_answer", app, server->answered);
		else
			put(row, "last_answer", NULL);
		put_int(row, "requests", server->requests);
		put_int(row, "timeouts", server->timeouts);
		json_array_append_new(list, row);
	}
	put(facts, "servers", list);
	put_int(facts, "records_waiting", radius->state.waiting);
	put_int(facts, "records_lost", radius->state.lost);
	return facts;
}

/* Where they can be read; a reload cannot change it. */
static json_t *
metrics_place(const struct app *app)
{
	const struct conf_socket *place = &app->metrics;
	char text[ADDR_TEXT_MAX];

	if (place->path[0])
		return answer_text(place->path);
	return place->addr.family ? answer_text(addr_text(text, &place->addr)) : NULL;
}

json_t *
show_status(struct app *app)
{
	struct lns_counters lns = lns_counters(app->lns);
	struct traffic traffic = totals_traffic(&app->totals, &app->ports);
	json_t *status = json_object();
	char text[160];

	app_turn_day(app);
	put_text(status, "version", LNSD_VERSION);
	put_int(status, "uptime_s", (uint64_t)(app_now(app) - app->started) / 1000);
	put(status, "listen", listen_list(app));
	put_text(status, "data_path", lane_name((enum lane)app->lanes.now.lane));
	put_text(status, "data_path_reason",
		 lane_text(text, sizeof(text), (enum lane_reason)app->lanes.now.reason, ""));
	put(status, "ipsec", ipsec_facts(app));
	put_int(status, "tunnels", lns.tunnels);
	put_int(status, "sessions", traffic.authenticating + traffic.up + traffic.closing);
	put_int(status, "half_open", lns.half_open);
	put_int(status, "logins_today", app->logins_today);
	put_int(status, "failures_today", app->failures_today);
	put_int(status, "rx_bytes", traffic.counters.rx_bytes);
	put_int(status, "tx_bytes", traffic.counters.tx_bytes);
	put(status, "draining",
	    lns_draining(app->lns) ? answer_text(lns_draining(app->lns)) : NULL);
	put(status, "metrics", metrics_place(app));
	put(status, "radius", app->radius.count ? radius_facts(app) : NULL);
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

static void
put_prefix(json_t *object, const char *key, const struct lns_prefix *prefix)
{
	char text[ADDR_TEXT_MAX];

	if (!prefix || !prefix->family)
		put(object, key, NULL);
	else
		put_text(object, key, addr_prefix_text(text, prefix));
}

/* The client makes its address itself, of the link's prefix. */
static void
put_inside(json_t *session, const struct port *port)
{
	const struct inside_link *link = inside_link_of(port);

	put_prefix(session, "address6", link ? &link->link6 : NULL);
	put_prefix(session, "delegated6", link ? &link->delegated6 : NULL);
}

/* As `lnsctl user show` has it. */
static void
put_grant(json_t *session, const struct port *port)
{
	put_list(session, "routes", port->routes);
	put_list(session, "allow", port->allow);
	put_text(session, "rate", port->rate);
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
	put_inside(session, port);
	put_grant(session, port);
	put_peer(session, &port->path);
	put(session, "nat", json_boolean(show_nat(app, &port->path)));
	put_text(session, "client", port->client);
	put_time(session, "since", app, port->go_at);
	put_int(session, "uptime_s", (uint64_t)(app_now(app) - port->go_at) / 1000);
	put_text(session, "state", port_state(port));
	put_text(session, "ifname", port->ifname);
	put_text(session, "data_path", lane_name(port->lane));
	put_text(session, "data_path_reason", port->reason);
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

json_t *
show_traffic(struct app *app)
{
	json_t *list = json_array();

	for (const struct port *port = app->ports.first; port; port = port->next_all) {
		char address[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX], id[REQUEST_ID_MAX];

		if (!port_listed(port))
			continue;
		json_array_append_new(
			list,
			json_pack("[s,o,s,s,s,s,I,I,I]", request_id_text(id, port->ref),
				  answer_text(port->user), addr_ip4_text(address, port->address),
				  addr_host_text(peer, &port->path.peer), port->client,
				  port_state(port), (json_int_t)(app_now(app) - port->go_at) / 1000,
				  (json_int_t)port->counters.rx_bytes,
				  (json_int_t)port->counters.tx_bytes));
	}
	return list;
}

/* ── tunnels ────────────────────────────────────────────────────────────────────────────── */

static json_t *
tunnel_document(struct app *app, const struct lns_tunnel_info *info)
{
	char local[ADDR_TEXT_MAX];
	json_t *tunnel = json_object();

	put_int(tunnel, "id", info->ref.tid);
	put_int(tunnel, "peer_id", info->peer_tid);
	put_peer(tunnel, &info->path);
	put_text(tunnel, "peer_name", info->peer);
	put_text(tunnel, "local", addr_text(local, &info->path.local));
	put_text(tunnel, "host_name", info->host_name);
	put_text(tunnel, "vendor", info->vendor);
	put_text(tunnel, "client", info->client);
	put_int(tunnel, "firmware", info->firmware);
	put_text(tunnel, "state", info->state);
	put(tunnel, "half_open", json_boolean(info->half_open));
	put_text(tunnel, "opened_by", info->opened ? "lnsd" : "peer");
	put(tunnel, "authenticated", json_boolean(info->authenticated));
	put_int(tunnel, "sessions", info->sessions);
	put_int(tunnel, "ns", info->ns);
	put_int(tunnel, "nr", info->nr);
	put_int(tunnel, "window", info->window);
	put_int(tunnel, "cwnd", info->cwnd);
	put_int(tunnel, "retransmits", info->retransmits);
	put_int(tunnel, "dscp", info->dscp);
	put_time(tunnel, "since", app, info->since);
	return tunnel;
}

static void
add_attribute(void *ctx, const char *name, const char *value)
{
	json_t *attribute = json_object();

	put_text(attribute, "name", name);
	put_text(attribute, "value", value);
	json_array_append_new(ctx, attribute);
}

/* What the peer told of a session or tunnel and that has no member of its own. */
static json_t *
attribute_list(const struct app *app, struct lns_ref ref)
{
	json_t *list = json_array();

	lns_walk_attributes(app->lns, ref, add_attribute, list);
	return list;
}

struct tunnel_walk {
	struct app *app;
	json_t *list;
};

static void
add_tunnel(void *ctx, const struct lns_tunnel_info *info)
{
	struct tunnel_walk *walk = ctx;

	json_array_append_new(walk->list, tunnel_document(walk->app, info));
}

json_t *
show_tunnels(struct app *app)
{
	struct tunnel_walk walk = {.app = app, .list = json_array()};

	lns_walk_tunnels(app->lns, add_tunnel, &walk);
	return walk.list;
}

/* ── show ───────────────────────────────────────────────────────────────────────────────── */

/* What the LAC's modem counted (WEN, §4.4.6); null when it has told nothing. */
static json_t *
call_errors(const struct lns_session_info *info)
{
	const struct lns_call_errors *errors = &info->errors;
	json_t *document;

	if (!info->has_errors)
		return NULL;
	document = json_object();
	put_int(document, "crc", errors->crc);
	put_int(document, "framing", errors->framing);
	put_int(document, "hardware", errors->hardware);
	put_int(document, "buffer", errors->buffer);
	put_int(document, "timeout", errors->timeout);
	put_int(document, "alignment", errors->alignment);
	return document;
}

/* What the core knows of it. */
static void
put_session_facts(json_t *session, const struct lns_session_info *info)
{
	put_int(session, "peer_session_id", info->peer_sid);
	put_text(session, "l2tp_state", info->state);
	put_text(session, "placed_by", info->outgoing ? "lnsd" : "peer");
	put_text(session, "calling_number", info->calling);
	put_text(session, "called_number", info->called);
	put_int(session, "call_serial_number", info->serial_number);
	put_int(session, "tx_speed", info->tx_speed);
	put_int(session, "rx_speed", info->rx_speed);
	put(session, "proxied", json_boolean(info->proxied));
	put(session, "sequencing", json_boolean(info->sequencing));
	put_int(session, "frames_late", info->late);
	put_int(session, "frames_early", info->early);
	put_int(session, "dscp", info->dscp);
	put(session, "call_errors", call_errors(info));
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
show_session(struct app *app, const struct sa_counts *counts, const struct neighbours *all,
	     const struct port *port)
{
	json_t *document = json_object(), *session = session_document(app, port, all, counts);
	struct lns_tunnel_info tunnel;
	struct lns_session_info info;

	put_int(session, "rx_dropped", port->counters.rx_dropped);
	put_int(session, "bad_frames", port->rx.bad);
	put(document, "tunnel", NULL);
	if (lns_find(app->lns, port->ref, &tunnel, &info)) {
		put_session_facts(session, &info);
		put(session, "attributes", attribute_list(app, info.ref));
		put(document, "tunnel", tunnel_document(app, &tunnel));
	}
	put(document, "session", session);
	return document;
}

static json_t *
show_tunnel(struct app *app, const struct sa_counts *counts, const struct neighbours *all,
	    uint16_t tid)
{
	struct lns_tunnel_info info;
	json_t *document, *tunnel;

	if (!app_find_tunnel(app, tid, &info))
		return NULL;
	document = json_object();
	tunnel = tunnel_document(app, &info);
	put(tunnel, "ipsec", show_ipsec(app, &info.path, tid, all, counts));
	put(tunnel, "attributes", attribute_list(app, info.ref));
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
	struct lns_tunnel_info info;

	if (port)
		return port->path.mark;
	return app_find_tunnel(app, request_tunnel_id(id), &info) ? info.path.mark : 0;
}
