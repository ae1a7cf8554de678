#include "lnsctl/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
whole_begin(struct whole *whole)
{
	int fd;

	snprintf(whole->temp, sizeof(whole->temp), "%s.XXXXXX", whole->path);
	fd = mkostemp(whole->temp, O_CLOEXEC);
	if (fd < 0) {
		whole->temp[0] = '\0';
		return -errno;
	}
	return fd;
}

int
whole_write(int fd, const void *bytes, size_t len)
{
	const char *next = bytes;

	while (len > 0) {
		ssize_t n = write(fd, next, len);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0) {
			next += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) < 0 ? errno : 0;
}

/* The old file under another name, too, if there is one. FAT, of a stick that the CA lives on,
 * knows no second names: then the new one stays where it was put. 0 or an errno. */
static int
keep(struct whole *whole)
{
	snprintf(whole->kept, sizeof(whole->kept), "%s.before", whole->temp);
	if (link(whole->path, whole->kept) == 0)
		return 0;
	whole->kept[0] = '\0';
	whole->fresh = errno == ENOENT;
	return whole->fresh || errno == EPERM || errno == EOPNOTSUPP ? 0 : errno;
}

int
whole_place(struct whole *whole)
{
	int error = keep(whole);

	if (!error && rename(whole->temp, whole->path) < 0)
		error = errno;
	whole->placed = !error;
	return error;
}

void
whole_take_back(const struct whole *whole)
{
	if (whole->placed && whole->kept[0])
		(void)rename(whole->kept, whole->path);
	else if (whole->placed && whole->fresh)
		unlink(whole->path);
	else if (!whole->placed && whole->temp[0])
		unlink(whole->temp);
	/* of one and the same file rename() would leave both names */
	if (!whole->placed && whole->kept[0])
		unlink(whole->kept);
}

void
whole_done(struct whole *whole)
{
	char path[sizeof(whole->path)];
	int fd;

	if (whole->kept[0])
		unlink(whole->kept);
	whole->kept[0] = '\0';
	memcpy(path, whole->path, sizeof(path));
	fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
}
