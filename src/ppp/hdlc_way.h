/*
 * The ways to do what hdlc.h promises: byte by byte, and with the instructions that a CPU may have.
 * All give the same, to the byte.
 */
#ifndef PPP_HDLC_WAY_H
#define PPP_HDLC_WAY_H

#include "hdlc.h"

#define HDLC_FLAG 0x7e
#define HDLC_ESCAPE 0x7d
#define HDLC_FLIP 0x20
#define HDLC_FCS_INIT 0xffff

/* RFC 1662 §7.1: which control characters are escaped, a bit each; both sides begin with all */
#define HDLC_ACCM_ALL 0xffffffffu

struct hdlc_way {
	const char *name;
	/* hdlc_encode(), with the characters of accm escaped */
	size_t (*encode)(uint8_t *dst, size_t cap, const uint8_t *frame, size_t len, uint32_t accm);
	/*
	 * Takes bytes from p, which is no flag, up to the next flag or end into a frame that is not
	 * discarded, escapes resolved. Gives the place after them, which may be short of that: call
	 * again for the rest, unless the frame is discarded now.
	 */
	const uint8_t *(*unstuff)(struct hdlc_rx *rx, const uint8_t *p, const uint8_t *end);
	/* §C.2: the FCS before its complement, 0xf0b8 of a good frame with its FCS */
	uint16_t (*fcs)(const uint8_t *bytes, size_t len);
};

extern const struct hdlc_way hdlc_plain;
/* NULL where neither the architecture nor this CPU has what it needs. */
const struct hdlc_way *hdlc_vector(void);
/* The way of hdlc_encode() and hdlc_decode(). */
const struct hdlc_way *hdlc_best(void);

/* hdlc_decode() in a way of choice. */
size_t hdlc_decode_by(const struct hdlc_way *way, struct hdlc_rx *rx, const uint8_t **p,
		      const uint8_t *end);

#endif
