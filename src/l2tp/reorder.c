/* See reorder.h. The queue is short, so lists serve. */
#include "l2tp/reorder.h"

#include <stdlib.h>
#include <string.h>

#include "l2tp/chan.h"

struct early {
	struct early *next;
	struct lns_ref ref;
	mstime_t until;
	uint16_t ns;
	size_t len;
	uint8_t bytes[];
};

static struct early *
early_new(const struct lns_data *data, uint16_t ns, mstime_t until)
{
	struct early *e = malloc(sizeof(*e) + data->len);

	if (!e)
		return NULL;
	*e = (struct early){.ref = data->ref, .until = until, .ns = ns, .len = data->len};
	memcpy(e->bytes, data->frame, data->len);
	return e;
}

static void
frames_append(struct frames *frames, struct early *e)
{
	e->next = NULL;
	if (frames->last)
		frames->last->next = e;
	else
		frames->first = e;
	frames->last = e;
}

bool
frames_next(struct frames *frames, struct lns_data *data)
{
	struct early *e = frames->first;

	free(frames->given);
	frames->given = e;
	if (!e)
		return false;
	frames->first = e->next;
	if (!frames->first)
		frames->last = NULL;
	*data = (struct lns_data){.ref = e->ref, .frame = e->bytes, .len = e->len};
	return true;
}

void
frames_forget(struct frames *frames)
{
	struct lns_data data;

	while (frames_next(frames, &data))
		;
}

static void
release_first(struct reorder *r, struct frames *ready)
{
	struct early *e = r->early;

	r->early = e->next;
	r->count--;
	r->bytes -= e->len;
	r->next = (uint16_t)(e->ns + 1);
	frames_append(ready, e);
}

/* What follows without a gap has waited for nothing else. */
static void
release_run(struct reorder *r, struct frames *ready)
{
	while (r->early && r->early->ns == r->next)
		release_first(r, ready);
}

static void
release_all(struct reorder *r, struct frames *ready)
{
	while (r->early)
		release_first(r, ready);
}

/* The oldest have to go, whatever they wait for. */
static void
make_room(struct reorder *r, struct frames *ready, uint16_t ns, size_t len)
{
	while (r->early && (seq_cmp(ns, r->next) > REORDER_MAX || r->bytes + len > REORDER_BYTES)) {
		release_first(r, ready);
		release_run(r, ready);
	}
}

static enum reorder_verdict
keep(struct reorder *r, const struct lns_data *data, uint16_t ns, mstime_t until)
{
	struct early **at = &r->early, *e;

	while (*at && seq_cmp((*at)->ns, ns) < 0)
		at = &(*at)->next;
	if (*at && (*at)->ns == ns)
		return REORDER_LATE;
	e = early_new(data, ns, until);
	if (!e)
		return REORDER_PASS;
	e->next = *at;
	*at = e;
	r->count++;
	r->bytes += e->len;
	return REORDER_KEPT;
}

/* A single straggler is late; a row of them is a peer that has begun to count anew. */
static bool
counts_anew(struct reorder *r, uint16_t ns)
{
	r->run = r->run && ns == r->behind ? r->run + 1 : 1;
	r->behind = (uint16_t)(ns + 1);
	return r->run >= REORDER_RESTART;
}

/* Its turn; it follows what was released for its sake. */
static enum reorder_verdict
pass(struct reorder *r, struct frames *ready, const struct lns_data *data, uint16_t ns,
     bool after_others)
{
	struct early *e = after_others ? early_new(data, ns, 0) : NULL;

	r->next = (uint16_t)(ns + 1);
	r->run = 0;
	if (e)
		frames_append(ready, e);
	release_run(r, ready);
	return e ? REORDER_KEPT : REORDER_PASS;
}

enum reorder_verdict
reorder_take(struct reorder *r, struct frames *ready, mstime_t now, const struct lns_data *data,
	     uint16_t ns)
{
	int ahead = seq_cmp(ns, r->next);
	unsigned kept = r->count;

	if (ahead < 0) {
		if (!counts_anew(r, ns))
			return REORDER_LATE;
		release_all(r, ready);
		return pass(r, ready, data, ns, kept > 0);
	}
	if (ahead > 0)
		make_room(r, ready, ns, data->len);
	ahead = seq_cmp(ns, r->next);
	if (ahead < 0)
		return REORDER_LATE;
	/* nothing waits any more, and the gap is wider than what could */
	if (ahead == 0 || ahead > REORDER_MAX)
		return pass(r, ready, data, ns, r->count != kept);
	r->run = 0;
	return keep(r, data, ns, now + REORDER_WAIT_MS);
}

mstime_t
reorder_due(const struct reorder *r)
{
	mstime_t due = MSTIME_NEVER;

	for (const struct early *e = r->early; e; e = e->next)
		due = e->until < due ? e->until : due;
	return due;
}

void
reorder_expire(struct reorder *r, struct frames *ready, mstime_t now)
{
	while (reorder_due(r) <= now)
		release_first(r, ready);
	release_run(r, ready);
}

void
reorder_fini(struct reorder *r)
{
	struct early *e;

	while ((e = r->early) != NULL) {
		r->early = e->next;
		free(e);
	}
	*r = (struct reorder){0};
}
