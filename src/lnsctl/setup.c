/* `setup`: looks, asks, writes, starts, checks, tells. Each step ends it when it cannot be done. */
#include "lnsctl/setup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lnsctl/ours.h"

static enum exit_code
carry_out(struct setup *setup)
{
	enum exit_code code;

	if (setup->settings->of[OPT_DRY_RUN])
		return setup_tell_plan(setup) ? CODE_DONE : CODE_REFUSED;
	if (!changes_commit(&setup->changes))
		return CODE_REFUSED;
	setup_tell_done(setup);
	code = setup_start(setup);
	return code == CODE_DONE ? setup_tell_checks(setup) : code;
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	struct setup setup = {.settings = settings, .folder = -1};
	static enum exit_code (*const steps[])(struct setup *) = {
		setup_look, setup_plan_commands, setup_ask, setup_compose, carry_out};
	enum exit_code code = CODE_DONE;

	(void)args;
	setup.path = settings->of[OPT_CONFIG] ? settings->of[OPT_CONFIG] : OURS_DEFAULT;
	if (setup.path[0] != '/') {
		complain("--config: give the whole path, which the configuration will name");
		return CODE_USAGE;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && code == CODE_DONE; i++)
		code = steps[i](&setup);
	changes_fini(&setup.changes);
	conf_free(setup.conf);
	explicit_bzero(setup.password, sizeof(setup.password));
	if (setup.folder >= 0)
		close(setup.folder);
	return code;
}

const struct verb verb_setup = {
	.name = "setup",
	.options = OPT_BIT(OPT_YES) | OPT_BIT(OPT_DRY_RUN) | OPT_BIT(OPT_SERVER) |
		   OPT_BIT(OPT_USER) | OPT_BIT(OPT_ROUTES) | OPT_BIT(OPT_DNS) | OPT_BIT(OPT_POOL) |
		   OPT_BIT(OPT_PASSWORD_STDIN) | OPT_BIT(OPT_SECRETS) | OPT_BIT(OPT_CONFIG),
	.summary = "make this machine a gateway, from nothing",
	.help = "Asks for the name that clients connect to, the first user and what clients "
		"reach;\n"
		"writes the configuration, a pre-shared key and the user; starts ipsec and lnsd;\n"
		"checks, and prints what a client needs. What is there already is kept: a second\n"
		"run changes nothing.\n\n"
		"  --yes              ask nothing, take what most would\n"
		"  --server NAME      the name or address that clients connect to\n"
		"  --user NAME        the first user; the password is made up, or comes by\n"
		"                     --password-stdin\n"
		"  --routes LIST      only these networks go through the gateway; else all does\n"
		"  --dns LIST         name servers for clients\n"
		"  --pool RANGE       addresses for clients\n"
		"  --secrets          show the pre-shared key, too\n"
		"  --dry-run          show what would be written and run, and change nothing\n"
		"  --config FILE      another lnsd.conf; key and users stand beside it\n",
	.prints = true,
	.run = run,
};
