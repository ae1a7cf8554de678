/* A list with its earliest found by looking: a few dozen datagrams are on the way at a time. */
#include "net.h"

#include <stdlib.h>
#include <string.h>

void
net_init(struct net *net, const struct net_rates *rates, struct rng *rng)
{
	*net = (struct net){.rates = *rates, .rng = rng};
	net->list = calloc(NET_ROOM, sizeof(*net->list));
	if (!net->list)
		abort();
}

void
net_fini(struct net *net)
{
	free(net->list);
}

static void
put(struct net *net, mstime_t when, bool to_lns, const struct lns_path *path, const uint8_t *bytes,
    size_t len)
{
	struct net_datagram *d;

	if (net->count == NET_ROOM || len > NET_DATAGRAM_MAX) {
		net->lost++;
		return;
	}
	d = &net->list[net->count++];
	d->when = when;
	d->order = net->order++;
	d->to_lns = to_lns;
	d->path = *path;
	d->len = len;
	memcpy(d->bytes, bytes, len);
}

void
net_send(struct net *net, mstime_t now, bool to_lns, const struct lns_path *path,
	 const uint8_t *bytes, size_t len)
{
	unsigned copies = rng_chance(net->rng, net->rates.duplication) ? 2 : 1;

	while (copies--) {
		mstime_t when = now + net->rates.delay;

		if (rng_chance(net->rng, net->rates.loss)) {
			net->lost++;
			continue;
		}
		if (rng_chance(net->rng, net->rates.reordering))
			when += rng_below(net->rng, 400);
		put(net, when, to_lns, path, bytes, len);
	}
}

void
net_cut(struct net *net, const struct lns_path *path)
{
	size_t kept = 0;

	for (size_t i = 0; i < net->count; i++)
		if (!lns_path_eq(&net->list[i].path, path))
			net->list[kept++] = net->list[i];
	net->lost += net->count - kept;
	net->count = kept;
}

static size_t
first(const struct net *net)
{
	size_t best = 0;

	for (size_t i = 1; i < net->count; i++)
		if (net->list[i].when < net->list[best].when ||
		    (net->list[i].when == net->list[best].when &&
		     net->list[i].order < net->list[best].order))
			best = i;
	return best;
}

mstime_t
net_deadline(const struct net *net)
{
	return net->count ? net->list[first(net)].when : MSTIME_NEVER;
}

bool
net_receive(struct net *net, mstime_t now, struct net_datagram *out)
{
	size_t i;

	if (!net->count)
		return false;
	i = first(net);
	if (net->list[i].when > now)
		return false;
	*out = net->list[i];
	net->list[i] = net->list[--net->count];
	return true;
}
