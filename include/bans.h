/*
 * Who is shut out, and who is on the way there (src/policy/bans.c): failures of a source within ten
 * minutes are counted, and bans are kept in order of address. Both are bounded: the source that was
 * not heard of for longest is forgotten, the ban that ends first makes room. Time is an argument,
 * in seconds since the epoch, because bans outlive a boot.
 *
 * A source is an IPv4 address, or an IPv6 /64: who has one address of it has them all.
 */
#ifndef BANS_H
#define BANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"

#define BANS_MAX 4096	      /* sources that are shut out */
#define BANS_SOURCES_MAX 4096 /* sources that are watched */
#define BANS_AFTER_MAX 50     /* failures that may be asked for */
#define BANS_WINDOW_S 600

/* The numbers cross the wall: append. */
enum ban_reason {
	BAN_PASSWORD,  /* wrong passwords, names or codes */
	BAN_PSK,       /* IKE with a wrong pre-shared key */
	BAN_MALFORMED, /* broken L2TP through a good SA */
	BAN_ADMIN,     /* lnsctl bans add */
	BAN_REASONS
};

/* "wrong-password", "wrong-psk", "malformed-l2tp", "admin"; "unknown" beyond. */
const char *ban_reason_name(unsigned reason);
/* BAN_REASONS when there is none of this name. */
enum ban_reason ban_reason_find(const char *name);

struct ban {
	struct lns_addr source; /* as ban_source() makes it */
	uint32_t reason;	/* enum ban_reason */
	bool in_force;		/* the packet filter has it; the owner's, not looked at here */
	int64_t since, until;
};

struct bans;

/* NULL when memory is short. */
struct bans *bans_new(void);
void bans_free(struct bans *bans);

/* Without port and scope, and of IPv6 the upper 64 bits. */
struct lns_addr ban_source(const struct lns_addr *addr);
/* The address is in one of the prefixes. */
bool ban_exempt(const struct lns_addr *addr, const struct lns_prefix *prefixes, size_t count);

/*
 * A failure of this source, the after-th of which within BANS_WINDOW_S gives true; then it is
 * watched no more, and the caller shuts it out. after 0: never; more than BANS_AFTER_MAX: that.
 */
bool bans_failure(struct bans *bans, const struct lns_addr *addr, uint32_t after, int64_t now);

/* Shuts a source out, in place of an older ban of it. True: *evicted is one that had to make room.
 */
bool bans_put(struct bans *bans, const struct ban *ban, struct ban *evicted);
/* NULL for who is not shut out; valid until the next change. */
struct ban *bans_find(const struct bans *bans, const struct lns_addr *addr);
/* False when there was none. */
bool bans_remove(struct bans *bans, const struct lns_addr *addr);
/* Takes out one that has ended: true with *ended; call until false. */
bool bans_expire(struct bans *bans, int64_t now, struct ban *ended);
/* When the first one ends; INT64_MAX when there is none. */
int64_t bans_next(const struct bans *bans);
size_t bans_count(const struct bans *bans);
/* The i-th in order of address, NULL past the last. */
struct ban *bans_at(const struct bans *bans, size_t i);

#endif
