/* The history's file (kept.h): what a line is, and how one gets there. Knows nothing of the
 * keeper. */
#ifndef KEEPER_HISTORY_FILE_H
#define KEEPER_HISTORY_FILE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "wall.h"

struct history_file {
	const char *path;
	gid_t group;	/* may read it */
	uint64_t limit; /* bytes; a file that would grow beyond becomes the old one */
};

/* The entry of a session that ended at this moment; the caller frees it. NULL when memory is short.
 * A user's name that is no text is escaped (log_escape). */
char *history_line(const struct wall_history *entry, time_t end);

/*
 * Appends a line, given without its newline; 0 or -errno, and then nothing or a part of the line is
 * there, which the next one closes. The file is opened anew each time: whoever moves it away gets a
 * new one. It is left to the kernel when it reaches the disk: a crash of ours loses nothing, a loss
 * of power the last half minute at the most, and waiting for a disk at each logout would hold up
 * what clients wait for.
 */
int history_append(const struct history_file *file, const char *line);

#endif
