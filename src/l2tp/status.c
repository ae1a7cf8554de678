/* See status.h. */
#include "l2tp/status.h"

#include "l2tp/detail.h"

#define FRAMING_ASYNC 2 /* §4.4.4, bit A */

/* The counters of a WEN are totals (§6.13): the last one says it all. */
static void
take_wen(struct session *s, const struct l2tp_call_errors *e)
{
	s->has_errors = true;
	s->errors = (struct lns_call_errors){.crc = e->crc,
					     .framing = e->framing,
					     .hardware = e->hardware,
					     .buffer = e->buffer,
					     .timeout = e->timeout,
					     .alignment = e->alignment};
}

void
status_message(struct session *s, const struct l2tp_msg *msg)
{
	if (msg->type == MSG_WEN)
		take_wen(s, &msg->call_errors);
	else
		detail_take(&s->detail, msg);
}

void
status_speeds(struct lns *lns, struct tunnel *t, const struct l2tp_msg *csun)
{
	for (size_t i = 0; i < csun->speeds.count; i++) {
		const struct l2tp_speed *speed = &csun->speeds.list[i];
		struct session *s = endpoint_session(lns, speed->sid);

		if (!s || s->tunnel != t)
			continue;
		s->tx_speed = speed->tx;
		s->rx_speed = speed->rx;
	}
}

void
lns_set_accm(struct lns *lns, mstime_t now, struct lns_ref ref, uint32_t send, uint32_t receive)
{
	struct session *s = session_by_ref(lns, ref);
	struct l2tp_msg msg = {.type = MSG_SLI,
			       .has = UINT64_C(1) << AVP_ACCM,
			       .accm = {.send = send, .receive = receive}};

	endpoint_enter(lns, now);
	if (!s || s->state != S_ESTABLISHED || !(s->framing_type & FRAMING_ASYNC))
		return;
	/* what the LAC was told, or assumes untold, holds until it is told otherwise */
	if (s->accm.send == send && s->accm.receive == receive)
		return;
	s->accm = msg.accm;
	tunnel_send(lns, s->tunnel, &msg, s->peer_sid);
}
