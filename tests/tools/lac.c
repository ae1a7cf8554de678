/*
 * A scripted LAC for tests on loopback, made of hand-written bytes and of nothing of src/l2tp:
 *	lac HOST PORT STEP...
 * Each step is done in turn; what happens is printed, one line an event. 0: all came to their end.
 */
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define SESSIONS 256
#define DATAGRAM 2048
#define WAIT_MS 5000
#define AGAIN_MS 400 /* then what is not acknowledged, or did not come back, is sent again */
#define UNACKED 16
#define PPP_HEADER 4
#define PPP_LCP 0xff03c021u
#define ECHO_MIN 40 /* bytes of the shortest echo */

/* RFC 2661 §3.2, §4.4 */
enum message { ZLB, SCCRQ, SCCRP, SCCCN, STOPCCN, HELLO = 6, ICRQ = 10, ICRP, ICCN, CDN = 14 };
enum attribute {
	MESSAGE_TYPE,
	RESULT_CODE,
	PROTOCOL_VERSION,
	FRAMING_CAPABILITIES,
	HOST_NAME = 7,
	TUNNEL_ID = 9,
	WINDOW = 10,
	SESSION_ID = 14,
	CALL_SERIAL = 15,
	FRAMING_TYPE = 19,
	TX_SPEED = 24
};

struct session {
	uint16_t sid, peer_sid;
	bool up;
	uint32_t said, back; /* frames of pppd's own (LCP), and echoes, that came */
	uint32_t wrong;	     /* and were not what was sent */
};

struct sent {
	uint8_t bytes[128];
	size_t len; /* 0: acknowledged */
	uint16_t ns;
};

struct lac {
	int fd;
	uint16_t tid, peer_tid, ns, nr;
	struct session sessions[SESSIONS];
	unsigned count;
	struct sent sent[UNACKED]; /* by Ns */
	bool stopped;		   /* StopCCN came */
	bool echoing;		   /* what comes must be pattern() */
	enum message last;
	uint16_t last_sid; /* our session that the last message was for */
	uint16_t assigned; /* by it */
};

static volatile sig_atomic_t told_to_end; /* by a signal; a test program's only global */

static void
on_signal(int number)
{
	(void)number;
	told_to_end = 1;
}

static long
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ── out ────────────────────────────────────────────────────────────────────────────────── */

static void
put_avp(struct wr *w, enum attribute attribute, const void *value, size_t len)
{
	wr_u16(w, (uint16_t)(0x8000 | (6 + len)));
	wr_u16(w, 0);
	wr_u16(w, (uint16_t)attribute);
	wr_bytes(w, value, len);
}

static void
put_avp_u16(struct wr *w, enum attribute attribute, uint16_t value)
{
	uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	put_avp(w, attribute, bytes, sizeof(bytes));
}

static void
put_avp_u32(struct wr *w, enum attribute attribute, uint32_t value)
{
	uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
			    (uint8_t)value};

	put_avp(w, attribute, bytes, sizeof(bytes));
}

static struct wr
begin(struct lac *lac, uint8_t *bytes, uint16_t peer_sid, enum message type)
{
	struct wr w = wr_init(bytes, DATAGRAM);

	wr_u16(&w, 0xc802);
	wr_u16(&w, 0);
	wr_u16(&w, lac->peer_tid);
	wr_u16(&w, peer_sid);
	wr_u16(&w, lac->ns);
	wr_u16(&w, lac->nr);
	if (type != ZLB)
		put_avp_u16(&w, MESSAGE_TYPE, (uint16_t)type);
	return w;
}

static void
finish(struct lac *lac, struct wr *w)
{
	wr_patch_u16(w, w->start + 2, (uint16_t)wr_len(w));
	if (send(lac->fd, w->start, wr_len(w), 0) < 0)
		perror("lac: send");
}

static void
send_message(struct lac *lac, struct wr *w)
{
	struct sent *sent = &lac->sent[lac->ns % UNACKED];

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
	struct wr w = begin(lac, bytes, 0, ZLB);

	finish(lac, &w);
}

