/* The descriptors that only root can make, before the worker gets them. */
#ifndef KEEPER_SOCKETS_H
#define KEEPER_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf.h"
#include "wall.h"

struct sockets {
	int *fds; /* malloc */
	size_t count;
	size_t group; /* sockets of one address: 1, or `group_size` of sockets_udp() */
	uint32_t mark_base;
	uint32_t marks; /* how many can be told apart, 0 among them not counted */
};

/*
 * Bound UDP sockets for server.listen, as worker.h wants them: one an address where the kernel
 * tells a datagram's mark, else group_size of them, which the kernel chooses from by it. An address
 * family that the kernel does not have is skipped. False after one line for the administrator, also
 * when marks cannot be told apart and ipsec.require asks for it; then none is left open.
 */
bool sockets_udp(struct sockets *sockets, size_t group_size, const struct conf *conf);
void sockets_close(struct sockets *sockets);

/* The socket of a tunnel in the kernel: of the same address and port as the one that it came by,
 * connected to the peer, with the mark on all that leaves. checksum: UDP's, over IPv4. A descriptor
 * or -errno. */
int sockets_tunnel(const struct lns_path *path, bool checksum);

/* The control socket, 0660 root:gid, taking the place of a stale one. -1 after one line, which says
 * so when another lnsd answers on it. */
int sockets_ctl(gid_t gid);

/*
 * The socket of metrics.listen: TCP, or at a path 0660 root:gid. *fd is -1 where there is to be
 * none. False after one line; also when another program answers there, or the path is a file.
 */
bool sockets_metrics(int *fd, const struct conf_socket *place, gid_t gid);
/* Removes its path. */
void sockets_metrics_gone(const struct conf_socket *place);

#endif
