/*
 * hdlc_way.h for x86-64 with SSSE3 and carry-less multiplication, 16 bytes at a time and without a
 * branch that depends on them. Stuffing: which of 8 bytes need an escape is a mask of 8 bits; the
 * mask finds the row of a table that says where each byte goes (PSHUFB). FCS: folding and Barrett's
 * reduction over GF(2) (PCLMULQDQ).
 */
#include <string.h>

#include "ppp/hdlc_way.h"

#ifdef __x86_64__

#include <immintrin.h>

#define VECTOR __attribute__((target("ssse3,sse4.1,popcnt,pclmul")))
#define BLOCK 16

/*
 * A row for each mask, 0 to 255, of 8 bits: for each byte, from the last to the first, one of two
 * macros puts before the row what the byte's bit, clear or set, wants to stand there.
 */
#define ROWS_1(zero, one, row) zero(0, row), one(0, row)
#define ROWS_2(zero, one, row) ROWS_1(zero, one, zero(1, row)), ROWS_1(zero, one, one(1, row))
#define ROWS_3(zero, one, row) ROWS_2(zero, one, zero(2, row)), ROWS_2(zero, one, one(2, row))
#define ROWS_4(zero, one, row) ROWS_3(zero, one, zero(3, row)), ROWS_3(zero, one, one(3, row))
#define ROWS_5(zero, one, row) ROWS_4(zero, one, zero(4, row)), ROWS_4(zero, one, one(4, row))
#define ROWS_6(zero, one, row) ROWS_5(zero, one, zero(5, row)), ROWS_5(zero, one, one(5, row))
#define ROWS_7(zero, one, row) ROWS_6(zero, one, zero(6, row)), ROWS_6(zero, one, one(6, row))
#define ROWS_8(zero, one, row) ROWS_7(zero, one, zero(7, row)), ROWS_7(zero, one, one(7, row))
#define BYTE(i, row) ((row) << 8 | (i))
#define NO_BYTE(i, row) (row)
#define GAP_AND_BYTE(i, row) ((row) << 16 | (i) << 8 | 0x80)
#define NO_CHANGE(i, row) ((row) << 8)
#define ESCAPE_AND_FLIP(i, row) ((row) << 16 | HDLC_FLIP << 8 | HDLC_ESCAPE)
#define NOTHING ((unsigned __int128)0)

/* PSHUFB's order for 8 bytes, with gaps for escapes, and what is then exclusive-ored to them. */
static const unsigned __int128 spread[256] = {ROWS_8(BYTE, GAP_AND_BYTE, NOTHING)};
static const unsigned __int128 change[256] = {ROWS_8(NO_CHANGE, ESCAPE_AND_FLIP, NOTHING)};
/* PSHUFB's order to move those together whose bits are clear. */
static const uint64_t squeeze[256] = {ROWS_8(BYTE, NO_BYTE, (uint64_t)0)};

/* From 16 - n on, PSHUFB's order that moves 16 bytes up by n; from 16 + n on, down. */
static const uint8_t slide[48] = {
	0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
	0x80, 0x80, 0x80, 0x80, 0,    1,    2,	  3,	4,    5,    6,	  7,
	8,    9,    10,	  11,	12,   13,   14,	  15,	0x80, 0x80, 0x80, 0x80,
	0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
};

static VECTOR inline __m128i
load(const void *p)
{
	return _mm_loadu_si128(p);
}

static VECTOR inline __m128i
bytes(unsigned c)
{
	return _mm_set1_epi8((char)c);
}

/* ── FCS ────────────────────────────────────────────────────────────────────────────────── */

/*
 * The first bit on the line, the lowest of the first byte, is the highest coefficient: bit i of 128
 * belongs to x^(127-i), of a multiplier's 64 to x^(63-i), and a product of two is x times too high.
 * All powers below are modulo x^16 + x^12 + x^5 + 1, in this order of bits.
 */
