/* The log sink. One write(2) a line, so that lines of keeper and worker never mix. */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "sink.h"

/* a line of log.h is at most 1,000 bytes */
#define LINE_MAX_BYTES 1100
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static void
put_line(const char *prefix, const char *line)
{
	char text[LINE_MAX_BYTES];
	int len = snprintf(text, sizeof(text), "%s%s\n", prefix, line);

	if (len >= (int)sizeof(text)) {
		len = sizeof(text) - 1;
		text[len - 1] = '\n';
	}
	/* nobody is left to hear of a line that cannot be written */
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		return;
}

static void
sink_journal(enum log_level level, const char *line)
{
	/* the priorities of syslog(3), as sd-daemon(3) wants them in front */
	static const char *const prefixes[] = {[LVL_ERROR] = "<3>",
					       [LVL_WARNING] = "<4>",
					       [LVL_NOTICE] = "<5>",
					       [LVL_INFO] = "<6>",
					       [LVL_DEBUG] = "<7>"};

	put_line(prefixes[level], line);
}

/* ── events ─────────────────────────────────────────────────────────────────────────────── */

struct bytes {
	char *out;
	size_t len;
};

/* NAME=value and a newline, whole or not at all. */
static void
put_field(struct bytes *bytes, const char *prefix, const char *name, const char *value)
{
	size_t room = SINK_EVENT_MAX - bytes->len;
	char *at = bytes->out + bytes->len;
	int len = snprintf(at, room, "%s%s=%s\n", prefix, name, value);

	if (!value[0] || strchr(value, '\n') || len < 0 || (size_t)len >= room)
		return;
	for (; *at != '='; at++)
		*at = (char)toupper((unsigned char)*at);
	bytes->len += (size_t)len;
}

size_t
sink_event_bytes(char out[SINK_EVENT_MAX], enum log_level level, const char *line,
		 const char *event, const struct log_field *fields, size_t count)
{
	static const char *const priorities[] = {[LVL_ERROR] = "3",
						 [LVL_WARNING] = "4",
						 [LVL_NOTICE] = "5",
						 [LVL_INFO] = "6",
						 [LVL_DEBUG] = "7"};
	struct bytes bytes = {.out = out};

	put_field(&bytes, "", "MESSAGE", line);
	put_field(&bytes, "", "PRIORITY", priorities[level]);
	put_field(&bytes, "", "SYSLOG_IDENTIFIER", "lnsd");
	put_field(&bytes, "LNSD_", "EVENT", event);
	for (size_t i = 0; i < count; i++)
		put_field(&bytes, "LNSD_", fields[i].key, fields[i].value);
	return bytes.len;
}

/* A journal that takes none now gets the bare line, where standard error waits for it. */
static void
sink_event(int fd, enum log_level level, const char *line, const char *event,
	   const struct log_field *fields, size_t count)
{
	char out[SINK_EVENT_MAX];
	size_t len = sink_event_bytes(out, level, line, event, fields, count);

	if (send(fd, out, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
		sink_journal(level, line);
}

static void
open_events(void)
{
	const struct sockaddr_un journal = {.sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&journal, sizeof(journal)) == 0)
		log_set_event_sink(sink_event, fd);
	else
		close(fd);
}

static void
sink_plain(enum log_level level, const char *line)
{
	(void)level;
	put_line("", line);
}

/* systemd names the journal's socket, by which a redirected standard error is told from it. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char name[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, name) == 0;
}

void
sink_open(void)
{
	bool journal = is_journal();

	log_set_sink(journal ? sink_journal : sink_plain);
	if (journal)
		open_events();
}
