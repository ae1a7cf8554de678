#include "suggest.h"

#include <stdio.h>
#include <string.h>

void
suggest_init(struct suggest *suggest, const char *word)
{
	suggest->word = word;
	suggest->best = NULL;
	suggest->distance = strlen(word) / 3 + 2;
}

/* "Port" for "port" is a slip too. */
static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static size_t
min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance; both words are at most SUGGEST_WORD_MAX long. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][SUGGEST_WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t change = fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1;

			row[j] = min(last[j - 1] + change, min(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[b_len];
}

void
suggest_try(struct suggest *suggest, const char *candidate)
{
	size_t word_len = strlen(suggest->word), len = strlen(candidate);
	size_t apart = word_len > len ? word_len - len : len - word_len, d;

	if (word_len == 0 || word_len > SUGGEST_WORD_MAX || len > SUGGEST_WORD_MAX)
		return;
	/* each byte that one of them has more costs 1 */
	if (apart >= suggest->distance)
		return;
	d = distance(suggest->word, word_len, candidate, len);
	/* A word that shares nothing with the candidate is no typing error. */
	if (d < suggest->distance && d < len) {
		suggest->distance = d;
		suggest->best = candidate;
	}
}

const char *
suggest_hint(const struct suggest *suggest, char hint[SUGGEST_HINT_MAX])
{
	hint[0] = '\0';
	if (suggest->best)
		snprintf(hint, SUGGEST_HINT_MAX, " (did you mean '%s'?)", suggest->best);
	return hint;
}
