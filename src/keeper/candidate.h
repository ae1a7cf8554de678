/* A configuration with all that hangs on it, ready to come into force. */
#ifndef KEEPER_CANDIDATE_H
#define KEEPER_CANDIDATE_H

#include <stdbool.h>

#include "conf.h"
#include "pool.h"
#include "pool6.h"
#include "users.h"

struct keeper;

struct candidate {
	struct conf *conf; /* NULL: there is none */
	struct users *users;
	struct pool *pool;
	struct pool6 *pool6;
	struct conf_errors faults; /* told, and no reason to refuse */
	/* sealed, with the files and the secrets (bundle.h): to keep, and to hand to the worker */
	int memfd, copy;
};

/* Reads the files. False with at least one error; drop it in any case. */
bool candidate_read(struct candidate *candidate, const struct keeper *keeper,
		    struct conf_errors *errors);
/* What it takes to come back to what is in force now: conf, users and memfd are still the
 * keeper's. False when memory is short. */
bool candidate_of_force(struct candidate *candidate, const struct keeper *keeper);
/* Frees all that it has, which must not be in use any more. */
void candidate_drop(struct candidate *candidate);

#endif
