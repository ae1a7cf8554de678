/* Options, the table of verbs, help. */
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "lnsctl/complete.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/table.h"
#include "suggest.h"

static const struct verb *const verbs[] = {
	&verb_status,	  &verb_sessions, &verb_tunnels, &verb_show,	&verb_history, &verb_bans,
	&verb_disconnect, &verb_dial,	  &verb_drain,	 &verb_reload,	&verb_check,   &verb_doctor,
	&verb_user,	  &verb_client,	  &verb_setup,	 &verb_import,	&verb_ipsec,   &verb_trace,
	&verb_top,	  &verb_log,	  &verb_cert,	 &verb_version,
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))
#define LEFT_WIDTH 32

void
complain(const char *fmt, ...)
{
	char text[1600], *line, *next;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* The daemon's refusal of a configuration has a line for each error. */
	for (line = text; line; line = next) {
		char clean[1600];

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		fprintf(stderr, "lnsctl: %s\n", clean_text(clean, sizeof(clean), line));
	}
}

/* What is too long for its column has a line for itself. */
static void
print_row(FILE *out, const char *left, const char *right)
{
	if (strlen(left) < LEFT_WIDTH)
		fprintf(out, "  %-*s%s\n", LEFT_WIDTH, left, right);
	else
		fprintf(out, "  %s\n  %-*s%s\n", left, LEFT_WIDTH, "", right);
}

static void
print_usage(FILE *out)
{
	fputs("usage: lnsctl [--json] [--socket PATH] VERB [ARGUMENT]\n\n", out);
	for (size_t i = 0; i < VERB_COUNT; i++) {
		char left[160];

		snprintf(left, sizeof(left), "%s %s", verbs[i]->name,
			 verbs[i]->arg ? verbs[i]->arg : "");
		print_row(out, left, verbs[i]->summary);
	}
	print_row(out, "help [VERB]", "more about a verb");
	fputs("\nexit codes: 0 done, 1 refused or something is wrong, 2 wrong usage, "
	      "3 the daemon does not answer\n",
	      out);
}

static void
print_verb_usage(FILE *out, const struct verb *verb)
{
	fprintf(out, "usage: lnsctl %s%s%s%s%s\n", verb->prints ? "[--json] " : "",
		"[--socket PATH] ", verb->name, verb->arg ? " " : "", verb->arg ? verb->arg : "");
}

static const struct verb *
find_verb(const char *name)
{
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX];

	suggest_init(&suggest, name);
	suggest_try(&suggest, "help");
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
		suggest_try(&suggest, verbs[i]->name);
	}
	complain("unknown verb '%s'%s; 'lnsctl help' lists them", name,
		 suggest_hint(&suggest, hint));
	return NULL;
}

static enum exit_code
run_help(const char *name)
{
	const struct verb *verb;

	if (!name) {
		print_usage(stdout);
		return CODE_DONE;
	}
	verb = find_verb(name);
	if (!verb)
		return CODE_USAGE;
	print_verb_usage(stdout, verb);
	printf("\n%c%s.\n\n%s", verb->summary[0] & ~0x20, verb->summary + 1, verb->help);
	return CODE_DONE;
}

/* words[0] is the verb; count > 0, and NULL follows the last */
static enum exit_code
run_verb(const struct settings *settings, char **words, int count)
{
	const char *foreign;
	const struct verb *verb;

	if (strcmp(words[0], "help") == 0 && settings->of[OPT_COMPLETE]) {
		complete_print(settings, verbs, VERB_COUNT, words + 1);
		return CODE_DONE;
	}
	if (strcmp(words[0], "help") == 0)
		return run_help(words[1]);
	verb = find_verb(words[0]);
	if (!verb)
		return CODE_USAGE;
	foreign = options_foreign(settings, verb->options | OPT_BIT(OPT_PARSE_ONLY));
	if (foreign)
		complain("%s takes no --%s", verb->name, foreign);
	if (foreign || count - 1 < verb->least || count - 1 > verb->most) {
		print_verb_usage(stderr, verb);
		return CODE_USAGE;
	}
	if (settings->of[OPT_PARSE_ONLY])
		return CODE_DONE;
	return verb->run(settings, words + 1);
}

int
main(int argc, char **argv)
{
	struct settings settings = {.socket = CTL_PATH};
	enum exit_code code;
	int first;

	/* The width of what the daemon says in UTF-8, whatever the user's locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	switch (options_read(&settings, argc, argv, &first)) {
	case OPTIONS_HELP:
		print_usage(stdout);
		return CODE_DONE;
	case OPTIONS_VERSION:
		printf("lnsctl %s\n", LNSD_VERSION);
		return CODE_DONE;
	case OPTIONS_WRONG:
		fputs("'lnsctl help' shows how it is used\n", stderr);
		return CODE_USAGE;
	case OPTIONS_READ:
		break;
	}
	if (first == argc) {
		print_usage(stderr);
		return CODE_USAGE;
	}
	code = run_verb(&settings, argv + first, argc - first);
	if (fflush(stdout) == EOF && code == CODE_DONE) {
		complain("standard output cannot be written");
		return CODE_REFUSED;
	}
	return code;
}
