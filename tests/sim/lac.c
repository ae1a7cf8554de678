#include "lac.h"

#include <string.h>

/* In the CDN of a call that never had an id here */
#define LAC_NO_SESSION 99

#define BIT(attr) (UINT64_C(1) << AVP_##attr)

void
lac_init(struct lac *lac, unsigned number, struct net *net, uint16_t window, unsigned wanted)
{
	*lac = (struct lac){
		.number = number, .net = net, .wanted = wanted, .tid = (uint16_t)(number + 1)};
	/* each second one through an SA */
	lac->path.mark = number % 2 ? 0x20000000 + number : 0;
	lac->path.local = (struct lns_addr){.ip = {10, 0, 0, 1}, .port = 1701, .family = 4};
	lac->path.peer =
		(struct lns_addr){.ip = {192, 0, 2, (uint8_t)number}, .port = 1701, .family = 4};
	chan_init(&lac->chan, window, 0);
	for (unsigned i = 0; i < LAC_SESSIONS; i++)
		lac->sessions[i].sid = (uint16_t)(100 + i);
}

void
lac_fini(struct lac *lac)
{
	chan_fini(&lac->chan);
}

static void
transmit(struct lac *lac, const uint8_t *bytes, size_t len, mstime_t now)
{
	if (!lac->silent)
		net_send(lac->net, now, true, &lac->path, bytes, len);
}

static void
flush(struct lac *lac, mstime_t now)
{
	const uint8_t *bytes;
	uint8_t ack[L2TP_CONTROL_HEADER];
	size_t len;
	struct wr w;

	while ((bytes = chan_next(&lac->chan, now, &len)) != NULL)
		transmit(lac, bytes, len, now);
	if (!lac->chan.ack_due)
		return;
	lac->chan.ack_due = false;
	w = wr_init(ack, sizeof(ack));
	wr_u16(&w, L2TP_CONTROL_FLAGS);
	wr_u16(&w, sizeof(ack));
	wr_u16(&w, lac->peer_tid);
	wr_u16(&w, 0);
	wr_u16(&w, lac->chan.sent);
	wr_u16(&w, lac->chan.nr);
	transmit(lac, ack, sizeof(ack), now);
}

static void
say(struct lac *lac, const struct l2tp_msg *msg, uint16_t peer_sid)
{
	uint8_t bytes[512];
	size_t len = msg_encode(msg, lac->peer_tid, peer_sid, NULL, bytes, sizeof(bytes));

	chan_send(&lac->chan, bytes, len);
}

/* SCCRQ or SCCRP */
static void
introduce(struct lac *lac, unsigned type)
{
	struct l2tp_msg msg = {
		.type = type,
		.has = BIT(PROTOCOL_VERSION) | BIT(HOST_NAME) | BIT(FRAMING_CAPS) |
		       BIT(BEARER_CAPS) | BIT(ASSIGNED_TUNNEL) | BIT(RECEIVE_WINDOW),
		.protocol_version = L2TP_PROTOCOL_VERSION,
		.framing_caps = 3,
		.bearer_caps = 3,
		.host_name = {(const uint8_t *)"lac", 3},
		.assigned_tunnel = lac->tid,
		.window = lac->chan.window,
	};

	say(lac, &msg, 0);
}

void
lac_start(struct lac *lac, mstime_t now)
{
	if (lac->answers)
		return;
	lac->state = LAC_WAIT_REPLY;
	introduce(lac, MSG_SCCRQ);
	flush(lac, now);
}

static void
call(struct lac *lac, unsigned i)
{
	struct l2tp_msg msg = {.type = MSG_ICRQ,
			       .has = BIT(ASSIGNED_SESSION) | BIT(CALL_SERIAL),
			       .assigned_session = lac->sessions[i].sid,
			       .call_serial = i};

	lac->sessions[i].state = CALL_ASKED;
	say(lac, &msg, 0);
}

static void
take_sccrp(struct lac *lac, const struct l2tp_msg *msg)
{
	struct l2tp_msg connected = {.type = MSG_SCCCN};

	if (lac->state == LAC_CLOSING)
		return; /* given up meanwhile */
	if (lac->state != LAC_WAIT_REPLY) {
		lac->bad_order++;
		return;
	}
	lac->peer_tid = msg->assigned_tunnel;
	lac->state = LAC_UP;
	if (MSG_HAS(msg, AVP_RECEIVE_WINDOW))
		chan_set_peer_window(&lac->chan, msg->window);
	say(lac, &connected, 0);
	for (unsigned i = 0; i < lac->wanted; i++)
		call(lac, i);
}

