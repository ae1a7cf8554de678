/* The sessions as the keeper sees them: a pppd, its plugin link, a user, an address. */
#ifndef KEEPER_SESSION_H
#define KEEPER_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "caller.h"
#include "cause.h"
#include "grant.h"
#include "wall.h"

struct account;
struct keeper;
struct net_line;
struct pool;
struct pool6;

/* What all rooms of the keeper may know of a session. session.c alone writes it; `grant` may be
 * changed by who owns a live change, and is then put in force by its own function. */
struct session_info {
	struct lns_ref ref;
	struct lns_path path;
	struct call call;
	char user[128];		   /* the account; "" before the login */
	char ifname[16];	   /* "" before it has asked for its address */
	uint32_t address;	   /* IPv4, host order; 0: none yet */
	struct lns_prefix prefix6; /* IPv6, what belongs to the session: its link and what is
				      delegated (pool6.h); family 0: none */
	bool up6;		   /* IPV6CP is open, and the prefix routed */
	struct grant grant;	   /* all zero before the login */
	struct net_line *net;	   /* net.c's */
	mstime_t since;		   /* loop_now() when the worker asked for a pppd */
	struct account *account;   /* radius_acct.h's alone; or NULL */
	bool local;		   /* the account is one of the users' file */
	mstime_t up_since;	   /* when IPCP was open; 0 before */
};

/* Before all others. */
void session_start_init(struct keeper *keeper);
/* WALL_SPAWN: its pppd is started when its turn comes, and the worker told then (WALL_SPAWNED).
 * False when the worker broke the rules: the ref has a session already. */
bool session_spawn(struct keeper *keeper, const struct wall_spawn *spawn);
/* WALL_CALL: what pppd's scripts are told of the call. */
void session_call(struct keeper *keeper, const struct wall_call *call);
/* WALL_STOP. A session that is not there any more is no fault: its end is on the way to the worker.
 */
void session_stop(struct keeper *keeper, const struct wall_stop *stop);
/* The daemon ends: every pppd is asked to go, and killed ms later. */
void session_stop_all(struct keeper *keeper, int kill_after_ms);

/* WALL_HISTORY: puts the entry into the history. */
void session_past_told(struct keeper *keeper, const struct wall_history *entry);
/* The worker has died: those who were up, and of whom it has not told, have their entries from
 * here. */
void session_past_tell(struct keeper *keeper);
/* Frees what session_past_owe() keeps. */
void session_past_forget(struct keeper *keeper);

/* Takes the addresses of all live sessions out of the new pool. */
void session_move_addresses(const struct keeper *keeper, struct pool *pool);
void session_move_prefixes(const struct keeper *keeper, struct pool6 *pool);

/* Ends a session, for a reason that the client, the log and `lnsctl` are told; the first reason
 * stays. text NULL: the cause's own. No fault when the session has gone. */
void session_end(struct keeper *keeper, struct lns_ref ref, enum cause cause, enum closed_by by,
		 const char *text);

/* Sets the session's timers anew by its grant (session_timeout_s, expires): call it when these have
 * changed. Before the session is up it does nothing. */
void session_set_limit(struct keeper *keeper, const struct session_info *info);

/* Calls fn for each session that has logged in and is not ending, until it gives false. fn may end
 * sessions: none goes before the loop's next turn. */
typedef bool session_fn(void *ctx, struct session_info *info);
void session_each(struct keeper *keeper, session_fn *fn, void *ctx);

#endif
