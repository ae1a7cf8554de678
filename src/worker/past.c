/* See past.h. */
#include "worker/past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/app.h"

struct past_entry {
	STAILQ_ENTRY(past_entry) next;
	struct wall_history told;
};

void
past_init(struct past *past)
{
	STAILQ_INIT(&past->waiting);
	past->count = 0;
}

static void
drop_first(struct past *past)
{
	struct past_entry *first = STAILQ_FIRST(&past->waiting);

	STAILQ_REMOVE_HEAD(&past->waiting, next);
	past->count--;
	free(first);
}

void
past_fini(struct past *past)
{
	while (!STAILQ_EMPTY(&past->waiting))
		drop_first(past);
}

static void
fill(struct wall_history *told, const struct port *port, mstime_t now)
{
	const struct inside_link *inside = inside_link_of(port);

	*told = (struct wall_history){
		.kind = WALL_HISTORY,
		.ref = port->ref,
		.peer = port->path.peer,
		.up = port->up,
		.address = port->address,
		.cause = port->end.cause,
		.by = port->end.by,
		.duration_s = port->up ? (uint64_t)(now - port->up_at) / 1000 : 0,
		.rx_bytes = port->counters.rx_bytes,
		.tx_bytes = port->counters.tx_bytes,
	};
	if (inside)
		told->link6 = inside->link6;
	memcpy(told->user, port->user, sizeof(told->user));
	memcpy(told->client, port->client, sizeof(told->client));
	memcpy(told->text, port->end.text, sizeof(told->text));
}

void
past_note(struct app *app, const struct port *port)
{
	struct past *past = &app->past;
	struct past_entry *entry = NULL;

	if (past->count < PAST_WAITING_MAX)
		entry = calloc(1, sizeof(*entry));
	if (!entry)
		return;
	fill(&entry->told, port, app_now(app));
	STAILQ_INSERT_TAIL(&past->waiting, entry, next);
	past->count++;
}

void
past_tell(struct app *app)
{
	struct past *past = &app->past;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	while (past->count && !wall_wants_write(app->wall)) {
		msg.history = STAILQ_FIRST(&past->waiting)->told;
		drop_first(past);
		app_tell(app, &msg);
	}
}
