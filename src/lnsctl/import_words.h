/* The files of an older gateway as words. Pure. */
#ifndef LNSCTL_IMPORT_WORDS_H
#define LNSCTL_IMPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define IMPORT_WORD_MAX 1024

/* Whose rules divide a text into words */
enum words_kind {
	WORDS_PPPD, /* quotes of both kinds, a backslash as in C, '#' begins a comment */
	WORDS_IPSEC /* quotes of both kinds, no escapes; '#' begins a comment before a word only */
};

/* A place in a text. */
struct words {
	const char *at;
	enum words_kind kind;
	int line, next_line; /* of the word that came last, from 1 on; and where `at` is */
	bool begun;
};

struct word {
	char text[IMPORT_WORD_MAX];
	bool first;    /* of its line */
	bool indented; /* so is its line */
	bool quoted;   /* in part, at least */
	bool cut;      /* was longer than IMPORT_WORD_MAX - 1 */
};

void words_init(struct words *words, const char *text, enum words_kind kind);
/* False at the end of the text. */
bool words_next(struct words *words, struct word *word);
/* On to the next line. */
void words_skip_line(struct words *words);
/* Whether another word stands in the same line. */
bool words_more(const struct words *words);

/* "key = value" of a line as xl2tpd.conf and ipsec.conf have them, without blanks around, comment
 * or quotes around the value; false when it has no '='. Both are cut to `cap`. */
bool words_pair(const char *line, size_t len, char *key, char *value, size_t cap);

#endif
