/*
 * The guard: standing block policies that fail closed. Who sends to our port without ESP, or would
 * be answered without, meets one of the lowest priority: any policy of the IKE daemon or of a
 * client comes first. And what leaves with a mark of ours whose client has no policy (any more) is
 * blocked before any other policy can let it out, whether IPsec is required or not.
 */
#ifndef KEEPER_GUARD_H
#define KEEPER_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

/* the kernel takes the lowest number first; the IKE daemons' own are between */
#define CLIENT_PRIORITY 1000
#define MARK_GUARD_PRIORITY 1001
#define GUARD_PRIORITY 0x7ffffffe

struct guard {
	uint16_t port;
	bool require; /* L2TP without ESP is dropped */
	bool marks;   /* clients have marks of ours, from mark_base on */
	uint32_t mark_base;
};

/* Installs it, taking over what an earlier run left. 0 or -errno; -EPROTONOSUPPORT: the kernel has
 * no XFRM. */
int guard_up(const struct guard *guard);
void guard_down(const struct guard *guard);
/* Puts back what is missing; gives how many were, and in *failed how many still are. */
unsigned guard_restore(const struct guard *guard, struct nl_sock *sock, unsigned *failed);

#endif
