/*
 * A control message for people (src/l2tp): what its header and its AVPs say, in the RFCs' words,
 * and how its secrets are struck out before it is shown to anybody or written to a file.
 */
#ifndef DISSECT_H
#define DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dissected {
	bool control;	   /* else a data message: no type, and no AVPs */
	uint16_t tid, sid; /* as the receiver calls them */
	uint16_t ns, nr;
	const char *type;  /* "SCCRQ" …, "ZLB"; "?" for one that is not known */
	const char *fault; /* what is wrong with the message, from there on it is not read; or NULL
			    */
};

struct dissected_avp {
	uint16_t vendor, attr;
	const char *name; /* "" when it is not known */
	bool mandatory, hidden;
	const char *value; /* for people, escaped */
};

typedef void dissect_fn(void *ctx, const struct dissected_avp *avp);

/* Calls fn for each AVP but the Message Type, in their order; its argument is good during the call.
 * False when the bytes are no L2TP: then nothing but the fault is filled. */
bool dissect(struct dissected *head, const uint8_t *bytes, size_t len, dissect_fn *fn, void *ctx);

/*
 * Overwrites, in a control message, what tunnel and proxy authentication prove themselves by, and
 * all that is hidden (§4.3): with the secret that hides it weak enough, who has the bytes has the
 * value. From what cannot be read on, all is overwritten. Lengths stay.
 */
void dissect_mask(uint8_t *bytes, size_t len);

#endif
