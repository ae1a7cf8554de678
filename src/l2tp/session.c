/* The session's machine, and which message is which event. */
#include "l2tp/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tp/call.h"
#include "l2tp/data.h"
#include "l2tp/detail.h"
#include "l2tp/disconnect.h"
#include "l2tp/proxy.h"
#include "l2tp/status.h"

#define CELL(a, n)                                                                                 \
	{                                                                                          \
		SA_##a, S_##n                                                                      \
	}
#define OVER CELL(CDN, DEAD)
#define GONE CELL(END, DEAD)
#define DUMB CELL(NONE, DEAD)
#define SAME(n) CELL(NONE, n)

/*
 * RFC 2661 §7.4.2 and §7.5.2. Rows the state, columns the events in the order of enum
 * session_event: ICRQ, ICRP, ICCN, OCRQ | OCRP, OCCN, BAD, CDN | OPEN, TUNNEL_UP, CLOSE,
 * TUNNEL_DOWN. The RFC's "idle" after the end is S_DEAD here: the object goes. The row of S_IDLE is
 * also that of sessions that do not exist. In wait-tunnel the peer has not heard of the session:
 * what seems to be for it is not.
 */
static const struct session_cell table[S_STATES][S_EVENTS] = {
	[S_IDLE] = {CELL(ICRP, WAIT_CONNECT), OVER, GONE, OVER, GONE, GONE, OVER, GONE,
		    CELL(NONE, WAIT_TUNNEL), SAME(IDLE), GONE, GONE},
	[S_WAIT_TUNNEL] = {SAME(WAIT_TUNNEL), SAME(WAIT_TUNNEL), SAME(WAIT_TUNNEL),
			   SAME(WAIT_TUNNEL), SAME(WAIT_TUNNEL), SAME(WAIT_TUNNEL),
			   SAME(WAIT_TUNNEL), SAME(WAIT_TUNNEL), SAME(WAIT_TUNNEL),
			   CELL(OCRQ, WAIT_REPLY), GONE, GONE},
	[S_WAIT_REPLY] = {OVER, OVER, OVER, OVER, CELL(START, WAIT_ANSWER), OVER, OVER, GONE,
			  SAME(WAIT_REPLY), SAME(WAIT_REPLY), OVER, GONE},
	[S_WAIT_ANSWER] = {OVER, OVER, OVER, OVER, OVER, CELL(GO, ESTABLISHED), OVER, GONE,
			   SAME(WAIT_ANSWER), SAME(WAIT_ANSWER), OVER, GONE},
	[S_WAIT_CONNECT] = {OVER, OVER, CELL(GO, ESTABLISHED), OVER, OVER, OVER, OVER, GONE,
			    SAME(WAIT_CONNECT), SAME(WAIT_CONNECT), OVER, GONE},
	[S_ESTABLISHED] = {OVER, OVER, OVER, OVER, OVER, OVER, OVER, GONE, SAME(ESTABLISHED),
			   SAME(ESTABLISHED), OVER, GONE},
	[S_DEAD] = {DUMB, DUMB, DUMB, DUMB, DUMB, DUMB, DUMB, DUMB, DUMB, DUMB, DUMB, DUMB},
};

const struct session_cell *
session_cell(enum session_state state, enum session_event event)
{
	return &table[state][event];
}

/* The name, and what did not come in time. */
static const struct {
	const char *name, *late;
} states[S_STATES] = {
	[S_IDLE] = {"idle", ""},
	[S_WAIT_TUNNEL] = {"wait-tunnel", "no tunnel in time"},
	[S_WAIT_REPLY] = {"wait-reply", "no OCRP in time"},
	[S_WAIT_ANSWER] = {"wait-connect", "no OCCN in time"},
	[S_WAIT_CONNECT] = {"wait-connect", "no ICCN in time"},
	[S_ESTABLISHED] = {"established", ""},
	[S_DEAD] = {"dead", ""},
};

const char *
session_state_name(enum session_state state)
{
	return states[state].name;
}

