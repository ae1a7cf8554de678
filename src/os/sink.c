/* The log sink. One write(2) a line, so that lines of keeper and worker never mix. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "sink.h"

/* a line of log.h is at most 1,000 bytes */
#define LINE_MAX_BYTES 1100

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
	log_set_sink(is_journal() ? sink_journal : sink_plain);
}
