/* The session's machine, for incoming calls. */
#include "l2tp/session.h"

#include <stdlib.h>
#include <string.h>

#include "l2tp/data.h"

#define CELL(a, n)                                                                                 \
	{                                                                                          \
		SA_##a, S_##n                                                                      \
	}

/*
 * RFC 2661 §7.4.2. Rows the state, columns the events in the order of enum session_event: ICRQ,
 * ICRQ_BAD, ICRP, ICCN, ICCN_BAD, CDN | CLOSE, TUNNEL_DOWN. The RFC's "idle" after the end is
 * S_DEAD here: the object goes.
 */
static const struct session_cell table[S_STATES][S_EVENTS] = {
	[S_IDLE] = {CELL(ICRP, WAIT_CONNECT), CELL(CDN, DEAD), CELL(CDN, DEAD), CELL(END, DEAD),
		    CELL(END, DEAD), CELL(END, DEAD), CELL(CDN, DEAD), CELL(END, DEAD)},
	[S_WAIT_CONNECT] = {CELL(CDN, DEAD), CELL(CDN, DEAD), CELL(CDN, DEAD),
			    CELL(GO, ESTABLISHED), CELL(CDN, DEAD), CELL(END, DEAD),
			    CELL(CDN, DEAD), CELL(END, DEAD)},
	[S_ESTABLISHED] = {CELL(CDN, DEAD), CELL(CDN, DEAD), CELL(CDN, DEAD), CELL(CDN, DEAD),
			   CELL(CDN, DEAD), CELL(END, DEAD), CELL(CDN, DEAD), CELL(END, DEAD)},
	[S_DEAD] = {CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD),
		    CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD)},
};

const struct session_cell *
session_cell(enum session_state state, enum session_event event)
{
	return &table[state][event];
}

const char *
session_state_name(enum session_state state)
{
	static const char *const names[S_STATES] = {
		[S_IDLE] = "idle",
		[S_WAIT_CONNECT] = "wait-connect",
		[S_ESTABLISHED] = "established",
		[S_DEAD] = "dead",
	};

	return names[state];
}

struct session *
session_new(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg)
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
	s->peer_sid = msg->assigned_session;
	s->serial = ++lns->serial;
	s->tunnel = s->timer.tunnel = s->todo.tunnel = t;
	s->timer.session = s->todo.session = s;
	s->since = lns->now;
	s->call_serial = msg->call_serial;
	log_escape(s->calling, sizeof(s->calling), msg->calling.p, msg->calling.len);
	log_escape(s->called, sizeof(s->called), msg->called.p, msg->called.len);
	endpoint_add_session(lns, s);
	return s;
}

