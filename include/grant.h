/*
 * What a login gives, in one form for a user of the file and for one that a RADIUS server lets in
 * (src/conf/grant.c). Zero-initialised it gives what everybody has: an address of the pool, all
 * destinations, no rate, the limits of the configuration.
 */
#ifndef GRANT_H
#define GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lns.h"

#define GRANT_ROUTES_MAX 64
#define GRANT_ALLOW_MAX 256

/* A destination that the client may reach. */
struct grant_allow {
	struct lns_prefix to;
	uint8_t protocol;     /* IPPROTO_…; 0: any */
	uint16_t first, last; /* ports, both inside; 0 and 0: any */
};

struct grant {
	uint32_t address;	   /* IPv4, host order; 0: from the pool */
	struct lns_prefix prefix6; /* family 0: from network.pool6 */
	struct lns_prefix *routes; /* networks behind the client */
	size_t route_count;
	struct grant_allow *allow; /* none: all destinations */
	size_t allow_count;
	uint64_t rate_up, rate_down; /* bit/s from the client and to it; 0: no limit */
	uint32_t max_sessions;	     /* 0: as auth.max-sessions-per-user */
	uint32_t session_timeout_s, idle_timeout_s; /* 0: as configured */
	time_t expires;	 /* 0: never; the session may last until this moment */
	uint32_t dns[2]; /* IPv4, host order; none: network.dns */
	size_t dns_count;
};

/* A deep copy; on false (memory) *to is empty. *to is not read: no old lists are freed. */
bool grant_copy(struct grant *to, const struct grant *from);
/* Frees the lists and empties the grant. */
void grant_fini(struct grant *grant);

#endif
