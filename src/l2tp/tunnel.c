/* The tunnel's machine: classify a message, look into one cell, act. Nothing here touches a socket
 * or a clock. */
#include "l2tp/tunnel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tp/call.h"

#define CELL(a, n)                                                                                 \
	{                                                                                          \
		TA_##a, T_##n                                                                      \
	}

/*
 * RFC 2661 §7.2.1, and the time after the end (§5.7). Its "send StopCCN, clean up" is closing here,
 * for the StopCCN has to be delivered; its idle after a StopCCN of the peer's is linger. A SCCRQ
 * that is refused at once, and what else comes for tunnel id 0, has no tunnel: see sccrq.c.
 */
static const struct tunnel_cell table[T_STATES][T_EVENTS] =
	{
		[T_IDLE] =
			{
				[TE_OPEN] = CELL(SCCRQ, WAIT_CTL_REPLY),
				[TE_SCCRQ] = CELL(SCCRP, WAIT_CTL_CONN),
				[TE_SCCRQ_BAD] = CELL(STOPCCN, CLOSING),
				[TE_SCCRP] = CELL(STOPCCN, CLOSING),
				[TE_SCCRP_BAD] = CELL(STOPCCN, CLOSING),
				[TE_SCCCN] = CELL(DROP, DEAD),
				[TE_SCCCN_BAD] = CELL(DROP, DEAD),
				[TE_TIE_LOST] = CELL(NONE, IDLE),
				[TE_TIE_EQUAL] = CELL(NONE, IDLE),
				[TE_STOPCCN] = CELL(STOPPED, LINGER),
				[TE_CLOSE] = CELL(STOPCCN, CLOSING),
				[TE_FAULT] = CELL(STOPCCN, CLOSING),
				[TE_ACKED] = CELL(NONE, IDLE),
				[TE_GONE] = CELL(DROP, DEAD),
				[TE_REPLACED] = CELL(DROP, DEAD),
				[TE_EXPIRED] = CELL(DROP, DEAD),
			},
		[T_WAIT_CTL_REPLY] =
			{
				[TE_OPEN] = CELL(NONE, WAIT_CTL_REPLY),
				[TE_SCCRQ] = CELL(STOPCCN, CLOSING),
				[TE_SCCRQ_BAD] = CELL(STOPCCN, CLOSING),
				[TE_SCCRP] = CELL(SCCCN, ESTABLISHED),
				[TE_SCCRP_BAD] = CELL(STOPCCN, CLOSING),
				[TE_SCCCN] = CELL(STOPCCN, CLOSING),
				[TE_SCCCN_BAD] = CELL(STOPCCN, CLOSING),
				[TE_TIE_LOST] = CELL(SCCRP, WAIT_CTL_CONN),
				[TE_TIE_EQUAL] = CELL(DROP, DEAD),
				[TE_STOPCCN] = CELL(STOPPED, LINGER),
				[TE_CLOSE] = CELL(STOPCCN, CLOSING),
				[TE_FAULT] = CELL(STOPCCN, CLOSING),
				[TE_ACKED] = CELL(NONE, WAIT_CTL_REPLY),
				[TE_GONE] = CELL(DROP, DEAD),
				[TE_REPLACED] = CELL(DROP, DEAD),
				[TE_EXPIRED] = CELL(DROP, DEAD),
			},
		[T_WAIT_CTL_CONN] =
			{
				[TE_OPEN] = CELL(NONE, WAIT_CTL_CONN),
				[TE_SCCRQ] = CELL(STOPCCN, CLOSING),
				[TE_SCCRQ_BAD] = CELL(STOPCCN, CLOSING),
				[TE_SCCRP] = CELL(STOPCCN, CLOSING),
				[TE_SCCRP_BAD] = CELL(STOPCCN, CLOSING),
				[TE_SCCCN] = CELL(UP, ESTABLISHED),
				[TE_SCCCN_BAD] = CELL(STOPCCN, CLOSING),
				[TE_TIE_LOST] = CELL(NONE, WAIT_CTL_CONN),
				[TE_TIE_EQUAL] = CELL(NONE, WAIT_CTL_CONN),
				[TE_STOPCCN] = CELL(STOPPED, LINGER),
				[TE_CLOSE] = CELL(STOPCCN, CLOSING),
				[TE_FAULT] = CELL(STOPCCN, CLOSING),
				[TE_ACKED] = CELL(NONE, WAIT_CTL_CONN),
				[TE_GONE] = CELL(DROP, DEAD),
				[TE_REPLACED] = CELL(DROP, DEAD),
				[TE_EXPIRED] = CELL(DROP, DEAD),
			},
		[T_ESTABLISHED] =
			{
				[TE_OPEN] = CELL(WAKE, ESTABLISHED),
				[TE_SCCRQ] = CELL(STOPCCN, CLOSING),
				[TE_SCCRQ_BAD] = CELL(STOPCCN, CLOSING),
				[TE_SCCRP] = CELL(STOPCCN, CLOSING),
				[TE_SCCRP_BAD] = CELL(STOPCCN, CLOSING),
				[TE_SCCCN] = CELL(STOPCCN, CLOSING),
				[TE_SCCCN_BAD] = CELL(STOPCCN, CLOSING),
				[TE_TIE_LOST] = CELL(NONE, ESTABLISHED),
				[TE_TIE_EQUAL] = CELL(NONE, ESTABLISHED),
				[TE_STOPCCN] = CELL(STOPPED, LINGER),
				[TE_CLOSE] = CELL(STOPCCN, CLOSING),
				[TE_FAULT] = CELL(STOPCCN, CLOSING),
				[TE_ACKED] = CELL(NONE, ESTABLISHED),
				[TE_GONE] = CELL(DROP, DEAD),
				[TE_REPLACED] = CELL(DROP, DEAD),
				[TE_EXPIRED] = CELL(NONE, ESTABLISHED),
			},
		[T_CLOSING] =
			{
				[TE_OPEN] = CELL(NONE, CLOSING),
				[TE_SCCRQ] = CELL(NONE, CLOSING),
				[TE_SCCRQ_BAD] = CELL(NONE, CLOSING),
				[TE_SCCRP] = CELL(NONE, CLOSING),
				[TE_SCCRP_BAD] = CELL(NONE, CLOSING),
				[TE_SCCCN] = CELL(NONE, CLOSING),
				[TE_SCCCN_BAD] = CELL(NONE, CLOSING),
				[TE_TIE_LOST] = CELL(NONE, CLOSING),
				[TE_TIE_EQUAL] = CELL(NONE, CLOSING),
				[TE_STOPCCN] = CELL(NONE, LINGER),
				[TE_CLOSE] = CELL(NONE, CLOSING),
				[TE_FAULT] = CELL(NONE, CLOSING),
				[TE_ACKED] = CELL(NONE, LINGER),
				[TE_GONE] = CELL(BURY, DEAD),
				[TE_REPLACED] = CELL(BURY, DEAD),
				[TE_EXPIRED] = CELL(BURY, DEAD),
			},
		[T_LINGER] =
			{
				[TE_OPEN] = CELL(NONE, LINGER),
				[TE_SCCRQ] = CELL(NONE, LINGER),
				[TE_SCCRQ_BAD] = CELL(NONE, LINGER),
				[TE_SCCRP] = CELL(NONE, LINGER),
				[TE_SCCRP_BAD] = CELL(NONE, LINGER),
				[TE_SCCCN] = CELL(NONE, LINGER),
				[TE_SCCCN_BAD] = CELL(NONE, LINGER),
				[TE_TIE_LOST] = CELL(NONE, LINGER),
				[TE_TIE_EQUAL] = CELL(NONE, LINGER),
				[TE_STOPCCN] = CELL(NONE, LINGER),
				[TE_CLOSE] = CELL(NONE, LINGER),
				[TE_FAULT] = CELL(NONE, LINGER),
				[TE_ACKED] = CELL(NONE, LINGER),
				[TE_GONE] = CELL(BURY, DEAD),
				[TE_REPLACED] = CELL(BURY, DEAD),
				[TE_EXPIRED] = CELL(BURY, DEAD),
			},
		[T_DEAD] =
			{
				[TE_OPEN] = CELL(NONE, DEAD),
				[TE_SCCRQ] = CELL(NONE, DEAD),
				[TE_SCCRQ_BAD] = CELL(NONE, DEAD),
				[TE_SCCRP] = CELL(NONE, DEAD),
				[TE_SCCRP_BAD] = CELL(NONE, DEAD),
				[TE_SCCCN] = CELL(NONE, DEAD),
				[TE_SCCCN_BAD] = CELL(NONE, DEAD),
				[TE_TIE_LOST] = CELL(NONE, DEAD),
				[TE_TIE_EQUAL] = CELL(NONE, DEAD),
				[TE_STOPCCN] = CELL(NONE, DEAD),
				[TE_CLOSE] = CELL(NONE, DEAD),
				[TE_FAULT] = CELL(NONE, DEAD),
				[TE_ACKED] = CELL(NONE, DEAD),
				[TE_GONE] = CELL(NONE, DEAD),
				[TE_REPLACED] = CELL(NONE, DEAD),
				[TE_EXPIRED] = CELL(NONE, DEAD),
			},
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
		[T_WAIT_CTL_REPLY] = "wait-ctl-reply",
		[T_WAIT_CTL_CONN] = "wait-ctl-conn",
		[T_ESTABLISHED] = "established",
		[T_CLOSING] = "closing",
		[T_LINGER] = "linger",
		[T_DEAD] = "dead",
	};

	return names[state];
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
	chan_init(&t->chan, lns->conf.window, lns->conf.tries);
	endpoint_add_tunnel(lns, t);
	return t;
}

