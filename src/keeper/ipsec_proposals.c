#include "keeper/ipsec_proposals.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "log.h"

#define ALGPARSE_MS 5000

struct algparse {
	const char *ipsec, *version; /* "-v1", "-v2" */
	char error[128];
	bool silent; /* it was killed, or not done in time: that says nothing */
};

static void
keep_error(void *ctx, const char *line)
{
	struct algparse *algparse = ctx;
	const char *error = strstr(line, "ERROR: ");

	if (error)
		snprintf(algparse->error, sizeof(algparse->error), "%s", error + 7);
}

static bool
supported(struct algparse *algparse, const char *kind, const char *proposal)
{
	char argument[600];
	int code;
	const char *const argv[] = {algparse->ipsec, "algparse", algparse->version, argument, NULL};

	snprintf(argument, sizeof(argument), "%s=%s", kind, proposal);
	algparse->error[0] = '\0';
	code = command_run(argv, ALGPARSE_MS, keep_error, algparse);
	algparse->silent = code < 0 || code >= 128;
	if (code != 0 && !algparse->error[0])
		snprintf(algparse->error, sizeof(algparse->error), "ipsec algparse failed");
	return code == 0;
}

/* Cuts the next of a comma separated list; false at its end. */
static bool
next_proposal(const char **list, char *out, size_t cap)
{
	size_t len = strcspn(*list, ",");
	size_t start = strspn(*list, " ");

	if (!**list)
		return false;
	snprintf(out, cap, "%.*s", (int)(len - (start < len ? start : len)), *list + start);
	*list += len + ((*list)[len] == ',');
	return true;
}

/* One bad proposal would make pluto refuse the whole line, so those that this libreswan was built
 * without are left out. */
static bool
pick(char *out, size_t cap, struct algparse *algparse, const char *kind, const char *list)
{
	char proposal[512];
	size_t len = 0;

	out[0] = '\0';
	while (next_proposal(&list, proposal, sizeof(proposal))) {
		bool good = supported(algparse, kind, proposal);

		/* a busy machine: without an answer nothing is left out, for another list would end
		 * everybody's SAs */
		if (!good && algparse->silent)
			return false;
		if (!good) {
			log_info("ipsec: %s=%s left out: %s", kind, proposal, algparse->error);
			continue;
		}
		int n = snprintf(out + len, cap - len, "%s%s", len ? "," : "", proposal);

		if (n < 0 || (size_t)n >= cap - len)
			return false;
		len += (size_t)n;
	}
	return len > 0;
}

static bool
pick_both(struct ipsec_proposals *proposals, const char *ipsec, const char *version,
	  const char *ike, const char *esp)
{
	struct algparse algparse = {.ipsec = ipsec, .version = version};

	return pick(proposals->ike, sizeof(proposals->ike), &algparse, "ike", ike) &&
	       pick(proposals->esp, sizeof(proposals->esp), &algparse, "esp", esp);
}

bool
ipsec_pick_proposals(struct ipsec_plan *plan, const char *ipsec, const struct conf *conf)
{
	enum conf_profile profile = conf->ipsec.profile;
	const char *ike = conf->ipsec.ike[0] ? conf->ipsec.ike : NULL;
	const char *esp = conf->ipsec.esp[0] ? conf->ipsec.esp : conf_profile_esp(profile);

	return pick_both(&plan->v1, ipsec, "-v1", ike ? ike : conf_profile_ike(profile), esp) &&
	       (!plan->ikev2 ||
		pick_both(&plan->v2, ipsec, "-v2", ike ? ike : conf_profile_ike2(profile), esp));
}

void
ipsec_try_proposals(const char *ipsec, const char *key, const char *list, const char *file,
		    struct conf_errors *errors)
{
	struct algparse algparse = {.ipsec = ipsec, .version = "-v1"};
	char proposal[512];

	while (next_proposal(&list, proposal, sizeof(proposal)))
		if (!supported(&algparse, key, proposal))
			conf_errors_add(
				errors, file, 0, "[ipsec] %s: '%s' %s libreswan: %s", key, proposal,
				algparse.silent ? "could not be checked with" : "is refused by",
				algparse.error);
}

bool
ipsec_profile_refused(const char *ipsec, const struct conf *conf, char why[IPSEC_WHY_MAX])
{
	struct algparse algparse = {.ipsec = ipsec, .version = "-v1"};
	const char *needs = conf_profile_needs(conf->ipsec.profile);

	if (!needs || conf->ipsec.ike[0] || supported(&algparse, "ike", needs) || algparse.silent)
		return false;
	snprintf(why, IPSEC_WHY_MAX,
		 "'%s' is of no use with this libreswan, which refuses ike=%s: %.80s",
		 conf_profile_name(conf->ipsec.profile), needs, algparse.error);
	return true;
}
