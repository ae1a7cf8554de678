/*
 * Two ends of the reliable channel and a wire between them that the input commands: what is sent,
 * what of it arrives, twice or late or never, and when time passes. Each end gets what the other
 * sent, in order and once; when the wire is whole again, all of it. Bit 0 of the first byte: the
 * peer of the first end lies about Ns and Nr, and only bounds are held against it.
 *
 * A step: one byte with the kind (bits 0-2), the end (3) and which datagram (4-7).
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "l2tp/chan.h"
#include "l2tp/msg.h"

#define WIRE_ROOM 16
#define BODY 4

enum step {
	STEP_SEND,
	STEP_ARRIVE,
	STEP_ARRIVE_TWICE,
	STEP_LOSE,
	STEP_TICK,
	STEP_LIE,
	STEP_REPEAT,
	STEP_FORGET,
};

struct datagram {
	uint16_t ns, nr;
	uint32_t number; /* of the message; the body */
	bool ack;
};

struct end {
	struct chan chan;
	struct datagram wire[WIRE_ROOM]; /* on the way to the other end */
	unsigned on_wire;
	uint32_t sent, delivered;
	bool gone; /* its tries are used up, or it was told to forget */
};

struct pair {
	struct end end[2];
	struct rd in;
	mstime_t now;
	bool lies;
};

static void
check(const struct pair *pair, const struct end *e)
{
	const struct chan *ch = &e->chan;

	assert(ch->queued <= CHAN_QUEUE_MAX && ch->cwnd >= 1 && ch->cwnd <= ch->peer_window);
	assert((uint16_t)(ch->ns - ch->acked) == ch->queued);
	assert(seq_cmp(ch->acked, ch->resend) <= 0 && seq_cmp(ch->resend, ch->sent) <= 0);
	assert(seq_cmp(ch->sent, ch->ns) <= 0 && ch->tries <= CHAN_TRIES);
	assert((uint16_t)(ch->sent - ch->acked) <= ch->peer_window);
	assert(chan_idle(ch) == (ch->queued == 0));
	assert(ch->timeout == MSTIME_NEVER || ch->timeout <= pair->now + CHAN_RTO_CAP);
}

static void
put(struct end *e, const struct datagram *d)
{
	if (e->on_wire < WIRE_ROOM)
		e->wire[e->on_wire++] = *d;
}

/* What the windows let out, and the acknowledgement that is due. */
static void
flush(struct pair *pair, struct end *e)
{
	const uint8_t *bytes;
	size_t len;

	while (!e->gone && (bytes = chan_next(&e->chan, pair->now, &len)) != NULL) {
		struct rd r = rd_init(bytes, len);
		struct datagram d = {0};

		assert(len == L2TP_CONTROL_HEADER + BODY);
		(void)rd_bytes(&r, 8);
		d.ns = rd_u16(&r);
		d.nr = rd_u16(&r);
		d.number = rd_u32(&r);
		assert(d.nr == e->chan.nr && seq_cmp(d.ns, e->chan.sent) < 0);
		put(e, &d);
	}
	if (e->chan.ack_due) {
		e->chan.ack_due = false;
		put(e, &(struct datagram){.ns = e->chan.sent, .nr = e->chan.nr, .ack = true});
	}
	check(pair, e);
}

static void
deliver(const struct pair *pair, struct end *e, const uint8_t *body, size_t len)
{
	struct rd r = rd_init(body, len);
	uint32_t number = rd_u32(&r);

	assert(pair->lies || (len == BODY && number == e->delivered));
	e->delivered++;
}

static void
receive(struct pair *pair, struct end *e, const struct datagram *d)
{
	uint8_t body[BODY];
	struct wr w = wr_init(body, sizeof(body));
	struct chan_msg *msg;
	size_t len = d->ack ? 0 : BODY;
	uint16_t sid;

	wr_u32(&w, d->number);
	if (chan_input(&e->chan, pair->now, d->ns, d->nr, 1, body, len) == CHAN_DELIVER)
		deliver(pair, e, body, len);
	while ((msg = chan_early(&e->chan)) != NULL) {
		const uint8_t *kept = chan_msg_body(msg, &len, &sid);

		assert(sid == 1);
		deliver(pair, e, kept, len);
		chan_msg_free(msg);
	}
	flush(pair, e);
}

