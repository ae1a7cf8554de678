/* What a LAC heard from its caller, as the keeper takes it. Pure. */
#ifndef WORKER_PROXIED_H
#define WORKER_PROXIED_H

#include <stdbool.h>

#include "caller.h"
#include "lns.h"

/*
 * Copies a proof by PAP or CHAP (RFC 2661 §4.4.5). False, and all zero, when it is of another kind,
 * does not fit or has not the measure of its kind: as good as none, and pppd asks the client.
 */
bool proxied_proof(struct proof *proof, const struct lns_proxy *heard);

#endif
