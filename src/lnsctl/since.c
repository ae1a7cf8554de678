/* See since.h. */
#include "lnsctl/since.h"

#include <stdlib.h>
#include <string.h>

#define DAY 86400

static bool
ago(const char *text, time_t now, time_t *since)
{
	static const struct {
		char letter;
		time_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY}, {'w', 7 * DAY}};
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 7 || text[digits] == '\0' || text[digits + 1] != '\0')
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[digits] != units[i].letter)
			continue;
		*since = now - (time_t)strtol(text, NULL, 10) * units[i].seconds;
		return true;
	}
	return false;
}

/* The midnight before, so many days back. */
static bool
midnight(time_t now, int days, time_t *since)
{
	struct tm tm;

	if (!localtime_r(&now, &tm))
		return false;
	tm.tm_mday -= days;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	*since = mktime(&tm);
	return *since != -1;
}

static bool
date(const char *text, time_t *since)
{
	static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
					    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = {.tm_isdst = -1};
		const char *rest = strptime(text, forms[i], &tm);
		bool utc = rest && strcmp(rest, "Z") == 0;

		if (!rest || !(utc || *rest == '\0'))
			continue;
		*since = utc ? timegm(&tm) : mktime(&tm);
		return *since != -1;
	}
	return false;
}

bool
since_parse(const char *text, time_t now, time_t *since)
{
	if (strcmp(text, "today") == 0)
		return midnight(now, 0, since);
	if (strcmp(text, "yesterday") == 0)
		return midnight(now, 1, since);
	return ago(text, now, since) || date(text, since);
}
