/* See sa.h. */
#include "worker/sa.h"

#include <stdlib.h>
#include <string.h>

#include "worker/addr.h"

void
sa_set_fini(struct sa_set *set)
{
	free(set->list);
	*set = (struct sa_set){0};
}

void
sa_set_add(struct sa_set *set, const struct wall_sa *sa)
{
	if (set->count == set->room) {
		size_t room = set->room ? 2 * set->room : 64;
		struct sa_entry *list;

		if (set->count >= SA_MAX)
			return;
		list = realloc(set->list, room * sizeof(*list));
		if (!list)
			return;
		set->list = list;
		set->room = room;
	}
	set->list[set->count] = (struct sa_entry){.sa = *sa, .place = set->count};
	set->count++;
	set->sorted = false;
}

static int
by_peer(const struct lns_addr *a, const struct lns_addr *b)
{
	return memcmp(a->ip, b->ip, sizeof(a->ip));
}

/* By peer, the newest first. */
static int
by_peer_and_age(const void *a, const void *b)
{
	const struct sa_entry *x = a, *y = b;
	int order = by_peer(&x->sa.peer, &y->sa.peer);

	if (order)
		return order;
	return x->place < y->place ? 1 : -1;
}

static bool
carries(const struct wall_sa *sa, const struct lns_path *path)
{
	return sa->peer.family == path->peer.family &&
	       memcmp(sa->local.ip, path->local.ip, sizeof(sa->local.ip)) == 0 &&
	       (sa->peer.port == 0 || sa->peer.port == path->peer.port) &&
	       (path->mark == 0 || sa->mark == 0 || sa->mark == path->mark);
}

const struct wall_sa *
sa_set_find(struct sa_set *set, const struct lns_path *path)
{
	size_t low = 0, high = set->count;

	if (!set->sorted && set->count)
		qsort(set->list, set->count, sizeof(*set->list), by_peer_and_age);
	set->sorted = true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_peer(&set->list[middle].sa.peer, &path->peer) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < set->count && by_peer(&set->list[low].sa.peer, &path->peer) == 0; low++) {
		if (carries(&set->list[low].sa, path))
			return &set->list[low].sa;
	}
	return NULL;
}
