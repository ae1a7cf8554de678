/*
 * Who listens to a peer's or a user's L2TP (lnsctl trace): a connection each, taken over from the
 * control socket. Each has a buffer of its own that never grows; what a listener is too slow for is
 * left out, and he is told how much. Nothing waits for one.
 */
#ifndef WORKER_TRACE_H
#define WORKER_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"

#define TRACES_MAX 4
#define TRACE_ROOM (256 * 1024)
/* Of a datagram; more than any that fits into Ethernet. */
#define TRACE_BYTES_MAX 2048
/* Tunnels, or sessions, of one user that are listened to. */
#define TRACE_REFS_MAX 16
/* Who takes nothing for so long is hung up on. */
#define TRACE_PATIENCE_S 30

struct app;
struct port;
struct request;
struct trace;

struct traces {
	struct trace *first;
	unsigned count;
};

/* Answers the request and listens from now on. False, with why (capacity cap), when there are too
 * many or memory is short; fd is taken on success only. */
bool trace_open(struct app *app, int fd, const struct request *request, char *why, size_t cap);
void traces_close(struct app *app);

/* The port's user is known from now on. */
void trace_user(struct app *app, const struct port *port);

/* The way of the port's data is known from now on. */
void trace_lane(struct app *app, const struct port *port);

/* A datagram that came. `data`: the frame in it that goes to a session, or NULL. `fate`: "" when it
 * was taken, else why it was not. */
void trace_heard(struct app *app, const struct lns_path *path, const uint8_t *bytes, size_t len,
		 const struct lns_data *data, const char *fate);
/* A control message that leaves. */
void trace_said(struct app *app, const struct lns_act *act);
/* A data message that leaves: len bytes, `frame` of them at its end. */
void trace_sent(struct app *app, const struct port *port, const struct lns_path *path,
		const uint8_t *bytes, size_t len, size_t frame);

#endif
