/*
 * Asynchronous PPP framing (RFC 1662): PPP frames (from the address field on, without FCS and
 * flags) to and from the byte stream of a pty. Pure, streaming, no allocation.
 */
#ifndef HDLC_H
#define HDLC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The room that hdlc_encode() asks for to be fast with a frame of len bytes, and enough for any: a
 * flag, every byte escaped, then the FCS and a flag in one store of 16 bytes. */
#define HDLC_ENCODED_MAX(len) (1 + 2 * (len) + 16)

/*
 * Frames `frame` with flag, escapes (all control characters, 0x7d, 0x7e) and FCS into dst. Returns
 * the bytes encoded, or 0 when cap is too small; what dst holds behind them is of no use.
 */
size_t hdlc_encode(uint8_t *dst, size_t cap, const uint8_t *frame, size_t len);

/* The receiving side of one line. Set buf and cap (the largest frame plus 2 for the FCS); zero the
 * rest. */
struct hdlc_rx {
	uint8_t *buf;
	size_t cap, len;
	bool escaped;	 /* the last byte was 0x7d: kept across reads */
	bool discarding; /* until the next flag: overrun or aborted frame */
	uint64_t bad;	 /* frames dropped: wrong FCS, too short, too long, aborted */
};

/*
 * Eats bytes from *p up to end until a whole good frame is in rx->buf; then returns its length
 * (without FCS, at least 2), with *p after its closing flag. Returns 0 when the bytes are used up.
 * Call again with the rest; the frame is valid until then.
 */
size_t hdlc_decode(struct hdlc_rx *rx, const uint8_t **p, const uint8_t *end);

#endif
