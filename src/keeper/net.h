/*
 * What a session may do on the wire: the rules of our nftables table, its rates, the routes to the
 * networks behind it. session.c calls net_admit() before a client has its address, so that no
 * packet of it is ever without a rule; net_up() when its interface is up.
 */
#ifndef KEEPER_NET_H
#define KEEPER_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>

#include "keeper/loop.h"
#include "keeper/nft.h"
#include "keeper/route.h"
#include "keeper/session.h"
#include "keeper/shaper.h"

struct keeper;
struct net_line;

/* A transaction that is being written: out NULL when there is none. */
struct net_batch {
	FILE *out;
	char *text;
	size_t len;
};

struct net {
	struct nft nft;
	bool has_table, had_table;
	uint32_t serial;
	TAILQ_HEAD(net_lines, net_line) lines;
	TAILQ_HEAD(net_untold, net_line) untold; /* whose grants the worker does not know yet */
	void *by_name;				 /* tsearch(3) */
	struct net_batch gone;			 /* of sessions that went, which go together */
	struct timer sweep;
	struct source watch; /* nf_tables' events; the descriptor is watch_sock's */
	struct nl_sock *watch_sock;
	bool missing; /* as they tell */
	struct routes routes;
	struct shaper shaper;
};

void net_init(struct keeper *keeper);

/* Makes the table, in place of one that a killed daemon left, and switches forwarding on. Where the
 * kernel cannot, that is a standing problem, and net_admit() is stricter. */
void net_start(struct keeper *keeper);
/* Removes the table and lnsd-up. Forwarding stays: others may rely on it by now. No session is
 * there any more. */
void net_stop(struct keeper *keeper);
/* Puts network.* of a new configuration in force, in one transaction. */
void net_reload(struct keeper *keeper);

/*
 * The rules of a session that has an address and an interface, which is not up yet: 0, or -errno,
 * logged, when it must not come up: its rules cannot be set. Without nf_tables the kernel's
 * reverse-path filter checks its sources, and a session with a list of destinations is refused. A
 * session that has its rules keeps them.
 */
int net_admit(struct keeper *keeper, struct session_info *info);
/* Its routes and rates. What cannot be had is logged, and no reason to end it. */
void net_up(struct keeper *keeper, struct session_info *info);
/* Puts a changed grant of a session that is up in force: 0, or -errno when its rules cannot be set:
 * then it must end. */
int net_change(struct keeper *keeper, struct session_info *info);
/* Takes all of it back, before the session or its grant goes; no fault when there is nothing. */
void net_down(struct keeper *keeper, struct session_info *info);

/* Tells the worker of grants put in force, as many as the wall takes at once; call it when the wall
 * takes more. */
void net_tell(struct keeper *keeper);

/* What is in force of a session: its routes; rates are without effect where *rated is false. */
const struct route *net_routes(const struct session_info *info, size_t *count, bool *rated);

#endif
