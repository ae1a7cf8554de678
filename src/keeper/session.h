/* The sessions as the keeper sees them: a pppd, its plugin link, a user, an address. */
#ifndef KEEPER_SESSION_H
#define KEEPER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "wall.h"

struct keeper;
struct pool;

/* WALL_SPAWN. False when the worker broke the rules: the ref has a session already. */
bool session_spawn(struct keeper *keeper, const struct wall_spawn *spawn);
/* WALL_CALL: what pppd's scripts are told of the call. */
void session_call(struct keeper *keeper, const struct wall_call *call);
/* WALL_STOP. A session that is not there any more is no fault: its end is on the way to the worker.
 */
void session_stop(struct keeper *keeper, const struct wall_stop *stop);
/* The daemon ends: every pppd is asked to go, and killed ms later. */
void session_stop_all(struct keeper *keeper, int kill_after_ms);

/* Takes the addresses of all live sessions out of the new pool. */
void session_move_addresses(const struct keeper *keeper, struct pool *pool);

#endif
