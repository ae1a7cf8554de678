/*
 * The one door of datagrams, in and out: batches in, batches out, the local address and the SA's
 * mark with each: as control messages (IP_PKTINFO, SO_RCVMARK, SO_MARK), or by the socket, one of a
 * group (worker.h). What leaves has its code point (DSCP) as a control message too. Knows nothing
 * of L2TP.
 */
#ifndef WORKER_UDP_H
#define WORKER_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"

struct event_base;
struct udp;

struct udp_calls {
	/* One datagram; bytes are the callee's for the length of the call, and may be changed. */
	void (*input)(void *ctx, const struct lns_path *path, uint8_t *bytes, size_t len);
	/* All of a batch has been given to input(). */
	void (*batch_end)(void *ctx);
	void *ctx;
};

struct udp_counters {
	uint64_t in, out;
	uint64_t truncated; /* longer than any datagram we can use */
	uint64_t dropped;   /* the queue was full because the socket took nothing */
	uint64_t failed;    /* refused by the kernel: no route, source address gone … */
};

/* As in struct worker_start. */
struct udp_sockets {
	int *fds;
	size_t count, group;
	uint32_t mark_base;
	bool trains; /* the kernel may join a sender's datagrams (UDP GRO): not where all are under
			an SA, whose marks it does not look at, and which gain nothing */
};
/* Closes them all and frees the array. */
void udp_sockets_close(const struct udp_sockets *sockets);

/* Gives a bound socket large buffers, as far as that is allowed. Call before privileges are given
 * up. */
void udp_prepare(int fd);

/* Takes the sockets, also on failure. NULL, logged, when memory is short or one is not a bound UDP
 * socket. */
struct udp *udp_new(struct event_base *base, const struct udp_sockets *sockets,
		    const struct udp_calls *calls);
void udp_free(struct udp *udp);

/* How a datagram leaves. */
struct udp_manner {
	uint8_t dscp;	  /* 0 to 63 */
	bool no_checksum; /* over IPv4; IPv6 always has one */
	bool data; /* of a session: leaves the last places of the queue to control messages */
};

/* Queues a copy. Sent by udp_flush(), or earlier when a batch is full. */
void udp_send(struct udp *udp, const struct lns_path *path, const struct udp_manner *manner,
	      const uint8_t *bytes, size_t len);
void udp_flush(struct udp *udp);

/* One more socket to read: connected to a peer, with IP_PKTINFO and SO_RCVMARK as all of them, for
 * what comes to this address of ours. What leaves goes by the others. Takes fd; NULL when memory is
 * short or nothing listens on the address. */
struct udp_tap;
struct udp_tap *udp_tap_open(struct udp *udp, const struct lns_addr *local, int fd);

void udp_tap_close(struct udp_tap *tap);

/* The address that datagrams of the family leave by: the first that is listened on, all zero where
 * the kernel chooses. False: none of the family is. */
bool udp_source(const struct udp *udp, uint16_t family, struct lns_addr *local);

/* The addresses that are listened on. */
size_t udp_count(const struct udp *udp);
const struct lns_addr *udp_bound(const struct udp *udp, size_t i);
struct udp_counters udp_counters(const struct udp *udp);

#endif
