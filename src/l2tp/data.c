/* The two ways of a PPP frame. */
#include "l2tp/data.h"

#define FLAG_S 0x0800

static enum lns_verdict
drop(uint64_t *counter)
{
	(*counter)++;
	return LNS_DROPPED;
}

/* Once a session is established its timer is that of the frames that wait. */
static void
set_timer(struct lns *lns, struct session *s)
{
	endpoint_set_timer(lns, &s->timer, reorder_due(&s->reorder));
}

static enum lns_verdict
take_in_turn(struct lns *lns, struct session *s, uint16_t ns, const struct lns_data *data)
{
	bool waited = s->reorder.count > 0;
	enum reorder_verdict verdict = reorder_take(&s->reorder, &lns->frames, lns->now, data, ns);

	if (verdict == REORDER_LATE)
		return drop(&s->late);
	if (verdict == REORDER_KEPT)
		s->early++;
	if (waited || s->reorder.count)
		set_timer(lns, s);
	lns->count.data_in++;
	return verdict == REORDER_KEPT ? LNS_TAKEN : LNS_DATA;
}

enum lns_verdict
data_input(struct lns *lns, struct tunnel *t, const struct l2tp_header *h, struct lns_data *data)
{
	struct session *s = endpoint_session(lns, h->sid);

	if (!s || s->tunnel != t || s->state != S_ESTABLISHED || h->len == 0)
		return drop(&lns->count.dropped_unknown);
	tunnel_heard(lns, t);
	*data = (struct lns_data){.ref = session_ref(s), .frame = h->body, .len = h->len};
	/* §5.4: without a number there is no order, even where one was agreed upon; some peers
	 * number nothing before they have seen a number of ours */
	if (h->has_sequence && session_peer(s)->sequencing == LNS_SEQ_REORDER)
		return take_in_turn(lns, s, h->ns, data);
	lns->count.data_in++;
	return LNS_DATA;
}

void
lns_heard(struct lns *lns, mstime_t now, struct lns_ref ref)
{
	struct session *s = session_by_ref(lns, ref);

	endpoint_enter(lns, now);
	if (!s || s->state != S_ESTABLISHED)
		return;
	tunnel_heard(lns, s->tunnel);
	tunnel_arm(lns, s->tunnel);
}

void
data_expire(struct lns *lns, struct session *s)
{
	reorder_expire(&s->reorder, &lns->frames, lns->now);
	set_timer(lns, s);
}

bool
lns_next_data(struct lns *lns, struct lns_data *data)
{
	return frames_next(&lns->frames, data);
}

/* §5.4: what the LAC requires holds for good; else it is ours to say, at any time. */
bool
data_is_numbered(const struct session *s)
{
	return s->sequencing || session_peer(s)->sequencing != LNS_SEQ_OFF;
}

size_t
lns_encap(struct lns *lns, struct lns_ref ref, uint8_t *frame, size_t len, struct lns_way *way)
{
	struct session *s = session_by_ref(lns, ref);
	struct wr w;

	if (!s || s->state != S_ESTABLISHED || len == 0)
		return 0;
	bool numbered = data_is_numbered(s);
	size_t header = numbered ? 10 : 6;

	w = wr_init(frame - header, header);
	wr_u16(&w, numbered ? FLAG_S | 2 : 2);
	wr_u16(&w, s->tunnel->peer_tid);
	wr_u16(&w, s->peer_sid);
	if (numbered) {
		wr_u16(&w, s->ns++);
		wr_u16(&w, 0);
	}
	lns->count.data_out++;
	*way = (struct lns_way){.path = &s->tunnel->path, .dscp = s->dscp};
	return header;
}
