/* AVPs (RFC 2661 §4): one rule row an attribute, used by both directions. */
#ifndef L2TP_AVP_H
#define L2TP_AVP_H

#include "l2tp/msg.h"

/* More than any real peer sends; bounds the work a datagram can ask for. */
#define AVP_PER_MESSAGE_MAX 64

/* Shape of a value; each has a decoder and an encoder (avp.c). */
enum avp_kind {
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_BYTES,
	KIND_FLAG,
	KIND_RESULT,
	KIND_Q931,
	KIND_CALL_ERRORS,
	KIND_ACCM,
	KIND_COUNT
};

struct avp_rule {
	uint16_t attr;
	const char *name;
	enum avp_kind kind;
	uint16_t min, max; /* bytes of the value, before hiding */
	bool mandatory;	   /* the M bit that we send */
	bool may_hide;	   /* the H bit may be set by a peer */
	uint32_t messages; /* bit (1 << type) for each message that it may stand in */
	size_t offset;	   /* of the member in struct l2tp_msg */
};

/* The row of an attribute of vendor 0, or NULL. Message Type has none: it is read before all
 * others. */
const struct avp_rule *avp_rule(uint16_t attr);

/* Decodes what is left in r into msg, whose type is set. See msg_decode(). */
bool avp_decode_all(struct rd *r, struct l2tp_msg *msg, bool strict, struct l2tp_fault *fault);

/* Appends each attribute in msg->has that may stand in this type. */
void avp_encode_all(struct wr *w, const struct l2tp_msg *msg);

/* Appends one header and room for the value; NULL when it does not fit or a value is longer than an
 * AVP can say (§4.1). */
uint8_t *avp_put(struct wr *w, uint16_t attr, bool mandatory, size_t len);

#endif
