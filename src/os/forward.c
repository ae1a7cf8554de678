/* See forward.h. The text is taken as a hint: a rule with "ppp" in it that accepts is believed to
 * be meant for us. */
#include "forward.h"

#include <stdio.h>
#include <string.h>

#include "command.h"

#define ASK_MS 5000
#define OURS "inet lnsd"

/* The words up to ` {`, or to the end. */
static void
keep_words(char *out, size_t cap, const char *text)
{
	size_t len = strcspn(text, "{\n");

	while (len && text[len - 1] == ' ')
		len--;
	snprintf(out, cap, "%.*s", (int)len, text);
}

/* A table is over: what it drops counts, unless it accepts us. */
void
forward_end(struct forward_scan *scan)
{
	if (scan->drops[0] && !scan->accepts && !scan->found[0])
		memcpy(scan->found, scan->drops, sizeof(scan->found));
	scan->drops[0] = '\0';
	scan->accepts = false;
}

static void
note_drop(struct forward_scan *scan)
{
	if (strcmp(scan->table, OURS) != 0)
		snprintf(scan->drops, sizeof(scan->drops), "table %.50s, chain %.50s", scan->table,
			 scan->chain);
}

void
forward_line(struct forward_scan *scan, const char *line)
{
	line += strspn(line, " \t");
	if (strncmp(line, "table ", 6) == 0 || line[0] == '*') {
		forward_end(scan);
		keep_words(scan->table, sizeof(scan->table), line + (line[0] == '*' ? 1 : 6));
	} else if (strncmp(line, "chain ", 6) == 0) {
		keep_words(scan->chain, sizeof(scan->chain), line + 6);
	} else if (strncmp(line, ":FORWARD DROP", 13) == 0) {
		snprintf(scan->chain, sizeof(scan->chain), "FORWARD");
		note_drop(scan);
	} else if (strstr(line, "hook forward") && strstr(line, "policy drop")) {
		note_drop(scan);
	} else if (strstr(line, "ppp") && (strstr(line, "accept") || strstr(line, "-j ACCEPT"))) {
		scan->accepts = true;
	}
}

static void
take_line(void *ctx, const char *line)
{
	forward_line(ctx, line);
}

enum forward_answer
forward_find(char *chain, size_t cap)
{
	static const char *const programs[][3] = {
		{"nft", "list", "ruleset"}, {"iptables-legacy-save"}, {"ip6tables-legacy-save"}};
	struct forward_scan scan = {.found = ""};
	bool answered = false;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		char path[256];
		const char *const argv[] = {path, programs[i][1], programs[i][2], NULL};

		if (command_find(path, sizeof(path), programs[i][0]) &&
		    command_run(argv, ASK_MS, take_line, &scan) == 0)
			answered = true;
		forward_end(&scan);
	}
	snprintf(chain, cap, "%s", scan.found);
	if (scan.found[0])
		return FORWARD_DROPPED;
	return answered ? FORWARD_FREE : FORWARD_UNKNOWN;
}
