/* What may come next on the command line: for the shells' completion (conf/completion). */
#ifndef LNSCTL_COMPLETE_H
#define LNSCTL_COMPLETE_H

#include <stddef.h>

#include "lnsctl/lnsctl.h"

/* A line that is no word: files and folders may stand here. */
#define COMPLETE_FILES ":files"

/*
 * Prints the words that may stand in the place of the last of `words`, of which a part is typed
 * already, a line each: all of them that fit the ones before, whether or not they begin like it.
 * `words` are those behind "lnsctl", NULL behind the last. Names and IDs come from the users' file
 * and the daemon, where these can be had.
 */
void complete_print(const struct settings *settings, const struct verb *const *verbs, size_t count,
		    char *const *words);

#endif
