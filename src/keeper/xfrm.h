/*
 * The kernel's XFRM by netlink: the guard that drops L2TP without ESP, and the list of clients'
 * SAs. The guard is four block policies of the lowest priority, so that any policy of the IKE
 * daemon comes first.
 */
#ifndef KEEPER_XFRM_H
#define KEEPER_XFRM_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper/loop.h"
#include "log.h"

struct keeper;
struct nl_sock;

struct xfrm {
	struct nl_sock *requests;
	struct nl_sock *events; /* policy changes */
	struct source source;	/* the descriptor is the event socket's */
	struct log_limit put_back;
};

/* Installs the guard for a UDP port, taking over what an earlier run left. 0 or -errno;
 * -EPROTONOSUPPORT: the kernel has no XFRM. */
int xfrm_guard_up(uint16_t port);
void xfrm_guard_down(uint16_t port);

/* Watches the policies and puts the guard back when something removes it. 0 or -errno. */
int xfrm_watch(struct keeper *keeper);
void xfrm_close(struct keeper *keeper);

#endif
