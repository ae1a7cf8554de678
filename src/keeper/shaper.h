/*
 * Rates, by tc. To the client: a token bucket on its own interface, with fq_codel behind it. From
 * the client: what comes in by its interface goes through a class of its own on one `lnsd-up`, an
 * ifb that all share, and comes back as if nothing had been; so both ways are shaped, not policed,
 * and TCP gets what UDP gets. Nothing is made before the first session has a rate.
 */
#ifndef KEEPER_SHAPER_H
#define KEEPER_SHAPER_H

#include <stdint.h>

#define SHAPER_LINK "lnsd-up"
#define SHAPER_CLASSES 65536

struct nl_sock;

/* Zero-initialise. */
struct shaper {
	struct nl_sock *sock;
	int link;			  /* index of lnsd-up; 0: not made */
	uint8_t used[SHAPER_CLASSES / 8]; /* the minor numbers of classes */
};

/* Removes lnsd-up, also one that a killed daemon left. shaper_set() makes it when it is needed. */
void shaper_stop(struct shaper *shaper);

/*
 * Puts rates (bit/s, 0: none) on an interface, in place of those that it had. *class_id is the
 * shaper's own, 0 at first, and stays with the interface until shaper_forget(). 0, or -errno:
 * -EOPNOTSUPP when the kernel lacks one of ifb, tbf, htb, matchall, skbedit, mirred.
 */
int shaper_set(struct shaper *shaper, const char *ifname, uint64_t up, uint64_t down,
	       uint16_t *class_id);
/* The interface has gone, and all that was on it. */
void shaper_forget(struct shaper *shaper, uint16_t *class_id);

#endif
