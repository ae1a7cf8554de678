/*
 * The client's half of RADIUS: which server is asked, when again, and which answer is one. Servers
 * are tried in order, each twice; one that does not answer is skipped for the dead time, unless all
 * are dead: then the marks count for nothing. Time is an argument; datagrams and results leave
 * through two calls.
 */
#ifndef RADIUS_CLIENT_H
#define RADIUS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "mstime.h"
#include "radius.h"
#include "radius/packet.h"

/* Outstanding at once for one port of a server: identifiers have eight bits. */
#define CLIENT_FLYING_MAX 200
#define CLIENT_WAITING_MAX 4096
#define CLIENT_TRIES 2

enum client_use { USE_AUTH, USE_ACCT, USE_COUNT };

struct client_calls {
	void (*send)(void *ctx, size_t server, enum client_use use, const uint8_t *bytes,
		     size_t len);
	/* The end of a request: its answer, whose signatures hold, or NULL when no server gave one.
	 * `ask` is what client_ask() was given. May ask anew. */
	void (*done)(void *ctx, enum client_use use, uint64_t ask, const uint8_t *answer,
		     size_t len);
	void *ctx;
};

struct exchange;
TAILQ_HEAD(exchanges, exchange);

struct client {
	struct client_calls calls;
	struct secret secret;
	size_t server_count;
	mstime_t timeout, dead_time;
	struct radius_server_state servers[CONF_RADIUS_MAX];
	mstime_t dead_until[CONF_RADIUS_MAX][USE_COUNT];
	struct exchange *flying[CONF_RADIUS_MAX][USE_COUNT][256]; /* by identifier */
	size_t flying_count[USE_COUNT];
	uint8_t next_id;
	struct exchanges list; /* all of them, in the order in which they came */
	size_t count;
};

/* Zero-initialised by the caller but for calls, secret, server_count, timeout and dead_time. */
void client_init(struct client *client);
void client_fini(struct client *client);

/* Asks the servers; `bytes` is a packet without identifier and signature. False: too many wait, or
 * memory is short. An authentication that is not decided by `until` is given up. */
bool client_ask(struct client *client, mstime_t now, enum client_use use, uint64_t ask,
		const uint8_t *bytes, size_t len, mstime_t until);
/* Forgets all requests of a use, without a word. */
void client_drop(struct client *client, enum client_use use);

/* A datagram of this server. */
enum client_input {
	INPUT_TAKEN,
	INPUT_STRANGE, /* answers nothing that was asked, or is not signed with the secret */
	INPUT_UNPROVEN /* would be an answer, had it a Message-Authenticator */
};
enum client_input client_input(struct client *client, mstime_t now, size_t server,
			       enum client_use use, const uint8_t *bytes, size_t len);

/* When client_tick() is due; MSTIME_NEVER when nothing waits. */
mstime_t client_deadline(const struct client *client);
void client_tick(struct client *client, mstime_t now);

#endif
