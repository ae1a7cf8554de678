/* Names whose letter case does not count. */
#ifndef CONF_FOLD_H
#define CONF_FOLD_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the name with its letter case folded as Unicode has it ("STRASSE" and "Straße" are one).
 * False when it is not UTF-8, or does not fit (capacity cap); `out` is empty then. */
bool fold_name(char *out, size_t cap, const char *name);

#endif
