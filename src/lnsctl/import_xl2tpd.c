/* xl2tpd.conf: sections of "key = value". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lnsctl/import.h"
#include "lnsctl/import_words.h"

enum deed {
	KEY,	 /* a key of ours */
	LIST,	 /* the same, and several lines make one list */
	NAME,	 /* what pppd calls itself */
	OPTIONS, /* the file of pppd's options */
	QUIET,	 /* about xl2tpd itself: nobody misses it */
	LEAVE	 /* not taken, and here is why */
};

static const struct rule {
	const char *name;
	enum deed deed;
	const char *section, *key; /* for LEAVE: why, in the first */
} rules[] = {
	{"ip range", LIST, "network", "pool"},
	{"local ip", KEY, "network", "gateway"},
	{"hostname", KEY, "server", "host-name"},
	{"listen-addr", KEY, "server", "listen"},
	{"max retries", KEY, "server", "retries"},
	{"name", NAME, NULL, NULL},
	{"pppoptfile", OPTIONS, NULL, NULL},
	{"port", LEAVE, "clients know no other than 1701", NULL},
	{"auth file", LEAVE,
	 "tunnel secrets are server.tunnel-secret-file, or secret-file of a [peer]", NULL},
	{"challenge", LEAVE,
	 "tunnel secrets are server.tunnel-secret-file, or secret-file of a [peer]", NULL},
	{"no ip range", LEAVE, "give what is left over as network.pool", NULL},
	{"lac", LEAVE,
	 "all clients with the IPsec key may come; [peer] sections are for single LACs", NULL},
	{"no lac", LEAVE, "keep them out with the packet filter", NULL},
	{"access control", LEAVE, "all clients with the IPsec key may come", NULL},
	{"hidden bit", LEAVE, "hide-avps of a [peer]", NULL},
	{"exclusive", LEAVE, "auth.max-sessions-per-user bounds who is connected", NULL},
	{"require chap", LEAVE, "MS-CHAPv2 is asked for; auth.methods knows the others", NULL},
	{"require pap", LEAVE, "MS-CHAPv2 is asked for; auth.methods knows the others", NULL},
	{"unix authentication", LEAVE, "PAM is not asked: users are in /etc/lnsd/users, or RADIUS",
	 NULL},
	{"require authentication", QUIET, NULL, NULL},
	{"refuse chap", QUIET, NULL, NULL},
	{"refuse pap", QUIET, NULL, NULL},
	{"refuse authentication", QUIET, NULL, NULL},
	{"length bit", QUIET, NULL, NULL},
	{"flow bit", QUIET, NULL, NULL},
	{"assign ip", QUIET, NULL, NULL},
	{"ppp debug", QUIET, NULL, NULL},
	{"pass peer", QUIET, NULL, NULL},
	{"ipsec saref", QUIET, NULL, NULL},
	{"saref refinfo", QUIET, NULL, NULL},
	{"force userspace", QUIET, NULL, NULL},
	{"rws", QUIET, NULL, NULL},
	{"tunnel rws", QUIET, NULL, NULL},
	{"call rws", QUIET, NULL, NULL},
	{"tx bps", QUIET, NULL, NULL},
	{"rx bps", QUIET, NULL, NULL},
	{"bps", QUIET, NULL, NULL},
	{"rand source", QUIET, NULL, NULL},
	{"debug avp", QUIET, NULL, NULL},
	{"debug network", QUIET, NULL, NULL},
	{"debug packet", QUIET, NULL, NULL},
	{"debug state", QUIET, NULL, NULL},
	{"debug tunnel", QUIET, NULL, NULL},
};

static const struct rule *
find_rule(const char *name)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcasecmp(rules[i].name, name) == 0)
			return &rules[i];
	return NULL;
}

static void
apply(struct import *import, const char *name, const char *value, const char *from)
{
	const struct rule *rule = find_rule(name);

	if (!rule) {
		import_left(import, from, name, "lnsctl does not know it");
		return;
	}
	switch (rule->deed) {
	case KEY:
	case LIST:
		import_key(import, rule->section, rule->key, value, from, rule->deed == LIST);
		break;
	case NAME:
		snprintf(import->server, sizeof(import->server), "%.127s", value);
		break;
	case OPTIONS:
		snprintf(import->options, sizeof(import->options), "%s", value);
		break;
	case LEAVE:
		import_left(import, from, name, rule->section);
		break;
	case QUIET:
		break;
	}
}

/* [global] and [lns …] are about a server; what dials out is told once. */
static bool
enter(struct import *import, const char *line, size_t len, const char *from)
{
	char what[160];

	if (strncasecmp(line, "[lac", 4) != 0)
		return strncasecmp(line, "[global]", 8) == 0 || strncasecmp(line, "[lns", 4) == 0;
	snprintf(what, sizeof(what), "%.*s", (int)len, line);
	import_left(import, from, what, "dialling out is not what lnsd takes over");
	return false;
}

void
import_xl2tpd(struct import *import, const char *path, int depth)
{
	char *text = import_read(import, path), *line = text;
	char key[IMPORT_VALUE_MAX], value[IMPORT_VALUE_MAX], from[IMPORT_FROM_MAX];
	bool ours = false;

	(void)depth;
	for (int number = 1; line && *line; number++) {
		size_t len, whole = strcspn(line, "\n");

		len = whole - strspn(line, " \t") * (whole > 0);
		line += whole - len;
		import_at(from, path, number);
		if (line[0] == '[')
			ours = enter(import, line, len, from);
		else if (ours && !strchr(";#", line[0]) &&
			 words_pair(line, len, key, value, sizeof(key)))
			apply(import, key, value, from);
		line += len;
		line += *line == '\n';
	}
	change_wipe(text);
}
