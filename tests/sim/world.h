/* One run: an LNS, some LACs, a bad network, a clock that is a number. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

struct world_result {
	uint64_t datagrams, sessions, retransmits;
	unsigned lost_tunnels; /* by either end's giving up */
	char failure[160];     /* empty: all invariants held */
};

/* Plays the whole run of a seed. */
struct world_result world_run(uint64_t seed, bool verbose);

#endif
