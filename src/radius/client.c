#include "radius/client.h"

#include <stdlib.h>
#include <string.h>

#include "md5.h"

struct exchange {
	TAILQ_ENTRY(exchange) next;
	enum client_use use;
	uint64_t ask;
	mstime_t due, until; /* due: of the next try; 0: it waits for a free identifier */
	unsigned tried;	     /* servers, a bit each */
	unsigned tries;	     /* of the present server */
	size_t server;
	uint8_t id;
	size_t len;
	uint8_t bytes[];
};

void
client_init(struct client *client)
{
	TAILQ_INIT(&client->list);
}

static void
land(struct client *client, struct exchange *exchange)
{
	if (!exchange->due)
		return;
	client->flying[exchange->server][exchange->use][exchange->id] = NULL;
	client->flying_count[exchange->use]--;
	exchange->due = 0;
}

static void
forget(struct client *client, struct exchange *exchange)
{
	land(client, exchange);
	TAILQ_REMOVE(&client->list, exchange, next);
	client->count--;
	secret_wipe(exchange->bytes, exchange->len); /* a password may be in it, hidden */
	free(exchange);
}

void
client_drop(struct client *client, enum client_use use)
{
	struct exchange *exchange = TAILQ_FIRST(&client->list), *next;

	for (; exchange; exchange = next) {
		next = TAILQ_NEXT(exchange, next);
		if (exchange->use == use)
			forget(client, exchange);
	}
}

void
client_fini(struct client *client)
{
	client_drop(client, USE_AUTH);
	client_drop(client, USE_ACCT);
}

/* ── servers ────────────────────────────────────────────────────────────────────────────── */

static uint32_t *
down_mark(struct radius_server_state *state, enum client_use use)
{
	return use == USE_AUTH ? &state->auth_down : &state->acct_down;
}

static bool
is_dead(const struct client *client, mstime_t now, size_t server, enum client_use use)
{
	return client->dead_until[server][use] > now;
}

static bool
all_dead(const struct client *client, mstime_t now, enum client_use use)
{
	for (size_t i = 0; i < client->server_count; i++) {
		if (!is_dead(client, now, i, use))
			return false;
	}
	return true;
}

/* The first that was not tried and is thought to live; false when there is none. */
static bool
pick_server(const struct client *client, mstime_t now, struct exchange *exchange)
{
	bool any = all_dead(client, now, exchange->use);

	for (size_t i = 0; i < client->server_count; i++) {
		if (exchange->tried & 1u << i || (!any && is_dead(client, now, i, exchange->use)))
			continue;
		exchange->server = i;
		return true;
	}
	return false;
}

static void
note_silence(struct client *client, mstime_t now, const struct exchange *exchange)
{
	client->dead_until[exchange->server][exchange->use] = now + client->dead_time;
	*down_mark(&client->servers[exchange->server], exchange->use) = 1;
}

static void
note_answer(struct client *client, mstime_t now, size_t server, enum client_use use)
{
	client->dead_until[server][use] = 0;
	*down_mark(&client->servers[server], use) = 0;
	client->servers[server].answered = now;
}

/* ── requests ───────────────────────────────────────────────────────────────────────────── */

static void
send_now(struct client *client, mstime_t now, struct exchange *exchange)
{
	exchange->tries++;
	exchange->due = now + client->timeout;
	client->servers[exchange->server].requests++;
	client->calls.send(client->calls.ctx, exchange->server, exchange->use, exchange->bytes,
			   exchange->len);
}

static bool
sign(const struct client *client, struct exchange *exchange)
{
	if (exchange->use == USE_AUTH)
		return packet_sign_access(exchange->bytes, exchange->len, exchange->id,
					  &client->secret);
	return packet_sign_request(exchange->bytes, exchange->len, exchange->id, &client->secret);
}

/* To a server that it has not been sent to; false when that cannot be. */
static bool
fly(struct client *client, mstime_t now, struct exchange *exchange)
{
	struct exchange **slots;

	if (!pick_server(client, now, exchange))
		return false;
	slots = client->flying[exchange->server][exchange->use];
	while (slots[client->next_id])
		client->next_id++; /* fewer fly than there are identifiers */
	exchange->id = client->next_id++;
	exchange->tries = 0;
	exchange->tried |= 1u << exchange->server;
	if (!sign(client, exchange))
		return false;
	slots[exchange->id] = exchange;
	client->flying_count[exchange->use]++;
	send_now(client, now, exchange);
	return true;
}

static void
give_up(struct client *client, struct exchange *exchange)
{
	enum client_use use = exchange->use;
	uint64_t ask = exchange->ask;

	forget(client, exchange);
	client->calls.done(client->calls.ctx, use, ask, NULL, 0);
}

