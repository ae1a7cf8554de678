/* See client.h. */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#include "l2tp/msg.h"
#include "md5.h"
#include "wire.h"

#define SESSIONS_MAX 4
#define QUEUE_MAX 16
#define MESSAGE_MAX 512
#define FRAME "\xff\x03\xc0\x21\x09\x01\x00\x08\x00\x00\x00\x00"
#define FRAME_LEN 12

struct queued {
	uint8_t bytes[MESSAGE_MAX];
	size_t len;
	uint16_t ns;
	unsigned type;
};

struct client {
	const struct client_facts *facts;
	client_send_fn *send;
	void *ctx;
	uint16_t tid, peer_tid, ns, nr;
	uint16_t sid[SESSIONS_MAX], peer_sid[SESSIONS_MAX];
	bool connected[SESSIONS_MAX];
	struct queued queue[QUEUE_MAX]; /* not acknowledged, oldest first */
	unsigned queue_count, tries, frames, dials;
	mstime_t due, interval, hello_due;
	bool up, gone;
	uint8_t response[MD5_SIZE];
	const char *complaint;
};

struct client *
client_new(const struct client_facts *facts, client_send_fn *send, void *ctx)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->facts = facts;
	c->send = send;
	c->ctx = ctx;
	c->due = c->hello_due = MSTIME_NEVER;
	return c;
}

void
client_free(struct client *c)
{
	free(c);
}

static void
complain(struct client *c, const char *what)
{
	if (!c->complaint)
		c->complaint = what;
}

static void
put_avp(struct client *c, struct wr *w, const struct client_avp *avp, unsigned session)
{
	const void *value = avp->bytes;
	uint8_t number[2];
	struct wr n = wr_init(number, sizeof(number));
	size_t len = avp->len;

	if (avp->value == VALUE_TID || avp->value == VALUE_SID) {
		wr_u16(&n, avp->value == VALUE_TID ? c->tid : c->sid[session]);
		value = number;
		len = sizeof(number);
	} else if (avp->value == VALUE_RESPONSE) {
		value = c->response;
		len = sizeof(c->response);
	}
	wr_u16(w, (uint16_t)(avp->flags | (avp->false_length ? avp->false_length : 6 + len)));
	wr_u16(w, avp->vendor);
	wr_u16(w, avp->attr);
	wr_bytes(w, value, len);
}

static void
transmit(struct client *c, struct queued *q)
{
	struct wr w = wr_init(q->bytes + 4, 8);

	wr_u16(&w, c->peer_tid);
	w.p += 2;
	wr_u16(&w, q->ns);
	wr_u16(&w, c->nr);
	c->send(c->ctx, q->bytes, q->len);
}

static void
say(struct client *c, mstime_t now, const struct client_message *msg, unsigned session)
{
	struct queued *q = &c->queue[c->queue_count];
	struct wr w = wr_init(q->bytes, sizeof(q->bytes));
	bool of_session = msg->type >= MSG_OCRQ && msg->type <= MSG_CDN;

	if (c->queue_count == QUEUE_MAX) {
		complain(c, "nothing that it says is acknowledged");
		return;
	}
	c->queue_count++;
	wr_u16(&w, L2TP_CONTROL_FLAGS);
	wr_u16(&w, 0);
	wr_u16(&w, c->peer_tid);
	wr_u16(&w, of_session ? c->peer_sid[session] : 0);
	wr_u32(&w, 0);
	wr_u16(&w, 0x8008);
	wr_u32(&w, 0);
	wr_u16(&w, (uint16_t)msg->type);
	for (const struct client_avp *avp = msg->avp; avp->attr || avp->vendor; avp++)
		put_avp(c, &w, avp, session);
	q->len = wr_len(&w);
	q->bytes[2] = (uint8_t)(q->len >> 8);
	q->bytes[3] = (uint8_t)q->len;
	q->ns = c->ns++;
	q->type = msg->type;
	transmit(c, q);
	if (c->due == MSTIME_NEVER) {
		c->interval = c->facts->again;
		c->due = now + c->interval;
	}
}

