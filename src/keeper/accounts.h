/* What a change of the users' file means for who is connected, and how long anybody may be. */
#ifndef KEEPER_ACCOUNTS_H
#define KEEPER_ACCOUNTS_H

#include "keeper/session.h"
#include "users.h"

struct keeper;

/* A line about what was done to one user's sessions, or about more than are told. */
typedef void accounts_tell_fn(void *ctx, const char *line);

/*
 * Holds the sessions of the file's users against keeper->users, which has just come into force in
 * place of `old`: who is not there any more, disabled or expired is ended; rate, destinations and
 * expiry of the others change at once. All else is for the next login.
 */
void accounts_apply(struct keeper *keeper, const struct users *old, accounts_tell_fn *tell,
		    void *ctx);

/* Tells what accounts_apply() would do with these users, and does nothing. */
void accounts_preview(struct keeper *keeper, const struct users *users, accounts_tell_fn *tell,
		      void *ctx);

#endif
