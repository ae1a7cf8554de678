/* Tunnels that we ask for (RFC 2661 §5.1, §7.2.1), and who goes first when both sides ask. */
#include <string.h>

#include "l2tp/tunnel.h"

/* A host is an address under a mark, whatever its port: it may ask from one and be asked at
 * another. */
static uint64_t
host_hash(const struct lns *lns, const struct lns_path *path)
{
	uint64_t hash = table_mix(lns->hash_key, path->mark), part;

	for (size_t i = 0; i < sizeof(path->peer.ip); i += sizeof(part)) {
		memcpy(&part, path->peer.ip + i, sizeof(part));
		hash = table_mix(hash, part);
	}
	return hash;
}

static bool
same_host(const struct lns_path *a, const struct lns_path *b)
{
	return a->mark == b->mark && a->peer.family == b->peer.family &&
	       a->peer.scope == b->peer.scope &&
	       memcmp(a->peer.ip, b->peer.ip, sizeof(a->peer.ip)) == 0;
}

struct tunnel *
tunnel_asking(const struct lns *lns, const struct lns_path *path, const struct peer *peer)
{
	struct table_item *item = table_first(&lns->by_host, host_hash(lns, path));

	for (; item; item = table_next(item)) {
		struct tunnel *t = TABLE_AT(item, struct tunnel, by_host);

		if (t->state == T_WAIT_CTL_REPLY && t->peer->use == peer->use &&
		    same_host(&t->path, path))
			return t;
	}
	return NULL;
}

static const char *
forbidden(const struct lns *lns, const struct peer *peer)
{
	if (lns->shutting_down)
		return "the daemon is being stopped";
	if (lns->count.tunnels >= lns->conf.max_tunnels)
		return "server.max-tunnels is reached";
	if (lns->count.half_open >= lns->conf.max_half_open)
		return "server.max-half-open is reached";
	if (peer->conf.secret_missing)
		return "the tunnel secret of the peer cannot be read";
	return NULL;
}

struct tunnel *
tunnel_open(struct lns *lns, const struct lns_path *path, struct peer *peer, const char **why)
{
	struct tunnel *t;

	*why = forbidden(lns, peer);
	if (*why)
		return NULL;
	t = tunnel_new(lns, path, peer);
	if (!t) {
		*why = "memory is short";
		return NULL;
	}
	t->opened = true;
	lns->random(lns->random_ctx, &t->tie_breaker, sizeof(t->tie_breaker));
	table_add(&lns->by_host, &t->by_host, host_hash(lns, path));
	tunnel_event(lns, t, TE_OPEN);
	if (t->state != T_DEAD)
		return t;
	*why = "memory is short";
	return NULL;
}

void
tunnel_forget(struct lns *lns, struct tunnel *t)
{
	if (t->opened)
		table_remove(&lns->by_host, &t->by_host);
	t->opened = false;
	auth_forget(lns, t);
}

void
tunnel_yield(struct lns *lns, struct tunnel *t, const struct lns_path *path)
{
	tunnel_forget(lns, t);
	endpoint_move_tunnel(lns, t, path);
	chan_fini(&t->chan);
	chan_init(&t->chan, lns->conf.window, lns->conf.tries);
	t->last_rx = lns->now;
	t->until = lns->now + lns->conf.half_open;
}
