/* The users' file: text in, an immutable table out (src/conf). Only the keeper and lnsctl ever hold
 * one: it has the secrets. */
#ifndef USERS_H
#define USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "cred.h"
#include "grant.h"

#define USER_OTP_MAX 64

struct user {
	char name[128];
	struct cred cred;
	struct grant grant;	   /* expires: UTC midnight of the date */
	uint8_t otp[USER_OTP_MAX]; /* the shared secret of RFC 6238 */
	uint32_t otp_len;	   /* 0: no second factor */
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
