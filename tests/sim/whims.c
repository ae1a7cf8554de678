/* What happens to a world besides the network. */
#include <stdlib.h>

#include "world.h"

#define HOUR (3600 * 1000)

/* The administrator ends a session; the handle of one that is over must do nothing, whoever has its
 * ids now. */
static void
close_any(struct world *w, struct lac *lac)
{
	uint32_t before = lns_counters(w->lns).sessions;
	const struct seen *s;

	(void)lac;
	if (!w->book.count)
		return;
	s = &w->book.seen[rng_below(&w->rng, w->book.count)];
	lns_close(w->lns, w->now, s->ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	if ((s->told & TOLD_STOP) && lns_counters(w->lns).sessions != before)
		world_fail(w, "a stale handle closed a session");
}

/* Its SA is renewed; what was on the way through the old one may be lost. */
static void
renew(struct world *w, struct lac *lac)
{
	if (rng_chance(&w->rng, 50))
		net_cut(&w->net, &lac->path);
	lns_renewed(w->lns, w->now, lac->path.mark);
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
	world_drain(w);
	if (lns_uses(w->lns, lac->path.mark))
		world_fail(w, "lac %u: a tunnel outlives its SA", lac->number);
}

static void
place(struct world *w, struct lns *from, struct book *book, const struct lns_path *path)
{
	struct lns_call call = {
		.peer = "", .number = "5551234", .sub_address = "", .maximum_bps = 64000};
	struct lns_ref ref;
	const char *why = NULL;

	call.path = path;
	if (lns_dial(from, w->now, &call, &ref, &why)) {
		w->result.placed++;
		book_placed(book, ref, path);
	} else if (!why) {
		world_fail(w, "a call refused without a reason");
	}
}

/* A LAC, or the other endpoint, is asked for a call; both endpoints may ask at once. */
static void
dial(struct world *w, struct lac *lac)
{
	struct lns_path there = world_mirror_path(false), back = world_mirror_path(true);

	if (!w->mirror || rng_chance(&w->rng, 50)) {
		if (lac->answers || lac->state == LAC_UP)
			place(w, w->lns, &w->book, &lac->path);
		return;
	}
	if (rng_chance(&w->rng, 70))
		place(w, w->lns, &w->book, &there);
	if (rng_chance(&w->rng, 70))
		place(w, w->mirror, &w->mirror_book, &back);
}

/* The machine slept, peers and all: every clock is hours on, and what was on the way comes late. */
static void
jump(struct world *w, struct lac *lac)
{
	mstime_t hours = (mstime_t)(1 + rng_below(&w->rng, 12)) * HOUR;

	(void)lac;
	w->now += hours;
	w->leave_at += hours;
	w->end_at += hours;
	w->result.jumps++;
}

static void
send_away(struct world *w, struct lac *lac)
{
	(void)lac;
	w->drained = !w->drained;
	lns_drain(w->lns, w->now, w->drained ? "192.0.2.99" : NULL, rng_chance(&w->rng, 30));
}

static void
hang_up(struct world *w, struct lac *lac)
{
	lac_hang_up(lac, w->now, rng_below(&w->rng, LAC_SESSIONS));
}

static void
die(struct world *w, struct lac *lac)
{
	(void)w;
	lac->silent = true;
}

static void
stop(struct world *w, struct lac *lac)
{
	lac_stop(lac, w->now);
}

static void
doubt(struct world *w, struct lac *lac)
{
	lns_probe(w->lns, w->now, lac->path.mark);
}

static void
talk(struct world *w, struct lac *lac)
{
	lac_talk(lac, w->now);
}

static const struct {
	void (*happen)(struct world *, struct lac *);
	unsigned weight; /* of a thousand */
} whims[] = {
	{hang_up, 70}, {close_any, 70}, {die, 7},  {stop, 14},	   {renew, 70},	 {lose, 7},
	{doubt, 7},    {dial, 80},	{jump, 8}, {send_away, 4}, {talk, 1000},
};

void
whim(struct world *w)
{
	struct lac *lac = &w->lacs[rng_below(&w->rng, w->lac_count)];
	unsigned at = rng_below(&w->rng, 1000), i = 0;

	for (; at >= whims[i].weight; i++)
		at -= whims[i].weight;
	whims[i].happen(w, lac);
	if (w->has_hostile)
		hostile_strike(&w->hostile, w->now);
	world_drain(w);
	w->next_whim = w->now + 50 + rng_below(&w->rng, 2000);
}
