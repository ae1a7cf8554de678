/* The header of every message (RFC 2661 §3.1). */
#ifndef L2TP_HEADER_H
#define L2TP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A header taken apart; control and data. */
struct l2tp_header {
	bool control, has_length, has_sequence;
	uint16_t tid, sid, ns, nr;
	const uint8_t *body; /* what follows, without padding after Length and without the offset */
	size_t len;
};

/*
 * False for what is not L2TPv2, lies about its length, or is a control message without both Length
 * and sequence numbers (§3.1). Bytes after Length are cut off.
 */
bool header_read(struct l2tp_header *h, const uint8_t *bytes, size_t len);

#endif
