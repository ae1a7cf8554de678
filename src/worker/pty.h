/* The ptys of all ports on the event loop: when to read, when to write. What is read and written is
 * port.h's. */
#ifndef WORKER_PTY_H
#define WORKER_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/port.h"

struct event_base;

/* A frame that pppd sent; LNS_HEADROOM bytes before it may be written. */
typedef void pty_frame_fn(void *ctx, struct port *port, uint8_t *frame, size_t len);

#define PTY_READ_MAX (64 * 1024)

/* Shared by all ports. */
struct ptys {
	struct event_base *base;
	pty_frame_fn *frame;
	void *ctx;
	struct port *dirty; /* have something to write at the end of this batch */
	uint8_t bytes[PTY_READ_MAX];
};

/* NULL when memory is short. */
struct ptys *ptys_new(struct event_base *base, pty_frame_fn *frame, void *ctx);
void ptys_free(struct ptys *ptys);
/* One write() to each port that pty_mark() named. */
void ptys_flush(struct ptys *ptys);

/* Gives the port its pty master, which is non-blocking; takes fd, also on failure. From now on it
 * is known when pppd speaks. */
bool pty_open(struct ptys *ptys, struct port *port, int fd);
/* The session is established: what pppd wrote, and writes, is read. */
void pty_go(struct port *port);
/* Something waits in the port for the end of the batch. */
void pty_mark(struct ptys *ptys, struct port *port);
/* Closes the descriptor, which hangs up on pppd. Harmless on a closed port. */
void pty_close(struct port *port);

#endif
