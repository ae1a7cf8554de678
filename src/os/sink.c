/* The log sink. One write(2) a line, so that lines of keeper and worker never mix. */
#include <stdio.h>
#include <string.h>
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
sink_terminal(enum log_level level, const char *line)
{
	(void)level;
	put_line("", line);
}

void
sink_open(void)
{
	log_set_sink(isatty(STDERR_FILENO) ? sink_terminal : sink_journal);
}
