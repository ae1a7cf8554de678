/* See disconnect.h. */
#include "l2tp/disconnect.h"

#include <stdio.h>
#include <string.h>

/* RFC 3145 §2: who saw it; 0 is neither in particular */
#define AT_PEER 1
#define AT_LOCAL 2

#define PROTO_LCP 0xc021
#define PROTO_IPCP 0x8021

/* RFC 3145 §3. Code 0 is "no information": a cause without a row is not PPP's. Which protocol asked
 * who the client is (PAP, CHAP) is not known here. */
static const struct {
	uint16_t code, protocol;
	uint8_t direction;
} rows[CAUSE_COUNT] = {
	[CAUSE_ADMIN] = {1, 0, 0},
	[CAUSE_SHUTDOWN] = {1, 0, 0},
	[CAUSE_USER_REMOVED] = {1, 0, 0},
	[CAUSE_DISCONNECT] = {1, 0, 0},
	[CAUSE_USER_REQUEST] = {3, PROTO_LCP, AT_PEER},
	[CAUSE_IDLE_TIMEOUT] = {3, PROTO_LCP, AT_LOCAL},
	[CAUSE_SESSION_TIMEOUT] = {3, PROTO_LCP, AT_LOCAL},
	[CAUSE_LCP] = {5, PROTO_LCP, 0},
	[CAUSE_LCP_SILENT] = {6, PROTO_LCP, AT_PEER},
	[CAUSE_LOOPBACK] = {7, PROTO_LCP, 0},
	[CAUSE_LOST_CARRIER] = {8, PROTO_LCP, AT_PEER},
	[CAUSE_CALLBACK] = {12, PROTO_LCP, AT_LOCAL},
	[CAUSE_AUTH_TIMEOUT] = {13, 0, AT_PEER},
	[CAUSE_METHOD] = {15, 0, AT_PEER},
	[CAUSE_UNKNOWN_USER] = {16, 0, AT_PEER},
	[CAUSE_WRONG_PASSWORD] = {16, 0, AT_PEER},
	[CAUSE_DISABLED] = {16, 0, AT_PEER},
	[CAUSE_EXPIRED] = {16, 0, AT_PEER},
	[CAUSE_LIMIT] = {16, 0, AT_PEER},
	[CAUSE_WRONG_CODE] = {16, 0, AT_PEER},
	[CAUSE_RADIUS_REJECT] = {16, 0, AT_PEER},
	[CAUSE_NCP] = {17, PROTO_IPCP, 0},
	[CAUSE_NO_ADDRESS] = {20, PROTO_IPCP, AT_LOCAL},
};

void
disconnect_encode(const struct l2tp_end *end, struct l2tp_msg *cdn)
{
	const char *text = cause_text(end->cause);

	if (!rows[end->cause].code)
		return;
	cdn->has |= UINT64_C(1) << AVP_PPP_DISCONNECT;
	cdn->disconnect = (struct l2tp_disconnect){
		.code = rows[end->cause].code,
		.protocol = rows[end->cause].protocol,
		.direction = rows[end->cause].direction,
		.text = {.p = (const uint8_t *)text, .len = strlen(text)},
	};
}

void
disconnect_note(struct l2tp_end *end, const struct l2tp_msg *cdn, const struct session *s)
{
	const struct l2tp_disconnect *d = &cdn->disconnect;
	size_t len = strnlen(end->text, sizeof(end->text));
	const char *meaning = l2tp_disconnect_text(d->code);
	char said[64];

	if (!MSG_HAS(cdn, AVP_PPP_DISCONNECT))
		return;
	log_escape(said, sizeof(said), d->text.p, d->text.len);
	log_info("ppp disconnect cause session=%u-%u code=%u protocol=0x%04x direction=%u "
		 "text=\"%s\"",
		 s->tunnel->tid, s->sid, d->code, d->protocol, d->direction, said);
	snprintf(end->text + len, sizeof(end->text) - len, "; PPP %u%s%s%s%s", d->code,
		 meaning[0] ? " " : "", meaning, said[0] ? ": " : "", said);
}