static void
arrive(struct pair *pair, unsigned which, unsigned index, bool stays)
{
	struct end *from = &pair->end[which], *to = &pair->end[!which];
	struct datagram d;

	if (!from->on_wire)
		return;
	index %= from->on_wire;
	d = from->wire[index];
	if (!stays)
		from->wire[index] = from->wire[--from->on_wire];
	receive(pair, to, &d);
}

static void
say(struct pair *pair, struct end *e)
{
	uint8_t bytes[L2TP_CONTROL_HEADER + BODY] = {0};
	struct wr w = wr_init(bytes + L2TP_CONTROL_HEADER, BODY);

	wr_u32(&w, e->sent);
	if (!e->gone && chan_send(&e->chan, bytes, sizeof(bytes)))
		e->sent++;
	flush(pair, e);
}

static void
tick(struct pair *pair, mstime_t ms)
{
	pair->now += ms;
	for (unsigned i = 0; i < 2; i++) {
		struct end *e = &pair->end[i];

		if (!e->gone && !chan_tick(&e->chan, pair->now)) {
			e->gone = true;
			chan_forget(&e->chan);
		}
		flush(pair, e);
	}
}

static void
step(struct pair *pair, uint8_t op)
{
	unsigned which = op >> 3 & 1;
	struct end *e = &pair->end[which];
	struct datagram lie;

	switch ((enum step)(op & 7)) {
	case STEP_SEND:
		say(pair, e);
		break;
	case STEP_ARRIVE:
	case STEP_ARRIVE_TWICE:
		arrive(pair, which, op >> 4, (op & 7) == STEP_ARRIVE_TWICE);
		break;
	case STEP_LOSE:
		if (e->on_wire)
			e->on_wire--;
		break;
	case STEP_TICK:
		tick(pair, rd_u8(&pair->in) * 50);
		break;
	case STEP_LIE:
		lie = (struct datagram){.ns = rd_u16(&pair->in), .nr = rd_u16(&pair->in)};
		lie.ack = op & 0x10;
		if (pair->lies)
			receive(pair, &pair->end[0], &lie);
		break;
	case STEP_REPEAT:
		if (op & 0x10)
			chan_repeat(&e->chan);
		else
			chan_revive(&e->chan);
		flush(pair, e);
		break;
	case STEP_FORGET:
		if (op >> 4)
			break; /* seldom: little happens after it */
		chan_forget(&e->chan);
		e->gone = true;
		break;
	}
}

/* The wire loses nothing more: whoever has not given up is heard to the last word. */
static void
settle(struct pair *pair)
{
	for (unsigned i = 0; i < 4096; i++) {
		while (pair->end[0].on_wire || pair->end[1].on_wire) {
			arrive(pair, 0, 0, false);
			arrive(pair, 1, 0, false);
		}
		if (chan_idle(&pair->end[0].chan) && chan_idle(&pair->end[1].chan))
			break;
		tick(pair, CHAN_RTO_CAP);
	}
	for (unsigned i = 0; i < 2; i++) {
		assert(chan_idle(&pair->end[i].chan));
		assert(pair->end[i].gone || pair->end[!i].delivered == pair->end[i].sent);
		assert(pair->end[!i].delivered <= pair->end[i].sent);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pair pair = {.now = 1000};
	uint8_t bits;

	if (size < 2 || size > 4096)
		return 0;
	pair.in = rd_init(data, size);
	bits = rd_u8(&pair.in);
	pair.lies = bits & 1;
	for (unsigned i = 0; i < 2; i++) {
		uint16_t window = i ? bits >> 1 & 7 : bits >> 4 & 7;

		chan_init(&pair.end[i].chan, (uint16_t)(window + 1), CHAN_TRIES);
	}
	chan_set_peer_window(&pair.end[0].chan, pair.end[1].chan.window);
	chan_set_peer_window(&pair.end[1].chan, pair.end[0].chan.window);
	/* near the end of sequence space */
	if (bits & 0x80)
		for (unsigned i = 0; i < 2; i++) {
			struct chan *ch = &pair.end[i].chan;

			ch->ns = ch->nr = ch->acked = ch->sent = ch->resend = 65530;
		}
	while (rd_left(&pair.in))
		step(&pair, rd_u8(&pair.in));
	if (!pair.lies)
		settle(&pair);
	chan_fini(&pair.end[0].chan);
	chan_fini(&pair.end[1].chan);
	return 0;
}
