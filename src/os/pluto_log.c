/* Lines of pluto's log: `"CONN"[INSTANCE] ADDRESS #EXCHANGE: TEXT`, in a file with a time before.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

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
static void
skip_time(const char **at)
{
	static const char form[] = "AAA 00 00:00:00.000000: ";
	const char *text = *at;

	for (size_t i = 0; form[i]; i++) {
		char c = text[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool digit = (c >= '0' && c <= '9') || (c == ' ' && i == 4);

		if (form[i] == 'A' ? !letter : form[i] == '0' ? !digit : c != form[i])
			return;
	}
	*at = text + sizeof(form) - 1;
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
take_address(const char **at, struct pluto_failure *failure)
{
	char text[INET6_ADDRSTRLEN];
	size_t len = strspn(*at, "0123456789abcdefABCDEF:.");

	if (len >= sizeof(text))
		return false;
	memcpy(text, *at, len);
	text[len] = '\0';
	*at += len;
	failure->family = 4;
	if (inet_pton(AF_INET, text, failure->ip) == 1)
		return true;
	failure->family = 6;
	return inet_pton(AF_INET6, text, failure->ip) == 1;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && strcmp(text + len - tail, end) == 0;
}

bool
pluto_read_failure(struct pluto_failure *failure, const char *line)
{
	const char *at = line;

	memset(failure, 0, sizeof(*failure));
	skip_time(&at);
	if (!skip_conn(&at) || !skip(&at, " ") || !take_address(&at, failure) || !skip(&at, " #") ||
	    !skip_digits(&at, &failure->exchange) || !skip(&at, ": "))
		return false;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		const char *text = at;

		if (skip(&text, failures[i].begin) && ends_with(text, failures[i].end))
			return true;
	}
	return false;
}
