/* What only the keeper can count, told to the worker for its metrics every few seconds. */
#ifndef KEEPER_TALLY_H
#define KEEPER_TALLY_H

#include "keeper/loop.h"
#include "wall.h"

struct keeper;

struct tally {
	struct timer next;
	struct wall_tally told;
};

/* The worker is up. Does nothing when nobody can read metrics. */
void tally_start(struct keeper *keeper);
void tally_stop(struct keeper *keeper);

#endif
