/* What a server answers, and what its attributes give. */
#ifndef RADIUS_ACCEPT_H
#define RADIUS_ACCEPT_H

#include "radius.h"
#include "radius/packet.h"

/* Why attributes cannot be honoured. */
struct accept_fault {
	uint32_t type; /* of the attribute */
	char why[96];
};

/*
 * What the attributes of a packet give, those that give nothing left out. False: one cannot be
 * honoured; who does not understand what it should enforce must not let anybody in (RFC 2865 §4.2).
 */
bool accept_grant(struct radius_grant *grant, const uint8_t *bytes, size_t len,
		  struct accept_fault *fault);
/* True for an attribute that accept_grant() reads. */
bool accept_knows(const struct attr *attr);

/* An Access-Accept, -Reject or -Challenge whose signatures hold, for this login. */
void accept_read(struct radius_verdict *verdict, const struct radius_login *login,
		 const uint8_t *bytes, size_t len);

#endif
