/* Slot 0 is the earliest; the children of slot i are the WAYS from WAYS * i + 1 on: fewer levels
 * than with two, and a slot's children lie together. */
#include <stdint.h>
#include <stdlib.h>

#include "heap.h"

#define ROOM_FIRST 16
#define WAYS 4

bool
heap_reserve(struct heap *h, size_t count)
{
	struct heap_slot *slots;

	if (count <= h->room)
		return true;
	/* twice as many at least: one more owner at a time costs no copy each time */
	if (count < 2 * h->room)
		count = 2 * h->room;
	if (count < ROOM_FIRST)
		count = ROOM_FIRST;
	if (count > SIZE_MAX / sizeof(*slots))
		return false;
	slots = realloc(h->slots, count * sizeof(*slots));
	if (!slots)
		return false;
	h->slots = slots;
	h->room = count;
	return true;
}

void
heap_fini(struct heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->slots[i].item->place = 0;
	free(h->slots);
	*h = (struct heap){0};
}

static void
put(struct heap *h, size_t i, struct heap_slot slot)
{
	h->slots[i] = slot;
	slot.item->place = i + 1;
}

/* Moves what stands at place i to where it belongs, towards the root. */
static void
sift_up(struct heap *h, size_t i, struct heap_slot slot)
{
	while (i > 0) {
		size_t parent = (i - 1) / WAYS;

		if (h->slots[parent].when <= slot.when)
			break;
		put(h, i, h->slots[parent]);
		i = parent;
	}
	put(h, i, slot);
}

/* The child of place i that is the earliest; past the end when it has none. */
static size_t
earliest_child(const struct heap *h, size_t i)
{
	size_t first = WAYS * i + 1, best = first;

	for (size_t child = first + 1; child < first + WAYS && child < h->count; child++)
		best = h->slots[child].when < h->slots[best].when ? child : best;
	return best;
}

/* The same, towards the leaves. */
static void
sift_down(struct heap *h, size_t i, struct heap_slot slot)
{
	for (size_t child = earliest_child(h, i); child < h->count; child = earliest_child(h, i)) {
		if (slot.when <= h->slots[child].when)
			break;
		put(h, i, h->slots[child]);
		i = child;
	}
	put(h, i, slot);
}

static void
place(struct heap *h, size_t i, struct heap_slot slot)
{
	if (i > 0 && slot.when < h->slots[(i - 1) / WAYS].when)
		sift_up(h, i, slot);
	else
		sift_down(h, i, slot);
}

bool
heap_set(struct heap *h, struct heap_item *item, mstime_t when)
{
	const struct heap_slot slot = {when, item};

	if (when == MSTIME_NEVER) {
		heap_remove(h, item);
		return true;
	}
	if (item->place == 0) {
		if (h->count == h->room && !heap_reserve(h, h->count + 1))
			return false;
		put(h, h->count++, slot);
		sift_up(h, item->place - 1, slot);
	} else if (when < item->when && when < h->slots[item->place - 1].when) {
		/* else the place where it stands does for this time, too */
		sift_up(h, item->place - 1, slot);
	}
	item->when = when;
	return true;
}

void
heap_remove(struct heap *h, struct heap_item *item)
{
	size_t i = item->place;
	struct heap_slot last;

	if (i == 0)
		return;
	item->place = 0;
	last = h->slots[--h->count];
	if (last.item != item)
		place(h, i - 1, last);
}

struct heap_item *
heap_first(struct heap *h)
{
	while (h->count && h->slots[0].when != h->slots[0].item->when)
		sift_down(h, 0, (struct heap_slot){h->slots[0].item->when, h->slots[0].item});
	return h->count ? h->slots[0].item : NULL;
}
