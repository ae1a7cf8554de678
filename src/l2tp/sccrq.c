/* What asks for a tunnel. The only file that decides whether a datagram makes state. */
#include "l2tp/sccrq.h"

#include <string.h>

#include "l2tp/refuse.h"

/* Tunnels of one client: from an address and port, or under an SA */
#define CLIENT_TUNNELS 256
/* SCCRQs that are remembered for each half-open tunnel that may be: two bytes each */
#define ASKERS_EACH 1024

/* A request on its way through the checks. */
struct request {
	const struct lns_path *path;
	const struct l2tp_header *header;
	struct peer *peer;
	uint16_t peer_tid; /* 0: could not be read */
	struct l2tp_msg msg;
	struct l2tp_end end; /* why it is refused */
};

/*
 * The first value of an attribute that is not hidden, of a message that is not decoded yet: the
 * Host Name never is (§4.4.3), and says with whose secret the rest can be read; the Assigned Tunnel
 * ID says where an answer goes to, even when the rest is malformed.
 */
static struct l2tp_bytes
peek(const struct l2tp_header *h, uint16_t attr)
{
	struct rd r = rd_init(h->body, h->len);

	while (rd_left(&r)) {
		uint16_t bits = rd_u16(&r), vendor = rd_u16(&r), found = rd_u16(&r);
		size_t len = bits & 0x03ff;
		const uint8_t *value;

		if (r.bad || len < 6)
			break;
		len -= 6;
		value = rd_bytes(&r, len);
		if (value && found == attr && vendor == 0 && !(bits & 0x4000))
			return (struct l2tp_bytes){.p = value, .len = len};
	}
	return (struct l2tp_bytes){0};
}

static uint16_t
peer_tid_of(const struct request *rq)
{
	struct l2tp_bytes seen = peek(rq->header, AVP_ASSIGNED_TUNNEL);
	struct rd r = rd_init(seen.p, seen.len);

	return MSG_HAS(&rq->msg, AVP_ASSIGNED_TUNNEL) ? rq->msg.assigned_tunnel : rd_u16(&r);
}

static enum lns_verdict
drop(uint64_t *counter)
{
	(*counter)++;
	return LNS_DROPPED;
}

static enum lns_verdict
refuse_request(struct lns *lns, const struct request *rq, uint64_t *counter)
{
	struct l2tp_bytes name = peek(rq->header, AVP_HOST_NAME);
	char host_name[64];

	log_escape(host_name, sizeof(host_name), name.p, name.len);
	refusal_note(lns, rq->path, "tunnel refused", host_name, rq->end.text);
	refusal_send(lns, rq->path, rq->peer_tid, &rq->end);
	return drop(counter);
}

/*
 * Each message that asks for a tunnel is held against those that its sender has: from this address
 * and port, or under this SA. Nobody needs so many; who had them all could keep us busy with one.
 * Only those that were up count, because others may be asked for in somebody else's name.
 */
static bool
has_many(const struct lns *lns, const struct lns_path *path)
{
	unsigned many = 0;

	for (struct tunnel *t = endpoint_on_path(lns, path); t; t = endpoint_next_on_path(t))
		many += t->was_up && tunnel_is_from(t, path);
	return many >= CLIENT_TUNNELS ||
	       (path->mark && mark_count(lns, path->mark) >= CLIENT_TUNNELS);
}

/* Acceptable or not (§7.2.1); in the second case rq->end says why. */
static bool
acceptable(const struct lns *lns, struct request *rq)
{
	const struct lns_peer *peer = &rq->peer->conf;
	const char *why = auth_refuses(lns, peer, &rq->msg);
	struct l2tp_end *end = &rq->end;

	if (lns->shutting_down)
		l2tp_end_cause(end, MSG_STOPCCN, CAUSE_SHUTDOWN, BY_SERVER, NULL);
	else if (lns->drain[0])
		l2tp_end_elsewhere(end, lns->drain);
	else if (lns->count.tunnels >= lns->conf.max_tunnels)
		l2tp_end_cause(end, MSG_STOPCCN, CAUSE_LIMIT, BY_SERVER,
			       "server.max-tunnels is reached");
	else if (has_many(lns, rq->path))
		l2tp_end_cause(end, MSG_STOPCCN, CAUSE_LIMIT, BY_SERVER,
			       "this client has 256 tunnels");
	else if (!l2tp_version_fits(&rq->msg))
		l2tp_end_version(end);
	else if (peer->secret_missing)
		l2tp_end_cause(end, MSG_STOPCCN, CAUSE_METHOD, BY_SERVER,
			       "the tunnel secret cannot be read here");
	else if (why)
		l2tp_end_cause(end, MSG_STOPCCN, CAUSE_METHOD, BY_SERVER, why);
	else
		return true;
	return false;
}

enum sccrq_tie
sccrq_tie(const uint64_t *ours, const uint64_t *theirs)
{
	if (!ours || !theirs)
		return ours ? TIE_OURS : theirs ? TIE_THEIRS : TIE_NONE;
	if (*ours == *theirs)
		return TIE_EQUAL;
	return *ours < *theirs ? TIE_OURS : TIE_THEIRS;
}

/*
 * We have asked the same peer, and it has not answered yet. The loser's tunnel goes on as one that
 * was asked for from the other side, so that the calls that wait for it have it nevertheless
 * (§7.2.1 "re-queue SCCRQ for idle state"). True when that was all that there was to do.
 */
