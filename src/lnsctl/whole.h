/* Files that are old or new and never a half: the new one is written beside its place, flushed, and
 * put there by a rename. */
#ifndef LNSCTL_WHOLE_H
#define LNSCTL_WHOLE_H

#include <stdbool.h>
#include <stddef.h>

/* A file on its way. Only `path` is the caller's to set; the rest begins as zero. */
struct whole {
	char path[4096];
	char temp[4104]; /* the new one; or empty */
	char kept[4120]; /* the old one, as long as it may have to come back; or empty */
	bool fresh;	 /* there is no old one */
	bool placed;
};

/* Makes the new file beside the place, mode 0600. Its descriptor, or -errno. */
int whole_begin(struct whole *whole);

/* Writes `len` bytes and waits until they are on the disk. 0 or an errno; the descriptor stays
 * open. */
int whole_write(int fd, const void *bytes, size_t len);

/* Puts the new file in place, from where whole_take_back() can take it. 0 or an errno. */
int whole_place(struct whole *whole);

/* As it was before whole_begin(), however far it has come. */
void whole_take_back(const struct whole *whole);

/* The old file goes for good, and the rename is on the disk. */
void whole_done(struct whole *whole);

#endif
