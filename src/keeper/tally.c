/* See tally.h. */
#include <string.h>

#include "keeper/state.h"

#define INTERVAL_MS 5000

static struct wall_tally
count(const struct keeper *keeper)
{
	struct wall_tally tally;

	memset(&tally, 0, sizeof(tally));
	tally.kind = WALL_TALLY;
	tally.pppds = (uint32_t)(keeper->session_count - keeper->starts.waiting);
	tally.stopping = (uint32_t)keeper->stopping_count;
	tally.waiting = (uint32_t)keeper->starts.waiting;
	tally.sas = (uint32_t)keeper->xfrm.dir.count;
	tally.pool_size = (uint32_t)pool_size(keeper->pool);
	tally.pool_used = (uint32_t)pool_used(keeper->pool);
	return tally;
}

static void
due_next(struct timer *timer)
{
	struct keeper *keeper = owner_of(timer, struct keeper, tally.next);
	const union wall_msg msg = {.tally = count(keeper)};

	loop_after(&keeper->loop, timer, INTERVAL_MS);
	/* a worker that has much to hear can wait for this */
	if (wall_wants_write(keeper->wall) ||
	    memcmp(&msg.tally, &keeper->tally.told, sizeof(msg.tally)) == 0)
		return;
	keeper->tally.told = msg.tally;
	keeper_send(keeper, &msg, -1);
}

void
tally_start(struct keeper *keeper)
{
	const struct conf_socket *place = &keeper->conf->metrics.listen;

	keeper->tally.next.due = due_next;
	if (place->addr.family || place->path[0])
		due_next(&keeper->tally.next);
}

void
tally_stop(struct keeper *keeper)
{
	loop_cancel(&keeper->loop, &keeper->tally.next);
}
