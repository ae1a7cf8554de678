/* The usage of a verb is read as it is printed: "list | add ADDRESS [TIME]", "USER|ID|all". What is
 * in capitals is a kind of word, all else stands for itself. */
#include "lnsctl/complete.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/profile.h"
#include "lnsctl/table.h"
#include "lnsctl/user_store.h"

#define USAGE_MAX 256
#define TOKENS_MAX 16

struct line {
	const struct settings *settings;
	const struct verb *const *verbs;
	size_t verb_count;
	char *const *args; /* the words that are no options, behind the verb */
	size_t arg_count;
};

/* ── kinds ──────────────────────────────────────────────────────────────────────────────── */

static void
print_word(const char *text)
{
	char clean[512];

	if (text[0])
		puts(clean_text(clean, sizeof(clean), text));
}

static void
print_users(const struct line *line)
{
	struct user_store store;

	if (user_store_open(&store, line->settings, false) == CODE_DONE) {
		for (size_t i = 0; i < store.users->count; i++)
			print_word(store.users->list[i].name);
	}
	user_store_close(&store);
}

/* A member of each element of the array that the daemon gives. */
static void
print_members(const struct line *line, const char *verb, const char *key)
{
	struct answer answer;
	const json_t *item, *value;
	char number[24];
	size_t i;

	client_ask(line->settings, verb, NULL, &answer);
	json_array_foreach(answer.data, i, item)
	{
		value = json_object_get(item, key);
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		print_word(json_is_integer(value) ? number : field_text(item, key));
	}
	json_decref(answer.data);
}

static void
print_ids(const struct line *line)
{
	print_members(line, "sessions", "id");
	print_members(line, "tunnels", "id");
}

static void
print_addresses(const struct line *line)
{
	bool banned = line->arg_count && strcmp(line->args[0], "del") == 0;

	print_members(line, banned ? "bans" : "sessions", "address");
}

static void
print_files(const struct line *line)
{
	(void)line;
	puts(COMPLETE_FILES);
}

static void
print_verbs(const struct line *line)
{
	for (size_t i = 0; i < line->verb_count; i++)
		puts(line->verbs[i]->name);
	puts("help");
}

static void
print_systems(const struct line *line)
{
	const struct profile_os *os;

	(void)line;
	for (size_t i = 0; (os = profile_os_at(i)); i++)
		puts(os->name);
}

static const struct kind {
	const char *name;
	void (*print)(const struct line *line);
} kinds[] = {
	{"USER", print_users},	      {"NAME", print_users}, {"ID", print_ids},
	{"ADDRESS", print_addresses}, {"FILE", print_files}, {"PATH", print_files},
	{"FOLDER", print_files},      {"VERB", print_verbs}, {"OS", print_systems},
};

/* ── usage ──────────────────────────────────────────────────────────────────────────────── */

static void
print_one(const struct line *line, const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			kinds[i].print(line);
	}
	if (islower((unsigned char)name[0]))
		puts(name);
}

/* The token's alternatives: each is printed, or held against a word. True when one may be it. */
static bool
walk_token(const struct line *line, const char *token, const char *word)
{
	char text[USAGE_MAX], *rest = text, *name;
	bool fits = false;

	snprintf(text, sizeof(text), "%s", token);
	while ((name = strsep(&rest, "|"))) {
		if (!word)
			print_one(line, name);
		else
			fits = fits || isupper((unsigned char)name[0]) || strcmp(name, word) == 0;
	}
	return fits;
}

/* One way to use the verb. Options and brackets are no matter of order: they are left out. */
static void
walk_usage(const struct line *line, char *usage)
{
	char *tokens[TOKENS_MAX], *rest = usage, *token;
	size_t count = 0;

	while ((token = strsep(&rest, " []")) && count < TOKENS_MAX) {
		bool option = token[0] == '-';

		if (token[0] && !option && strcmp(token, "|") != 0)
			tokens[count++] = token;
		/* its argument */
		if (option && rest && isupper((unsigned char)rest[0]))
			(void)strsep(&rest, " []");
	}
	for (size_t i = 0; i < line->arg_count; i++) {
		if (i >= count || !walk_token(line, tokens[i], line->args[i]))
			return;
	}
	if (line->arg_count < count)
		(void)walk_token(line, tokens[line->arg_count], NULL);
}

static void
print_arguments(const struct line *line, const struct verb *verb)
{
	char usage[USAGE_MAX], *rest = usage, *bar;

	snprintf(usage, sizeof(usage), "%s", verb->arg ? verb->arg : "");
	while ((bar = strstr(rest, " | "))) {
		*bar = '\0';
		walk_usage(line, rest);
		rest = bar + 3;
	}
	walk_usage(line, rest);
}

/* ── options ────────────────────────────────────────────────────────────────────────────── */

static void
print_options(const struct verb *verb)
{
	struct option_name option;

	if (!verb || verb->prints)
		puts("--json");
	puts("--socket");
	for (int id = 0; verb && options_name(id, &option); id++) {
		if (verb->options & OPT_BIT(id))
			printf("--%s\n", option.name);
	}
}

/* The argument of an option that stands before it. */
static void
print_option_argument(const struct line *line, const char *word)
{
	static const char *const files[] = {"--socket", "--config", "--file", "--output"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (strcmp(word, files[i]) == 0)
			print_files(line);
	}
	if (strcmp(word, "--user") == 0)
		print_users(line);
}

static bool
takes_argument(const char *word)
{
	struct option_name option;

	if (strcmp(word, "--socket") == 0)
		return true;
	for (int id = 0; strncmp(word, "--", 2) == 0 && options_name(id, &option); id++) {
		if (strcmp(word + 2, option.name) == 0)
			return option.takes;
	}
	return false;
}

/* Where names and IDs are to be looked for. */
static void
note_option(struct settings *settings, const char *word, const char *argument)
{
	if (strcmp(word, "--socket") == 0)
		settings->socket = argument;
	else if (strcmp(word, "--config") == 0)
		settings->of[OPT_CONFIG] = argument;
}

static const struct verb *
find(const struct line *line, const char *name)
{
	for (size_t i = 0; name && i < line->verb_count; i++) {
		if (strcmp(line->verbs[i]->name, name) == 0)
			return line->verbs[i];
	}
	return NULL;
}

void
complete_print(const struct settings *settings, const struct verb *const *verbs, size_t count,
	       char *const *words)
{
	struct settings own = *settings;
	struct line line = {.settings = &own, .verbs = verbs, .verb_count = count};
	char *plain[TOKENS_MAX + 1] = {NULL};
	const struct verb *verb;
	size_t plain_count = 0;

	if (!words[0])
		return;
	for (; words[1]; words++) {
		if (takes_argument(words[0])) {
			if (!words[2]) {
				print_option_argument(&line, words[0]);
				return;
			}
			note_option(&own, words[0], words[1]);
			words++;
		} else if (words[0][0] != '-' && plain_count < TOKENS_MAX) {
			plain[plain_count++] = words[0];
		}
	}
	verb = find(&line, plain[0]);
	line.args = plain + 1;
	line.arg_count = plain_count ? plain_count - 1 : 0;
	if (words[0][0] == '-')
		print_options(verb);
	else if (!plain_count)
		print_verbs(&line);
	else if (strcmp(plain[0], "help") == 0 && plain_count == 1)
		print_verbs(&line);
	else if (verb)
		print_arguments(&line, verb);
}
