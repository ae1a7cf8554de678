/* The options of all verbs in one table. Which of them a verb takes stands with the verb. */
#ifndef LNSCTL_OPTIONS_H
#define LNSCTL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of options.c's table. */
enum option_id {
	OPT_TUNNEL,
	OPT_NEW,
	OPT_SINCE,
	OPT_LAST,
	OPT_LOGINS,
	OPT_CLIENT,
	OPT_FILE,
	OPT_CONFIG,
	OPT_PASSWORD_STDIN,
	OPT_GENERATE,
	OPT_PLAIN,
	OPT_OTP,
	OPT_DISABLED,
	OPT_ADDRESS,
	OPT_ROUTES,
	OPT_ALLOW,
	OPT_RATE,
	OPT_SESSIONS,
	OPT_EXPIRES,
	OPT_SECRETS,
	OPT_SERVER,
	OPT_OUTPUT,
	OPT_DRY_RUN,
	OPT_CONFIRM,
	OPT_CONFIRMED,
	OPT_UNDO,
	OPT_YES,
	OPT_USER,
	OPT_DNS,
	OPT_POOL,
	OPT_COMPLETE,
	OPT_PARSE_ONLY,
	OPT_FOLLOW,
	OPT_FOR,
	OPT_DATA,
	OPT_PCAP,
	OPT_PAST,
	OPT_ONCE,
	OPT_SAN,
	OPT_DAYS,
	OPT_BITS,
	OPT_FOLDER,
	OPT_COUNT
};

#define OPT_BIT(id) (UINT64_C(1) << (id))

struct settings {
	bool json;
	const char *socket;
	const char *of[OPT_COUNT]; /* its argument, "" where it takes none; NULL: not given */
};

enum options_result { OPTIONS_READ, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG };

/* Reads the options of the command line, wherever they stand in it, and puts the words behind them:
 * from argv[*first] on. A wrong one has been said on standard error. The texts stay argv's. */
enum options_result options_read(struct settings *settings, int argc, char **argv, int *first);

struct option_name {
	const char *name; /* without its dashes */
	bool takes;	  /* an argument */
};
/* The id-th option; false past the last. */
bool options_name(int id, struct option_name *option);

/* The first one that was given and is not among `allowed` (OPT_BITs); NULL when there is none. */
const char *options_foreign(const struct settings *settings, uint64_t allowed);

#endif
