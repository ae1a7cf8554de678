/* What no single line of the users' file can tell. */
#ifndef CONF_USERS_CHECK_H
#define CONF_USERS_CHECK_H

#include "users.h"

/* Holds the users (sorted by key) against each other and the configuration. */
void users_check(const struct users *users, const struct conf *conf, const char *file,
		 struct conf_errors *errors, struct conf_errors *warnings);

#endif
