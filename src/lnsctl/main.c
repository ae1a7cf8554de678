/* Options, the table of verbs, help. */
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/table.h"
#include "suggest.h"

static const struct verb *const verbs[] = {
	&verb_status, &verb_sessions,	&verb_tunnels, &verb_show,    &verb_history,
	&verb_bans,   &verb_disconnect, &verb_dial,    &verb_drain,   &verb_reload,
	&verb_check,  &verb_doctor,	&verb_user,    &verb_version,
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

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

static void
print_usage(FILE *out)
{
	fputs("usage: lnsctl [--json] [--socket PATH] VERB [ARGUMENT]\n\n", out);
	for (size_t i = 0; i < VERB_COUNT; i++) {
		char left[80];

		snprintf(left, sizeof(left), "%s %s", verbs[i]->name,
			 verbs[i]->arg ? verbs[i]->arg : "");
		fprintf(out, "  %-32s%s\n", left, verbs[i]->summary);
	}
	fprintf(out, "  %-32s%s\n", "help [VERB]", "more about a verb");
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

static bool
has_user_options(const struct settings *settings)
{
	const struct user_settings *user = &settings->user;

	return settings->config || user->password_stdin || user->generate || user->plain ||
	       user->otp || user->disabled || user->address || user->routes || user->allow ||
	       user->rate || user->sessions || user->expires;
}

/* words[0] is the verb; count > 0, and NULL follows the last */
static enum exit_code
run_verb(const struct settings *settings, char **words, int count)
{
	unsigned options = (settings->tunnel ? VERB_OPTION_TUNNEL : 0) |
			   (settings->only_new ? VERB_OPTION_NEW : 0) |
			   (settings->since || settings->last || settings->file || settings->logins
				    ? VERB_OPTION_HISTORY
				    : 0) |
			   (has_user_options(settings) ? VERB_OPTION_USER : 0);
	const struct verb *verb;

	if (strcmp(words[0], "help") == 0)
		return run_help(words[1]);
	verb = find_verb(words[0]);
	if (!verb)
		return CODE_USAGE;
	if (count - 1 < verb->least || count - 1 > verb->most || options & ~verb->options) {
		print_verb_usage(stderr, verb);
		return CODE_USAGE;
	}
	return verb->run(settings, words + 1);
}

static void
print_version(void)
{
	printf("lnsctl %s\n", LNSD_VERSION);
}

/* Options of `user`: beyond the letters. */
enum user_option {
	OPTION_PASSWORD_STDIN = 256,
	OPTION_GENERATE,
	OPTION_PLAIN,
	OPTION_OTP,
	OPTION_DISABLED,
	OPTION_ADDRESS,
	OPTION_ROUTES,
	OPTION_ALLOW,
	OPTION_RATE,
	OPTION_SESSIONS,
	OPTION_EXPIRES
};

static bool
take_user_option(struct user_settings *user, int letter)
{
	bool *const flags[] = {&user->password_stdin, &user->generate, &user->plain, &user->otp,
			       &user->disabled};
	const char **const keys[] = {&user->address, &user->routes,   &user->allow,
				     &user->rate,    &user->sessions, &user->expires};

	if (letter >= OPTION_PASSWORD_STDIN && letter <= OPTION_DISABLED)
		*flags[letter - OPTION_PASSWORD_STDIN] = true;
	else if (letter >= OPTION_ADDRESS && letter <= OPTION_EXPIRES)
		*keys[letter - OPTION_ADDRESS] = optarg;
	else
		return false;
	return true;
}

/* False for a letter that is none of ours. */
static bool
take_option(struct settings *settings, int letter)
{
	switch (letter) {
	case 'j':
		settings->json = true;
		return true;
	case 's':
		settings->socket = optarg;
		return true;
	case 't':
		settings->tunnel = optarg;
		return true;
	case 'n':
		settings->only_new = true;
		return true;
	case 'S':
		settings->since = optarg;
		return true;
	case 'l':
		settings->last = optarg;
		return true;
	case 'L':
		settings->logins = true;
		return true;
	case 'f':
		settings->file = optarg;
		return true;
	case 'C':
		settings->config = optarg;
		return true;
	default:
		return take_user_option(&settings->user, letter);
	}
}

/* -1: go on; else the exit code */
static int
read_options(struct settings *settings, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"socket", required_argument, NULL, 's'},
		{"tunnel", required_argument, NULL, 't'},
		{"new", no_argument, NULL, 'n'},
		{"since", required_argument, NULL, 'S'},
		{"last", required_argument, NULL, 'l'},
		{"logins", no_argument, NULL, 'L'},
		{"file", required_argument, NULL, 'f'},
		{"config", required_argument, NULL, 'C'},
		{"password-stdin", no_argument, NULL, OPTION_PASSWORD_STDIN},
		{"generate", no_argument, NULL, OPTION_GENERATE},
		{"plain", no_argument, NULL, OPTION_PLAIN},
		{"otp", no_argument, NULL, OPTION_OTP},
		{"disabled", no_argument, NULL, OPTION_DISABLED},
		{"address", required_argument, NULL, OPTION_ADDRESS},
		{"routes", required_argument, NULL, OPTION_ROUTES},
		{"allow", required_argument, NULL, OPTION_ALLOW},
		{"rate", required_argument, NULL, OPTION_RATE},
		{"sessions", required_argument, NULL, OPTION_SESSIONS},
		{"expires", required_argument, NULL, OPTION_EXPIRES},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (letter == 'h') {
			print_usage(stdout);
			return CODE_DONE;
		}
		if (letter == 'V') {
			print_version();
			return CODE_DONE;
		}
		if (!take_option(settings, letter)) {
			fputs("'lnsctl help' shows how it is used\n", stderr);
			return CODE_USAGE;
		}
	}
	if (optind < argc)
		return -1;
	print_usage(stderr);
	return CODE_USAGE;
}

int
main(int argc, char **argv)
{
	struct settings settings = {.socket = CTL_PATH};
	enum exit_code code;
	int over;

	/* The width of what the daemon says in UTF-8, whatever the user's locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	over = read_options(&settings, argc, argv);
	if (over >= 0)
		return over;
	code = run_verb(&settings, argv + optind, argc - optind);
	if (fflush(stdout) == EOF && code == CODE_DONE) {
		complain("standard output cannot be written");
		return CODE_REFUSED;
	}
	return code;
}
