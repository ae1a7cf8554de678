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

/*
 * The texts of the users' file, for RADIUS' attributes and lnsctl too (src/conf/grant_text.c).
 * False: `why` says what is wrong without quoting the text, which may be a password that went
 * astray, and what the call was to set is undefined but for grant_fini().
 */
#define GRANT_WHY_MAX 128
/* "192.168.7.0/24, fd00:7::/64", or "none". Adds to what is there. */
bool grant_read_routes(struct grant *grant, const char *text, char why[GRANT_WHY_MAX]);
/* "10.0.5.0/24:tcp/443, 10.0.6.7, [fd00::/64]:udp/5000-5010, 10.0.7.1:icmp". Adds to what is
 * there. */
bool grant_read_allow(struct grant *grant, const char *text, char why[GRANT_WHY_MAX]);
/* "20mbit/100mbit" from the client and to it, one value for both; "none" for no limit. */
bool grant_read_rate(struct grant *grant, const char *text, char why[GRANT_WHY_MAX]);
/* "2027-01-31", the first moment of that day in UTC, or "2027-01-31T18:00:00Z" (the T may be a
 * space; seconds and Z may be left out), or "none". */
bool grant_read_expires(struct grant *grant, const char *text, char why[GRANT_WHY_MAX]);

/* The same way back, canonical; each gives `out`. */
#define GRANT_TEXT_MAX 96
char *grant_prefix_text(char out[GRANT_TEXT_MAX], const struct lns_prefix *prefix);
char *grant_allow_text(char out[GRANT_TEXT_MAX], const struct grant_allow *allow);
/* A list of these, with ", " between; "" without any. One that does not fit into `cap` bytes (8 or
 * more) ends in "…" at a whole entry. */
char *grant_routes_text(char *out, size_t cap, const struct grant *grant);
char *grant_allows_text(char *out, size_t cap, const struct grant *grant);
/* "none" without a limit. */
char *grant_rate_text(char out[GRANT_TEXT_MAX], const struct grant *grant);
/* RFC 3339, in UTC. */
char *grant_expires_text(char out[GRANT_TEXT_MAX], time_t expires);

#endif