/* The first of the list that waits, or NULL when it has to. */
static struct exchange *
next_waiting(const struct client *client)
{
	struct exchange *exchange;

	TAILQ_FOREACH(exchange, &client->list, next)
	{
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): forget() takes it from the list */
		if (!exchange->due && client->flying_count[exchange->use] < CLIENT_FLYING_MAX)
			return exchange;
	}
	return NULL;
}

static void
fly_all(struct client *client, mstime_t now)
{
	struct exchange *exchange;

	while ((exchange = next_waiting(client)) != NULL) {
		if (!fly(client, now, exchange))
			give_up(client, exchange);
	}
}

bool
client_ask(struct client *client, mstime_t now, enum client_use use, uint64_t ask,
	   const uint8_t *bytes, size_t len, mstime_t until)
{
	struct exchange *exchange =
		client->count < CLIENT_WAITING_MAX ? malloc(sizeof(*exchange) + len) : NULL;

	if (!exchange)
		return false;
	*exchange = (struct exchange){.use = use, .ask = ask, .until = until, .len = len};
	memcpy(exchange->bytes, bytes, len);
	TAILQ_INSERT_TAIL(&client->list, exchange, next);
	client->count++;
	if (client->flying_count[use] < CLIENT_FLYING_MAX && !fly(client, now, exchange)) {
		forget(client, exchange);
		return false;
	}
	return true;
}

/* RFC 2865 §4, 2866 §4 */
static bool
right_code(enum client_use use, uint8_t code)
{
	if (use == USE_ACCT)
		return code == CODE_ACCOUNTING_RESPONSE;
	return code == CODE_ACCESS_ACCEPT || code == CODE_ACCESS_REJECT ||
	       code == CODE_ACCESS_CHALLENGE;
}

/* BlastRADIUS: only what carries a Message-Authenticator may decide on a login. */
static enum client_input
judge(const struct client *client, const struct exchange *exchange, const uint8_t *bytes,
      size_t len)
{
	bool login = exchange->use == USE_AUTH;

	if (!right_code(exchange->use, bytes[0]) ||
	    !packet_answers(bytes, len, exchange->bytes, &client->secret, false))
		return INPUT_STRANGE;
	if (login && !packet_answers(bytes, len, exchange->bytes, &client->secret, true))
		return INPUT_UNPROVEN;
	return INPUT_TAKEN;
}

enum client_input
client_input(struct client *client, mstime_t now, size_t server, enum client_use use,
	     const uint8_t *bytes, size_t len)
{
	size_t own = packet_length(bytes, len);
	struct exchange *exchange = own ? client->flying[server][use][bytes[1]] : NULL;
	enum client_input input = exchange ? judge(client, exchange, bytes, own) : INPUT_STRANGE;
	uint64_t ask;

	if (input != INPUT_TAKEN)
		return input;
	ask = exchange->ask;
	note_answer(client, now, server, use);
	forget(client, exchange);
	client->calls.done(client->calls.ctx, use, ask, bytes, own);
	fly_all(client, now);
	return INPUT_TAKEN;
}

mstime_t
client_deadline(const struct client *client)
{
	const struct exchange *exchange;
	mstime_t first = MSTIME_NEVER;

	TAILQ_FOREACH(exchange, &client->list, next)
	{
		mstime_t when = exchange->due && exchange->due < exchange->until ? exchange->due
										 : exchange->until;

		if (when < first)
			first = when;
	}
	return first;
}

/* One whose time has come. */
static void
run(struct client *client, mstime_t now, struct exchange *exchange)
{
	bool waited = exchange->due && exchange->due <= now;

	if (waited)
		client->servers[exchange->server].timeouts++;
	if (waited && exchange->tries >= CLIENT_TRIES) {
		note_silence(client, now, exchange);
		land(client, exchange);
	}
	if (now >= exchange->until)
		give_up(client, exchange);
	else if (exchange->due)
		send_now(client, now, exchange);
	else if (!fly(client, now, exchange))
		give_up(client, exchange);
}

/* The first whose time has come; one that waits for an identifier has its turn in fly_all(). */
static struct exchange *
next_due(const struct client *client, mstime_t now)
{
	struct exchange *exchange;

	TAILQ_FOREACH(exchange, &client->list, next)
	{
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): forget() takes it from the list */
		if (now >= exchange->until || (exchange->due && exchange->due <= now))
			return exchange;
	}
	return NULL;
}

void
client_tick(struct client *client, mstime_t now)
{
	struct exchange *exchange;

	/* from the beginning each time: the end of one may be the end of others */
	while ((exchange = next_due(client, now)) != NULL)
		run(client, now, exchange);
	fly_all(client, now);
}
