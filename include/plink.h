/*
 * The plugin link: pppd with lnsd-pppd.so on one end of a SOCK_SEQPACKET pair, the keeper on the
 * other. Fixed structs as on the wall; the plugin asks and waits, so a slow keeper stalls one pppd
 * only. Built into the plugin too (src/os/plink.c): it uses nothing of ours but method.h and
 * cause.h.
 */
#ifndef PLINK_H
#define PLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "method.h"

enum plink_kind {
	/* plugin → keeper */
	PLINK_AUTH = 1, /* plink_auth; answered by PLINK_AUTH_REPLY */
	PLINK_ADDRESS,	/* plink_plain; answered by PLINK_ADDRESS_REPLY */
	PLINK_UP,	/* plink_up: IPCP is open */
	PLINK_DOWN,	/* plink_down: pppd is about to exit */
	/* keeper → plugin */
	PLINK_AUTH_REPLY,
	PLINK_ADDRESS_REPLY,
	PLINK_KIND_END
};

enum plink_side { PLINK_FROM_PLUGIN, PLINK_FROM_KEEPER };

struct plink_plain {
	uint32_t kind;
};

struct plink_auth {
	uint32_t kind;
	uint32_t method; /* one of METHOD_… */
	uint32_t id;	 /* CHAP identifier */
	uint32_t challenge_len, response_len;
	char user[256]; /* as the client sent it */
	uint8_t challenge[256];
	uint8_t response[256]; /* PAP: the password */
};

struct plink_auth_reply {
	uint32_t kind;
	uint32_t ok;
	uint32_t cause;	   /* enum cause */
	char message[128]; /* goes to the client as it is: "S=…", "E=691 R=0 …" */
};

struct plink_address_reply {
	uint32_t kind;
	uint32_t ok;
	uint32_t address; /* IPv4, host order */
};

struct plink_up {
	uint32_t kind;
	char ifname[16];
};

struct plink_down {
	uint32_t kind;
	uint32_t status;      /* pppd's exit status */
	uint32_t peer_closed; /* 1: the client sent an LCP Terminate-Request */
};

union plink_msg {
	uint32_t kind;
	struct plink_plain plain;
	struct plink_auth auth;
	struct plink_auth_reply auth_reply;
	struct plink_address_reply address_reply;
	struct plink_up up;
	struct plink_down down;
};

/* Length of a kind's message; 0 for a kind that this side never sends. */
size_t plink_size(uint32_t kind, enum plink_side from);
/* Length, kind, strings and counts are right. Pure. */
bool plink_valid(const union plink_msg *msg, size_t len, enum plink_side from);

#endif
