/* See load.h: tunnels and sessions. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../lac/message.h"
#include "load.h"

#define LOOK_NS 100000000u	  /* how often what is late is looked for */
#define PATIENCE_NS 30000000000u  /* for pppd's first frame */
#define PATIENCE_A_UNIT 100000000 /* for all of them */

/* ── messages ───────────────────────────────────────────────────────────────────────────── */

static void
put(struct wr *w, enum attribute attribute, const void *value, size_t len)
{
	wr_u16(w, (uint16_t)(0x8000 | (6 + len)));
	wr_u16(w, 0);
	wr_u16(w, (uint16_t)attribute);
	wr_bytes(w, value, len);
}

static void
put_u16(struct wr *w, enum attribute attribute, uint16_t value)
{
	const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};

	put(w, attribute, bytes, sizeof(bytes));
}

static void
put_u32(struct wr *w, enum attribute attribute, uint32_t value)
{
	const uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
				 (uint8_t)(value >> 8), (uint8_t)value};

	put(w, attribute, bytes, sizeof(bytes));
}

static struct wr
begin(const struct tunnel *t, uint8_t *bytes, uint16_t sid, enum message type)
{
	struct wr w = wr_init(bytes, MESSAGE_MAX);

	wr_u16(&w, 0xc802);
	wr_u16(&w, 0);
	wr_u16(&w, t->peer_tid);
	wr_u16(&w, sid);
	wr_u16(&w, t->ns);
	wr_u16(&w, t->nr);
	if (type != ZLB)
		put_u16(&w, MESSAGE_TYPE, (uint16_t)type);
	return w;
}

static void throw(const struct tunnel *t, const uint8_t *bytes, size_t len)
{
	if (send(t->fd, bytes, len, MSG_DONTWAIT) < 0)
		perror("load: send");
}

static void
send_message(struct tunnel *t, struct wr *w)
{
	struct pending *pending = &t->pending[t->ns % UNACKED];

	wr_patch_u16(w, w->start + 2, (uint16_t)wr_len(w));
	t->unacked += !pending->len;
	*pending = (struct pending){
		.len = (uint16_t)wr_len(w), .ns = t->ns, .tries = 1, .at = now_ns()};
	memcpy(pending->bytes, w->start, wr_len(w));
	throw(t, w->start, wr_len(w));
	t->ns++;
}

static void
send_zlb(const struct tunnel *t)
{
	uint8_t bytes[MESSAGE_MAX];
	struct wr w = begin(t, bytes, 0, ZLB);

	wr_patch_u16(&w, w.start + 2, (uint16_t)wr_len(&w));
	throw(t, w.start, wr_len(&w));
}

static void
send_sccrq(struct tunnel *t)
{
	uint8_t bytes[MESSAGE_MAX];
	struct wr w = begin(t, bytes, 0, SCCRQ);

	put_u16(&w, PROTOCOL_VERSION, 0x0100);
	put_u32(&w, FRAMING_CAPABILITIES, 3);
	put_u32(&w, BEARER_CAPABILITIES, 3);
	put(&w, HOST_NAME, "load", 4);
	put_u16(&w, TUNNEL_ID, t->tid);
	put_u16(&w, WINDOW, UNACKED);
	t->state = TUNNEL_OPENING;
	t->began = now_ns();
	send_message(t, &w);
}

static void
send_plain(struct tunnel *t, uint16_t sid, enum message type)
{
	uint8_t bytes[MESSAGE_MAX];
	struct wr w = begin(t, bytes, sid, type);

	send_message(t, &w);
}

static void
send_icrq(struct tunnel *t, uint16_t sid)
{
	uint8_t bytes[MESSAGE_MAX];
	struct wr w = begin(t, bytes, 0, ICRQ);

	put_u16(&w, SESSION_ID, sid);
	put_u32(&w, CALL_SERIAL, sid);
	t->sessions[sid - 1].state = SESSION_ASKED;
	send_message(t, &w);
}

static void
send_iccn(struct tunnel *t, const struct session *session)
{
	uint8_t bytes[MESSAGE_MAX];
	struct wr w = begin(t, bytes, session->peer_sid, ICCN);

	put_u32(&w, TX_SPEED, 1000000);
	put_u32(&w, FRAMING_TYPE, 1);
	send_message(t, &w);
}

