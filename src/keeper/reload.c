/* A reload builds everything new beside the old; only when nothing can fail any more it changes
 * hands. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "bundle.h"
#include "keeper/accounts.h"
#include "keeper/inside.h"
#include "keeper/ipsec_load.h"
#include "keeper/leases.h"
#include "keeper/net.h"
#include "keeper/reload.h"
#include "keeper/session.h"
#include "keeper/state.h"
#include "secret.h"

/* Where the lines about a reload go. */
struct audience {
	struct keeper *keeper;
	bool remote; /* somebody asked through the worker */
	uint32_t ask;
};

static void
tell(const struct audience *audience, bool ok, bool more, const char *line)
{
	union wall_msg msg;

	log_line(ok ? LVL_NOTICE : LVL_ERROR, "reload: %s", line);
	if (!audience->remote)
		return;
	memset(&msg, 0, sizeof(msg));
	msg.text.kind = WALL_RELOADED;
	msg.text.ask = audience->ask;
	msg.text.ok = ok;
	msg.text.more = more;
	snprintf(msg.text.text, sizeof(msg.text.text), "%s", line);
	keeper_send(audience->keeper, &msg, -1);
}

struct users *
reload_users(const struct conf *conf, bool may_be_missing, struct conf_errors *errors,
	     struct conf_errors *warnings)
{
	const struct conf_file nobody = {.name = conf->auth.users_file, .text = ""};
	struct bundle bundle;
	struct users *users = NULL;

	if (may_be_missing && access(conf->auth.users_file, F_OK) < 0 && errno == ENOENT)
		return users_parse(&nobody, conf, errors, warnings);
	if (!bundle_read_one(&bundle, conf->auth.users_file, errors))
		return NULL;
	users = users_parse(&bundle.files[0], conf, errors, warnings);
	bundle_fini(&bundle);
	return users;
}

void
reload_note_users(struct keeper *keeper)
{
	char text[160] = "";

	if (!keeper->users->count)
		snprintf(text, sizeof(text), "nobody can log in: %.100s names no user",
			 keeper->conf->auth.users_file);
	problem_set(keeper, PROBLEM_USERS, "warning", text,
		    "add a section [name] with password = plain:..., then lnsctl reload");
}

/* The first is named; the log has all of them, each with the reason. */
void
reload_note_secrets(struct keeper *keeper)
{
	const struct conf_peer *owner;
	char text[160] = "", fix[160] = "", loss[SECRET_WHY_MAX];
	size_t more = 0;

	for (size_t i = 0; (owner = conf_secret_owner(keeper->conf, i)); i++) {
		if (!owner->secret.file[0] || owner->secret.len)
			continue;
		if (text[0]) {
			more++;
			continue;
		}
		snprintf(text, sizeof(text), "%s: the tunnel secret cannot be read",
			 secret_loss(owner, loss));
		snprintf(fix, sizeof(fix), "write it into %.90s as one line, then: lnsctl reload",
			 owner->secret.file);
	}
	if (more)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " (and %zu more)", more);
	problem_set(keeper, PROBLEM_SECRETS, "error", text, fix);
}

struct pool *
reload_pool(const struct conf *conf, const struct users *users, uint32_t gateway)
{
	struct pool *pool = pool_new(conf->network.pool, conf->network.pool_count, gateway);
	bool ok = pool != NULL;

	for (size_t i = 0; ok && i < users->count; i++)
		ok = !users->list[i].grant.address ||
		     pool_reserve(pool, users->list[i].grant.address);
	if (ok)
		return pool;
	pool_free(pool);
	return NULL;
}

/* The new state, before it holds. */
struct candidate {
	struct bundle bundle;
	struct conf *conf;
	struct users *users;
	struct pool *pool;
	struct pool6 *pool6;
	struct conf_errors faults; /* told, and no reason to refuse */
	int memfd;
};

static void
candidate_drop(struct candidate *candidate)
{
	bundle_fini(&candidate->bundle);
	conf_free(candidate->conf);
	users_free(candidate->users);
	pool_free(candidate->pool);
	pool6_free(candidate->pool6);
	conf_errors_fini(&candidate->faults);
	if (candidate->memfd >= 0)
		close(candidate->memfd);
}

static bool
candidate_build(struct candidate *candidate, struct keeper *keeper, struct conf_errors *errors)
{
	*candidate = (struct candidate){.memfd = -1};
	if (!bundle_read(&candidate->bundle, keeper->conf_path, errors))
		return false;
	candidate->conf = conf_parse(candidate->bundle.files, candidate->bundle.count, errors);
	if (!candidate->conf)
		return false;
	/* users who are there now are not lost with a file that went astray */
	candidate->users =
		reload_users(candidate->conf, !keeper->users->count, errors, &candidate->faults);
	ipsec_check_overrides(candidate->conf, keeper->conf_path, errors);
	if (!candidate->users || errors->count)
		return false;
	candidate->pool = reload_pool(candidate->conf, candidate->users, keeper->gateway);
	candidate->pool6 = pool6_new(&candidate->conf->network.pool6);
	secrets_read(candidate->conf, &candidate->faults);
	candidate->memfd = bundle_to_memfd(&candidate->bundle, candidate->conf);
	if (!candidate->pool || !candidate->pool6 || candidate->memfd < 0)
		conf_errors_add(errors, keeper->conf_path, 0, "out of memory or descriptors");
	return candidate->pool && candidate->pool6 && candidate->memfd >= 0;
}

