/* See lac.h: what is sent, and what comes. */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lac.h"
#include "md5.h"

#define PPP_HEADER 4
#define PPP_LCP 0xff03c021u

long
lac_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct session *
lac_last(struct lac *lac)
{
	return lac->count ? &lac->sessions[lac->count - 1] : NULL;
}

/* ── out ────────────────────────────────────────────────────────────────────────────────── */

void
lac_put(struct wr *w, enum attribute attribute, const void *value, size_t len)
{
	wr_u16(w, (uint16_t)(0x8000 | (6 + len)));
	wr_u16(w, 0);
	wr_u16(w, (uint16_t)attribute);
	wr_bytes(w, value, len);
}

void
lac_put_u16(struct wr *w, enum attribute attribute, uint16_t value)
{
	uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	lac_put(w, attribute, bytes, sizeof(bytes));
}

void
lac_put_u32(struct wr *w, enum attribute attribute, uint32_t value)
{
	uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
			    (uint8_t)value};

	lac_put(w, attribute, bytes, sizeof(bytes));
}

struct wr
lac_begin(struct lac *lac, uint8_t *bytes, uint16_t peer_sid, enum message type)
{
	struct wr w = wr_init(bytes, DATAGRAM);

	wr_u16(&w, 0xc802);
	wr_u16(&w, 0);
	wr_u16(&w, lac->peer_tid);
	wr_u16(&w, peer_sid);
	wr_u16(&w, lac->ns);
	wr_u16(&w, lac->nr);
	if (type != ZLB)
		lac_put_u16(&w, MESSAGE_TYPE, (uint16_t)type);
	return w;
}

static void
finish(struct lac *lac, struct wr *w)
{
	wr_patch_u16(w, w->start + 2, (uint16_t)wr_len(w));
	if (send(lac->fd, w->start, wr_len(w), 0) < 0)
		perror("lac: send");
}

void
lac_send(struct lac *lac, struct wr *w)
{
	struct sent *sent = &lac->sent[lac->ns % UNACKED];

	if (lac->away_ms)
		usleep((useconds_t)lac->away_ms * 1000);
	finish(lac, w);
	sent->ns = lac->ns++;
	sent->len = wr_len(w) <= sizeof(sent->bytes) ? wr_len(w) : 0;
	memcpy(sent->bytes, w->start, sent->len);
}

/* In the order of their Ns; with the Nr of the first time, which is allowed (RFC 2661 §5.8). */
static void
send_again(struct lac *lac)
{
	for (unsigned i = 0; i < UNACKED; i++) {
		const struct sent *sent = &lac->sent[(lac->ns + i) % UNACKED];

		if (sent->len && send(lac->fd, sent->bytes, sent->len, 0) < 0)
			perror("lac: send");
	}
}

static void
take_ack(struct lac *lac, uint16_t nr)
{
	for (unsigned i = 0; i < UNACKED; i++) {
		if ((int16_t)(lac->sent[i].ns - nr) < 0)
			lac->sent[i].len = 0;
	}
}

static void
send_zlb(struct lac *lac)
{
	uint8_t bytes[DATAGRAM];
	struct wr w = lac_begin(lac, bytes, 0, ZLB);

	finish(lac, &w);
}

void
lac_send_data(struct lac *lac, const struct session *session, const void *frame, size_t len)
{
	uint8_t bytes[DATAGRAM];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u16(&w, 0x0002);
	wr_u16(&w, lac->peer_tid);
	wr_u16(&w, session->peer_sid);
	wr_bytes(&w, frame, len);
	if (send(lac->fd, bytes, wr_len(&w), 0) < 0)
		perror("lac: send");
}

