/* The file is small and replaced as a whole. It is not waited for until the disk has it: that may
 * take longer than a login may, and a machine that has lost its power needs longer to come back
 * than a code is good for. */
#include "keeper/otp_used.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_SIZE 256
/* more than a users' file may have: a file of somebody else's must not fill the memory */
#define ENTRIES_MAX 65536

struct entry {
	uint64_t step;
	char name[128];
};

struct otp_used {
	const char *path;
	struct entry *list;
	size_t count, room;
};

static struct entry *
find(const struct otp_used *used, const char *user)
{
	for (size_t i = 0; i < used->count; i++)
		if (strcmp(used->list[i].name, user) == 0)
			return &used->list[i];
	return NULL;
}

/* False when memory is short, or the name is none of an account. */
static bool
set(struct otp_used *used, const char *user, uint64_t step)
{
	struct entry *entry = find(used, user);
	size_t room = used->room ? used->room * 2 : 16;

	if (!entry && (strlen(user) >= sizeof(entry->name) || used->count == ENTRIES_MAX))
		return false;
	if (!entry && used->count == used->room) {
		struct entry *list = realloc(used->list, room * sizeof(*list));

		if (!list)
			return false;
		used->list = list;
		used->room = room;
	}
	if (!entry) {
		entry = &used->list[used->count++];
		snprintf(entry->name, sizeof(entry->name), "%s", user);
	}
	entry->step = step;
	return true;
}

static void
read_line(struct otp_used *used, char *line)
{
	char *end;
	uint64_t step;

	line[strcspn(line, "\n")] = '\0';
	errno = 0;
	step = strtoull(line, &end, 10);
	if (errno == 0 && step > 0 && *end == ' ' && end[1])
		set(used, end + 1, step);
}

struct otp_used *
otp_used_new(const char *path)
{
	struct otp_used *used = calloc(1, sizeof(*used));
	FILE *file = used ? fopen(path, "re") : NULL;
	char line[LINE_SIZE];

	if (used)
		used->path = path;
	while (file && fgets(line, sizeof(line), file))
		read_line(used, line);
	if (file)
		fclose(file);
	return used;
}

void
otp_used_free(struct otp_used *used)
{
	if (!used)
		return;
	free(used->list);
	free(used);
}

uint64_t
otp_used_step(const struct otp_used *used, const char *user)
{
	const struct entry *entry = find(used, user);

	return entry ? entry->step : 0;
}

static void
drop_strangers(struct otp_used *used, const struct users *users)
{
	size_t kept = 0;

	for (size_t i = 0; i < used->count; i++)
		if (users_find(users, used->list[i].name))
			used->list[kept++] = used->list[i];
	used->count = kept;
}

/* The folder is made where nobody has, as when lnsd is started by hand. */
static FILE *
open_new(const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0600);

	if (fd < 0 && errno == ENOENT) {
		char dir[PATH_MAX];

		snprintf(dir, sizeof(dir), "%s", path);
		*strrchr(dir, '/') = '\0';
		mkdir(dir, 0750);
		fd = open(path, flags, 0600);
	}

	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

/* 0 or -errno; the file is the old one or the new one, whole. */
static int
write_all(const struct otp_used *used)
{
	char path[PATH_MAX];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "%s.new", used->path);
	file = open_new(path);
	if (!file)
		return -errno;
	for (size_t i = 0; i < used->count; i++)
		fprintf(file, "%" PRIu64 " %s\n", used->list[i].step, used->list[i].name);
	ok = !ferror(file);
	ok = fclose(file) == 0 && ok;
	if (ok && rename(path, used->path) == 0)
		return 0;

	int error = errno ? errno : EIO;

	unlink(path);
	return -error;
}

int
otp_used_note(struct otp_used *used, const char *user, uint64_t step, const struct users *users)
{
	drop_strangers(used, users);
	return set(used, user, step) ? write_all(used) : -ENOMEM;
}
