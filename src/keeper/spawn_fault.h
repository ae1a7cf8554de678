/* Why a pppd could not be started: which limit was met, and what raises it. Pure. */
#ifndef KEEPER_SPAWN_FAULT_H
#define KEEPER_SPAWN_FAULT_H

#include "cause.h"

enum spawn_step {
	SPAWN_LINE,    /* a pty, and the plugin link */
	SPAWN_PROGRAM, /* pppd's process, and the program in it */
	SPAWN_WATCH    /* a place in the keeper's loop */
};

struct spawn_fault {
	enum cause cause; /* for the client, and the history */
	const char *text; /* for the log: what to do about it */
};

/* error: -errno, as the step gave it. Never NULL. */
const struct spawn_fault *spawn_fault_find(enum spawn_step step, int error);

#endif
