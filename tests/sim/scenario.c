/*
 * What every client must get: it is up in seconds and known for what it is; a day of its own
 * habits, with traffic so thin that HELLOs are sent, ends nothing; nor does a nap; a long sleep
 * ends the session, and it comes back at once; and when it has left nothing is left.
 */
#include "scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "rng.h"

#define SECOND ((mstime_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DELAY 40
/* More than the silence that a HELLO breaks: it is the frames that keep a deaf client's session. */
#define TALK (75 * SECOND)
#define HELLO (60 * SECOND)
#define NAP (80 * SECOND)
#define MARK 0x20000001
#define WIRE 256

struct datagram {
	mstime_t when;
	bool to_lns;
	uint8_t bytes[1500];
	size_t len;
};

struct day {
	const struct client_facts *facts;
	struct client *client;
	struct lns *lns;
	struct lns_peer peer;
	struct lns_path path;
	struct book book;
	struct rng rng;
	struct datagram wire[WIRE]; /* in the order of arrival: the delay is the same for all */
	unsigned first, count;
	mstime_t now, talk_due, renew_due;
	unsigned hellos, frames, renewals, starts, stops;
	enum cause cause; /* of the last end */
	bool asleep;
	char failure[120];
};

static void __attribute__((format(printf, 2, 3))) fail(struct day *d, const char *fmt, ...)
{
	va_list ap;

	if (d->failure[0])
		return;
	va_start(ap, fmt);
	vsnprintf(d->failure, sizeof(d->failure), fmt, ap);
	va_end(ap);
}

static void
random_bytes(void *ctx, void *out, size_t len)
{
	struct day *d = ctx;
	uint8_t *bytes = out;

	while (len--)
		*bytes++ = (uint8_t)rng_next(&d->rng);
}

static void
send(struct day *d, bool to_lns, const uint8_t *bytes, size_t len)
{
	struct datagram *g = &d->wire[(d->first + d->count) % WIRE];

	if (d->asleep)
		return;
	if (d->count == WIRE) {
		fail(d, "a flood");
		return;
	}
	d->count++;
	g->when = d->now + DELAY;
	g->to_lns = to_lns;
	g->len = len;
	memcpy(g->bytes, bytes, len);
}

static void
send_to_lns(void *ctx, const uint8_t *bytes, size_t len)
{
	send(ctx, true, bytes, len);
}

static void
drain(struct day *d)
{
	const struct lns_act *act;

	while ((act = lns_next_act(d->lns)) != NULL) {
		book_take(&d->book, act);
		if (act->kind == LNS_ACT_PPP_START)
			d->starts++;
		if (act->kind == LNS_ACT_PPP_STOP) {
			d->stops++;
			d->cause = act->cause;
		}
		if (act->kind != LNS_ACT_SEND)
			continue;
		/* a whole HELLO is a header and one AVP whose value is 6 */
		if (act->len == 20 && act->bytes[19] == 6)
			d->hellos++;
		if (lns_path_eq(&act->path, &d->path))
			send(d, false, act->bytes, act->len);
		else
			fail(d, "answered to another place");
	}
}

/* As pppd would: what comes is answered. */
static void
take_frame(struct day *d, const struct lns_data *data)
{
	uint8_t room[LNS_HEADROOM + 64], *frame = room + LNS_HEADROOM;
	struct lns_way way;
	size_t header;

	d->frames++;
	memcpy(frame, data->frame, data->len < 64 ? data->len : 64);
	header = lns_encap(d->lns, data->ref, frame, data->len, &way);
	if (header)
		send(d, false, frame - header, header + data->len);
}

static void
receive(struct day *d)
{
	struct datagram g = d->wire[d->first];
	struct lns_data data;

	d->first = (d->first + 1) % WIRE;
	d->count--;
	if (d->asleep)
		return;
	if (!g.to_lns)
		client_input(d->client, d->now, g.bytes, g.len);
	else if (lns_input(d->lns, d->now, &d->path, g.bytes, g.len, &data) == LNS_DATA)
		take_frame(d, &data);
	drain(d);
}

static mstime_t
earlier(mstime_t a, mstime_t b)
{
	return a < b ? a : b;
}

/* A rekey: IKE has made new SAs, and the core is told. */
static void
renew(struct day *d)
{
	d->renew_due += d->facts->renews;
	d->renewals++;
	lns_renewed(d->lns, d->now, MARK);
	drain(d);
}

static void
step(struct day *d, mstime_t until)
{
	mstime_t next = earlier(until, lns_deadline(d->lns));

	if (d->count)
		next = earlier(next, d->wire[d->first].when);
	if (!d->asleep)
		next = earlier(next, earlier(client_deadline(d->client),
					     earlier(d->talk_due, d->renew_due)));
	d->now = next > d->now ? next : d->now;
	while (d->count && d->wire[d->first].when <= d->now)
		receive(d);
	lns_tick(d->lns, d->now);
	drain(d);
	if (d->asleep)
		return;
	if (client_deadline(d->client) <= d->now)
		client_tick(d->client, d->now);
	if (d->renew_due <= d->now)
		renew(d);
	if (d->talk_due <= d->now) {
		d->talk_due += TALK;
		client_talk(d->client, d->now);
	}
}

