/* Which way each session's data take (lane.h), and what it has in the kernel for it. */
#ifndef KEEPER_LANES_H
#define KEEPER_LANES_H

#include "keeper/l2tp_kernel.h"
#include "lane.h"
#include "log.h"
#include "wall.h"

struct keeper;

struct lanes {
	struct l2tp_kernel kernel;
	struct log_limit lines;
};

struct session_lane {
	enum lane lane;
	enum lane_reason reason;
	int error; /* errno, of LANE_ERROR */
	struct l2tp_line line;
};

void lanes_start(struct keeper *keeper);
void lanes_stop(struct keeper *keeper);
/* Tells the worker which lane new sessions get, for `status`; when it is up, and on change. */
void lanes_tell(struct keeper *keeper);

/* Chooses, and makes what it takes; the worker is told of a tunnel's socket. What the kernel
 * refuses is served by a pty. */
void lane_take(struct keeper *keeper, const struct wall_spawn *spawn, struct session_lane *lane);
/* Which sequence numbers the call has agreed upon. */
void lane_call(struct keeper *keeper, const struct wall_call *call,
	       const struct session_lane *lane);
/* The L2TP side has ended: pppd's line is dead. */
void lane_hang_up(const struct session_lane *lane);
/* pppd has ended. */
void lane_give(struct keeper *keeper, struct session_lane *lane);

#endif
