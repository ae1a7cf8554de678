/* The tunnel's machine: classify a message, look into one cell, act. Nothing here touches a socket
 * or a clock. */
#include "l2tp/tunnel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tp/session.h"

/* A client that came back is told from a second tunnel of the same host by this silence of the old
 * one. */
#define PROBE_MS 3000

#define CELL(a, n)                                                                                 \
	{                                                                                          \
		TA_##a, T_##n                                                                      \
	}

/*
 * RFC 2661 §7.2.1 for the side that is asked, and the time after the end (§5.7). Rows the state,
 * columns the events in the order of enum tunnel_event: SCCRQ, SCCRQ_BAD, SCCRP, SCCCN, SCCCN_BAD,
 * STOPCCN | CLOSE, FAULT, ACKED, GONE, REPLACED, EXPIRED.
 */
static const struct tunnel_cell table[T_STATES][T_EVENTS] = {
	[T_IDLE] = {CELL(SCCRP, WAIT_CTL_CONN), CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING),
		    CELL(DROP, DEAD), CELL(DROP, DEAD), CELL(STOPPED, LINGER),
		    CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING), CELL(NONE, IDLE),
		    CELL(DROP, DEAD), CELL(DROP, DEAD), CELL(DROP, DEAD)},
	[T_WAIT_CTL_CONN] = {CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING),
			     CELL(UP, ESTABLISHED), CELL(STOPCCN, CLOSING), CELL(STOPPED, LINGER),
			     CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING),
			     CELL(NONE, WAIT_CTL_CONN), CELL(DROP, DEAD), CELL(DROP, DEAD),
			     CELL(DROP, DEAD)},
	[T_ESTABLISHED] = {CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING),
			   CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING), CELL(STOPPED, LINGER),
			   CELL(STOPCCN, CLOSING), CELL(STOPCCN, CLOSING), CELL(NONE, ESTABLISHED),
			   CELL(DROP, DEAD), CELL(DROP, DEAD), CELL(NONE, ESTABLISHED)},
	[T_CLOSING] = {CELL(NONE, CLOSING), CELL(NONE, CLOSING), CELL(NONE, CLOSING),
		       CELL(NONE, CLOSING), CELL(NONE, CLOSING), CELL(NONE, LINGER),
		       CELL(NONE, CLOSING), CELL(NONE, CLOSING), CELL(NONE, LINGER),
		       CELL(BURY, DEAD), CELL(BURY, DEAD), CELL(BURY, DEAD)},
	[T_LINGER] = {CELL(NONE, LINGER), CELL(NONE, LINGER), CELL(NONE, LINGER),
		      CELL(NONE, LINGER), CELL(NONE, LINGER), CELL(NONE, LINGER),
		      CELL(NONE, LINGER), CELL(NONE, LINGER), CELL(NONE, LINGER), CELL(BURY, DEAD),
		      CELL(BURY, DEAD), CELL(BURY, DEAD)},
	[T_DEAD] = {CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD),
		    CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD),
		    CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD), CELL(NONE, DEAD)},
};

const struct tunnel_cell *
tunnel_cell(enum tunnel_state state, enum tunnel_event event)
{
	return &table[state][event];
}

const char *
tunnel_state_name(enum tunnel_state state)
{
	static const char *const names[T_STATES] = {
		[T_IDLE] = "idle",
		[T_WAIT_CTL_CONN] = "wait-ctl-conn",
		[T_ESTABLISHED] = "established",
		[T_CLOSING] = "closing",
		[T_LINGER] = "linger",
		[T_DEAD] = "dead",
	};

	return names[state];
}

/* The name as text; one family of clients counts the closing NUL in. */
static bool
take_text(char *dst, size_t cap, const struct l2tp_bytes *value)
{
	bool nul = value->len && value->p[value->len - 1] == 0;

	log_escape(dst, cap, value->p, value->len - nul);
	return nul;
}

void
tunnel_learn(struct tunnel *t, const struct l2tp_msg *msg)
{
	bool nul = take_text(t->host_name, sizeof(t->host_name), &msg->host_name);

	take_text(t->vendor, sizeof(t->vendor), &msg->vendor_name);
	t->peer_tid = msg->assigned_tunnel;
	t->firmware = msg->firmware;
	t->framing_caps = msg->framing_caps;
	t->bearer_caps = msg->bearer_caps;
	if (MSG_HAS(msg, AVP_RECEIVE_WINDOW))
		chan_set_peer_window(&t->chan, msg->window);
	t->client = l2tp_client_guess(t->vendor, t->host_name, nul,
				      MSG_HAS(msg, AVP_RECEIVE_WINDOW) ? msg->window : 0,
				      MSG_HAS(msg, AVP_FIRMWARE));
}

