/*
 * Tunnels by the mark of the SA that protects them, and what becomes of them with it. What a call
 * costs depends on the tunnels of its own client alone.
 */
#include <string.h>

#include "l2tp/tunnel.h"

/* The tunnels under a mark, one after another. */
static struct tunnel *
next_under(struct table_item *item, uint32_t mark)
{
	struct tunnel *t;

	for (; item; item = table_next(item)) {
		t = TABLE_AT(item, struct tunnel, by_mark);
		if (t->path.mark == mark)
			return t;
	}
	return NULL;
}

static struct tunnel *
first_under(const struct lns *lns, uint32_t mark)
{
	return next_under(table_first(&lns->by_mark, table_mix(lns->hash_key, mark)), mark);
}

static struct tunnel *
after(const struct tunnel *t)
{
	return next_under(table_next(&t->by_mark), t->path.mark);
}

void
mark_add(struct lns *lns, struct tunnel *t)
{
	if (t->path.mark)
		table_add(&lns->by_mark, &t->by_mark, table_mix(lns->hash_key, t->path.mark));
}

void
mark_remove(struct lns *lns, struct tunnel *t)
{
	if (t->path.mark)
		table_remove(&lns->by_mark, &t->by_mark);
}

unsigned
mark_count(const struct lns *lns, uint32_t mark)
{
	unsigned count = 0;

	for (const struct tunnel *t = first_under(lns, mark); t; t = after(t))
		count += t->was_up;
	return count;
}

/*
 * What died without a word and comes back through a new SA may come from another port; the host
 * name tells it from a second machine that an IKE daemon's own marks do not tell apart.
 */
void
mark_replace_unheard(struct lns *lns, const struct tunnel *t)
{
	uint32_t mark = t->path.mark;
	struct tunnel *next;

	for (struct tunnel *old = first_under(lns, mark); old; old = next) {
		next = after(old);
		if (old != t && old->state == T_ESTABLISHED && old->unheard &&
		    strcmp(old->host_name, t->host_name) == 0)
			tunnel_replace(lns, old);
	}
}

void
lns_renewed(struct lns *lns, mstime_t now, uint32_t mark)
{
	endpoint_enter(lns, now);
	for (struct tunnel *t = first_under(lns, mark); t; t = after(t)) {
		t->unheard = true;
		chan_repeat(&t->chan);
		endpoint_outgoing(lns, t);
		tunnel_arm(lns, t);
	}
}

void
lns_lost(struct lns *lns, mstime_t now, uint32_t mark)
{
	struct tunnel *next;

	endpoint_enter(lns, now);
	for (struct tunnel *t = first_under(lns, mark); t; t = next) {
		next = after(t);
		if (t->state < T_CLOSING) /* why another ended is settled */
			l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_IPSEC_GONE, BY_SERVER, NULL);
		tunnel_event(lns, t, TE_GONE);
	}
}

void
lns_probe(struct lns *lns, mstime_t now, uint32_t mark)
{
	struct tunnel *next;

	endpoint_enter(lns, now);
	for (struct tunnel *t = first_under(lns, mark); t; t = next) {
		next = after(t);
		if (t->state == T_ESTABLISHED)
			tunnel_probe(lns, t);
	}
}

bool
lns_uses(const struct lns *lns, uint32_t mark)
{
	struct tunnel *t = first_under(lns, mark);

	while (t && t->state == T_LINGER)
		t = after(t);
	return t != NULL;
}