static void
send_stop(struct tunnel *t)
{
	uint8_t bytes[MESSAGE_MAX];
	struct wr w = begin(t, bytes, 0, STOPCCN);

	put_u16(&w, TUNNEL_ID, t->tid);
	put_u16(&w, RESULT_CODE, 1);
	t->state = TUNNEL_CLOSING;
	send_message(t, &w);
}

/* ── their ends ─────────────────────────────────────────────────────────────────────────── */

static void
note_up(struct load *load, uint64_t began)
{
	load->took_ms[load->took_count++] = (double)(now_ns() - began) / 1e6;
	load->up++;
	load->busy--;
}

static void
session_up(struct load *load, struct session *session)
{
	session->state = SESSION_UP;
	note_up(load, session->began);
}

static void
session_fails(struct load *load, struct session *session)
{
	if (session->state == SESSION_UP || session->state == SESSION_FAILED)
		return;
	session->state = SESSION_FAILED;
	load->failed++;
	load->busy--;
}

/* With all sessions that have begun in it. */
static void
tunnel_fails(struct load *load, struct tunnel *t)
{
	t->state = TUNNEL_OVER;
	for (unsigned i = 0; i < UNACKED; i++)
		t->pending[i].len = 0;
	t->unacked = 0;
	for (unsigned i = 0; i < t->started; i++)
		session_fails(load, &t->sessions[i]);
	if (!load->sessions_each && !t->counted) {
		t->counted = true;
		load->failed++;
		load->busy--;
	}
}

/* ── what comes ─────────────────────────────────────────────────────────────────────────── */

/* ICRQs as the window allows; an ICCN always finds room. */
static void
ask(struct tunnel *t)
{
	while (t->state == TUNNEL_OPEN && t->asked < t->started && t->unacked < UNACKED / 2)
		send_icrq(t, (uint16_t)++t->asked);
}

static void
take_ack(struct load *load, struct tunnel *t, uint16_t nr)
{
	for (unsigned i = 0; t->unacked && i < UNACKED; i++) {
		if (t->pending[i].len && (int16_t)(t->pending[i].ns - nr) < 0) {
			t->pending[i].len = 0;
			t->unacked--;
		}
	}
	if (t->unacked)
		return;
	if (t->state == TUNNEL_CLOSING) {
		t->state = TUNNEL_OVER;
		load->stopped++;
	} else if (t->state == TUNNEL_OPEN && !load->sessions_each && !t->counted) {
		t->counted = true;
		note_up(load, t->began);
	}
}

struct said {
	uint16_t type, assigned;
};

static struct said
read_avps(struct rd *r)
{
	struct said said = {0};

	while (rd_left(r)) {
		uint16_t len = rd_u16(r) & 0x3ff, vendor = rd_u16(r), attribute = rd_u16(r);
		struct rd value = rd_sub(r, len >= 6 ? len - 6u : UINT16_MAX);

		if (vendor || value.bad)
			continue;
		if (attribute == MESSAGE_TYPE)
			said.type = rd_u16(&value);
		else if (attribute == TUNNEL_ID || attribute == SESSION_ID)
			said.assigned = rd_u16(&value);
	}
	return said;
}

static void
take_sccrp(struct load *load, struct tunnel *t, uint16_t assigned)
{
	t->peer_tid = assigned;
	if (load->half) {
		load->up++;
		load->busy--;
		return;
	}
	t->state = TUNNEL_OPEN;
	send_plain(t, 0, SCCCN);
	ask(t);
}

/* Gives false when it calls for an acknowledgement that nothing else carries. */
static bool
take_message(struct load *load, struct tunnel *t, uint16_t sid, const struct said *said)
{
	struct session *session =
		sid >= 1 && sid <= load->sessions_each ? &t->sessions[sid - 1] : NULL;

	if (said->type == SCCRP && t->state == TUNNEL_OPENING) {
		take_sccrp(load, t, said->assigned);
		return true;
	}
	if (said->type == ICRP && session && session->state == SESSION_ASKED) {
		session->peer_sid = said->assigned;
		session->state = SESSION_CONNECTED;
		send_iccn(t, session);
		return true;
	}
	if (said->type == CDN && session)
		session_fails(load, session);
	else if (said->type == STOPCCN)
		tunnel_fails(load, t);
	return false;
}

