#include "keeper/accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/net.h"
#include "keeper/state.h"

/* So many lines go to lnsctl over the wall; the journal has a line for each session that ends. */
#define LINES_MAX 100

/* What was done to the sessions of one user. */
struct done {
	size_t ended, changed;
	enum cause cause;
};

struct accounts {
	struct keeper *keeper;
	const struct users *old, *users;
	bool preview;	   /* nothing is done */
	struct done *done; /* for each of the old users; NULL: memory is short, nothing is told */
	time_t now;
};

static enum cause
reason_to_end(const struct user *user, time_t now)
{
	if (!user)
		return CAUSE_USER_REMOVED;
	if (user->disabled)
		return CAUSE_DISABLED;
	return user->grant.expires && now >= user->grant.expires ? CAUSE_EXPIRED : CAUSE_NONE;
}

static bool
same_allow(const struct grant *a, const struct grant *b)
{
	for (size_t i = 0; i < a->allow_count && i < b->allow_count; i++) {
		const struct grant_allow *x = &a->allow[i], *y = &b->allow[i];

		if (memcmp(&x->to, &y->to, sizeof(x->to)) != 0 || x->protocol != y->protocol ||
		    x->first != y->first || x->last != y->last)
			return false;
	}
	return a->allow_count == b->allow_count;
}

/* Takes over what may change in a session that is up. 1: something has, or would, 0, or -errno. */
static int
change(const struct accounts *accounts, struct session_info *info, const struct grant *to)
{
	struct grant *grant = &info->grant, fresh;
	bool wire = grant->rate_up != to->rate_up || grant->rate_down != to->rate_down ||
		    !same_allow(grant, to);
	bool expiry = grant->expires != to->expires;

	if (accounts->preview)
		return wire || expiry;

	grant->expires = to->expires;
	if (expiry)
		session_set_limit(accounts->keeper, info);
	if (!wire)
		return expiry;
	if (!grant_copy(&fresh, to))
		return -ENOMEM;
	grant->rate_up = fresh.rate_up;
	grant->rate_down = fresh.rate_down;
	free(grant->allow);
	grant->allow = fresh.allow;
	grant->allow_count = fresh.allow_count;
	fresh.allow = NULL;
	fresh.allow_count = 0;
	grant_fini(&fresh);
	/* one that has no rules yet gets them by this grant */
	if (info->net && net_change(accounts->keeper, info) < 0)
		return -EIO;
	return 1;
}

static bool
look_at(void *ctx, struct session_info *info)
{
	struct accounts *accounts = ctx;
	const struct user *user, *old;
	struct done nothing = {.cause = CAUSE_NONE}, *done = &nothing;
	enum cause cause;
	int changed;

	if (!info->local)
		return true;
	user = users_find(accounts->users, info->user);
	old = users_find(accounts->old, info->user);
	if (old && accounts->done)
		done = &accounts->done[old - accounts->old->list];
	cause = reason_to_end(user, accounts->now);
	changed = cause == CAUSE_NONE ? change(accounts, info, &user->grant) : 0;
	/* nobody goes on with more than he may have */
	if (changed < 0)
		cause = CAUSE_NO_RESOURCES;
	done->changed += changed > 0;
	if (cause == CAUSE_NONE)
		return true;
	if (!accounts->preview)
		session_end(accounts->keeper, info->ref, cause, BY_SERVER, NULL);
	done->ended++;
	done->cause = cause;
	return true;
}

static void
tell_done(const struct accounts *accounts, size_t i, accounts_tell_fn *tell, void *ctx)
{
	const struct done *done = &accounts->done[i];
	const char *user = accounts->old->list[i].name,
		   *would = accounts->preview ? "would be " : "";
	char name[4 * USER_NAME_MAX], line[800];

	log_escape(name, sizeof(name), user, strlen(user));
	if (done->ended)
		snprintf(line, sizeof(line), "%s: %zu %s %sended: %s", name, done->ended,
			 done->ended == 1 ? "session" : "sessions", would, cause_text(done->cause));
	else
		snprintf(line, sizeof(line), "%s: %zu %s %schanged", name, done->changed,
			 done->changed == 1 ? "session" : "sessions", would);
	tell(ctx, line);
}

static void
hold_against(struct accounts *accounts, accounts_tell_fn *tell, void *ctx)
{
	size_t lines = 0;
	char more[80];

	accounts->done = calloc(accounts->old->count + 1, sizeof(*accounts->done));
	accounts->now = time(NULL);
	session_each(accounts->keeper, look_at, accounts);
	for (size_t i = 0; accounts->done && i < accounts->old->count; i++) {
		const struct done *done = &accounts->done[i];

		if (!done->ended && !done->changed)
			continue;
		if (++lines <= LINES_MAX)
			tell_done(accounts, i, tell, ctx);
	}
	if (lines > LINES_MAX) {
		snprintf(more, sizeof(more), "and sessions of %zu more users", lines - LINES_MAX);
		tell(ctx, more);
	}
	free(accounts->done);
}

void
accounts_apply(struct keeper *keeper, const struct users *old, accounts_tell_fn *tell, void *ctx)
{
	struct accounts accounts = {.keeper = keeper, .old = old, .users = keeper->users};

	hold_against(&accounts, tell, ctx);
}

void
accounts_preview(struct keeper *keeper, const struct users *users, accounts_tell_fn *tell,
		 void *ctx)
{
	struct accounts accounts = {
		.keeper = keeper, .old = keeper->users, .users = users, .preview = true};

	hold_against(&accounts, tell, ctx);
}