static void
send_frame(struct lac *lac, const struct session *session, const void *payload, size_t len)
{
	static const uint8_t header[PPP_HEADER] = {0xff, 0x03, 0x00, 0x21};
	uint8_t bytes[DATAGRAM];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_u16(&w, 0x0002);
	wr_u16(&w, lac->peer_tid);
	wr_u16(&w, session->peer_sid);
	wr_bytes(&w, header, sizeof(header));
	wr_bytes(&w, payload, len);
	if (send(lac->fd, bytes, wr_len(&w), 0) < 0)
		perror("lac: send");
}

/* What echoes hold: bytes that need escaping among them, at changing places. */
static uint8_t
pattern(size_t i)
{
	return (uint8_t)(i * 7);
}

static bool
is_pattern(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != pattern(i))
			return false;
	}
	return true;
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

struct avps {
	uint16_t type, assigned, result, error;
};

static struct avps
read_avps(struct rd *r)
{
	struct avps avps = {0};

	while (rd_left(r)) {
		uint16_t len = rd_u16(r) & 0x3ff, vendor = rd_u16(r), attribute = rd_u16(r);
		struct rd value = rd_sub(r, len >= 6 ? len - 6u : 65535u);

		if (vendor)
			continue;
		if (attribute == MESSAGE_TYPE)
			avps.type = rd_u16(&value);
		else if (attribute == TUNNEL_ID || attribute == SESSION_ID)
			avps.assigned = rd_u16(&value);
		else if (attribute == RESULT_CODE) {
			avps.result = rd_u16(&value);
			avps.error = rd_u16(&value);
		}
	}
	return avps;
}

static void
take_control(struct lac *lac, struct rd *r)
{
	uint16_t sid, ns, nr;
	struct avps avps;
	struct session *session;

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
	avps = read_avps(r);
	lac->last = avps.type;
	lac->last_sid = sid;
	lac->assigned = avps.assigned;
	if (avps.type == SCCRP)
		lac->peer_tid = avps.assigned;
	send_zlb(lac);
	session = session_by_id(lac, sid);
	if (avps.type == CDN && session) {
		session->up = false;
		printf("cdn session=%u result=%u error=%u\n", session->peer_sid, avps.result,
		       avps.error);
	} else if (avps.type == STOPCCN) {
		lac->stopped = true;
		printf("stopccn result=%u error=%u\n", avps.result, avps.error);
	}
}

static void
take_data(struct lac *lac, struct rd *r, uint16_t flags)
{
	struct session *session;
	uint32_t header;

	rd_bytes(r, flags & 0x4000 ? 4 : 2); /* length, tunnel */
	session = session_by_id(lac, rd_u16(r));
	header = rd_u32(r);
	if (r->bad || !session)
		return;
	/* shorter than any echo: a late answer to a first frame that was sent twice */
	if (header == PPP_LCP)
		session->said++;
	else if (!lac->echoing || rd_left(r) >= ECHO_MIN)
		session->back++;
	if (lac->echoing && rd_left(r) >= ECHO_MIN && !is_pattern(r->p, rd_left(r)))
		session->wrong++;
}

/* Takes what comes within `ms`; false when nothing did: then what is not acknowledged goes out
 * again. */
static bool
take(struct lac *lac, long ms)
{
	struct pollfd pfd = {.fd = lac->fd, .events = POLLIN};
	uint8_t bytes[DATAGRAM];
	ssize_t n;
	struct rd r;
	uint16_t flags;

	fflush(stdout);
	if (ms <= 0 || poll(&pfd, 1, (int)ms) <= 0) {
		send_again(lac);
		return false;
	}
	n = recv(lac->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0)
		return true; /* an ICMP error */
	r = rd_init(bytes, (size_t)n);
	flags = rd_u16(&r);
	if (flags & 0x8000)
		take_control(lac, &r);
	else
		take_data(lac, &r, flags);
	return true;
}

