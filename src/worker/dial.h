/* Calls that we ask a LAC to place (RFC 2661 §6.9), for who asks by the control socket. */
#ifndef WORKER_DIAL_H
#define WORKER_DIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lns.h"
#include "worker/request.h"

struct app;

/* Begins the call of a VERB_DIAL. False: `why` (capacity cap) says why not. */
bool dial_begin(struct app *app, const struct request *request, struct lns_ref *ref, char *why,
		size_t cap);

#endif
