/* The PPP Disconnect Cause Code AVP (RFC 3145): why PPP ended, in words that the other operator's
 * tools know. It informs; nothing is ever done because of it. */
#ifndef L2TP_DISCONNECT_H
#define L2TP_DISCONNECT_H

#include "l2tp/session.h"

/* Adds the attribute to a CDN when end->cause is one of PPP's, else nothing. */
void disconnect_encode(const struct l2tp_end *end, struct l2tp_msg *cdn);
/* Logs the attribute of a peer's CDN, if it has one, and appends it to the text of the end. */
void disconnect_note(struct l2tp_end *end, const struct l2tp_msg *cdn, const struct session *s);

#endif