struct tunnel *
tunnel_new(struct lns *lns, const struct lns_path *path, struct peer *peer)
{
	uint16_t tid = endpoint_free_tid(lns);
	struct tunnel *t = tid ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return NULL;
	/* two entries more than there are items: its own timer and one session's can always be set
	 */
	if (!heap_reserve(&lns->timers, lns->count.tunnels + lns->count.sessions + 2)) {
		free(t);
		return NULL;
	}
	t->tid = tid;
	t->serial = ++lns->serial;
	t->path = *path;
	t->peer = peer_ref(peer);
	t->timer.tunnel = t->todo.tunnel = t->todo_end.tunnel = t;
	t->client = l2tp_client_guess("", "", false, 0, true);
	t->since = t->last_rx = lns->now;
	t->until = lns->now + lns->conf.half_open;
	chan_init(&t->chan, lns->conf.window);
	endpoint_add_tunnel(lns, t);
	return t;
}

void
tunnel_free(struct tunnel *t)
{
	chan_fini(&t->chan);
	peer_unref(t->peer);
	free(t);
}

void
tunnel_send(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg, uint16_t peer_sid)
{
	uint8_t bytes[1024];
	size_t len = msg_encode(msg, t->peer_tid, peer_sid, NULL, bytes, sizeof(bytes));

	log_debug("send %s tid=%u peer_tid=%u peer_sid=%u", l2tp_type_name(msg->type), t->tid,
		  t->peer_tid, peer_sid);
	if (!len || !chan_send(&t->chan, bytes, len)) {
		/* a tunnel that cannot say what it must is of no use to either side */
		if (t->state != T_CLOSING)
			l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_NO_RESOURCES, BY_SERVER,
				       "too many messages wait for the peer");
		tunnel_event(lns, t, TE_GONE);
		return;
	}
	endpoint_outgoing(lns, t);
}

static struct l2tp_bytes
text_bytes(const char *text)
{
	return (struct l2tp_bytes){.p = (const uint8_t *)text, .len = strlen(text)};
}

#define BIT(attr) (UINT64_C(1) << AVP_##attr)

/* §6.2. No bearer: there is no hardware to dial with. */
static void
send_sccrp(struct lns *lns, struct tunnel *t)
{
	struct l2tp_msg msg = {
		.type = MSG_SCCRP,
		.has = BIT(PROTOCOL_VERSION) | BIT(FRAMING_CAPS) | BIT(FIRMWARE) | BIT(HOST_NAME) |
		       BIT(VENDOR_NAME) | BIT(ASSIGNED_TUNNEL) | BIT(RECEIVE_WINDOW),
		.protocol_version = L2TP_PROTOCOL_VERSION,
		.framing_caps = 3,
		.firmware = lns->conf.firmware,
		.host_name = text_bytes(lns->conf.host_name),
		.vendor_name = text_bytes(lns->conf.vendor),
		.assigned_tunnel = t->tid,
		.window = lns->conf.window,
	};

	tunnel_send(lns, t, &msg, 0);
}

/* §6.4: with the Assigned Tunnel ID, which the peer may not know yet. */
static void
send_stopccn(struct lns *lns, struct tunnel *t)
{
	struct l2tp_msg msg = {
		.type = MSG_STOPCCN, .has = BIT(ASSIGNED_TUNNEL), .assigned_tunnel = t->tid};

	l2tp_end_encode(&t->end, &msg);
	tunnel_send(lns, t, &msg, 0);
}

static void
send_hello(struct lns *lns, struct tunnel *t)
{
	struct l2tp_msg msg = {.type = MSG_HELLO};

	tunnel_send(lns, t, &msg, 0);
}

static void
end_sessions(struct lns *lns, struct tunnel *t)
{
	for (struct session *s = t->sessions, *next; s; s = next) {
		next = s->next;
		s->end = t->end;
		session_event(lns, s, SE_TUNNEL_DOWN);
	}
}

void
tunnel_probe(struct lns *lns, struct tunnel *t)
{
	t->probe_until = lns->now + PROBE_MS;
	t->last_rx = lns->now;
	if (chan_idle(&t->chan))
		send_hello(lns, t);
	tunnel_arm(lns, t);
}

/*
 * The same host from the same port with another tunnel. A client that only ever has one has started
 * again: its old tunnel goes at once. Any other may rightly have several: the old one goes when it
 * stays silent to a HELLO.
 */
static void
replace_older(struct lns *lns, struct tunnel *t)
{
	struct tunnel *next;

	for (struct tunnel *old = endpoint_on_path(lns, &t->path); old; old = next) {
		next = endpoint_next_on_path(old);
		if (old == t || old->state != T_ESTABLISHED || !lns_path_eq(&old->path, &t->path) ||
		    strcmp(old->host_name, t->host_name) != 0)
			continue;
		if (t->client->single || old->peer_tid == t->peer_tid) {
			tunnel_replace(lns, old);
			continue;
		}
		tunnel_probe(lns, old);
	}
}

