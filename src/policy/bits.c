/* See bits.h. What is behind the bound counts as there, so that a level's last word gets full. */
#include "policy/bits.h"

#include <stdlib.h>
#include <string.h>

#define WORD 64u
#define FULL UINT64_MAX

static uint64_t
bit_of(size_t number)
{
	return UINT64_C(1) << (number % WORD);
}

bool
bits_init(struct bits *bits, size_t bound)
{
	size_t total = 0, needed = bound;

	*bits = (struct bits){.bound = bound};
	do {
		needed = needed / WORD + (needed % WORD || !needed);
		bits->words[bits->level_count++] = needed;
		total += needed;
	} while (needed > 1 && bits->level_count < BITS_LEVELS);
	bits->levels[0] = calloc(total, sizeof(uint64_t));
	if (!bits->levels[0])
		return false;
	needed = bound;
	for (size_t i = 0; i < bits->level_count; i++) {
		if (i > 0)
			bits->levels[i] = bits->levels[i - 1] + bits->words[i - 1];
		if (needed % WORD)
			bits->levels[i][needed / WORD] = FULL << needed % WORD;
		needed = bits->words[i];
	}
	return true;
}

void
bits_fini(struct bits *bits)
{
	free(bits->levels[0]);
	memset(bits, 0, sizeof(*bits));
}

bool
bits_has(const struct bits *bits, size_t number)
{
	return (bits->levels[0][number / WORD] & bit_of(number)) != 0;
}

bool
bits_add(struct bits *bits, size_t number)
{
	if (bits_has(bits, number))
		return false;
	bits->count++;
	for (size_t i = 0; i < bits->level_count; i++) {
		uint64_t *word = &bits->levels[i][number / WORD];

		*word |= bit_of(number);
		if (*word != FULL)
			break;
		number /= WORD;
	}
	return true;
}

bool
bits_remove(struct bits *bits, size_t number)
{
	if (!bits_has(bits, number))
		return false;
	bits->count--;
	for (size_t i = 0; i < bits->level_count; i++) {
		uint64_t *word = &bits->levels[i][number / WORD];
		bool was_full = *word == FULL;

		*word &= ~bit_of(number);
		if (!was_full)
			break;
		number /= WORD;
	}
	return true;
}

/* From `from` to the bound: up until a word has one missing, then down to it. */
static size_t
search(const struct bits *bits, size_t from)
{
	size_t level = 0, number = from;

	for (;; level++) {
		uint64_t missing;

		if (level == bits->level_count || number / WORD >= bits->words[level])
			return bits->bound;
		missing = ~bits->levels[level][number / WORD] & FULL << number % WORD;
		if (missing) {
			number = number / WORD * WORD + (size_t)__builtin_ctzll(missing);
			break;
		}
		number = number / WORD + 1;
	}
	while (level-- > 0)
		number = number * WORD + (size_t)__builtin_ctzll(~bits->levels[level][number]);
	return number;
}

size_t
bits_next_missing(const struct bits *bits, size_t from)
{
	size_t found;

	if (bits->count == bits->bound)
		return bits->bound;
	found = from < bits->bound ? search(bits, from) : bits->bound;
	return found < bits->bound ? found : search(bits, 0);
}
