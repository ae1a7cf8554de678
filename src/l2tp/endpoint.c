/* The inside of struct lns: tables and ids, timers, what waits to be told or sent, the dead. */
#include "l2tp/endpoint.h"

#include <string.h>

#include "l2tp/session.h"

void
endpoint_reap(struct lns *lns)
{
	struct session **s = &lns->dead_sessions, *gone;
	struct tunnel **t = &lns->dead_tunnels, *ended;

	while ((gone = *s) != NULL) {
		if (gone->todo.queued) {
			s = &gone->next;
			continue;
		}
		*s = gone->next;
		gone->tunnel->session_refs--;
		session_free(gone);
	}
	while ((ended = *t) != NULL) {
		if (ended->todo.queued || ended->todo_end.queued || ended->is_outgoing ||
		    ended->session_refs) {
			t = &ended->next;
			continue;
		}
		*t = ended->next;
		tunnel_free(ended);
	}
}

void
endpoint_enter(struct lns *lns, mstime_t now)
{
	lns->now = now;
	frames_forget(&lns->frames);
	endpoint_reap(lns);
}

/* The search is bounded by the number of ids. */
uint16_t
endpoint_free_tid(struct lns *lns)
{
	for (unsigned i = 0; i < IDS_COUNT; i++) {
		uint16_t id = ids_next(&lns->tids);

		if (!endpoint_tunnel(lns, id))
			return id;
	}
	return 0;
}

uint16_t
endpoint_free_sid(struct lns *lns)
{
	for (unsigned i = 0; i < IDS_COUNT; i++) {
		uint16_t id = ids_next(&lns->sids);

		if (!endpoint_session(lns, id))
			return id;
	}
	return 0;
}

