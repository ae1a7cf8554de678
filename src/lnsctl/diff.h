/* What differs between two texts, as people read it. */
#ifndef LNSCTL_DIFF_H
#define LNSCTL_DIFF_H

#include <stdbool.h>
#include <stdio.h>

/* What of a text is not for any eye */
enum diff_secrets {
	DIFF_OPEN, /* nothing */
	DIFF_KEYS, /* the values of password, otp and secret */
	DIFF_LINES /* all but comments */
};

#define DIFF_MASK "(not shown)"

/* A copy without secrets, the caller's to free; NULL when memory is short. */
char *diff_mask(const char *text, enum diff_secrets secrets);

/* A unified diff of the masked texts by diff(1); `before` is NULL for a file that is not there.
 * False when that does not work, which has been said. */
bool diff_print(FILE *out, const char *path, const char *before, const char *after,
		enum diff_secrets secrets);

#endif
