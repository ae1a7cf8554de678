/*
 * Datagrams on their way out, and what they are for sendmmsg(): each with the source address, mark
 * and code point that it leaves with, and runs of one path and size as one message that the kernel
 * cuts again (UDP GSO), a quarter of the price. No I/O.
 */
#ifndef WORKER_TRAIN_H
#define WORKER_TRAIN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lns.h"

#define PARCEL_MAX 4096 /* more than any control message or PPP frame of ours */
#define TRAINS_MAX 64	/* messages a system call, and parcels of a train: kernels take no more */

/* A datagram that waits to leave. */
struct parcel {
	struct lns_path path;
	size_t hatch; /* the socket that it leaves by */
	size_t len;
	uint8_t dscp; /* 0 to 63 */
	bool no_checksum;
	uint8_t bytes[PARCEL_MAX];
};

/* room for a source address, a mark, a code point and the size to cut at */
#define TRAIN_CONTROL_BYTES                                                                        \
	(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t)) +                   \
	 CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint16_t)))

struct train {
	struct sockaddr_storage peer;
	_Alignas(struct cmsghdr) uint8_t control[TRAIN_CONTROL_BYTES];
};

/* Messages for one sendmmsg(); msg_iovlen of each is the number of its parcels. */
struct trains {
	struct mmsghdr hdr[TRAINS_MAX];
	struct iovec iov[TRAINS_MAX];
	struct train each[TRAINS_MAX];
};

struct train_rules {
	bool alone;	/* no trains: the kernel has refused one */
	bool with_mark; /* the mark goes along; false: the socket has it */
};

/*
 * Makes messages of the first `count` (at most TRAINS_MAX) parcels, which all leave by one socket,
 * in their order; the parcels must stay until they are sent. Returns how many messages.
 */
unsigned trains_make(struct trains *trains, struct parcel *parcels, unsigned count,
		     struct train_rules rules);

#endif
