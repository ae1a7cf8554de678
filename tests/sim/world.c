/*
 * Invariants, checked while it runs and at the end: each session is started, let go and stopped
 * once and in this order; no frame reaches another session; limits hold; ids are never 0 and never
 * twice alive; a network that loses nothing brings everything up; and when all peers have left or
 * died, nothing is left.
 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lac.h"

#define LACS_MAX 5
#define REFS_MAX 256
#define DAY (24 * 3600 * 1000)
#define STEPS_MAX 200000

enum told { TOLD_START = 1, TOLD_GO = 2, TOLD_STOP = 4 };

struct seen {
	struct lns_ref ref;
	unsigned told;
	uint32_t frames;
};

struct world {
	struct rng rng, ids;
	struct net net;
	struct lns *lns;
	struct lns_conf conf;
	struct lac lacs[LACS_MAX];
	unsigned lac_count;
	struct seen seen[REFS_MAX];
	unsigned seen_count;
	mstime_t now, next_whim, leave_at;
	bool left, verbose;
	struct world_result result;
};

static void __attribute__((format(printf, 2, 3))) fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->result.failure[0])
		return;
	va_start(ap, fmt);
	vsnprintf(w->result.failure, sizeof(w->result.failure), fmt, ap);
	va_end(ap);
}

static void
random_ids(void *ctx, void *out, size_t len)
{
	struct world *w = ctx;
	uint8_t *bytes = out;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)rng_next(&w->ids);
}

static struct seen *
find_seen(struct world *w, struct lns_ref ref)
{
	for (unsigned i = 0; i < w->seen_count; i++)
		if (w->seen[i].ref.serial == ref.serial)
			return &w->seen[i];
	if (w->seen_count == REFS_MAX) {
		fail(w, "more than %d sessions", REFS_MAX);
		return NULL;
	}
	w->seen[w->seen_count].ref = ref;
	return &w->seen[w->seen_count++];
}

static void
check_unique(struct world *w, struct lns_ref ref)
{
	if (!ref.sid || !ref.tid)
		fail(w, "id 0 in use");
	for (unsigned i = 0; i < w->seen_count; i++) {
		const struct seen *s = &w->seen[i];

		if (s->ref.serial != ref.serial && s->ref.sid == ref.sid && s->told &&
		    !(s->told & TOLD_STOP))
			fail(w, "session id %u given twice", ref.sid);
	}
}

static void
told(struct world *w, struct lns_ref ref, unsigned before, unsigned what, const char *name)
{
	struct seen *s = find_seen(w, ref);

	if (!s)
		return;
	if (what == TOLD_START)
		check_unique(w, ref);
	if ((s->told & ~before) || (s->told & what) || (before && !(s->told & TOLD_START)))
		fail(w, "%s out of turn: session %u-%u told %u", name, ref.tid, ref.sid, s->told);
	s->told |= what;
}

static void
drain(struct world *w)
{
	const struct lns_act *act;

	while ((act = lns_next_act(w->lns)) != NULL) {
		switch (act->kind) {
		case LNS_ACT_SEND:
			net_send(&w->net, w->now, false, &act->path, act->bytes, act->len);
			break;
		case LNS_ACT_PPP_START:
			w->result.sessions++;
			told(w, act->ref, 0, TOLD_START, "PPP_START");
			break;
		case LNS_ACT_PPP_GO:
			told(w, act->ref, TOLD_START, TOLD_GO, "PPP_GO");
			break;
		case LNS_ACT_PPP_STOP:
			told(w, act->ref, TOLD_START | TOLD_GO, TOLD_STOP, "PPP_STOP");
			break;
		case LNS_ACT_TUNNEL_UP:
		case LNS_ACT_TUNNEL_DOWN:
			break;
		}
	}
}

/* A frame of the peer's: it names its session, and is answered in kind. */
static void
take_data(struct world *w, const struct lns_data *data, const struct lns_path *from)
{
	uint8_t room[LNS_HEADROOM + LAC_FRAME], *frame = room + LNS_HEADROOM;
	struct lns_way way;
	struct seen *s = find_seen(w, data->ref);
	size_t header;

	if (data->len != LAC_FRAME) {
		fail(w, "a frame of %zu bytes", data->len);
		return;
	}
	if (!s || !(s->told & TOLD_GO) || (s->told & TOLD_STOP))
		fail(w, "data for a session that is not up");
	memcpy(frame, data->frame, LAC_FRAME);
	header = lns_encap(w->lns, data->ref, frame, LAC_FRAME, &way);
	if (!header || !lns_path_eq(way.path, from))
		fail(w, "no way back for a frame");
	else
		net_send(&w->net, w->now, false, way.path, frame - header, header + LAC_FRAME);
}

