/*
 * The option table: one row a key of the contract. Parsing, defaults, what a reload may change and
 * what is not built yet all come from it.
 */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

#define OPTION_COUNT 72
#define WHY_MAX 160
#define VALUE_TEXT_MAX 2048 /* a value as value_type.format writes it */

struct option;

/* How a kind of value is read and written; src/conf/value.c, address.c and prefix.c. A record is
 * what the option's section fills: struct conf, or struct conf_peer. */
struct value_type {
	/* Sets the option's member of the record. False: `why` says what is wrong with the text. */
	bool (*parse)(const struct option *option, const char *text, void *record,
		      char why[WHY_MAX]);
	/* Writes the member in its canonical form, "" for none. */
	void (*format)(const struct option *option, const void *record, char out[VALUE_TEXT_MAX]);
};

struct word {
	const char *name; /* NULL ends a list */
	unsigned value;
	bool built;
};

struct option {
	const char *section, *key;
	const char *def;
	/* The text that stands for an empty member ("none", or "auto" where something else fills it
	 * in); NULL: there is none. */
	const char *unset;
	/* Not built: a second value that is taken besides the default, or NULL. */
	const char *also;
	enum conf_live live;
	bool built;
	bool named; /* the section carries a name: [peer NAME] */
	const struct value_type *type;
	size_t offset, size;	   /* of the member in its record */
	size_t count_offset;	   /* of a list's count, a size_t */
	int64_t least, most, step; /* bounds of a number, in its unit; step 0: any */
	const struct word *words;  /* of word and word set */
};

/* The i-th row, or NULL past the last. */
const struct option *option_at(size_t i);
/* The row's number. */
size_t option_index(const struct option *option);

/* NULL when there is none. */
const struct option *option_find(const char *section, const char *key);

/*
 * Sets one key from its text. False: `why` says what is wrong, the record is as before or has the
 * option's member changed. Refuses what is not built.
 */
bool option_set(const struct option *option, const char *text, void *record, char why[WHY_MAX]);
/* Sets all keys of [peer NAME] to their defaults. */
void option_peer_defaults(struct conf_peer *peer);

#endif
