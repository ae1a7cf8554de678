/* The documents of the contract (status, sessions, tunnels, show), from the app's state. */
#ifndef WORKER_SHOW_H
#define WORKER_SHOW_H

#include <jansson.h>
#include <stdint.h>

struct app;
struct sa_counts;

/* All give a new reference, NULL when memory is short. */
json_t *show_status(struct app *app);
json_t *show_sessions(struct app *app);
json_t *show_tunnels(struct app *app);
/* The sessions that are up, as short as can be: for `top`, which asks each second (ctl.h). */
json_t *show_traffic(struct app *app);
/* A session by "TID-SID" or a tunnel by "TID"; NULL also when there is none. */
json_t *show_one(struct app *app, const char *id, const struct sa_counts *counts);
/* The mark of the SA that protects it; 0: none does, or it does not exist. */
uint32_t show_mark(const struct app *app, const char *id);

#endif
