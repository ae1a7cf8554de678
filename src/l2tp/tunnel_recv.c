/* What a tunnel hears, and which event of the machine that is. */
#include <stdio.h>
#include <string.h>

#include "l2tp/data.h"
#include "l2tp/status.h"
#include "l2tp/trail_add.h"

/* The name as text; one family of clients counts the closing NUL in. */
static bool
take_text(char *dst, size_t cap, const struct l2tp_bytes *value)
{
	bool nul = value->len && value->p[value->len - 1] == 0;

	log_escape(dst, cap, value->p, value->len - nul);
	return nul;
}

/* What its SCCRQ or SCCRP says of the peer. */
static void
learn(struct tunnel *t, const struct l2tp_msg *msg)
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

/* RFC 3308 §4: a code point that is asked for is granted in the answer, or passed over. */
static void
agree_dscp(struct tunnel *t, const struct l2tp_msg *msg)
{
	t->dscp_agreed = t->peer->conf.dscp && MSG_HAS(msg, AVP_CONTROL_DSCP) &&
			 l2tp_phb_dscp(msg->control_dscp, &t->dscp);
	t->control_dscp = msg->control_dscp;
}

bool
tunnel_asked(struct lns *lns, struct tunnel *t, const struct l2tp_header *h,
	     const struct l2tp_msg *sccrq)
{
	learn(t, sccrq);
	agree_dscp(t, sccrq);
	log_debug("receive SCCRQ tid=%u peer_tid=%u host=\"%s\"", t->tid, t->peer_tid,
		  t->host_name);
	trail_heard(&t->trail, t->since, lns->now, h, 0);
	chan_input(&t->chan, lns->now, 0, 0, 0, h->body, h->len);
	if (auth_answer(t, MSG_SCCRP, sccrq))
		return true;
	l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_NO_RESOURCES, BY_SERVER, "no MD5 on this host");
	return false;
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

/* The peer's proof in a SCCRP or SCCCN; false: t->end says what is wrong with it. */
static bool
is_proved(struct tunnel *t, const struct l2tp_msg *msg)
{
	if (auth_check(t, msg))
		return true;
	l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_WRONG_PASSWORD, BY_SERVER,
		       MSG_HAS(msg, AVP_RESPONSE) ? "wrong tunnel secret"
						  : "no response to our challenge");
	return false;
}

/*
 * The answer to our SCCRQ. The peer's proof comes first: what it asks is not answered for somebody
 * who has none.
 */
static enum tunnel_event
take_sccrp(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg)
{
	const char *why = auth_refuses(lns, &t->peer->conf, msg);

	learn(t, msg);
	if (!l2tp_version_fits(msg)) {
		l2tp_end_version(&t->end);
		return TE_SCCRP_BAD;
	}
	if (!is_proved(t, msg))
		return TE_SCCRP_BAD;
	if (!why && !auth_answer(t, MSG_SCCCN, msg))
		why = "no MD5 on this host";
	if (!why)
		return TE_SCCRP;
	l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_METHOD, BY_SERVER, why);
	return TE_SCCRP_BAD;
}

/* §7.2.1's own words for a message of the tunnel's. */
static enum tunnel_event
event_of(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg)
{
	if (msg->type == MSG_STOPCCN) {
		if (t->state < T_CLOSING)
			l2tp_end_peer(&t->end, msg);
		/* it may be all that a peer ever says: its acknowledgement has to find it */
		if (!t->peer_tid)
			t->peer_tid = msg->assigned_tunnel;
		return TE_STOPCCN;
	}
	if (msg->type == MSG_SCCRP && t->state == T_WAIT_CTL_REPLY)
		return take_sccrp(lns, t, msg);
	if (msg->type == MSG_SCCCN && t->state == T_WAIT_CTL_CONN)
		return is_proved(t, msg) ? TE_SCCCN : TE_SCCCN_BAD;
	unexpected(t, msg);
	return msg->type == MSG_SCCRQ	? TE_SCCRQ
	       : msg->type == MSG_SCCRP ? TE_SCCRP
	       : msg->type == MSG_SCCCN ? TE_SCCCN
					: TE_FAULT;
}

