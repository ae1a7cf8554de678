/* The addresses that sessions get: the pool, who had which last, and what is said when there is
 * none. */
#ifndef KEEPER_LEASES_H
#define KEEPER_LEASES_H

#include "keeper/session.h"

struct keeper;

/* Who had which address before the last end of lnsd; nothing where that is not known. False when
 * memory is short. */
bool leases_start(struct keeper *keeper);
/* Keeps it for the next start. */
void leases_stop(struct keeper *keeper);

/* Gives info->address to a session that has none. False: `text` says why there is none. */
bool lease_take(struct keeper *keeper, struct session_info *info, char *text, size_t cap);
/* Takes it back. */
void lease_give(struct keeper *keeper, struct session_info *info);

/* Addresses of live sessions that the new users' file gives to others: a line each, in the log. */
void leases_look_for_conflicts(struct keeper *keeper);

#endif
