/* What a RADIUS server orders for live sessions (RFC 5176). */
#ifndef KEEPER_RADIUS_ORDER_H
#define KEEPER_RADIUS_ORDER_H

#include "radius.h"

struct keeper;

/* Carries it out on all sessions that it is for, and says how it went (RADIUS_DONE). */
void radius_order(struct keeper *keeper, const struct radius_order *order);

#endif
