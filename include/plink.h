/*
 * The plugin link: pppd with lnsd-pppd.so on one end of a SOCK_SEQPACKET pair, the keeper on the
 * other. Fixed structs as on the wall; the plugin asks and waits, so a slow keeper stalls one pppd
 * only. Built into the plugin too (src/os/plink.c, caller.c): it uses nothing of ours but caller.h,
 * method.h and cause.h.
 */
#ifndef PLINK_H
#define PLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caller.h"

enum plink_kind {
	/* plugin → keeper */
	PLINK_AUTH = 1, /* plink_auth; answered by PLINK_AUTH_REPLY */
	PLINK_STARTED,	/* plink_plain: pppd reads its line */
	PLINK_LCP,	/* plink_lcp: LCP is open, and its ACCMs are not what they were */
	PLINK_ADDRESS,	/* plink_up, before IPCP opens; answered by PLINK_ADDRESS_REPLY */
	PLINK_UP,	/* plink_up: IPCP is open */
	PLINK_UP6,	/* plink_up: IPV6CP is open */
	PLINK_REFUSED,	/* plink_plain: pppd itself turns the client away, as one with a wrong
			   certificate */
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
	struct proof proof;
};

struct plink_auth_reply {
	uint32_t kind;
	uint32_t ok;
	uint32_t cause;	   /* enum cause */
	char message[128]; /* goes to the client as it is: "S=…", "E=691 R=0 …" */
};

/* See wall_lcp. */
struct plink_lcp {
	uint32_t kind;
	uint32_t send_accm, receive_accm;
};

/* With the address comes what pppd's scripts are told: whose session it is, though pppd itself may
 * not have asked the client (RFC 2661 §4.4.5), and of which call. */
struct plink_address_reply {
	uint32_t kind;
	uint32_t ok;
	uint32_t address;	    /* IPv4, host order */
	uint32_t idle_timeout_s;    /* 0: as pppd was started */
	uint32_t dns_count, dns[2]; /* IPv4, host order; none: as pppd was started */
	uint32_t tid, sid;
	char user[128]; /* the account */
	struct call call;
};

struct plink_up {
	uint32_t kind;
	char ifname[16];
};

/* How far the link came, at its best: pppd's exit status alone does not tell. */
enum plink_stage {
	PLINK_UNKNOWN, /* pppd died before it could say */
	PLINK_SILENT,  /* the client sent no LCP */
	PLINK_HEARD,   /* it did; LCP did not open */
	PLINK_OPEN,    /* LCP was open: the client was asked who it is */
	PLINK_PROVED,  /* and was let in: IPCP began */
	PLINK_RUNNING, /* IPCP was open */
	PLINK_STAGE_COUNT
};

struct plink_down {
	uint32_t kind;
	uint32_t status;      /* pppd's, as it was when the link ended */
	uint32_t stage;	      /* enum plink_stage */
	uint32_t peer_closed; /* 1: the client sent an LCP Terminate-Request */
};

union plink_msg {
	uint32_t kind;
	struct plink_plain plain;
	struct plink_auth auth;
	struct plink_lcp lcp;
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
