/*
 * Bytes in network order through cursors with a sticky error: a read or write that does not fit
 * does nothing, returns 0 and sets `bad`, and so do all after it. One check at the end is enough.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

struct wr {
	uint8_t *start, *p, *end;
	bool bad;
};

static inline struct rd
rd_init(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	return (struct rd){.p = p, .end = p ? p + len : p, .bad = false};
}

static inline size_t
rd_left(const struct rd *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->p);
}

/* The next len bytes, or NULL when there are fewer. */
static inline const uint8_t *
rd_bytes(struct rd *r, size_t len)
{
	const uint8_t *p = r->p;

	if (r->bad || (size_t)(r->end - r->p) < len) {
		r->bad = true;
		return NULL;
	}
	r->p += len;
	return p;
}

static inline uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t
rd_u16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);

	if (!p)
		return 0;
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
rd_u32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint64_t
rd_u64(struct rd *r)
{
	uint64_t high = rd_u32(r);

	return high << 32 | rd_u32(r);
}

/* A cursor of its own over the next len bytes; bad when there are fewer. */
static inline struct rd
rd_sub(struct rd *r, size_t len)
{
	const uint8_t *p = rd_bytes(r, len);

	return (struct rd){.p = p, .end = p ? p + len : p, .bad = p == NULL};
}

static inline struct wr
wr_init(void *bytes, size_t cap)
{
	uint8_t *p = bytes;

	/* there may be no room at all; even 0 must not be added to NULL */
	return (struct wr){.start = p, .p = p, .end = p ? p + cap : p, .bad = false};
}

static inline size_t
wr_len(const struct wr *w)
{
	return w->bad ? 0 : (size_t)(w->p - w->start);
}

/* Room for len bytes, or NULL when there is less. */
static inline uint8_t *
wr_room(struct wr *w, size_t len)
{
	uint8_t *p = w->p;

	if (w->bad || (size_t)(w->end - w->p) < len) {
		w->bad = true;
		return NULL;
	}
	w->p += len;
	return p;
}

static inline void
wr_bytes(struct wr *w, const void *bytes, size_t len)
{
	uint8_t *p = wr_room(w, len);

	if (p && len)
		memcpy(p, bytes, len);
}

static inline void
wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

static inline void
wr_u16(struct wr *w, uint16_t v)
{
	uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};

	wr_bytes(w, b, sizeof(b));
}

static inline void
wr_u32(struct wr *w, uint32_t v)
{
	wr_u16(w, (uint16_t)(v >> 16));
	wr_u16(w, (uint16_t)v);
}

static inline void
wr_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, (uint32_t)(v >> 32));
	wr_u32(w, (uint32_t)v);
}

/* Overwrites two bytes already written at p (a length known only later); nothing when the cursor is
 * bad. */
static inline void
wr_patch_u16(struct wr *w, uint8_t *p, uint16_t v)
{
	if (w->bad || !p)
		return;
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

#endif
