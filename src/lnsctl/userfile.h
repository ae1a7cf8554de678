/* The users' file as text that is edited: what is not about the user stays byte for byte. Pure. */
#ifndef LNSCTL_USERFILE_H
#define LNSCTL_USERFILE_H

#include <stdbool.h>
#include <stddef.h>

/* The file's bytes; `text` is NULL when memory was short. It holds secrets: userfile_fini() wipes
 * it. */
struct userfile {
	char *text;
	size_t len;
};

bool userfile_init(struct userfile *file, const char *text, size_t len);
void userfile_fini(struct userfile *file);

/*
 * Each gives false when memory is short, and leaves the file as it was. `line` counts from 1 and is
 * that of the user's section header, as the parser told it (struct user.line).
 */

/* A section at the end, without keys, behind an empty line. Gives its line. */
bool userfile_add(struct userfile *file, const char *name, int *line);
/* Takes the section away, with the comments inside it, but not with those that stand right before
 * the next one. */
bool userfile_remove(struct userfile *file, int line);
/* Sets a key: its line is replaced where there is one, else put behind the last key; NULL takes it
 * away. A comment at the end of a line goes with the old value. */
bool userfile_set(struct userfile *file, int line, const char *key, const char *value);

#endif
