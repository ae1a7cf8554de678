/* pppd's options, as far as a server has them: a table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/import.h"
#include "lnsctl/import_words.h"
#include "method.h"

enum deed {
	KEY,	 /* a key of ours */
	LIST,	 /* the same, and several make one list */
	SECONDS, /* the same, of seconds where 0 is never */
	METHOD,	 /* how clients may log in */
	NAME,	 /* what pppd calls itself */
	FILES,	 /* another file of options */
	QUIET,	 /* lnsd does so anyway, or nobody misses it */
	LEAVE	 /* not taken, and here is why */
};

#define ENCRYPTED "IPsec encrypts already"

static const struct rule {
	const char *name;
	int words; /* that belong to it */
	enum deed deed;
	const char *section, *key; /* for LEAVE: why, in the first */
	unsigned method;
} rules[] = {
	{"ms-dns", 1, LIST, "network", "dns", 0},
	{"ms-wins", 1, LIST, "network", "wins", 0},
	{"mtu", 1, KEY, "network", "mtu", 0},
	{"idle", 1, SECONDS, "auth", "idle-timeout", 0},
	{"maxconnect", 1, SECONDS, "auth", "session-timeout", 0},
	{"lcp-echo-interval", 1, SECONDS, "ppp", "lcp-echo", 0},
	{"require-mschap-v2", 0, METHOD, NULL, NULL, METHOD_MSCHAPV2},
	{"+mschap-v2", 0, METHOD, NULL, NULL, METHOD_MSCHAPV2},
	{"require-chap", 0, METHOD, NULL, NULL, METHOD_CHAP},
	{"+chap", 0, METHOD, NULL, NULL, METHOD_CHAP},
	{"require-pap", 0, METHOD, NULL, NULL, METHOD_PAP},
	{"+pap", 0, METHOD, NULL, NULL, METHOD_PAP},
	{"require-eap", 0, METHOD, NULL, NULL, METHOD_EAP},
	{"require-mschap", 0, LEAVE, "MS-CHAPv1 is broken; MS-CHAPv2 is asked for", NULL, 0},
	{"name", 1, NAME, NULL, NULL, 0},
	{"file", 1, FILES, NULL, NULL, 0},
	{"mru", 1, QUIET, NULL, NULL, 0},
	{"lcp-echo-failure", 1, QUIET, NULL, NULL, 0},
	{"lcp-echo-adaptive", 0, QUIET, NULL, NULL, 0},
	{"auth", 0, QUIET, NULL, NULL, 0},
	{"ccp", 0, QUIET, NULL, NULL, 0},
	{"noccp", 0, QUIET, NULL, NULL, 0},
	{"nobsdcomp", 0, QUIET, NULL, NULL, 0},
	{"nodeflate", 0, QUIET, NULL, NULL, 0},
	{"novj", 0, QUIET, NULL, NULL, 0},
	{"novjccomp", 0, QUIET, NULL, NULL, 0},
	{"nopcomp", 0, QUIET, NULL, NULL, 0},
	{"noaccomp", 0, QUIET, NULL, NULL, 0},
	{"nodefaultroute", 0, QUIET, NULL, NULL, 0},
	{"ipcp-accept-local", 0, QUIET, NULL, NULL, 0},
	{"ipcp-accept-remote", 0, QUIET, NULL, NULL, 0},
	{"refuse-pap", 0, QUIET, NULL, NULL, 0},
	{"-pap", 0, QUIET, NULL, NULL, 0},
	{"refuse-chap", 0, QUIET, NULL, NULL, 0},
	{"-chap", 0, QUIET, NULL, NULL, 0},
	{"refuse-mschap", 0, QUIET, NULL, NULL, 0},
	{"refuse-eap", 0, QUIET, NULL, NULL, 0},
	{"crtscts", 0, QUIET, NULL, NULL, 0},
	{"lock", 0, QUIET, NULL, NULL, 0},
	{"modem", 0, QUIET, NULL, NULL, 0},
	{"local", 0, QUIET, NULL, NULL, 0},
	{"debug", 0, QUIET, NULL, NULL, 0},
	{"dump", 0, QUIET, NULL, NULL, 0},
	{"logfile", 1, QUIET, NULL, NULL, 0},
	{"logfd", 1, QUIET, NULL, NULL, 0},
	{"hide-password", 0, QUIET, NULL, NULL, 0},
	{"connect-delay", 1, QUIET, NULL, NULL, 0},
	{"asyncmap", 1, QUIET, NULL, NULL, 0},
	{"silent", 0, QUIET, NULL, NULL, 0},
	{"passive", 0, QUIET, NULL, NULL, 0},
	{"noauth", 0, LEAVE, "everybody logs in", NULL, 0},
	{"proxyarp", 0, LEAVE,
	 "clients are routed; network.nat, on by default, hides them from the LAN", NULL, 0},
	{"require-mppe", 0, LEAVE, ENCRYPTED, NULL, 0},
	{"require-mppe-128", 0, LEAVE, ENCRYPTED, NULL, 0},
	{"nomppe-40", 0, LEAVE, ENCRYPTED, NULL, 0},
	{"mppe", 1, LEAVE, ENCRYPTED, NULL, 0},
	{"plugin", 1, LEAVE, "RADIUS servers are auth.radius and auth.radius-secret-file", NULL, 0},
	{"radius-config-file", 1, LEAVE,
	 "RADIUS servers are auth.radius and auth.radius-secret-file", NULL, 0},
	{"login", 0, LEAVE, "PAM is not asked: users are in /etc/lnsd/users, or RADIUS", NULL, 0},
	{"domain", 1, LEAVE, "names are taken with and without a domain (auth.strip-domain)", NULL,
	 0},
};

static const struct rule *
find_rule(const char *name)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	return NULL;
}

static void
apply(struct import *import, const struct rule *rule, const char *value, const char *from,
      int depth)
{
	char seconds[32];

	switch (rule->deed) {
	case KEY:
	case LIST:
		import_key(import, rule->section, rule->key, value, from, rule->deed == LIST);
		break;
	case SECONDS:
		snprintf(seconds, sizeof(seconds), "%.20ss", value);
		if (strcmp(value, "0") != 0)
			import_key(import, rule->section, rule->key, seconds, from, false);
		break;
	case METHOD:
		import->methods |= rule->method;
		break;
	case NAME:
		snprintf(import->server, sizeof(import->server), "%.127s", value);
		break;
	case FILES:
		import_include(import, value, from, depth, import_options);
		break;
	case LEAVE:
		import_left(import, from, rule->name, rule->section);
		break;
	case QUIET:
		break;
	}
}

void
import_options(struct import *import, const char *path, int depth)
{
	char *text = import_read(import, path);
	char from[IMPORT_FROM_MAX], name[IMPORT_WORD_MAX];
	struct words words;
	struct word word;

	words_init(&words, text ? text : "", WORDS_PPPD);
	while (words_next(&words, &word)) {
		const struct rule *rule = find_rule(word.text);

		import_at(from, path, words.line);
		memcpy(name, word.text, sizeof(name));
		if (!rule) {
			import_left(
				import, from, name,
				"lnsctl does not know it; ppp.options-file takes pppd's options");
			words_skip_line(&words);
		} else if (!rule->words || words_next(&words, &word)) {
			apply(import, rule, word.text, from, depth);
		}
	}
	change_wipe(text);
}
