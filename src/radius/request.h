/* What lnsd tells a server: who wants to come in, and who was there. */
#ifndef RADIUS_REQUEST_H
#define RADIUS_REQUEST_H

#include "radius.h"
#include "radius/packet.h"

/* Who we are to the servers. */
struct nas {
	struct secret secret;
	char id[RADIUS_TEXT_MAX];
	struct lns_addr addr; /* that we speak to them from; family 0: not known */
};

/* An Access-Request without identifier and signature, `random` its Request Authenticator. 0: it
 * cannot be made (too long a password). `bytes` holds PACKET_MAX. */
size_t request_login(uint8_t *bytes, const struct radius_login *login, const struct nas *nas,
		     const uint8_t random[AUTHENTICATOR_SIZE]);

/* An Accounting-Request without identifier, signature and delay; 0: it cannot be made. */
size_t request_record(uint8_t *bytes, const struct radius_record *record, const struct nas *nas);
/* The same record, `delay_s` later (RFC 2866 §5.2): adds the attribute. Gives the new length. */
size_t request_delay(uint8_t *bytes, size_t len, uint32_t delay_s);

/* Acct-Terminate-Cause (RFC 2866 §5.10) */
uint32_t request_terminate_cause(uint32_t cause);

#endif