void
setup_take_control(struct load *load, struct tunnel *t, struct rd *r)
{
	uint16_t sid = rd_u16(r), ns = rd_u16(r), nr = rd_u16(r);
	struct said said;

	if (r->bad)
		return;
	take_ack(load, t, nr);
	ask(t);
	if (!rd_left(r))
		return; /* ZLB */
	if (ns != t->nr) {
		load->doubled++;
		if (!load->half)
			send_zlb(t);
		return;
	}
	t->nr++;
	said = read_avps(r);
	if (!take_message(load, t, sid, &said) && !load->half)
		send_zlb(t);
}

/* ── time ───────────────────────────────────────────────────────────────────────────────── */

static void
look_at(struct load *load, struct tunnel *t, uint64_t now)
{
	for (unsigned i = 0; t->unacked && i < UNACKED; i++) {
		struct pending *pending = &t->pending[(t->ns + i) % UNACKED];

		if (!pending->len || now - pending->at < NO_ANSWER_NS)
			continue;
		if (++pending->tries > TRIES) {
			tunnel_fails(load, t);
			return;
		}
		pending->at = now;
		load->again++;
		throw(t, pending->bytes, pending->len);
	}
	for (unsigned i = 0; i < t->started; i++) {
		if (t->sessions[i].state == SESSION_CONNECTED &&
		    now - t->sessions[i].began > PATIENCE_NS)
			session_fails(load, &t->sessions[i]);
	}
}

void
setup_look(struct load *load)
{
	uint64_t now = now_ns();

	for (unsigned i = 0; i < load->tunnel_count; i++)
		look_at(load, &load->tunnels[i], now);
}

/* Begins the next one, of tunnels or sessions. */
static void
start(struct load *load, unsigned unit)
{
	unsigned each = load->sessions_each ? load->sessions_each : 1;
	struct tunnel *t = &load->tunnels[unit / each];

	load->busy++;
	if (load->sessions_each)
		t->sessions[t->started++].began = now_ns();
	if (t->state == TUNNEL_IDLE)
		send_sccrq(t);
	else if (t->state == TUNNEL_OVER)
		session_fails(load, &t->sessions[t->started - 1]);
	ask(t);
}

/* pppd has spoken: the session carries data. */
static void
first_frame(struct load *load, struct tunnel *t, struct session *session, const uint8_t *frame,
	    size_t len)
{
	(void)t;
	(void)frame;
	(void)len;
	if (session->state == SESSION_CONNECTED)
		session_up(load, session);
}

static void
run(struct load *load, unsigned units, unsigned at_once)
{
	uint64_t looked = now_ns();
	uint64_t until = looked + PATIENCE_NS + (uint64_t)units * PATIENCE_A_UNIT;
	unsigned next = 0;

	load->on_frame = first_frame;
	load->on_batch_end = NULL;
	while ((next < units || load->busy) && now_ns() < until) {
		while (next < units && load->busy < at_once)
			start(load, next++);
		load_take(load, 20);
		if (now_ns() - looked > LOOK_NS) {
			setup_look(load);
			looked = now_ns();
		}
	}
	load->failed += load->busy + units - next;
	load->busy = 0;
}

/* ── steps ──────────────────────────────────────────────────────────────────────────────── */

static bool
set_up(struct load *load, const char *name, unsigned units, unsigned at_once)
{
	struct reading before, after;
	double cpu, seconds;
	uint64_t began;

	gauge_memory(&load->gauge, &before);
	cpu = gauge_cpu_us(&load->gauge);
	began = now_ns();
	run(load, units, at_once);
	seconds = (double)(now_ns() - began) / 1e9;
	cpu = gauge_cpu_us(&load->gauge) - cpu;
	gauge_memory(&load->gauge, &after);
	printf("{\"step\": \"%s\", \"up\": %u, \"failed\": %u, \"again\": %u, \"doubled\": %u, "
	       "\"seconds\": %.4f, \"rate\": %.1f, \"cpu_us\": %.1f, \"p50_ms\": %.3f, "
	       "\"p99_ms\": %.3f, \"rss_kb\": [%ld, %ld], \"pss_kb\": [%ld, %ld]}\n",
	       name, load->up, load->failed, load->again, load->doubled, seconds,
	       load->up / seconds, load->up ? cpu / load->up : 0,
	       percentile(load->took_ms, load->took_count, 0.5),
	       percentile(load->took_ms, load->took_count, 0.99), before.rss_kb, after.rss_kb,
	       before.pss_kb, after.pss_kb);
	return true;
}