void
session_free(struct session *s)
{
	reorder_fini(&s->reorder);
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
send_icrp(struct lns *lns, struct session *s)
{
	struct l2tp_msg msg = {
		.type = MSG_ICRP, .has = BIT(ASSIGNED_SESSION), .assigned_session = s->sid};

	s->started = true;
	endpoint_tell(lns, &s->todo, LNS_ACT_PPP_START);
	endpoint_set_timer(lns, &s->timer, lns->now + lns->conf.session_setup);
	tunnel_send(lns, s->tunnel, &msg, s->peer_sid);
}

static void
send_cdn(struct lns *lns, struct session *s)
{
	struct l2tp_msg msg = {
		.type = MSG_CDN, .has = BIT(ASSIGNED_SESSION), .assigned_session = s->sid};

	l2tp_end_encode(&s->end, &msg);
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
	case SA_GO:
		s->established_at = lns->now;
		endpoint_set_timer(lns, &s->timer, MSTIME_NEVER);
		endpoint_tell(lns, &s->todo, LNS_ACT_PPP_GO);
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
	l2tp_end_cause(&s->end, MSG_CDN, CAUSE_NEGOTIATION, BY_SERVER, "no ICCN in time");
	s->end.result = CDN_LATE;
	session_event(lns, s, SE_CLOSE);
}

/* The header's id is ours; one that comes with 0 can only be told by the id the peer gave (§4.4.4,
 * Assigned Session ID). */
static struct session *
find(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg)
{
	struct session *s = endpoint_session(lns, sid);

	if (sid)
		return s && s->tunnel == t ? s : NULL;
	return MSG_HAS(msg, AVP_ASSIGNED_SESSION)
		       ? endpoint_session_of_peer(lns, t, msg->assigned_session)
		       : NULL;
}

/* A request that is answered with a CDN at once. */
static void
refuse(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg, const struct l2tp_end *end)
{
	struct session *s = session_new(lns, t, msg);
	uint32_t held;

	if (log_limit_pass(&lns->drop_limit, lns->now, &held))
		log_notice("session refused tid=%u host=\"%s\" text=\"%s\" more=%u", t->tid,
			   t->host_name, end->text, held);
	if (!s)
		return; /* the peer's own time limit has to tell it */
	s->end = *end;
	session_event(lns, s, SE_ICRQ_BAD);
}

static void
take_icrq(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg)
{
	struct l2tp_end end;
	struct session *s;

	if (lns->count.sessions >= lns->conf.max_sessions) {
		l2tp_end_cause(&end, MSG_CDN, CAUSE_LIMIT, BY_SERVER,
			       "server.max-sessions is reached");
		lns->count.dropped_limit++;
		refuse(lns, t, msg, &end);
		return;
	}
	if (endpoint_session_of_peer(lns, t, msg->assigned_session)) {
		l2tp_end_cause(&end, MSG_CDN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
			       "Assigned Session ID is in use");
		refuse(lns, t, msg, &end);
		return;
	}
	s = session_new(lns, t, msg);
	if (s)
		session_event(lns, s, SE_ICRQ);
}

/* §7.5.1: an LNS that is asked to dial. */
static void
take_ocrq(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg)
{
	struct l2tp_end end;

	l2tp_end_cause(&end, MSG_CDN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
		       "no facilities to place a call");
	end.result = CDN_PERMANENT;
	end.error = 0;
	refuse(lns, t, msg, &end);
}

static void
take_iccn(struct lns *lns, struct session *s, const struct l2tp_msg *msg)
{
	if (s->state == S_WAIT_CONNECT) {
		s->tx_speed = msg->tx_speed;
		s->rx_speed = MSG_HAS(msg, AVP_RX_SPEED) ? msg->rx_speed : msg->tx_speed;
		s->sequencing = MSG_HAS(msg, AVP_SEQUENCING_REQUIRED);
	} else {
		l2tp_end_cause(&s->end, MSG_CDN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
			       "unexpected ICCN");
	}
	session_event(lns, s, SE_ICCN);
}

void
session_message(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg)
{
	struct session *s =
		msg->type == MSG_ICRQ || msg->type == MSG_OCRQ ? NULL : find(lns, t, sid, msg);

	if (msg->type == MSG_ICRQ)
		take_icrq(lns, t, msg);
	else if (msg->type == MSG_OCRQ)
		take_ocrq(lns, t, msg);
	else if (!s || msg->type == MSG_WEN || msg->type == MSG_SLI)
		return; /* acknowledged, and nothing to do: gone already, or for the log of a LAC */
	else if (msg->type == MSG_CDN) {
		l2tp_end_peer(&s->end, msg);
		session_event(lns, s, SE_CDN);
	} else if (msg->type == MSG_ICCN) {
		take_iccn(lns, s, msg);
	} else {
		l2tp_end_cause(&s->end, MSG_CDN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
			       "unexpected message");
		session_event(lns, s, SE_ICRP);
	}
}

void
session_fault(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg,
	      const struct l2tp_fault *fault)
{
	struct session *s = find(lns, t, sid, msg);
	struct l2tp_end end;

	l2tp_end_fault(&end, fault);
	if (msg->type == MSG_ICRQ || msg->type == MSG_OCRQ) {
		refuse(lns, t, msg, &end);
	} else if (s) {
		s->end = end;
		session_event(lns, s, msg->type == MSG_ICCN ? SE_ICCN_BAD : SE_CLOSE);
	}
}

void
session_tunnel_up(struct lns *lns, struct tunnel *t)
{
	/* no call of ours waits */
	(void)lns;
	(void)t;
}