static void
become_established(struct lns *lns, struct tunnel *t)
{
	endpoint_not_half_open(lns, t);
	endpoint_tell(lns, &t->todo, LNS_ACT_TUNNEL_UP);
	mark_replace_unheard(lns, t);
	replace_older(lns, t);
}

static void
act(struct lns *lns, struct tunnel *t, enum tunnel_action action)
{
	switch (action) {
	case TA_NONE:
	case TA_BURY:
		break;
	case TA_SCCRP:
		send_sccrp(lns, t);
		break;
	case TA_UP:
		become_established(lns, t);
		break;
	case TA_STOPCCN:
		end_sessions(lns, t);
		endpoint_tell(lns, &t->todo_end, LNS_ACT_TUNNEL_DOWN);
		send_stopccn(lns, t);
		break;
	case TA_STOPPED:
	case TA_DROP:
		end_sessions(lns, t);
		endpoint_tell(lns, &t->todo_end, LNS_ACT_TUNNEL_DOWN);
		break;
	}
}

void
tunnel_event(struct lns *lns, struct tunnel *t, enum tunnel_event event)
{
	enum tunnel_state was = t->state;
	const struct tunnel_cell *cell = &table[was][event];

	/* The state first: what the action sends may itself end the tunnel. */
	t->state = cell->next;
	if (was != T_CLOSING && t->state == T_CLOSING)
		lns->closing++;
	if (was == T_CLOSING && t->state != T_CLOSING)
		lns->closing--;
	act(lns, t, cell->action);
	if (was != t->state && t->state == T_LINGER) {
		chan_forget(&t->chan);
		t->until = lns->now + CHAN_CYCLE;
	}
	if (was != T_DEAD && t->state == T_DEAD && cell->next == T_DEAD)
		endpoint_bury_tunnel(lns, t);
	else
		tunnel_arm(lns, t);
}

void
tunnel_close(struct lns *lns, struct tunnel *t, enum cause cause, enum closed_by by,
	     const char *text)
{
	if (t->state != T_ESTABLISHED && t->state != T_WAIT_CTL_CONN)
		return;
	l2tp_end_cause(&t->end, MSG_STOPCCN, cause, by, text);
	tunnel_event(lns, t, TE_CLOSE);
}

void
tunnel_replace(struct lns *lns, struct tunnel *t)
{
	if (t->state < T_CLOSING) /* why another ended is settled */
		l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_REPLACED, BY_CLIENT, NULL);
	tunnel_event(lns, t, TE_REPLACED);
}

void
tunnel_heard(const struct lns *lns, struct tunnel *t)
{
	t->last_rx = lns->now;
	t->probe_until = 0;
	t->unheard = false;
}

static void
unexpected(struct tunnel *t, const struct l2tp_msg *msg)
{
	char text[64];

	if (t->state >= T_CLOSING)
		return; /* why it ended is settled */
	snprintf(text, sizeof(text), "unexpected %s", l2tp_type_name(msg->type));
	l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_PROTOCOL_ERROR, BY_SERVER, text);
}

/* §7.2.1's own words for what comes in; a message of a session is the session's. */
static void
take_message(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg)
{
	switch (msg->type) {
	case MSG_SCCRQ:
		unexpected(t, msg);
		tunnel_event(lns, t, TE_SCCRQ);
		break;
	case MSG_SCCRP:
		unexpected(t, msg);
		tunnel_event(lns, t, TE_SCCRP);
		break;
	case MSG_SCCCN:
		if (t->state != T_WAIT_CTL_CONN)
			unexpected(t, msg);
		tunnel_event(lns, t, TE_SCCCN);
		break;
	case MSG_STOPCCN:
		if (t->state == T_ESTABLISHED || t->state == T_WAIT_CTL_CONN)
			l2tp_end_peer(&t->end, msg);
		tunnel_event(lns, t, TE_STOPCCN);
		break;
	default:
		/* HELLO, and what §4.4.1 lets us ignore: the acknowledgement is the answer */
		if (!l2tp_type_of_session(msg->type))
			break;
		if (t->state == T_ESTABLISHED) {
			session_message(lns, t, sid, msg);
		} else if (t->state == T_WAIT_CTL_CONN) {
			unexpected(t, msg);
			tunnel_event(lns, t, TE_FAULT);
		}
		break;
	}
}

