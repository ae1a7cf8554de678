/* See sa_dir.h. */
#include "keeper/sa_dir.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/sa_client.h"

void
sa_dir_init(struct sa_dir *dir, const struct sa_kernel *kernel, uint16_t port, bool own,
	    uint32_t base, uint32_t marks)
{
	memset(dir, 0, sizeof(*dir));
	dir->kernel = *kernel;
	dir->port = port;
	dir->own = own;
	dir->base = base;
	dir->marks = marks;
	for (size_t i = 0; i < SA_BUCKETS; i++) {
		LIST_INIT(&dir->sas[i]);
		LIST_INIT(&dir->by_peer[i]);
		LIST_INIT(&dir->by_mark[i]);
	}
	TAILQ_INIT(&dir->untold);
}

/* ── the kernel and the worker ───────────────────────────────────────────────────────────── */

static struct sa *
find_sa(struct sa_dir *dir, const struct sa_id *id)
{
	struct sa *sa;

	LIST_FOREACH(sa, &dir->sas[sa_bucket(id->dst, id->spi)], in_bucket)
	if (sa->facts.id.spi == id->spi && sa->facts.id.family == id->family &&
	    memcmp(sa->facts.id.dst, id->dst, sizeof(id->dst)) == 0)
		break;
	return sa;
}

/* The worker hears of it when it listens; a client that nobody could see is not told of. */
static void
tell(struct sa_dir *dir, struct sa_client *client)
{
	if (client->is_untold || !client->mark)
		return;
	client->is_untold = true;
	TAILQ_INSERT_TAIL(&dir->untold, client, untold);
}

static void
set_sa(struct sa_dir *dir, struct sa *sa, const struct nlmsghdr *hdr)
{
	const struct sa_client *client = sa->client;
	uint16_t nat_port = sa->in ? sa->facts.nat_src : sa->facts.nat_dst;

	if (dir->own && client->mark)
		dir->kernel.set(dir->kernel.ctx, sa, sa->in ? client->mark : 0, nat_port, hdr);
}

static void
point(struct sa_dir *dir, struct sa_client *client)
{
	if (dir->own && client->mark)
		dir->kernel.point(dir->kernel.ctx, client);
}

static void
leave_by(struct sa_dir *dir, struct sa_client *client, struct sa *out)
{
	client->rekeys += client->out != NULL;
	client->out = out;
	client->served = true;
	client->renewed++;
	point(dir, client);
	tell(dir, client);
}

/* The SAs that came at a rekey are the client's own now. */
static void
switch_over(struct sa_dir *dir, struct sa_client *client)
{
	struct sa *out = client->next_out;

	if (client->next_in)
		client->in = client->next_in;
	client->next_in = client->next_out = NULL;
	heap_remove(&dir->due, &client->item);
	leave_by(dir, client, out);
}

static void
start_grace(struct sa_dir *dir, struct sa_client *client, mstime_t now)
{
	point(dir, client);
	heap_set(&dir->due, &client->item, now + SA_GRACE_MS);
}

/* Forgotten at once by the kernel, and by us as soon as the worker has been told. */
static void
end_client(struct sa_dir *dir, struct sa_client *client)
{
	struct sa *sa;

	while ((sa = TAILQ_FIRST(&client->sas)) != NULL) {
		TAILQ_REMOVE(&client->sas, sa, of_client);
		LIST_REMOVE(sa, in_bucket);
		dir->count--;
		free(sa);
	}
	client->in = client->out = client->next_in = client->next_out = NULL;
	heap_remove(&dir->due, &client->item);
	if (dir->own && client->mark)
		dir->kernel.unpoint(dir->kernel.ctx, client);
	client->gone = true;
	tell(dir, client);
	if (!client->is_untold)
		sa_client_free(dir, client);
}

/* ── SAs ────────────────────────────────────────────────────────────────────────────────── */

