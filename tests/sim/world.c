/*
 * Invariants, checked while it runs and at the end: what is told is told in turn and once (book.c);
 * calls come up in the order in which they were asked for; no frame reaches another session, and
 * numbered ones come in order; limits hold, of memory too; a network that loses nothing brings
 * everything up; nothing that comes from another address does harm; and when all peers have left or
 * died, nothing is left.
 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define DAY (24 * 3600 * 1000)
#define SETTLED (10 * 1000)
#define STEPS_MAX 400000
/* Both endpoints, with all that their limits allow */
#define MEMORY_MAX (1024 * 1024)

void
world_fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->result.failure[0])
		return;
	va_start(ap, fmt);
	vsnprintf(w->result.failure, sizeof(w->result.failure), fmt, ap);
	va_end(ap);
}

static void
random_bytes(void *ctx, void *out, size_t len)
{
	struct rng *rng = ctx;
	uint8_t *bytes = out;

	for (uint64_t word = 0; len--; word >>= 8) {
		if (!word)
			word = rng_next(rng);
		*bytes++ = (uint8_t)word;
	}
}

struct lns_path
world_mirror_path(bool seen_by_mirror)
{
	struct lns_addr here = {.ip = {10, 0, 0, 1}, .port = 1701, .family = 4};
	struct lns_addr there = {.ip = {192, 0, 2, WORLD_MIRROR}, .port = 1701, .family = 4};

	return seen_by_mirror ? (struct lns_path){.local = there, .peer = here}
			      : (struct lns_path){.local = here, .peer = there};
}

/* The calls of a LAC that it asked for itself begin in its order. */
static void
check_serial(struct world *w, const struct lns_act *act)
{
	unsigned owner = act->path.peer.ip[3];
	struct lns_session_info info;

	w->result.sessions++;
	if (owner >= WORLD_LACS || !lns_find(w->lns, act->ref, NULL, &info) || info.outgoing)
		return;
	if (info.serial_number <= w->last_serial[owner])
		world_fail(w, "lac %u: call %u begins after call %lld", owner, info.serial_number,
			   (long long)w->last_serial[owner]);
	w->last_serial[owner] = info.serial_number;
}

static void
drain_mirror(struct world *w)
{
	const struct lns_path path = world_mirror_path(false);
	const struct lns_act *act;

	while (w->mirror && (act = lns_next_act(w->mirror)) != NULL) {
		if (act->kind == LNS_ACT_SEND)
			net_send(&w->net, w->now, true, &path, act->bytes, act->len);
		book_take(&w->mirror_book, act);
	}
}

void
world_drain(struct world *w)
{
	const struct lns_act *act;

	while ((act = lns_next_act(w->lns)) != NULL) {
		if (act->kind == LNS_ACT_SEND)
			net_send(&w->net, w->now, false, &act->path, act->bytes, act->len);
		if (act->kind == LNS_ACT_PPP_START)
			check_serial(w, act);
		book_take(&w->book, act);
	}
	drain_mirror(w);
}