struct session *
session_new(struct lns *lns, struct tunnel *t)
{
	uint16_t sid = endpoint_free_sid(lns);
	struct session *s = sid ? calloc(1, sizeof(*s)) : NULL;

	if (!s)
		return NULL;
	if (!heap_reserve(&lns->timers, lns->count.tunnels + lns->count.sessions + 2)) {
		free(s);
		return NULL;
	}
	s->sid = sid;
	s->serial = ++lns->serial;
	s->tunnel = s->timer.tunnel = s->todo.tunnel = t;
	s->timer.session = s->todo.session = s;
	s->since = lns->now;
	s->accm = STATUS_ACCM_DEFAULT;
	endpoint_add_session(lns, s);
	endpoint_set_timer(lns, &s->timer, lns->now + lns->conf.session_setup);
	return s;
}

void
session_free(struct session *s)
{
	reorder_fini(&s->reorder);
	proxy_free(s->proxy);
	detail_free(s->detail);
	free(s->call);
	free(s);
}

struct session *
session_by_ref(const struct lns *lns, struct lns_ref ref)
{
	struct session *s = endpoint_session(lns, ref.sid);

	return s && s->tunnel->tid == ref.tid && s->serial == ref.serial ? s : NULL;
}

struct lns_ref
session_ref(const struct session *s)
{
	return (struct lns_ref){.tid = s->tunnel->tid, .sid = s->sid, .serial = s->serial};
}

const struct lns_peer *
session_peer(const struct session *s)
{
	return &s->tunnel->peer->conf;
}

#define BIT(attr) (UINT64_C(1) << AVP_##attr)

static void
start(struct lns *lns, struct session *s)
{
	s->started = true;
	endpoint_tell(lns, &s->todo, LNS_ACT_PPP_START);
}

/* What a LAC has negotiated comes with ICCN: where its word goes, pppd has to wait for that. */
static void
send_icrp(struct lns *lns, struct session *s)
{
	struct l2tp_msg msg = {
		.type = MSG_ICRP, .has = BIT(ASSIGNED_SESSION), .assigned_session = s->sid};

	if (s->dscp_agreed) {
		msg.has |= BIT(SESSION_DSCP);
		msg.session_dscp = s->phb;
	}
	if (!session_peer(s)->proxy_accept)
		start(lns, s);
	tunnel_send(lns, s->tunnel, &msg, s->peer_sid);
}

static void
go(struct lns *lns, struct session *s)
{
	s->established_at = lns->now;
	endpoint_set_timer(lns, &s->timer, MSTIME_NEVER);
	if (!s->started)
		start(lns, s);
	endpoint_tell(lns, &s->todo, LNS_ACT_PPP_GO);
}

static void
send_cdn(struct lns *lns, struct session *s)
{
	struct l2tp_msg msg = {
		.type = MSG_CDN, .has = BIT(ASSIGNED_SESSION), .assigned_session = s->sid};

	l2tp_end_encode(&s->end, &msg);
	if (s->started)
		disconnect_encode(&s->end, &msg);
	tunnel_send(lns, s->tunnel, &msg, s->peer_sid);
}

static void
act(struct lns *lns, struct session *s, enum session_action action)
{
	switch (action) {
	case SA_NONE:
		break;
	case SA_ICRP:
		send_icrp(lns, s);
		break;
	case SA_OCRQ:
		call_send_ocrq(lns, s);
		break;
	case SA_START:
		start(lns, s);
		break;
	case SA_GO:
		go(lns, s);
		break;
	case SA_CDN:
		endpoint_bury_session(lns, s);
		send_cdn(lns, s);
		break;
	case SA_END:
		endpoint_bury_session(lns, s);
		break;
	}
}

void
session_event(struct lns *lns, struct session *s, enum session_event event)
{
	const struct session_cell *cell = &table[s->state][event];

	s->state = cell->next;
	act(lns, s, cell->action);
}

