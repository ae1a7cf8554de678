/* The documents about the last control messages of tunnels (lnsctl trace --past). */
#ifndef WORKER_MESSAGES_H
#define WORKER_MESSAGES_H

#include <jansson.h>

#include "lns.h"

struct app;

/* Of one that lives. */
json_t *messages_of_tunnel(struct app *app, const struct lns_tunnel_info *info);
/* Of those that live and those that died badly, newest first: of a user, a peer's address or an ID;
 * with "" of all that died badly. */
json_t *messages_past(struct app *app, const char *who);

#endif
