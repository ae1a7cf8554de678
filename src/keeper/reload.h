/* Reading the configuration again: all of it or nothing; for good, or on trial. */
#ifndef KEEPER_RELOAD_H
#define KEEPER_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "keeper/candidate.h"
#include "keeper/loop.h"
#include "users.h"
#include "wall.h"

struct keeper;

/* A reload that goes back by itself: whoever asked for it may be cut off by what it did. */
struct trial {
	struct candidate back; /* what was in force before; without conf: nothing is on trial */
	struct timer timer;
};

void reload_init(struct keeper *keeper);
/* The end: what is on trial is forgotten, not undone. */
void reload_stop(struct keeper *keeper);

/* SIGHUP: the outcome goes to the log. */
void reload_by_signal(struct keeper *keeper);
/* lnsctl reload: the outcome goes to the log and, line by line, back to the worker. While one is on
 * trial, one for good is refused, and another on trial takes its place. */
void reload_by_worker(struct keeper *keeper, const struct wall_reload *asked);

/* lnsctl user: the users' file alone, with the configuration that is in force; else the same. */
void reload_users_by_worker(struct keeper *keeper, uint32_t ask);

/* The users of a configuration, or NULL with at least one error. A file that is not there is an
 * error too, or an empty table where it may be missing: a new gateway has no users yet. What will
 * hurt goes to `warnings`, which may be NULL. */
struct users *reload_users(const struct conf *conf, bool may_be_missing, struct conf_errors *errors,
			   struct conf_errors *warnings);
/* Says so in `status` when there is no user at all. */
void reload_note_users(struct keeper *keeper);
/* Says so in `status` when a peer's tunnel secret could not be read (secret.h), and so the peer is
 * refused. */
void reload_note_secrets(struct keeper *keeper);
/* A pool for a configuration: the users' fixed addresses reserved. NULL when memory is short. */
struct pool *reload_pool(const struct conf *conf, const struct users *users, uint32_t gateway);

#endif
