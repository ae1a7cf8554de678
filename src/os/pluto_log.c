/*
 * Lines of pluto's log: `"CONN"[INSTANCE] ADDRESS #EXCHANGE: TEXT`, or `packet from ADDRESS:PORT:
 * TEXT` where it has found no conn. A file has a time before, and so has the journal's form
 * "short-unix": `SECONDS.MICROSECONDS HOST pluto[PID]: `.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pluto.h"

/* What a text begins and ends with. */
static const struct {
	const char *begin, *end;
} failures[] = {
	/* IKEv1: what the key made of the first encrypted message is no message */
	{"probable authentication failure (mismatch of preshared secrets?)", ""},
	/* IKEv2 */
	{"responding to IKE_AUTH message ", " with encrypted notification AUTHENTICATION_FAILED"},
};

static bool
skip(const char **at, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*at, word, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool
skip_digits(const char **at, unsigned *number)
{
	size_t digits = strspn(*at, "0123456789");

	if (digits == 0 || digits > 9)
		return false;
	*number = (unsigned)strtoul(*at, NULL, 10);
	*at += digits;
	return true;
}

/* What a file's lines begin with, and the journal's do not; A for a letter, 0 for a digit or a
 * space in its place. */
static bool
skip_time(const char **at)
{
	static const char form[] = "AAA 00 00:00:00.000000: ";
	const char *text = *at;

	for (size_t i = 0; form[i]; i++) {
		char c = text[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool digit = (c >= '0' && c <= '9') || (c == ' ' && i == 4);

		if (form[i] == 'A' ? !letter : form[i] == '0' ? !digit : c != form[i])
			return false;
	}
	*at = text + sizeof(form) - 1;
	return true;
}

/* A file's time has no year: it is the latest that is not in the future. */
static time_t
time_of(const char *text, time_t now)
{
	struct tm tm, today;
	time_t when;

	if (!localtime_r(&now, &today))
		return 0;
	for (int year = today.tm_year; year > today.tm_year - 2; year--) {
		memset(&tm, 0, sizeof(tm));
		if (!strptime(text, "%b %d %H:%M:%S", &tm))
			return 0;
		tm.tm_year = year;
		tm.tm_isdst = -1;
		when = mktime(&tm);
		if (when <= now + 60)
			return when;
	}
	return 0;
}

/* "1763713741.657611 gateway pluto[812]: " */
static bool
skip_unix_time(const char **at, time_t *when)
{
	const char *text = *at;
	size_t digits = strspn(text, "0123456789");

	if (digits < 9 || digits > 11 || text[digits] != '.')
		return false;
	*when = (time_t)strtoll(text, NULL, 10);
	text = strstr(text, " pluto[");
	text = text ? strstr(text, "]: ") : NULL;
	if (text)
		*at = text + strlen("]: ");
	return text != NULL;
}

static bool
skip_conn(const char **at)
{
	unsigned instance;

	if (!skip(at, "\"lnsd-"))
		return false;
	*at += strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789-");
	if (!skip(at, "\""))
		return false;
	return !skip(at, "[") || (skip_digits(at, &instance) && skip(at, "]"));
}

static bool
take_address(const char **at, struct pluto_line *line)
{
	char text[INET6_ADDRSTRLEN];
	bool bracket = skip(at, "[");
	size_t len = strspn(*at, "0123456789abcdefABCDEF:.");

	if (len >= sizeof(text))
		return false;
	memcpy(text, *at, len);
	text[len] = '\0';
	*at += len;
	if (bracket && !skip(at, "]"))
		return false;
	line->family = 4;
	if (inet_pton(AF_INET, text, line->ip) == 1)
		return true;
	line->family = 6;
	return inet_pton(AF_INET6, text, line->ip) == 1;
}

/* "10.9.0.5:500" and "[fd09::5]:500" */
static bool
take_endpoint(const char **at, struct pluto_line *line)
{
	char text[INET_ADDRSTRLEN];
	size_t len = strspn(*at, "0123456789.");
	unsigned port;

	if (**at == '[')
		return take_address(at, line) && skip(at, ":") && skip_digits(at, &port);
	if (len >= sizeof(text))
		return false;
	memcpy(text, *at, len);
	text[len] = '\0';
	*at += len;
	line->family = 4;
	return inet_pton(AF_INET, text, line->ip) == 1 && skip(at, ":") && skip_digits(at, &port);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && strcmp(text + len - tail, end) == 0;
}

bool
pluto_read_line(struct pluto_line *line, const char *text, time_t now)
{
	const char *at = text;

	memset(line, 0, sizeof(*line));
	if (!skip_unix_time(&at, &line->when) && skip_time(&at))
		line->when = time_of(text, now);
	line->text = at;
	if (skip(&at, "packet from ")) {
		if (!take_endpoint(&at, line) || !skip(&at, ": "))
			return false;
	} else {
		skip(&at, "ERROR: ");
		if (!skip_conn(&at) || !skip(&at, " ") || !take_address(&at, line) ||
		    !skip(&at, " #") || !skip_digits(&at, &line->exchange) || !skip(&at, ": "))
			return false;
	}
	line->text = at;
	return true;
}

bool
pluto_read_failure(struct pluto_failure *failure, const char *text)
{
	struct pluto_line line;

	memset(failure, 0, sizeof(*failure));
	if (!pluto_read_line(&line, text, 0) || !line.exchange)
		return false;
	failure->family = line.family;
	memcpy(failure->ip, line.ip, sizeof(failure->ip));
	failure->exchange = line.exchange;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		const char *at = line.text;

		if (skip(&at, failures[i].begin) && ends_with(at, failures[i].end))
			return true;
	}
	return false;
}
