/* What a peer said about its tunnel or a call that nothing acts on, kept as texts for people. */
#ifndef L2TP_DETAIL_H
#define L2TP_DETAIL_H

#include "l2tp/msg.h"
#include "lns.h"

/* Of one tunnel or session. */
#define DETAIL_MAX 64
#define DETAIL_BYTES 4096

struct detail;

/* Adds what msg_describe() finds in the message to *detail (NULL at the beginning); what was known
 * by the same name is replaced. What does not fit, or finds no memory, is left out. */
void detail_take(struct detail **detail, const struct l2tp_msg *msg);
/* Calls fn for each, in the order of their coming. NULL has none. */
void detail_walk(const struct detail *detail, lns_attribute_fn *fn, void *ctx);
void detail_free(struct detail *detail);

#endif
