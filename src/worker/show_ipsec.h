/* What protects a path, and with whom it shares a NAT, as JSON. */
#ifndef WORKER_SHOW_IPSEC_H
#define WORKER_SHOW_IPSEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lns.h"
#include "wall.h"

struct app;
struct port;

/* The keeper's answer to WALL_COUNT_SA. Zero-initialise. */
#define SA_COUNTS_MAX 32 /* a pair, and those of rekeys that have not expired */
struct sa_counts {
	struct wall_sa_count list[SA_COUNTS_MAX];
	size_t count;
};
/* Keeps a copy; leaves it out when there are SA_COUNTS_MAX. */
void sa_counts_add(struct sa_counts *counts, const struct wall_sa_count *count);

/* The listed ports ordered by their peers' addresses. `list` is NULL when memory is short; free()
 * it. */
struct neighbours {
	const struct port **list;
	size_t count;
};
void neighbours_init(struct neighbours *all, const struct app *app);

/* True when the path's peer is behind a NAT. */
bool show_nat(const struct app *app, const struct lns_path *path);
/* `ipsec` of a session or tunnel; with `sas` unless counts is NULL. */
json_t *show_ipsec(const struct app *app, const struct lns_path *path, uint16_t tid,
		   const struct neighbours *all, const struct sa_counts *counts);

#endif
