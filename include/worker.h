/* The unprivileged process: protocol, data, control socket. */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "conf.h"
#include "wall.h"

#define WORKER_UDP_MAX CONF_LISTEN_MAX

struct worker_start {
	struct conf *conf;	 /* taken */
	struct wall *wall;	 /* taken */
	int udp[WORKER_UDP_MAX]; /* bound, non-blocking, IP_PKTINFO or IPV6_RECVPKTINFO (V6ONLY)
				    set; taken */
	size_t udp_count;
	int ctl; /* listening unix stream socket; taken */
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
