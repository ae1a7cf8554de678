/* What a verb is to do: the word behind it, as in `user add`. */
#ifndef LNSCTL_ACTION_H
#define LNSCTL_ACTION_H

#include <stddef.h>

/* The row of that name in the verb's table of `count` rows of `size` bytes, each of which begins
 * with its name, a const char *. NULL when there is none: that has been said, with what may have
 * been meant. */
const void *action_find(const char *verb, const char *name, const void *rows, size_t count,
			size_t size);

#endif