static uint32_t
word(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A frame of a peer's: it names its session, and is answered in kind. */
static void
take_data(struct world *w, const struct lns_data *data)
{
	uint8_t room[LNS_HEADROOM + LAC_FRAME], *frame = room + LNS_HEADROOM;
	struct seen *s = book_find(&w->book, data->ref, NULL);
	struct lns_way way;
	size_t header;

	if (!s || !(s->told & TOLD_GO) || (s->told & TOLD_STOP)) {
		world_fail(w, "data for a session that is not up");
		return;
	}
	if (s->owner == WORLD_HOSTILE)
		return;
	if (data->len != LAC_FRAME || s->owner >= WORLD_LACS || word(data->frame) != s->owner) {
		world_fail(w, "a frame of %zu bytes that no lac sent", data->len);
		return;
	}
	if (w->lacs[s->owner].numbered && word(data->frame + 8) < s->next)
		world_fail(w, "lac %u: a frame out of turn", s->owner);
	s->next = word(data->frame + 8) + 1;
	memcpy(frame, data->frame, LAC_FRAME);
	header = lns_encap(w->lns, data->ref, frame, LAC_FRAME, &way);
	if (!header || way.path->peer.ip[3] != s->owner)
		world_fail(w, "no way back for a frame");
	else
		net_send(&w->net, w->now, false, way.path, frame - header, header + LAC_FRAME);
}

static void
take_waiting(struct world *w)
{
	struct lns_data data;

	while (lns_next_data(w->lns, &data))
		take_data(w, &data);
}

static void
deliver_out(struct world *w, const struct net_datagram *d)
{
	const struct lns_path back = world_mirror_path(true);
	unsigned owner = d->path.peer.ip[3];
	struct lns_data data;

	if (owner < WORLD_LACS) {
		lac_input(&w->lacs[owner], w->now, d->bytes, d->len);
	} else if (owner == WORLD_HOSTILE) {
		hostile_input(&w->hostile, w->now, d->bytes, d->len);
	} else if (w->mirror) {
		if (lns_input(w->mirror, w->now, &back, d->bytes, d->len, &data) == LNS_DATA)
			world_fail(w, "data between two servers");
		drain_mirror(w);
	}
}

static void
deliver(struct world *w, const struct net_datagram *d)
{
	struct lns_data data;

	w->result.datagrams++;
	if (!d->to_lns) {
		deliver_out(w, d);
		return;
	}
	if (w->has_hostile && d->path.peer.ip[3] != WORLD_HOSTILE)
		hostile_listen(&w->hostile, d);
	if (lns_input(w->lns, w->now, &d->path, d->bytes, d->len, &data) == LNS_DATA)
		take_data(w, &data);
	take_waiting(w);
	world_drain(w);
}

static void
check_limits(struct world *w)
{
	struct lns_counters c = lns_counters(w->lns);
	size_t memory = memory_live() - w->memory;

	if (c.tunnels > w->conf.max_tunnels || c.sessions > w->conf.max_sessions ||
	    c.half_open > w->conf.max_half_open)
		world_fail(w, "limit passed: %u tunnels %u sessions %u half open", c.tunnels,
			   c.sessions, c.half_open);
	if (memory > MEMORY_MAX)
		world_fail(w, "%zu bytes of memory", memory);
	if (memory > w->result.memory)
		w->result.memory = memory;
	if (w->book.fault)
		world_fail(w, "%s (%u-%u)", w->book.fault, w->book.faulty.tid, w->book.faulty.sid);
	if (w->mirror_book.fault)
		world_fail(w, "second endpoint: %s", w->mirror_book.fault);
}

static mstime_t
earlier(mstime_t a, mstime_t b)
{
	return a < b ? a : b;
}

static mstime_t
earliest(struct world *w)
{
	mstime_t when = earlier(net_deadline(&w->net), lns_deadline(w->lns));

	if (w->mirror)
		when = earlier(when, lns_deadline(w->mirror));
	for (unsigned i = 0; i < w->lac_count; i++)
		when = earlier(when, lac_deadline(&w->lacs[i]));
	if (!w->left)
		when = earlier(when, earlier(w->next_whim, w->leave_at));
	return when;
}

/* In a network without loss all that was asked for is there, unless one of the ends took it back or
 * the tunnel is young. */
static void
check_all_up(struct world *w)
{
	for (unsigned i = 0; i < w->lac_count; i++) {
		const struct lac *lac = &w->lacs[i];

		if (lac->state != LAC_UP || lac->silent || w->now - lac->up_since < SETTLED)
			continue;
		for (unsigned n = 0; n < lac->wanted; n++)
			if (lac->sessions[n].state == CALL_ASKED)
				world_fail(w, "lac %u session %u never came up", i, n);
	}
}

static void
leave(struct world *w)
{
	w->left = true;
	if (!w->net.rates.loss && !w->result.jumps)
		check_all_up(w);
	for (unsigned i = 0; i < w->lac_count; i++)
		if (rng_chance(&w->rng, 70))
			lac_stop(&w->lacs[i], w->now);
		else
			w->lacs[i].silent = true;
	if (w->mirror)
		lns_shutdown(w->mirror, w->now);
	drain_mirror(w);
}

static void
tick(struct world *w)
{
	if (lns_deadline(w->lns) <= w->now) {
		lns_tick(w->lns, w->now);
		take_waiting(w);
		world_drain(w);
		if (lns_deadline(w->lns) <= w->now)
			world_fail(w, "a deadline that stays");
	}
	if (w->mirror && lns_deadline(w->mirror) <= w->now) {
		lns_tick(w->mirror, w->now);
		drain_mirror(w);
	}
	for (unsigned i = 0; i < w->lac_count; i++)
		if (lac_deadline(&w->lacs[i]) <= w->now)
			lac_tick(&w->lacs[i], w->now);
}

static void
step(struct world *w)
{
	struct net_datagram d;

	while (net_receive(&w->net, w->now, &d))
		deliver(w, &d);
	tick(w);
	if (!w->left && w->now >= w->next_whim)
		whim(w);
	if (!w->left && w->now >= w->leave_at)
		leave(w);
	check_limits(w);
}

static void
check_empty(struct world *w, struct lns *lns, const char *which)
{
	struct lns_counters c = lns_counters(lns);

	if (c.tunnels || c.sessions || c.half_open)
		world_fail(w, "%s: left over: %u tunnels %u sessions %u half open", which,
			   c.tunnels, c.sessions, c.half_open);
	if (lns_deadline(lns) != MSTIME_NEVER)
		world_fail(w, "%s: a deadline without a tunnel", which);
	if (!lns_quiet(lns))
		world_fail(w, "%s: not quiet at the end", which);
	w->result.retransmits += c.retransmits;
}

static void
check_end(struct world *w)
{
	check_empty(w, w->lns, "endpoint");
	if (w->mirror)
		check_empty(w, w->mirror, "second endpoint");
	book_close(&w->book);
	book_close(&w->mirror_book);
	check_limits(w);
	for (unsigned i = 0; i < w->lac_count; i++) {
		const struct lac *lac = &w->lacs[i];

		w->result.lost_tunnels += lac->lost;
		/* six tries in a row cannot all fail where little is lost */
		if (lac->lost && !lac->silent && w->net.rates.loss <= 2 && !w->result.jumps)
			world_fail(w, "lac %u got no acknowledgement in a good network", i);
		if (lac->bad_order)
			world_fail(w, "lac %u was sent %u wrong messages", i, lac->bad_order);
		if (lac->sessions[0].wrong)
			world_fail(w, "lac %u got another session's frame", i);
	}
}

static void
set_rates(struct world *w)
{
	static const unsigned losses[] = {0, 0, 2, 10, 20, 40};
	struct net_rates rates = {.delay = 1};

	rates.loss = losses[rng_below(&w->rng, 6)];
	rates.duplication = rng_below(&w->rng, 30);
	rates.reordering = rng_below(&w->rng, 40);
	rates.delay += rng_below(&w->rng, 150);
	net_init(&w->net, &rates, &w->rng);
}

/* The other endpoint has a secret in half of the worlds; the LACs' frames are put in order. */
static void
set_peers(struct world *w)
{
	struct lns_peer *mirror = &w->peers[0], *lacs = &w->peers[1];

	*mirror = (struct lns_peer){.name = "mirror", .prefixes = 1};
	mirror->prefix[0] = (struct lns_prefix){.ip = {192, 0, 2, WORLD_MIRROR}, .family = 4, 32};
	if (rng_chance(&w->rng, 50)) {
		memcpy(mirror->secret, "secret", 6);
		mirror->secret_len = 6;
		mirror->hide = true;
	}
	*lacs = (struct lns_peer){.name = "lacs", .prefixes = 1, .sequencing = LNS_SEQ_REORDER};
	lacs->prefix[0] = (struct lns_prefix){.ip = {192, 0, 2, 0}, .family = 4, 29};
	w->conf.peers = w->peers;
	w->conf.peer_count = 2;
}

static void
make_endpoints(struct world *w)
{
	bool mirror = rng_chance(&w->rng, 30);
	struct lns_peer back;

	w->conf = (struct lns_conf){.host_name = "lns",
				    .vendor = "lnsd",
				    .hello = 5000 + rng_below(&w->rng, 60000),
				    .half_open = 30000,
				    .session_setup = 60000,
				    .max_tunnels = 40,
				    .max_sessions = 60,
				    .max_half_open = 40,
				    .window = (uint16_t)(1 + rng_below(&w->rng, 16))};
	set_peers(w);
	w->memory = memory_live();
	w->lns = lns_new(&w->conf, random_bytes, &w->ids);
	if (!w->lns)
		abort();
	if (!mirror)
		return;
	back = w->peers[0];
	back.prefix[0] = (struct lns_prefix){.ip = {10, 0, 0, 1}, .family = 4, .bits = 32};
	w->conf.peers = &back;
	w->conf.peer_count = 1;
	w->mirror = lns_new(&w->conf, random_bytes, &w->ids);
	if (!w->mirror)
		abort();
}

static void
begin(struct world *w, uint64_t seed)
{
	w->rng.state = seed;
	w->ids.state = ~seed;
	set_rates(w);
	make_endpoints(w);
	w->now = 1000;
	w->leave_at = w->now + 20000 + rng_below(&w->rng, 300000);
	w->end_at = DAY;
	w->next_whim = w->now + 3000;
	w->has_hostile = rng_chance(&w->rng, 30);
	hostile_init(&w->hostile, WORLD_HOSTILE, &w->net, &w->rng);
	w->lac_count = 1 + rng_below(&w->rng, WORLD_LACS);
	for (unsigned i = 0; i < w->lac_count; i++) {
		lac_init(&w->lacs[i], i, &w->net, (uint16_t)(1 + rng_below(&w->rng, 10)),
			 rng_below(&w->rng, LAC_SESSIONS + 1));
		w->lacs[i].answers = rng_chance(&w->rng, 20);
		w->lacs[i].numbered = rng_chance(&w->rng, 30);
		w->last_serial[i] = -1;
		lac_start(&w->lacs[i], w->now);
	}
}

static void
end(struct world *w)
{
	lns_free(w->lns);
	lns_free(w->mirror);
	for (unsigned i = 0; i < w->lac_count; i++)
		lac_fini(&w->lacs[i]);
	if (memory_live() != w->memory)
		world_fail(w, "memory left over");
	net_fini(&w->net);
}

struct world_result
world_run(uint64_t seed, bool verbose)
{
	struct world *w = calloc(1, sizeof(*w));
	struct world_result result;
	unsigned steps = 0;

	if (!w)
		abort();
	begin(w, seed);
	for (mstime_t next; (next = earliest(w)) != MSTIME_NEVER && !w->result.failure[0];
	     steps++) {
		if (next > w->now)
			w->now = next;
		step(w);
		if (w->now > w->end_at || steps > STEPS_MAX)
			world_fail(w, "no end: %u tunnels after %lld ms and %u steps",
				   lns_counters(w->lns).tunnels, (long long)w->now, steps);
	}
	check_end(w);
	if (verbose)
		printf("seed %llu: loss %u%% duplication %u%% reordering %u%% delay %u ms, %u "
		       "peers%s%s, %u jumps, %llu s, %zu bytes\n",
		       (unsigned long long)seed, w->net.rates.loss, w->net.rates.duplication,
		       w->net.rates.reordering, w->net.rates.delay, w->lac_count,
		       w->mirror ? ", a second endpoint" : "",
		       w->has_hostile ? ", a hostile one" : "", w->result.jumps,
		       (unsigned long long)(w->now / 1000), w->result.memory);
	end(w);
	result = w->result;
	free(w);
	return result;
}
