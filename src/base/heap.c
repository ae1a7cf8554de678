/* Item 0 is the earliest; the children of item i are 2i + 1 and 2i + 2. */
#include <stdint.h>
#include <stdlib.h>

#include "heap.h"

#define ROOM_FIRST 16

bool
heap_reserve(struct heap *h, size_t count)
{
	struct heap_item **items;

	if (count <= h->room)
		return true;
	/* twice as many at least: one more owner at a time costs no copy each time */
	if (count < 2 * h->room)
		count = 2 * h->room;
	if (count < ROOM_FIRST)
		count = ROOM_FIRST;
	if (count > SIZE_MAX / sizeof(struct heap_item *))
		return false;
	items = realloc(h->items, count * sizeof(struct heap_item *));
	if (!items)
		return false;
	h->items = items;
	h->room = count;
	return true;
}

void
heap_fini(struct heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->items[i]->place = 0;
	free(h->items);
	*h = (struct heap){0};
}

static void
put(struct heap *h, size_t i, struct heap_item *item)
{
	h->items[i] = item;
	item->place = i + 1;
}

/* Moves the item from place i to where it belongs, towards the root. */
static void
sift_up(struct heap *h, size_t i, struct heap_item *item)
{
	while (i > 0) {
		size_t parent = (i - 1) / 2;

		if (h->items[parent]->when <= item->when)
			break;
		put(h, i, h->items[parent]);
		i = parent;
	}
	put(h, i, item);
}

/* The same, towards the leaves. */
static void
sift_down(struct heap *h, size_t i, struct heap_item *item)
{
	for (size_t child = 2 * i + 1; child < h->count; child = 2 * i + 1) {
		if (child + 1 < h->count && h->items[child + 1]->when < h->items[child]->when)
			child++;
		if (item->when <= h->items[child]->when)
			break;
		put(h, i, h->items[child]);
		i = child;
	}
	put(h, i, item);
}

static void
place(struct heap *h, size_t i, struct heap_item *item)
{
	if (i > 0 && item->when < h->items[(i - 1) / 2]->when)
		sift_up(h, i, item);
	else
		sift_down(h, i, item);
}

bool
heap_set(struct heap *h, struct heap_item *item, mstime_t when)
{
	if (when == MSTIME_NEVER) {
		heap_remove(h, item);
		return true;
	}
	if (item->place == 0) {
		if (h->count == h->room && !heap_reserve(h, h->count + 1))
			return false;
		put(h, h->count++, item);
	}
	item->when = when;
	place(h, item->place - 1, item);
	return true;
}

void
heap_remove(struct heap *h, struct heap_item *item)
{
	size_t i = item->place;
	struct heap_item *last;

	if (i == 0)
		return;
	item->place = 0;
	last = h->items[--h->count];
	if (last != item)
		place(h, i - 1, last);
}

struct heap_item *
heap_first(const struct heap *h)
{
	return h->count ? h->items[0] : NULL;
}
