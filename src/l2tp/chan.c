/* Two queues: ours, from the oldest unacknowledged message on, and the peer's that came before
 * their turn. */
#include "l2tp/chan.h"

#include <stdlib.h>
#include <string.h>

#include "l2tp/msg.h"

struct chan_msg {
	struct chan_msg *next;
	size_t len;
	uint16_t ns, sid;
	uint8_t bytes[];
};

static struct chan_msg *
msg_new(const uint8_t *bytes, size_t len, uint16_t ns, uint16_t sid)
{
	struct chan_msg *msg = malloc(sizeof(*msg) + len);

	if (!msg)
		return NULL;
	msg->next = NULL;
	msg->len = len;
	msg->ns = ns;
	msg->sid = sid;
	if (len)
		memcpy(msg->bytes, bytes, len);
	return msg;
}

void
chan_msg_free(struct chan_msg *msg)
{
	free(msg);
}

const uint8_t *
chan_msg_body(const struct chan_msg *msg, size_t *len, uint16_t *sid)
{
	*len = msg->len;
	*sid = msg->sid;
	return msg->bytes;
}

static void
list_free(struct chan_msg *msg)
{
	while (msg) {
		struct chan_msg *next = msg->next;

		free(msg);
		msg = next;
	}
}

void
chan_init(struct chan *ch, uint16_t window, unsigned tries)
{
	*ch = (struct chan){.window = window, .rto = CHAN_RTO_FIRST, .timeout = MSTIME_NEVER};
	ch->tries_max = tries ? tries : CHAN_TRIES;
	if (ch->tries_max > CHAN_TRIES_MAX)
		ch->tries_max = CHAN_TRIES_MAX;
	chan_set_peer_window(ch, CHAN_WINDOW_DEFAULT);
}

void
chan_fini(struct chan *ch)
{
	list_free(ch->head);
	list_free(ch->early);
	ch->head = ch->tail = ch->early = NULL;
}

void
chan_set_peer_window(struct chan *ch, uint16_t window)
{
	ch->peer_window = window ? window : 1;
	/* Appendix A: slow start from one message, up to the whole window */
	ch->cwnd = 1;
	ch->cwnd_part = 0;
	ch->ssthresh = ch->peer_window;
}

bool
chan_send(struct chan *ch, const uint8_t *bytes, size_t len)
{
	struct chan_msg *msg;

	if (len < L2TP_CONTROL_HEADER || ch->queued >= CHAN_QUEUE_MAX)
		return false;
	msg = msg_new(bytes, len, ch->ns, 0);
	if (!msg)
		return false;
	if (ch->tail)
		ch->tail->next = msg;
	else
		ch->head = msg;
	ch->tail = msg;
	ch->ns++;
	ch->queued++;
	return true;
}

/* §5.8: never more on the way than the peer's window; Appendix A: nor than the congestion window.
 */
static bool
window_open(const struct chan *ch)
{
	uint16_t limit = ch->cwnd < ch->peer_window ? ch->cwnd : ch->peer_window;

	return ch->resend != ch->ns && (uint16_t)(ch->resend - ch->acked) < limit;
}

const uint8_t *
chan_next(struct chan *ch, mstime_t now, size_t *len)
{
	struct chan_msg *msg = ch->head;
	struct wr w;

	if (!window_open(ch))
		return NULL;
	while (msg && msg->ns != ch->resend)
		msg = msg->next;
	if (!msg)
		return NULL;
	/* the same Ns each time, but the Nr of today (§5.8) */
	w = wr_init(msg->bytes + 8, 4);
	wr_u16(&w, msg->ns);
	wr_u16(&w, ch->nr);
	ch->ack_due = false;
	if (seq_cmp(ch->resend, ch->sent) < 0)
		ch->retransmits++;
	else
		ch->sent = (uint16_t)(ch->resend + 1);
	ch->resend++;
	if (ch->timeout == MSTIME_NEVER)
		ch->timeout = now + ch->rto;
	*len = msg->len;
	return msg->bytes;
}

/* Appendix A: one more for each acknowledgement, above the threshold one more for each window's
 * worth. */
static void
window_grow(struct chan *ch)
{
	if (ch->cwnd >= ch->peer_window)
		return;
	if (ch->cwnd < ch->ssthresh) {
		ch->cwnd++;
	} else if (++ch->cwnd_part >= ch->cwnd) {
		ch->cwnd++;
		ch->cwnd_part = 0;
	}
}

