/*
 * The endpoint: tables, the door, the list of things to tell. The only file that decides whether a
 * datagram makes state.
 */
#include "lns.h"

#include <stdlib.h>
#include <string.h>

#include "l2tp/data.h"

struct lns *
lns_new(const struct lns_conf *conf, lns_random_fn *random, void *ctx)
{
	struct lns *lns = calloc(1, sizeof(*lns));

	if (!lns)
		return NULL;
	lns->by_tid = calloc(ID_COUNT, sizeof(*lns->by_tid));
	lns->by_sid = calloc(ID_COUNT, sizeof(*lns->by_sid));
	lns->by_path = calloc(PATH_BUCKETS, sizeof(*lns->by_path));
	lns->by_mark = calloc(MARK_BUCKETS, sizeof(*lns->by_mark));
	if (!lns->by_tid || !lns->by_sid || !lns->by_path || !lns->by_mark) {
		lns_free(lns);
		return NULL;
	}
	lns->conf = *conf;
	lns->random = random;
	lns->random_ctx = ctx;
	random(ctx, &lns->hash_key, sizeof(lns->hash_key));
	return lns;
}

/* Frees what has died and has been told. */
static void
reap(struct lns *lns)
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
	reap(lns);
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
	reap(lns);
	heap_fini(&lns->timers);
	free(lns->by_tid);
	free(lns->by_sid);
	free(lns->by_path);
	free(lns->by_mark);
	free(lns);
}

void
lns_reconf(struct lns *lns, const struct lns_conf *conf)
{
	lns->conf = *conf;
	for (struct tunnel *t = lns->tunnels; t; t = t->next)
		tunnel_arm(lns, t);
}

uint16_t
endpoint_random_id(struct lns *lns)
{
	uint16_t id = 0;

	while (!id)
		lns->random(lns->random_ctx, &id, sizeof(id));
	return id;
}

/* Unpredictable (§9.2), never 0, not in use; the search is bounded by the table. */
uint16_t
endpoint_free_tid(struct lns *lns)
{
	uint16_t id = endpoint_random_id(lns);

	for (unsigned i = 0; i < ID_COUNT; i++, id++)
		if (id && !lns->by_tid[id])
			return id;
	return 0;
}

