/* Tunnel authentication (RFC 2661 §5.1.1): like CHAP, each way for itself, with one secret. */
#ifndef L2TP_AUTH_H
#define L2TP_AUTH_H

#include <stdbool.h>

#include "l2tp/msg.h"
#include "l2tp/table.h"
#include "lns.h"

struct tunnel;

#define AUTH_CHALLENGE 16
#define AUTH_RESPONSE 16

/* A tunnel's part of it. */
struct auth {
	bool asked;  /* we have sent `challenge`: the peer has to answer */
	bool owed;   /* the peer has asked: `response` goes with our next message */
	bool proved; /* its answer was right */
	uint8_t challenge[AUTH_CHALLENGE], response[AUTH_RESPONSE];
	struct table_item item; /* lns->by_challenge, when asked */
};

/* Asks the peer, when there is a secret: draws the challenge for our SCCRQ or SCCRP. */
void auth_ask(struct lns *lns, struct tunnel *t);
/* The tunnel's challenge is nobody's any more. */
void auth_forget(struct lns *lns, struct tunnel *t);

/*
 * Why the challenge in a SCCRQ or SCCRP will not be answered, a constant; NULL when there is none,
 * or it will be: there is a secret to answer with, and it is not one of our own come back, whose
 * answer would let a stranger prove himself to us.
 */
const char *auth_refuses(const struct lns *lns, const struct lns_peer *peer,
			 const struct l2tp_msg *msg);

/* Notes the answer to the challenge in msg, if there is one, for our SCCRP or SCCCN (`type`). False
 * when the library has no MD5. */
bool auth_answer(struct tunnel *t, unsigned type, const struct l2tp_msg *msg);

/* True when a SCCRP or SCCCN has the right answer, or none was asked for. */
bool auth_check(struct tunnel *t, const struct l2tp_msg *msg);

/* The response of the sender of a message of this type (§4.4.3, Challenge Response: the type is
 * CHAP's id). False when the library has no MD5. */
bool auth_response(uint8_t out[AUTH_RESPONSE], unsigned type, const struct lns_peer *peer,
		   struct l2tp_bytes challenge);

#endif
