/*
 * Hash tables whose items live inside their owners. Adding cannot fail: where memory for more
 * buckets is short, the chains grow longer. Small until something is in it.
 */
#ifndef L2TP_TABLE_H
#define L2TP_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in the owner. Items of one hash are found one after another: the owner compares the
 * rest.
 */
struct table_item {
	struct table_item *next;
	uint64_t hash;
};

#define TABLE_FEW 8

struct table {
	struct table_item **buckets; /* mask + 1 chains: `few`, or from the heap */
	size_t mask, count;
	struct table_item *few[TABLE_FEW];
};

/* The table must stay where it is. */
void table_init(struct table *table);
/* Frees what the table itself needs; the items stay their owners'. */
void table_fini(struct table *table);

void table_add(struct table *table, struct table_item *item, uint64_t hash);
/* The item must be in the table. */
void table_remove(struct table *table, struct table_item *item);

/* The item of this hash that was added last, and the next older one; NULL when there is no more. */
struct table_item *table_first(const struct table *table, uint64_t hash);
struct table_item *table_next(const struct table_item *item);

/* Mixes a value into a hash. It begins with a random key, so that a peer cannot choose its chain.
 */
static inline uint64_t
table_mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return hash ^ hash >> 29;
}

/* The owner of an item that there is; and of one, NULL for none. */
#define TABLE_AT(item, type, member) ((type *)(void *)((char *)(item)-offsetof(type, member)))
#define TABLE_OWNER(item, type, member) ((item) ? TABLE_AT(item, type, member) : NULL)

#endif
