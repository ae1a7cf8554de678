/*
 * What a client asks of its gateway inside the session, once it is up (src/inside): its neighbours'
 * router (Router Solicitation, RFC 4861), name servers and a prefix (DHCPv6, RFC 8415), routes and
 * name servers (DHCPINFORM, RFC 2131, 3442). A client's PPP frame goes in, the answer's comes out.
 * Pure: no state, no clock; how often is the caller's to bound.
 */
#ifndef INSIDE_H
#define INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"
#include "wire.h"

struct conf;

#define INSIDE_UUID 16
/* An answer is never longer than this, and never longer than network.mtu either. */
#define INSIDE_FRAME_MAX 1504

/* What a session has. It crosses the wall as it is. */
struct inside_link {
	uint32_t address, gateway;    /* IPv4, host order */
	uint32_t dns[2], dns_count;   /* IPv4, host order */
	struct lns_prefix link6;      /* the /64 of the session; family 0: it has no IPv6 */
	struct lns_prefix delegated6; /* for networks behind the client; family 0: none */
};

struct inside {
	const struct conf *conf;
	const struct inside_link *link;
	const uint8_t *uuid; /* INSIDE_UUID bytes: who we are in DHCPv6 (RFC 6355) */
};

enum inside_verdict {
	INSIDE_PASS,	/* not ours: on its way as any frame */
	INSIDE_TAKEN,	/* for us, or from nobody who may say this: goes no further */
	INSIDE_ANSWERED /* for us, and the answer is written */
};

/* `frame` is a PPP frame from the client, from the address field or, where that is compressed, from
 * the protocol on. */
enum inside_verdict inside_look(const struct inside *inside, const uint8_t *frame, size_t len,
				struct wr *answer);

/* A Router Advertisement to all nodes of the link; false when the session has no IPv6. */
bool inside_advertise(const struct inside *inside, struct wr *frame);

#endif
