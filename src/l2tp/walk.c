/* What lnsctl shows: read-only views of tunnels and sessions. */
#include "l2tp/session.h"

static struct lns_tunnel_info
tunnel_info(const struct tunnel *t)
{
	return (struct lns_tunnel_info){
		.ref = {.tid = t->tid, .serial = t->serial},
		.path = t->path,
		.peer_tid = t->peer_tid,
		.host_name = t->host_name,
		.vendor = t->vendor,
		.state = tunnel_state_name(t->state),
		.client = t->client->name,
		.firmware = t->firmware,
		.half_open = t->half_open,
		.sessions = t->session_count,
		.retransmits = t->chan.retransmits,
		.ns = t->chan.ns,
		.nr = t->chan.nr,
		.window = t->chan.peer_window,
		.cwnd = t->chan.cwnd,
		.since = t->since,
	};
}

void
lns_walk_tunnels(const struct lns *lns, lns_tunnel_fn *fn, void *ctx)
{
	for (const struct tunnel *t = lns->tunnels; t; t = t->next) {
		struct lns_tunnel_info info = tunnel_info(t);

		fn(ctx, &info);
	}
}

static void
walk_of_tunnel(const struct tunnel *t, lns_session_fn *fn, void *ctx)
{
	struct lns_tunnel_info tunnel = tunnel_info(t);

	for (const struct session *s = t->sessions; s; s = s->next) {
		struct lns_session_info info = {
			.ref = {.tid = t->tid, .sid = s->sid, .serial = s->serial},
			.peer_sid = s->peer_sid,
			.state = session_state_name(s->state),
			.established = s->state == S_ESTABLISHED,
			.calling = s->calling,
			.called = s->called,
			.serial_number = s->call_serial,
			.tx_speed = s->tx_speed,
			.rx_speed = s->rx_speed,
			.since = s->since,
			.established_at = s->established_at,
			.tunnel_since = t->since,
		};

		fn(ctx, &tunnel, &info);
	}
}

void
lns_walk_sessions(const struct lns *lns, lns_session_fn *fn, void *ctx)
{
	for (const struct tunnel *t = lns->tunnels; t; t = t->next)
		walk_of_tunnel(t, fn, ctx);
}
