/*
 * The pool: a set of the addresses that nobody can be given, over all ranges in turn ("slot" =
 * place in that order). Free ones are taken in a circle, so that one just given back comes last.
 * Reserved addresses, and fixed ones outside the ranges, stand in a hash table besides, which knows
 * whether they are out: in the set a reserved one always is.
 */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

#include "policy/bits.h"

#define TABLE_LEAST 64

/* One that is no slot, or not an ordinary one. */
struct apart {
	uint32_t address; /* 0: free */
	bool taken, reserved;
};

struct pool {
	struct conf_range ranges[CONF_POOL_MAX];
	size_t count;
	uint32_t gateway;
	struct bits busy; /* slots */
	size_t next, used, reserved_slots;
	struct apart *table; /* linear probing; a power of two, never more than half full */
	size_t table_size, table_count;
};

/* ── slots ──────────────────────────────────────────────────────────────────────────────── */

static size_t
range_size(const struct conf_range *range)
{
	return (size_t)(range->last - range->first) + 1;
}

static size_t
slots(const struct pool *pool)
{
	return pool->busy.bound;
}

/* The slot of an address, or slots() when it is in no range. */
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
	return slots(pool);
}

static uint32_t
address_of(const struct pool *pool, size_t slot)
{
	size_t i = 0;

	while (slot >= range_size(&pool->ranges[i]))
		slot -= range_size(&pool->ranges[i++]);
	return pool->ranges[i].first + (uint32_t)slot;
}

/* ── addresses apart ────────────────────────────────────────────────────────────────────── */

/* Neighbours go to places far from each other (Knuth's multiplier). */
static size_t
place_of(const struct pool *pool, uint32_t address)
{
	return (address * 2654435761u >> 7) & (pool->table_size - 1);
}

/* Where the address stands, or the free place where it would. */
static size_t
find_place(const struct pool *pool, uint32_t address)
{
	size_t i = place_of(pool, address);

	while (pool->table[i].address && pool->table[i].address != address)
		i = (i + 1) & (pool->table_size - 1);
	return i;
}

static struct apart *
find_apart(const struct pool *pool, uint32_t address)
{
	struct apart *apart = &pool->table[find_place(pool, address)];

	return apart->address ? apart : NULL;
}

static bool
grow(struct pool *pool, size_t size)
{
	struct apart *old = pool->table;
	size_t old_size = pool->table_size;
	struct apart *table = calloc(size, sizeof(*table));

	if (!table)
		return false;
	pool->table = table;
	pool->table_size = size;
	for (size_t i = 0; i < old_size; i++)
		if (old[i].address)
			table[find_place(pool, old[i].address)] = old[i];
	free(old);
	return true;
}

/* The address's entry, made where there is none; NULL when memory is short. */
static struct apart *
make_apart(struct pool *pool, uint32_t address)
{
	struct apart *apart = find_apart(pool, address);

	if (apart)
		return apart;
	if (2 * (pool->table_count + 1) > pool->table_size && !grow(pool, 2 * pool->table_size))
		return NULL;
	pool->table_count++;
	apart = &pool->table[find_place(pool, address)];
	apart->address = address;
	return apart;
}

/* Closes the gap: what follows and would not be found any more moves up (Knuth 6.4, algorithm R).
 */
static void
drop_apart(struct pool *pool, const struct apart *apart)
{
	size_t mask = pool->table_size - 1, gap = (size_t)(apart - pool->table);

	pool->table_count--;
	pool->table[gap] = (struct apart){.address = 0};
	for (size_t i = (gap + 1) & mask; pool->table[i].address; i = (i + 1) & mask) {
		size_t home = place_of(pool, pool->table[i].address);

		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		pool->table[gap] = pool->table[i];
		pool->table[i] = (struct apart){.address = 0};
		gap = i;
	}
}

/* ── the pool ───────────────────────────────────────────────────────────────────────────── */

struct pool *
pool_new(const struct conf_range *ranges, size_t count, uint32_t gateway)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	size_t total = 0;

	if (!pool || count > CONF_POOL_MAX) {
		free(pool);
		return NULL;
	}
	if (count)
		memcpy(pool->ranges, ranges, count * sizeof(*ranges));
	pool->count = count;
	pool->gateway = gateway;
	for (size_t i = 0; i < count; i++)
		total += range_size(&ranges[i]);
	if (!bits_init(&pool->busy, total) || !grow(pool, TABLE_LEAST) ||
	    (gateway && !pool_reserve(pool, gateway))) {
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
	bits_fini(&pool->busy);
	free(pool->table);
	free(pool);
}

bool
pool_reserve(struct pool *pool, uint32_t address)
{
	size_t slot = slot_of(pool, address);
	struct apart *apart = make_apart(pool, address);

	if (!apart)
		return false;
	if (slot < slots(pool) && !apart->reserved) {
		apart->taken = !bits_add(&pool->busy, slot);
		pool->reserved_slots++;
	}
	apart->reserved = true;
	return true;
}

bool
pool_reserved(const struct pool *pool, uint32_t address)
{
	const struct apart *apart = find_apart(pool, address);

	return apart && apart->reserved;
}

static uint32_t
take_slot(struct pool *pool, size_t slot)
{
	bits_add(&pool->busy, slot);
	pool->used++;
	return address_of(pool, slot);
}

uint32_t
pool_take(struct pool *pool, const uint32_t *wishes, size_t wish_count)
{
	size_t slot;

	for (size_t i = 0; i < wish_count; i++) {
		slot = slot_of(pool, wishes[i]);
		if (slot < slots(pool) && !bits_has(&pool->busy, slot))
			return take_slot(pool, slot);
	}
	slot = bits_next_missing(&pool->busy, pool->next);
	if (slot == slots(pool))
		return 0;
	pool->next = slot + 1;
	return take_slot(pool, slot);
}

bool
pool_take_fixed(struct pool *pool, uint32_t address)
{
	size_t slot = slot_of(pool, address);
	struct apart *apart = find_apart(pool, address);

	if (address == pool->gateway)
		return false;
	if (!apart && slot < slots(pool)) {
		if (!bits_add(&pool->busy, slot))
			return false;
	} else {
		apart = make_apart(pool, address);
		if (!apart || apart->taken)
			return false;
		apart->taken = true;
	}
	pool->used++;
	return true;
}

void
pool_give(struct pool *pool, uint32_t address)
{
	size_t slot = slot_of(pool, address);
	struct apart *apart = find_apart(pool, address);

	if (apart ? !apart->taken : slot == slots(pool) || !bits_remove(&pool->busy, slot))
		return;
	pool->used--;
	if (apart && apart->reserved)
		apart->taken = false;
	else if (apart)
		drop_apart(pool, apart);
}

size_t
pool_size(const struct pool *pool)
{
	return slots(pool) - pool->reserved_slots;
}

size_t
pool_used(const struct pool *pool)
{
	return pool->used;
}

bool
pool_exhausted(const struct pool *pool)
{
	return pool->busy.count == slots(pool);
}
