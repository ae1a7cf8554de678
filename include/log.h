/*
 * The log: one line, one event, constant words first, then key=value. The only global of the
 * program is the sink. The pure rooms log through here and know nothing of where a line goes.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mstime.h"

enum log_level { LVL_ERROR, LVL_WARNING, LVL_NOTICE, LVL_INFO, LVL_DEBUG };

/* Takes one finished line without a newline. */
typedef void log_sink_fn(enum log_level level, const char *line);

/* What an event tells: key=value in its line, key="value" when quoted. The value is printable, and
 * escaped where it is somebody's text (log_escape). */
struct log_field {
	const char *key, *value;
	bool quoted;
};

/* Takes the line of an event, and what it is made of, for a log that can be searched by fields.
 * `fd` is the sink's own. */
typedef void log_event_fn(int fd, enum log_level level, const char *line, const char *event,
			  const struct log_field *fields, size_t count);

/* Sets where lines go (NULL: nowhere, as at the start) and the highest level that passes. */
void log_set_sink(log_sink_fn *sink);
/* Where events go, in place of the other sink; NULL: with all lines. */
void log_set_event_sink(log_event_fn *sink, int fd);
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);

/* One line, cut at 1,000 bytes; control bytes that slipped in are replaced by '?'. */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One line: the event's words, then its fields. */
void log_event(enum log_level level, const char *event, const struct log_field *fields,
	       size_t count);

#define log_error(...) log_line(LVL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LVL_WARNING, __VA_ARGS__)
#define log_notice(...) log_line(LVL_NOTICE, __VA_ARGS__)
#define log_info(...) log_line(LVL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LVL_DEBUG, __VA_ARGS__)

/*
 * Writes len bytes of somebody's text to dst as printable text for inside double quotes: quote and
 * backslash get a backslash, control bytes and what is not UTF-8 become \xNN. Always ends with NUL,
 * cuts at cap. Returns dst.
 */
const char *log_escape(char *dst, size_t cap, const void *text, size_t len);

/* A rate limit for lines that a peer can provoke: ten lines, then one for every ten seconds.
 * Zero-initialise. */
struct log_limit {
	mstime_t last;
	uint32_t used;
	uint32_t dropped;
};

/* True when a line may be written now; *dropped is how many were held back since the last one. */
bool log_limit_pass(struct log_limit *limit, mstime_t now, uint32_t *dropped);

/* Level names as in the configuration: error, warning, notice, info, debug. */
const char *log_level_name(enum log_level level);

#endif
