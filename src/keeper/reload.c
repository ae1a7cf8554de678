/* A reload builds everything new beside the old; only when nothing can fail any more it changes
 * hands. One on trial keeps the old, and goes back to it unless somebody confirms. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "keeper/accounts.h"
#include "keeper/inside.h"
#include "keeper/lanes.h"
#include "keeper/leases.h"
#include "keeper/net.h"
#include "keeper/reload.h"
#include "keeper/session.h"
#include "keeper/state.h"
#include "secret.h"

/* So many messages about one reload cross the wall, whose queue is bounded; the log has all. */
#define TOLD_MAX 1000

/* Where the lines about a reload go. */
struct audience {
	struct keeper *keeper;
	bool remote; /* somebody asked through the worker */
	bool look;   /* and only wants to know: nothing of it is for the log */
	uint32_t ask;
	size_t told;
	char waiting[120]; /* the keys that wait for a restart */
};

static void
send_line(const struct audience *audience, bool ok, bool more, const char *line)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.text.kind = WALL_RELOADED;
	msg.text.ask = audience->ask;
	msg.text.ok = ok;
	msg.text.more = more;
	snprintf(msg.text.text, sizeof(msg.text.text), "%s", line);
	keeper_send(audience->keeper, &msg, -1);
}

/* False when there has been enough. */
static bool
may_tell(struct audience *audience)
{
	if (!audience->remote || audience->told > TOLD_MAX)
		return false;
	if (audience->told++ < TOLD_MAX)
		return true;
	send_line(audience, true, true, "and more: journalctl -u lnsd");
	return false;
}

static void
tell(struct audience *audience, bool ok, const char *line)
{
	if (!audience->look)
		log_line(ok ? LVL_NOTICE : LVL_ERROR, "reload: %s", line);
	if (may_tell(audience))
		send_line(audience, ok, true, line);
}