#define X_79 0x81bf000000000000
#define X_127 0x7eea000000000000
#define X_191 0xa95d000000000000
#define X_511 0x7f90000000000000
#define X_575 0x9822000000000000
/* the polynomial, and x^80 divided by it without its lowest coefficient, which no one looks at */
#define POLYNOMIAL 0x10811
#define RECIPROCAL 0x859b040b1c581911

static VECTOR inline __m128i
pair(uint64_t low, uint64_t high)
{
	return _mm_set_epi64x((long long)high, (long long)low);
}

/* x at a place further on in the frame: `near`, a block, or `far`, four */
static VECTOR inline __m128i
move(__m128i x, __m128i powers)
{
	return _mm_xor_si128(_mm_clmulepi64_si128(x, powers, 0x00),
			     _mm_clmulepi64_si128(x, powers, 0x11));
}

static VECTOR inline __m128i
near(void)
{
	return pair(X_191, X_127);
}

static VECTOR inline __m128i
far(void)
{
	return pair(X_575, X_511);
}

/*
 * The odd bytes, with which a frame begins, moved to where the first whole block is. As zeros
 * before a frame change nothing, they stand behind as many as fill a block; and of the start value,
 * which is for the first two bytes, what the odd bytes have no place for is the block's.
 */
static VECTOR inline __m128i
begin(const uint8_t *frame, size_t odd)
{
	__m128i start = pair(HDLC_FCS_INIT, 0);
	__m128i x = _mm_shuffle_epi8(_mm_xor_si128(load(frame), start), load(slide + odd));

	return _mm_xor_si128(move(x, near()), _mm_shuffle_epi8(start, load(slide + BLOCK + odd)));
}

/* x times x^16, modulo the polynomial */
static VECTOR inline uint16_t
reduce(__m128i x)
{
	__m128i low = _mm_slli_si128(_mm_srli_si128(x, 8), 6);
	__m128i sum = _mm_xor_si128(_mm_clmulepi64_si128(x, pair(X_79, 0), 0x00), low);
	__m128i divisor = pair(RECIPROCAL, POLYNOMIAL);
	__m128i quotient = _mm_clmulepi64_si128(_mm_srli_si128(sum, 6), divisor, 0x00);
	__m128i product = _mm_clmulepi64_si128(quotient, divisor, 0x10);

	return (uint16_t)(_mm_extract_epi16(sum, 7) ^ _mm_extract_epi16(product, 4));
}

static VECTOR uint16_t
vector_fcs(const uint8_t *p, size_t len)
{
	size_t odd = len % BLOCK, blocks = len / BLOCK;
	__m128i a, b, c, x;

	if (len < BLOCK)
		return hdlc_plain.fcs(p, len);
	x = _mm_xor_si128(begin(p, odd), load(p + odd));
	p += odd + BLOCK;
	for (blocks--; blocks % 4; blocks--, p += BLOCK)
		x = _mm_xor_si128(move(x, near()), load(p));
	a = b = c = _mm_setzero_si128();
	for (; blocks; blocks -= 4, p += 4 * BLOCK) {
		a = _mm_xor_si128(move(a, far()), load(p));
		b = _mm_xor_si128(move(b, far()), load(p + BLOCK));
		c = _mm_xor_si128(move(c, far()), load(p + 2 * BLOCK));
		x = _mm_xor_si128(move(x, far()), load(p + 3 * BLOCK));
	}
	b = _mm_xor_si128(b, move(a, near()));
	c = _mm_xor_si128(c, move(b, near()));
	return reduce(_mm_xor_si128(x, move(c, near())));
}

/* ── stuffing ───────────────────────────────────────────────────────────────────────────── */

/* By the lower half of a byte, the kinds of upper half with which it needs an escape: 1 for 0x0_,
 * 2 for 0x1_, 4 for 0x7_. */
