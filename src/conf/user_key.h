/* The keys of a user's section. */
#ifndef CONF_USER_KEY_H
#define CONF_USER_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "users.h"

struct user_key {
	const char *name;
	/* Sets the user's member. False: `why` says what is wrong, and never quotes the value. */
	bool (*take)(struct user *user, const char *value, char why[GRANT_WHY_MAX]);
};

/* The i-th row, or NULL past the last. The first is the password, which every user has. */
const struct user_key *user_key_at(size_t i);

#endif
