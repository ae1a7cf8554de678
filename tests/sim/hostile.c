#include "hostile.h"

#include <string.h>

#include "l2tp/data.h"
#include "l2tp/msg.h"

void
hostile_init(struct hostile *h, unsigned number, struct net *net, struct rng *rng)
{
	*h = (struct hostile){.net = net, .rng = rng};
	h->path.local = (struct lns_addr){.ip = {10, 0, 0, 1}, .port = 1701, .family = 4};
	h->path.peer =
		(struct lns_addr){.ip = {192, 0, 2, (uint8_t)number}, .port = 1701, .family = 4};
}

void
hostile_listen(struct hostile *h, const struct net_datagram *d)
{
	unsigned at = rng_below(h->rng, HOSTILE_KEPT);

	if (h->kept_count < HOSTILE_KEPT)
		at = h->kept_count++;
	h->kept[at] = *d;
}

static void
send(struct hostile *h, mstime_t now, const uint8_t *bytes, size_t len)
{
	/* answers that are answered would fill the network */
	if (h->sent++ < HOSTILE_DATAGRAMS)
		net_send(h->net, now, true, &h->path, bytes, len);
}

static void
say(struct hostile *h, mstime_t now, uint16_t tid, const struct l2tp_msg *msg)
{
	uint8_t bytes[512];
	size_t len = msg_encode(msg, tid, h->sid, NULL, bytes, sizeof(bytes));
	struct wr w = wr_init(bytes + 8, 4);

	if (len < L2TP_CONTROL_HEADER)
		return;
	wr_u16(&w, tid ? h->ns++ : 0);
	wr_u16(&w, tid ? h->nr : 0);
	send(h, now, bytes, len);
}

#define BIT(attr) (UINT64_C(1) << AVP_##attr)

static const unsigned types[] = {MSG_SCCRQ, MSG_SCCCN, MSG_ICRQ, MSG_ICCN,
				 MSG_CDN,   MSG_HELLO, MSG_OCRQ, MSG_STOPCCN};
#define TYPES (sizeof(types) / sizeof(types[0]))

/* A message as it should be, in the order that a client would send it or in any other. */
static void
speak(struct hostile *h, mstime_t now)
{
	bool in_turn = rng_chance(h->rng, 75);
	struct l2tp_msg msg = {
		.type = types[in_turn ? h->turn++ % TYPES : rng_below(h->rng, TYPES)],
		.has = BIT(PROTOCOL_VERSION) | BIT(HOST_NAME) | BIT(FRAMING_CAPS) |
		       BIT(ASSIGNED_TUNNEL) | BIT(ASSIGNED_SESSION) | BIT(CALL_SERIAL) |
		       BIT(TX_SPEED) | BIT(FRAMING_TYPE) | BIT(RESULT_CODE),
		.protocol_version = L2TP_PROTOCOL_VERSION,
		.framing_caps = 3,
		.host_name = {(const uint8_t *)"lac", 3},
		.assigned_tunnel = (uint16_t)(1 + rng_below(h->rng, 5)),
		.assigned_session = (uint16_t)(100 + rng_below(h->rng, 5)),
		.framing_type = 1,
		.result = {.result = 1},
	};

	if (msg.type == MSG_SCCRQ && h->asked++ >= HOSTILE_TUNNELS)
		return;
	say(h, now, msg.type == MSG_SCCRQ ? 0 : h->tid, &msg);
}

/* Whatever it is given it uses from then on. */
void
hostile_input(struct hostile *h, mstime_t now, const uint8_t *bytes, size_t len)
{
	const struct msg_reading how = {.strict = false};
	struct l2tp_header head;
	struct l2tp_fault fault;
	struct l2tp_msg msg;

	if (!header_read(&head, bytes, len) || !head.control)
		return;
	h->nr = (uint16_t)(head.ns + (head.len > 0));
	h->ns = head.nr;
	if (!msg_decode(&msg, head.body, head.len, &how, &fault))
		return;
	if (msg.type == MSG_SCCRP) {
		h->tid = msg.assigned_tunnel;
		h->sid = 0;
		h->turn = 1;
	}
	if (msg.type == MSG_ICRP)
		h->sid = msg.assigned_session;
	h->turn = 3;
	if (rng_chance(h->rng, 70))
		speak(h, now);
}

/* Some bytes of it, or its end, or its ids. */
static void
change(struct hostile *h, uint8_t *bytes, size_t *len)
{
	for (unsigned n = rng_below(h->rng, 4); n && *len; n--)
		bytes[rng_below(h->rng, (unsigned)*len)] = (uint8_t)rng_next(h->rng);
	if (rng_chance(h->rng, 20))
		*len = rng_below(h->rng, (unsigned)*len + 1);
	if (h->tid && *len >= L2TP_CONTROL_HEADER && (bytes[0] & 0x80) && rng_chance(h->rng, 60)) {
		struct wr w = wr_init(bytes + 4, 8);

		wr_u16(&w, h->tid);
		wr_u16(&w, h->sid);
		wr_u16(&w, h->ns++);
		wr_u16(&w, h->nr);
	}
}

static void
repeat(struct hostile *h, mstime_t now, bool changed)
{
	struct net_datagram d;

	if (!h->kept_count)
		return;
	d = h->kept[rng_below(h->rng, h->kept_count)];
	if (changed)
		change(h, d.bytes, &d.len);
	/* another's SCCRQ counts like its own */
	if (d.len >= 6 && !d.bytes[4] && !d.bytes[5] && h->asked++ >= HOSTILE_TUNNELS)
		return;
	send(h, now, d.bytes, d.len);
}

void
hostile_strike(struct hostile *h, mstime_t now)
{
	uint8_t noise[64] = {0};
	unsigned what = rng_below(h->rng, 10);

	if (what < 4) {
		repeat(h, now, true);
	} else if (what < 6) {
		repeat(h, now, false);
	} else if (what < 9) {
		speak(h, now);
	} else if (rng_chance(h->rng, 50)) {
		struct wr w = wr_init(noise, sizeof(noise));

		wr_u16(&w, 2);
		wr_u16(&w, h->tid);
		wr_u16(&w, h->sid);
		send(h, now, noise, sizeof(noise));
	} else {
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)rng_next(h->rng);
		send(h, now, noise, rng_below(h->rng, sizeof(noise)));
	}
}
