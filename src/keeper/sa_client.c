/* Which client an SA belongs to, and the marks. */
#include "keeper/sa_client.h"

#include <stdlib.h>
#include <string.h>

size_t
sa_bucket(const uint8_t address[16], uint32_t number)
{
	uint64_t h = number, part;

	for (size_t i = 0; i < 16; i += sizeof(part)) {
		memcpy(&part, address + i, sizeof(part));
		h = (h ^ part) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h % SA_BUCKETS;
}

/* ── marks ──────────────────────────────────────────────────────────────────────────────── */

bool
sa_dir_ours(const struct sa_dir *dir, uint32_t mark)
{
	return dir->own && mark > dir->base && mark - dir->base <= SA_MARKS;
}

struct sa_client *
sa_dir_find(const struct sa_dir *dir, uint32_t mark)
{
	struct sa_client *client;

	LIST_FOREACH(client, &dir->by_mark[mark % SA_BUCKETS], by_mark)
	if (client->mark == mark)
		break;
	return client;
}

/* The one after the last that nobody has, so that a mark is not soon another's; 0: none is free. */
static uint32_t
free_mark(struct sa_dir *dir)
{
	uint32_t number = dir->last_mark;

	for (uint32_t i = 0; i < dir->marks; i++) {
		number = number % dir->marks + 1;
		if (sa_dir_find(dir, dir->base + number))
			continue;
		dir->last_mark = number;
		dir->short_of_marks = false;
		return dir->base + number;
	}
	dir->short_of_marks = true;
	return 0;
}

/* ── who is who ─────────────────────────────────────────────────────────────────────────── */

struct sa_ends
sa_ends(const struct sa *sa)
{
	const struct sa_facts *facts = &sa->facts;

	return (struct sa_ends){
		.local = sa->in ? facts->id.dst : facts->src,
		.peer = sa->in ? facts->src : facts->id.dst,
		.nat_port = sa->in ? facts->nat_src : facts->nat_dst,
		.peer_port = sa->in ? facts->sel.sport : facts->sel.dport,
		.sel = sa->in ? sa_reversed(&facts->sel) : facts->sel,
	};
}

static bool
same_host(const struct sa_client *client, const struct sa *sa, const struct sa_ends *ends)
{
	return !client->gone && client->family == sa->facts.id.family &&
	       client->sel.dport == ends->peer_port &&
	       memcmp(client->peer, ends->peer, sizeof(client->peer)) == 0 &&
	       memcmp(client->local, ends->local, sizeof(client->local)) == 0;
}

/* The IKE daemon's mark changes only with the client. */
static bool
same_mark(const struct sa_dir *dir, const struct sa_client *client, const struct sa *sa)
{
	return dir->own || !sa->in || !client->mark || client->mark == sa->facts.set_mark;
}

/*
 * Whose SA it is, by what cannot be another's: the NAT port and the reqid. One that lost all its
 * SAs a moment ago is known by the port alone, for the IKE daemon may have forgotten its reqid; and
 * one whose port another client has taken by the reqid alone, where that is not ambiguous.
 */
static struct sa_client *
by_ends(struct sa_dir *dir, const struct sa *sa, const struct sa_ends *ends)
{
	struct sa_client *client, *bereft = NULL, *moved = NULL;
	unsigned candidates = 0;

	LIST_FOREACH(client, &dir->by_peer[sa_bucket(ends->peer, 0)], by_peer)
	{
		if (!same_host(client, sa, ends) || !same_mark(dir, client, sa))
			continue;
		if (client->nat_port == ends->nat_port && client->reqid == sa->facts.reqid)
			return client;
		if (client->nat_port == ends->nat_port && client->served && !client->out)
			bereft = client;
		if (client->nat_port == SA_NAT_LOST && client->reqid == sa->facts.reqid) {
			moved = client;
			candidates++;
		}
	}
	return bereft ? bereft : candidates == 1 ? moved : NULL;
}

/* What an earlier run put on the SA, if it is still good for this client. */
static struct sa_client *
by_old_mark(struct sa_dir *dir, const struct sa *sa, const struct sa_ends *ends)
{
	struct sa_client *client;

	if (!sa->in || !sa_dir_ours(dir, sa->facts.set_mark))
		return NULL;
	client = sa_dir_find(dir, sa->facts.set_mark);
	return client && same_host(client, sa, ends) ? client : NULL;
}

struct sa_client *
sa_client_of(struct sa_dir *dir, const struct sa *sa, const struct sa_ends *ends)
{
	struct sa_client *client = by_old_mark(dir, sa, ends);

	return client ? client : by_ends(dir, sa, ends);
}

static uint32_t
first_mark(struct sa_dir *dir, const struct sa *sa)
{
	uint32_t mark = sa->in ? sa->facts.set_mark : 0;

	if (!dir->own)
		return mark && !sa_dir_find(dir, mark) ? mark : 0;
	if (sa_dir_ours(dir, mark) && mark - dir->base <= dir->marks && !sa_dir_find(dir, mark))
		return mark;
	return free_mark(dir);
}

void
sa_client_mark(struct sa_dir *dir, struct sa_client *client, const struct sa *sa)
{
	if (client->mark)
		return;
	client->mark = first_mark(dir, sa);
	if (client->mark)
		LIST_INSERT_HEAD(&dir->by_mark[client->mark % SA_BUCKETS], client, by_mark);
}

/* The mark of another client whom the IKE daemon takes for the same; 0: there is none. */
static uint32_t
twin_of(const struct sa_dir *dir, const struct sa *sa, const struct sa_ends *ends)
{
	const struct sa_client *client;

	LIST_FOREACH(client, &dir->by_peer[sa_bucket(ends->peer, 0)], by_peer)
	if (same_host(client, sa, ends) && client->reqid == sa->facts.reqid && client->served)
		return client->mark;
	return 0;
}

struct sa_client *
sa_client_new(struct sa_dir *dir, const struct sa *sa, const struct sa_ends *ends)
{
	struct sa_client *client = calloc(1, sizeof(*client));

	if (!client || !heap_reserve(&dir->due, dir->clients + 1)) {
		free(client);
		return NULL;
	}
	client->family = sa->facts.id.family;
	memcpy(client->local, ends->local, sizeof(client->local));
	memcpy(client->peer, ends->peer, sizeof(client->peer));
	client->sel = ends->sel;
	client->twin = twin_of(dir, sa, ends);
	TAILQ_INIT(&client->sas);
	LIST_INSERT_HEAD(&dir->by_peer[sa_bucket(client->peer, 0)], client, by_peer);
	sa_client_mark(dir, client, sa);
	dir->clients++;
	return client;
}

void
sa_client_free(struct sa_dir *dir, struct sa_client *client)
{
	heap_remove(&dir->due, &client->item);
	LIST_REMOVE(client, by_peer);
	if (client->mark)
		LIST_REMOVE(client, by_mark);
	if (client->is_untold)
		TAILQ_REMOVE(&dir->untold, client, untold);
	dir->clients--;
	free(client);
}

/* Where its NAT has it now. Nobody else with the same selector can be at that port any more. */
void
sa_client_at(struct sa_dir *dir, struct sa_client *client, uint16_t nat_port)
{
	struct sa_client *other;

	client->nat_port = nat_port;
	if (!nat_port)
		return;
	LIST_FOREACH(other, &dir->by_peer[sa_bucket(client->peer, 0)], by_peer)
	if (other != client && other->nat_port == nat_port && other->family == client->family &&
	    other->sel.dport == client->sel.dport &&
	    memcmp(other->peer, client->peer, sizeof(client->peer)) == 0 &&
	    memcmp(other->local, client->local, sizeof(client->local)) == 0)
		other->nat_port = SA_NAT_LOST;
}
