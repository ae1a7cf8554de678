#include "lnsctl/profile_file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl/whole.h"

static int
write_whole(const char *path, const char *bytes, size_t len, bool secret, mode_t mask)
{
	struct whole whole = {.path = ""};
	int fd, error;

	if (snprintf(whole.path, sizeof(whole.path), "%s", path) >= (int)sizeof(whole.path))
		return ENAMETOOLONG;
	fd = whole_begin(&whole);
	if (fd < 0)
		return -fd;
	error = !secret && fchmod(fd, 0666 & ~mask) < 0 ? errno : 0;
	if (!error)
		error = whole_write(fd, bytes, len);
	if (close(fd) < 0 && !error)
		error = errno;
	if (!error)
		error = whole_place(&whole);
	if (error)
		whole_take_back(&whole);
	else
		whole_done(&whole);
	return error;
}

int
profile_file_write(const char *path, const char *bytes, size_t len, bool secret)
{
	sigset_t all, before;
	mode_t mask = umask(077);
	struct stat st;
	int error;

	/* /dev/stdout is not to become a file */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
		umask(mask);
		return S_ISDIR(st.st_mode) ? EISDIR : EEXIST;
	}
	/* who interrupts it now finds the old file or the new one, and nothing beside it */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	error = write_whole(path, bytes, len, secret, mask);
	sigprocmask(SIG_SETMASK, &before, NULL);
	umask(mask);
	return error;
}
