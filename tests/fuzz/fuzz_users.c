/*
 * The users' file. The first byte's bits are auth.fold-names and auth.strip-domain. What is taken
 * is written again, key by key, and must mean the same.
 */
#include <assert.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "users.h"

static struct conf_file
file_of(const char *text)
{
	return (struct conf_file){"input", text, strlen(text)};
}

static void
rewrite_password(const struct user *user, const struct conf *conf)
{
	char value[USERS_PASSWORD_TEXT_MAX], text[1000];
	struct conf_errors errors = {0};
	struct conf_file file;
	struct users *again;

	assert(users_password_text(value, user->cred.plain));
	snprintf(text, sizeof(text), "[again]\npassword = %s\n", value);
	file = file_of(text);
	again = users_parse(&file, conf, &errors, NULL);
	assert(again && again->count == 1);
	assert(strcmp(again->list[0].cred.plain, user->cred.plain) == 0);
	users_free(again);
}

static bool
same_allow(const struct grant_allow *a, const struct grant_allow *b)
{
	return memcmp(&a->to, &b->to, sizeof(a->to)) == 0 && a->protocol == b->protocol &&
	       a->first == b->first && a->last == b->last;
}

static void
rewrite_grant(const struct grant *grant)
{
	char text[GRANT_TEXT_MAX], why[GRANT_WHY_MAX];
	struct grant again = {0};

	for (size_t i = 0; i < grant->route_count; i++) {
		grant_prefix_text(text, &grant->routes[i]);
		assert(grant_read_routes(&again, text, why));
		assert(memcmp(&again.routes[i], &grant->routes[i], sizeof(again.routes[i])) == 0);
	}
	for (size_t i = 0; i < grant->allow_count; i++) {
		grant_allow_text(text, &grant->allow[i]);
		assert(grant_read_allow(&again, text, why));
		assert(same_allow(&again.allow[i], &grant->allow[i]));
	}
	assert(grant_read_rate(&again, grant_rate_text(text, grant), why));
	assert(again.rate_up == grant->rate_up && again.rate_down == grant->rate_down);
	if (grant->expires) {
		assert(grant_read_expires(&again, grant_expires_text(text, grant->expires), why));
		assert(again.expires == grant->expires);
	}
	grant_fini(&again);
}

static void
examine(const struct users *users, const struct conf *conf)
{
	for (size_t i = 0; i < users->count; i++) {
		const struct user *user = &users->list[i];

		assert(users_find(users, user->name) == user);
		assert(user->cred.kind != CRED_NONE && user->otp_len <= OTP_SECRET_MAX);
		rewrite_grant(&user->grant);
		if (user->cred.kind == CRED_PLAIN)
			rewrite_password(user, conf);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t flags = size ? data[0] : 0;
	const struct conf conf = {
		.auth = {.methods = METHOD_MSCHAPV2 | METHOD_CHAP,
			 .fold_names = (flags & 1) != 0,
			 .strip_domain = (flags & 2) != 0},
		.network = {.gateway = 0x0a630001, .dns = {0x0a630002}, .dns_count = 1},
	};
	struct conf_errors errors = {0}, warnings = {0};
	struct conf_file file = {"input", (const char *)data + 1, size ? size - 1 : 0};
	struct users *users;

	if (size == 0)
		return 0;
	/* passwords load a provider, which OpenSSL's own clean-up at exit would lose: a false leak
	 */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	users = users_parse(&file, &conf, &errors, &warnings);
	assert((users != NULL) == (errors.count == 0));
	assert(errors.kept <= errors.count);
	if (users)
		examine(users, &conf);
	conf_errors_fini(&errors);
	conf_errors_fini(&warnings);
	users_free(users);
	return 0;
}
