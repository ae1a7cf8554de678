/*
 * Tunnels by the mark of the SA that protects them, and what becomes of them with it. What a call
 * costs depends on the tunnels of its own client alone.
 */
#include <string.h>

#include "l2tp/tunnel.h"

/* Keyed like the chains by path. */
static struct tunnel **
bucket_of(const struct lns *lns, uint32_t mark)
{
	uint64_t h = (lns->hash_key ^ mark) * UINT64_C(0x9e3779b97f4a7c15);

	return &lns->by_mark[(h >> 32) % MARK_BUCKETS];
}

/* The first tunnel under the mark in a chain, from t on. No chain holds one without a mark. */
static struct tunnel *
first_under(struct tunnel *t, uint32_t mark)
{
	while (t && t->path.mark != mark)
		t = t->next_of_mark;
	return t;
}

void
mark_add(struct lns *lns, struct tunnel *t)
{
	struct tunnel **bucket = bucket_of(lns, t->path.mark);

	if (!t->path.mark)
		return;
	t->next_of_mark = *bucket;
	*bucket = t;
}

void
mark_remove(struct lns *lns, struct tunnel *t)
{
	struct tunnel **at = bucket_of(lns, t->path.mark);

	if (!t->path.mark)
		return;
	while (*at != t)
		at = &(*at)->next_of_mark;
	*at = t->next_of_mark;
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

	for (struct tunnel *old = first_under(*bucket_of(lns, mark), mark); old; old = next) {
		next = first_under(old->next_of_mark, mark);
		if (old != t && old->state == T_ESTABLISHED && old->unheard &&
		    strcmp(old->host_name, t->host_name) == 0)
			tunnel_replace(lns, old);
	}
}

void
lns_renewed(struct lns *lns, mstime_t now, uint32_t mark)
{
	endpoint_enter(lns, now);
	for (struct tunnel *t = first_under(*bucket_of(lns, mark), mark); t;
	     t = first_under(t->next_of_mark, mark)) {
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
	for (struct tunnel *t = first_under(*bucket_of(lns, mark), mark); t; t = next) {
		next = first_under(t->next_of_mark, mark);
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
	for (struct tunnel *t = first_under(*bucket_of(lns, mark), mark); t; t = next) {
		next = first_under(t->next_of_mark, mark);
		if (t->state == T_ESTABLISHED)
			tunnel_probe(lns, t);
	}
}

bool
lns_uses(const struct lns *lns, uint32_t mark)
{
	struct tunnel *t = first_under(*bucket_of(lns, mark), mark);

	while (t && t->state == T_LINGER)
		t = first_under(t->next_of_mark, mark);
	return t != NULL;
}
