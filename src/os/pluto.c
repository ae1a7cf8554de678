#include "pluto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits at *text, which goes on behind them; false when there are none, or far too many. */
static bool
read_number(const char **text, unsigned *number)
{
	char *end;
	unsigned long value = strtoul(*text, &end, 10);

	if (**text < '0' || **text > '9' || value > UINT32_MAX)
		return false;
	*text = end;
	*number = (unsigned)value;
	return true;
}

bool
pluto_version_parse(struct pluto_version *version, const char *text)
{
	const char *name = strstr(text, "ibreswan ");

	if (!name)
		return false;
	name += strlen("ibreswan ");
	name += *name == 'v';
	return read_number(&name, &version->major) && *name++ == '.' &&
	       read_number(&name, &version->minor);
}

static const char *const prefixes[PLUTO_KINDS] = {[PLUTO_PSK] = "lnsd-psk-",
						  [PLUTO_PSK_V2] = "lnsd-v2-",
						  [PLUTO_CERT] = "lnsd-cert-",
						  [PLUTO_CERT_V2] = "lnsd-cert-v2-"};

void
pluto_conn_name(char name[PLUTO_NAME_MAX], size_t conn)
{
	snprintf(name, PLUTO_NAME_MAX, "%s%u", prefixes[conn / PLUTO_ADDRS_MAX],
		 (unsigned)(conn % PLUTO_ADDRS_MAX) + 1);
}

int
pluto_conn_in(const char *line)
{
	const char *name = strchr(line, '"');
	unsigned number;

	for (size_t kind = 0; name && kind < PLUTO_KINDS; kind++) {
		size_t len = strlen(prefixes[kind]);
		const char *digits = name + 1 + len;

		if (strncmp(name + 1, prefixes[kind], len) == 0 && read_number(&digits, &number) &&
		    number >= 1 && number <= PLUTO_ADDRS_MAX && *digits == '"')
			return (int)(kind * PLUTO_ADDRS_MAX + number) - 1;
	}
	return -1;
}

bool
pluto_conns_have(const struct pluto_conns *conns, size_t conn)
{
	return conns->of[conn / PLUTO_ADDRS_MAX] >> conn % PLUTO_ADDRS_MAX & 1;
}

void
pluto_read_status(struct pluto_state *state, const char *line)
{
	int conn = pluto_conn_in(line);

	if (conn >= 0)
		state->conns.of[conn / PLUTO_ADDRS_MAX] |= UINT32_C(1) << conn % PLUTO_ADDRS_MAX;
	if (strstr(line, "pluto_version="))
		state->answered = true;
	if (strstr(line, "Total IPsec connections:"))
		state->complete = true;
	if (strstr(line, "uniqueids=yes"))
		state->uniqueids = true;
	if (strstr(line, "ikev1-policy=drop") || strstr(line, "ikev1-policy=reject"))
		state->drops_ikev1 = true;
}

void
pluto_read_globals(struct pluto_state *state, const char *line)
{
	if (strstr(line, "current.states.all=0"))
		state->idle = true;
}

/* What stands behind `"NAME"` in the line, or NULL. */
static const char *
behind_name(const char *line, const char *name)
{
	const char *quote = strchr(line, '"');
	size_t len = strlen(name);

	if (!quote || strncmp(quote + 1, name, len) != 0 || quote[1 + len] != '"')
		return NULL;
	return quote + len + 2;
}

/* `"lnsd-probe"[1]:   nflog-group: unset; mark: 65536/0xffffffff, …`, and one without "[1]" of the
 * conn itself */
void
pluto_read_marks(struct pluto_marks *marks, const char *line)
{
	const char *rest = behind_name(line, marks->conn);
	const char *mark = rest ? strstr(rest, "; mark: ") : NULL;
	unsigned number;

	if (!rest)
		return;
	if (strstr(rest, "policy: ") && strstr(rest, "+OVERLAPIP"))
		marks->overlaps = true;
	if (*rest != '[' || !mark || marks->count == 2)
		return;
	mark += strlen("; mark: ");
	if (read_number(&mark, &number) && *mark == '/')
		marks->marks[marks->count++] = number;
}

/* Moves behind the next "esp.HEX@". */
static bool
next_spi(const char **text, uint32_t *spi)
{
	const char *esp = strstr(*text, " esp.");
	char *end;
	unsigned long value;

	if (!esp)
		return false;
	value = strtoul(esp + 5, &end, 16);
	if (end == esp + 5 || end - (esp + 5) > 8 || *end != '@')
		return false;
	*spi = (uint32_t)value;
	*text = end;
	return true;
}

/* `#2: "lnsd-psk-1"[2] 192.0.2.7:4500 STATE_QUICK_R2 (IPsec SA established); …; ISAKMP SA #1;
 * idle;`
 * `#2: "lnsd-psk-1"[2] 192.0.2.7 esp.cc659c23@192.0.2.7 esp.eeb53dcf@192.0.2.1 Traffic: …` */
bool
pluto_read_sa(struct pluto_sa *sa, const char *line)
{
	const char *text = strncmp(line, "000 ", 4) == 0 ? line + 4 : line;
	int conn = pluto_conn_in(text);
	const char *parent, *instance;

	memset(sa, 0, sizeof(*sa));
	if (*text++ != '#' || !read_number(&text, &sa->state) || *text != ':' || sa->state == 0 ||
	    conn < 0)
		return false;
	sa->conn = (unsigned)conn;
	instance = strstr(text, "\"[");
	if (!instance || (instance += 2, !read_number(&instance, &sa->instance)))
		return false;
	parent = strstr(text, " SA #");
	if (parent) {
		parent += strlen(" SA #");
		return read_number(&parent, &sa->parent);
	}
	sa->has_spis = next_spi(&text, &sa->spi_out) && next_spi(&text, &sa->spi_in);
	return true;
}
