/* Bans between two lives of the daemon: a line each, "ADDRESS REASON SINCE UNTIL", times in seconds
 * since the epoch. */
#ifndef KEEPER_BAN_FILE_H
#define KEEPER_BAN_FILE_H

#include <sys/types.h>

#include "bans.h"

/* Writes all of them in place of what is there; 0 or -errno, and then the old ones are there. */
int ban_file_write(const char *path, gid_t group, const struct bans *bans);

/* Adds those of the file that still hold at `now`; a line that cannot be read is passed over, a
 * file that is not there is empty. 0 or -errno. */
int ban_file_read(const char *path, struct bans *bans, int64_t now);

#endif