static void
tell_change(void *ctx, const char *section, const char *key, enum conf_live live, const char *from,
	    const char *to)
{
	static const char *const when[] = {[LIVE_NOW] = "at once",
					   [LIVE_NEW] = "for new sessions",
					   [LIVE_RESTART] = "needs a restart of lnsd"};
	char line[900];

	snprintf(line, sizeof(line), "[%s] %s: '%.200s' -> '%.200s' (%s)", section, key, from, to,
		 when[live]);
	tell(ctx, true, true, line);
}

static void
tell_account(void *ctx, const char *line)
{
	tell(ctx, true, true, line);
}

/* Live sessions keep their addresses, in the new pool too. */
static void
take_users(const struct audience *audience, struct users *users, struct pool *pool)
{
	struct keeper *keeper = audience->keeper;
	struct users *old = keeper->users;

	session_move_addresses(keeper, pool);
	pool_free(keeper->pool);
	keeper->pool = pool;
	keeper->users = users;
	reload_note_users(keeper);
	leases_look_for_conflicts(keeper);
	accounts_apply(keeper, old, tell_account, (void *)audience);
	users_free(old);
}

/* Nothing here can fail. */
static void
take_over(const struct audience *audience, struct candidate *candidate)
{
	struct keeper *keeper = audience->keeper;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.plain.kind = WALL_CONF;
	keeper_send(keeper, &msg, candidate->memfd);
	session_move_prefixes(keeper, candidate->pool6);
	bundle_fini(&candidate->bundle);
	conf_free(keeper->conf);
	pool6_free(keeper->pool6);
	keeper->conf = candidate->conf;
	keeper->pool6 = candidate->pool6;
	take_users(audience, candidate->users, candidate->pool);
	log_set_level(keeper->debug ? LVL_DEBUG : keeper->conf->log.level);
	keeper_name(keeper);
	net_reload(keeper);
	ban_settle(keeper);
	psk_watch_set(keeper);
	reload_note_secrets(keeper);
	inside_note_problems(keeper);
	ipsec_start(keeper);
	marks_used_look(keeper);
	radius_start(keeper);
}

static void
tell_errors(const struct audience *audience, bool ok, const struct conf_errors *errors)
{
	char line[CONF_PATH_MAX + 300];

	for (size_t i = 0; i < errors->kept; i++) {
		const struct conf_error *error = &errors->list[i];

		if (error->line)
			snprintf(line, sizeof(line), "%s:%d: %s", error->file, error->line,
				 error->text);
		else
			snprintf(line, sizeof(line), "%s: %s", error->file, error->text);
		tell(audience, ok, true, line);
	}
}

static void
reload(const struct audience *audience)
{
	struct keeper *keeper = audience->keeper;
	struct candidate candidate;
	struct conf_errors errors = {.count = 0};

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)loop_now() * 1000);
	if (candidate_build(&candidate, keeper, &errors)) {
		conf_diff(keeper->conf, candidate.conf, tell_change, (void *)audience);
		tell_errors(audience, true, &candidate.faults);
		conf_errors_fini(&candidate.faults);
		take_over(audience, &candidate);
		tell(audience, true, false, "done");
	} else {
		tell_errors(audience, false, &errors);
		tell(audience, false, false, "refused, the old configuration stays");
		candidate_drop(&candidate);
	}
	conf_errors_fini(&errors);
	sd_notify(0, "READY=1");
}

static void
reload_accounts(const struct audience *audience)
{
	struct keeper *keeper = audience->keeper;
	struct conf_errors errors = {.count = 0}, warnings = {.count = 0};
	struct users *users = reload_users(keeper->conf, !keeper->users->count, &errors, &warnings);
	struct pool *pool = users ? reload_pool(keeper->conf, users, keeper->gateway) : NULL;

	if (users && !pool)
		conf_errors_add(&errors, keeper->conf->auth.users_file, 0, "out of memory");
	if (pool) {
		tell_errors(audience, true, &warnings);
		take_users(audience, users, pool);
		tell(audience, true, false, "done");
	} else {
		users_free(users);
		tell_errors(audience, false, &errors);
		tell(audience, false, false, "refused, the old users stay");
	}
	conf_errors_fini(&errors);
	conf_errors_fini(&warnings);
}

void
reload_by_signal(struct keeper *keeper)
{
	reload(&(struct audience){.keeper = keeper});
}

void
reload_by_worker(struct keeper *keeper, uint32_t ask)
{
	reload(&(struct audience){.keeper = keeper, .remote = true, .ask = ask});
}

void
reload_users_by_worker(struct keeper *keeper, uint32_t ask)
{
	reload_accounts(&(struct audience){.keeper = keeper, .remote = true, .ask = ask});
}