/* An SA of ours, for L2TP, and which way it goes; the kernels before 6.10 do not say. */
static bool
is_l2tp(const struct sa_dir *dir, struct sa *sa)
{
	const struct sa_facts *facts = &sa->facts;

	if (facts->dir != SA_DIR_UNKNOWN)
		sa->in = facts->dir == SA_DIR_IN;
	else
		sa->in = dir->kernel.local(dir->kernel.ctx, facts->id.family, facts->id.dst);
	/* an IKE daemon that gives the marks may leave the selector to its policies */
	if (facts->sel.proto == 0)
		return !dir->own;
	return facts->sel.proto == IPPROTO_UDP &&
	       (sa->in ? facts->sel.dport : facts->sel.sport) == htons(dir->port);
}

static void
join_in(struct sa_client *client, struct sa *sa)
{
	if (!client->in)
		client->in = sa;
	else if (sa->facts.added >= client->in->facts.added)
		client->next_in = sa;
}

/* Newer than what is in use; in a dump, which has no order, the clock's second has to tell. */
static bool
is_newer(const struct sa_dir *dir, const struct sa *sa, const struct sa *than)
{
	return dir->dumping ? sa->facts.added > than->facts.added
			    : sa->facts.added >= than->facts.added;
}

static void
join_out(struct sa_dir *dir, struct sa_client *client, struct sa *sa, mstime_t now)
{
	if (!client->out) {
		heap_remove(&dir->due, &client->item);
		leave_by(dir, client, sa);
	} else if (is_newer(dir, sa, client->out)) {
		/* a rekey: the client may not have the new SA yet */
		client->next_out = sa;
		client->force_at = now + SA_SWITCH_MS;
		heap_set(&dir->due, &client->item, now + SA_LOOK_MS);
	}
}

static void
join(struct sa_dir *dir, struct sa *sa, const struct sa_ends *ends, mstime_t now,
     const struct nlmsghdr *hdr)
{
	struct sa_client *client = sa->client;

	TAILQ_INSERT_TAIL(&client->sas, sa, of_client);
	LIST_INSERT_HEAD(&dir->sas[sa_bucket(sa->facts.id.dst, sa->facts.id.spi)], sa, in_bucket);
	dir->count++;
	client->reqid = sa->facts.reqid;
	sa_client_at(dir, client, ends->nat_port);
	if (!sa->in || sa->facts.set_mark != client->mark)
		set_sa(dir, sa, hdr);
	if (sa->in) {
		join_in(client, sa);
		/* the way in is open before the client can use it */
		point(dir, client);
		tell(dir, client);
	} else {
		join_out(dir, client, sa, now);
	}
}

static void
add_sa(struct sa_dir *dir, const struct sa_facts *facts, mstime_t now, const struct nlmsghdr *hdr)
{
	struct sa *sa = dir->count < SA_MAX ? calloc(1, sizeof(*sa)) : NULL;
	struct sa_ends ends;

	if (!sa)
		return;
	sa->facts = *facts;
	sa->round = dir->round;
	if (!is_l2tp(dir, sa)) {
		free(sa);
		return;
	}
	ends = sa_ends(sa);
	sa->client = sa_client_of(dir, sa, &ends);
	if (!sa->client)
		sa->client = sa_client_new(dir, sa, &ends);
	if (!sa->client) {
		free(sa);
		return;
	}
	sa_client_mark(dir, sa->client, sa);
	join(dir, sa, &ends, now, hdr);
}

static void
set_all(struct sa_dir *dir, struct sa_client *client)
{
	struct sa *sa;

	TAILQ_FOREACH(sa, &client->sas, of_client)
	set_sa(dir, sa, NULL);
}

static void
move(struct sa_dir *dir, struct sa_client *client, uint16_t nat_port)
{
	struct sa *sa;

	sa_client_at(dir, client, nat_port);
	TAILQ_FOREACH(sa, &client->sas, of_client)
	*(sa->in ? &sa->facts.nat_src : &sa->facts.nat_dst) = nat_port;
	set_all(dir, client);
	tell(dir, client);
}