bool
step_setup(struct load *load, const char *arg)
{
	unsigned tunnels, sessions, at_once;

	if (sscanf(arg, "%u:%u:%u", &tunnels, &sessions, &at_once) != 3 || !at_once ||
	    !load_peers(load, tunnels, sessions))
		return false;
	return set_up(load, "setup", tunnels * (sessions ? sessions : 1), at_once);
}

bool
step_half(struct load *load, const char *arg)
{
	unsigned tunnels = (unsigned)atoi(arg);

	if (!load_peers(load, tunnels, 0))
		return false;
	load->half = true;
	return set_up(load, "half", tunnels, BATCH);
}

bool
step_lines(struct load *load, const char *arg)
{
	if (!load_peers(load, (unsigned)atoi(arg), 1))
		return false;
	for (unsigned i = 0; i < load->tunnel_count; i++) {
		load->tunnels[i].state = TUNNEL_OPEN;
		load->tunnels[i].peer_tid = load->tunnels[i].tid;
		load->tunnels[i].sessions[0].state = SESSION_UP;
		load->tunnels[i].sessions[0].peer_sid = 1;
	}
	return true;
}

bool
step_hello(struct load *load, const char *arg)
{
	unsigned count = (unsigned)atoi(arg), done = 0;
	uint64_t looked = now_ns(), began = looked;
	double cpu = gauge_cpu_us(&load->gauge);

	for (unsigned tried = 0; done < count && tried < 2 * count; tried++) {
		struct tunnel *t = &load->tunnels[tried * 7919u % load->tunnel_count];

		if (t->state != TUNNEL_OPEN)
			continue; /* the other end has lost it */
		done++;
		send_plain(t, 0, HELLO);
		while (t->unacked && t->state == TUNNEL_OPEN) {
			load_take(load, 100);
			if (now_ns() - looked > NO_ANSWER_NS) {
				setup_look(load);
				looked = now_ns();
			}
		}
	}
	if (done < count)
		return false;
	cpu = gauge_cpu_us(&load->gauge) - cpu;
	printf("{\"step\": \"hello\", \"count\": %u, \"cpu_us\": %.3f, \"us\": %.3f}\n", count,
	       cpu / count, (double)(now_ns() - began) / 1000 / count);
	return true;
}

bool
step_idle(struct load *load, const char *arg)
{
	double seconds = atof(arg), cpu = gauge_cpu_us(&load->gauge);
	uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);

	while (now_ns() < until)
		load_take(load, 100);
	cpu = gauge_cpu_us(&load->gauge) - cpu;
	printf("{\"step\": \"idle\", \"seconds\": %.1f, \"core_percent\": %.4f}\n", seconds,
	       cpu / seconds / 1e4);
	return true;
}

bool
step_stop(struct load *load, const char *arg)
{
	uint64_t looked = now_ns(), began = looked;
	unsigned next = 0, closing = 0, first = 0;

	(void)arg;
	load->again = load->doubled = 0;
	while (next < load->tunnel_count || load->stopped < closing) {
		for (; next < load->tunnel_count && closing - load->stopped < BATCH; next++) {
			if (load->tunnels[next].state != TUNNEL_OPEN)
				continue;
			send_stop(&load->tunnels[next]);
			closing++;
		}
		load_take(load, 20);
		if (now_ns() - looked > LOOK_NS) {
			setup_look(load);
			looked = now_ns();
		}
		for (; first < next && load->tunnels[first].state == TUNNEL_OVER; first++)
			;
		if (first == load->tunnel_count)
			break; /* some gave up */
	}
	printf("{\"step\": \"stop\", \"stopped\": %u, \"of\": %u, \"again\": %u, \"seconds\": "
	       "%.3f}\n",
	       load->stopped, closing, load->again, (double)(now_ns() - began) / 1e9);
	return true;
}