static bool
await(struct lac *lac, enum message type)
{
	long until = now_ms() + WAIT_MS;

	lac->last = ZLB;
	while (lac->last != type && !lac->stopped && now_ms() < until)
		take(lac, AGAIN_MS);
	return lac->last == type;
}

/* ── steps ──────────────────────────────────────────────────────────────────────────────── */

static bool
do_tunnel(struct lac *lac, const char *arg)
{
	uint8_t bytes[DATAGRAM];
	struct wr w = begin(lac, bytes, 0, SCCRQ);

	(void)arg;
	put_avp_u16(&w, PROTOCOL_VERSION, 0x0100);
	put_avp_u32(&w, FRAMING_CAPABILITIES, 3);
	put_avp(&w, HOST_NAME, "lac.test", 8);
	put_avp_u16(&w, TUNNEL_ID, lac->tid);
	put_avp_u16(&w, WINDOW, 4);
	send_message(lac, &w);
	if (!await(lac, SCCRP))
		return false;
	w = begin(lac, bytes, 0, SCCCN);
	send_message(lac, &w);
	printf("tunnel %u\n", lac->peer_tid);
	return true;
}

/* Its first frame follows ICCN at once, as a client's first LCP request does, and must come back.
 */
static bool
do_session(struct lac *lac, const char *arg)
{
	struct session *session = &lac->sessions[lac->count];
	uint8_t bytes[DATAGRAM];
	struct wr w = begin(lac, bytes, 0, ICRQ);
	long began = now_ms();

	(void)arg;
	if (lac->count == SESSIONS)
		return false;
	session->sid = (uint16_t)(1000 + lac->count++);
	put_avp_u16(&w, SESSION_ID, session->sid);
	put_avp_u32(&w, CALL_SERIAL, lac->count);
	send_message(lac, &w);
	if (!await(lac, ICRP))
		return false;
	session->peer_sid = lac->assigned;
	w = begin(lac, bytes, session->peer_sid, ICCN);
	put_avp_u32(&w, TX_SPEED, 1000000);
	put_avp_u32(&w, FRAMING_TYPE, 1);
	send_message(lac, &w);
	session->up = true;
	send_frame(lac, session, "first", 5);
	/* what the other end says by itself, and the echo */
	while (session->up && (!session->said || !session->back) && now_ms() < began + WAIT_MS) {
		if (!take(lac, AGAIN_MS))
			send_frame(lac, session, "first", 5);
	}
	printf("session %u-%u after_ms=%ld\n", lac->peer_tid, session->peer_sid, now_ms() - began);
	return session->up && session->said && session->back;
}

static bool
echo(struct lac *lac, struct session *session, uint32_t wanted)
{
	uint32_t sent = 0, lost = 0, base = session->back;
	long until = now_ms() + WAIT_MS + wanted / 10;
	uint8_t payload[1400];

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = pattern(i);
	while (session->back - base < wanted && now_ms() < until) {
		uint32_t done = session->back - base + lost;

		for (; sent < done + 16 && sent < wanted + lost; sent++)
			send_frame(lac, session, payload, ECHO_MIN + sent * 13 % 1300);
		if (!take(lac, AGAIN_MS))
			lost = sent - (session->back - base);
	}
	printf("echo session=%u sent=%u back=%u wrong=%u\n", session->peer_sid, sent,
	       session->back - base, session->wrong);
	return session->back - base >= wanted && session->wrong == 0;
}

/* N frames on every session, 16 under way; so many must come back. */
static bool
do_echo(struct lac *lac, const char *arg)
{
	bool ok = true;

	lac->echoing = true;
	for (unsigned i = 0; i < lac->count; i++) {
		if (lac->sessions[i].up)
			ok = echo(lac, &lac->sessions[i], (uint32_t)atoi(arg)) && ok;
	}
	lac->echoing = false;
	return ok;
}