void
session_close(struct lns *lns, struct session *s, enum cause cause, enum closed_by by,
	      const char *text)
{
	l2tp_end_cause(&s->end, MSG_CDN, cause, by, text);
	session_event(lns, s, SE_CLOSE);
}

void
session_tick(struct lns *lns, struct session *s)
{
	if (s->state == S_ESTABLISHED) {
		data_expire(lns, s);
		return;
	}
	l2tp_end_cause(&s->end, MSG_CDN, CAUSE_NEGOTIATION, BY_SERVER, states[s->state].late);
	s->end.result = CDN_LATE;
	session_event(lns, s, SE_CLOSE);
}

const char *
session_limit(const struct lns *lns, const struct tunnel *t)
{
	uint32_t max = t->peer->conf.max_sessions;

	if (lns->count.sessions >= lns->conf.max_sessions)
		return "server.max-sessions is reached";
	return max && t->peer->use->sessions >= max ? "the peer's max-sessions is reached" : NULL;
}

void
session_refuse(struct lns *lns, struct tunnel *t, uint16_t peer_sid, const struct l2tp_end *end)
{
	struct l2tp_msg msg = {.type = MSG_CDN, .assigned_session = endpoint_free_sid(lns)};
	uint32_t held;

	if (log_limit_pass(&lns->drop_limit, lns->now, &held))
		log_notice("session refused tid=%u host=\"%s\" text=\"%s\" more=%u", t->tid,
			   t->host_name, end->text, held);
	/* when all ids are in use, none can be given */
	msg.has = msg.assigned_session ? BIT(ASSIGNED_SESSION) : 0;
	l2tp_end_encode(end, &msg);
	tunnel_send(lns, t, &msg, peer_sid);
}

/* The header's id is ours; one that comes with 0 can only be told by the id the peer gave (§4.4.4,
 * Assigned Session ID). A request with 0 asks for a new session. */
static struct session *
find(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg)
{
	struct session *s = endpoint_session(lns, sid);

	if (sid)
		return s && s->tunnel == t ? s : NULL;
	return MSG_HAS(msg, AVP_ASSIGNED_SESSION) && msg->type != MSG_ICRQ && msg->type != MSG_OCRQ
		       ? endpoint_session_of_peer(lns, t, msg->assigned_session)
		       : NULL;
}

static void
unexpected(struct l2tp_end *end, const struct l2tp_msg *msg)
{
	char text[32];

	snprintf(text, sizeof(text), "unexpected %s", l2tp_type_name(msg->type));
	l2tp_end_cause(end, MSG_CDN, CAUSE_PROTOCOL_ERROR, BY_SERVER, text);
}

static bool
acceptable(const struct lns *lns, const struct tunnel *t, const struct l2tp_msg *icrq,
	   struct l2tp_end *end)
{
	const char *limit = session_limit(lns, t);

	if (lns_draining(lns))
		l2tp_end_elsewhere(end, lns_draining(lns));
	else if (limit)
		l2tp_end_cause(end, MSG_CDN, CAUSE_LIMIT, BY_SERVER, limit);
	else if (endpoint_session_of_peer(lns, t, icrq->assigned_session))
		l2tp_end_cause(end, MSG_CDN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
			       "Assigned Session ID is in use");
	else
		return true;
	return false;
}

/* RFC 3308 §4: what is not agreed upon is code point 0. */
static void
take_dscp(struct session *s, const struct l2tp_msg *icrq)
{
	if (!session_peer(s)->dscp || !MSG_HAS(icrq, AVP_SESSION_DSCP))
		return;
	s->dscp_agreed = l2tp_phb_dscp(icrq->session_dscp, &s->dscp);
	s->phb = icrq->session_dscp;
}

