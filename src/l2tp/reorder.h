/*
 * The order of numbered data messages (RFC 2661 §5.4). What comes before its turn waits a moment
 * for what is missing; what comes after it is dropped: PPP tolerates loss better than disorder.
 */
#ifndef L2TP_REORDER_H
#define L2TP_REORDER_H

#include "lns.h"

/* How long, how many and how much of one session may wait. */
#define REORDER_WAIT_MS 100
#define REORDER_MAX 64
#define REORDER_BYTES (128 * 1024)
/* So many that follow one another, all behind: the peer has begun to count anew. */
#define REORDER_RESTART 8

struct early;

/* Frames whose turn has come, for lns_next_data(): of all sessions, in the order of their release.
 */
struct frames {
	struct early *first, *last;
	struct early *given; /* the view handed out */
};

/* Zero-initialise: a peer counts from 0. */
struct reorder {
	uint16_t next; /* the number whose turn it is */
	uint16_t behind;
	unsigned run; /* how many have come behind in a row, up to the one before `behind` */
	unsigned count;
	size_t bytes;
	struct early *early; /* by number */
};

enum reorder_verdict {
	REORDER_PASS, /* its turn; deliver it before what frames_next() gives */
	REORDER_KEPT, /* copied; it comes out of frames_next() later, or even now */
	REORDER_LATE  /* its turn is over, or it is here already: drop it */
};

/* A frame numbered ns. What it was missing for goes to `ready`. Memory that is short costs the
 * order, not the frame. */
enum reorder_verdict reorder_take(struct reorder *r, struct frames *ready, mstime_t now,
				  const struct lns_data *data, uint16_t ns);
/* When reorder_expire() has something to do: MSTIME_NEVER when nothing waits. */
mstime_t reorder_due(const struct reorder *r);
/* What has waited long enough goes to `ready`, with all before it: the gap stays one. */
void reorder_expire(struct reorder *r, struct frames *ready, mstime_t now);
void reorder_fini(struct reorder *r);

/* The next frame; the view holds until the next call. False when there is none. */
bool frames_next(struct frames *frames, struct lns_data *data);
/* Drops what nobody has asked for. */
void frames_forget(struct frames *frames);

#endif