void
tunnel_free(struct tunnel *t)
{
	chan_fini(&t->chan);
	peer_unref(t->peer);
	free(t->trail);
	free(t);
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
	t->was_up = true;
	endpoint_tell(lns, &t->todo, LNS_ACT_TUNNEL_UP);
	if (!t->opened) {
		mark_replace_unheard(lns, t);
		replace_older(lns, t);
	}
	session_tunnel_up(lns, t);
}

static void
act(struct lns *lns, struct tunnel *t, enum tunnel_action action)
{
	switch (action) {
	case TA_NONE:
	case TA_BURY:
		break;
	case TA_SCCRQ:
		tunnel_send_sccrq(lns, t);
		break;
	case TA_SCCRP:
		tunnel_send_sccrp(lns, t);
		break;
	case TA_SCCCN:
		tunnel_send_scccn(lns, t);
		if (t->state == T_ESTABLISHED)
			become_established(lns, t);
		break;
	case TA_UP:
		become_established(lns, t);
		break;
	case TA_WAKE:
		session_tunnel_up(lns, t);
		break;
	case TA_STOPCCN:
		end_sessions(lns, t);
		endpoint_tell(lns, &t->todo_end, LNS_ACT_TUNNEL_DOWN);
		tunnel_send_stopccn(lns, t);
		break;
	case TA_STOPPED:
	case TA_DROP:
		end_sessions(lns, t);
		endpoint_tell(lns, &t->todo_end, LNS_ACT_TUNNEL_DOWN);
		break;
	}
}

/* §5.7: as long as either side may go on repeating itself. */
static mstime_t
linger_time(const struct tunnel *t)
{
	mstime_t ours = chan_cycle(&t->chan);

	return ours > CHAN_CYCLE ? ours : CHAN_CYCLE;
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
		t->until = lns->now + linger_time(t);
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
	if (t->state >= T_CLOSING)
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