static void
deliver(struct world *w, const struct net_datagram *d)
{
	struct lns_data data;

	w->result.datagrams++;
	if (!d->to_lns) {
		lac_input(&w->lacs[d->path.peer.ip[3]], w->now, d->bytes, d->len);
		return;
	}
	if (lns_input(w->lns, w->now, &d->path, d->bytes, d->len, &data) == LNS_DATA)
		take_data(w, &data, &d->path);
	drain(w);
}

/* The administrator ends a session; the handle of one that is over must do nothing, whoever has its
 * ids now. */
static void
close_any(struct world *w)
{
	uint32_t before = lns_counters(w->lns).sessions;
	const struct seen *s;

	if (!w->seen_count)
		return;
	s = &w->seen[rng_below(&w->rng, w->seen_count)];
	lns_close(w->lns, w->now, s->ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	if ((s->told & TOLD_STOP) && lns_counters(w->lns).sessions != before)
		fail(w, "a stale handle closed a session");
	drain(w);
}

/* Its SA is renewed; what was on the way through the old one may be lost. */
static void
renew(struct world *w, const struct lac *lac)
{
	if (rng_chance(&w->rng, 50))
		net_cut(&w->net, &lac->path);
	lns_renewed(w->lns, w->now, lac->path.mark);
	drain(w);
}

/* Its SA is deleted: neither hears the other again. */
static void
lose(struct world *w, struct lac *lac)
{
	if (!lac->path.mark)
		return;
	lac->silent = true;
	net_cut(&w->net, &lac->path);
	lns_lost(w->lns, w->now, lac->path.mark);
	drain(w);
	if (lns_uses(w->lns, lac->path.mark))
		fail(w, "lac %u: a tunnel outlives its SA", lac->number);
}

/* Something of the peer's or the administrator's own accord. */
static void
whim(struct world *w)
{
	struct lac *lac = &w->lacs[rng_below(&w->rng, w->lac_count)];

	switch (rng_below(&w->rng, 14)) {
	case 0:
		lac_hang_up(lac, w->now, rng_below(&w->rng, LAC_SESSIONS));
		break;
	case 1:
		close_any(w);
		break;
	case 2:
		if (rng_chance(&w->rng, 10))
			lac->silent = true;
		break;
	case 3:
		if (rng_chance(&w->rng, 20))
			lac_stop(lac, w->now);
		break;
	case 4:
		renew(w, lac);
		break;
	case 5:
		if (rng_chance(&w->rng, 10))
			lose(w, lac);
		break;
	default:
		lac_talk(lac, w->now);
	}
	w->next_whim = w->now + 50 + rng_below(&w->rng, 2000);
}

static void
check_limits(struct world *w)
{
	struct lns_counters c = lns_counters(w->lns);

	if (c.tunnels > w->conf.max_tunnels || c.sessions > w->conf.max_sessions ||
	    c.half_open > w->conf.max_half_open)
		fail(w, "limit passed: %u tunnels %u sessions %u half open", c.tunnels, c.sessions,
		     c.half_open);
}

static mstime_t
earliest(struct world *w)
{
	mstime_t when = net_deadline(&w->net), other = lns_deadline(w->lns);

	when = other < when ? other : when;
	for (unsigned i = 0; i < w->lac_count; i++) {
		other = lac_deadline(&w->lacs[i]);
		when = other < when ? other : when;
	}
	if (!w->left) {
		when = w->next_whim < when ? w->next_whim : when;
		when = w->leave_at < when ? w->leave_at : when;
	}
	return when;
}

/* In a network without loss all that was asked for is there, unless one of the ends took it back.
 */
static void
check_all_up(struct world *w)
{
	for (unsigned i = 0; i < w->lac_count; i++) {
		const struct lac *lac = &w->lacs[i];

		if (lac->state != LAC_UP || lac->silent)
			continue;
		for (unsigned n = 0; n < lac->wanted; n++)
			if (lac->sessions[n].state == CALL_ASKED)
				fail(w, "lac %u session %u never came up", i, n);
	}
}

static void
leave(struct world *w)
{
	w->left = true;
	if (!w->net.rates.loss)
		check_all_up(w);
	for (unsigned i = 0; i < w->lac_count; i++)
		if (rng_chance(&w->rng, 70))
			lac_stop(&w->lacs[i], w->now);
		else
			w->lacs[i].silent = true;
}

static void
step(struct world *w)
{
	struct net_datagram d;

	while (net_receive(&w->net, w->now, &d))
		deliver(w, &d);
	if (lns_deadline(w->lns) <= w->now) {
		lns_tick(w->lns, w->now);
		drain(w);
	}
	for (unsigned i = 0; i < w->lac_count; i++)
		if (lac_deadline(&w->lacs[i]) <= w->now)
			lac_tick(&w->lacs[i], w->now);
	if (!w->left && w->now >= w->next_whim)
		whim(w);
	if (!w->left && w->now >= w->leave_at)
		leave(w);
	check_limits(w);
}

static void
check_end(struct world *w)
{
	struct lns_counters c = lns_counters(w->lns);

	if (c.tunnels || c.sessions || c.half_open)
		fail(w, "left over: %u tunnels %u sessions %u half open", c.tunnels, c.sessions,
		     c.half_open);
	if (lns_deadline(w->lns) != MSTIME_NEVER)
		fail(w, "a deadline without a tunnel");
	if (!lns_quiet(w->lns))
		fail(w, "not quiet at the end");
	for (unsigned i = 0; i < w->seen_count; i++)
		if (!(w->seen[i].told & TOLD_STOP))
			fail(w, "session %u never stopped", w->seen[i].ref.sid);
	for (unsigned i = 0; i < w->lac_count; i++) {
		w->result.lost_tunnels += w->lacs[i].lost;
		/* six tries in a row cannot all fail where little is lost */
		if (w->lacs[i].lost && !w->lacs[i].silent && w->net.rates.loss <= 2)
			fail(w, "lac %u got no acknowledgement in a good network", i);
		if (w->lacs[i].bad_order)
			fail(w, "lac %u was sent %u wrong messages", i, w->lacs[i].bad_order);
		if (w->lacs[i].sessions[0].wrong)
			fail(w, "lac %u got another session's frame", i);
	}
	w->result.retransmits = c.retransmits;
}

static void
begin(struct world *w, uint64_t seed)
{
	static const unsigned losses[] = {0, 0, 2, 10, 20, 40};
	struct net_rates rates = {.delay = 1};

	w->rng.state = seed;
	w->ids.state = ~seed;
	rates.loss = losses[rng_below(&w->rng, 6)];
	rates.duplication = rng_below(&w->rng, 30);
	rates.reordering = rng_below(&w->rng, 40);
	rates.delay += rng_below(&w->rng, 150);
	net_init(&w->net, &rates, &w->rng);
	w->conf = (struct lns_conf){.host_name = "lns",
				    .vendor = "lnsd",
				    .hello = 5000 + rng_below(&w->rng, 60000),
				    .half_open = 30000,
				    .session_setup = 60000,
				    .max_tunnels = 40,
				    .max_sessions = 60,
				    .max_half_open = 40,
				    .window = (uint16_t)(1 + rng_below(&w->rng, 16))};
	w->lns = lns_new(&w->conf, random_ids, w);
	if (!w->lns)
		abort();
	w->now = 1000;
	w->leave_at = w->now + 20000 + rng_below(&w->rng, 300000);
	w->next_whim = w->now + 3000;
	w->lac_count = 1 + rng_below(&w->rng, LACS_MAX);
	for (unsigned i = 0; i < w->lac_count; i++) {
		lac_init(&w->lacs[i], i, &w->net, (uint16_t)(1 + rng_below(&w->rng, 10)),
			 rng_below(&w->rng, LAC_SESSIONS + 1));
		lac_start(&w->lacs[i], w->now);
	}
}

struct world_result
world_run(uint64_t seed, bool verbose)
{
	struct world *w = calloc(1, sizeof(*w));
	struct world_result result;
	unsigned steps = 0;

	if (!w)
		abort();
	w->verbose = verbose;
	begin(w, seed);
	for (mstime_t next; (next = earliest(w)) != MSTIME_NEVER && !w->result.failure[0];
	     steps++) {
		if (next < w->now)
			next = w->now;
		w->now = next;
		step(w);
		if (w->now > DAY || steps > STEPS_MAX)
			fail(w, "no end: %u tunnels after %lld ms and %u steps",
			     lns_counters(w->lns).tunnels, (long long)w->now, steps);
	}
	check_end(w);
	result = w->result;
	if (verbose)
		printf("seed %llu: loss %u%% duplication %u%% reordering %u%% delay %u ms, %u "
		       "peers, %llu s\n",
		       (unsigned long long)seed, w->net.rates.loss, w->net.rates.duplication,
		       w->net.rates.reordering, w->net.rates.delay, w->lac_count,
		       (unsigned long long)(w->now / 1000));
	lns_free(w->lns);
	for (unsigned i = 0; i < w->lac_count; i++)
		lac_fini(&w->lacs[i]);
	net_fini(&w->net);
	free(w);
	return result;
}
