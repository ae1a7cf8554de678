#include "lnsctl/options.h"

#include <getopt.h>
#include <stddef.h>

static const struct option_row {
	const char *name;
	bool takes; /* an argument */
	char letter;
} rows[OPT_COUNT] = {
	[OPT_TUNNEL] = {"tunnel", .takes = true},
	[OPT_NEW] = {.name = "new"},
	[OPT_SINCE] = {"since", .takes = true},
	[OPT_LAST] = {"last", .takes = true},
	[OPT_LOGINS] = {.name = "logins"},
	[OPT_CLIENT] = {.name = "client", .takes = true},
	[OPT_FILE] = {"file", .takes = true},
	[OPT_CONFIG] = {"config", .takes = true},
	[OPT_PASSWORD_STDIN] = {.name = "password-stdin"},
	[OPT_GENERATE] = {.name = "generate"},
	[OPT_PLAIN] = {.name = "plain"},
	[OPT_OTP] = {.name = "otp"},
	[OPT_DISABLED] = {.name = "disabled"},
	[OPT_ADDRESS] = {"address", .takes = true},
	[OPT_ROUTES] = {"routes", .takes = true},
	[OPT_ALLOW] = {"allow", .takes = true},
	[OPT_RATE] = {"rate", .takes = true},
	[OPT_SESSIONS] = {"sessions", .takes = true},
	[OPT_EXPIRES] = {"expires", .takes = true},
	[OPT_SECRETS] = {.name = "secrets"},
	[OPT_SERVER] = {"server", .takes = true},
	[OPT_OUTPUT] = {"output", .takes = true},
	[OPT_DRY_RUN] = {.name = "dry-run"},
	[OPT_CONFIRM] = {"confirm", .takes = true},
	[OPT_CONFIRMED] = {.name = "confirmed"},
	[OPT_UNDO] = {.name = "undo"},
	[OPT_YES] = {.name = "yes"},
	[OPT_USER] = {"user", .takes = true},
	[OPT_DNS] = {"dns", .takes = true},
	[OPT_POOL] = {"pool", .takes = true},
	[OPT_COMPLETE] = {.name = "complete"},
	[OPT_PARSE_ONLY] = {.name = "parse-only"},
	[OPT_FOLLOW] = {.name = "follow", .letter = 'f'},
	[OPT_FOR] = {"for", .takes = true},
	[OPT_DATA] = {.name = "data"},
	[OPT_PCAP] = {"pcap", .takes = true},
	[OPT_PAST] = {.name = "past"},
	[OPT_ONCE] = {.name = "once"},
	[OPT_SAN] = {"san", .takes = true},
	[OPT_DAYS] = {"days", .takes = true},
	[OPT_BITS] = {"bits", .takes = true},
	[OPT_FOLDER] = {"folder", .takes = true},
};

/* What getopt_long() gives for a long option: beyond every letter. */
enum { FIRST_LONG = 256, LONG_JSON = FIRST_LONG + OPT_COUNT, LONG_SOCKET, LONG_HELP, LONG_VERSION };

/* What getopt wants; a '+' or letters of its own there are none but ours. */
static void
make_tables(struct option longs[OPT_COUNT + 5], char letters[OPT_COUNT * 2 + 2])
{
	static const struct option always[] = {{"json", no_argument, NULL, LONG_JSON},
					       {"socket", required_argument, NULL, LONG_SOCKET},
					       {"help", no_argument, NULL, LONG_HELP},
					       {"version", no_argument, NULL, LONG_VERSION},
					       {NULL, 0, NULL, 0}};
	char *letter = letters;

	*letter++ = 'h';
	for (int id = 0; id < OPT_COUNT; id++) {
		int argument = rows[id].takes ? required_argument : no_argument;

		longs[id] = (struct option){rows[id].name, argument, NULL, FIRST_LONG + id};
		if (rows[id].letter) {
			*letter++ = rows[id].letter;
			if (rows[id].takes)
				*letter++ = ':';
		}
	}
	*letter = '\0';
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		longs[OPT_COUNT + i] = always[i];
}

/* False for what is no option of a verb's. */
static bool
take(struct settings *settings, int letter)
{
	for (int id = 0; id < OPT_COUNT; id++) {
		if (letter != FIRST_LONG + id && (!rows[id].letter || letter != rows[id].letter))
			continue;
		settings->of[id] = rows[id].takes ? optarg : "";
		return true;
	}
	return false;
}

enum options_result
options_read(struct settings *settings, int argc, char **argv, int *first)
{
	struct option longs[OPT_COUNT + 5];
	char letters[OPT_COUNT * 2 + 2];
	int letter;

	make_tables(longs, letters);
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (letter == LONG_JSON)
			settings->json = true;
		else if (letter == LONG_SOCKET)
			settings->socket = optarg;
		else if (letter == LONG_HELP || letter == 'h')
			return OPTIONS_HELP;
		else if (letter == LONG_VERSION)
			return OPTIONS_VERSION;
		else if (!take(settings, letter))
			return OPTIONS_WRONG;
	}
	*first = optind;
	return OPTIONS_READ;
}

bool
options_name(int id, struct option_name *option)
{
	if (id < 0 || id >= OPT_COUNT)
		return false;
	*option = (struct option_name){.name = rows[id].name, .takes = rows[id].takes};
	return true;
}

const char *
options_foreign(const struct settings *settings, uint64_t allowed)
{
	for (int id = 0; id < OPT_COUNT; id++) {
		if (settings->of[id] && !(allowed & OPT_BIT(id)))
			return rows[id].name;
	}
	return NULL;
}
