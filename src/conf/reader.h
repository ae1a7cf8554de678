/*
 * One INI file, line by line. The reader knows lines: it counts them, takes comments and
 * indentation away, keeps the section and refuses what no file should have; inih splits keys from
 * values. A line may be longer than inih's buffer: it is then handed over in parts, in inih's form
 * of a continued value.
 */
#ifndef CONF_READER_H
#define CONF_READER_H

#include <stdbool.h>

#include "conf.h"

#define READER_LINE_MAX 4096 /* with the final NUL */
#define READER_KEY_MAX 64
#define READER_SECTION_MAX 160

struct reader_place {
	const char *file;
	int line;
	const char *section;
};

/* All pointers are valid for the length of the call. */
struct reader_events {
	/* A section header. False: unknown and reported, its keys are to be left out. */
	bool (*section)(void *ctx, const struct reader_place *place);
	/* A key and its value. The value may be wiped by the callee. */
	void (*entry)(void *ctx, const struct reader_place *place, const char *key,
		      const char *value);
};

/* Errors never quote a value, because values may be secrets. */
void reader_run(const struct conf_file *file, const struct reader_events *events, void *ctx,
		struct conf_errors *errors);

#endif
