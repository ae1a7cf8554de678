/* Deadlines: a heap of items that live inside their owners. No allocation but the array. */
#ifndef HEAP_H
#define HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "mstime.h"

/* Embedded in the owner; zero-initialised means "not in a heap". */
struct heap_item {
	mstime_t when;
	size_t place; /* 1 + index in the array; 0: not in the heap */
};

/*
 * The time stands beside the pointer: with tens of thousands of owners each look at one would be a
 * miss of the cache. It may be earlier than the item's own: a deadline that is put off, as most are
 * again and again, costs nothing until it would have come.
 */
struct heap_slot {
	mstime_t when;
	struct heap_item *item;
};

struct heap {
	struct heap_slot *slots;
	size_t count, room;
};

/* Makes room for `count` items in all, so that heap_set cannot fail later. False when memory is
 * short. */
bool heap_reserve(struct heap *h, size_t count);
void heap_fini(struct heap *h);

/* Puts the item in, or moves it, to expire at `when` (MSTIME_NEVER takes it out). False only when
 * memory is short. */
bool heap_set(struct heap *h, struct heap_item *item, mstime_t when);
void heap_remove(struct heap *h, struct heap_item *item);

/* The item that expires first, or NULL. It stays in the heap; those that were put off find their
 * places. */
struct heap_item *heap_first(struct heap *h);

#endif