/* The last word. */
static void
conclude(const struct audience *audience, bool ok, const char *line)
{
	if (!audience->look)
		log_line(ok ? LVL_NOTICE : LVL_ERROR, "reload: %s", line);
	if (audience->remote)
		send_line(audience, ok, false, line);
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

/* ── what changes ───────────────────────────────────────────────────────────────────────── */

static void
send_change(const struct audience *audience, const char *section, const char *key,
	    enum conf_live live, const char *from, const char *to)
{
	union wall_msg msg;
	struct wall_change *change = &msg.change;

	memset(&msg, 0, sizeof(msg));
	change->kind = WALL_CHANGE;
	change->ask = audience->ask;
	change->live = live;
	snprintf(change->section, sizeof(change->section), "%s", section);
	snprintf(change->key, sizeof(change->key), "%s", key);
	snprintf(change->from, sizeof(change->from), "%s", from);
	snprintf(change->to, sizeof(change->to), "%s", to);
	keeper_send(audience->keeper, &msg, -1);
}

static void
note_waiting(struct audience *audience, const char *section, const char *key)
{
	size_t used = strlen(audience->waiting);

	snprintf(audience->waiting + used, sizeof(audience->waiting) - used, "%s%s.%s",
		 used ? ", " : "", section, key);
}

static void
tell_change(void *ctx, const char *section, const char *key, enum conf_live live, const char *from,
	    const char *to)
{
	static const char *const when[] = {[LIVE_NOW] = "at once",
					   [LIVE_NEW] = "for new sessions",
					   [LIVE_RESTART] = "needs a restart of lnsd"};
	struct audience *audience = ctx;

	if (live == LIVE_RESTART)
		note_waiting(audience, section, key);
	if (!audience->look)
		log_notice("reload: [%s] %s: '%.200s' -> '%.200s' (%s)", section, key, from, to,
			   when[live]);
	if (may_tell(audience))
		send_change(audience, section, key, live, from, to);
}

static void
tell_account(void *ctx, const char *line)
{
	tell(ctx, true, line);
}

static void
tell_errors(struct audience *audience, bool ok, const struct conf_errors *errors)
{
	char line[CONF_PATH_MAX + 300];

	for (size_t i = 0; i < errors->kept; i++) {
		const struct conf_error *error = &errors->list[i];

		if (error->line)
			snprintf(line, sizeof(line), "%s:%d: %s", error->file, error->line,
				 error->text);
		else
			snprintf(line, sizeof(line), "%s: %s", error->file, error->text);
		tell(audience, ok, line);
	}
}

/* ── changing hands ─────────────────────────────────────────────────────────────────────── */

/* Live sessions keep their addresses, in the new pool too. Gives the users of before. */
static struct users *
take_users(struct audience *audience, struct users *users, struct pool *pool)
{
	struct keeper *keeper = audience->keeper;
	struct users *old = keeper->users;

	session_move_addresses(keeper, pool);
	pool_free(keeper->pool);
	keeper->pool = pool;
	keeper->users = users;
	reload_note_users(keeper);
	leases_look_for_conflicts(keeper);
	accounts_apply(keeper, old, tell_account, audience);
	return old;
}

static void
put_in_force(struct keeper *keeper)
{
	log_set_level(keeper->debug ? LVL_DEBUG : keeper->conf->log.level);
	keeper_name(keeper);
	net_reload(keeper);
	lanes_tell(keeper);
	ban_settle(keeper);
	psk_watch_set(keeper);
	reload_note_secrets(keeper);
	inside_note_problems(keeper);
	ipsec_start(keeper);
	marks_used_look(keeper);
	radius_start(keeper);
}

/* Nothing here can fail. Empties the candidate; *before is what was in force, without pools. */
static void
take_over(struct audience *audience, struct candidate *candidate, struct candidate *before)
{
	struct keeper *keeper = audience->keeper;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.plain.kind = WALL_CONF;
	keeper_send(keeper, &msg, candidate->copy);
	*before = (struct candidate){.conf = keeper->conf, .memfd = keeper->conf_fd, .copy = -1};
	conf_hold(candidate->conf, keeper->conf);
	session_move_prefixes(keeper, candidate->pool6);
	pool6_free(keeper->pool6);
	keeper->conf = candidate->conf;
	keeper->pool6 = candidate->pool6;
	keeper->conf_fd = candidate->memfd;
	before->users = take_users(audience, candidate->users, candidate->pool);
	conf_errors_fini(&candidate->faults);
	*candidate = (struct candidate){.memfd = -1, .copy = -1};
	put_in_force(keeper);
}

/* ── on trial ───────────────────────────────────────────────────────────────────────────── */

static bool
on_trial(const struct keeper *keeper)
{
	return keeper->trial.back.conf != NULL;
}

static void
note_trial(struct keeper *keeper, uint32_t seconds)
{
	time_t until = time(NULL) + (time_t)seconds;
	struct tm tm;
	char at[32], text[120];

	strftime(at, sizeof(at), "%H:%M:%S", localtime_r(&until, &tm));
	snprintf(text, sizeof(text),
		 "the configuration is on trial: at %s the one of before comes back", at);
	problem_set(keeper, PROBLEM_TRIAL, "warning", text,
		    "lnsctl reload --confirmed keeps it, lnsctl reload --undo goes back at once");
}

static void
go_back(struct audience *audience)
{
	struct keeper *keeper = audience->keeper;
	struct candidate back = keeper->trial.back, before;

	loop_cancel(&keeper->loop, &keeper->trial.timer);
	keeper->trial.back = (struct candidate){.memfd = -1, .copy = -1};
	conf_diff(keeper->conf, back.conf, tell_change, audience);
	take_over(audience, &back, &before);
	candidate_drop(&before);
	problem_set(keeper, PROBLEM_TRIAL, "warning",
		    "a reload on trial has gone back: what is in force is not what the files say",
		    "lnsctl reload --dry-run shows the difference; mend the files, then lnsctl "
		    "reload");
	conclude(audience, true, "the configuration of before is in force again");
}

static void
due_back(struct timer *timer)
{
	struct trial *trial = owner_of(timer, struct trial, timer);
	struct audience audience = {.keeper = owner_of(trial, struct keeper, trial)};

	log_warning("reload: nobody has confirmed it");
	go_back(&audience);
}

static void
confirm(struct keeper *keeper)
{
	loop_cancel(&keeper->loop, &keeper->trial.timer);
	candidate_drop(&keeper->trial.back);
	problem_set(keeper, PROBLEM_TRIAL, "", "", "");
}

void
reload_init(struct keeper *keeper)
{
	keeper->trial =
		(struct trial){.back = {.memfd = -1, .copy = -1}, .timer = {.due = due_back}};
}

void
reload_stop(struct keeper *keeper)
{
	loop_cancel(&keeper->loop, &keeper->trial.timer);
	candidate_drop(&keeper->trial.back);
}

/* ── reload ─────────────────────────────────────────────────────────────────────────────── */

static void
note_restart(const struct audience *audience)
{
	char text[160] = "";

	if (audience->waiting[0])
		snprintf(text, sizeof(text), "changed, and not in force yet: %s",
			 audience->waiting);
	problem_set(audience->keeper, PROBLEM_RESTART, "warning", text, "systemctl restart lnsd");
}

/* The first configuration of a row of trials is the one to come back to. */
static void
apply(struct audience *audience, struct candidate *candidate, struct candidate *back,
      uint32_t seconds)
{
	struct keeper *keeper = audience->keeper;
	bool first = seconds && !on_trial(keeper);
	struct candidate before;
	char line[100] = "done";

	take_over(audience, candidate, &before);
	note_restart(audience);
	if (first)
		keeper->trial.back = *back;
	else
		candidate_drop(&before);
	if (seconds) {
		loop_after(&keeper->loop, &keeper->trial.timer, (mstime_t)seconds * 1000);
		note_trial(keeper, seconds);
		snprintf(line, sizeof(line),
			 "done, for %u s: then it goes back, unless it is confirmed", seconds);
	} else {
		problem_set(keeper, PROBLEM_TRIAL, "", "", "");
	}
	conclude(audience, true, line);
}

/* Says why not, and false, when it cannot be. */
static bool
ready(struct audience *audience, struct candidate *candidate, struct candidate *back,
      uint32_t seconds)
{
	struct keeper *keeper = audience->keeper;
	struct conf_errors errors = {.count = 0};
	bool ok = candidate_read(candidate, keeper, &errors);

	*back = (struct candidate){.memfd = -1, .copy = -1};
	if (ok && seconds && !on_trial(keeper) && !candidate_of_force(back, keeper)) {
		conf_errors_add(&errors, keeper->conf_path, 0, "out of memory or descriptors");
		ok = false;
	}
	tell_errors(audience, false, &errors);
	conf_errors_fini(&errors);
	if (!ok) {
		candidate_drop(candidate);
		conclude(audience, false, "refused, the old configuration stays");
	}
	return ok;
}

/* For good (seconds 0) or on trial; or, to look at, not at all. */
static void
reload(struct audience *audience, uint32_t seconds)
{
	struct keeper *keeper = audience->keeper;
	struct candidate candidate, back;

	if (on_trial(keeper) && !seconds && !audience->look) {
		conclude(audience, false,
			 "refused, one is on trial: lnsctl reload --confirmed keeps it, --undo "
			 "goes back");
		return;
	}
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)loop_now() * 1000);
	if (ready(audience, &candidate, &back, seconds)) {
		conf_diff(keeper->conf, candidate.conf, tell_change, audience);
		tell_errors(audience, true, &candidate.faults);
		if (audience->look) {
			accounts_preview(keeper, candidate.users, tell_account, audience);
			candidate_drop(&candidate);
			conclude(audience, true, "nothing was changed");
		} else {
			apply(audience, &candidate, &back, seconds);
		}
	}
	sd_notify(0, "READY=1");
}

