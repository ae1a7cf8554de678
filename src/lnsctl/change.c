#include "lnsctl/change.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl/lnsctl.h"
#include "md5.h"

#define LOCK_TRIES 50
#define LOCK_PAUSE_MS 100

void
change_wipe(char *text)
{
	if (text)
		secret_wipe(text, strlen(text));
	free(text);
}

/* At most `size` bytes; their number, or -1. */
static ssize_t
read_whole(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < size && n > 0) {
		n = read(fd, text + len, size - len);
		if (n > 0)
			len += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	return n < 0 ? -1 : (ssize_t)len;
}

static char *
read_text(int fd, int *error)
{
	char *text = malloc(CHANGE_BYTES_MAX + 2);
	ssize_t len = text ? read_whole(fd, text, CHANGE_BYTES_MAX + 1) : -1;

	*error = 0;
	if (!text)
		*error = ENOMEM;
	else if (len < 0)
		*error = errno;
	else if (len > (ssize_t)CHANGE_BYTES_MAX)
		*error = EFBIG;
	else if (memchr(text, '\0', (size_t)len))
		*error = EINVAL;
	if (text && *error == 0) {
		text[len] = '\0';
		return text;
	}
	if (text && len > 0)
		secret_wipe(text, (size_t)len);
	free(text);
	return NULL;
}

char *
change_read(const char *path, int *error)
{
	/* a FIFO that stands there must not hold us */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *text = NULL;

	if (fd < 0) {
		*error = errno == ENOENT ? 0 : errno;
		return NULL;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		text = read_text(fd, error);
	else
		*error = EINVAL;
	close(fd);
	return text;
}

int
change_lock(const char *path)
{
	char copy[PATH_MAX];
	int folder, tries = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		complain("%s: the folder cannot be opened: %s", path, strerror(errno));
		return -1;
	}
	while (flock(folder, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || ++tries == LOCK_TRIES) {
			complain("%s: somebody else is changing the users", path);
			close(folder);
			return -1;
		}
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	return folder;
}

bool
changes_add(struct changes *changes, const char *path, mode_t mode, enum diff_secrets secrets,
	    char *take_after)
{
	struct change *change = &changes->list[changes->count];
	char real[PATH_MAX];
	int error = ENOMEM;

	*change = (struct change){.mode = mode, .secrets = secrets, .after = take_after};
	snprintf(change->file.path, sizeof(change->file.path), "%s",
		 realpath(path, real) ? real : path);
	if (take_after)
		change->before = change_read(change->file.path, &error);
	if (error && !change->before) {
		complain("%s: cannot be read: %s", path, strerror(error));
	} else if (!change->before || strcmp(change->before, change->after) != 0) {
		changes->count++;
		return true;
	}
	change_wipe(change->before);
	change_wipe(change->after);
	*change = (struct change){.before = NULL};
	return error == 0;
}

bool
changes_print(const struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];

		if (!diff_print(stdout, change->file.path, change->before, change->after,
				change->secrets))
			return false;
	}
	return true;
}

/* As the old file is; 0 or an errno. */
static int
take_mode(const struct change *change, int fd)
{
	struct stat st;

	if (!change->before)
		return fchmod(fd, change->mode) < 0 ? errno : 0;
	if (stat(change->file.path, &st) < 0 || fchown(fd, st.st_uid, st.st_gid) < 0 ||
	    fchmod(fd, st.st_mode & 07777) < 0)
		return errno;
	return 0;
}

/* The new text beside the place; 0 or an errno. */
static int
prepare(struct change *change)
{
	int fd = whole_begin(&change->file), error;

	if (fd < 0)
		return -fd;
	error = take_mode(change, fd);
	if (!error)
		error = whole_write(fd, change->after, strlen(change->after));
	if (close(fd) < 0 && !error)
		error = errno;
	return error;
}

/* The number of the one that failed, with its errno; else `count` */
static size_t
write_files(struct changes *changes, int *error)
{
	size_t i;

	for (i = 0, *error = 0; i < changes->count && !*error; i++)
		*error = prepare(&changes->list[i]);
	if (*error)
		return i - 1;
	for (i = 0; i < changes->count && !*error; i++)
		*error = whole_place(&changes->list[i].file);
	return *error ? i - 1 : changes->count;
}

bool
changes_commit(struct changes *changes)
{
	sigset_t all, before;
	size_t failed;
	int error;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	failed = write_files(changes, &error);
	for (size_t i = 0; i < changes->count; i++) {
		if (error)
			whole_take_back(&changes->list[i].file);
		else
			whole_done(&changes->list[i].file);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (error)
		complain("%s: cannot be written: %s%s; all files are as they were",
			 changes->list[failed].file.path, strerror(error),
			 error == EACCES || error == EPERM ? " (run this as root)" : "");
	return error == 0;
}

void
changes_fini(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		change_wipe(changes->list[i].before);
		change_wipe(changes->list[i].after);
	}
	changes->count = 0;
}
