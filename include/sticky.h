/*
 * Who had which address last (src/policy/sticky.c): a wish for the next time and no promise, so it
 * may forget. Bounded: 65536 pairs, of which the oldest of a group goes. Names are kept as hashes;
 * two that are equal cost their users a wish. Pure; one owner, the keeper.
 */
#ifndef STICKY_H
#define STICKY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many of one user's: each of his devices finds its own */
#define STICKY_WISHES 4
/* "0123456789abcdef 10.99.0.10", and the NUL */
#define STICKY_LINE_MAX 40

struct sticky;

/* NULL when memory is short. */
struct sticky *sticky_new(void);
void sticky_free(struct sticky *sticky);

/* The user has this address now; never 0. */
void sticky_note(struct sticky *sticky, const char *user, uint32_t address);
/* What the user had, the last first; gives how many. */
size_t sticky_wishes(const struct sticky *sticky, const char *user, uint32_t wishes[STICKY_WISHES]);

/* The memory as lines of text without their ends, the oldest of a group first: the i-th from
 * `*place` on, which begins at 0; false after the last. */
bool sticky_write(const struct sticky *sticky, size_t *place, char line[STICKY_LINE_MAX]);
/* False for a line that is none; nothing is changed then. */
bool sticky_read(struct sticky *sticky, const char *line);

#endif
