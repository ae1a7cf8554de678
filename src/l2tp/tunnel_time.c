/* Tunnels and time: retransmission, HELLO, limits. */
#include <string.h>

#include "l2tp/tunnel.h"

/* A client that came back is told from a second tunnel of the same host by this silence of the old
 * one. */
#define PROBE_MS 3000

void
tunnel_probe(struct lns *lns, struct tunnel *t)
{
	t->probe_until = lns->now + PROBE_MS;
	t->last_rx = lns->now;
	if (chan_idle(&t->chan))
		tunnel_send_hello(lns, t);
	tunnel_arm(lns, t);
}

/* True when nothing but a HELLO keeps the peer's acknowledgement due. */
static bool
waits_for_hello(const struct tunnel *t)
{
	size_t len;
	const uint8_t *bytes = chan_oldest(&t->chan, &len);
	struct rd r = rd_init(bytes, bytes ? len : 0);

	/* the value of the Message Type, which is the first AVP (§4.4.1) */
	rd_bytes(&r, L2TP_CONTROL_HEADER + 6);
	return rd_u16(&r) == MSG_HELLO;
}

/*
 * Some phones never acknowledge a HELLO: data and LCP echoes are as good a proof of life. One that
 * has been heard of since the HELLO went out lives, and whether its calls do is for PPP to say.
 */
static bool
is_alive(const struct lns *lns, const struct tunnel *t)
{
	mstime_t patience = chan_cycle(&t->chan);

	if (t->state != T_ESTABLISHED || !t->session_count)
		return false;
	if (waits_for_hello(t))
		patience += lns->conf.hello;
	return lns->now - t->last_rx < patience;
}

static void
tick_channel(struct lns *lns, struct tunnel *t)
{
	if (!chan_tick(&t->chan, lns->now)) {
		if (!is_alive(lns, t)) {
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

static bool
is_half_way(const struct tunnel *t)
{
	return t->state == T_WAIT_CTL_REPLY || t->state == T_WAIT_CTL_CONN;
}

static void
tick_state(struct lns *lns, struct tunnel *t)
{
	if (is_half_way(t) && lns->now >= t->until) {
		l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_LOST_CARRIER, BY_SERVER,
			       "not established in time");
		tunnel_event(lns, t, TE_GONE);
	} else if (t->state == T_LINGER && lns->now >= t->until) {
		tunnel_event(lns, t, TE_EXPIRED);
	} else if (t->state == T_ESTABLISHED && t->probe_until && lns->now >= t->probe_until) {
		tunnel_replace(lns, t);
	} else if (t->state == T_ESTABLISHED && chan_idle(&t->chan) &&
		   lns->now - t->last_rx >= lns->conf.hello) {
		tunnel_send_hello(lns, t);
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
	if (is_half_way(t) || t->state == T_LINGER)
		when = earlier(when, t->until);
	if (t->state == T_ESTABLISHED && t->probe_until)
		when = earlier(when, t->probe_until);
	if (t->state == T_ESTABLISHED && chan_idle(&t->chan))
		when = earlier(when, t->last_rx + lns->conf.hello);
	endpoint_set_timer(lns, &t->timer, when);
}
