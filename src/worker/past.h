/*
 * What becomes of a session in the history: one message to the keeper when it is over. When many
 * end at once they wait here, so that they fill neither the wall nor its queue.
 */
#ifndef WORKER_PAST_H
#define WORKER_PAST_H

#include <stdbool.h>
#include <sys/queue.h>

#include "mstime.h"
#include "worker/port.h"

struct app;
struct past_entry;

/* More than may be told is lost to the history, not to the journal. */
#define PAST_WAITING_MAX 65536

struct past {
	STAILQ_HEAD(, past_entry) waiting;
	size_t count;
};

void past_init(struct past *past);
void past_fini(struct past *past);

/* The port's session is over, and how is known (port->end). */
void past_note(struct app *app, const struct port *port);
/* Tells the keeper as much as the wall takes at once. */
void past_tell(struct app *app);

#endif