static void
acknowledge(struct client *c)
{
	uint8_t bytes[L2TP_CONTROL_HEADER];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u16(&w, L2TP_CONTROL_FLAGS);
	wr_u16(&w, sizeof(bytes));
	wr_u16(&w, c->peer_tid);
	wr_u16(&w, 0);
	wr_u16(&w, c->ns);
	wr_u16(&w, c->nr);
	c->send(c->ctx, bytes, sizeof(bytes));
}

void
client_dial(struct client *c, mstime_t now)
{
	const struct client kept = *c;

	*c = (struct client){.facts = kept.facts,
			     .send = kept.send,
			     .ctx = kept.ctx,
			     .dials = kept.dials + 1,
			     .complaint = kept.complaint,
			     .due = MSTIME_NEVER,
			     .hello_due = MSTIME_NEVER};
	c->tid = (uint16_t)(4000 + c->dials);
	for (unsigned i = 0; i < c->facts->sessions; i++)
		c->sid[i] = (uint16_t)(c->dials * 16 + i + 1);
	say(c, now, &c->facts->sccrq, 0);
}

static void
ask_for_sessions(struct client *c, mstime_t now)
{
	for (unsigned i = 0; i < c->facts->sessions; i++)
		say(c, now, &c->facts->icrq, i);
}

static void
answer_challenge(struct client *c, const struct l2tp_msg *msg)
{
	const uint8_t id = MSG_SCCCN;
	const char *secret = c->facts->secret;
	struct md5_part parts[] = {{&id, 1},
				   {secret, secret ? strlen(secret) : 0},
				   {msg->challenge.p, msg->challenge.len}};

	if (!secret && MSG_HAS(msg, AVP_CHALLENGE))
		complain(c, "a challenge without a secret");
	if (secret && (!MSG_HAS(msg, AVP_CHALLENGE) || !MSG_HAS(msg, AVP_RESPONSE) ||
		       !md5(c->response, parts, 3)))
		complain(c, "no challenge, or no answer to its own");
}

static void
take_sccrp(struct client *c, mstime_t now, const struct l2tp_msg *msg)
{
	c->peer_tid = msg->assigned_tunnel;
	answer_challenge(c, msg);
	c->up = true;
	say(c, now, &c->facts->scccn, 0);
	if (!c->facts->waits)
		ask_for_sessions(c, now);
	if (c->facts->hello)
		c->hello_due = now + c->facts->hello;
}

static void
take_icrp(struct client *c, mstime_t now, uint16_t sid, const struct l2tp_msg *msg)
{
	for (unsigned i = 0; i < c->facts->sessions; i++) {
		if (c->sid[i] != sid)
			continue;
		c->peer_sid[i] = msg->assigned_session;
		say(c, now, &c->facts->iccn, i);
		c->connected[i] = !c->facts->waits;
		return;
	}
	complain(c, "an answer to no call");
}

static void
take(struct client *c, mstime_t now, uint16_t sid, const struct l2tp_msg *msg)
{
	switch (msg->type) {
	case MSG_SCCRP:
		take_sccrp(c, now, msg);
		break;
	case MSG_ICRP:
		take_icrp(c, now, sid, msg);
		break;
	case MSG_CDN:
	case MSG_STOPCCN:
		c->up = false;
		c->gone = true;
		break;
	case MSG_HELLO:
		break;
	default:
		complain(c, "a message that it does not know");
	}
}

static void
drop_acknowledged(struct client *c, mstime_t now, uint16_t nr)
{
	unsigned kept = 0;
	bool waits = c->facts->waits;

	for (unsigned i = 0; i < c->queue_count; i++) {
		if ((int16_t)(c->queue[i].ns - nr) >= 0)
			c->queue[kept++] = c->queue[i];
		else
			c->tries = 0;
	}
	if (kept == c->queue_count)
		return;
	c->queue_count = kept;
	c->interval = c->facts->again;
	c->due = kept ? now + c->interval : MSTIME_NEVER;
	if (!waits || !c->up || kept)
		return;
	if (c->peer_sid[0])
		c->connected[0] = true;
	else if (c->ns == 2)
		ask_for_sessions(c, now);
}

