/*
 * Why something ended or was refused: one vocabulary for the log, the history, the CDN and
 * accounting (`cause`, `closed_by`). The numbers cross the wall and the plugin link: append, never
 * renumber.
 */
#ifndef CAUSE_H
#define CAUSE_H

#include <stdint.h>

enum cause {
	CAUSE_NONE,
	CAUSE_USER_REQUEST, /* the client hung up: CDN, StopCCN or LCP Terminate */
	CAUSE_LOST_CARRIER, /* no answer any more: LCP echo, or L2TP retransmission */
	CAUSE_IDLE_TIMEOUT,
	CAUSE_SESSION_TIMEOUT,
	CAUSE_ADMIN,	/* lnsctl disconnect */
	CAUSE_SHUTDOWN, /* the daemon ends */
	CAUSE_UNKNOWN_USER,
	CAUSE_WRONG_PASSWORD,
	CAUSE_METHOD, /* the password's form cannot serve the method, or no common method */
	CAUSE_DISABLED,
	CAUSE_EXPIRED,
	CAUSE_LIMIT,	      /* a bound of the configuration was reached */
	CAUSE_NO_ADDRESS,     /* pool exhausted, or the fixed address is taken */
	CAUSE_NEGOTIATION,    /* PPP, or the call, did not come up; nobody knows where it failed */
	CAUSE_PPPD_DIED,      /* pppd ended by a signal or an error of its own */
	CAUSE_PPPD_START,     /* pppd could not be started */
	CAUSE_PROTOCOL_ERROR, /* the peer broke L2TP's rules */
	CAUSE_REPLACED,	      /* the same client came back with a new tunnel */
	CAUSE_NO_RESOURCES,   /* memory, descriptors, ptys, processes */
	CAUSE_IPSEC_GONE,     /* the client's SAs were deleted or expired */
	CAUSE_LCP_SILENT,     /* the client never spoke LCP */
	CAUSE_LCP,	      /* it did, and the two did not agree */
	CAUSE_LOOPBACK,	      /* LCP heard itself */
	CAUSE_CALLBACK,	      /* the client wants to be called back, which is not done */
	CAUSE_AUTH_TIMEOUT,   /* LCP is open, and the client did not say who it is */
	CAUSE_NCP,	      /* logged in, and IPCP did not come to an end */
	CAUSE_NO_BEARER,      /* the LAC cannot place calls */
	CAUSE_USER_REMOVED,   /* the user stands in the file no more */
	CAUSE_WRONG_CODE,     /* the one-time code is wrong, or was used before */
	CAUSE_BANNED,	      /* the source is shut out after too many failures */
	CAUSE_RADIUS_DOWN,    /* no RADIUS server answers */
	CAUSE_RADIUS_REJECT,  /* a RADIUS server refused the client */
	CAUSE_DISCONNECT,     /* a RADIUS server asked for the end (RFC 5176) */
	CAUSE_COUNT
};

enum closed_by { BY_NOBODY, BY_CLIENT, BY_SERVER, BY_ADMIN, BY_COUNT };

/* The word of the contract: "user-request", "lost-carrier" …; "unknown" for a number out of range.
 */
const char *cause_name(unsigned cause);
/* "client", "server", "admin"; "" for BY_NOBODY. */
const char *closed_by_name(unsigned by);
/* A sentence for people, e.g. "wrong password"; never NULL. */
const char *cause_text(unsigned cause);

#endif
