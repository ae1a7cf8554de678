/* A file's bytes, all of them or an error: what stands behind every file that is put in place by a
 * rename. */
#ifndef LNSCTL_WHOLE_H
#define LNSCTL_WHOLE_H

#include <stddef.h>

/* Writes `len` bytes and waits until they are on the disk. 0 or an errno; the descriptor stays
 * open. */
int whole_write(int fd, const void *bytes, size_t len);

#endif