static void
take_sccrq(struct lac *lac, const struct l2tp_msg *msg)
{
	if (lac->state != LAC_IDLE) {
		lac->bad_order++;
		return;
	}
	lac->peer_tid = msg->assigned_tunnel;
	lac->state = LAC_WAIT_CONNECTED;
	if (MSG_HAS(msg, AVP_RECEIVE_WINDOW))
		chan_set_peer_window(&lac->chan, msg->window);
	introduce(lac, MSG_SCCRP);
}

static void
take_scccn(struct lac *lac)
{
	if (lac->state == LAC_CLOSING)
		return;
	if (lac->state != LAC_WAIT_CONNECTED) {
		lac->bad_order++;
		return;
	}
	lac->state = LAC_UP;
	for (unsigned i = 0; i < lac->wanted; i++)
		call(lac, i);
}

static struct lac_session *
session_of(struct lac *lac, uint16_t sid)
{
	for (unsigned i = 0; i < LAC_SESSIONS; i++)
		if (lac->sessions[i].sid == sid)
			return &lac->sessions[i];
	return NULL;
}

static void
connected(struct lac *lac, const struct lac_session *s, unsigned type)
{
	struct l2tp_msg msg = {.type = type,
			       .has = BIT(TX_SPEED) | BIT(FRAMING_TYPE),
			       .tx_speed = 1000000,
			       .framing_type = 1};

	if (lac->numbered)
		msg.has |= BIT(SEQUENCING_REQUIRED);
	say(lac, &msg, s->peer_sid);
}

static void
take_icrp(struct lac *lac, uint16_t sid, const struct l2tp_msg *msg)
{
	struct lac_session *s = session_of(lac, sid);

	if (!s || s->peer_sid) {
		lac->bad_order++;
		return;
	}
	s->peer_sid = msg->assigned_session;
	if (s->state != CALL_ASKED)
		return; /* given up meanwhile: the CDN is on its way */
	s->state = CALL_UP;
	connected(lac, s, MSG_ICCN);
}

static void
refuse(struct lac *lac, uint16_t peer_sid)
{
	struct l2tp_msg msg = {.type = MSG_CDN,
			       .has = BIT(RESULT_CODE) | BIT(ASSIGNED_SESSION),
			       .result = {.result = CDN_TEMPORARY},
			       .assigned_session = LAC_NO_SESSION};

	say(lac, &msg, peer_sid);
}

/* A call that the LNS wants placed: the first free line takes it. */
static void
take_ocrq(struct lac *lac, const struct l2tp_msg *msg)
{
	struct lac_session *s = lac->sessions + lac->wanted;
	struct l2tp_msg reply = {.type = MSG_OCRP, .has = BIT(ASSIGNED_SESSION)};

	while (s < lac->sessions + LAC_SESSIONS && s->state != CALL_NONE)
		s++;
	if (s == lac->sessions + LAC_SESSIONS) {
		refuse(lac, msg->assigned_session);
		return;
	}
	s->peer_sid = msg->assigned_session;
	s->state = CALL_UP;
	reply.assigned_session = s->sid;
	say(lac, &reply, s->peer_sid);
	connected(lac, s, MSG_OCCN);
}

/* It names the session by our id, or by its own when it has not heard ours yet. */
static void
take_cdn(struct lac *lac, uint16_t sid, const struct l2tp_msg *msg)
{
	struct lac_session *s = session_of(lac, sid);

	for (unsigned i = 0; !sid && i < LAC_SESSIONS; i++)
		if (lac->sessions[i].peer_sid == msg->assigned_session)
			s = &lac->sessions[i];
	if (!sid && !s)
		return; /* of a call that was refused */
	if (!s || s->state == CALL_NONE || s->closed_by_lns) {
		lac->bad_order++;
		return;
	}
	s->closed_by_lns = true;
	s->state = CALL_OVER;
}

static void
act(struct lac *lac, uint16_t sid, const uint8_t *body, size_t len)
{
	const struct msg_reading how = {.strict = true};
	struct l2tp_fault fault;
	struct l2tp_msg msg;

	if (!msg_decode(&msg, body, len, &how, &fault)) {
		lac->bad_order++;
		return;
	}
	switch (msg.type) {
	case MSG_SCCRP:
		take_sccrp(lac, &msg);
		break;
	case MSG_ICRP:
		take_icrp(lac, sid, &msg);
		break;
	case MSG_CDN:
		take_cdn(lac, sid, &msg);
		break;
	case MSG_SCCRQ:
		take_sccrq(lac, &msg);
		break;
	case MSG_SCCCN:
		take_scccn(lac);
		break;
	case MSG_OCRQ:
		take_ocrq(lac, &msg);
		break;
	case MSG_STOPCCN:
		lac->told_to_stop = true;
		lac->state = LAC_CLOSING;
		for (unsigned i = 0; i < LAC_SESSIONS; i++)
			lac->sessions[i].state = CALL_OVER;
		chan_forget(&lac->chan);
		break;
	case MSG_HELLO:
		break;
	default:
		lac->bad_order++;
	}
}