static VECTOR inline __m128i
kinds_of(uint32_t accm)
{
	const __m128i all = _mm_set1_epi32((int)accm);
	const __m128i bit = _mm_set1_epi64x((long long)0x8040201008040201);
	const __m128i in_0 = pair(0, 0x0101010101010101);
	const __m128i in_1 = pair(0x0202020202020202, 0x0303030303030303);
	__m128i is_0 = _mm_cmpeq_epi8(_mm_and_si128(_mm_shuffle_epi8(all, in_0), bit), bit);
	__m128i is_1 = _mm_cmpeq_epi8(_mm_and_si128(_mm_shuffle_epi8(all, in_1), bit), bit);
	__m128i is_7 = pair(0, 0x0004040000000000);

	return _mm_or_si128(
		_mm_or_si128(_mm_and_si128(is_0, bytes(1)), _mm_and_si128(is_1, bytes(2))), is_7);
}

/* A bit for each byte that needs an escape. */
static VECTOR inline unsigned
need_escape(__m128i x, __m128i kinds)
{
	const __m128i kind = pair(0x0400000000000201, 0);
	__m128i upper = _mm_and_si128(_mm_srli_epi16(x, 4), bytes(0x0f));
	/* PSHUFB gives 0 for bytes from 0x80 on */
	__m128i both = _mm_and_si128(_mm_shuffle_epi8(kinds, x), _mm_shuffle_epi8(kind, upper));

	return (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(both, _mm_setzero_si128()));
}

/* The lower n of 8 bytes, stuffed; stores 16. */
static VECTOR inline uint8_t *
put_8(uint8_t *to, __m128i x, unsigned escapes, unsigned n)
{
	__m128i placed = _mm_shuffle_epi8(x, _mm_load_si128((const __m128i *)&spread[escapes]));
	__m128i changes = _mm_load_si128((const __m128i *)&change[escapes]);

	_mm_storeu_si128((__m128i *)to, _mm_xor_si128(placed, changes));
	return to + n + (unsigned)_mm_popcnt_u32(escapes);
}

/* The lower n of 16 bytes, stuffed. */
static VECTOR inline uint8_t *
put(uint8_t *to, __m128i x, __m128i kinds, unsigned n)
{
	unsigned escapes = need_escape(x, kinds) & ((1u << n) - 1);
	unsigned low = n < 8 ? n : 8;

	to = put_8(to, x, escapes & 0xff, low);
	return n > 8 ? put_8(to, _mm_srli_si128(x, 8), escapes >> 8, n - low) : to;
}

/* The FCS goes along, one block behind another: it costs nothing beside the stuffing. */
static VECTOR size_t
vector_encode(uint8_t *dst, size_t cap, const uint8_t *frame, size_t len, uint32_t accm)
{
	const uint8_t *end = frame + len;
	unsigned odd = (unsigned)(len % BLOCK);
	__m128i kinds = kinds_of(accm), ahead, x;
	uint8_t *to = dst;

	if (len < BLOCK || cap < HDLC_ENCODED_MAX(len))
		return hdlc_plain.encode(dst, cap, frame, len, accm);
	*to++ = HDLC_FLAG;
	ahead = begin(frame, odd);
	to = put(to, load(frame), kinds, odd);
	frame += odd;
	do {
		__m128i block = load(frame);

		x = _mm_xor_si128(ahead, block);
		ahead = move(x, near());
		to = put(to, block, kinds, BLOCK);
		frame += BLOCK;
	} while (frame < end);
	to = put(to, _mm_cvtsi32_si128(reduce(x) ^ HDLC_FCS_INIT), kinds, 2);
	*to++ = HDLC_FLAG;
	return (size_t)(to - dst);
}

/* ── and back ───────────────────────────────────────────────────────────────────────────── */

struct block {
	__m128i bytes;
	__m128i escape, flip; /* all ones where an escape is, and after one */
};

