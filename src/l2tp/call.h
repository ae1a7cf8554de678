/* Calls that we ask a LAC to place (RFC 2661 §6.9, §7.5.2); lns_dial() is their beginning. */
#ifndef L2TP_CALL_H
#define L2TP_CALL_H

#include "l2tp/session.h"

/* Bytes of a number or sub-address that lns_dial() takes. */
#define CALL_NUMBER_MAX 255

/* Asks the LAC, with the bits that it has announced. */
void call_send_ocrq(struct lns *lns, struct session *s);
/* The LAC's id of the session. False when it cannot be; s->end says why. */
bool call_take_ocrp(struct lns *lns, struct session *s, const struct l2tp_msg *ocrp);
/* Why we do not dial when we are asked to (§7.5.1). */
void call_end_no_facilities(struct l2tp_end *end);

#endif
