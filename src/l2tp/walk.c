/* What lnsctl shows: read-only views of tunnels and sessions. */
#include "l2tp/data.h"
#include "l2tp/detail.h"

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
		.peer = t->peer->conf.name,
		.firmware = t->firmware,
		.framing_caps = t->framing_caps,
		.bearer_caps = t->bearer_caps,
		.half_open = t->half_open,
		.opened = t->opened,
		.authenticated = t->auth.proved,
		.dscp = t->dscp,
		.sessions = t->session_count,
		.retransmits = t->chan.retransmits,
		.ns = t->chan.ns,
		.nr = t->chan.nr,
		.window = t->chan.peer_window,
		.cwnd = t->chan.cwnd,
		.since = t->since,
		.trail = t->trail,
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

static struct lns_session_info
session_info(const struct session *s)
{
	return (struct lns_session_info){
		.ref = session_ref(s),
		.peer_sid = s->peer_sid,
		.state = session_state_name(s->state),
		.established = s->state == S_ESTABLISHED,
		.calling = s->calling,
		.called = s->called,
		.outgoing = s->outgoing,
		.sequencing = data_is_numbered(s),
		.ours = session_peer(s)->sequencing != LNS_SEQ_OFF,
		.proxied = s->proxy != NULL,
		.dscp = s->dscp,
		.has_errors = s->has_errors,
		.errors = s->errors,
		.late = s->late,
		.early = s->early,
		.serial_number = s->call_serial,
		.tx_speed = s->tx_speed,
		.rx_speed = s->rx_speed,
		.since = s->since,
		.established_at = s->established_at,
		.tunnel_since = s->tunnel->since,
	};
}

void
lns_walk_sessions(const struct lns *lns, lns_session_fn *fn, void *ctx)
{
	for (const struct tunnel *t = lns->tunnels; t; t = t->next) {
		struct lns_tunnel_info tunnel = tunnel_info(t);

		for (const struct session *s = t->sessions; s; s = s->next) {
			struct lns_session_info info = session_info(s);

			fn(ctx, &tunnel, &info);
		}
	}
}

bool
lns_find(const struct lns *lns, struct lns_ref ref, struct lns_tunnel_info *tunnel,
	 struct lns_session_info *session)
{
	const struct tunnel *t = endpoint_tunnel(lns, ref.tid);
	const struct session *s = session_by_ref(lns, ref);

	if (ref.sid ? !s : !t || t->serial != ref.serial)
		return false;
	if (tunnel)
		*tunnel = tunnel_info(t);
	if (session)
		*session = s ? session_info(s) : (struct lns_session_info){0};
	return true;
}

void
lns_walk_attributes(const struct lns *lns, struct lns_ref ref, lns_attribute_fn *fn, void *ctx)
{
	const struct session *s = session_by_ref(lns, ref);

	if (s)
		detail_walk(s->detail, fn, ctx);
}
