/* What a LAC has negotiated with the caller, and heard from it (RFC 2661 §4.4.5). */
#ifndef L2TP_PROXY_H
#define L2TP_PROXY_H

#include "l2tp/msg.h"
#include "lns.h"

struct proxy;

/* A copy of what an ICCN says, or NULL when that is nothing, not whole, or contradicts itself, and
 * when memory is short: then PPP begins anew. */
struct proxy *proxy_new(const struct l2tp_msg *iccn);
/* Wipes it: there may be a password in it. NULL is nothing to do. */
void proxy_free(struct proxy *proxy);

#endif
