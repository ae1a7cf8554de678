/* What stands in a line: its time, and what must not be shown. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lnsctl/timeline.h"

#define HEX_LEAST 16 /* shorter ones are ids */

static int64_t
fraction_us(const char **at)
{
	int64_t us = 0, unit = 100000;

	if (**at != '.' && **at != ',')
		return 0;
	for ((*at)++; isdigit((unsigned char)**at); (*at)++, unit /= 10)
		us += unit * (**at - '0');
	return us;
}

/* "Z", "+01:00", "-0530" */
static int64_t
zone_seconds(const char **at)
{
	const char *text = *at;
	int hours, minutes, sign = *text == '-' ? -1 : 1;

	if (*text == 'Z') {
		*at = text + 1;
		return 0;
	}
	if ((*text != '+' && *text != '-') || strspn(text + 1, "0123456789:") < 4)
		return 0;
	hours = (text[1] - '0') * 10 + text[2] - '0';
	text += text[3] == ':' ? 4 : 3;
	minutes = (text[0] - '0') * 10 + text[1] - '0';
	*at = text + 2;
	return sign * (hours * 60 + minutes) * 60;
}

static const char *
take_rfc3339(const char *line, int64_t *time_us)
{
	struct tm tm = {.tm_isdst = 0};
	const char *at = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t us;

	if (!at)
		return NULL;
	us = fraction_us(&at);
	*time_us = ((int64_t)timegm(&tm) - zone_seconds(&at)) * 1000000 + us;
	return at;
}

/* Of local time, and the year is not told: one that is not to come. */
static const char *
take_syslog(const char *line, int64_t now, int64_t *time_us)
{
	time_t today = (time_t)now, when;
	struct tm tm, this_year;
	const char *at;
	int64_t us;

	if (!localtime_r(&today, &this_year))
		return NULL;
	tm = (struct tm){.tm_isdst = -1, .tm_year = this_year.tm_year};
	at = strptime(line, "%b %d %H:%M:%S", &tm);
	if (!at)
		return NULL;
	us = fraction_us(&at);
	when = mktime(&tm);
	if (when > today + 86400) {
		tm.tm_year--;
		tm.tm_isdst = -1;
		when = mktime(&tm);
	}
	*time_us = (int64_t)when * 1000000 + us;
	return at;
}

/* "HOST PROGRAM[PID]: " of syslog, where it is ours or pluto's */
static const char *
skip_program(const char *text)
{
	const char *at = text + strcspn(text, " ");

	at += strspn(at, " ");
	if (strncmp(at, "lnsd", 4) != 0 && strncmp(at, "pluto", 5) != 0)
		return text;
	at += strcspn(at, "[: ");
	if (*at == '[')
		at += strcspn(at, "]") + 1;
	return strncmp(at, ": ", 2) == 0 ? at + 2 : text;
}

const char *
timeline_time(const char *line, int64_t now, int64_t *time_us)
{
	const char *at = take_rfc3339(line, time_us);

	if (!at)
		at = take_syslog(line, now, time_us);
	if (!at)
		return NULL;
	at += *at == ':';
	return skip_program(at + strspn(at, " "));
}

/* ── secrets ────────────────────────────────────────────────────────────────────────────── */

static void
strike(char *from, size_t len)
{
	memset(from, '*', len);
}

/* The value of KEY=value or KEY="value". */
static void
strike_value(char *text, const char *key)
{
	for (char *at = text; (at = strstr(at, key)) != NULL;) {
		at += strlen(key);
		if (*at == '"') {
			size_t len = strcspn(at + 1, "\"");

			strike(at + 1, len);
			at += len + 1;
		} else {
			strike(at, strcspn(at, " ,]"));
		}
	}
}

/* A run of hexadecimal digits: key, hash, challenge or response. */
static void
strike_hex(char *text)
{
	for (char *at = text; *at;) {
		size_t len = strspn(at, "0123456789abcdefABCDEF");

		if (len >= HEX_LEAST)
			strike(at, len);
		at += len ? len : 1;
	}
}

void
timeline_mask(char *text)
{
	strike_value(text, "password=");
	strike_value(text, "secret=");
	strike_value(text, "PSK ");
	strike_hex(text);
}
