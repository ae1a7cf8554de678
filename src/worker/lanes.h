/*
 * What the worker has of the kernel's L2TP (lane.h): the tunnels' sockets, out of which comes all
 * that is not data of their sessions, and the sessions' counters.
 */
#ifndef WORKER_LANES_H
#define WORKER_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lane.h"
#include "mstime.h"
#include "wall.h"

struct app;
struct lane_tunnel;
struct port;

struct lanes {
	struct lane_tunnel *tunnels;
	struct wall_lane now; /* what new sessions get */
	size_t lines;	      /* sessions in the kernel */
	mstime_t look_next;   /* at what has passed through them; MSTIME_NEVER: there are none */
	mstime_t read_at;     /* when all counters were read last */
};

void lanes_init(struct lanes *lanes);
void lanes_fini(struct app *app);

/* WALL_TUNNEL, which takes the socket, and WALL_TUNNEL_GONE. */
void lanes_tunnel(struct app *app, const struct wall_tunnel *told, int fd);
void lanes_tunnel_gone(struct app *app, uint32_t number);

/* The session's data go through the kernel: fd, taken, is its PPPoL2TP socket. */
void lane_open(struct app *app, struct port *port, int fd);
void lane_close(struct app *app, struct port *port);

/* Brings the counters of the port, or of all, up to date; nothing for one with a pty. */
void lane_read(struct port *port);
void lanes_read(struct app *app);

/* Tells the core of peers whose data flow where it does not see them: they need no HELLO, and live
 * although they answer none. */
void lanes_tick(struct app *app);
mstime_t lanes_deadline(const struct app *app);

#endif
