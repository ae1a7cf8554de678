/* See pty.h. */
#include "worker/pty.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"

/* A read of a pty gives at most 4095 bytes (the line discipline's buffer): less means that it is
 * empty. */
#define PTY_PIECE 4095
#define ROUNDS 4 /* reads a wake-up: then the others get their turn */

struct ptys *
ptys_new(struct event_base *base, pty_frame_fn *frame, void *ctx)
{
	struct ptys *ptys = calloc(1, sizeof(*ptys));

	if (!ptys)
		return NULL;
	ptys->base = base;
	ptys->frame = frame;
	ptys->ctx = ctx;
	return ptys;
}

void
ptys_free(struct ptys *ptys)
{
	free(ptys);
}

/* The line is dead: WALL_PPP_DOWN will say why, until then nothing is read or written. */
static void
hush(struct port *port)
{
	event_del(port->readable);
	event_del(port->writable);
	port->spoke = false;
}

static void
give_frames(struct port *port, const uint8_t *p, size_t len)
{
	struct ptys *ptys = port->ptys;
	const uint8_t *end = p + len;
	uint8_t *frame;
	size_t frame_len;

	/* the callee may close the port */
	while (port->fd >= 0 && (frame = port_get(port, &p, end, &frame_len)) != NULL)
		ptys->frame(ptys->ctx, port, frame, frame_len);
}

static void
read_line(struct port *port)
{
	struct ptys *ptys = port->ptys;

	for (int round = 0; round < ROUNDS && port->fd >= 0; round++) {
		ssize_t n = read(port->fd, ptys->bytes, sizeof(ptys->bytes));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0 || !port_rx_ready(port)) {
			hush(port);
			return;
		}
		give_frames(port, ptys->bytes, (size_t)n);
		port_rx_rest(port);
		if (n < PTY_PIECE)
			return;
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct port *port = ctx;

	(void)fd;
	(void)what;
	if (!port->spoke) {
		port->spoke = true;
		pty_mark(port->ptys, port);
	}
	if (port->go)
		read_line(port);
	else
		event_del(port->readable); /* it stays in the pty until ICCN */
}

static void
on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct port *port = ctx;

	(void)fd;
	(void)what;
	port->blocked = false;
	pty_mark(port->ptys, port);
}

bool
pty_open(struct ptys *ptys, struct port *port, int fd)
{
	port->fd = fd;
	port->ptys = ptys;
	port->readable = event_new(ptys->base, fd, EV_READ | EV_PERSIST, on_readable, port);
	port->writable = event_new(ptys->base, fd, EV_WRITE, on_writable, port);
	return port->readable && port->writable && event_add(port->readable, NULL) == 0;
}

void
pty_go(struct port *port)
{
	if (port->readable && event_add(port->readable, NULL) < 0)
		log_error("pty: cannot watch a line");
}

void
pty_mark(struct ptys *ptys, struct port *port)
{
	if (port->dirty || port->blocked)
		return;
	port->dirty = true;
	port->next_dirty = ptys->dirty;
	ptys->dirty = port;
}

void
ptys_flush(struct ptys *ptys)
{
	while (ptys->dirty) {
		struct port *port = ptys->dirty;

		ptys->dirty = port->next_dirty;
		port->dirty = false;
		if (port->fd < 0)
			continue;
		switch (port_flush(port)) {
		case PORT_EMPTY:
			break;
		case PORT_FULL:
			port->blocked = event_add(port->writable, NULL) == 0;
			break;
		case PORT_GONE:
			hush(port);
			break;
		}
	}
}

void
pty_close(struct port *port)
{
	if (port->readable)
		event_free(port->readable);
	if (port->writable)
		event_free(port->writable);
	port->readable = port->writable = NULL;
	if (port->fd >= 0)
		close(port->fd);
	port->fd = -1;
}
