/*
 * The configuration's files as bytes in one piece (src/os/bundle.c): read once by the keeper or
 * lnsctl, handed to the worker as a sealed memfd, with the tunnel secrets. Reading is here so that
 * src/conf stays pure.
 */
#ifndef BUNDLE_H
#define BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

/* A tunnel secret, in the order of conf_secret_owner(). */
struct bundle_secret {
	uint32_t len;
	uint8_t bytes[LNS_SECRET_MAX];
};

struct bundle {
	struct conf_file *files;
	size_t count;
	char *bytes;		       /* what names and texts point into */
	struct bundle_secret *secrets; /* of one that came by bundle_from_memfd() */
	size_t secret_count;
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

/* A sealed memfd with the bundle and the secrets of `conf`, which was parsed from it; or -errno. */
int bundle_to_memfd(const struct bundle *bundle, struct conf *conf);
/* Reads it back without opening anything; false when it is not whole. fd stays the caller's. */
bool bundle_from_memfd(struct bundle *bundle, int fd);
/* Gives the secrets that came along to the configuration that was parsed from the files; false when
 * they are not as many as it has owners. */
bool bundle_give_secrets(const struct bundle *bundle, struct conf *conf);

#endif