uint16_t
endpoint_free_sid(struct lns *lns)
{
	uint16_t id = endpoint_random_id(lns);

	for (unsigned i = 0; i < ID_COUNT; i++, id++)
		if (id && !lns->by_sid[id])
			return id;
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

/* Keyed, so that a peer cannot choose its chain. */
static size_t
path_bucket(const struct lns *lns, const struct lns_path *path)
{
	uint64_t h = lns->hash_key ^ ((uint64_t)path->mark << 32 | path->peer.port);
	uint64_t part;

	for (size_t i = 0; i < sizeof(path->peer.ip); i += sizeof(part)) {
		memcpy(&part, path->peer.ip + i, sizeof(part));
		h = (h ^ part) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h % PATH_BUCKETS;
}

struct tunnel *
endpoint_path_chain(const struct lns *lns, const struct lns_path *path)
{
	return lns->by_path[path_bucket(lns, path)];
}

void
endpoint_add_tunnel(struct lns *lns, struct tunnel *t)
{
	struct tunnel **bucket = &lns->by_path[path_bucket(lns, &t->path)];

	lns->by_tid[t->tid] = t;
	t->next_in_bucket = *bucket;
	*bucket = t;
	mark_add(lns, t);
	t->next = lns->tunnels;
	if (t->next)
		t->next->prev = t;
	lns->tunnels = t;
	lns->count.tunnels++;
	lns->count.half_open++;
}

void
endpoint_bury_tunnel(struct lns *lns, struct tunnel *t)
{
	struct tunnel **at = &lns->by_path[path_bucket(lns, &t->path)];

	while (*at != t)
		at = &(*at)->next_in_bucket;
	*at = t->next_in_bucket;
	mark_remove(lns, t);
	lns->by_tid[t->tid] = NULL;
	if (t->prev)
		t->prev->next = t->next;
	else
		lns->tunnels = t->next;
	if (t->next)
		t->next->prev = t->prev;
	heap_remove(&lns->timers, &t->timer.item);
	chan_fini(&t->chan);
	lns->count.tunnels--;
	if (t->half_open)
		lns->count.half_open--;
	t->next = lns->dead_tunnels;
	lns->dead_tunnels = t;
}

void
endpoint_add_session(struct lns *lns, struct session *s)
{
	struct tunnel *t = s->tunnel;

	lns->by_sid[s->sid] = s;
	s->next = t->sessions;
	if (s->next)
		s->next->prev = s;
	t->sessions = s;
	t->session_count++;
	t->session_refs++;
	lns->count.sessions++;
}

void
endpoint_bury_session(struct lns *lns, struct session *s)
{
	struct tunnel *t = s->tunnel;

	lns->by_sid[s->sid] = NULL;
	if (s->prev)
		s->prev->next = s->next;
	else
		t->sessions = s->next;
	if (s->next)
		s->next->prev = s->prev;
	heap_remove(&lns->timers, &s->timer.item);
	t->session_count--;
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

static enum lns_verdict
drop(uint64_t *counter)
{
	(*counter)++;
	return LNS_DROPPED;
}

/* The tunnel that this SCCRQ, or a repetition of it, has made (§5.8); a StopCCN from a peer that
 * never learnt our id. */
static struct tunnel *
find_by_peer(struct lns *lns, const struct lns_path *path, uint16_t peer_tid)
{
	struct tunnel *t = endpoint_path_chain(lns, path);

	while (t && !(t->peer_tid == peer_tid && lns_path_eq(&t->path, path)))
		t = t->next_in_bucket;
	return t;
}

/* Acceptable or not (§7.2.1); in the second case end says why. */
static bool
acceptable(const struct l2tp_msg *msg, struct l2tp_end *end)
{
	if (msg->protocol_version >> 8 != L2TP_PROTOCOL_VERSION >> 8) {
		l2tp_end_cause(end, MSG_STOPCCN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
			       "only protocol version 1 is supported");
		end->result = STOPCCN_VERSION;
		end->error = L2TP_PROTOCOL_VERSION;
		return false;
	}
	if (MSG_HAS(msg, AVP_CHALLENGE)) {
		/* §5.1.1: a challenge has to be answered, and there is no secret to answer it with
		 */
		l2tp_end_cause(end, MSG_STOPCCN, CAUSE_METHOD, BY_SERVER,
			       "no tunnel secret is configured here");
		return false;
	}
	return true;
}

static enum lns_verdict
take_sccrq(struct lns *lns, const struct lns_path *path, const struct l2tp_header *h,
	   const struct l2tp_msg *msg)
{
	struct l2tp_end end;
	struct tunnel *t;
	bool good = acceptable(msg, &end);

	if (lns->shutting_down || h->ns != 0 || lns->count.tunnels >= lns->conf.max_tunnels ||
	    lns->count.half_open >= lns->conf.max_half_open)
		return drop(&lns->count.dropped_limit);
	t = tunnel_new(lns, path, msg);
	if (!t)
		return drop(&lns->count.dropped_limit);
	log_debug("receive SCCRQ tid=%u peer_tid=%u host=\"%s\"", t->tid, t->peer_tid,
		  t->host_name);
	chan_input(&t->chan, lns->now, 0, 0, 0, h->body, h->len);
	if (!good)
		t->end = end;
	tunnel_event(lns, t, good ? TE_SCCRQ : TE_SCCRQ_BAD);
	return LNS_TAKEN;
}

/*
 * A live tunnel's SCCRQ is old news for as long as the network may hold it. Later, or when all has
 * been said, or when the tunnel has been silent since its SA was renewed, it comes from a client
 * that starts again and happens to choose the same id.
 */
static bool
is_old(const struct lns *lns, const struct tunnel *t)
{
	return t->state == T_LINGER || (t->state == T_ESTABLISHED && t->unheard) ||
	       (t->state != T_WAIT_CTL_CONN && lns->now - t->since > CHAN_CYCLE);
}

/*
 * Tunnel id 0. Only a whole and valid SCCRQ makes state; the peer whose SCCRQ is malformed gets no
 * answer, for there is no tunnel to answer in.
 */
static enum lns_verdict
input_new(struct lns *lns, const struct lns_path *path, const struct l2tp_header *h)
{
	struct l2tp_msg msg;
	struct l2tp_fault fault;
	struct tunnel *t;

	if (!msg_decode(&msg, h->body, h->len, lns->conf.avp_strict, &fault))
		return drop(&lns->count.dropped_malformed);
	if (!MSG_HAS(&msg, AVP_ASSIGNED_TUNNEL) ||
	    (msg.type != MSG_SCCRQ && msg.type != MSG_STOPCCN))
		return drop(&lns->count.dropped_unknown);
	t = find_by_peer(lns, path, msg.assigned_tunnel);
	if (t && msg.type == MSG_SCCRQ && h->ns == 0 && is_old(lns, t)) {
		tunnel_replace(lns, t);
		t = NULL;
	}
	if (!t)
		return msg.type == MSG_SCCRQ ? take_sccrq(lns, path, h, &msg)
					     : drop(&lns->count.dropped_unknown);
	tunnel_input(lns, t, h->ns, h->nr, h->sid, h->body, h->len);
	return LNS_TAKEN;
}

static enum lns_verdict
input_data(struct lns *lns, struct tunnel *t, const struct l2tp_header *h, struct lns_data *data)
{
	struct session *s = lns->by_sid[h->sid];

	if (!s || s->tunnel != t || s->state != S_ESTABLISHED || h->len == 0)
		return drop(&lns->count.dropped_unknown);
	tunnel_heard(lns, t);
	lns->count.data_in++;
	data->ref = (struct lns_ref){.tid = t->tid, .sid = s->sid, .serial = s->serial};
	data->frame = h->body;
	data->len = h->len;
	return LNS_DATA;
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
		return h.control ? input_new(lns, path, &h) : drop(&lns->count.dropped_unknown);
	t = lns->by_tid[h.tid];
	if (!t)
		return drop(&lns->count.dropped_unknown);
	/* §8.1: both ends' addresses and ports stay for the life of a tunnel */
	if (!lns_path_eq(&t->path, path))
		return drop(&lns->count.dropped_path);
	if (!h.control)
		return input_data(lns, t, &h, data);
	tunnel_input(lns, t, h.ns, h.nr, h.sid, h.body, h.len);
	return LNS_TAKEN;
}

void
lns_close(struct lns *lns, mstime_t now, struct lns_ref ref, enum cause cause, enum closed_by by,
	  const char *text)
{
	struct session *s = lns->by_sid[ref.sid];
	struct tunnel *t = lns->by_tid[ref.tid];

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
			session_expire(lns, timer->session);
		else
			tunnel_tick(lns, timer->tunnel);
	}
}

mstime_t
lns_deadline(const struct lns *lns)
{
	const struct heap_item *item = heap_first(&lns->timers);

	return item ? item->when : MSTIME_NEVER;
}

void
lns_shutdown(struct lns *lns, mstime_t now)
{
	struct tunnel *next;

	endpoint_enter(lns, now);
	lns->shutting_down = true;
	for (struct tunnel *t = lns->tunnels; t; t = next) {
		next = t->next;
		tunnel_close(lns, t, CAUSE_SHUTDOWN, BY_SERVER, NULL);
	}
}

bool
lns_quiet(const struct lns *lns)
{
	return lns->closing == 0;
}

struct lns_counters
lns_counters(const struct lns *lns)
{
	struct lns_counters c = lns->count;

	return c;
}

static void
fill_act(struct lns *lns, const struct todo *todo, enum lns_act_kind kind)
{
	const struct tunnel *t = todo->tunnel;
	const struct session *s = todo->session;
	const struct l2tp_end *end = s ? &s->end : &t->end;

	lns->act =
		(struct lns_act){.kind = kind, .path = t->path, .cause = end->cause, .by = end->by};
	lns->act.ref = (struct lns_ref){
		.tid = t->tid, .sid = s ? s->sid : 0, .serial = s ? s->serial : t->serial};
	memcpy(lns->act.text, end->text, sizeof(lns->act.text));
}

static bool
next_told(struct lns *lns)
{
	struct todo *todo;

	while ((todo = lns->todo) != NULL) {
		for (unsigned kind = LNS_ACT_TUNNEL_UP; kind <= LNS_ACT_PPP_STOP; kind++) {
			if (!(todo->bits & 1u << kind))
				continue;
			todo->bits &= ~(1u << kind);
			fill_act(lns, todo, (enum lns_act_kind)kind);
			return true;
		}
		lns->todo = todo->next;
		if (!lns->todo)
			lns->todo_last = NULL;
		todo->queued = false;
	}
	return false;
}

static void
fill_send(struct lns *lns, const struct tunnel *t, const uint8_t *bytes, size_t len)
{
	lns->act =
		(struct lns_act){.kind = LNS_ACT_SEND, .path = t->path, .bytes = bytes, .len = len};
	lns->act.ref = (struct lns_ref){.tid = t->tid, .serial = t->serial};
	lns->count.control_out++;
}

static bool
next_of_tunnel(struct lns *lns, struct tunnel *t)
{
	uint32_t before = t->chan.retransmits;
	size_t len;
	const uint8_t *bytes;
	struct wr w;

	if (t->state == T_DEAD)
		return false;
	bytes = chan_next(&t->chan, lns->now, &len);
	lns->count.retransmits += t->chan.retransmits - before;
	if (bytes) {
		fill_send(lns, t, bytes, len);
		return true;
	}
	tunnel_arm(lns, t);
	if (!t->chan.ack_due)
		return false;
	/* nothing to carry the acknowledgement: a ZLB (§5.8), and at once, for some clients wait
	 * for it */
	t->chan.ack_due = false;
	w = wr_init(lns->ack, sizeof(lns->ack));
	wr_u16(&w, L2TP_CONTROL_FLAGS);
	wr_u16(&w, sizeof(lns->ack));
	wr_u16(&w, t->peer_tid);
	wr_u16(&w, 0);
	wr_u16(&w, t->chan.sent);
	wr_u16(&w, t->chan.nr);
	fill_send(lns, t, lns->ack, sizeof(lns->ack));
	return true;
}

const struct lns_act *
lns_next_act(struct lns *lns)
{
	struct tunnel *t;

	if (next_told(lns))
		return &lns->act;
	while ((t = lns->outgoing) != NULL) {
		if (next_of_tunnel(lns, t))
			return &lns->act;
		lns->outgoing = t->next_outgoing;
		if (!lns->outgoing)
			lns->outgoing_last = NULL;
		t->is_outgoing = false;
	}
	return NULL;
}
