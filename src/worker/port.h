/*
 * A port: one session's place in the shell, from ICRQ until its pppd has ended. Holds the pppd's
 * line (what waits to be written, the decoder's state) and what is known of the session. No event
 * loop; the descriptor is written to in port_flush() only.
 */
#ifndef WORKER_PORT_H
#define WORKER_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caller.h"
#include "cause.h"
#include "hdlc.h"
#include "lane.h"
#include "lns.h"
#include "mstime.h"

#define PORT_OUT_MAX (256 * 1024) /* encoded bytes that wait for pppd to read */
#define PORT_HELD_BYTES 8192	  /* the same, and the frames, before pppd has spoken */
#define PORT_HELD_FRAMES 16
#define PORT_FRAME_MAX 2048 /* largest frame from pppd */
#define PORT_FIRST_MAX 64   /* more than an LCP Configure-Request of pppd's */

struct event;
struct inside_port;
struct ptys;

/* How it ended: the first who knows it says it. */
struct port_end {
	enum cause cause; /* CAUSE_NONE: not known yet */
	enum closed_by by;
	char text[200]; /* escaped */
};

struct port_counters {
	/* PPP frames. rx: from the client. */
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	uint64_t rx_dropped; /* pppd did not read */
};

struct port {
	struct lns_ref ref;
	struct port *next;		  /* in its table's chain */
	struct port *prev_all, *next_all; /* in its table's list, oldest first */

	/* the line */
	int fd; /* pty master; -1: none yet, or no more */
	enum lane lane;
	int meter;     /* of LANE_KERNEL: its PPPoL2TP socket, for the counters; -1: none */
	uint64_t seen; /* packets from the client when that was looked at last */
	struct ptys *ptys;
	struct event *readable, *writable;
	struct port *next_dirty;
	bool dirty;
	bool blocked; /* pppd did not read: written to again when the line is writable */
	bool spoke;   /* pppd has written its first byte: its line is set up */
	bool go;      /* the session is established: frames may flow */
	bool up;      /* IPCP is open */
	bool heard;   /* the client has spoken */
	bool over;    /* the L2TP side has ended; the port waits for its pppd's end */
	uint8_t *out; /* NULL: nothing waits */
	size_t out_cap, out_start, out_end;
	unsigned held;
	struct port_spares *spares;
	uint8_t first[PORT_FIRST_MAX]; /* what pppd said first, until the client speaks */
	size_t first_len;
	struct hdlc_rx rx;
	uint8_t *rx_bytes; /* LNS_HEADROOM, then rx.buf; NULL: no frame is half read */

	/* the session */
	struct lns_path path;
	struct call call;
	char user[128], ifname[16];
	uint32_t address;
	struct inside_port *inside;	  /* worker/inner.c; NULL: nothing is known */
	char *routes, *allow, *rate;	  /* what it may do; NULL: not known */
	char reason[160];		  /* of its lane */
	char client[32];		  /* escaped, as the core guesses it */
	mstime_t tunnel_at, go_at, up_at; /* SCCRQ, ICCN, IPCP; 0: not yet */
	struct port_counters counters;
	struct port_end end;
};

/* Buffers that no port has use for at the moment: an idle session has none. */
#define PORT_SPARES 64
#define PORT_SPARE_BYTES (1024 * 1024) /* of all that wait to be lent */
struct port_spares {
	struct {
		uint8_t *bytes;
		size_t cap;
	} out[PORT_SPARES];
	size_t count, bytes;
	uint8_t *rx;
};

/* The ports by ref, and in the order in which they came. Zero-initialise; `dead` is reaped by
 * ports_reap(). */
#define PORTS_CHAINS 16384
struct ports {
	struct port *chain[PORTS_CHAINS];
	struct port *first, *last;
	struct port *dead;
	size_t count;
	struct port_spares spares;
};

/* NULL when memory is short, or when the ref is there already. */
struct port *ports_add(struct ports *ports, struct lns_ref ref);
/* NULL for a ref that is unknown or stale. */
struct port *ports_find(const struct ports *ports, struct lns_ref ref);
/*
 * Takes the port out of the table; its memory stays good until ports_reap(), so that a callback
 * that holds it may come to its end. Its line must be closed (pty_close).
 */
void ports_remove(struct ports *ports, struct port *port);
void ports_reap(struct ports *ports);
/* Frees what an empty table still holds. */
void ports_fini(struct ports *ports);

/*
 * A frame from the client, encoded into what waits for pppd. False when it had to be dropped: pppd
 * does not read, has not spoken and enough is held, or memory is short.
 */
bool port_put(struct port *port, const uint8_t *frame, size_t len);

enum port_flushed {
	PORT_EMPTY, /* all is written, or must wait until pppd has spoken */
	PORT_FULL,  /* pppd does not read at once: call again when the line is writable */
	PORT_GONE   /* the line is dead */
};
/* One write() of what waits. */
enum port_flushed port_flush(struct port *port);

/* Makes ready to decode; false when memory is short. */
bool port_rx_ready(struct port *port);
/* All that was read is decoded: the buffer is lent to others, unless a frame is half read. */
void port_rx_rest(struct port *port);
/*
 * The next frame of what pppd wrote, or NULL when the bytes are used up (hdlc_decode's rules). Has
 * LNS_HEADROOM writable bytes before it.
 */
uint8_t *port_get(struct port *port, const uint8_t **p, const uint8_t *end, size_t *len);

/* True from ICCN on: the sessions that lnsctl shows. */
bool port_listed(const struct port *port);
/* "authenticating", "up", "closing" */
const char *port_state(const struct port *port);

/* What the session may do, in texts of grant.h. */
void port_set_grant(struct port *port, const char *routes, const char *allow, const char *rate);

/* Notes how it ended unless that is known; text may be NULL and is taken as it is (escaped). */
void port_note_end(struct port *port, enum cause cause, enum closed_by by, const char *text);
/* What was noted did not come true; nothing once the L2TP side has ended. */
void port_forget_end(struct port *port);
/*
 * pppd's own account of its end. It knows better than the hang-up of a client that its end
 * provoked: a time limit, a failed log-in or negotiation beats "the client hung up".
 */
void port_note_pppd_end(struct port *port, enum cause cause, enum closed_by by, const char *text);

#endif
