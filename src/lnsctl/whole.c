#include "lnsctl/whole.h"

#include <errno.h>
#include <unistd.h>

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
