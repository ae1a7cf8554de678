#include "lnsctl/eap.h"

#include <string.h>

#include "command.h"

#define WAIT_MS 3000

static void
see_line(void *ctx, const char *line)
{
	bool *unknown = ctx;

	*unknown = *unknown || strstr(line, "unrecognized option");
}

/* `dryrun` looks at all options before anything else; what comes after them (no /dev/ppp, not
 * root) does not matter. */
static bool
knows(const char *pppd, const char *option, const char *value)
{
	const char *const argv[] = {pppd, "nodetach", "dryrun", option, value, NULL};
	bool unknown = false;

	return command_run(argv, WAIT_MS, see_line, &unknown) >= 0 && !unknown;
}

struct eap_found
eap_look(const char *pppd)
{
	struct eap_found found = {.any = knows(pppd, "require-eap", NULL)};

	found.tls = found.any && knows(pppd, "max-tls-version", "1.2");
	return found;
}
