/* See call.h. */
#include "l2tp/call.h"

#include <stdlib.h>
#include <string.h>

/* §4.4.4: analog or digital, asynchronous or synchronous: bits of the same places in capabilities
 * and types */
#define EITHER 3

#define NO_BEARER "the LAC has announced no bearer that it can dial with"

struct call {
	uint32_t minimum_bps, maximum_bps;
	char number[CALL_NUMBER_MAX + 1], sub_address[CALL_NUMBER_MAX + 1];
};

#define BIT(attr) (UINT64_C(1) << AVP_##attr)

static struct l2tp_bytes
text_bytes(const char *text)
{
	return (struct l2tp_bytes){.p = (const uint8_t *)text, .len = strlen(text)};
}

void
call_send_ocrq(struct lns *lns, struct session *s)
{
	struct call *call = s->call;
	struct l2tp_msg msg = {
		.type = MSG_OCRQ,
		.has = BIT(ASSIGNED_SESSION) | BIT(CALL_SERIAL) | BIT(MINIMUM_BPS) |
		       BIT(MAXIMUM_BPS) | BIT(BEARER_TYPE) | BIT(FRAMING_TYPE) | BIT(CALLED_NUMBER),
		.assigned_session = s->sid,
		.call_serial = s->call_serial,
		.minimum_bps = call->minimum_bps,
		.maximum_bps = call->maximum_bps,
		.bearer_type = s->tunnel->bearer_caps & EITHER,
		.framing_type = s->tunnel->framing_caps & EITHER,
		.called = text_bytes(call->number),
		.sub_address = text_bytes(call->sub_address),
	};

	if (msg.sub_address.len)
		msg.has |= BIT(SUB_ADDRESS);
	s->call = NULL;
	tunnel_send(lns, s->tunnel, &msg, 0);
	free(call);
}

bool
call_take_ocrp(struct lns *lns, struct session *s, const struct l2tp_msg *ocrp)
{
	if (endpoint_session_of_peer(lns, s->tunnel, ocrp->assigned_session)) {
		l2tp_end_cause(&s->end, MSG_CDN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
			       "Assigned Session ID is in use");
		return false;
	}
	endpoint_set_peer_sid(lns, s, ocrp->assigned_session);
	return true;
}

void
call_end_no_facilities(struct l2tp_end *end)
{
	l2tp_end_cause(end, MSG_CDN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
		       "no facilities to place a call");
	end->result = CDN_PERMANENT;
	end->error = ERROR_NONE;
}

/* §6.9: only to a LAC that has announced what it can dial with. */
static bool
can_dial(const struct tunnel *t)
{
	return t->bearer_caps & EITHER && t->framing_caps & EITHER;
}

/* Each may be the end of the tunnel, and of all the others: from the beginning again. */
void
session_tunnel_up(struct lns *lns, struct tunnel *t)
{
	struct session *s = t->sessions;

	while (s) {
		if (s->state != S_WAIT_TUNNEL) {
			s = s->next;
			continue;
		}
		if (can_dial(t))
			session_event(lns, s, SE_TUNNEL_UP);
		else
			session_close(lns, s, CAUSE_NO_BEARER, BY_SERVER, NO_BEARER);
		s = t->sessions;
	}
}

static bool
same_host(const struct lns_path *a, const struct lns_path *b)
{
	return a->peer.family == b->peer.family && a->peer.port == b->peer.port &&
	       memcmp(a->peer.ip, b->peer.ip, sizeof(a->peer.ip)) == 0;
}

/* Whether the call is for the other end of this tunnel. */
static bool
is_for(const struct lns_call *call, const struct tunnel *t)
{
	if (call->tid)
		return t->tid == call->tid;
	if (call->peer[0])
		return strcmp(t->peer->conf.name, call->peer) == 0;
	return call->path && same_host(&t->path, call->path);
}

/* An established tunnel before one that is on its way. */
static struct tunnel *
find_tunnel(const struct lns *lns, const struct lns_call *call)
{
	struct tunnel *coming = NULL;

	for (struct tunnel *t = lns->tunnels; t; t = t->next) {
		if (!is_for(call, t))
			continue;
		if (t->state == T_ESTABLISHED && can_dial(t))
			return t;
		if (t->state <= T_ESTABLISHED)
			coming = t;
	}
	return coming;
}

/* What is wrong with the call itself, or NULL. */
static const char *
refusal(const struct lns *lns, const struct lns_call *call)
{
	if (lns->shutting_down)
		return "the server is shutting down";
	if (!call->number[0] || strnlen(call->number, CALL_NUMBER_MAX + 1) > CALL_NUMBER_MAX)
		return "a number has 1 to 255 bytes";
	if (strnlen(call->sub_address, CALL_NUMBER_MAX + 1) > CALL_NUMBER_MAX)
		return "a sub-address has 255 bytes at most";
	if (call->minimum_bps > call->maximum_bps)
		return "the minimum of the speed is above its maximum";
	return NULL;
}

static struct tunnel *
tunnel_for(struct lns *lns, const struct lns_call *call, const char **why)
{
	struct tunnel *t = find_tunnel(lns, call);
	struct peer *peer;

	if (t && t->state == T_ESTABLISHED && !can_dial(t)) {
		*why = NO_BEARER;
		return NULL;
	}
	if (t || call->tid || !call->path) {
		*why = "no such tunnel";
		return t;
	}
	peer = call->peer[0] ? peer_named(&lns->peers, call->peer)
			     : peer_choose(&lns->peers, &call->path->peer, (struct l2tp_bytes){0});
	*why = "no such peer";
	return peer ? tunnel_open(lns, call->path, peer, why) : NULL;
}

static bool
keep_call(struct session *s, const struct lns_call *call)
{
	struct call *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return false;
	copy->minimum_bps = call->minimum_bps;
	copy->maximum_bps = call->maximum_bps;
	memcpy(copy->number, call->number, strlen(call->number));
	memcpy(copy->sub_address, call->sub_address, strlen(call->sub_address));
	s->call = copy;
	return true;
}

bool
lns_dial(struct lns *lns, mstime_t now, const struct lns_call *call, struct lns_ref *ref,
	 const char **why)
{
	struct session *s;
	struct tunnel *t;

	endpoint_enter(lns, now);
	*why = refusal(lns, call);
	t = *why ? NULL : tunnel_for(lns, call, why);
	if (!t)
		return false;
	*why = session_limit(lns, t);
	if (*why)
		return false;
	*why = "memory is short";
	s = session_new(lns, t);
	if (!s)
		return false;
	s->outgoing = true;
	s->call_serial = s->serial;
	log_escape(s->called, sizeof(s->called), call->number, strlen(call->number));
	if (!keep_call(s, call)) {
		session_event(lns, s, SE_CLOSE);
		return false;
	}
	s->started = true;
	*ref = session_ref(s);
	session_event(lns, s, SE_OPEN);
	tunnel_event(lns, t, TE_OPEN);
	return true;
}