static void
take_body(struct lns *lns, struct tunnel *t, uint16_t sid, const uint8_t *body, size_t len)
{
	const struct msg_reading how = {.strict = lns->conf.avp_strict};
	struct l2tp_msg msg;
	struct l2tp_fault fault;
	bool good = msg_decode(&msg, body, len, &how, &fault);

	log_debug("receive %s tid=%u sid=%u%s%s", l2tp_type_name(msg.type), t->tid, sid,
		  good ? "" : " fault=", good ? "" : fault.why);
	if (good && msg.ignored)
		log_debug("ignored avps=%u first=%u message=%s tid=%u", msg.ignored,
			  msg.ignored_attr, l2tp_type_name(msg.type), t->tid);
	if (good) {
		take_message(lns, t, sid, &msg);
	} else if (l2tp_type_of_session(msg.type) && t->state == T_ESTABLISHED) {
		session_fault(lns, t, sid, &msg, &fault);
	} else if (t->state == T_ESTABLISHED || t->state == T_WAIT_CTL_CONN) {
		l2tp_end_fault(&t->end, &fault);
		tunnel_event(lns, t, TE_FAULT);
	}
}

static void
take_early(struct lns *lns, struct tunnel *t)
{
	struct chan_msg *msg;

	while (t->state != T_DEAD && (msg = chan_early(&t->chan)) != NULL) {
		size_t len;
		uint16_t sid;
		const uint8_t *body = chan_msg_body(msg, &len, &sid);

		take_body(lns, t, sid, body, len);
		chan_msg_free(msg);
	}
}

void
tunnel_input(struct lns *lns, struct tunnel *t, uint16_t ns, uint16_t nr, uint16_t sid,
	     const uint8_t *body, size_t len)
{
	enum chan_verdict verdict = chan_input(&t->chan, lns->now, ns, nr, sid, body, len);

	/* even of a message beyond our window the Nr has been taken: what follows may have to go on
	 */
	if (verdict == CHAN_BAD)
		lns->count.dropped_malformed++;
	else
		tunnel_heard(lns, t);
	if (verdict == CHAN_DELIVER) {
		take_body(lns, t, sid, body, len);
		take_early(lns, t);
	}
	if (t->state == T_CLOSING && chan_idle(&t->chan))
		tunnel_event(lns, t, TE_ACKED);
	if (t->state == T_DEAD)
		return;
	endpoint_outgoing(lns, t);
	tunnel_arm(lns, t);
}

static bool
alive_since_hello(const struct lns *lns, const struct tunnel *t)
{
	/* Some phones never acknowledge a HELLO: data and LCP echoes are as good a proof of life.
	 */
	return t->state == T_ESTABLISHED && t->session_count && lns->now - t->last_rx < CHAN_CYCLE;
}

static void
tick_channel(struct lns *lns, struct tunnel *t)
{
	if (!chan_tick(&t->chan, lns->now)) {
		if (!alive_since_hello(lns, t)) {
			if (t->state != T_CLOSING)
				l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_LOST_CARRIER, BY_SERVER,
					       NULL);
			tunnel_event(lns, t, TE_GONE);
			return;
		}
		chan_revive(&t->chan);
		chan_tick(&t->chan, lns->now);
	}
	endpoint_outgoing(lns, t);
}

static void
tick_state(struct lns *lns, struct tunnel *t)
{
	if (t->state == T_WAIT_CTL_CONN && lns->now >= t->until) {
		l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_LOST_CARRIER, BY_SERVER,
			       "not established in time");
		tunnel_event(lns, t, TE_GONE);
	} else if (t->state == T_LINGER && lns->now >= t->until) {
		tunnel_event(lns, t, TE_EXPIRED);
	} else if (t->state == T_ESTABLISHED && t->probe_until && lns->now >= t->probe_until) {
		tunnel_replace(lns, t);
	} else if (t->state == T_ESTABLISHED && chan_idle(&t->chan) &&
		   lns->now - t->last_rx >= lns->conf.hello) {
		send_hello(lns, t);
	}
}

void
tunnel_tick(struct lns *lns, struct tunnel *t)
{
	if (t->chan.timeout <= lns->now)
		tick_channel(lns, t);
	tick_state(lns, t);
	tunnel_arm(lns, t);
}

static mstime_t
earlier(mstime_t a, mstime_t b)
{
	return a < b ? a : b;
}

void
tunnel_arm(struct lns *lns, struct tunnel *t)
{
	mstime_t when = t->chan.timeout;

	if (t->state == T_DEAD)
		return; /* what was to be sent has ended it */
	if (t->state == T_WAIT_CTL_CONN || t->state == T_LINGER)
		when = earlier(when, t->until);
	if (t->state == T_ESTABLISHED && t->probe_until)
		when = earlier(when, t->probe_until);
	if (t->state == T_ESTABLISHED && chan_idle(&t->chan))
		when = earlier(when, t->last_rx + lns->conf.hello);
	endpoint_set_timer(lns, &t->timer, when);
}
