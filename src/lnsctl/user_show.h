/* `user list` and `user show`: what the file says, without any secret. */
#ifndef LNSCTL_USER_SHOW_H
#define LNSCTL_USER_SHOW_H

#include "lnsctl/user_store.h"

enum exit_code user_list(const struct user_store *store, const struct settings *settings);
enum exit_code user_show(const struct user_store *store, const struct settings *settings,
			 const struct user *user);

#endif
