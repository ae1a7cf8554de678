/* See ban_file.h. */
#include "keeper/ban_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
write_all(FILE *file, const struct bans *bans)
{
	const struct ban *ban;
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; (ban = bans_at(bans, i)); i++) {
		if (inet_ntop(ban->source.family == 6 ? AF_INET6 : AF_INET, ban->source.ip, text,
			      sizeof(text)))
			fprintf(file, "%s %s %" PRId64 " %" PRId64 "\n", text,
				ban_reason_name(ban->reason), ban->since, ban->until);
	}
}

int
ban_file_write(const char *path, gid_t group, const struct bans *bans)
{
	char fresh[4096];
	FILE *file;
	int fd, error = 0;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		error = -errno;
		if (fd >= 0)
			close(fd);
		return error;
	}
	write_all(file, bans);
	if (fchown(fd, (uid_t)-1, group) < 0 || fchmod(fd, 0640) < 0 || ferror(file))
		error = errno ? -errno : -EIO;
	if (fclose(file) != 0 && error == 0)
		error = -errno;
	if (error == 0 && rename(fresh, path) < 0)
		error = -errno;
	if (error)
		unlink(fresh);
	return error;
}

/* A ban from the future, after the clock was set back, begins now. */
static bool
read_ban(const char *line, int64_t now, struct ban *ban)
{
	char address[INET6_ADDRSTRLEN], reason[32], *end;
	struct lns_addr addr = {.family = 4};
	int times = 0;

	*ban = (struct ban){.since = 0};
	if (sscanf(line, "%45s %31s%n", address, reason, &times) != 2)
		return false;
	ban->since = strtoll(line + times, &end, 10);
	ban->until = strtoll(end, &end, 10);
	if (strcmp(end, "\n") != 0)
		return false;
	if (inet_pton(AF_INET, address, addr.ip) != 1) {
		addr.family = 6;
		if (inet_pton(AF_INET6, address, addr.ip) != 1)
			return false;
	}
	ban->source = ban_source(&addr);
	ban->reason = ban_reason_find(reason);
	if (ban->reason == BAN_REASONS || ban->since < 0 || ban->until <= ban->since)
		return false;
	if (ban->since > now) {
		ban->until = now + (ban->until - ban->since);
		ban->since = now;
	}
	return ban->until > now;
}

int
ban_file_read(const char *path, struct bans *bans, int64_t now)
{
	FILE *file = fopen(path, "re");
	struct ban ban, evicted;
	char line[160];

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), file)) {
		if (read_ban(line, now, &ban))
			bans_put(bans, &ban, &evicted);
	}
	fclose(file);
	return 0;
}
