/* The core's actions, carried out. */
#ifndef WORKER_ACTS_H
#define WORKER_ACTS_H

struct app;

/* All that are queued; stops while the wall is full and goes on when called again. */
void acts_drain(struct app *app);

#endif