static bool
addr_eq(const struct lns_addr *a, const struct lns_addr *b)
{
	return a->family == b->family && a->port == b->port && a->scope == b->scope &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool
lns_path_eq(const struct lns_path *a, const struct lns_path *b)
{
	return a->mark == b->mark && addr_eq(&a->peer, &b->peer) && addr_eq(&a->local, &b->local);
}

uint64_t
endpoint_path_hash(const struct lns *lns, const struct lns_path *path)
{
	uint64_t hash = table_mix(lns->hash_key, (uint64_t)path->mark << 32 | path->peer.port);
	uint64_t part;

	for (size_t i = 0; i < sizeof(path->peer.ip); i += sizeof(part)) {
		memcpy(&part, path->peer.ip + i, sizeof(part));
		hash = table_mix(hash, part);
	}
	return hash;
}

static uint64_t
peer_sid_hash(const struct lns *lns, const struct tunnel *t, uint16_t peer_sid)
{
	return table_mix(lns->hash_key, (uint64_t)t->serial << 16 | peer_sid);
}

struct tunnel *
endpoint_tunnel(const struct lns *lns, uint16_t tid)
{
	struct table_item *item = table_first(&lns->by_tid, tid);

	return TABLE_OWNER(item, struct tunnel, by_tid);
}

struct session *
endpoint_session(const struct lns *lns, uint16_t sid)
{
	struct table_item *item = table_first(&lns->by_sid, sid);

	return TABLE_OWNER(item, struct session, by_sid);
}

struct session *
endpoint_session_of_peer(const struct lns *lns, const struct tunnel *t, uint16_t peer_sid)
{
	struct table_item *item = table_first(&lns->by_peer_sid, peer_sid_hash(lns, t, peer_sid));

	for (; item; item = table_next(item)) {
		struct session *s = TABLE_AT(item, struct session, by_peer_sid);

		if (s->tunnel == t && s->peer_sid == peer_sid)
			return s;
	}
	return NULL;
}

struct tunnel *
endpoint_on_path(const struct lns *lns, const struct lns_path *path)
{
	struct table_item *item = table_first(&lns->by_path, endpoint_path_hash(lns, path));

	return TABLE_OWNER(item, struct tunnel, by_path);
}

struct tunnel *
endpoint_next_on_path(const struct tunnel *t)
{
	struct table_item *item = table_next(&t->by_path);

	return TABLE_OWNER(item, struct tunnel, by_path);
}

static void
add_half_open(struct lns *lns, struct tunnel *t)
{
	t->half_open = true;
	t->prev_half_open = lns->half_open_last;
	if (t->prev_half_open)
		t->prev_half_open->next_half_open = t;
	else
		lns->half_open = t;
	lns->half_open_last = t;
	lns->count.half_open++;
}

void
endpoint_not_half_open(struct lns *lns, struct tunnel *t)
{
	if (!t->half_open)
		return;
	if (t->prev_half_open)
		t->prev_half_open->next_half_open = t->next_half_open;
	else
		lns->half_open = t->next_half_open;
	if (t->next_half_open)
		t->next_half_open->prev_half_open = t->prev_half_open;
	else
		lns->half_open_last = t->prev_half_open;
	t->next_half_open = t->prev_half_open = NULL;
	t->half_open = false;
	lns->count.half_open--;
	if (!lns->half_open)
		sieve_fini(&lns->sieve);
}

void
endpoint_add_tunnel(struct lns *lns, struct tunnel *t)
{
	table_add(&lns->by_tid, &t->by_tid, t->tid);
	table_add(&lns->by_path, &t->by_path, endpoint_path_hash(lns, &t->path));
	mark_add(lns, t);
	t->next = lns->tunnels;
	if (t->next)
		t->next->prev = t;
	lns->tunnels = t;
	lns->count.tunnels++;
	add_half_open(lns, t);
}

void
endpoint_move_tunnel(struct lns *lns, struct tunnel *t, const struct lns_path *path)
{
	table_remove(&lns->by_path, &t->by_path);
	mark_remove(lns, t);
	t->path = *path;
	table_add(&lns->by_path, &t->by_path, endpoint_path_hash(lns, path));
	mark_add(lns, t);
}

struct msg_reading
endpoint_reading(const struct lns *lns, const struct lns_peer *peer)
{
	return (struct msg_reading){.strict = lns->conf.avp_strict,
				    .secret = peer->secret,
				    .secret_len = peer->secret_len,
				    .room = lns->room,
				    .room_len = LNS_ROOM};
}

void
endpoint_bury_tunnel(struct lns *lns, struct tunnel *t)
{
	table_remove(&lns->by_tid, &t->by_tid);
	table_remove(&lns->by_path, &t->by_path);
	mark_remove(lns, t);
	tunnel_forget(lns, t);
	if (t->prev)
		t->prev->next = t->next;
	else
		lns->tunnels = t->next;
	if (t->next)
		t->next->prev = t->prev;
	heap_remove(&lns->timers, &t->timer.item);
	chan_fini(&t->chan);
	lns->count.tunnels--;
	endpoint_not_half_open(lns, t);
	t->next = lns->dead_tunnels;
	lns->dead_tunnels = t;
}

void
endpoint_set_peer_sid(struct lns *lns, struct session *s, uint16_t peer_sid)
{
	s->peer_sid = peer_sid;
	table_add(&lns->by_peer_sid, &s->by_peer_sid, peer_sid_hash(lns, s->tunnel, peer_sid));
}

void
endpoint_add_session(struct lns *lns, struct session *s)
{
	struct tunnel *t = s->tunnel;

	table_add(&lns->by_sid, &s->by_sid, s->sid);
	if (s->peer_sid)
		endpoint_set_peer_sid(lns, s, s->peer_sid);
	s->next = t->sessions;
	if (s->next)
		s->next->prev = s;
	t->sessions = s;
	t->session_count++;
	t->session_refs++;
	t->peer->use->sessions++;
	lns->count.sessions++;
}

void
endpoint_bury_session(struct lns *lns, struct session *s)
{
	struct tunnel *t = s->tunnel;

	table_remove(&lns->by_sid, &s->by_sid);
	if (s->peer_sid)
		table_remove(&lns->by_peer_sid, &s->by_peer_sid);
	if (s->prev)
		s->prev->next = s->next;
	else
		t->sessions = s->next;
	if (s->next)
		s->next->prev = s->prev;
	heap_remove(&lns->timers, &s->timer.item);
	t->session_count--;
	t->peer->use->sessions--;
	lns->count.sessions--;
	s->next = lns->dead_sessions;
	lns->dead_sessions = s;
	if (s->started)
		endpoint_tell(lns, &s->todo, LNS_ACT_PPP_STOP);
}

void
endpoint_tell(struct lns *lns, struct todo *todo, enum lns_act_kind what)
{
	todo->bits |= 1u << what;
	if (todo->queued)
		return;
	todo->queued = true;
	todo->next = NULL;
	if (lns->todo_last)
		lns->todo_last->next = todo;
	else
		lns->todo = todo;
	lns->todo_last = todo;
}

void
endpoint_outgoing(struct lns *lns, struct tunnel *t)
{
	if (t->is_outgoing)
		return;
	t->is_outgoing = true;
	t->next_outgoing = NULL;
	if (lns->outgoing_last)
		lns->outgoing_last->next_outgoing = t;
	else
		lns->outgoing = t;
	lns->outgoing_last = t;
}

void
endpoint_set_timer(struct lns *lns, struct timer *timer, mstime_t when)
{
	/* cannot fail: the room was reserved when the owner was made */
	heap_set(&lns->timers, &timer->item, when);
}