static void
run(struct day *d, mstime_t time)
{
	mstime_t until = d->now + time;

	while (d->now < until && !d->failure[0])
		step(d, until);
}

static void
check_known(void *ctx, const struct lns_tunnel_info *info)
{
	struct day *d = ctx;

	if (strcmp(info->client, d->facts->guess) != 0)
		fail(d, "taken for \"%s\"", info->client);
	if (info->authenticated != (d->facts->secret != NULL))
		fail(d, "tunnel authentication is not as it was set up");
}

static void
check_sessions(struct day *d, unsigned wanted, const char *when)
{
	struct lns_counters c = lns_counters(d->lns);

	if (c.sessions != wanted || d->starts - d->stops != wanted)
		fail(d, "%s: %u sessions, %u started, %u stopped, the last by %s", when, c.sessions,
		     d->starts, d->stops, d->stops ? cause_text(d->cause) : "nothing");
	if (wanted && !client_is_up(d->client))
		fail(d, "%s: the client is not up", when);
}

static void
dial(struct day *d, const char *when)
{
	client_dial(d->client, d->now);
	run(d, 5 * SECOND);
	check_sessions(d, d->facts->sessions, when);
	d->talk_due = d->now;
	d->renew_due = d->now + d->facts->renews;
	run(d, SECOND);
}

static void
stay(struct day *d)
{
	unsigned before = d->frames;

	run(d, 24 * HOUR);
	check_sessions(d, d->facts->sessions, "after a day");
	if (d->frames - before < 24 * HOUR / TALK - 2)
		fail(d, "%u frames in a day", d->frames - before);
	if (client_frames(d->client) < d->frames - before - d->facts->sessions)
		fail(d, "its frames were not answered");
	if (d->facts->deaf_to_hello && !d->hellos)
		fail(d, "no HELLO to be deaf to");
}

static void
sleep_for(struct day *d, mstime_t time)
{
	d->asleep = true;
	run(d, time);
	d->asleep = false;
	d->talk_due = d->now;
	if (d->renew_due < d->now)
		d->renew_due = d->now; /* IKE comes first when it wakes */
	run(d, 10 * SECOND);
}

static void
go(struct day *d)
{
	struct lns_counters c;

	client_leave(d->client, d->now);
	d->asleep = d->facts->leaving == LEAVE_VANISH;
	d->talk_due = d->renew_due = MSTIME_NEVER;
	run(d, 5 * SECOND);
	if (!d->asleep)
		check_sessions(d, 0, "after it left");
	run(d, 5 * MINUTE);
	check_sessions(d, 0, "long after it left");
	c = lns_counters(d->lns);
	if (c.tunnels || lns_uses(d->lns, MARK) || lns_deadline(d->lns) != MSTIME_NEVER)
		fail(d, "%u tunnels left over", c.tunnels);
	if (!d->asleep && d->cause != CAUSE_USER_REQUEST)
		fail(d, "it left, and the cause is: %s", cause_text(d->cause));
}

static void
begin(struct day *d, const struct client_facts *facts)
{
	struct lns_conf conf = {.host_name = "lns",
				.vendor = "lnsd",
				.hello = HELLO,
				.half_open = 30 * SECOND,
				.session_setup = MINUTE,
				.max_tunnels = 10,
				.max_sessions = 20,
				.max_half_open = 5,
				.window = 8};

	d->facts = facts;
	d->now = SECOND;
	d->talk_due = d->renew_due = MSTIME_NEVER;
	d->path.mark = MARK;
	d->path.local = (struct lns_addr){.ip = {10, 0, 0, 1}, .port = 1701, .family = 4};
	d->path.peer = (struct lns_addr){.ip = {192, 0, 2, 7}, .family = 4};
	d->path.peer.port = facts->port;
	d->peer.name[0] = 'p';
	d->peer.secret_len = facts->secret ? (uint32_t)strlen(facts->secret) : 0;
	memcpy(d->peer.secret, facts->secret ? facts->secret : "", d->peer.secret_len);
	conf.peers = &d->peer;
	conf.peer_count = 1;
	d->lns = lns_new(&conf, random_bytes, d);
	if (!d->lns)
		abort();
	d->client = client_new(facts, send_to_lns, d);
}

bool
scenario_run(const struct client_facts *facts)
{
	struct day *d = calloc(1, sizeof(*d));
	bool good;

	if (!d)
		abort();
	begin(d, facts);
	dial(d, "at first");
	lns_walk_tunnels(d->lns, check_known, d);
	stay(d);
	sleep_for(d, NAP);
	check_sessions(d, facts->sessions, "after a nap");
	sleep_for(d, 3 * HOUR);
	check_sessions(d, 0, "after a sleep");
	dial(d, "when it came back");
	run(d, HOUR);
	go(d);
	book_close(&d->book);
	if (d->book.fault)
		fail(d, "%s", d->book.fault);
	if (client_complaint(d->client))
		fail(d, "it was sent %s", client_complaint(d->client));
	good = !d->failure[0];
	printf("  %-4s %-24s %5u frames, %4u HELLOs to it, %2u rekeys%s%s\n", good ? "ok" : "FAIL",
	       facts->name, d->frames, d->hellos, d->renewals, good ? "" : ": ", d->failure);
	lns_free(d->lns);
	client_free(d->client);
	free(d);
	return good;
}
