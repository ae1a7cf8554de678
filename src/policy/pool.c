/*
 * The pool: one bit an address and state, over all ranges in turn ("slot" = place in that order).
 * Free addresses are taken in a circle, so that one just given back comes last. Fixed addresses
 * outside the ranges stand in a sorted list.
 */
#include <stdlib.h>
#include <string.h>

#include "pool.h"

/* flags of one address */
#define TAKEN 1u
#define RESERVED 2u /* for its user alone, or the gateway */

struct outside {
	uint32_t address;
	uint8_t flags;
};

struct pool {
	struct conf_range ranges[CONF_POOL_MAX];
	size_t count;
	uint32_t gateway;
	uint8_t *flags; /* one byte a slot */
	size_t slots, next, free, used, reserved;
	struct outside *outside;
	size_t outside_count, outside_room;
};

static size_t
range_size(const struct conf_range *range)
{
	return (size_t)(range->last - range->first) + 1;
}

/* The slot of an address, or pool->slots when it is in no range. */
static size_t
slot_of(const struct pool *pool, uint32_t address)
{
	size_t base = 0;

	for (size_t i = 0; i < pool->count; i++) {
		const struct conf_range *range = &pool->ranges[i];

		if (address >= range->first && address <= range->last)
			return base + (address - range->first);
		base += range_size(range);
	}
	return pool->slots;
}

static uint32_t
address_of(const struct pool *pool, size_t slot)
{
	size_t i = 0;

	while (slot >= range_size(&pool->ranges[i]))
		slot -= range_size(&pool->ranges[i++]);
	return pool->ranges[i].first + (uint32_t)slot;
}

/* Where an address outside the ranges stands, or would stand, in the sorted list. */
static size_t
outside_place(const struct pool *pool, uint32_t address)
{
	size_t low = 0, high = pool->outside_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (pool->outside[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Where the flags of an address are; NULL when it is neither in a range nor in the list. */
static uint8_t *
flags_of(struct pool *pool, uint32_t address)
{
	size_t slot = slot_of(pool, address), place = outside_place(pool, address);

	if (slot < pool->slots)
		return &pool->flags[slot];
	if (place < pool->outside_count && pool->outside[place].address == address)
		return &pool->outside[place].flags;
	return NULL;
}

struct pool *
pool_new(const struct conf_range *ranges, size_t count, uint32_t gateway)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (!pool || count > CONF_POOL_MAX) {
		free(pool);
		return NULL;
	}
	if (count)
		memcpy(pool->ranges, ranges, count * sizeof(*ranges));
	pool->count = count;
	pool->gateway = gateway;
	for (size_t i = 0; i < count; i++)
		pool->slots += range_size(&ranges[i]);
	pool->free = pool->slots;
	pool->flags = calloc(pool->slots + 1, 1);
	if (!pool->flags || !pool_reserve(pool, gateway)) {
		pool_free(pool);
		return NULL;
	}
	return pool;
}

void
pool_free(struct pool *pool)
{
	if (!pool)
		return;
	free(pool->flags);
	free(pool->outside);
	free(pool);
}

static uint8_t *
outside_add(struct pool *pool, uint32_t address)
{
	if (pool->outside_count == pool->outside_room) {
		size_t room = pool->outside_room ? 2 * pool->outside_room : 16;
		struct outside *more = realloc(pool->outside, room * sizeof(*more));

		if (!more)
			return NULL;
		pool->outside = more;
		pool->outside_room = room;
	}

	size_t place = outside_place(pool, address);
	struct outside *at = &pool->outside[place];

	memmove(at + 1, at, (pool->outside_count++ - place) * sizeof(*at));
	*at = (struct outside){.address = address};
	return &at->flags;
}

bool
pool_reserve(struct pool *pool, uint32_t address)
{
	bool inside = slot_of(pool, address) < pool->slots;
	uint8_t *flags = flags_of(pool, address);

	if (!flags)
		flags = outside_add(pool, address);
	if (!flags)
		return false;
	if (inside && !(*flags & RESERVED)) {
		pool->reserved++;
		if (!(*flags & TAKEN))
			pool->free--;
	}
	*flags |= RESERVED;
	return true;
}

uint32_t
pool_take(struct pool *pool)
{
	if (pool->free == 0)
		return 0;
	while (pool->flags[pool->next])
		pool->next = (pool->next + 1) % pool->slots;

	size_t slot = pool->next;

	pool->flags[slot] = TAKEN;
	pool->next = (slot + 1) % pool->slots;
	pool->free--;
	pool->used++;
	return address_of(pool, slot);
}

bool
pool_take_fixed(struct pool *pool, uint32_t address)
{
	uint8_t *flags = flags_of(pool, address);

	if (!flags)
		flags = outside_add(pool, address);
	if (!flags || *flags & TAKEN || address == pool->gateway)
		return false;
	if (slot_of(pool, address) < pool->slots && !(*flags & RESERVED))
		pool->free--;
	*flags |= TAKEN;
	pool->used++;
	return true;
}

void
pool_give(struct pool *pool, uint32_t address)
{
	uint8_t *flags = flags_of(pool, address);

	if (!flags || !(*flags & TAKEN))
		return;
	*flags &= (uint8_t)~TAKEN;
	pool->used--;
	if (slot_of(pool, address) < pool->slots && !(*flags & RESERVED))
		pool->free++;
}

size_t
pool_size(const struct pool *pool)
{
	return pool->slots - pool->reserved;
}

size_t
pool_used(const struct pool *pool)
{
	return pool->used;
}
