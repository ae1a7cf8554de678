/* Which of pluto's states go when SAs are dropped. Pure. */
#ifndef KEEPER_DROP_PLAN_H
#define KEEPER_DROP_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "pluto.h"

/* The two SAs of a client, in host order. */
struct spi_pair {
	uint32_t in, out;
};

/* All states of our conns; zero-initialise, drop_plan_fini(). */
#define DROP_STATES_MAX 1000000
struct drop_plan {
	struct pluto_sa *states;
	size_t count, cap;
};

/* The next line of `ipsec whack --showstates`. False: too many, or no memory. */
bool drop_plan_read(struct drop_plan *plan, const char *line);
void drop_plan_fini(struct drop_plan *plan);

/*
 * RFC 3193 §3.1: with the tunnel go the phase 2 SAs that carried it, and the phase 1 SA with them
 * unless somebody else's SA came from it. Writes the numbers of the states to delete, in the order
 * in which the peer is to hear of it; gives how many, at most max.
 */
size_t drop_plan_pick(const struct drop_plan *plan, const struct spi_pair *pairs, size_t count,
		      unsigned *numbers, size_t max);

#endif