static VECTOR inline struct block
block_after(const struct block *last, __m128i x)
{
	__m128i escape = _mm_cmpeq_epi8(x, bytes(HDLC_ESCAPE));

	return (struct block){x, escape, _mm_alignr_epi8(escape, last->escape, BLOCK - 1)};
}

static VECTOR inline unsigned
mask(__m128i x)
{
	return (unsigned)_mm_movemask_epi8(x);
}

static VECTOR inline __m128i
flags(const struct block *block)
{
	return _mm_cmpeq_epi8(block->bytes, bytes(HDLC_FLAG));
}

/* Escapes that follow an escape: nobody sends them, so they are for the plain way. */
static VECTOR inline __m128i
pairs(const struct block *block)
{
	return _mm_and_si128(block->escape, block->flip);
}

/* The bytes of 8 whose bits in `drop` are clear; stores 8. */
static VECTOR inline uint8_t *
keep_8(uint8_t *to, __m128i x, unsigned drop)
{
	__m128i order = _mm_loadl_epi64((const __m128i *)&squeeze[drop]);

	_mm_storel_epi64((__m128i *)to, _mm_shuffle_epi8(x, order));
	return to + 8 - _mm_popcnt_u32(drop);
}

/* The bytes of 16 whose bits in `drop` are clear, escapes resolved; stores 16. */
static VECTOR inline uint8_t *
keep(uint8_t *to, const struct block *block, unsigned drop)
{
	__m128i flips = _mm_and_si128(block->flip, bytes(HDLC_FLIP));
	__m128i x = _mm_xor_si128(block->bytes, flips);

	to = keep_8(to, x, drop & 0xff);
	return keep_8(to, _mm_srli_si128(x, 8), drop >> 8 & 0xff);
}

/* A block that is cut by a flag or the end of the bytes, or is for the plain way. */
static VECTOR const uint8_t *
unstuff_some(struct hdlc_rx *rx, const uint8_t *p, size_t n, const struct block *last)
{
	uint8_t some[BLOCK] = {0}, *to = rx->buf + rx->len;
	struct block block;
	unsigned taken, follow;

	memcpy(some, p, n);
	block = block_after(last, load(some));
	follow = mask(block.flip) | mask(block.escape) >> (BLOCK - 1) << BLOCK;
	rx->escaped = follow & 1;
	if (rx->cap - rx->len < BLOCK || mask(pairs(&block)))
		return hdlc_plain.unstuff(rx, p, p + n);
	taken = (unsigned)__builtin_ctz(mask(flags(&block)) | 1u << n);
	rx->len = (size_t)(keep(to, &block, mask(block.escape) | ~0u << taken) - rx->buf);
	rx->escaped = follow >> taken & 1;
	return p + taken;
}

static VECTOR const uint8_t *
vector_unstuff(struct hdlc_rx *rx, const uint8_t *p, const uint8_t *end)
{
	struct block last = {.escape = bytes(rx->escaped ? 0xff : 0)};
	size_t n = (size_t)(end - p), room = rx->cap - rx->len;
	const uint8_t *whole = p + (n < room ? n : room) / BLOCK * BLOCK;
	uint8_t *to = rx->buf + rx->len;

	for (; p < whole; p += BLOCK) {
		struct block block = block_after(&last, load(p));

		if (mask(_mm_or_si128(flags(&block), pairs(&block))))
			break;
		to = keep(to, &block, mask(block.escape));
		last = block;
	}
	rx->len = (size_t)(to - rx->buf);
	return unstuff_some(rx, p, end - p < BLOCK ? (size_t)(end - p) : BLOCK, &last);
}

static const struct hdlc_way vector = {"shuffle", vector_encode, vector_unstuff, vector_fcs};

const struct hdlc_way *
hdlc_vector(void)
{
	return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1") &&
			       __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul")
		       ? &vector
		       : NULL;
}

#else

const struct hdlc_way *
hdlc_vector(void)
{
	return NULL;
}

#endif
