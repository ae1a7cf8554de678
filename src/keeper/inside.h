/* What a session has inside: IPv6, its address and route at our end, and what the worker tells the
 * client of it. None of it can end a session: who gets no IPv6 goes on without. */
#ifndef KEEPER_INSIDE_H
#define KEEPER_INSIDE_H

#include "keeper/session.h"

struct keeper;

/* IPV6CP is to be negotiated with new sessions. */
bool inside_wanted(const struct keeper *keeper);
/* Gives a session that has none its prefix6, where there is one. */
void inside_take(struct keeper *keeper, struct session_info *info);
/* IPCP is open. May be said again. */
void inside_up(struct keeper *keeper, struct session_info *info);
/* IPV6CP is open: our address on the session's link, the route to all of its
 * prefix; both go with the interface. May be said again. */
void inside_up6(struct keeper *keeper, struct session_info *info);
/* Takes the prefix back. */
void inside_down(struct keeper *keeper, struct session_info *info);

/* What keeps the machine from doing what network.pool6 asks for. */
void inside_note_problems(struct keeper *keeper);

#endif
