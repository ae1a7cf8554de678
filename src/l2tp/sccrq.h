/* Control messages for tunnel id 0: who asks for a tunnel, or never learnt the id of his. */
#ifndef L2TP_SCCRQ_H
#define L2TP_SCCRQ_H

#include "l2tp/data.h"

/* One datagram whose header has tunnel id 0, header already read. */
enum lns_verdict sccrq_input(struct lns *lns, const struct lns_path *path,
			     const struct l2tp_header *h);

/* What is decided when two peers ask each other at the same time (§4.4.3 Tie Breaker). */
enum sccrq_tie {
	TIE_NONE,   /* neither cares: two tunnels */
	TIE_OURS,   /* ours goes on, theirs is discarded without a word */
	TIE_THEIRS, /* the other way round */
	TIE_EQUAL   /* both are discarded */
};

/* A tie breaker that was not sent is NULL. */
enum sccrq_tie sccrq_tie(const uint64_t *ours, const uint64_t *theirs);

#endif