static void
take_icrq(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg)
{
	struct l2tp_end end;
	struct session *s;

	if (!acceptable(lns, t, msg, &end)) {
		lns->count.dropped_limit += end.cause == CAUSE_LIMIT;
		session_refuse(lns, t, msg->assigned_session, &end);
		return;
	}
	s = session_new(lns, t);
	if (!s) {
		l2tp_end_cause(&end, MSG_CDN, CAUSE_NO_RESOURCES, BY_SERVER, NULL);
		session_refuse(lns, t, msg->assigned_session, &end);
		return;
	}
	endpoint_set_peer_sid(lns, s, msg->assigned_session);
	s->call_serial = msg->call_serial;
	log_escape(s->calling, sizeof(s->calling), msg->calling.p, msg->calling.len);
	log_escape(s->called, sizeof(s->called), msg->called.p, msg->called.len);
	take_dscp(s, msg);
	detail_take(&s->detail, msg);
	session_event(lns, s, SE_ICRQ);
}

static void
take_connected(struct session *s, const struct l2tp_msg *msg)
{
	s->tx_speed = msg->tx_speed;
	s->rx_speed = MSG_HAS(msg, AVP_RX_SPEED) ? msg->rx_speed : msg->tx_speed;
	s->framing_type = msg->framing_type;
	s->sequencing = MSG_HAS(msg, AVP_SEQUENCING_REQUIRED);
	if (session_peer(s)->proxy_accept)
		s->proxy = proxy_new(msg);
}

/* §7.4.2's and §7.5.2's words for what comes in; WEN and the like are no events. */
static bool
event_of(uint16_t type, enum session_event *event)
{
	static const struct {
		uint16_t type;
		enum session_event event;
	} events[] = {
		{MSG_ICRQ, SE_ICRQ}, {MSG_ICRP, SE_ICRP}, {MSG_ICCN, SE_ICCN}, {MSG_OCRQ, SE_OCRQ},
		{MSG_OCRP, SE_OCRP}, {MSG_OCCN, SE_OCCN}, {MSG_CDN, SE_CDN},
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].type == type) {
			*event = events[i].event;
			return true;
		}
	return false;
}

/* What cannot be answered is acknowledged, and nothing to do: its session is gone already (§6.12).
 */
static void
take_without_session(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg,
		     enum session_event event)
{
	struct l2tp_end end;

	if (event == SE_ICRQ) {
		take_icrq(lns, t, msg);
		return;
	}
	if (table[S_IDLE][event].action != SA_CDN)
		return;
	unexpected(&end, msg);
	if (event == SE_OCRQ)
		call_end_no_facilities(&end);
	session_refuse(lns, t, msg->assigned_session, &end);
}

static void
take(struct lns *lns, struct session *s, const struct l2tp_msg *msg, enum session_event event)
{
	enum session_action action = table[s->state][event].action;

	if (action == SA_NONE)
		return;
	if (event == SE_CDN) {
		l2tp_end_peer(&s->end, msg);
		disconnect_note(&s->end, msg, s);
	} else if (action == SA_CDN) {
		unexpected(&s->end, msg);
	} else if (event == SE_OCRP) {
		event = call_take_ocrp(lns, s, msg) ? event : SE_BAD;
	} else {
		take_connected(s, msg);
	}
	detail_take(&s->detail, msg);
	session_event(lns, s, event);
}

void
session_message(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg)
{
	struct session *s = find(lns, t, sid, msg);
	enum session_event event;

	if (!event_of(msg->type, &event)) {
		if (s)
			status_message(s, msg);
	} else if (s) {
		take(lns, s, msg, event);
	} else {
		take_without_session(lns, t, msg, event);
	}
}

void
session_fault(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg,
	      const struct l2tp_fault *fault)
{
	struct session *s = find(lns, t, sid, msg);
	struct l2tp_end end;

	l2tp_end_fault(&end, fault);
	if (s) {
		/* who wants to leave is let go, whatever else it says */
		s->end = end;
		session_event(lns, s, msg->type == MSG_CDN ? SE_CDN : SE_BAD);
	} else if (msg->type == MSG_ICRQ || msg->type == MSG_OCRQ) {
		session_refuse(lns, t, msg->assigned_session, &end);
	}
}
