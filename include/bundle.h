/*
 * The configuration's files as bytes in one piece (src/os/bundle.c): read once by the keeper or
 * lnsctl, handed to the worker as a sealed memfd. Reading is here so that src/conf stays pure.
 */
#ifndef BUNDLE_H
#define BUNDLE_H

#include <stddef.h>

#include "conf.h"

struct bundle {
	struct conf_file *files;
	size_t count;
	char *bytes; /* what names and texts point into */
};

/*
 * Reads FILE and, beside it, every *.conf of FILE.d in alphabetical order. A missing or unreadable
 * file, a directory, one over 1 MiB or with a NUL byte is an error with the fix in its text. Free
 * with bundle_fini().
 */
bool bundle_read(struct bundle *bundle, const char *path, struct conf_errors *errors);
/* One file only: the users' file. */
bool bundle_read_one(struct bundle *bundle, const char *path, struct conf_errors *errors);
void bundle_fini(struct bundle *bundle);

/* A sealed memfd with the bundle, or -errno. */
int bundle_to_memfd(const struct bundle *bundle);
/* Reads it back without opening anything; false when it is not whole. fd stays the caller's. */
bool bundle_from_memfd(struct bundle *bundle, int fd);

#endif