static bool
settle_tie(struct lns *lns, const struct request *rq)
{
	struct tunnel *ours = tunnel_asking(lns, rq->path, rq->peer);
	const uint64_t *theirs = MSG_HAS(&rq->msg, AVP_TIE_BREAKER) ? &rq->msg.tie_breaker : NULL;

	if (!ours)
		return false;
	switch (sccrq_tie(&ours->tie_breaker, theirs)) {
	case TIE_NONE:
		return false;
	case TIE_OURS:
		break;
	case TIE_EQUAL:
		l2tp_end_cause(&ours->end, MSG_STOPCCN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
			       "both sides asked with the same tie breaker");
		tunnel_event(lns, ours, TE_TIE_EQUAL);
		break;
	case TIE_THEIRS:
		tunnel_yield(lns, ours, rq->path);
		tunnel_event(lns, ours,
			     tunnel_asked(lns, ours, rq->header, &rq->msg) ? TE_TIE_LOST
									   : TE_FAULT);
		break;
	}
	return true;
}

/*
 * Room for one more half-open tunnel. Where there is none the oldest makes room, for one that is
 * heard a second time: then a flood of forged SCCRQs neither fills the table for good nor empties
 * it, and whoever is there comes in with his first or second repetition. Nobody is told: a StopCCN
 * would go to those who never asked, and keep the others from asking again.
 */
static bool
make_room(struct lns *lns, const struct request *rq)
{
	uint64_t asker = table_mix(endpoint_path_hash(lns, rq->path), rq->peer_tid);
	struct tunnel *oldest = lns->half_open;

	if (lns->count.half_open < lns->conf.max_half_open)
		return true;
	while (oldest && oldest->opened)
		oldest = oldest->next_half_open;
	if (!oldest ||
	    !sieve_passes(&lns->sieve, asker, lns->conf.max_half_open * (size_t)ASKERS_EACH))
		return false;
	if (oldest->state < T_CLOSING)
		l2tp_end_cause(&oldest->end, MSG_STOPCCN, CAUSE_LIMIT, BY_SERVER,
			       "made room for a newer one");
	tunnel_event(lns, oldest, TE_REPLACED);
	return true;
}

static enum lns_verdict
take_sccrq(struct lns *lns, struct request *rq)
{
	struct tunnel *t;

	if (!acceptable(lns, rq))
		return refuse_request(lns, rq, &lns->count.dropped_limit);
	if (settle_tie(lns, rq))
		return LNS_TAKEN;
	if (!make_room(lns, rq))
		return drop(&lns->count.dropped_limit);
	t = tunnel_new(lns, rq->path, rq->peer);
	if (!t)
		return drop(&lns->count.dropped_limit);
	tunnel_event(lns, t, tunnel_asked(lns, t, rq->header, &rq->msg) ? TE_SCCRQ : TE_SCCRQ_BAD);
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
 * The tunnel that this SCCRQ, or a repetition of it, has made (§5.8); that of a StopCCN from a peer
 * that never learnt our id, which may be its answer to a SCCRQ of ours (§4.4.3 Assigned Tunnel ID).
 */
static struct tunnel *
find_by_peer(struct lns *lns, const struct request *rq)
{
	struct tunnel *t = endpoint_on_path(lns, rq->path);

	for (; t; t = endpoint_next_on_path(t)) {
		bool named = t->state == T_WAIT_CTL_REPLY ? rq->msg.type == MSG_STOPCCN
							  : t->peer_tid == rq->peer_tid;

		if (named && tunnel_is_from(t, rq->path))
			return t;
	}
	return NULL;
}

/* §7.2.1, idle: what is no SCCRQ makes no state. */
static enum lns_verdict
take_other(struct lns *lns, struct request *rq)
{
	if (rq->msg.type != MSG_SCCRP)
		return drop(&lns->count.dropped_unknown);
	l2tp_end_cause(&rq->end, MSG_STOPCCN, CAUSE_PROTOCOL_ERROR, BY_SERVER, "unexpected SCCRP");
	return refuse_request(lns, rq, &lns->count.dropped_unknown);
}

static enum lns_verdict
take_malformed(struct lns *lns, struct request *rq, const struct l2tp_fault *fault)
{
	l2tp_end_fault(&rq->end, fault);
	if (rq->msg.type == MSG_SCCRQ)
		return refuse_request(lns, rq, &lns->count.dropped_malformed);
	refusal_note(lns, rq->path, "message malformed", "", rq->end.text);
	return drop(&lns->count.dropped_malformed);
}

enum lns_verdict
sccrq_input(struct lns *lns, const struct lns_path *path, const struct l2tp_header *h)
{
	struct request rq = {.path = path, .header = h};
	struct msg_reading how;
	struct l2tp_fault fault;
	struct tunnel *t;
	bool good;

	rq.peer = peer_choose(&lns->peers, &path->peer, peek(h, AVP_HOST_NAME));
	how = endpoint_reading(lns, &rq.peer->conf);
	good = msg_decode(&rq.msg, h->body, h->len, &how, &fault);
	rq.peer_tid = peer_tid_of(&rq);
	/* one that begins nothing (§5.8) gets no answer either */
	if (rq.msg.type == MSG_SCCRQ && h->ns != 0)
		return drop(&lns->count.dropped_malformed);
	if (!good)
		return take_malformed(lns, &rq, &fault);
	if (rq.msg.type != MSG_SCCRQ && rq.msg.type != MSG_STOPCCN)
		return take_other(lns, &rq);
	t = find_by_peer(lns, &rq);
	if (t && rq.msg.type == MSG_SCCRQ && is_old(lns, t)) {
		tunnel_replace(lns, t);
		t = NULL;
	}
	if (t) {
		tunnel_input(lns, t, path, h);
		return LNS_TAKEN;
	}
	return rq.msg.type == MSG_SCCRQ ? take_sccrq(lns, &rq) : drop(&lns->count.dropped_unknown);
}