static void
reload_accounts(struct audience *audience)
{
	struct keeper *keeper = audience->keeper;
	struct conf_errors errors = {.count = 0}, warnings = {.count = 0};
	struct users *users = reload_users(keeper->conf, !keeper->users->count, &errors, &warnings);
	struct pool *pool = users ? reload_pool(keeper->conf, users, keeper->gateway) : NULL;

	if (users && !pool)
		conf_errors_add(&errors, keeper->conf->auth.users_file, 0, "out of memory");
	if (pool) {
		tell_errors(audience, true, &warnings);
		users_free(take_users(audience, users, pool));
		conclude(audience, true, "done");
	} else {
		users_free(users);
		tell_errors(audience, false, &errors);
		conclude(audience, false, "refused, the old users stay");
	}
	conf_errors_fini(&errors);
	conf_errors_fini(&warnings);
}

void
reload_by_signal(struct keeper *keeper)
{
	reload(&(struct audience){.keeper = keeper}, 0);
}

void
reload_by_worker(struct keeper *keeper, const struct wall_reload *asked)
{
	struct audience audience = {.keeper = keeper,
				    .remote = true,
				    .look = asked->act == RELOAD_LOOK,
				    .ask = asked->ask};

	if (asked->act == RELOAD_APPLY || asked->act == RELOAD_LOOK) {
		reload(&audience, audience.look ? 0 : asked->trial);
	} else if (!on_trial(keeper)) {
		conclude(&audience, false,
			 "no reload is on trial: it was confirmed or has gone back");
	} else if (asked->act == RELOAD_UNDO) {
		go_back(&audience);
	} else {
		confirm(keeper);
		conclude(&audience, true, "confirmed");
	}
}

void
reload_users_by_worker(struct keeper *keeper, uint32_t ask)
{
	reload_accounts(&(struct audience){.keeper = keeper, .remote = true, .ask = ask});
}
