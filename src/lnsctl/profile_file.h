/* A file with settings for a client: whole or not at all. */
#ifndef LNSCTL_PROFILE_FILE_H
#define LNSCTL_PROFILE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Written beside, flushed, renamed; for its owner alone where it is `secret`, else as umask has it.
 * What is there and no regular file stays. 0, or an errno with nothing changed. */
int profile_file_write(const char *path, const char *bytes, size_t len, bool secret);

#endif
