/*
 * The clients' SAs as the keeper told of them, by mark: whose datagrams are let in, and which SAs
 * no tunnel needs any more. Pure.
 */
#ifndef WORKER_SA_H
#define WORKER_SA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "conf.h"
#include "lns.h"
#include "mstime.h"
#include "wall.h"

#define SA_MAX 65536 /* all the marks of our own range */
#define SA_CHAINS 16384

/* RFC 3193 §3.1: the SAs go with the last tunnel, but not before the peer, whose StopCCN may have
 * been answered in vain, has had the time to repeat it. */
#define SA_REST_MS 5000
/* By then the last StopCCN of ours is given up: what still uses the SA is a live tunnel. */
#define SA_WATCH_MS 40000

struct sa {
	struct wall_sa told;
	struct sa *next; /* in its chain */
	TAILQ_ENTRY(sa) resting;
	mstime_t ended; /* its last tunnel */
	mstime_t look;	/* when to see whether it is still needed; 0: not in the queue */
};

struct sa_table {
	struct sa *chain[SA_CHAINS];
	size_t count;
	uint64_t changes, gone;	  /* how often sa_put() gave SA_RENEWED; clients removed */
	TAILQ_HEAD(, sa) resting; /* by `look` */
};

void sa_init(struct sa_table *table);
void sa_fini(struct sa_table *table);

enum sa_change {
	SA_SAME,    /* known, and its datagrams leave as before */
	SA_RENEWED, /* new, or they leave by another SA now */
	SA_NO_ROOM  /* not kept: memory is short, there are SA_MAX, or it has no mark */
};
/* Keeps a copy in the place of what was known of the client. Who comes back through a new SA needs
 * it, although a tunnel of his has just ended. */
enum sa_change sa_put(struct sa_table *table, const struct wall_sa *told);
void sa_remove(struct sa_table *table, uint32_t mark);
/* NULL for a mark that is unknown, and for 0. Valid until the entry is removed. */
const struct wall_sa *sa_find(const struct sa_table *table, uint32_t mark);

/* One of those by which datagrams can reach this address, whatever its port; NULL: none. */
const struct wall_sa *sa_to(const struct sa_table *table, const struct lns_addr *peer);

/* What the configuration says of datagrams; of the start, as a reload cannot change it. */
struct sa_rules {
	bool require; /* nothing without an SA */
	bool own;     /* marks from mark_base on, 65,536 of them, are ours alone */
	uint32_t mark_base;
};
struct sa_rules sa_rules(const struct conf *conf);

/*
 * Whether a datagram may be looked at. Under a client's mark it must come from the client; with a
 * mark that is nobody's business here (an administrator's own rules set it) it is one without.
 * *path becomes what the core gets to see.
 */
bool sa_admit(const struct sa_table *table, const struct sa_rules *rules, struct lns_path *path);

/* A tunnel under the mark has ended: after SA_REST_MS its SA may be needed no more. */
void sa_tunnel_ended(struct sa_table *table, uint32_t mark, mstime_t now);
/* When sa_unused() has something to look at; MSTIME_NEVER when nothing. */
mstime_t sa_deadline(const struct sa_table *table);
/* A client whose SAs no tunnel needs any more, each once; NULL when there is none by now. Valid
 * until its entry is removed. */
const struct wall_sa *sa_unused(struct sa_table *table, const struct lns *lns, mstime_t now);

#endif