/* One frame with this payload on the last session. */
static bool
do_say(struct lac *lac, const char *arg)
{
	if (lac->count)
		send_frame(lac, &lac->sessions[lac->count - 1], arg, strlen(arg));
	return lac->count > 0;
}

/* N frames on the last session, whatever becomes of them. */
static bool
do_push(struct lac *lac, const char *arg)
{
	uint8_t payload[1000] = {0};

	for (int i = 0; lac->count && i < atoi(arg); i++) {
		send_frame(lac, &lac->sessions[lac->count - 1], payload, sizeof(payload));
		while (i % 16 == 0 && take(lac, 1))
			;
	}
	return lac->count > 0;
}

/* Forgets the last session without a word. */
static bool
do_forget(struct lac *lac, const char *arg)
{
	(void)arg;
	if (lac->count)
		lac->count--;
	return true;
}

/* Answers until the other end or a signal ends it. */
static bool
do_serve(struct lac *lac, const char *arg)
{
	(void)arg;
	printf("serving\n");
	while (!told_to_end && !lac->stopped)
		take(lac, 200);
	return true;
}

static bool
do_sleep(struct lac *lac, const char *arg)
{
	long until = now_ms() + atoi(arg);

	while (now_ms() < until && !lac->stopped)
		take(lac, until - now_ms());
	return true;
}

static bool
do_cdn(struct lac *lac, const char *arg)
{
	struct session *session = lac->count ? &lac->sessions[lac->count - 1] : NULL;
	uint8_t bytes[DATAGRAM];
	struct wr w;

	(void)arg;
	if (!session)
		return false;
	w = begin(lac, bytes, session->peer_sid, CDN);
	put_avp_u16(&w, RESULT_CODE, 3);
	put_avp_u16(&w, SESSION_ID, session->sid);
	send_message(lac, &w);
	session->up = false;
	return true;
}

static bool
do_stop(struct lac *lac, const char *arg)
{
	uint8_t bytes[DATAGRAM];
	struct wr w = begin(lac, bytes, 0, STOPCCN);

	(void)arg;
	put_avp_u16(&w, TUNNEL_ID, lac->tid);
	put_avp_u16(&w, RESULT_CODE, 1);
	send_message(lac, &w);
	for (int i = 0; i < 5 && !take(lac, AGAIN_MS); i++)
		;
	return true;
}

static const struct step {
	const char *name; /* "name" or "name:ARG" */
	bool (*fn)(struct lac *lac, const char *arg);
} steps[] = {
	{"tunnel", do_tunnel}, {"session", do_session}, {"echo", do_echo},   {"say", do_say},
	{"push", do_push},     {"forget", do_forget},	{"serve", do_serve}, {"sleep", do_sleep},
	{"cdn", do_cdn},       {"stop", do_stop},
};

static bool
run_step(struct lac *lac, const char *text)
{
	size_t len = strcspn(text, ":");
	const char *arg = text[len] ? text + len + 1 : "";

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strlen(steps[i].name) == len && strncmp(steps[i].name, text, len) == 0)
			return steps[i].fn(lac, arg);
	}
	fprintf(stderr, "lac: no step '%s'\n", text);
	exit(2);
}

static int
connect_to(const char *host, const char *port)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM};
	struct addrinfo *found;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

int
main(int argc, char **argv)
{
	struct lac lac = {0};
	bool ok = true;

	if (argc < 4) {
		fprintf(stderr, "usage: lac HOST PORT STEP...\n");
		return 2;
	}
	signal(SIGTERM, on_signal);
	lac.tid = (uint16_t)(getpid() % 60000 + 1);
	lac.fd = connect_to(argv[1], argv[2]);
	if (lac.fd < 0) {
		perror("lac");
		return 1;
	}
	for (int i = 3; ok && i < argc; i++) {
		ok = run_step(&lac, argv[i]);
		if (!ok)
			printf("failed %s\n", argv[i]);
	}
	close(lac.fd);
	return !ok;
}
