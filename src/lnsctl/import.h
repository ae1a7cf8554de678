/*
 * `import`: what an older gateway has, into our files. Each source is read by a file of its own
 * (import_xl2tpd.c, import_options.c, import_chap.c, import_ipsec.c), which says of all that it
 * finds whether it was taken; import_merge.c makes our files of what was.
 */
#ifndef LNSCTL_IMPORT_H
#define LNSCTL_IMPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "conf.h"
#include "lnsctl/change.h"
#include "lnsctl/lnsctl.h"
#include "users.h"

#define IMPORT_KEYS_MAX 32
#define IMPORT_USERS_MAX 20000
#define IMPORT_FROM_MAX 320
#define IMPORT_VALUE_MAX 512
#define IMPORT_DEPTH_MAX 8 /* of files that include others */

/* A key for lnsd.conf, on its way */
struct import_key {
	const char *section, *key;
	char value[IMPORT_VALUE_MAX], from[IMPORT_FROM_MAX];
};

struct import_user {
	char name[USER_NAME_MAX], password[256], address[16], from[IMPORT_FROM_MAX];
};

struct import {
	const struct settings *settings;
	const char *root; /* in front of every path that is read */
	const char *path; /* our lnsd.conf */
	int folder;	  /* its lock, or -1 */
	json_t *taken, *left;
	size_t files; /* that were read */
	struct import_key keys[IMPORT_KEYS_MAX];
	size_t key_count;
	unsigned methods;		/* METHOD_… that the other gateway asked for */
	char server[USER_NAME_MAX];	/* what the other's pppd calls itself */
	char options[IMPORT_VALUE_MAX]; /* the file of its pppd's options */
	char psk[256], psk_from[IMPORT_FROM_MAX];
	size_t psk_count; /* different ones for everybody */
	struct import_user *users;
	size_t user_count;
	struct changes changes;
};

/* import.c: the report. `from` is "FILE" or "FILE:LINE". */
void import_took(struct import *import, const char *from, const char *what, const char *value);
void import_left(struct import *import, const char *from, const char *what, const char *why);
/* "user NAME" */
#define IMPORT_USER_MAX 160
const char *import_user_name(char what[IMPORT_USER_MAX], const char *name);
/* "FILE:LINE" */
const char *import_at(char from[IMPORT_FROM_MAX], const char *path, int line);
/* The text of a file below the root, the caller's to wipe and free. NULL: there is none, or it
 * cannot be read, which the report tells. */
char *import_read(struct import *import, const char *path);
/* Calls fn for every file below the root that a pattern of an include names. */
typedef void import_file_fn(struct import *import, const char *path, int depth);
void import_include(struct import *import, const char *pattern, const char *from, int depth,
		    import_file_fn *fn);
/* A key for lnsd.conf; one that is there already is made longer by ", " with `append`. */
void import_key(struct import *import, const char *section, const char *key, const char *value,
		const char *from, bool append);

import_file_fn import_xl2tpd, import_options, import_chap, import_secrets, import_conns;

/* Our files as they will be; what cannot be taken after all is told. */
enum exit_code import_merge(struct import *import);

#endif
