/* The users' file: text in, an immutable table out (src/conf). Only the keeper and lnsctl ever hold
 * one: it has the secrets. */
#ifndef USERS_H
#define USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "conf.h"
#include "cred.h"

struct user {
	char name[128];
	struct cred cred;
	uint32_t address;      /* IPv4, host order; 0: from the pool */
	uint32_t max_sessions; /* 0: as auth.max-sessions-per-user */
	time_t expires; /* 0: never; the user may come in before this moment (UTC midnight of the
			   date) */
	bool disabled;
	int line;
};

struct users {
	struct user *list; /* sorted by name */
	size_t count;
};

/* Gives a table, or NULL with at least one error. Free with users_free(), which wipes the secrets.
 */
struct users *users_parse(const struct conf_file *file, struct conf_errors *errors);
void users_free(struct users *users);

/* By name, exactly; NULL when there is none. */
const struct user *users_find(const struct users *users, const char *name);

#endif