void
lac_send_frame(struct lac *lac, const struct session *session, const void *payload, size_t len)
{
	static const uint8_t header[PPP_HEADER] = {0xff, 0x03, 0x00, 0x21};
	uint8_t frame[DATAGRAM];
	struct wr w = wr_init(frame, sizeof(frame));

	wr_bytes(&w, header, sizeof(header));
	wr_bytes(&w, payload, len);
	lac_send_data(lac, session, frame, wr_len(&w));
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────── */

static struct session *
session_by_id(struct lac *lac, uint16_t sid)
{
	for (unsigned i = 0; i < lac->count; i++) {
		if (lac->sessions[i].sid == sid)
			return &lac->sessions[i];
	}
	return NULL;
}

/* All that is left, as text. */
static void
read_text(char text[NUMBER_MAX], struct rd *r)
{
	size_t len = rd_left(r) < NUMBER_MAX ? rd_left(r) : NUMBER_MAX - 1;
	const uint8_t *p = rd_bytes(r, len);

	memcpy(text, p, len);
	text[len] = 0;
}

/* §5.1.1: the answer to our challenge is MD5 of the type of the message, the secret and it. */
static bool
is_response(const struct lac *lac, uint8_t type, const struct rd *value)
{
	const struct md5_part parts[] = {
		{&type, 1}, {lac->secret, strlen(lac->secret)}, {lac->challenge, 16}};
	uint8_t right[MD5_SIZE];

	return rd_left(value) == MD5_SIZE && md5(right, parts, 3) &&
	       memcmp(right, value->p, MD5_SIZE) == 0;
}

static void
read_avp(const struct lac *lac, struct avps *avps, uint16_t attribute, struct rd *value)
{
	switch (attribute) {
	case MESSAGE_TYPE:
		avps->type = rd_u16(value);
		break;
	case TUNNEL_ID:
	case SESSION_ID:
		avps->assigned = rd_u16(value);
		break;
	case RESULT_CODE:
		avps->result = rd_u16(value);
		if (rd_left(value))
			avps->error = rd_u16(value);
		read_text(avps->error_text, value);
		break;
	case CALLED_NUMBER:
		read_text(avps->called, value);
		break;
	case CHALLENGE:
		avps->challenge_len = rd_left(value) < sizeof(avps->challenge)
					      ? rd_left(value)
					      : sizeof(avps->challenge);
		memcpy(avps->challenge, value->p, avps->challenge_len);
		break;
	case ACCM:
		rd_u16(value);
		avps->send_accm = rd_u32(value);
		avps->receive_accm = rd_u32(value);
		break;
	case CHALLENGE_RESPONSE:
		avps->response = is_response(lac, (uint8_t)avps->type, value);
		break;
	default:
		break;
	}
}

static struct avps
read_avps(const struct lac *lac, struct rd *r)
{
	struct avps avps = {0};

	while (rd_left(r)) {
		uint16_t len = rd_u16(r) & 0x3ff, vendor = rd_u16(r), attribute = rd_u16(r);
		struct rd value = rd_sub(r, len >= 6 ? len - 6u : 65535u);

		if (!vendor && !value.bad)
			read_avp(lac, &avps, attribute, &value);
	}
	return avps;
}

static void
take_message(struct lac *lac, uint16_t sid)
{
	const struct avps *avps = &lac->avps;
	struct session *session = session_by_id(lac, sid);

	if (avps->type == SCCRP || avps->type == SCCRQ)
		lac->peer_tid = avps->assigned;
	send_zlb(lac);
	if (avps->type == CDN && session) {
		session->up = false;
		lac_line_close(session);
		printf("cdn session=%u result=%u error=%u\n", session->peer_sid, avps->result,
		       avps->error);
	} else if (avps->type == SLI && session) {
		printf("sli session=%u send=%08x receive=%08x\n", session->peer_sid,
		       avps->send_accm, avps->receive_accm);
	} else if (avps->type == STOPCCN) {
		lac->stopped = true;
		printf("stopccn result=%u error=%u\n", avps->result, avps->error);
		if (avps->error_text[0])
			printf("said %s\n", avps->error_text);
	}
}

static void
take_control(struct lac *lac, struct rd *r)
{
	uint16_t sid, ns, nr;

	rd_u16(r);
	rd_u16(r); /* length, tunnel */
	sid = rd_u16(r);
	ns = rd_u16(r);
	nr = rd_u16(r);
	if (r->bad)
		return;
	take_ack(lac, nr);
	if (!rd_left(r))
		return; /* ZLB */
	if (ns != lac->nr) {
		send_zlb(lac);
		return;
	}
	lac->nr++;
	lac->avps = read_avps(lac, r);
	lac->last = lac->avps.type;
	lac->last_sid = sid;
	take_message(lac, sid);
}

static void
take_frame(struct lac *lac, struct session *session, struct rd *r, uint32_t header)
{
	struct rd payload = *r;

	if (header == PPP_LCP) {
		session->said++;
		return;
	}
	if (lac->flow && rd_u32(&payload) == FLOW_MAGIC) {
		lac_count_numbered(lac, session, rd_u32(&payload));
		return;
	}
	/* shorter than any echo: a late answer to a first frame that was sent twice */
	if (!lac->echoing || rd_left(r) >= ECHO_MIN)
		session->back++;
	if (lac->echoing && rd_left(r) >= ECHO_MIN && !lac_is_pattern(r->p, rd_left(r)))
		session->wrong++;
}

/* With sequence numbers or without (§3.1). */
static void
take_data(struct lac *lac, struct rd *r, uint16_t flags)
{
	struct session *session;
	uint32_t header;

	rd_bytes(r, flags & 0x4000 ? 4 : 2); /* length, tunnel */
	session = session_by_id(lac, rd_u16(r));
	if (flags & 0x0800)
		rd_u32(r);
	if (!r->bad && session && session->line) {
		lac_line_put(session, r->p, rd_left(r));
		return;
	}
	if (!r->bad && session && session->ppp.dialling) {
		lac_ppp_take(lac, session, *r);
		return;
	}
	header = rd_u32(r);
	if (!r->bad && session)
		take_frame(lac, session, r, header);
}

static void
take_datagram(struct lac *lac)
{
	uint8_t bytes[DATAGRAM];
	ssize_t n = recv(lac->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct rd r;
	uint16_t flags;

	if (n < 0)
		return; /* an ICMP error */
	r = rd_init(bytes, (size_t)n);
	flags = rd_u16(&r);
	if (flags & 0x8000)
		take_control(lac, &r);
	else
		take_data(lac, &r, flags);
}

bool
lac_take(struct lac *lac, long ms)
{
	struct pollfd fds[SESSIONS + 1] = {{.fd = lac->fd, .events = POLLIN}};

	fflush(stdout);
	for (unsigned i = 0; i < lac->count; i++) {
		fds[i + 1].fd = lac->sessions[i].line ? lac->sessions[i].line : -1;
		fds[i + 1].events = POLLIN;
	}
	if (ms <= 0 || poll(fds, lac->count + 1, (int)ms) <= 0) {
		send_again(lac);
		return false;
	}
	for (unsigned i = 0; i < lac->count; i++) {
		if (fds[i + 1].revents)
			lac_line_take(lac, &lac->sessions[i]);
	}
	if (fds[0].revents)
		take_datagram(lac);
	return true;
}

bool
lac_await(struct lac *lac, enum message type)
{
	long until = lac_now_ms() + lac->wait_ms;

	lac->last = ZLB;
	while (lac->last != type && !lac->stopped && lac_now_ms() < until)
		lac_take(lac, lac->again_ms);
	return lac->last == type;
}
