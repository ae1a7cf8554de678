/* The users' file of a configuration, opened to be read or changed. */
#ifndef LNSCTL_USER_STORE_H
#define LNSCTL_USER_STORE_H

#include "conf.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/userfile.h"
#include "users.h"

struct user_store {
	struct conf *conf;
	char path[4096]; /* symbolic links followed */
	int folder;	 /* -1, or locked: one editor at a time */
	struct userfile file;
	struct users *users; /* what the file said when it was opened */
	bool written;	     /* the file has been replaced */
};

/*
 * Reads configuration and users; with `edit`, nobody else changes the file until it is closed. A
 * users' file that is not there is an empty one. What is wrong is said on standard error; the store
 * is to be closed in any case.
 */
enum exit_code user_store_open(struct user_store *store, const struct settings *settings,
			       bool edit);
void user_store_close(struct user_store *store);

/*
 * Puts store->file in place of the file if the parser takes it, whole: written beside, flushed,
 * renamed, with mode and owner kept. Then a running daemon reads it, and what it did is printed.
 */
enum exit_code user_store_save(struct user_store *store, const struct settings *settings);

#endif
