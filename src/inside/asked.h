/* What clients ask for, one file each. Each writes its answer and says whether there is one. */
#ifndef INSIDE_ASKED_H
#define INSIDE_ASKED_H

#include "inside.h"
#include "inside/ip.h"

/* ra.c: a Router Advertisement to this address. */
bool ra_write(const struct inside *inside, const uint8_t to[16], struct wr *answer);
/* dhcp6.c: a message to a server, behind the UDP header; `from` is the client's link-local address.
 */
bool dhcp6_answer(const struct inside *inside, const uint8_t from[16], struct rd message,
		  struct wr *answer);
/* dhcp4.c: the same, from the session's address. False where there is nothing to tell: then another
 * server may have it. */
bool dhcp4_knows(const struct inside *inside);
bool dhcp4_answer(const struct inside *inside, struct rd message, struct wr *answer);

#endif
