/* Whose the configuration is: that which a verb of ours may write, or an administrator's. */
#ifndef LNSCTL_OURS_H
#define LNSCTL_OURS_H

#include "conf.h"

#define OURS_DEFAULT LNSD_SYSCONFDIR "/lnsd/lnsd.conf"
#define OURS_HEADER "# Written by lnsctl " /* how a file begins that a verb has written */

enum ours_state {
	OURS_FRESH,	/* there is none, or it sets nothing, as the installed examples */
	OURS_WRITTEN,	/* by a verb, and perhaps edited since */
	OURS_FOREIGN,	/* it has settings of somebody's own */
	OURS_UNREADABLE /* which has been said */
};

enum ours_state ours_look(const char *path);

/* The whole configuration, drop-ins too, with `text` in the main file's place; NULL: as it stands,
 * all defaults where there is none. Free with conf_free(). */
struct conf *ours_parse(const char *path, const char *text, struct conf_errors *errors);

/* A file of this name in the same folder; `path` is a whole one. */
void ours_beside(char *out, size_t cap, const char *path, const char *name);

#endif
