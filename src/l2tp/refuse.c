/* StopCCNs that no tunnel sends, and the lines that a peer can provoke. */
#include "l2tp/refuse.h"

#include <arpa/inet.h>

#include "l2tp/tunnel.h"

/* §5.8: the SCCRQ had Ns 0, and so has the answer */
#define NR_OF_SCCRQ 1

void
refusal_note(struct lns *lns, const struct lns_path *path, const char *what, const char *host_name,
	     const char *text)
{
	const struct lns_addr *peer = &path->peer;
	char addr[INET6_ADDRSTRLEN] = "";
	uint32_t held;

	if (!log_limit_pass(&lns->drop_limit, lns->now, &held))
		return;
	inet_ntop(peer->family == 6 ? AF_INET6 : AF_INET, peer->ip, addr, sizeof(addr));
	log_notice(peer->family == 6 ? "%s peer=[%s]:%u host=\"%s\" text=\"%s\" more=%u"
				     : "%s peer=%s:%u host=\"%s\" text=\"%s\" more=%u",
		   what, addr, peer->port, host_name, text, held);
}

/* True when one more may be sent now. */
static bool
may_send(struct refusals *refusals, mstime_t now)
{
	if (refusals->free_at < now)
		refusals->free_at = now;
	if (refusals->count == REFUSE_WAITING || refusals->free_at - now >= REFUSE_SAVED)
		return false;
	refusals->free_at += REFUSE_EACH;
	return true;
}

void
refusal_send(struct lns *lns, const struct lns_path *path, uint16_t peer_tid,
	     const struct l2tp_end *end)
{
	struct refusals *refusals = &lns->refusals;
	struct l2tp_msg msg = {.type = MSG_STOPCCN,
			       .has = UINT64_C(1) << AVP_ASSIGNED_TUNNEL,
			       .assigned_tunnel = endpoint_free_tid(lns)};
	struct refusal *r;
	struct wr nr;

	if (!msg.assigned_tunnel || !may_send(refusals, lns->now))
		return;
	r = &refusals->ring[(refusals->first + refusals->count) % REFUSE_WAITING];
	l2tp_end_encode(end, &msg);
	r->path = *path;
	r->len = msg_encode(&msg, peer_tid, 0, NULL, r->bytes, sizeof(r->bytes));
	if (!r->len)
		return;
	nr = wr_init(r->bytes + 10, 2);
	wr_u16(&nr, NR_OF_SCCRQ);
	refusals->count++;
}

const struct refusal *
refusal_next(struct refusals *refusals)
{
	const struct refusal *r = &refusals->ring[refusals->first];

	if (!refusals->count)
		return NULL;
	refusals->first = (refusals->first + 1) % REFUSE_WAITING;
	refusals->count--;
	return r;
}
