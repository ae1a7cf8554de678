/* The descriptors that only root can make, before the worker gets them. */
#ifndef KEEPER_SOCKETS_H
#define KEEPER_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "conf.h"

/* Bound UDP sockets for server.listen, as worker.h wants them; an address family that the kernel
 * does not have is skipped. False after one line for the administrator; then none is left open. */
bool sockets_udp(int *udp, size_t *count, const struct conf *conf);

/* The control socket, 0660 root:gid, taking the place of a stale one. -1 after one line, which says
 * so when another lnsd answers on it. */
int sockets_ctl(gid_t gid);

#endif
