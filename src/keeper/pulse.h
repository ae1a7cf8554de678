/*
 * Does the worker's loop still run? It is asked every few seconds and answers from that loop. Each
 * answer goes on to systemd as WATCHDOG=1, so that a keeper that hangs is ended as well as a worker
 * that does: the first by systemd (WatchdogSec), the second by the keeper, which can still tell
 * every pppd and take back what it set in the kernel.
 */
#ifndef KEEPER_PULSE_H
#define KEEPER_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper/loop.h"
#include "mstime.h"

struct keeper;
struct wall_ask;

struct pulse {
	struct timer timer;
	mstime_t period;
	uint32_t asked, heard; /* numbers of the last question and of the last answer */
};

/* The worker is up: from now on it has to answer. */
void pulse_start(struct keeper *keeper);

/* False for an answer that was not asked for. */
bool pulse_heard(struct keeper *keeper, const struct wall_ask *answer);

#endif
