/*
 * Networks behind sessions, in the host's routing table. What the host has itself is never taken
 * from it, and of two sessions that want one network the first has it; of two of one user the
 * newer, as a branch office that dials again does not wait until its old session is found dead.
 * Whoever could not have a network gets it when it is free.
 */
#ifndef KEEPER_ROUTE_H
#define KEEPER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "conf.h"
#include "keeper/session.h"

struct nl_sock;

/* rtm_protocol of ours, which `ip route` shows */
#define ROUTE_PROTOCOL 76

struct route {
	TAILQ_ENTRY(route) next;
	struct lns_prefix to;
	const struct session_info *session;
	int ifindex;
	bool installed;
	char why[96]; /* it is not */
};

/* Zero-initialise but for `list`. */
struct routes {
	struct nl_sock *sock;
	TAILQ_HEAD(route_list, route) list;
};

/* The socket is opened at the first use. */
void routes_close(struct routes *routes);

/*
 * Adds a route for each network of the session's grant, as an array that routes_down() frees, which
 * must come before the session goes; what cannot be had is logged, with the reason, and waits.
 * NULL: there are none, or memory is short.
 */
struct route *routes_up(struct routes *routes, const struct conf *conf,
			const struct session_info *session, size_t *count);
void routes_down(struct routes *routes, const struct conf *conf, struct route *list, size_t count);

/* "192.0.2.0/24"; gives text. */
#define PREFIX_TEXT 64
const char *prefix_print(char text[PREFIX_TEXT], const struct lns_prefix *prefix);
/* Have an address in common. */
bool prefix_overlaps(const struct lns_prefix *a, const struct lns_prefix *b);

#endif
