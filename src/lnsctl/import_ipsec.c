/* ipsec.secrets: the pre-shared key of everybody. ipsec.conf: what stays there and gets in the way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/import.h"
#include "lnsctl/import_words.h"

#define IDS_MAX 8

/* One entry: "ID… : KIND SECRET" */
struct entry {
	bool everybody; /* all of its IDs are wildcards, or the gateway's own address and one */
	bool has_colon;
	size_t ids;
	char kind[16];
	struct word secret;
	bool has_secret;
	int line;
};

static bool
is_wildcard(const char *id)
{
	return strcmp(id, "%any") == 0 || strcmp(id, "%any6") == 0 || strcmp(id, "0.0.0.0") == 0 ||
	       strcmp(id, "::") == 0;
}

/* The name of an address or host that may be this gateway: then the other one must be a wildcard.
 */
static void
add_id(struct entry *entry, const char *id)
{
	entry->ids++;
	entry->everybody = entry->everybody || is_wildcard(id);
}

static void
add_word(struct entry *entry, const struct word *word)
{
	const char *colon = !word->quoted ? strchr(word->text, ':') : NULL;

	if (!entry->has_colon) {
		/* an IPv6 address has colons, too, but none at its end */
		bool is_colon = colon && (colon == word->text || !colon[1]) && word->text[0] &&
				strcmp(word->text, "::") != 0;

		entry->has_colon = is_colon;
		if (!is_colon || colon != word->text)
			add_id(entry, word->text);
		if (is_colon && colon == word->text && colon[1])
			snprintf(entry->kind, sizeof(entry->kind), "%.15s", colon + 1);
	} else if (!entry->kind[0]) {
		snprintf(entry->kind, sizeof(entry->kind), "%.15s", word->text);
	} else if (!entry->has_secret) {
		entry->secret = *word;
		entry->has_secret = true;
	}
}

static const char *
why_not(const struct import *import, const struct entry *entry)
{
	const char *secret = entry->secret.text;

	if (strcasecmp(entry->kind, "PSK") != 0)
		return "only pre-shared keys are taken; for certificates see ipsec.certificate";
	if (entry->ids && !entry->everybody)
		return "it is for single peers: libreswan goes on using it";
	if (!secret[0] || entry->secret.cut || strlen(secret) > 255)
		return "the key is empty or too long";
	if (!entry->secret.quoted &&
	    (strncmp(secret, "0x", 2) == 0 || strncmp(secret, "0s", 2) == 0))
		return "the key is binary; lnsd's is text";
	if (strchr(secret, '"'))
		return "the key has a double quote, which libreswan cannot read";
	if (import->psk_count && strcmp(import->psk, secret) != 0)
		return "there is another one for everybody before it";
	return NULL;
}

static void
take_entry(struct import *import, const struct entry *entry, const char *path)
{
	char from[IMPORT_FROM_MAX];
	const char *why;

	if (!entry->has_colon)
		return;
	import_at(from, path, entry->line);
	why = why_not(import, entry);
	if (why) {
		import_left(import, from, "a secret", why);
	} else if (!import->psk_count) {
		snprintf(import->psk, sizeof(import->psk), "%.255s", entry->secret.text);
		snprintf(import->psk_from, sizeof(import->psk_from), "%s", from);
		import->psk_count = 1;
	}
}

void
import_secrets(struct import *import, const char *path, int depth)
{
	char *text = import_read(import, path), from[IMPORT_FROM_MAX];
	struct entry entry = {.has_colon = false};
	struct words words;
	struct word word;

	words_init(&words, text ? text : "", WORDS_IPSEC);
	while (words_next(&words, &word)) {
		if (word.first && !word.indented) {
			take_entry(import, &entry, path);
			entry = (struct entry){.line = words.line};
			if (strcmp(word.text, "include") == 0) {
				import_at(from, path, words.line);
				if (words_more(&words) && words_next(&words, &word))
					import_include(import, word.text, from, depth,
						       import_secrets);
				continue;
			}
		}
		add_word(&entry, &word);
	}
	take_entry(import, &entry, path);
	explicit_bzero(&entry, sizeof(entry));
	explicit_bzero(&word, sizeof(word));
	change_wipe(text);
}

/* A conn as far as it is told of. */
struct conn {
	char name[128], from[IMPORT_FROM_MAX];
	bool l2tp, xauth;
};

static void
tell_conn(struct import *import, const struct conn *conn)
{
	char what[160];

	snprintf(what, sizeof(what), "conn %s", conn->name);
	if (conn->l2tp)
		import_left(import, conn->from, what,
			    "lnsd writes its own: take this one out of the file, or the two are in "
			    "each other's way");
	else if (conn->xauth)
		import_left(import, conn->from, what,
			    "IPsec with XAUTH is no L2TP: it stays as it is");
}

static void
look_at_pair(struct import *import, struct conn *conn, const char *key, const char *value,
	     const char *from)
{
	if (strcmp(key, "leftprotoport") == 0)
		conn->l2tp = conn->l2tp || strcmp(value, "17/1701") == 0 ||
			     strcmp(value, "udp/l2tp") == 0 || strcmp(value, "udp/1701") == 0;
	else if (strcmp(key, "leftxauthserver") == 0)
		conn->xauth = strcmp(value, "yes") == 0;
	else if (strcmp(key, "sha2-truncbug") == 0 && strcmp(value, "yes") == 0)
		import_left(import, from, key, "with it current Apple clients get no data through");
}

/* A line of ipsec.conf, without the blanks before it. */
static void
look_at_line(struct import *import, struct conn *conn, const char *line, size_t len,
	     const char *from, int depth)
{
	char key[IMPORT_VALUE_MAX], value[IMPORT_VALUE_MAX], word[IMPORT_VALUE_MAX];

	snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word) - 1),
		 line);
	if (sscanf(word, "conn %127s", key) == 1 || strncmp(word, "config ", 7) == 0) {
		tell_conn(import, conn);
		*conn = (struct conn){.l2tp = false};
		snprintf(conn->name, sizeof(conn->name), "%.127s",
			 strncmp(word, "conn", 4) == 0 ? key : "");
		snprintf(conn->from, sizeof(conn->from), "%s", from);
	} else if (sscanf(word, "include %511s", value) == 1) {
		import_include(import, value, from, depth, import_conns);
	} else if (word[0] != '#' && words_pair(line, len, key, value, sizeof(key))) {
		look_at_pair(import, conn, key, value, from);
	}
}

void
import_conns(struct import *import, const char *path, int depth)
{
	char *text = import_read(import, path), *line = text, from[IMPORT_FROM_MAX];
	struct conn conn = {.l2tp = false};

	for (int number = 1; line && *line; number++) {
		size_t blank = strspn(line, " \t"), len = strcspn(line, "\n");

		import_at(from, path, number);
		if (blank < len)
			look_at_line(import, &conn, line + blank, len - blank, from, depth);
		line += len;
		line += *line == '\n';
	}
	tell_conn(import, &conn);
	change_wipe(text);
}
