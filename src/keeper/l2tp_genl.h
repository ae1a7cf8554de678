/*
 * The kernel's L2TP by generic netlink (family "l2tp"). Kernels that have PPPoL2TP sockets and no
 * such family make tunnels by connecting one (l2tp_kernel.c). All that is made here goes with the
 * descriptor of the tunnel's UDP socket, even when this process is killed.
 */
#ifndef KEEPER_L2TP_GENL_H
#define KEEPER_L2TP_GENL_H

#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

/* What a session in the kernel is made of. */
struct l2tp_ids {
	uint16_t tid, peer_tid, sid, peer_sid;
};

struct l2tp_manner {
	uint16_t mtu;
	uint32_t debug; /* enum l2tp_debug_flags, for kernels that know them still */
};

struct l2tp_genl {
	struct nl_sock *sock; /* NULL: the kernel has no such family, or it was not looked for */
	int family;
};

/* False, with nothing open, when the kernel has none. It loads the module itself. */
bool l2tp_genl_open(struct l2tp_genl *genl);
void l2tp_genl_close(struct l2tp_genl *genl);

/* 0 or -errno. fd: the connected UDP socket. */
int l2tp_genl_tunnel(const struct l2tp_genl *genl, const struct l2tp_ids *ids, int fd,
		     uint32_t debug);
int l2tp_genl_tunnel_gone(const struct l2tp_genl *genl, const struct l2tp_ids *ids);
int l2tp_genl_session(const struct l2tp_genl *genl, const struct l2tp_ids *ids,
		      const struct l2tp_manner *manner);
int l2tp_genl_session_gone(const struct l2tp_genl *genl, const struct l2tp_ids *ids);
/* Sequence numbers in all that we send (RFC 2661 §5.4). The kernel then drops what has none. */
int l2tp_genl_number(const struct l2tp_genl *genl, const struct l2tp_ids *ids, bool numbered);

#endif
