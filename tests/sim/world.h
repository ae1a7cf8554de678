/* One run: an LNS, some LACs, perhaps a second LNS and somebody hostile, a bad network, a clock
 * that is a number. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "book.h"
#include "hostile.h"
#include "lac.h"

#define WORLD_LACS 5
/* The last byte of the address of whoever is no LAC */
#define WORLD_MIRROR 250
#define WORLD_HOSTILE 251

struct world_result {
	uint64_t datagrams, sessions, retransmits, placed;
	unsigned lost_tunnels; /* by either end's giving up */
	unsigned jumps;
	size_t memory;	   /* the most that both endpoints held */
	char failure[160]; /* empty: all invariants held */
};

struct world {
	struct rng rng, ids;
	struct net net;
	struct lns *lns, *mirror; /* mirror: NULL or another LNS, a peer of the first */
	struct lns_conf conf;
	struct lns_peer peers[2];
	struct book book, mirror_book;
	struct lac lacs[WORLD_LACS];
	unsigned lac_count;
	bool has_hostile;
	struct hostile hostile;
	int64_t last_serial[WORLD_LACS]; /* of the calls that came in, by LAC */
	mstime_t now, next_whim, leave_at, end_at;
	bool left, drained;
	size_t memory; /* live before the endpoints were made */
	struct world_result result;
};

/* Plays the whole run of a seed. */
struct world_result world_run(uint64_t seed, bool verbose);

/* For the whims (whims.c): the first failure is the one that counts; what is queued is sent and
 * noted. */
void world_fail(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void world_drain(struct world *w);
/* The way between the two endpoints, as the first sees it, or the second. */
struct lns_path world_mirror_path(bool seen_by_mirror);

/* Something of a peer's, the administrator's or nature's own accord. */
void whim(struct world *w);

#endif
