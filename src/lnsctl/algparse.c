#include "lnsctl/algparse.h"

#include <stdio.h>
#include <string.h>

#include "command.h"

#define PATIENCE_MS 5000

static void
keep_error(void *ctx, const char *line)
{
	const char *error = strstr(line, "ERROR: ");
	char *why = ctx;

	if (error && !why[0])
		snprintf(why, ALGPARSE_WHY_MAX, "%s", error + strlen("ERROR: "));
}

enum algparse
algparse(const char *kind, const char *proposals, char why[ALGPARSE_WHY_MAX])
{
	char ipsec[256], argument[600];
	const char *const argv[] = {ipsec, "algparse", "-v1", argument, NULL};

	snprintf(argument, sizeof(argument), "%s=%s", kind, proposals);
	why[0] = '\0';
	if (!command_find(ipsec, sizeof(ipsec), "ipsec"))
		return ALGPARSE_NO_IPSEC;
	if (command_run(argv, PATIENCE_MS, keep_error, why) == 0)
		return ALGPARSE_TAKEN;
	return why[0] ? ALGPARSE_REFUSED : ALGPARSE_NO_ANSWER;
}
