/*
 * The load generator of the benchmarks: L2TP peers in numbers, and what they see of the server. The
 * steps of the command line are done in turn and each prints one line of JSON; see load.c. Control
 * connections are in setup.c, echoes in lane.c, what the server takes meanwhile in gauge.c.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define BATCH 64
#define DATAGRAM 2048
#define MESSAGE_MAX 96 /* of ours, the longest is SCCRQ */
#define UNACKED 8
#define NO_ANSWER_NS 1000000000u /* then a message is sent again, as RFC 2661 §5.8 says */
#define TRIES 6
#define PIDS 64

/* ── gauge.c ────────────────────────────────────────────────────────────────────────────── */

/* The processes of the server, without the pppds that it has started. */
struct gauge {
	int pids[PIDS];
	double cpu_us[PIDS]; /* as last seen */
	unsigned count;
};

struct reading {
	double cpu_us;
	long rss_kb, pss_kb; /* 0: not asked for */
};

uint64_t now_ns(void);
/* Adds comma-separated ids; false when one is none. */
bool gauge_add(struct gauge *gauge, const char *list);
double gauge_cpu_us(struct gauge *gauge);
void gauge_memory(const struct gauge *gauge, struct reading *reading);
/* The value below which `share` (0 to 1) of them are; sorts them. 0 when there are none. */
double percentile(double *values, size_t count, double share);

/* ── peers ──────────────────────────────────────────────────────────────────────────────── */

enum session_state { SESSION_IDLE, SESSION_ASKED, SESSION_CONNECTED, SESSION_UP, SESSION_FAILED };

struct session {
	enum session_state state;
	uint16_t peer_sid;
	uint64_t began;
	uint32_t sent; /* echoes */
	unsigned under_way;
	bool heard; /* its first echo has come */
};

/* A message of ours that is not acknowledged. */
struct pending {
	uint8_t bytes[MESSAGE_MAX];
	uint16_t len; /* 0: free */
	uint16_t ns;
	unsigned tries;
	uint64_t at;
};

enum tunnel_state { TUNNEL_IDLE, TUNNEL_OPENING, TUNNEL_OPEN, TUNNEL_CLOSING, TUNNEL_OVER };

struct tunnel {
	enum tunnel_state state;
	bool counted; /* its set-up has come to an end, good or bad */
	int fd;
	uint16_t tid, peer_tid, ns, nr;
	unsigned unacked;
	unsigned started, asked; /* sessions: begun, and ICRQs of them that left */
	uint64_t began;
	struct pending pending[UNACKED]; /* by Ns */
	struct session *sessions;	 /* ids 1 … */
};

struct load;
struct lane;
typedef void frame_fn(struct load *load, struct tunnel *t, struct session *session,
		      const uint8_t *frame, size_t len);

struct load {
	const char *host, *port;
	struct gauge gauge;
	unsigned tunnels_a_socket;
	int epoll;
	int *fds;
	unsigned fd_count;
	struct tunnel *tunnels;
	struct session *sessions; /* of all tunnels */
	unsigned tunnel_count, sessions_each;
	bool half; /* SCCRP is not answered */

	/* set-up */
	unsigned busy, up, failed, again, doubled, stopped;
	double *took_ms;
	unsigned took_count;
	unsigned helloed;

	frame_fn *on_frame;
	void (*on_batch_end)(struct load *load, int fd);
	struct lane *lane;
	uint8_t in[BATCH][DATAGRAM];
};

/* Takes what comes within `ms`, once. */
void load_take(struct load *load, int ms);

/* ── setup.c ────────────────────────────────────────────────────────────────────────────── */

void setup_take_control(struct load *load, struct tunnel *t, struct rd *r);
/* Sends again what was not acknowledged in time. */
void setup_look(struct load *load);

/* ── steps ──────────────────────────────────────────────────────────────────────────────── */

/* Each gives false when its argument is wrong or it could not be done at all. */
bool step_setup(struct load *load, const char *arg);
bool step_half(struct load *load, const char *arg);
bool step_lines(struct load *load, const char *arg);
bool step_hello(struct load *load, const char *arg);
bool step_idle(struct load *load, const char *arg);
bool step_stop(struct load *load, const char *arg);
bool step_echo(struct load *load, const char *arg);
bool step_probe(struct load *load, const char *arg);

/* The tunnels, idle, on sockets of their own; false when something is short. */
bool load_peers(struct load *load, unsigned tunnels, unsigned sessions_each);

#endif