static void
take_data(struct lac *lac, struct rd *r, bool has_ns)
{
	uint16_t tid = rd_u16(r), sid = rd_u16(r);
	struct lac_session *s = session_of(lac, sid);
	uint32_t who, which;

	if (has_ns)
		rd_bytes(r, 4);
	who = rd_u32(r);
	which = rd_u32(r);
	if (r->bad || (lac->numbered && !has_ns) || tid != lac->tid || !s || who != lac->number ||
	    which != (uint32_t)(s - lac->sessions))
		lac->sessions[0].wrong++;
	else
		s->received++;
}

void
lac_input(struct lac *lac, mstime_t now, const uint8_t *bytes, size_t len)
{
	struct rd r = rd_init(bytes, len);
	uint16_t flags = rd_u16(&r), sid, ns, nr;
	struct chan_msg *msg;

	if (lac->silent || lac->state == LAC_GONE)
		return;
	if (!(flags & 0x8000)) {
		take_data(lac, &r, flags & 0x0800);
		return;
	}
	(void)rd_u16(&r);
	/* without our id only an SCCRQ comes, and not to everyone */
	if (!rd_u16(&r) && !lac->answers)
		return;
	sid = rd_u16(&r);
	ns = rd_u16(&r);
	nr = rd_u16(&r);
	if (chan_input(&lac->chan, now, ns, nr, sid, r.p, rd_left(&r)) == CHAN_DELIVER)
		act(lac, sid, r.p, rd_left(&r));
	while ((msg = chan_early(&lac->chan)) != NULL) {
		const uint8_t *body = chan_msg_body(msg, &len, &sid);

		act(lac, sid, body, len);
		chan_msg_free(msg);
	}
	if (lac->state == LAC_UP && !lac->up_since)
		lac->up_since = now;
	flush(lac, now);
}

mstime_t
lac_deadline(const struct lac *lac)
{
	return lac->silent || lac->state == LAC_GONE ? MSTIME_NEVER : lac->chan.timeout;
}

void
lac_tick(struct lac *lac, mstime_t now)
{
	if (!chan_tick(&lac->chan, now)) {
		lac->lost = lac->state != LAC_CLOSING;
		lac->state = LAC_GONE;
		return;
	}
	flush(lac, now);
}

void
lac_frame(uint8_t frame[LAC_FRAME], unsigned lac, unsigned session, uint32_t number)
{
	const uint32_t words[3] = {lac, session, number};

	for (unsigned i = 0; i < LAC_FRAME; i++)
		frame[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
}

void
lac_talk(struct lac *lac, mstime_t now)
{
	for (unsigned i = 0; i < LAC_SESSIONS; i++) {
		struct lac_session *s = &lac->sessions[i];
		uint8_t bytes[10 + LAC_FRAME];
		struct wr w = wr_init(bytes, sizeof(bytes));

		if (s->state != CALL_UP || lac->state != LAC_UP)
			continue;
		wr_u16(&w, lac->numbered ? 0x0802 : 2);
		wr_u16(&w, lac->peer_tid);
		wr_u16(&w, s->peer_sid);
		if (lac->numbered) {
			wr_u16(&w, s->ns++);
			wr_u16(&w, 0);
		}
		lac_frame(w.p, lac->number, i, s->sent++);
		transmit(lac, bytes, wr_len(&w) + LAC_FRAME, now);
	}
}

void
lac_hang_up(struct lac *lac, mstime_t now, unsigned session)
{
	struct lac_session *s = &lac->sessions[session];
	struct l2tp_msg msg = {.type = MSG_CDN,
			       .has = BIT(RESULT_CODE) | BIT(ASSIGNED_SESSION),
			       .result = {.result = CDN_ADMIN},
			       .assigned_session = s->sid};

	if (lac->state != LAC_UP || (s->state != CALL_UP && s->state != CALL_ASKED))
		return;
	s->state = CALL_OVER;
	say(lac, &msg, s->peer_sid);
	flush(lac, now);
}

void
lac_stop(struct lac *lac, mstime_t now)
{
	struct l2tp_msg msg = {.type = MSG_STOPCCN,
			       .has = BIT(RESULT_CODE) | BIT(ASSIGNED_TUNNEL),
			       .result = {.result = STOPCCN_CLEAR},
			       .assigned_tunnel = lac->tid};

	if (lac->state == LAC_IDLE)
		lac->state = LAC_GONE;
	if (lac->state == LAC_CLOSING || lac->state == LAC_GONE)
		return;
	lac->state = LAC_CLOSING;
	say(lac, &msg, 0);
	flush(lac, now);
}
