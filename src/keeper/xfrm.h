/*
 * The kernel's XFRM, as the keeper sees it: listens to what becomes of SAs and policies, keeps the
 * directory of clients (sa_dir.h) and the guard (guard.h), and tells the worker.
 */
#ifndef KEEPER_XFRM_H
#define KEEPER_XFRM_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper/guard.h"
#include "keeper/loop.h"
#include "keeper/sa_dir.h"
#include "keeper/sa_kernel.h"
#include "log.h"

struct keeper;
struct conf;
struct nl_sock;

struct xfrm {
	struct nl_sock *events;
	struct source source; /* the descriptor is the event socket's */
	struct timer due;     /* of the directory */
	struct sa_link link;
	struct sa_dir dir;
	struct guard guard;
	struct log_limit put_back;
	bool open;
};

/* The guard that a configuration asks for. */
struct guard xfrm_guard(const struct conf *conf);

void xfrm_init(struct keeper *keeper);
/*
 * Begins to listen, and takes over what an earlier run left in the kernel: its marks, so that no
 * client notices, and its policies. 0 or -errno; -EPROTONOSUPPORT: the kernel has no XFRM.
 */
int xfrm_start(struct keeper *keeper);
/* Takes out of the kernel what lnsd put there, but for the guard. No socket of ours may be open. */
void xfrm_close(struct keeper *keeper);

/* Tells the worker what it has not heard, as far as the wall takes it. */
void xfrm_tell(struct keeper *keeper);

/* WALL_COUNT_SA, answered; WALL_DROP_SA. */
void xfrm_count(struct keeper *keeper, const struct wall_count *count);
void xfrm_drop(struct keeper *keeper, const struct wall_drop_sa *drop);

#endif