/* What is known comes again: our own update, or the IKE daemon's. */
static void
refresh_sa(struct sa_dir *dir, struct sa *sa, const struct sa_facts *facts,
	   const struct nlmsghdr *hdr)
{
	struct sa_client *client = sa->client;
	uint16_t nat_port = sa->in ? facts->nat_src : facts->nat_dst;

	sa->round = dir->round;
	sa->facts.set_mark = facts->set_mark;
	if (nat_port && nat_port != (sa->in ? sa->facts.nat_src : sa->facts.nat_dst))
		move(dir, client, nat_port);
	if (!client->mark) {
		sa_client_mark(dir, client, sa);
		point(dir, client);
		set_all(dir, client);
		tell(dir, client);
	} else if (sa->in && facts->set_mark == client->mark) {
		sa->sets = 0;
	} else if (sa->in && sa->sets++ < SA_SETS_MAX) {
		set_sa(dir, sa, hdr);
	}
}

/* The newest of a direction, in the order in which they came. */
static struct sa *
newest(const struct sa_client *client, bool in)
{
	struct sa *sa, *found = NULL;

	TAILQ_FOREACH(sa, &client->sas, of_client)
	if (sa->in == in)
		found = sa;
	return found;
}

static void
lose_out(struct sa_dir *dir, struct sa_client *client, mstime_t now)
{
	struct sa *other = client->next_out ? client->next_out : newest(client, false);

	client->next_out = other;
	if (other) {
		switch_over(dir, client);
		return;
	}
	client->out = NULL;
	start_grace(dir, client, now);
}

static void
remove_sa(struct sa_dir *dir, struct sa *sa, mstime_t now)
{
	struct sa_client *client = sa->client;

	TAILQ_REMOVE(&client->sas, sa, of_client);
	LIST_REMOVE(sa, in_bucket);
	dir->count--;
	if (client->next_in == sa)
		client->next_in = NULL;
	if (client->next_out == sa) {
		client->next_out = NULL;
		heap_remove(&dir->due, &client->item);
	}
	if (client->in == sa)
		client->in = client->next_in ? client->next_in : newest(client, true);
	if (client->in == client->next_in)
		client->next_in = NULL;
	if (client->out == sa)
		lose_out(dir, client, now);
	else if (TAILQ_EMPTY(&client->sas) && !client->served)
		end_client(dir, client);
	free(sa);
}

/* ── the door ───────────────────────────────────────────────────────────────────────────── */

static void
remove_all(struct sa_dir *dir, mstime_t now, bool only_unseen)
{
	for (size_t i = 0; i < SA_BUCKETS; i++) {
		struct sa *sa = LIST_FIRST(&dir->sas[i]), *next;

		for (; sa; sa = next) {
			next = LIST_NEXT(sa, in_bucket);
			if (only_unseen && sa->round == dir->round)
				continue;
			remove_sa(dir, sa, now);
		}
	}
}

void
sa_dir_take(struct sa_dir *dir, mstime_t now, const struct sa_msg *msg, const struct nlmsghdr *hdr)
{
	struct sa *sa;

	if (msg->kind == SA_MSG_FLUSHED) {
		remove_all(dir, now, false);
		return;
	}
	sa = find_sa(dir, msg->kind == SA_MSG_PUT ? &msg->facts.id : &msg->id);
	if (msg->kind == SA_MSG_PUT && sa)
		refresh_sa(dir, sa, &msg->facts, hdr);
	else if (msg->kind == SA_MSG_PUT)
		add_sa(dir, &msg->facts, now, hdr);
	else if (msg->kind == SA_MSG_GONE && sa)
		remove_sa(dir, sa, now);
	else if (msg->kind == SA_MSG_MOVED && sa && sa->in && sa->facts.nat_src != msg->nat_port)
		move(dir, sa->client, msg->nat_port);
}

