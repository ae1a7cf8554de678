/* Files that are put in place together: all of them, or none. */
#ifndef LNSCTL_CHANGE_H
#define LNSCTL_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lnsctl/diff.h"
#include "lnsctl/whole.h"

#define CHANGES_MAX 4
#define CHANGE_BYTES_MAX (1u << 20) /* as much as the daemon reads of a file */

struct change {
	struct whole file;
	mode_t mode; /* of a file that was not there; another keeps its mode and owner */
	enum diff_secrets secrets;
	char *before, *after; /* `before` is NULL where there is no such file */
};

/* Zero-initialise. Holds secrets: changes_fini() wipes them. */
struct changes {
	struct change list[CHANGES_MAX];
	size_t count;
};

/* The file's text, the caller's to wipe and free, or NULL: *error is 0 when there is no such file,
 * else an errno (EINVAL: no text). */
char *change_read(const char *path, int *error);
/* Wipes and frees a text; NULL is none. */
void change_wipe(char *text);

/* Keeps other editors of the file's folder out until the descriptor that it gives is closed; -1
 * when somebody else does not let go of it, which has been said. */
int change_lock(const char *path);

/*
 * Takes `take_after` as what the file shall say; a file that says so already is left out. Symbolic
 * links are followed. False when that cannot be read or memory is short, which has been said.
 */
bool changes_add(struct changes *changes, const char *path, mode_t mode, enum diff_secrets secrets,
		 char *take_after);

/* What would be written, as a unified diff without secrets. False when diff cannot be run. */
bool changes_print(const struct changes *changes);

/*
 * Writes all beside their places, flushes, and only then renames them into place, while no signal
 * can come in between. When anything fails the files are as they were, and what failed is said.
 */
bool changes_commit(struct changes *changes);
void changes_fini(struct changes *changes);

#endif
