#include "pool6.h"

#include <stdlib.h>
#include <string.h>

#include "policy/bits.h"
#include "policy/name_hash.h"

#define LINK_BITS 64
#define WIDE_BITS 60 /* a share that has something to delegate */
#define WIDE_FROM 48

struct pool6 {
	struct lns_prefix prefix;
	unsigned share_bits;
	struct bits busy;
};

/* The first 64 bits as a number: all that counts here. */
static uint64_t
high_of(const struct lns_prefix *prefix)
{
	uint64_t high = 0;

	for (int i = 0; i < 8; i++)
		high = high << 8 | prefix->ip[i];
	return high;
}

static struct lns_prefix
prefix_of(uint64_t high, unsigned bits)
{
	struct lns_prefix prefix;

	memset(&prefix, 0, sizeof(prefix)); /* it crosses the wall */
	prefix.family = 6;
	prefix.bits = (uint16_t)bits;
	for (int i = 0; i < 8; i++)
		prefix.ip[i] = (uint8_t)(high >> (56 - 8 * i));
	return prefix;
}

struct pool6 *
pool6_new(const struct lns_prefix *prefix)
{
	struct pool6 *pool = calloc(1, sizeof(*pool));
	size_t shares = 0;

	if (!pool)
		return NULL;
	pool->prefix = *prefix;
	pool->share_bits = prefix->family && prefix->bits <= WIDE_FROM ? WIDE_BITS : LINK_BITS;
	if (prefix->family) {
		shares = pool->share_bits - prefix->bits < 20
				 ? (size_t)1 << (pool->share_bits - prefix->bits)
				 : POOL6_SHARES_MAX;
	}
	if (bits_init(&pool->busy, shares))
		return pool;
	free(pool);
	return NULL;
}

void
pool6_free(struct pool6 *pool)
{
	if (!pool)
		return;
	bits_fini(&pool->busy);
	free(pool);
}

bool
pool6_take(struct pool6 *pool, const char *user, struct lns_prefix *share)
{
	uint64_t hash = name_hash(user);
	size_t count = pool->busy.bound, i;

	if (pool->busy.count == count)
		return false;
	i = bits_next_missing(&pool->busy, (size_t)((hash ^ hash >> 32) % count));
	bits_add(&pool->busy, i);
	*share = prefix_of(high_of(&pool->prefix) | (uint64_t)i << (LINK_BITS - pool->share_bits),
			   pool->share_bits);
	return true;
}

/* The shares that a prefix has a part in, from *first up to but not *end. */
static void
find_shares(const struct pool6 *pool, const struct lns_prefix *prefix, size_t *first, size_t *end)
{
	unsigned shift = LINK_BITS - pool->share_bits;
	uint64_t low = high_of(&pool->prefix), size = (uint64_t)pool->busy.bound << shift;
	uint64_t from = high_of(prefix), last = from;

	*first = *end = 0;
	if (prefix->bits < LINK_BITS)
		last |= UINT64_MAX >> prefix->bits;
	if (!size || last < low || from > low + (size - 1))
		return;
	*first = from < low ? 0 : (size_t)((from - low) >> shift);
	*end = (last > low + (size - 1) ? pool->busy.bound : (size_t)((last - low) >> shift) + 1);
}

bool
pool6_take_fixed(struct pool6 *pool, const struct lns_prefix *prefix)
{
	size_t first, end;

	find_shares(pool, prefix, &first, &end);
	for (size_t i = first; i < end; i++)
		if (bits_has(&pool->busy, i))
			return false;
	for (size_t i = first; i < end; i++)
		bits_add(&pool->busy, i);
	return true;
}

void
pool6_give(struct pool6 *pool, const struct lns_prefix *share)
{
	size_t first, end;

	find_shares(pool, share, &first, &end);
	for (size_t i = first; i < end; i++)
		bits_remove(&pool->busy, i);
}

size_t
pool6_size(const struct pool6 *pool)
{
	return pool->busy.bound;
}

size_t
pool6_used(const struct pool6 *pool)
{
	return pool->busy.count;
}

struct lns_prefix
pool6_link(const struct lns_prefix *share)
{
	return prefix_of(high_of(share), LINK_BITS);
}

struct lns_prefix
pool6_delegated(const struct lns_prefix *share)
{
	struct lns_prefix none;

	memset(&none, 0, sizeof(none));
	if (share->family != 6 || share->bits >= LINK_BITS)
		return none;
	return prefix_of(high_of(share) | UINT64_C(1) << (LINK_BITS - 1 - share->bits),
			 share->bits + 1u);
}
