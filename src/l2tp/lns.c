/* The door of the endpoint. The only file that decides whether a datagram makes state. */
#include "lns.h"

#include <stdlib.h>
#include <string.h>

#include "l2tp/data.h"

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
	if (!take_conf(lns, conf)) {
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
	peer_list_fini(&lns->peers);
	heap_fini(&lns->timers);
	table_fini(&lns->by_tid);
	table_fini(&lns->by_path);
	table_fini(&lns->by_mark);
	table_fini(&lns->by_sid);
	table_fini(&lns->by_peer_sid);
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

/* The tunnel that this SCCRQ, or a repetition of it, has made (§5.8); a StopCCN from a peer that
 * never learnt our id. */
static struct tunnel *
find_by_peer(struct lns *lns, const struct lns_path *path, uint16_t peer_tid)
{
	struct tunnel *t = endpoint_on_path(lns, path);

	while (t && !(t->peer_tid == peer_tid && lns_path_eq(&t->path, path)))
		t = endpoint_next_on_path(t);
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
	t = tunnel_new(lns, path, peer_choose(&lns->peers, &path->peer, msg->host_name));
	if (!t)
		return drop(&lns->count.dropped_limit);
	tunnel_learn(t, msg);
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
	const struct msg_reading how = {.strict = lns->conf.avp_strict};
	struct l2tp_msg msg;
	struct l2tp_fault fault;
	struct tunnel *t;

	if (!msg_decode(&msg, h->body, h->len, &how, &fault))
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
	t = endpoint_tunnel(lns, h.tid);
	if (!t)
		return drop(&lns->count.dropped_unknown);
	/* §8.1: both ends' addresses and ports stay for the life of a tunnel */
	if (!lns_path_eq(&t->path, path))
		return drop(&lns->count.dropped_path);
	if (!h.control)
		return data_input(lns, t, &h, data);
	tunnel_input(lns, t, h.ns, h.nr, h.sid, h.body, h.len);
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
