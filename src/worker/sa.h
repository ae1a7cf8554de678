/* The SAs that the keeper listed, and which of them carries a path. Pure. */
#ifndef WORKER_SA_H
#define WORKER_SA_H

#include <stdbool.h>
#include <stddef.h>

#include "wall.h"

#define SA_MAX 131072 /* two for each session of a full server, with room for rekeying */

struct sa_entry {
	struct wall_sa sa;
	size_t place; /* in the order in which they came: the newest last */
};

/* Zero-initialise. */
struct sa_set {
	struct sa_entry *list;
	size_t count, room;
	bool sorted;
};

void sa_set_fini(struct sa_set *set);
/* Keeps a copy; leaves it out when there are SA_MAX or memory is short. */
void sa_set_add(struct sa_set *set, const struct wall_sa *sa);
/*
 * The newest SA between the path's hosts whose selector takes the peer's port and whose mark is the
 * path's; NULL when none protects it. Valid until the next sa_set_add().
 */
const struct wall_sa *sa_set_find(struct sa_set *set, const struct lns_path *path);

#endif
