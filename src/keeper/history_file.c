/* See history_file.h. */
#include "keeper/history_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "grant.h"
#include "kept.h"
#include "log.h"

/* ── a line ─────────────────────────────────────────────────────────────────────────────── */

/* json_string() refuses what is not UTF-8. */
static json_t *
text(const char *bytes)
{
	char escaped[1024];
	json_t *string = json_string(bytes);

	return string ? string
		      : json_string(log_escape(escaped, sizeof(escaped), bytes, strlen(bytes)));
}

static json_t *
moment(time_t when)
{
	char out[32] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(out, sizeof(out), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(out);
}

static json_t *
id(const struct lns_ref *ref)
{
	return json_sprintf("%u-%u", ref->tid, ref->sid);
}

static json_t *
address(const struct wall_history *entry)
{
	struct in_addr in = {.s_addr = htonl(entry->address)};
	char out[INET_ADDRSTRLEN];

	return entry->address && inet_ntop(AF_INET, &in, out, sizeof(out)) ? json_string(out)
									   : json_null();
}

static json_t *
address6(const struct wall_history *entry)
{
	char out[GRANT_TEXT_MAX];

	return entry->link6.family ? json_string(grant_prefix_text(out, &entry->link6))
				   : json_null();
}

static json_t *
peer(const struct lns_addr *addr)
{
	char out[INET6_ADDRSTRLEN];

	return inet_ntop(addr->family == 6 ? AF_INET6 : AF_INET, addr->ip, out, sizeof(out))
		       ? json_string(out)
		       : json_null();
}

char *
history_line(const struct wall_history *entry, time_t end)
{
	time_t start = end - (time_t)entry->duration_s;
	json_t *object = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:I, s:I, s:I, s:b, s:s, s:s, s:o}",
		"id", id(&entry->ref), "user", text(entry->user), "address", address(entry),
		"address6", address6(entry), "peer", peer(&entry->peer), "peer_port",
		(int)entry->peer.port, "client", text(entry->client), "start", moment(start), "end",
		moment(end), "duration_s", (json_int_t)entry->duration_s, "rx_bytes",
		(json_int_t)entry->rx_bytes, "tx_bytes", (json_int_t)entry->tx_bytes, "refused",
		!entry->up, "cause", cause_name(entry->cause), "closed_by",
		closed_by_name(entry->by), "text",
		text(entry->text[0] ? entry->text : cause_text(entry->cause)));
	char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return line;
}

/* ── the file ───────────────────────────────────────────────────────────────────────────── */

/* Opens it for its first or further line: *st tells which. -errno when it cannot be. */
static int
open_file(const struct history_file *file, struct stat *st)
{
	int fd = open(file->path,
		      O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
		      0640);
	int error = fd < 0 || fstat(fd, st) < 0 ? -errno : S_ISREG(st->st_mode) ? 0 : -EINVAL;

	if (error == 0 && (st->st_gid != file->group || (st->st_mode & 07777) != 0640) &&
	    (fchown(fd, (uid_t)-1, file->group) < 0 || fchmod(fd, 0640) < 0))
		error = -errno;
	if (error == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

static int
rotate(const struct history_file *file, int fd, struct stat *st)
{
	char old[4096];

	close(fd);
	if (snprintf(old, sizeof(old), "%s" HISTORY_OLD, file->path) >= (int)sizeof(old))
		return -ENAMETOOLONG;
	if (rename(file->path, old) < 0)
		return -errno;
	return open_file(file, st);
}

/* A line that was torn off must not take the next one with it. */
static bool
ends_amid_line(int fd, off_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int
history_append(const struct history_file *file, const char *line)
{
	size_t len = strlen(line);
	struct stat st = {0};
	int fd = open_file(file, &st);

	if (fd >= 0 && st.st_size > 0 && (uint64_t)st.st_size + len + 1 > file->limit)
		fd = rotate(file, fd, &st);
	if (fd < 0)
		return fd;

	bool amid = ends_amid_line(fd, st.st_size);
	const struct iovec parts[] = {{.iov_base = (char *)"\n", .iov_len = amid},
				      {.iov_base = (char *)line, .iov_len = len},
				      {.iov_base = (char *)"\n", .iov_len = 1}};
	ssize_t n = writev(fd, parts, 3);
	int error = n < 0 ? -errno : n == (ssize_t)(amid + len + 1) ? 0 : -ENOSPC;

	close(fd);
	return error;
}