void
sa_dir_dump_begin(struct sa_dir *dir)
{
	dir->round++;
	dir->dumping = true;
}

void
sa_dir_dump_end(struct sa_dir *dir, mstime_t now)
{
	dir->dumping = false;
	remove_all(dir, now, true);
}

mstime_t
sa_dir_deadline(struct sa_dir *dir)
{
	const struct heap_item *item = heap_first(&dir->due);

	return item ? item->when : MSTIME_NEVER;
}

static void
tick_client(struct sa_dir *dir, struct sa_client *client, mstime_t now)
{
	if (!client->out)
		end_client(dir, client);
	else if (now >= client->force_at ||
		 (client->next_in && dir->kernel.used(dir->kernel.ctx, client->next_in)))
		switch_over(dir, client);
	else
		heap_set(&dir->due, &client->item, now + SA_LOOK_MS);
}

void
sa_dir_tick(struct sa_dir *dir, mstime_t now)
{
	struct heap_item *item;

	while ((item = heap_first(&dir->due)) != NULL && item->when <= now) {
		heap_remove(&dir->due, item);
		tick_client(dir, (struct sa_client *)item, now);
	}
}

void
sa_dir_walk(const struct sa_dir *dir, sa_client_fn *fn, void *ctx)
{
	const struct sa_client *client;

	for (size_t i = 0; i < SA_BUCKETS; i++)
		LIST_FOREACH(client, &dir->by_peer[i], by_peer)
	fn(ctx, client);
}

/* ── the worker ─────────────────────────────────────────────────────────────────────────── */

static void
fill_sa(const struct sa_dir *dir, const struct sa_client *client, struct wall_sa *sa)
{
	const struct sa *in = client->in, *out = client->out;

	sa->kind = WALL_SA;
	sa->mark = client->mark;
	sa->renewed = client->renewed;
	sa->rekeys = client->rekeys;
	sa->twin = client->twin;
	sa->local.family = sa->peer.family = client->family == AF_INET6 ? 6 : 4;
	memcpy(sa->local.ip, client->local, sizeof(client->local));
	memcpy(sa->peer.ip, client->peer, sizeof(client->peer));
	sa->local.port = dir->port;
	sa->peer.port = ntohs(client->sel.dport);
	sa->spi_in = in ? in->facts.id.spi : 0;
	sa->spi_out = out ? out->facts.id.spi : 0;
	sa->reqid = client->reqid;
	sa->nat_port = client->nat_port == SA_NAT_LOST ? UINT16_MAX : (uint16_t)client->nat_port;
	if (in || out)
		memcpy(sa->cipher, (in ? in : out)->facts.cipher, sizeof(sa->cipher));
}

bool
sa_dir_next(struct sa_dir *dir, union wall_msg *msg)
{
	struct sa_client *client = TAILQ_FIRST(&dir->untold);

	if (!client)
		return false;
	TAILQ_REMOVE(&dir->untold, client, untold);
	client->is_untold = false;
	memset(msg, 0, sizeof(*msg));
	if (client->gone) {
		msg->mark = (struct wall_mark){.kind = WALL_SA_GONE, .mark = client->mark};
		sa_client_free(dir, client);
	} else {
		fill_sa(dir, client, &msg->sa);
		client->twin = 0;
	}
	return true;
}

void
sa_dir_fini(struct sa_dir *dir)
{
	/* first, for it touches what is in it */
	heap_fini(&dir->due);
	for (size_t i = 0; i < SA_BUCKETS; i++) {
		struct sa_client *client;
		struct sa *sa;

		while ((sa = LIST_FIRST(&dir->sas[i])) != NULL) {
			LIST_REMOVE(sa, in_bucket);
			free(sa);
		}
		while ((client = LIST_FIRST(&dir->by_peer[i])) != NULL) {
			LIST_REMOVE(client, by_peer);
			free(client);
		}
	}
}
