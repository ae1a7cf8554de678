/* Chains of items; twice as many as soon as there are more items than chains. */
#include "l2tp/table.h"

#include <stdlib.h>

void
table_init(struct table *table)
{
	*table = (struct table){.mask = TABLE_FEW - 1};
	table->buckets = table->few;
}

void
table_fini(struct table *table)
{
	if (table->buckets != table->few)
		free(table->buckets);
	table_init(table);
}

static void
grow(struct table *table)
{
	size_t size = 2 * (table->mask + 1);
	struct table_item **buckets = calloc(size, sizeof(struct table_item *));
	struct table_item **old = table->buckets;

	if (!buckets)
		return;
	for (size_t i = 0; i <= table->mask; i++) {
		struct table_item *item = old[i], *turned = NULL, *next;

		/* from the oldest to the newest, so that their order stays */
		for (; item; item = next) {
			next = item->next;
			item->next = turned;
			turned = item;
		}
		for (item = turned; item; item = next) {
			struct table_item **bucket = &buckets[item->hash & (size - 1)];

			next = item->next;
			item->next = *bucket;
			*bucket = item;
		}
	}
	if (old != table->few)
		free(old);
	table->buckets = buckets;
	table->mask = size - 1;
}

void
table_add(struct table *table, struct table_item *item, uint64_t hash)
{
	struct table_item **bucket;

	if (table->count > table->mask)
		grow(table);
	bucket = &table->buckets[hash & table->mask];
	item->hash = hash;
	item->next = *bucket;
	*bucket = item;
	table->count++;
}

void
table_remove(struct table *table, struct table_item *item)
{
	struct table_item **at = &table->buckets[item->hash & table->mask];

	while (*at != item)
		at = &(*at)->next;
	*at = item->next;
	table->count--;
}

static struct table_item *
of_hash(struct table_item *item, uint64_t hash)
{
	while (item && item->hash != hash)
		item = item->next;
	return item;
}

struct table_item *
table_first(const struct table *table, uint64_t hash)
{
	return of_hash(table->buckets[hash & table->mask], hash);
}

struct table_item *
table_next(const struct table_item *item)
{
	return of_hash(item->next, item->hash);
}
