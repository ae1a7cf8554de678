/* Whether a pre-shared key can be guessed: whoever has recorded one IKE exchange tries offline. */
#ifndef LNSCTL_KEY_WEAK_H
#define LNSCTL_KEY_WEAK_H

#include <stdbool.h>
#include <stddef.h>

/* True: `why` says it, without a letter of the key. Pure. */
bool key_weak(const char *key, size_t len, char *why, size_t cap);

/* The same of a file's first line; false, too, when it cannot be read. */
bool key_weak_file(const char *path, char *why, size_t cap);

#endif
