/* The history of sessions, kept for those who ask later (kept.h). */
#ifndef KEEPER_HISTORY_H
#define KEEPER_HISTORY_H

#include <sys/types.h>

#include "wall.h"

struct keeper;

struct history {
	gid_t group; /* may read it */
};

/* Makes the folder of all that outlives a boot, for root and this group. Where it cannot, the first
 * entry says so. */
void history_init(struct history *history, gid_t group);

/* WALL_HISTORY. A disk that takes no more is a problem of `status`, and nobody else's: the entry is
 * lost, its line in the journal is not. */
void history_add(struct keeper *keeper, const struct wall_history *entry);

#endif
