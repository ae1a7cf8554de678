/* What the shell is to do: ends and beginnings in the order in which they came, then what goes out.
 */
#include <string.h>

#include "l2tp/session.h"
#include "l2tp/trail_add.h"

static void
fill_act(struct lns *lns, const struct todo *todo, enum lns_act_kind kind)
{
	const struct tunnel *t = todo->tunnel;
	const struct session *s = todo->session;
	const struct l2tp_end *end = s ? &s->end : &t->end;

	lns->act =
		(struct lns_act){.kind = kind, .path = t->path, .cause = end->cause, .by = end->by};
	lns->act.ref = (struct lns_ref){
		.tid = t->tid, .sid = s ? s->sid : 0, .serial = s ? s->serial : t->serial};
	lns->act.was_up = t->was_up;
	lns->act.trail = kind == LNS_ACT_TUNNEL_DOWN ? t->trail : NULL;
	memcpy(lns->act.text, end->text, sizeof(lns->act.text));
}

static bool
next_told(struct lns *lns)
{
	struct todo *todo;

	while ((todo = lns->todo) != NULL) {
		for (unsigned kind = LNS_ACT_TUNNEL_UP; kind <= LNS_ACT_PPP_STOP; kind++) {
			if (!(todo->bits & 1u << kind))
				continue;
			todo->bits &= ~(1u << kind);
			fill_act(lns, todo, (enum lns_act_kind)kind);
			return true;
		}
		lns->todo = todo->next;
		if (!lns->todo)
			lns->todo_last = NULL;
		todo->queued = false;
	}
	return false;
}

static void
fill_send(struct lns *lns, struct tunnel *t, const uint8_t *bytes, size_t len, bool again)
{
	trail_said(&t->trail, t->since, lns->now, bytes, len, again ? TRAIL_AGAIN : 0);
	lns->act =
		(struct lns_act){.kind = LNS_ACT_SEND, .path = t->path, .bytes = bytes, .len = len};
	lns->act.ref = (struct lns_ref){.tid = t->tid, .serial = t->serial};
	lns->act.dscp = t->dscp;
	lns->act.trail = t->trail;
	lns->count.control_out++;
}

static bool
next_of_tunnel(struct lns *lns, struct tunnel *t)
{
	uint32_t before = t->chan.retransmits;
	size_t len;
	const uint8_t *bytes;
	struct wr w;

	if (t->state == T_DEAD)
		return false;
	bytes = chan_next(&t->chan, lns->now, &len);
	lns->count.retransmits += t->chan.retransmits - before;
	if (bytes) {
		fill_send(lns, t, bytes, len, t->chan.retransmits != before);
		return true;
	}
	tunnel_arm(lns, t);
	if (!t->chan.ack_due)
		return false;
	/* nothing to carry the acknowledgement: a ZLB (§5.8), and at once, for some clients wait
	 * for it */
	t->chan.ack_due = false;
	w = wr_init(lns->ack, sizeof(lns->ack));
	wr_u16(&w, L2TP_CONTROL_FLAGS);
	wr_u16(&w, sizeof(lns->ack));
	wr_u16(&w, t->peer_tid);
	wr_u16(&w, 0);
	wr_u16(&w, t->chan.sent);
	wr_u16(&w, t->chan.nr);
	fill_send(lns, t, lns->ack, sizeof(lns->ack), false);
	return true;
}

static bool
next_refusal(struct lns *lns)
{
	const struct refusal *r = refusal_next(&lns->refusals);

	if (!r)
		return false;
	lns->act = (struct lns_act){
		.kind = LNS_ACT_SEND, .path = r->path, .bytes = r->bytes, .len = r->len};
	lns->count.control_out++;
	return true;
}

const struct lns_act *
lns_next_act(struct lns *lns)
{
	struct tunnel *t;

	if (next_told(lns) || next_refusal(lns))
		return &lns->act;
	while ((t = lns->outgoing) != NULL) {
		if (next_of_tunnel(lns, t))
			return &lns->act;
		lns->outgoing = t->next_outgoing;
		if (!lns->outgoing)
			lns->outgoing_last = NULL;
		t->is_outgoing = false;
	}
	return NULL;
}
