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
#include "otp.h"

#define USER_NAME_MAX 128 /* with the final NUL */

struct user {
	char name[USER_NAME_MAX];
	char key[USER_NAME_MAX]; /* what it is found by: the name, folded by auth.fold-names */
	struct cred cred;
	struct grant grant;
	uint8_t otp[OTP_SECRET_MAX]; /* the shared secret of RFC 6238 */
	uint32_t otp_len;	     /* 0: no second factor */
	bool disabled;
	int line; /* of its section */
};

struct users {
	struct user *list; /* sorted by key */
	size_t count;
	bool fold_names, strip_domain; /* as auth.… was when the file was read */
};

/*
 * Gives a table, or NULL with at least one error. `conf` is what the users are held against: the
 * rules of auth for names, the gateway's addresses. What is right but will hurt goes to `warnings`,
 * which may be NULL. Free with users_free(), which wipes the secrets.
 */
struct users *users_parse(const struct conf_file *file, const struct conf *conf,
			  struct conf_errors *errors, struct conf_errors *warnings);
void users_free(struct users *users);

/* By name, letter case as auth.fold-names has it; NULL when there is none. */
const struct user *users_find(const struct users *users, const char *name);

/* The name of an account as a client sent it: with auth.strip-domain, what stands behind the last
 * backslash. Points into `sent`. */
const char *users_account(const struct users *users, const char *sent);

/* What is wrong with a name for a new user, as a sentence without it, or NULL. Stricter than the
 * parser, which takes what stands between brackets. */
const char *users_name_fault(const char *name);

/*
 * The line's value that gives this password back: "plain:…", or "percent:…" (RFC 3986 §2.1) where
 * the file's syntax would take a part of it away. False when it does not fit, or is no password
 * (empty, longer than 255 bytes, not UTF-8). `out` holds a secret either way.
 */
#define USERS_PASSWORD_TEXT_MAX 800
bool users_password_text(char out[USERS_PASSWORD_TEXT_MAX], const char *password);

/* The i-th key of a section, or NULL past the last. */
const char *users_key(size_t i);

#endif
