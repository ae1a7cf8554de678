/* A set of numbers below a bound, in which the next one that is missing is found at once: bits,
 * with further levels above in which a bit stands for a word that is full. 2 MB hold 16 million. */
#ifndef POLICY_BITS_H
#define POLICY_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITS_LEVELS 5

struct bits {
	uint64_t *levels[BITS_LEVELS]; /* the first has a bit a number; one allocation */
	size_t words[BITS_LEVELS];
	size_t level_count;
	size_t bound, count;
};

/* An empty set of numbers below `bound`, which is 2^30 at most. False when memory is short. */
bool bits_init(struct bits *bits, size_t bound);
void bits_fini(struct bits *bits);

/* `number` is below the bound. */
bool bits_has(const struct bits *bits, size_t number);
/* False when it was there, or was not. */
bool bits_add(struct bits *bits, size_t number);
bool bits_remove(struct bits *bits, size_t number);

/* The first one from `from` on that is not in the set, past the bound going on at 0; the bound when
 * all are. */
size_t bits_next_missing(const struct bits *bits, size_t from);

#endif
