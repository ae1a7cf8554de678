/*
 * The worker's side of inside.h: what a session's client asks of its gateway is taken out of the
 * stream of frames and answered in it, so that it needs no socket, no port of this machine and no
 * privilege, and nobody but the session's client can ask. Router Advertisements besides, in time.
 */
#ifndef WORKER_INNER_H
#define WORKER_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"
#include "inside.h"
#include "mstime.h"
#include "worker/port.h"

struct app;

struct insides {
	struct heap timers; /* when which session's client hears of its router again */
	uint8_t uuid[INSIDE_UUID];
};

void insides_init(struct insides *insides);
/* The ports' own must be gone. */
void insides_fini(struct insides *insides);

/* What the session has, told for the first time or again. */
void inside_set(struct app *app, struct port *port, const struct inside_link *link);
/* The port ends. Nothing for one that has none. */
void inside_forget(struct app *app, struct port *port);

/* What inside_set() was told last; NULL: nothing yet. */
const struct inside_link *inside_link_of(const struct port *port);

/* A frame from the client; true when it goes no further. */
bool inside_take_frame(struct app *app, struct port *port, const uint8_t *frame, size_t len);

/* When inside_tick() has to be called; MSTIME_NEVER: no need. */
mstime_t inside_deadline(struct app *app);
void inside_tick(struct app *app);

#endif