/* What the strict ones insist on. */
static bool
takes(struct client *c, uint16_t flags, uint16_t nr, struct rd body)
{
	uint16_t bits = rd_u16(&body), vendor = rd_u16(&body), attr = rd_u16(&body);

	if (!c->facts->strict)
		return true;
	if (flags != L2TP_CONTROL_FLAGS)
		complain(c, "a header with other flags than T, L and S");
	if (rd_left(&body) && (bits != 0x8008 || vendor || attr))
		complain(c, "no Message Type, mandatory and open, in the first place");
	return nr == c->ns;
}

static void
input_control(struct client *c, mstime_t now, struct rd *r, uint16_t flags)
{
	const struct msg_reading how = {.strict = false};
	uint16_t sid, ns, nr;
	struct l2tp_fault fault;
	struct l2tp_msg msg;

	(void)rd_u16(r);
	if (rd_u16(r) != c->tid)
		return; /* of a tunnel that it has forgotten */
	sid = rd_u16(r);
	ns = rd_u16(r);
	nr = rd_u16(r);
	drop_acknowledged(c, now, nr);
	if (!rd_left(r))
		return;
	if (!msg_decode(&msg, r->p, rd_left(r), &how, &fault)) {
		complain(c, "a message that cannot be read");
		return;
	}
	if (c->facts->deaf_to_hello && msg.type == MSG_HELLO)
		return;
	if (ns != c->nr || !takes(c, flags, nr, *r)) {
		if ((int16_t)(ns - c->nr) < 0)
			acknowledge(c);
		return;
	}
	c->nr++;
	take(c, now, sid, &msg);
	acknowledge(c);
}

void
client_input(struct client *c, mstime_t now, const uint8_t *bytes, size_t len)
{
	struct rd r = rd_init(bytes, len);
	uint16_t flags = rd_u16(&r);

	if (flags & 0x8000)
		input_control(c, now, &r, flags);
	else if (!(flags & 0x4800) && rd_u16(&r) == c->tid)
		c->frames++;
}

void
client_tick(struct client *c, mstime_t now)
{
	static const struct client_message hello = {.type = MSG_HELLO};

	if (c->due <= now) {
		if (c->tries++ >= c->facts->tries) {
			c->gone = true;
			c->up = false;
			c->queue_count = 0;
			c->due = MSTIME_NEVER;
			return;
		}
		for (unsigned i = 0; i < c->queue_count; i++)
			transmit(c, &c->queue[i]);
		c->interval = c->interval * 2 < c->facts->cap ? c->interval * 2 : c->facts->cap;
		c->due = now + c->interval;
	}
	if (c->hello_due <= now) {
		c->hello_due = c->up ? now + c->facts->hello : MSTIME_NEVER;
		if (c->up && !c->queue_count)
			say(c, now, &hello, 0);
	}
}

mstime_t
client_deadline(const struct client *c)
{
	return c->due < c->hello_due ? c->due : c->hello_due;
}

void
client_talk(struct client *c, mstime_t now)
{
	(void)now;
	for (unsigned i = 0; i < c->facts->sessions; i++) {
		uint8_t bytes[6 + FRAME_LEN];
		struct wr w = wr_init(bytes, sizeof(bytes));

		if (!c->up || !c->connected[i])
			continue;
		wr_u16(&w, 2);
		wr_u16(&w, c->peer_tid);
		wr_u16(&w, c->peer_sid[i]);
		wr_bytes(&w, FRAME, FRAME_LEN);
		c->send(c->ctx, bytes, sizeof(bytes));
	}
}

void
client_leave(struct client *c, mstime_t now)
{
	if (c->facts->leaving == LEAVE_CDN_STOPCCN)
		for (unsigned i = 0; i < c->facts->sessions; i++)
			say(c, now, &c->facts->cdn, i);
	if (c->facts->leaving != LEAVE_VANISH)
		say(c, now, &c->facts->stopccn, 0);
	c->up = false;
	c->hello_due = MSTIME_NEVER;
}

bool
client_is_up(const struct client *c)
{
	bool up = c->up;

	for (unsigned i = 0; i < c->facts->sessions; i++)
		up &= c->connected[i];
	return up;
}

unsigned
client_frames(const struct client *c)
{
	return c->frames;
}

const char *
client_complaint(const struct client *c)
{
	return c->complaint;
}
