/* The log. The sink and the level are the only state of the program that is not in an argument. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

#define LOG_LINE_MAX 1000
#define LOG_LIMIT_BURST 10
#define LOG_LIMIT_EVERY 10000

static struct {
	log_sink_fn *sink;
	log_event_fn *event_sink;
	int event_fd;
	enum log_level level;
} out = {.level = LVL_INFO};

void
log_set_sink(log_sink_fn *sink)
{
	out.sink = sink;
}

void
log_set_event_sink(log_event_fn *sink, int fd)
{
	out.event_sink = sink;
	out.event_fd = fd;
}

void
log_set_level(enum log_level level)
{
	out.level = level;
}

bool
log_enabled(enum log_level level)
{
	return out.sink && level <= out.level;
}

static bool
is_control(uint8_t c)
{
	return c < 0x20 || c == 0x7f;
}

static void
clean(char *line)
{
	for (char *p = line; *p; p++) {
		if (is_control((uint8_t)*p))
			*p = '?';
	}
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	char line[LOG_LINE_MAX + 1];
	va_list args;

	if (!log_enabled(level))
		return;
	va_start(args, fmt);
	if (vsnprintf(line, sizeof(line), fmt, args) < 0)
		line[0] = '\0';
	va_end(args);
	clean(line);
	out.sink(level, line);
}

void
log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	char line[LOG_LINE_MAX + 1];
	size_t len;

	if (!log_enabled(level))
		return;
	len = (size_t)snprintf(line, sizeof(line), "%s", event);
	for (size_t i = 0; i < count && len < sizeof(line); i++) {
		const char *quote = fields[i].quoted ? "\"" : "";

		len += (size_t)snprintf(line + len, sizeof(line) - len, " %s=%s%s%s", fields[i].key,
					quote, fields[i].value, quote);
	}
	clean(line);
	if (out.event_sink)
		out.event_sink(out.event_fd, level, line, event, fields, count);
	else
		out.sink(level, line);
}

/*
 * The length of the printable UTF-8 character at p, or 0 when there is none: a control character
 * (C0, DEL, C1), a byte out of place, an overlong form, a surrogate, beyond U+10FFFF.
 */
static size_t
printable(const uint8_t *p, size_t left)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (len == 0 || len > left || p[0] > 0xf4 || (len == 1 && is_control(p[0])))
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	/* the second byte's range is what keeps out C1, overlong forms, surrogates, the beyond */
	if ((p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xe0 && p[1] < 0xa0) ||
	    (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

const char *
log_escape(char *dst, size_t cap, const void *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *bytes = text;
	size_t used = 0, step;

	if (cap == 0)
		return dst;
	for (size_t at = 0; at < len; at += step) {
		uint8_t c = bytes[at];
		char coded[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
		const void *from = coded;
		size_t n = sizeof(coded);

		step = printable(bytes + at, len - at);
		if (step == 0) {
			step = 1;
		} else if (c == '"' || c == '\\') {
			coded[1] = (char)c;
			n = 2;
		} else {
			from = bytes + at;
			n = step;
		}
		if (used + n >= cap)
			break;
		memcpy(dst + used, from, n);
		used += n;
	}
	dst[used] = '\0';
	return dst;
}

bool
log_limit_pass(struct log_limit *limit, mstime_t now, uint32_t *dropped)
{
	mstime_t back = (now - limit->last) / LOG_LIMIT_EVERY;

	*dropped = 0;
	if (back >= limit->used) {
		limit->used = 0;
		limit->last = now;
	} else if (back > 0) {
		limit->used -= (uint32_t)back;
		limit->last += back * LOG_LIMIT_EVERY;
	}
	if (limit->used == LOG_LIMIT_BURST) {
		if (limit->dropped < UINT32_MAX)
			limit->dropped++;
		return false;
	}
	limit->used++;
	*dropped = limit->dropped;
	limit->dropped = 0;
	return true;
}

const char *
log_level_name(enum log_level level)
{
	static const char *const names[] = {
		[LVL_ERROR] = "error", [LVL_WARNING] = "warning", [LVL_NOTICE] = "notice",
		[LVL_INFO] = "info",   [LVL_DEBUG] = "debug",
	};

	return names[level];
}