static bool
is_of_the_machine(unsigned type)
{
	return type == MSG_SCCRQ || type == MSG_SCCRP || type == MSG_SCCCN || type == MSG_STOPCCN;
}

static void
take_message(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg)
{
	bool of_session = l2tp_type_of_session(msg->type);

	if (of_session && t->state == T_ESTABLISHED)
		session_message(lns, t, sid, msg);
	else if (of_session || is_of_the_machine(msg->type))
		tunnel_event(lns, t, event_of(lns, t, msg));
	else if (msg->type == MSG_CSUN && t->state == T_ESTABLISHED)
		status_speeds(lns, t, msg);
	/* else HELLO, and what §4.4.1 lets us ignore: the acknowledgement is the answer */
}

static void
take_fault(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg,
	   const struct l2tp_fault *fault)
{
	struct l2tp_end end;

	l2tp_end_fault(&end, fault);
	refusal_note(lns, &t->path, "message malformed", t->host_name, end.text);
	if (l2tp_type_of_session(msg->type) && t->state == T_ESTABLISHED) {
		session_fault(lns, t, sid, msg, fault);
		return;
	}
	if (t->state >= T_CLOSING)
		return; /* why it ended is settled */
	/* the answer to our SCCRQ: as much of it as tells where the StopCCN has to go */
	if (!t->peer_tid)
		t->peer_tid = msg->assigned_tunnel;
	t->end = end;
	tunnel_event(lns, t, TE_FAULT);
}

static void
take_body(struct lns *lns, struct tunnel *t, uint16_t sid, const uint8_t *body, size_t len)
{
	const struct msg_reading how = endpoint_reading(lns, &t->peer->conf);
	struct l2tp_msg msg;
	struct l2tp_fault fault;
	bool good = msg_decode(&msg, body, len, &how, &fault);

	log_debug("receive %s tid=%u sid=%u%s%s", l2tp_type_name(msg.type), t->tid, sid,
		  good ? "" : " fault=", good ? "" : fault.why);
	if (good && msg.ignored)
		log_debug("ignored avps=%u first=%u message=%s tid=%u", msg.ignored,
			  msg.ignored_attr, l2tp_type_name(msg.type), t->tid);
	if (good)
		take_message(lns, t, sid, &msg);
	else
		take_fault(lns, t, sid, &msg, &fault);
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

static bool
is_any(const struct lns_addr *addr)
{
	static const uint8_t none[sizeof(addr->ip)];

	return memcmp(addr->ip, none, sizeof(none)) == 0;
}

bool
tunnel_is_from(const struct tunnel *t, const struct lns_path *path)
{
	struct lns_path ours = t->path;

	if (is_any(&ours.local))
		ours.local = path->local;
	return lns_path_eq(&ours, path);
}

static unsigned
flags_of(enum chan_verdict verdict)
{
	if (verdict == CHAN_DUPLICATE)
		return TRAIL_AGAIN;
	return verdict == CHAN_BAD ? TRAIL_REFUSED : 0;
}

void
tunnel_input(struct lns *lns, struct tunnel *t, const struct lns_path *path,
	     const struct l2tp_header *h)
{
	enum chan_verdict verdict =
		chan_input(&t->chan, lns->now, h->ns, h->nr, h->sid, h->body, h->len);

	trail_heard(&t->trail, t->since, lns->now, h, flags_of(verdict));
	/* even of a message beyond our window the Nr has been taken: what follows may have to go on
	 */
	if (verdict == CHAN_BAD) {
		lns->count.dropped_malformed++;
	} else {
		tunnel_heard(lns, t);
		t->path.local = path->local;
	}
	if (verdict == CHAN_DELIVER) {
		take_body(lns, t, h->sid, h->body, h->len);
		take_early(lns, t);
	}
	if (t->state == T_CLOSING && chan_idle(&t->chan))
		tunnel_event(lns, t, TE_ACKED);
	if (t->state == T_DEAD)
		return;
	endpoint_outgoing(lns, t);
	tunnel_arm(lns, t);
}
