/* AVPs (RFC 2661 §4): one rule row an attribute, used by both directions. */
#ifndef L2TP_AVP_H
#define L2TP_AVP_H

#include "l2tp/codec.h"

/* More than any real peer sends; bounds the work a datagram can ask for. */
#define AVP_PER_MESSAGE_MAX 128

struct avp_rule {
	uint16_t vendor, attr;
	const char *name;
	enum avp_kind kind;
	uint16_t min, max; /* bytes of the value, before hiding */
	bool mandatory;	   /* the M bit that we send */
	bool may_hide;	   /* the H bit may be set, by us too */
	bool many;	   /* may be repeated; of any other the first holds */
	bool line;	   /* its bit is in has_line, not in has */
	uint8_t bit;
	uint32_t messages; /* bit (1 << type) for each message that it may stand in */
	size_t offset;	   /* of the member in struct l2tp_msg */
};

/* The row of an attribute with a bit in `has`, or NULL. Message Type has none: it is read before
 * all others. */
const struct avp_rule *avp_rule(uint16_t attr);
/* The row of an attribute of RFC 5515. */
const struct avp_rule *avp_line_rule(enum l2tp_line_attr attr);
/* The row of an attribute as it is called on the wire, or NULL. */
const struct avp_rule *avp_find(uint16_t vendor, uint16_t attr);

/* The value of an attribute for people, escaped: `member` is of the shape that the rule's kind has.
 */
void avp_write(const struct avp_rule *rule, const void *member, char *out, size_t cap);
/* Bytes that nothing is known of: a text, escaped, when all of it can be read, else hexadecimal. */
void avp_write_bytes(const struct l2tp_bytes *bytes, char *out, size_t cap);

bool avp_present(const struct l2tp_msg *msg, const struct avp_rule *rule);

/* Fills *fault with a general error (§4.4.2) about an attribute of vendor 0, and returns false. */
bool avp_fault(struct l2tp_fault *fault, uint16_t error, uint16_t attr, const char *why);

/* Decodes what is left in r into msg, whose type is set. See msg_decode(). */
bool avp_decode_all(struct rd *r, struct l2tp_msg *msg, const struct msg_reading *how,
		    struct l2tp_fault *fault);

/* Appends each attribute that msg has and that may stand in this type. See msg_encode(). */
void avp_encode_all(struct wr *w, const struct l2tp_msg *msg, const struct msg_hiding *hide);

#endif
