/*
 * A scripted LAC for tests, made of hand-written bytes and of nothing of src/l2tp: what is sent and
 * taken (peer.c), tunnels and calls (call.c), and frames (frames.c). tests/tools/lac.c says how it
 * is run. A step gives false when it did not come to its end.
 */
#ifndef LAC_H
#define LAC_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hdlc.h"
#include "message.h"
#include "wire.h"

#define SESSIONS 256
#define DATAGRAM 2048
#define UNACKED 16

#define NUMBER_MAX 64

/* A caller's own, of ppp.c. */
struct ppp {
	bool dialling; /* frames are for it */
	bool lcp_ours, lcp_theirs, ipcp_ours,
		ipcp_theirs; /* acknowledged: our request, and theirs */
	bool welcome, ended, ponged;
	uint8_t id;    /* of our last request */
	long asked_ms; /* when it was sent */
	uint32_t address, gateway;
	char name[NUMBER_MAX], password[NUMBER_MAX];
};

struct session {
	uint16_t sid, peer_sid;
	bool up;
	uint32_t said, back; /* frames of pppd's own (LCP), and echoes, that came */
	uint32_t wrong;	     /* and were not what was sent */
	uint32_t numbered;   /* came back of a flow; each counted once */
	uint32_t doubled;
	uint8_t *seen; /* a bit for each of the flow's */
	int line;      /* to a pppd of our own; 0: none */
	struct hdlc_rx rx;
	struct ppp ppp;
};

struct sent {
	uint8_t bytes[512];
	size_t len; /* 0: acknowledged */
	uint16_t ns;
};

/* What the last message said. */
struct avps {
	uint16_t type, assigned, result, error;
	char called[NUMBER_MAX], error_text[NUMBER_MAX];
	uint32_t send_accm, receive_accm;
	uint8_t challenge[64];
	size_t challenge_len; /* 0: none */
	bool response;	      /* there was one, and it is right */
};

/* What ICCN says of a caller who was asked already (§4.4.5). */
struct proxy {
	uint16_t type; /* 0: nothing */
	char name[NUMBER_MAX], password[NUMBER_MAX];
};

struct lac {
	int fd;
	char secret[NUMBER_MAX]; /* "": none */
	uint8_t challenge[16];	 /* ours */
	uint16_t tid, peer_tid, ns, nr;
	struct session sessions[SESSIONS];
	unsigned count;
	struct sent sent[UNACKED]; /* by Ns */
	bool stopped;		   /* StopCCN came */
	bool echoing;		   /* what comes must be pattern() */
	uint32_t flow;		   /* frames of the flow; 0: none */
	enum message last;
	uint16_t last_sid; /* our session that the last message was for */
	struct avps avps;  /* of the last message */
	struct proxy proxy;
	/* of the calls that follow */
	char calling[NUMBER_MAX], called[NUMBER_MAX], sub_address[NUMBER_MAX];
	uint32_t framing; /* §4.4.4: 1 synchronous, 2 asynchronous; 0: as 1 */
	long again_ms;	  /* then what is not acknowledged, or did not come back, is sent again */
	long wait_ms;	  /* for an answer */
	long began_ms;	  /* SCCRQ */
	long away_ms;	  /* how far: an answer to a message leaves so much later */
	volatile sig_atomic_t *told_to_end;
};

long lac_now_ms(void);
/* The last session; NULL when there is none. */
struct session *lac_last(struct lac *lac);

/* ── peer.c ─────────────────────────────────────────────────────────────────────────────── */

void lac_put(struct wr *w, enum attribute attribute, const void *value, size_t len);
void lac_put_u16(struct wr *w, enum attribute attribute, uint16_t value);
void lac_put_u32(struct wr *w, enum attribute attribute, uint32_t value);
/* A control message into `bytes` (DATAGRAM of them), and away with it. */
struct wr lac_begin(struct lac *lac, uint8_t *bytes, uint16_t peer_sid, enum message type);
void lac_send(struct lac *lac, struct wr *w);
/* A whole PPP frame, and one with this payload. */
void lac_send_data(struct lac *lac, const struct session *session, const void *frame, size_t len);
void lac_send_frame(struct lac *lac, const struct session *session, const void *payload,
		    size_t len);
