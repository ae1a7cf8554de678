/* What the ends tell each other about a call that goes on: WEN, SLI (RFC 2661 §6.13, §6.14), MDMST
 * (RFC 3573), CSUN (RFC 5515). */
#ifndef L2TP_STATUS_H
#define L2TP_STATUS_H

#include "l2tp/session.h"

/* RFC 1662 §7.1: a LAC that has heard of no other escapes all control characters. */
#define STATUS_ACCM_DEFAULT ((struct l2tp_accm){0xffffffff, 0xffffffff})

/* A message of a session, in any state, that is no event of its machine. */
void status_message(struct session *s, const struct l2tp_msg *msg);
/* CSUN: new speeds of sessions of this tunnel; what names another's is passed over. */
void status_speeds(struct lns *lns, struct tunnel *t, const struct l2tp_msg *csun);

#endif
