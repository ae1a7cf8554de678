/* Why a tunnel or session ends: from our causes to RFC 2661's result and error codes (§4.4.2), and
 * back. */
#include <stdio.h>

#include "l2tp/tunnel.h"

struct code {
	uint16_t result, error;
};

/* A cause that is not named ends with "general error, no general error": the text says it. */
static const struct code stopccn_codes[CAUSE_COUNT] = {
	[CAUSE_ADMIN] = {STOPCCN_CLEAR, 0},
	[CAUSE_SHUTDOWN] = {STOPCCN_SHUTDOWN, 0},
	[CAUSE_METHOD] = {STOPCCN_NOT_AUTHORIZED, 0},
	[CAUSE_WRONG_PASSWORD] = {STOPCCN_NOT_AUTHORIZED, 0},
	[CAUSE_LIMIT] = {STOPCCN_GENERAL, ERROR_RESOURCES},
	[CAUSE_NO_RESOURCES] = {STOPCCN_GENERAL, ERROR_RESOURCES},
	[CAUSE_PROTOCOL_ERROR] = {STOPCCN_FSM, 0},
	[CAUSE_REPLACED] = {STOPCCN_CLEAR, 0},
};

static const struct code cdn_codes[CAUSE_COUNT] = {
	[CAUSE_USER_REQUEST] = {CDN_CARRIER, 0},
	[CAUSE_LOST_CARRIER] = {CDN_CARRIER, 0},
	[CAUSE_IDLE_TIMEOUT] = {CDN_ADMIN, 0},
	[CAUSE_SESSION_TIMEOUT] = {CDN_ADMIN, 0},
	[CAUSE_ADMIN] = {CDN_ADMIN, 0},
	[CAUSE_SHUTDOWN] = {CDN_ADMIN, 0},
	[CAUSE_UNKNOWN_USER] = {CDN_ADMIN, 0},
	[CAUSE_WRONG_PASSWORD] = {CDN_ADMIN, 0},
	[CAUSE_METHOD] = {CDN_ADMIN, 0},
	[CAUSE_DISABLED] = {CDN_ADMIN, 0},
	[CAUSE_EXPIRED] = {CDN_ADMIN, 0},
	[CAUSE_LIMIT] = {CDN_TEMPORARY, 0},
	[CAUSE_NO_ADDRESS] = {CDN_TEMPORARY, 0},
	[CAUSE_NEGOTIATION] = {CDN_CARRIER, 0},
	[CAUSE_PPPD_DIED] = {CDN_TEMPORARY, 0},
	[CAUSE_PPPD_START] = {CDN_TEMPORARY, 0},
	[CAUSE_PROTOCOL_ERROR] = {CDN_GENERAL, ERROR_SESSION_ID},
	[CAUSE_REPLACED] = {CDN_ADMIN, 0},
	[CAUSE_NO_RESOURCES] = {CDN_GENERAL, ERROR_RESOURCES},
	[CAUSE_LCP_SILENT] = {CDN_CARRIER, 0},
	[CAUSE_LCP] = {CDN_CARRIER, 0},
	[CAUSE_LOOPBACK] = {CDN_CARRIER, 0},
	[CAUSE_CALLBACK] = {CDN_ADMIN, 0},
	[CAUSE_AUTH_TIMEOUT] = {CDN_ADMIN, 0},
	[CAUSE_NCP] = {CDN_CARRIER, 0},
	[CAUSE_NO_BEARER] = {CDN_PERMANENT, 0},
	[CAUSE_USER_REMOVED] = {CDN_ADMIN, 0},
	[CAUSE_WRONG_CODE] = {CDN_ADMIN, 0},
	[CAUSE_BANNED] = {CDN_ADMIN, 0},
	[CAUSE_RADIUS_DOWN] = {CDN_TEMPORARY, 0},
	[CAUSE_RADIUS_REJECT] = {CDN_ADMIN, 0},
	[CAUSE_DISCONNECT] = {CDN_ADMIN, 0},
};

void
l2tp_end_cause(struct l2tp_end *end, unsigned of, enum cause cause, enum closed_by by,
	       const char *text)
{
	struct code code = of == MSG_CDN ? cdn_codes[cause] : stopccn_codes[cause];

	*end = (struct l2tp_end){
		.cause = cause, .by = by, .result = code.result, .error = code.error};
	if (!end->result)
		end->result = of == MSG_CDN ? CDN_GENERAL : STOPCCN_GENERAL;
	snprintf(end->text, sizeof(end->text), "%s", text ? text : cause_text(cause));
}

void
l2tp_end_fault(struct l2tp_end *end, const struct l2tp_fault *fault)
{
	*end = (struct l2tp_end){.cause = CAUSE_PROTOCOL_ERROR,
				 .by = BY_SERVER,
				 .result = fault->result,
				 .error = fault->error};
	msg_fault_text(fault, end->text, sizeof(end->text));
}

void
l2tp_end_elsewhere(struct l2tp_end *end, const char *address)
{
	l2tp_end_cause(end, MSG_STOPCCN, CAUSE_ADMIN, BY_ADMIN, address);
	end->result = STOPCCN_GENERAL;
	end->error = ERROR_TRY_ANOTHER;
}

bool
l2tp_version_fits(const struct l2tp_msg *msg)
{
	return msg->protocol_version >> 8 == L2TP_PROTOCOL_VERSION >> 8;
}

void
l2tp_end_version(struct l2tp_end *end)
{
	l2tp_end_cause(end, MSG_STOPCCN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
		       "only protocol version 1 is supported");
	end->result = STOPCCN_VERSION;
	end->error = L2TP_PROTOCOL_VERSION; /* §4.4.2: the highest that we know */
}

void
l2tp_end_peer(struct l2tp_end *end, const struct l2tp_msg *msg)
{
	const struct l2tp_result_code *code = &msg->result;
	char said[64];

	*end = (struct l2tp_end){.cause = CAUSE_USER_REQUEST,
				 .by = BY_CLIENT,
				 .result = code->result,
				 .error = code->error};
	log_escape(said, sizeof(said), code->text.p, code->text.len);
	snprintf(end->text, sizeof(end->text), "%s: %s%s%s", l2tp_type_name(msg->type),
		 l2tp_result_text(msg->type, code->result), said[0] ? ": " : "", said);
}

void
l2tp_end_encode(const struct l2tp_end *end, struct l2tp_msg *msg)
{
	size_t len = 0;

	while (len < sizeof(end->text) && end->text[len])
		len++;
	msg->result = (struct l2tp_result_code){.result = end->result, .error = end->error};
	msg->result.text = (struct l2tp_bytes){.p = (const uint8_t *)end->text, .len = len};
	msg->has |= UINT64_C(1) << AVP_RESULT_CODE;
}
