/* See candidate.h: everything that can fail about a new configuration fails here. */
#include "keeper/candidate.h"

#include <fcntl.h>
#include <unistd.h>

#include "bundle.h"
#include "keeper/ipsec_load.h"
#include "keeper/reload.h"
#include "keeper/state.h"
#include "secret.h"

static bool
make_pools(struct candidate *candidate, const struct keeper *keeper)
{
	candidate->pool = reload_pool(candidate->conf, candidate->users, keeper->gateway);
	candidate->pool6 = pool6_new(&candidate->conf->network.pool6);
	if (candidate->memfd >= 0)
		candidate->copy = fcntl(candidate->memfd, F_DUPFD_CLOEXEC, 0);
	return candidate->pool && candidate->pool6 && candidate->copy >= 0;
}

static bool
build(struct candidate *candidate, const struct bundle *bundle, const struct keeper *keeper,
      struct conf_errors *errors)
{
	candidate->conf = conf_parse(bundle->files, bundle->count, errors);
	if (!candidate->conf)
		return false;
	/* users who are there now are not lost with a file that went astray */
	candidate->users =
		reload_users(candidate->conf, !keeper->users->count, errors, &candidate->faults);
	ipsec_check_proposals(candidate->conf, keeper->conf_path, errors);
	if (!candidate->users || errors->count)
		return false;
	secrets_read(candidate->conf, &candidate->faults);
	candidate->memfd = bundle_to_memfd(bundle, candidate->conf);
	if (make_pools(candidate, keeper))
		return true;
	conf_errors_add(errors, keeper->conf_path, 0, "out of memory or descriptors");
	return false;
}

bool
candidate_read(struct candidate *candidate, const struct keeper *keeper, struct conf_errors *errors)
{
	struct bundle bundle;
	bool ok;

	*candidate = (struct candidate){.memfd = -1, .copy = -1};
	if (!bundle_read(&bundle, keeper->conf_path, errors))
		return false;
	ok = build(candidate, &bundle, keeper, errors);
	bundle_fini(&bundle);
	return ok;
}

bool
candidate_of_force(struct candidate *candidate, const struct keeper *keeper)
{
	*candidate = (struct candidate){
		.conf = keeper->conf, .users = keeper->users, .memfd = keeper->conf_fd, .copy = -1};
	if (make_pools(candidate, keeper))
		return true;
	candidate->conf = NULL;
	candidate->users = NULL;
	candidate->memfd = -1;
	candidate_drop(candidate);
	return false;
}

void
candidate_drop(struct candidate *candidate)
{
	conf_free(candidate->conf);
	users_free(candidate->users);
	pool_free(candidate->pool);
	pool6_free(candidate->pool6);
	conf_errors_fini(&candidate->faults);
	if (candidate->memfd >= 0)
		close(candidate->memfd);
	if (candidate->copy >= 0)
		close(candidate->copy);
	*candidate = (struct candidate){.memfd = -1, .copy = -1};
}
