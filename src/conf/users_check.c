/* Names that are one, addresses and networks that two lay claim to, and what cannot work. */
#include "conf/users_check.h"

#include <stdlib.h>
#include <string.h>

#include "conf/prefix.h"

struct check {
	const struct users *users;
	const struct conf *conf;
	const char *file;
	struct conf_errors *errors, *warnings;
};

#define complain(check, user, ...)                                                                 \
	conf_errors_add((check)->errors, (check)->file, (user)->line, __VA_ARGS__)
#define warn(check, user, ...)                                                                     \
	conf_errors_add((check)->warnings, (check)->file, (user)->line, __VA_ARGS__)

static void
check_names(const struct check *check)
{
	for (size_t i = 1; i < check->users->count; i++) {
		const struct user *user = &check->users->list[i], *first = user - 1;

		if (strcmp(first->key, user->key) != 0)
			continue;
		if (strcmp(first->name, user->name) == 0)
			complain(check, user,
				 "[%s] the user stands in the file twice (first in line %d)",
				 user->name, first->line);
		else
			complain(check, user,
				 "[%.80s] differs from [%.80s] (line %d) in letter case only, and "
				 "auth.fold-names is set",
				 user->name, first->name, first->line);
	}
}

/* An address or network that somebody is to have for himself. */
struct claim {
	struct lns_prefix net;
	const char *key;
	const struct user *user; /* NULL: the gateway */
};

static int
line_of(const struct claim *claim)
{
	return claim->user ? claim->user->line : 0;
}

static int
compare_claims(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;
	int order = prefix_compare(&left->net, &right->net);

	return order ? order : line_of(left) - line_of(right);
}

static size_t
count_claims(const struct users *users)
{
	size_t count = 1;

	for (size_t i = 0; i < users->count; i++)
		count += users->list[i].grant.route_count + 1;
	return count;
}

/* All of them, sorted: what lies in another's network comes behind it. */
static struct claim *
list_claims(const struct check *check, size_t *count)
{
	struct claim *list = calloc(count_claims(check->users), sizeof(*list));
	uint32_t gateway = check->conf->network.gateway;

	*count = 0;
	if (!list)
		return NULL;
	if (gateway)
		list[(*count)++] = (struct claim){.net = prefix_of_ip4(gateway)};
	for (size_t i = 0; i < check->users->count; i++) {
		const struct user *user = &check->users->list[i];
		const struct grant *grant = &user->grant;

		if (grant->address)
			list[(*count)++] = (struct claim){.net = prefix_of_ip4(grant->address),
							  .key = "address",
							  .user = user};
		for (size_t n = 0; n < grant->route_count; n++)
			list[(*count)++] = (struct claim){
				.net = grant->routes[n], .key = "routes", .user = user};
	}
	qsort(list, *count, sizeof(*list), compare_claims);
	return list;
}

/* `inner` lies in `outer`, or is the same. */
static void
judge(const struct check *check, const struct claim *outer, const struct claim *inner)
{
	const struct user *user = inner->user ? inner->user : outer->user;
	const char *key = inner->user ? inner->key : outer->key;
	char net[PREFIX_TEXT_MAX], in[PREFIX_TEXT_MAX];

	if (outer->user == inner->user)
		return;
	prefix_write(&inner->net, net);
	prefix_write(&outer->net, in);
	if (!outer->user || !inner->user)
		complain(check, user, "[%s] %s: has the gateway's own address %s in it", user->name,
			 key, net);
	else if (outer->net.bits == inner->net.bits)
		complain(check, user, "[%.80s] %s: %s belongs to [%.80s] already (line %d)",
			 user->name, key, net, outer->user->name, outer->user->line);
	else
		warn(check, user, "[%.80s] %s: %s lies in %s, which is [%.80s]'s (line %d)",
		     user->name, key, net, in, outer->user->name, outer->user->line);
}

static void
check_claims(const struct check *check)
{
	const struct claim *open[130]; /* a network in a network …: one for each length at most */
	size_t count, depth = 0;
	struct claim *list = list_claims(check, &count);

	if (!list)
		conf_errors_add(check->errors, check->file, 0, "out of memory");
	for (size_t i = 0; list && i < count; i++) {
		while (depth && !prefix_covers(&open[depth - 1]->net, &list[i].net))
			depth--;
		if (depth)
			judge(check, open[depth - 1], &list[i]);
		if (!depth || open[depth - 1]->net.bits < list[i].net.bits)
			open[depth++] = &list[i];
	}
	free(list);
}

static bool
in_reach(const struct conf *conf, uint32_t address)
{
	bool inside = conf->network.pool_count == 0 || (address ^ conf->network.gateway) >> 8 == 0;

	for (size_t i = 0; i < conf->network.pool_count; i++)
		inside = inside || (address >= conf->network.pool[i].first &&
				    address <= conf->network.pool[i].last);
	return inside;
}

static void
check_address(const struct check *check, const struct user *user)
{
	const struct conf *conf = check->conf;
	uint32_t address = user->grant.address;
	char text[PREFIX_TEXT_MAX];

	if (!address)
		return;
	struct lns_prefix prefix = prefix_of_ip4(address);

	prefix_write(&prefix, text);
	for (size_t i = 0; i < conf->network.dns_count; i++) {
		if (conf->network.dns[i] == address)
			complain(check, user, "[%s] address: %s is a name server's (network.dns)",
				 user->name, text);
	}
	if (!in_reach(conf, address))
		warn(check, user,
		     "[%s] address: %s is outside the gateway's network and network.pool: other "
		     "machines need a route to it",
		     user->name, text);
}

static void
check_password(const struct check *check, const struct user *user)
{
	unsigned methods = check->conf->auth.methods;
	/* in EAP it is MS-CHAPv2 that asks for the password, or a certificate stands for it */
	bool served = methods == 0 || methods & METHOD_EAP || user->cred.kind == CRED_NONE;

	for (unsigned method = METHOD_MSCHAPV2; method <= METHOD_PAP; method <<= 1)
		served = served || (methods & method && cred_serves(&user->cred, method));
	if (!served)
		warn(check, user,
		     "[%s] password: a hash serves none of auth.methods: use plain:", user->name);
	else if (user->otp_len && user->cred.kind == CRED_NT)
		warn(check, user,
		     "[%s] otp: with a hash it works with pap only: mschapv2 and chap need "
		     "password = plain:",
		     user->name);
}

void
users_check(const struct users *users, const struct conf *conf, const char *file,
	    struct conf_errors *errors, struct conf_errors *warnings)
{
	const struct check check = {users, conf, file, errors, warnings};

	check_names(&check);
	check_claims(&check);
	for (size_t i = 0; i < users->count; i++) {
		const struct user *user = &users->list[i];

		check_address(&check, user);
		check_password(&check, user);
		if (users->strip_domain && strchr(user->name, '\\'))
			warn(&check, user,
			     "[%s] nobody can log in with this name: auth.strip-domain takes away "
			     "what stands before the backslash",
			     user->name);
	}
}
