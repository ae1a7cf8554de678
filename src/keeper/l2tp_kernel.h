/*
 * Tunnels and sessions in the kernel. A tunnel is a UDP socket of its own, connected to the peer;
 * what is not data of one of its sessions comes out of that socket, for the worker to read. A
 * session is a PPPoL2TP socket, which pppd takes. Everything goes with its descriptors: nothing
 * stays when the processes are killed.
 */
#ifndef KEEPER_L2TP_KERNEL_H
#define KEEPER_L2TP_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "keeper/l2tp_genl.h"
#include "mstime.h"
#include "wall.h"

/* How long the kernel waits for a numbered frame that is missing. With 0 it would throw away the
 * four that follow. */
#define L2TP_REORDER_MS 20

struct l2tp_tunnel;

struct l2tp_kernel {
	struct l2tp_genl genl;
	bool present;	    /* sessions can be made, as far as is known */
	mstime_t look_next; /* when it is worth while to look again */
	bool by_ids;	    /* lane_found_by_ids() */
	uint32_t last;	    /* number of the tunnel made last */
	TAILQ_HEAD(, l2tp_tunnel) tunnels;
	size_t count;
};

/* What a session has of the kernel. fd -1: nothing. */
struct l2tp_line {
	struct l2tp_tunnel *tunnel;
	struct l2tp_ids ids;
	int fd;	     /* the session's PPPoL2TP socket; pppd and the worker have it too */
	int channel; /* of the kernel's PPP */
};

void l2tp_kernel_init(struct l2tp_kernel *kernel);
/* All lines must be closed. */
void l2tp_kernel_fini(struct l2tp_kernel *kernel);

/* Whether the kernel has L2TP for PPP. Looks for it (which has the kernel load the modules) when
 * that is worth while: the first time, and now and then while there is none. */
bool l2tp_kernel_present(struct l2tp_kernel *kernel, mstime_t now);

/* NULL when the tunnel is not in the kernel. */
struct l2tp_tunnel *l2tp_tunnel_find(const struct l2tp_kernel *kernel, const struct l2tp_ids *ids,
				     const struct lns_path *path);
/* Another tunnel's socket has these addresses and ports, so that this kernel would give that one's
 * data to the new one. */
bool l2tp_kernel_shared(const struct l2tp_kernel *kernel, const struct l2tp_ids *ids,
			const struct lns_path *path);

/* The number of a tunnel, for the worker; never given twice. */
uint32_t l2tp_tunnel_number(const struct l2tp_tunnel *tunnel);

/*
 * Makes a session, and its tunnel where there is none. 0, or -errno with nothing left. *udp: a
 * descriptor of a new tunnel's socket for the caller, -1 when the tunnel was there. checksum:
 * UDP's, over IPv4.
 */
int l2tp_line_open(struct l2tp_kernel *kernel, struct l2tp_line *line, const struct lns_path *path,
		   const struct l2tp_manner *manner, bool checksum, int *udp);
/* Sequence numbers in all that we send, from now on, or not. */
void l2tp_line_number(struct l2tp_kernel *kernel, const struct l2tp_line *line, bool numbered);
/* The line is dead, as a modem hangs up: pppd notices at once. */
void l2tp_line_hang_up(const struct l2tp_line *line);
/* Gives the number of the tunnel that goes with its last session, 0 when there is none. */
uint32_t l2tp_line_close(struct l2tp_kernel *kernel, struct l2tp_line *line);

#endif
