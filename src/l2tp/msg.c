/* Whole messages: Message Type first, then the AVPs, then what must not be missing (§6). */
#include "l2tp/msg.h"

#include <stdio.h>

#include "l2tp/avp.h"

#define A(attr) (UINT64_C(1) << AVP_##attr)

/*
 * What a message cannot do without (§6.1 to §6.14). A StopCCN or CDN needs nothing: a peer that
 * wants to leave is let go, whatever it forgot to say.
 */
static const uint64_t required[MSG_TYPE_END] = {
	[MSG_SCCRQ] = A(PROTOCOL_VERSION) | A(HOST_NAME) | A(FRAMING_CAPS) | A(ASSIGNED_TUNNEL),
	[MSG_SCCRP] = A(PROTOCOL_VERSION) | A(HOST_NAME) | A(FRAMING_CAPS) | A(ASSIGNED_TUNNEL),
	[MSG_OCRQ] = A(ASSIGNED_SESSION) | A(CALL_SERIAL) | A(MINIMUM_BPS) | A(MAXIMUM_BPS) |
		     A(BEARER_TYPE) | A(FRAMING_TYPE) | A(CALLED_NUMBER),
	[MSG_OCRP] = A(ASSIGNED_SESSION),
	[MSG_OCCN] = A(TX_SPEED) | A(FRAMING_TYPE),
	[MSG_ICRQ] = A(ASSIGNED_SESSION) | A(CALL_SERIAL),
	[MSG_ICRP] = A(ASSIGNED_SESSION),
	[MSG_ICCN] = A(TX_SPEED) | A(FRAMING_TYPE),
	[MSG_WEN] = A(CALL_ERRORS),
	[MSG_SLI] = A(ACCM),
};

/* §4.4.1: the first AVP, eight bytes, not hidden. Its M bit is not held against a type that we
 * know. */
static bool
read_type(struct rd *r, struct l2tp_msg *msg, struct l2tp_fault *fault)
{
	uint16_t bits = rd_u16(r), vendor = rd_u16(r), attr = rd_u16(r), type = rd_u16(r);

	if (r->bad || (bits & 0x7fff) != 8 || vendor != 0 || attr != AVP_MESSAGE_TYPE)
		return avp_fault(fault, ERROR_VALUE, AVP_MESSAGE_TYPE,
				 "first AVP is not a Message Type");
	if (type == 0)
		return avp_fault(fault, ERROR_VALUE, AVP_MESSAGE_TYPE,
				 "Message Type 0 is reserved");
	msg->type = type;
	msg->mandatory = bits & 0x8000;
	return true;
}

static bool
check_values(const struct l2tp_msg *msg, struct l2tp_fault *fault)
{
	uint64_t missing = required[msg->type] & ~msg->has;

	for (uint16_t attr = 0; missing; attr++, missing >>= 1)
		if (missing & 1)
			return avp_fault(fault, ERROR_VALUE, attr, "a required AVP is missing");
	if (MSG_HAS(msg, AVP_ASSIGNED_TUNNEL) && msg->assigned_tunnel == 0 &&
	    msg->type != MSG_STOPCCN)
		return avp_fault(fault, ERROR_VALUE, AVP_ASSIGNED_TUNNEL,
				 "Assigned Tunnel ID is 0");
	if (MSG_HAS(msg, AVP_ASSIGNED_SESSION) && msg->assigned_session == 0 &&
	    msg->type != MSG_CDN)
		return avp_fault(fault, ERROR_VALUE, AVP_ASSIGNED_SESSION,
				 "Assigned Session ID is 0");
	return true;
}

bool
msg_decode(struct l2tp_msg *msg, const uint8_t *bytes, size_t len, const struct msg_reading *how,
	   struct l2tp_fault *fault)
{
	struct rd r = rd_init(bytes, len);

	*msg = (struct l2tp_msg){.type = MSG_ZLB};
	*fault = (struct l2tp_fault){0};
	if (len == 0)
		return true;
	if (!read_type(&r, msg, fault))
		return false;
	/* §4.4.1: of a type that we do not know, the M bit alone decides, and its AVPs mean nothing
	 * to us */
	if (!l2tp_type_known(msg->type)) {
		if (msg->mandatory)
			return avp_fault(fault, ERROR_UNKNOWN_AVP, AVP_MESSAGE_TYPE,
					 "unknown Message Type with the M bit set");
		return true;
	}
	return avp_decode_all(&r, msg, how, fault) && check_values(msg, fault);
}

size_t
msg_encode(const struct l2tp_msg *msg, uint16_t tid, uint16_t sid, const struct msg_hiding *hide,
	   uint8_t *out, size_t cap)
{
	struct wr w = wr_init(out, cap);

	wr_u16(&w, L2TP_CONTROL_FLAGS);
	wr_u16(&w, 0);
	wr_u16(&w, tid);
	wr_u16(&w, sid);
	wr_u32(&w, 0); /* Ns and Nr: the channel's */
	if (msg->type != MSG_ZLB) {
		/* §4.2: a peer that does not know what RFC 2661 does not know need not mind */
		wr_u16(&w, (msg->type <= MSG_SLI ? 0x8000 : 0) | 8);
		wr_u16(&w, 0);
		wr_u16(&w, AVP_MESSAGE_TYPE);
		wr_u16(&w, msg->type);
		avp_encode_all(&w, msg, hide);
	}
	if (wr_len(&w) > UINT16_MAX)
		return 0;
	wr_patch_u16(&w, w.start + 2, (uint16_t)wr_len(&w));
	return wr_len(&w);
}

void
msg_fault_text(const struct l2tp_fault *fault, char *out, size_t cap)
{
	const struct avp_rule *rule = avp_find(fault->vendor, fault->attr);
	const char *name = rule ? rule->name : NULL;

	if (fault->vendor == 0 && fault->attr == AVP_MESSAGE_TYPE)
		name = "Message Type";
	if (name)
		snprintf(out, cap, "%s: %s (attribute %u)", fault->why, name, fault->attr);
	else if (fault->vendor)
		snprintf(out, cap, "%s (attribute %u of vendor %u)", fault->why, fault->attr,
			 fault->vendor);
	else
		snprintf(out, cap, "%s (attribute %u)", fault->why, fault->attr);
}
