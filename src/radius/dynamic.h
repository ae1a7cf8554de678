/*
 * What servers ask of us (RFC 5176): who may, when, and for which session. What is not signed with
 * the secret, not from a server, or stale is dropped without a word, as §3.5 and §6 have it; all
 * else is answered, once, and again when it is asked again.
 */
#ifndef RADIUS_DYNAMIC_H
#define RADIUS_DYNAMIC_H

#include "radius.h"
#include "radius/request.h"

#define DYNAMIC_KEPT 64
/* §6.3: how old an Event-Timestamp may be, and how long an answer is kept */
#define DYNAMIC_WINDOW_S 300

/* One request: its answer once there is one. */
struct dynamic_entry {
	int64_t when; /* wall clock; 0: free */
	uint32_t ask;
	struct lns_addr from;
	size_t request_len, answer_len; /* answer 0: not decided yet */
	uint8_t request[PACKET_MAX], answer[PACKET_MAX];
};

struct dynamic {
	struct nas nas;
	struct lns_addr servers[CONF_RADIUS_MAX]; /* ports do not matter */
	size_t server_count;
	uint32_t asks;
	struct dynamic_entry entries[DYNAMIC_KEPT];
};

enum dynamic_verdict {
	DYNAMIC_DROP,  /* *why says why, a constant; NULL: the same is being decided */
	DYNAMIC_ORDER, /* *order is for the keeper */
	DYNAMIC_ANSWER /* *entry has the answer */
};

/* A datagram, at this moment of the wall clock. */
enum dynamic_verdict dynamic_input(struct dynamic *dynamic, int64_t now,
				   const struct lns_addr *from, const uint8_t *bytes, size_t len,
				   struct radius_order *order, const struct dynamic_entry **entry,
				   const char **why);
/* The order is carried out, or refused with this (enum radius_error): the entry with the answer, or
 * NULL when it is not known any more. */
const struct dynamic_entry *dynamic_done(struct dynamic *dynamic, uint32_t ask, uint32_t error);

#endif
