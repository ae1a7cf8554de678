/* The worker's side of the wall: what the keeper says, carried out. */
#ifndef WORKER_KEEPERSIDE_H
#define WORKER_KEEPERSIDE_H

#include <stdbool.h>

struct app;

/* Listens to app->wall. False when memory is short. */
bool keeperside_open(struct app *app);
void keeperside_close(struct app *app);

#endif
