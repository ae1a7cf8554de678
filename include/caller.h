/*
 * What is known of a caller before it is let in, in one form for all who carry it: the call as the
 * LAC told of it, and a proof of who the client is. Fixed structs, zeroed before they are filled:
 * they cross the wall and the plugin link as they are.
 */
#ifndef CALLER_H
#define CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "method.h"

/* RFC 2661 §4.4.4. Texts are printable (log_escape), cut to what fits, "" when not given. */
struct call {
	char calling[128], called[128], sub_address[128];
	uint32_t serial;
	uint32_t tx_speed, rx_speed; /* bit/s towards the client, and from it; 0: not given */
};

#define EAP_TLS 13
#define EAP_MSCHAPV2 26

/* What the client answered, whoever asked it. */
struct proof {
	uint32_t method; /* one of METHOD_…; 0: there is none */
	/* The type of EAP that it came in (RFC 3748 §5), 0: it came by itself. EAP-MSCHAPv2 is
	 * MS-CHAPv2 in all but its wrapping, and has that method. Of the other types pppd is the
	 * judge: METHOD_EAP has a name and the type, nothing else. */
	uint32_t eap;
	uint32_t id; /* CHAP identifier */
	uint32_t challenge_len, response_len;
	char user[256]; /* as the client sent it */
	uint8_t challenge[256];
	uint8_t response[256]; /* PAP: the password */
};

/* Every text ends within its member. Pure. */
bool call_valid(const struct call *call);
/* There is one, and it measures what its method says (RFC 1334 §2.2.1, 1994 §4.1, 2759 §4). Pure.
 */
bool proof_valid(const struct proof *proof);

#endif
