/* `reload`: asks for it, and shows what it changes, by when that takes effect. */
#include <stdio.h>
#include <string.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/seconds.h"
#include "lnsctl/table.h"

#define CELL_MAX 512
#define TRIAL_MAX 86400 /* seconds; the daemon's limit */

/* ctl.h's "effect"s, in the order in which they matter. */
static const struct {
	const char *effect, *heading;
} effects[] = {
	{"now", "at once"},
	{"new-sessions", "for new sessions"},
	{"restart", "needs a restart (systemctl restart lnsd)"},
};

static const char *
value(char text[CELL_MAX], const json_t *change, const char *key)
{
	clean_text(text, CELL_MAX, field_text(change, key));
	return text[0] ? text : "none";
}

static void
print_change(const json_t *change)
{
	char section[CELL_MAX], key[CELL_MAX], from[CELL_MAX], to[CELL_MAX];
	char name[2 * CELL_MAX + 4];

	snprintf(name, sizeof(name), "[%s] %s", value(section, change, "section"),
		 value(key, change, "key"));
	printf("  %-28s %s -> %s\n", name, value(from, change, "old"), value(to, change, "new"));
}

static void
print_changes(const json_t *changes)
{
	const json_t *change;
	size_t i;

	for (size_t e = 0; e < sizeof(effects) / sizeof(effects[0]); e++) {
		bool headed = false;

		json_array_foreach(changes, i, change)
		{
			if (strcmp(field_text(change, "effect"), effects[e].effect) != 0)
				continue;
			if (!headed)
				printf("%s:\n", effects[e].heading);
			headed = true;
			print_change(change);
		}
	}
}

static void
print(const json_t *data)
{
	const json_t *item;
	size_t i;

	print_changes(json_object_get(data, "changes"));
	json_array_foreach(json_object_get(data, "lines"), i, item)
	{
		char line[1200];

		puts(clean_text(line, sizeof(line),
				json_is_string(item) ? json_string_value(item) : ""));
	}
}

/* The request, or NULL when the options do not go together. */
static json_t *
make_request(const struct settings *settings)
{
	static const struct {
		enum option_id option;
		const char *arg;
	} acts[] = {{OPT_DRY_RUN, "dry-run"}, {OPT_CONFIRMED, "confirmed"}, {OPT_UNDO, "undo"}};
	const char *trial = settings->of[OPT_CONFIRM], *arg = NULL;
	int64_t seconds = trial ? seconds_read(trial) : 0;
	int given = trial != NULL;

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (settings->of[acts[i].option]) {
			arg = acts[i].arg;
			given++;
		}
	}
	if (given > 1) {
		complain("reload takes one of --dry-run, --confirm, --confirmed and --undo");
		return NULL;
	}
	if (trial && (seconds <= 0 || seconds > TRIAL_MAX)) {
		complain("--confirm %s: no time of up to a day (60s, 5m, 1h)", trial);
		return NULL;
	}
	return json_pack("{s:s, s:s*, s:I}", "verb", "reload", "arg", arg, "seconds",
			 (json_int_t)seconds);
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	json_t *request = make_request(settings);
	struct answer answer;

	(void)args;
	if (!request)
		return CODE_USAGE;
	client_request(settings, request, CLIENT_SILENCE_MS, &answer);
	if (answer.code != CODE_DONE)
		complain("%s", answer.error);
	else if (settings->json)
		answer.code = print_json(answer.data);
	else
		print(answer.data);
	json_decref(answer.data);
	return answer.code;
}

const struct verb verb_reload = {
	.name = "reload",
	.arg = "[--dry-run | --confirm TIME | --confirmed | --undo]",
	.options = OPT_BIT(OPT_DRY_RUN) | OPT_BIT(OPT_CONFIRM) | OPT_BIT(OPT_CONFIRMED) |
		   OPT_BIT(OPT_UNDO),
	.summary = "read the configuration and the users again",
	.help = "All or nothing: when anything is wrong the daemon says what and keeps the old\n"
		"configuration. Sessions go on. What changes is printed: the keys that hold at\n"
		"once, for new sessions, and after a restart only.\n\n"
		"--dry-run says the same and changes nothing. --confirm TIME (60s, 5m) puts it on\n"
		"trial: unless `lnsctl reload --confirmed` comes in time, the daemon goes back by\n"
		"itself, also when nobody can reach this machine any more; --undo goes back at\n"
		"once.\n",
	.prints = true,
	.run = run,
};
