/* What a tunnel says (RFC 2661 §6.1 to §6.5). */
#include <string.h>

#include "l2tp/tunnel.h"

/* Longer than any message of ours: three texts of 1017 bytes, hidden (§4.1, §4.3) */
#define MESSAGE_MAX 4096

/* Random Vector and padding, fresh for each message (§4.4.1, §4.3). */
static const struct msg_hiding *
hiding(struct lns *lns, const struct lns_peer *peer, struct msg_hiding *hide)
{
	uint8_t chance;

	if (!peer->hide || !peer->secret_len)
		return NULL;
	*hide = (struct msg_hiding){.secret = peer->secret, .secret_len = peer->secret_len};
	lns->random(lns->random_ctx, hide->vector, sizeof(hide->vector));
	lns->random(lns->random_ctx, hide->padding, sizeof(hide->padding));
	lns->random(lns->random_ctx, &chance, sizeof(chance));
	hide->padding_len = chance % sizeof(hide->padding);
	return hide;
}

void
tunnel_send(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg, uint16_t peer_sid)
{
	uint8_t bytes[MESSAGE_MAX];
	struct msg_hiding room;
	const struct msg_hiding *hide = hiding(lns, &t->peer->conf, &room);
	size_t len = msg_encode(msg, t->peer_tid, peer_sid, hide, bytes, sizeof(bytes));

	log_debug("send %s tid=%u peer_tid=%u peer_sid=%u", l2tp_type_name(msg->type), t->tid,
		  t->peer_tid, peer_sid);
	if (!len || !chan_send(&t->chan, bytes, len)) {
		/* a tunnel that cannot say what it must is of no use to either side */
		if (t->state != T_CLOSING)
			l2tp_end_cause(&t->end, MSG_STOPCCN, CAUSE_NO_RESOURCES, BY_SERVER,
				       "too many messages wait for the peer");
		tunnel_event(lns, t, TE_GONE);
		return;
	}
	endpoint_outgoing(lns, t);
}

static struct l2tp_bytes
text_bytes(const char *text)
{
	return (struct l2tp_bytes){.p = (const uint8_t *)text, .len = strlen(text)};
}

#define BIT(attr) (UINT64_C(1) << AVP_##attr)

/* What a SCCRQ and a SCCRP have in common (§6.1, §6.2). No bearer: there is no hardware to dial
 * with. */
static struct l2tp_msg
introduction(const struct lns *lns, const struct tunnel *t, enum l2tp_type type)
{
	return (struct l2tp_msg){
		.type = (uint16_t)type,
		.has = BIT(PROTOCOL_VERSION) | BIT(FRAMING_CAPS) | BIT(FIRMWARE) | BIT(HOST_NAME) |
		       BIT(VENDOR_NAME) | BIT(ASSIGNED_TUNNEL) | BIT(RECEIVE_WINDOW),
		.protocol_version = L2TP_PROTOCOL_VERSION,
		.framing_caps = 3,
		.firmware = lns->conf.firmware,
		.host_name = text_bytes(lns->conf.host_name),
		.vendor_name = text_bytes(lns->conf.vendor),
		.assigned_tunnel = t->tid,
		.window = lns->conf.window,
	};
}

/* §5.1.1: what we ask, and what we were asked. */
static void
add_proofs(struct l2tp_msg *msg, const struct auth *auth)
{
	if (auth->asked && msg->type != MSG_SCCCN) {
		msg->has |= BIT(CHALLENGE);
		msg->challenge = (struct l2tp_bytes){auth->challenge, sizeof(auth->challenge)};
	}
	if (auth->owed) {
		msg->has |= BIT(RESPONSE);
		msg->response = (struct l2tp_bytes){auth->response, sizeof(auth->response)};
	}
}

void
tunnel_send_sccrq(struct lns *lns, struct tunnel *t)
{
	struct l2tp_msg msg = introduction(lns, t, MSG_SCCRQ);

	msg.has |= BIT(TIE_BREAKER);
	msg.tie_breaker = t->tie_breaker;
	auth_ask(lns, t);
	add_proofs(&msg, &t->auth);
	tunnel_send(lns, t, &msg, 0);
}

void
tunnel_send_sccrp(struct lns *lns, struct tunnel *t)
{
	struct l2tp_msg msg = introduction(lns, t, MSG_SCCRP);

	if (t->dscp_agreed) {
		msg.has |= BIT(CONTROL_DSCP);
		msg.control_dscp = t->control_dscp;
	}
	auth_ask(lns, t);
	add_proofs(&msg, &t->auth);
	tunnel_send(lns, t, &msg, 0);
}

void
tunnel_send_scccn(struct lns *lns, struct tunnel *t)
{
	struct l2tp_msg msg = {.type = MSG_SCCCN};

	add_proofs(&msg, &t->auth);
	tunnel_send(lns, t, &msg, 0);
}

/* §6.4: with the Assigned Tunnel ID, which the peer may not know yet. */
void
tunnel_send_stopccn(struct lns *lns, struct tunnel *t)
{
	struct l2tp_msg msg = {
		.type = MSG_STOPCCN, .has = BIT(ASSIGNED_TUNNEL), .assigned_tunnel = t->tid};

	l2tp_end_encode(&t->end, &msg);
	tunnel_send(lns, t, &msg, 0);
}

void
tunnel_send_hello(struct lns *lns, struct tunnel *t)
{
	struct l2tp_msg msg = {.type = MSG_HELLO};

	tunnel_send(lns, t, &msg, 0);
}
