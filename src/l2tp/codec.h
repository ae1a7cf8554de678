/* The shapes of AVP values (RFC 2661 §4.4), each with a decoder and an encoder. */
#ifndef L2TP_CODEC_H
#define L2TP_CODEC_H

#include "l2tp/msg.h"

enum avp_kind {
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_BYTES, /* a view */
	KIND_FLAG,  /* no value: that it is there is all that it says */
	KIND_RESULT,
	KIND_Q931,
	KIND_CALL_ERRORS,
	KIND_ACCM,
	KIND_DISCONNECT,
	KIND_SPEED,
	KIND_COUNT
};

/* Reads one value; r holds just that, and as much as the attribute's rule demands. `out` is the
 * member of struct l2tp_msg that the rule names; a flag has none. */
void codec_get(enum avp_kind kind, struct rd *r, void *out);

/* Appends one value. */
void codec_put(enum avp_kind kind, struct wr *w, const void *in);

#endif
