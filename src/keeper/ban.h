/*
 * Who has failed too often is shut out for a while: by the packet filter, and where that is not
 * possible by the worker, which takes no SCCRQ of his, and by the login. Others may come from the
 * same address, behind one NAT. While one of them is connected the packet filter lets the address
 * through, for it would cut his ESP and IKE off as well; only new connections are refused then.
 * When the last one has gone the filter closes.
 */
#ifndef KEEPER_BAN_H
#define KEEPER_BAN_H

#include <stdbool.h>
#include <sys/types.h>

#include "bans.h"
#include "cause.h"
#include "keeper/loop.h"
#include "wall.h"

struct keeper;

struct ban_office {
	struct bans *list; /* NULL: out of memory at the start, nobody is shut out */
	struct timer expiry, save;
	bool unsaved;
	gid_t group;
};

/* Reads those that were there when the last daemon ended. */
void ban_start(struct keeper *keeper, gid_t group);
/* Writes them. What the packet filter has ends with its table. */
void ban_stop(struct keeper *keeper);
/* The packet filter's table is new: puts all in again. */
void ban_restore(struct keeper *keeper);
/* The worker is new: tells it all. */
void ban_tell_all(struct keeper *keeper);
/* The configuration is new: who stands in auth.ban-never is let in again. */
void ban_settle(struct keeper *keeper);

/* A log-in from there was refused for this cause; only guesses count. */
void ban_note_login(struct keeper *keeper, const struct lns_path *path, enum cause cause);
/* IKE failed there for want of the key; or a client sent broken L2TP through its SA, whose sessions
 * then end as well when it was the last straw. */
void ban_note_psk(struct keeper *keeper, const struct lns_addr *peer);
void ban_note_malformed(struct keeper *keeper, const struct lns_path *path);

/* Nobody may log in from there. */
bool ban_holds(const struct keeper *keeper, const struct lns_addr *peer);
/* A session from there is no more. */
void ban_session_over(struct keeper *keeper, const struct lns_addr *peer);

/* WALL_BAN_ASK: lnsctl bans add or del; answered by WALL_BAN_DONE. */
void ban_asked(struct keeper *keeper, const struct wall_ban_ask *ask);

#endif
