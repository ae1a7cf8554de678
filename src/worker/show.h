/* The documents of the contract (status, sessions, tunnels, show), from the app's state. */
#ifndef WORKER_SHOW_H
#define WORKER_SHOW_H

#include <jansson.h>

#include "worker/sa.h"

struct app;

/* All give a new reference, NULL when memory is short. */
json_t *show_status(struct app *app);
json_t *show_sessions(struct app *app, struct sa_set *sas);
json_t *show_tunnels(struct app *app);
/* A session by "TID-SID" or a tunnel by "TID"; NULL also when there is none. */
json_t *show_one(struct app *app, struct sa_set *sas, const char *id);

#endif
