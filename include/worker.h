/* The unprivileged process: protocol, data, control socket. */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf.h"
#include "wall.h"

/*
 * Where the kernel does not tell a datagram's mark (SO_RCVMARK, from 5.19 on) each address has a
 * group of sockets instead: the kernel gives a datagram with mark mark-base + i to the i-th, which
 * also sends with that mark; the first takes all that has no mark of ours.
 */
#define WORKER_GROUP 1024

struct worker_start {
	struct conf *conf; /* taken */
	struct wall *wall; /* taken */
	int *udp;	   /* bound, non-blocking, IP_PKTINFO or IPV6_RECVPKTINFO (V6ONLY) set;
			      taken, the array too (malloc) */
	size_t udp_count;  /* of all addresses */
	size_t udp_group;  /* sockets of one address, which follow each other: 1, or WORKER_GROUP */
	uint32_t mark_base; /* of a group */
	int ctl;	    /* listening unix stream socket; taken */
	int metrics;	    /* listening stream socket for GET /metrics; -1: none; taken */
	uid_t uid;
	gid_t gid;
	bool debug;
};

/*
 * Never called as root for long: first gives up everything (uid, groups, capabilities but
 * CAP_NET_RAW, no_new_privs, seccomp), and ends with a line and code 1 when that does not succeed
 * or when uid is 0. Then runs until the end; gives the exit code.
 */
int worker_main(struct worker_start *start);

#endif
