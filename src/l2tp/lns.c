/* The door of the endpoint. */
#include "lns.h"

#include <stdlib.h>
#include <string.h>

#include "l2tp/sccrq.h"

/* False when memory is short: the peers stay as they were. */
static bool
take_conf(struct lns *lns, const struct lns_conf *conf)
{
	bool done = peer_list_load(&lns->peers, conf);

	lns->conf = *conf;
	/* each has a copy of its own, which is wiped when it goes */
	lns->conf.peers = NULL;
	lns->conf.peer_count = 0;
	lns->conf.others = (struct lns_peer){0};
	return done;
}

struct lns *
lns_new(const struct lns_conf *conf, lns_random_fn *random, void *ctx)
{
	struct lns *lns = calloc(1, sizeof(*lns));

	if (!lns)
		return NULL;
	table_init(&lns->by_tid);
	table_init(&lns->by_path);
	table_init(&lns->by_mark);
	table_init(&lns->by_sid);
	table_init(&lns->by_peer_sid);
	table_init(&lns->by_host);
	table_init(&lns->by_challenge);
	lns->room = malloc(LNS_ROOM);
	if (!lns->room || !take_conf(lns, conf)) {
		lns_free(lns);
		return NULL;
	}
	lns->random = random;
	lns->random_ctx = ctx;
	random(ctx, &lns->hash_key, sizeof(lns->hash_key));
	ids_init(&lns->tids, random, ctx);
	ids_init(&lns->sids, random, ctx);
	return lns;
}

void
lns_free(struct lns *lns)
{
	if (!lns)
		return;
	while (lns->tunnels) {
		struct tunnel *t = lns->tunnels;

		t->state = T_DEAD;
		while (t->sessions)
			session_event(lns, t->sessions, SE_TUNNEL_DOWN);
		endpoint_bury_tunnel(lns, t);
	}
	while (lns_next_act(lns))
		;
	endpoint_reap(lns);
	frames_forget(&lns->frames);
	sieve_fini(&lns->sieve);
	peer_list_fini(&lns->peers);
	heap_fini(&lns->timers);
	table_fini(&lns->by_tid);
	table_fini(&lns->by_path);
	table_fini(&lns->by_mark);
	table_fini(&lns->by_sid);
	table_fini(&lns->by_peer_sid);
	table_fini(&lns->by_host);
	table_fini(&lns->by_challenge);
	free(lns->room);
	free(lns);
}

void
lns_reconf(struct lns *lns, const struct lns_conf *conf)
{
	if (!take_conf(lns, conf))
		log_warning("peers kept as they were reason=\"memory is short\"");
	for (struct tunnel *t = lns->tunnels; t; t = t->next)
		tunnel_arm(lns, t);
}

static enum lns_verdict
drop(uint64_t *counter)
{
	(*counter)++;
	return LNS_DROPPED;
}

enum lns_verdict
lns_input(struct lns *lns, mstime_t now, const struct lns_path *path, const uint8_t *bytes,
	  size_t len, struct lns_data *data)
{
	struct l2tp_header h;
	struct tunnel *t;

	endpoint_enter(lns, now);
	if (!header_read(&h, bytes, len))
		return drop(&lns->count.dropped_malformed);
	if (h.control)
		lns->count.control_in++;
	if (h.tid == 0)
		return h.control ? sccrq_input(lns, path, &h) : drop(&lns->count.dropped_unknown);
	t = endpoint_tunnel(lns, h.tid);
	if (!t)
		return drop(&lns->count.dropped_unknown);
	/* §8.1: both ends' addresses and ports stay for the life of a tunnel */
	if (!tunnel_is_from(t, path))
		return drop(&lns->count.dropped_path);
	if (!h.control)
		return data_input(lns, t, &h, data);
	tunnel_input(lns, t, path, &h);
	return LNS_TAKEN;
}

void
lns_close(struct lns *lns, mstime_t now, struct lns_ref ref, enum cause cause, enum closed_by by,
	  const char *text)
{
	struct session *s = endpoint_session(lns, ref.sid);
	struct tunnel *t = endpoint_tunnel(lns, ref.tid);

	endpoint_enter(lns, now);
	if (ref.sid && s && s->serial == ref.serial)
		session_close(lns, s, cause, by, text);
	else if (!ref.sid && t && t->serial == ref.serial)
		tunnel_close(lns, t, cause, by, text);
}

void
lns_tick(struct lns *lns, mstime_t now)
{
	struct heap_item *item;

	endpoint_enter(lns, now);
	while ((item = heap_first(&lns->timers)) != NULL && item->when <= now) {
		struct timer *timer = (struct timer *)item;

		/* out first: what follows sets it again if there is more to wait for */
		heap_remove(&lns->timers, item);
		if (timer->session)
			session_tick(lns, timer->session);
		else
			tunnel_tick(lns, timer->tunnel);
	}
}

mstime_t
lns_deadline(struct lns *lns)
{
	const struct heap_item *item = heap_first(&lns->timers);

	return item ? item->when : MSTIME_NEVER;
}

struct lns_counters
lns_counters(const struct lns *lns)
{
	struct lns_counters c = lns->count;

	return c;
}