/* Takes what comes within `ms`; false when nothing did: then what is not acknowledged goes out
 * again. */
bool lac_take(struct lac *lac, long ms);
/* Waits for a message of this type, but not beyond a StopCCN. */
bool lac_await(struct lac *lac, enum message type);

/* ── call.c ─────────────────────────────────────────────────────────────────────────────── */

bool lac_tunnel(struct lac *lac, const char *arg);
/* `listen:ADDRESS:PORT`: the other end opens the tunnel. */
bool lac_listen(struct lac *lac, const char *arg);
/* Its first frame follows ICCN at once, as a client's first LCP request does, and must come back.
 */
bool lac_session(struct lac *lac, const char *arg);
/* The same, but nothing is said in it. */
bool lac_call(struct lac *lac, const char *arg);
/* `calling:NUMBER`, `called:NUMBER`, `sub-address:TEXT`, `framing:TYPE`: what the calls that follow
 * say. */
bool lac_calling(struct lac *lac, const char *arg);
bool lac_called(struct lac *lac, const char *arg);
bool lac_sub_address(struct lac *lac, const char *arg);
bool lac_framing(struct lac *lac, const char *arg);
/* `answer[:RESULT]`: places the call that the other end asks for, or refuses it with a CDN. */
bool lac_answer(struct lac *lac, const char *arg);
/* Places it, and nothing is said in it. */
bool lac_accept(struct lac *lac, const char *arg);
/* `refused:N`: N calls one after another that the other end refuses, with CDN. */
bool lac_refused(struct lac *lac, const char *arg);
/* `proxy:pap|chap:NAME:PASSWORD`: what the sessions that follow say of their caller. */
bool lac_proxy(struct lac *lac, const char *arg);
bool lac_cdn(struct lac *lac, const char *arg);
void lac_hang_up(struct lac *lac, struct session *session, uint16_t result);
bool lac_stop(struct lac *lac, const char *arg);

/* ── frames.c ───────────────────────────────────────────────────────────────────────────── */

/* What echoes hold: bytes that need escaping among them, at changing places. */
bool lac_is_pattern(const uint8_t *bytes, size_t len);
#define ECHO_MIN 40 /* bytes of the shortest echo */
/* A frame of a flow has come: `payload` begins with its number. */
void lac_count_numbered(struct lac *lac, struct session *session, uint32_t number);
#define FLOW_MAGIC 0x666c6f77u

/* N frames on every session, 16 under way; so many must come back. */
bool lac_echo(struct lac *lac, const char *arg);
/* `flow:RATE:SECONDS`: numbered frames, RATE a second over all sessions, never sent again; counts
 * what comes back, and leaves it to others what that is worth. SIGTERM ends it sooner. */
bool lac_flow(struct lac *lac, const char *arg);
/* One frame with this payload on the last session. */
bool lac_say(struct lac *lac, const char *arg);
/* N frames on the last session, whatever becomes of them. */
bool lac_push(struct lac *lac, const char *arg);

/* ── line.c ─────────────────────────────────────────────────────────────────────────────── */

/* `pppd:FILE`: a real pppd with these options is the client of the last session. */
bool lac_pppd(struct lac *lac, const char *arg);
/* It sees that the line is down, and ends. */
void lac_line_close(struct session *session);
/* A frame for it, from address and control on. */
void lac_line_put(const struct session *session, const uint8_t *frame, size_t len);
/* Sends what it says. */
void lac_line_take(struct lac *lac, struct session *session);

/* ── ppp.c ──────────────────────────────────────────────────────────────────────────────── */

/* `dial:NAME:PASSWORD`: the client of the last session has a PPP of its own: up to its address. */
bool lac_dial(struct lac *lac, const char *arg);
/* Until the gateway has answered it. Both print the time since SCCRQ. */
bool lac_ping(struct lac *lac, const char *arg);
/* A frame for it, from address and control on. */
void lac_ppp_take(struct lac *lac, struct session *session, struct rd r);

#endif
