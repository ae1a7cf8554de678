/* See header.h. */
#include "l2tp/header.h"

#include "wire.h"

#define FLAG_T 0x8000
#define FLAG_L 0x4000
#define FLAG_S 0x0800
#define FLAG_O 0x0200
#define VERSION_MASK 0x000f

bool
header_read(struct l2tp_header *h, const uint8_t *bytes, size_t len)
{
	struct rd r = rd_init(bytes, len);
	uint16_t flags = rd_u16(&r);

	*h = (struct l2tp_header){.control = flags & FLAG_T,
				  .has_length = flags & FLAG_L,
				  .has_sequence = flags & FLAG_S};
	/* §3.1: another version is discarded without a word, L2F among them (§8.1) */
	if (r.bad || (flags & VERSION_MASK) != 2)
		return false;
	if (h->control && (!h->has_length || !h->has_sequence || (flags & FLAG_O)))
		return false;
	if (h->has_length) {
		uint16_t length = rd_u16(&r);

		if (r.bad || length > len || length < 4)
			return false;
		r.end = bytes + length;
	}
	h->tid = rd_u16(&r);
	h->sid = rd_u16(&r);
	if (h->has_sequence) {
		h->ns = rd_u16(&r);
		h->nr = rd_u16(&r); /* reserved in data messages, and not looked at */
	}
	if (flags & FLAG_O)
		rd_bytes(&r, rd_u16(&r));
	if (r.bad)
		return false;
	h->body = r.p;
	h->len = rd_left(&r);
	return true;
}