static void
take_ack(struct chan *ch, mstime_t now, uint16_t nr)
{
	if (seq_cmp(nr, ch->acked) <= 0)
		return; /* an old one: the network reorders */
	while (ch->head && seq_cmp(ch->head->ns, nr) < 0) {
		struct chan_msg *msg = ch->head;

		ch->head = msg->next;
		if (!ch->head)
			ch->tail = NULL;
		free(msg);
		ch->queued--;
		window_grow(ch);
	}
	ch->acked = nr;
	if (seq_cmp(ch->resend, nr) < 0)
		ch->resend = nr;
	ch->tries = 0;
	ch->rto = CHAN_RTO_FIRST;
	ch->timeout = ch->resend == ch->acked ? MSTIME_NEVER : now + ch->rto;
}

/* Keeps a message that came before its turn, once. It is not acknowledged before the gap closes. */
static enum chan_verdict
keep_early(struct chan *ch, uint16_t ns, uint16_t sid, const uint8_t *body, size_t len)
{
	struct chan_msg **at = &ch->early, *msg;

	if ((uint16_t)(ns - ch->nr) >= ch->window)
		return CHAN_BAD;
	while (*at && seq_cmp((*at)->ns, ns) < 0)
		at = &(*at)->next;
	if (*at && (*at)->ns == ns)
		return CHAN_DUPLICATE;
	msg = msg_new(body, len, ns, sid);
	if (!msg)
		return CHAN_BAD;
	msg->next = *at;
	*at = msg;
	return CHAN_EARLY;
}

enum chan_verdict
chan_input(struct chan *ch, mstime_t now, uint16_t ns, uint16_t nr, uint16_t sid,
	   const uint8_t *body, size_t len)
{
	/* What acknowledges the unsent is no answer to us: dropped whole, nothing is freed. */
	if (seq_cmp(nr, ch->sent) > 0)
		return CHAN_BAD;
	take_ack(ch, now, nr);
	if (len == 0)
		return CHAN_ACK_ONLY; /* its Ns takes no place (§5.8) */
	if (seq_cmp(ns, ch->nr) < 0) {
		/* the first acknowledgement may have been lost */
		ch->ack_due = true;
		return CHAN_DUPLICATE;
	}
	if (ns != ch->nr)
		return keep_early(ch, ns, sid, body, len);
	ch->nr++;
	ch->ack_due = true;
	return CHAN_DELIVER;
}

struct chan_msg *
chan_early(struct chan *ch)
{
	struct chan_msg *msg = ch->early;

	if (!msg || msg->ns != ch->nr)
		return NULL;
	ch->early = msg->next;
	ch->nr++;
	ch->ack_due = true;
	return msg;
}

/* §5.8: each interval twice the one before, up to the cap */
static mstime_t
next_rto(mstime_t rto)
{
	return rto * 2 < CHAN_RTO_CAP ? rto * 2 : CHAN_RTO_CAP;
}

bool
chan_tick(struct chan *ch, mstime_t now)
{
	if (ch->timeout > now)
		return true;
	if (ch->tries >= ch->tries_max)
		return false;
	ch->tries++;
	ch->rto = next_rto(ch->rto);
	ch->timeout = MSTIME_NEVER; /* starts anew when chan_next() lets the message out */
	/* Appendix A: half of what was on the way, and from one again */
	ch->ssthresh = ch->cwnd > 1 ? ch->cwnd / 2 : 1;
	ch->cwnd = 1;
	ch->cwnd_part = 0;
	ch->resend = ch->acked;
	return true;
}

mstime_t
chan_cycle(const struct chan *ch)
{
	mstime_t rto = CHAN_RTO_FIRST, sum = rto;

	for (unsigned i = 0; i < ch->tries_max; i++) {
		rto = next_rto(rto);
		sum += rto;
	}
	return sum;
}

const uint8_t *
chan_oldest(const struct chan *ch, size_t *len)
{
	if (!ch->head)
		return NULL;
	*len = ch->head->len;
	return ch->head->bytes;
}

void
chan_revive(struct chan *ch)
{
	ch->tries = 0;
}

void
chan_repeat(struct chan *ch)
{
	ch->tries = 0;
	ch->rto = CHAN_RTO_FIRST;
	ch->timeout = MSTIME_NEVER; /* starts anew when chan_next() lets the message out */
	ch->resend = ch->acked;
}

void
chan_forget(struct chan *ch)
{
	list_free(ch->head);
	ch->head = ch->tail = NULL;
	ch->queued = 0;
	ch->ns = ch->acked = ch->resend = ch->sent;
	ch->timeout = MSTIME_NEVER;
}

bool
chan_idle(const struct chan *ch)
{
	return ch->head == NULL;
}
