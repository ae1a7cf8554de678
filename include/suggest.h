/*
 * "Did you mean …?" (src/conf/suggest.c): the nearest of some candidates to a word that somebody
 * mistyped. Pure.
 */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

/* " (did you mean 'x'?)" with an x of this many bytes at most */
#define SUGGEST_WORD_MAX 64
#define SUGGEST_HINT_MAX (SUGGEST_WORD_MAX + 24)

struct suggest {
	const char *word; /* borrowed */
	const char *best; /* the nearest candidate so far, or NULL */
	size_t distance;  /* its distance; a candidate must be nearer to be taken */
};

/* Begins a search. `word` and the candidates must live as long as the search. */
void suggest_init(struct suggest *suggest, const char *word);
/* One candidate. Insertion, deletion, replacement and swapping neighbours cost 1 each, case costs
 * nothing; what is further away than a third of the word is not taken. */
void suggest_try(struct suggest *suggest, const char *candidate);
/* Writes " (did you mean 'x'?)", or "" when nothing was near. Returns hint. */
const char *suggest_hint(const struct suggest *suggest, char hint[SUGGEST_HINT_MAX]);

#endif
