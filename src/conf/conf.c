/* From files to a struct conf: which key came from where, then the rules that no single key can
 * check. */
#include "conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/option.h"
#include "conf/reader.h"
#include "conf/value.h"
#include "md5.h"
#include "suggest.h"

#define POOL_SIZE_MAX (1u << 24)
#define IPV6_MTU_MIN 1280

/* Where a key was given last. line 0: nowhere, it stands at its default. */
struct origin {
	const char *file;
	int line;
};

struct parser {
	struct conf *conf;
	struct conf_errors *errors;
	struct origin origins[OPTION_COUNT];
	bool seen[OPTION_COUNT]; /* in this file; of a section with a name: in this section */
	char kind[64];		 /* the section without its name: "peer" of [peer NAME] */
	void *record;		 /* what the section fills */
	struct origin peer_origins[CONF_PEERS_MAX]; /* their sections */
	bool peer_seen[CONF_PEERS_MAX];		    /* in this file */
};

static void
complain(struct parser *parser, const struct reader_place *place, const char *key, const char *why)
{
	conf_errors_add(parser->errors, place->file, place->line, "[%.100s] %s%s%s", place->section,
			key, key[0] ? ": " : "", why);
}

/* Room for another one; the list's length is always a power of two. */
static struct conf_peer *
add_peer(struct parser *parser, const char *name)
{
	struct conf *conf = parser->conf;
	size_t count = conf->peer_count;
	struct conf_peer *list = conf->peers;

	if ((count & (count - 1)) == 0)
		list = realloc(list, (count ? 2 * count : 1) * sizeof(*list));
	if (!list)
		return NULL;
	conf->peers = list;
	list[count] = (struct conf_peer){.name = ""};
	memcpy(list[count].name, name, strlen(name) + 1);
	option_peer_defaults(&list[count]);
	conf->peer_count++;
	return &list[count];
}

/* What is wrong with a name, or NULL. */
static const char *
fault_of_name(const struct parser *parser, const char *name)
{
	if (strpbrk(name, " \t"))
		return "the name has white space in it";
	if (strlen(name) >= sizeof(parser->conf->peers->name))
		return "the name is longer than 63 bytes";
	if (parser->conf->peer_count == CONF_PEERS_MAX && !conf_peer(parser->conf, name))
		return "there are more than 1024 peers";
	return NULL;
}

static bool
take_peer(struct parser *parser, const struct reader_place *place, const char *name)
{
	struct conf *conf = parser->conf;
	const char *fault = fault_of_name(parser, name);
	const struct conf_peer *peer = fault ? NULL : conf_peer(conf, name);
	size_t i;
	char why[WHY_MAX];

	if (!fault && !peer && !(peer = add_peer(parser, name)))
		fault = "out of memory";
	if (fault) {
		complain(parser, place, "", fault);
		return false;
	}
	i = (size_t)(peer - conf->peers);
	if (parser->peer_seen[i]) {
		snprintf(why, sizeof(why),
			 "the section stands in this file twice (first in line %d)",
			 parser->peer_origins[i].line);
		complain(parser, place, "", why);
		return false;
	}
	parser->peer_seen[i] = true;
	parser->peer_origins[i] = (struct origin){place->file, place->line};
	parser->record = &conf->peers[i];
	return true;
}

/* Its keys may stand in another section of the kind again. */
static bool
take_named(struct parser *parser, const struct reader_place *place, const char *name)
{
	const struct option *option;

	for (size_t i = 0; (option = option_at(i)); i++) {
		if (option->named)
			parser->seen[i] = false;
	}
	return strcmp(parser->kind, "peer") != 0 || take_peer(parser, place, name);
}

static void
complain_unknown_section(struct parser *parser, const struct reader_place *place)
{
	const char *last = "";
	const struct option *option;
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX], why[WHY_MAX];

	suggest_init(&suggest, parser->kind);
	for (size_t i = 0; (option = option_at(i)); i++) {
		if (strcmp(option->section, last) != 0)
			suggest_try(&suggest, option->section);
		last = option->section;
	}
	snprintf(why, sizeof(why), "unknown section%s", suggest_hint(&suggest, hint));
	complain(parser, place, "", why);
}

/* [server], or [peer NAME] */
static bool
take_section(void *ctx, const struct reader_place *place)
{
	struct parser *parser = ctx;
	size_t len = strcspn(place->section, " \t");
	const char *name = place->section + len + strspn(place->section + len, " \t");
	bool has_name = name[0] != '\0';
	const struct option *option;
	char why[WHY_MAX];
	size_t i = 0;

	snprintf(parser->kind, sizeof(parser->kind), "%.*s", (int)len, place->section);
	parser->record = parser->conf;
	while ((option = option_at(i++)) && strcmp(option->section, parser->kind) != 0)
		;
	if (!option) {
		complain_unknown_section(parser, place);
	} else if (option->named != has_name) {
		snprintf(why, sizeof(why),
			 has_name ? "section '%s' takes no name"
				  : "the section needs a name: [%s NAME]",
			 parser->kind);
		complain(parser, place, "", why);
	} else {
		return !has_name || take_named(parser, place, name);
	}
	return false;
}

static void
complain_unknown_key(struct parser *parser, const struct reader_place *place, const char *key)
{
	const struct option *option;
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX], why[WHY_MAX];

	suggest_init(&suggest, key);
	for (size_t i = 0; (option = option_at(i)); i++) {
		if (strcmp(option->section, parser->kind) == 0)
			suggest_try(&suggest, option->key);
	}
	snprintf(why, sizeof(why), "unknown key '%s'%s", key, suggest_hint(&suggest, hint));
	complain(parser, place, "", why);
}

static void
take_entry(void *ctx, const struct reader_place *place, const char *key, const char *value)
{
	struct parser *parser = ctx;
	const struct option *option = option_find(parser->kind, key);
	struct origin *origin;
	char why[WHY_MAX];

	if (!option) {
		complain_unknown_key(parser, place, key);
		return;
	}
	origin = &parser->origins[option_index(option)];
	if (parser->seen[option_index(option)]) {
		snprintf(why, sizeof(why), "given twice in this file (first in line %d)",
			 origin->line);
		complain(parser, place, key, why);
		return;
	}
	parser->seen[option_index(option)] = true;
	*origin = (struct origin){place->file, place->line};
	if (!option_set(option, value, parser->record, why))
		complain(parser, place, key, why);
}

/* At the place where the key was given. */
static void
complain_about(struct parser *parser, const char *section, const char *key, const char *why)
{
	const struct origin *origin = &parser->origins[option_index(option_find(section, key))];

	conf_errors_add(parser->errors, origin->file, origin->line, "[%s] %s: %s", section, key,
			why);
}

static bool
range_usable(const struct conf_range *range)
{
	/* 127/8 is the only hole in between. */
	return address_usable(range->first) && address_usable(range->last) &&
	       !(range->first >> 24 < 127 && range->last >> 24 > 127);
}

static void
check_pool(struct parser *parser)
{
	const struct conf *conf = parser->conf;
	uint64_t total = 0;
	char why[WHY_MAX];

	for (size_t i = 0; i < conf->network.pool_count; i++) {
		const struct conf_range *range = &conf->network.pool[i];

		total += (uint64_t)range->last - range->first + 1;
		if (conf->network.gateway >= range->first && conf->network.gateway <= range->last)
			total--;
		if (!range_usable(range)) {
			complain_about(parser, "network", "pool",
				       "has addresses that no client can have (0/8, 127/8, 224/3)");
			return;
		}
		for (size_t n = 0; n < i; n++) {
			const struct conf_range *other = &conf->network.pool[n];

			if (range->first > other->last || other->first > range->last)
				continue;
			snprintf(why, sizeof(why), "items %zu and %zu overlap", n + 1, i + 1);
			complain_about(parser, "network", "pool", why);
			return;
		}
	}
	if (total > POOL_SIZE_MAX)
		complain_about(parser, "network", "pool", "has more than 16777216 addresses");
	if (total == 0)
		complain_about(parser, "network", "pool",
			       "has no address besides the gateway's own");
}

/* The network of an item of the pool: the smallest prefix around it, and no smaller than a /24. */
static bool
is_beside(const struct conf_range *range, uint32_t gateway)
{
	uint32_t mask = ~UINT32_C(0xff);

	while ((range->first ^ range->last) & mask)
		mask <<= 1;
	return ((gateway ^ range->first) & mask) == 0;
}

static void
check_gateway(struct parser *parser)
{
	const struct conf *conf = parser->conf;
	char why[WHY_MAX], gateway[16], first[16], last[16];

	for (size_t i = 0; i < conf->network.pool_count; i++) {
		if (is_beside(&conf->network.pool[i], conf->network.gateway))
			return;
	}
	address_ip4_text(conf->network.gateway, gateway);
	address_ip4_text(conf->network.pool[0].first, first);
	address_ip4_text(conf->network.pool[0].last, last);
	snprintf(why, sizeof(why),
		 "%s is in no network of network.pool (%s-%s%s): take an address beside the "
		 "clients', or auto",
		 gateway, first, last, conf->network.pool_count > 1 ? ", ..." : "");
	complain_about(parser, "network", "gateway", why);
}

/* RFC 8200 §5 */
static void
check_mtu(struct parser *parser)
{
	const struct conf *conf = parser->conf;

	if (conf->network.pool6.family && conf->network.mtu < IPV6_MTU_MIN)
		complain_about(parser, "network", "mtu",
			       "IPv6 (network.pool6) needs an MTU of 1280 or more");
}

static void
check_peers(struct parser *parser)
{
	for (size_t i = 0; i < parser->conf->peer_count; i++) {
		const struct conf_peer *peer = &parser->conf->peers[i];
		const struct origin *origin = &parser->peer_origins[i];

		if (peer->hide_avps && !peer->secret.file[0])
			conf_errors_add(parser->errors, origin->file, origin->line,
					"[peer %s] hide-avps: needs a secret-file, whose secret "
					"hides them",
					peer->name);
	}
}

static void
check_radius(struct parser *parser)
{
	const struct conf *conf = parser->conf;

	if (conf->auth.radius_count && !conf->auth.radius_secret_file[0])
		complain_about(parser, "auth", "radius",
			       "needs radius-secret-file, the secret that the servers know us by");
	if (conf->auth.coa_listen.family && !conf->auth.radius_count)
		complain_about(parser, "auth", "coa-listen",
			       "needs radius, the servers that may ask there");
	if (conf->auth.order == ORDER_RADIUS && !conf->auth.radius_count)
		complain_about(parser, "auth", "order",
			       "is radius, and there is no server in radius");
}

/* Rules over several keys; only of interest when each of them is right. */
static void
check_whole(struct parser *parser)
{
	struct conf *conf = parser->conf;

	if (conf->network.gateway == 0)
		conf->network.gateway = conf->network.pool_gateway;
	check_pool(parser);
	check_gateway(parser);
	check_mtu(parser);
	check_peers(parser);
	check_radius(parser);
}

static void
set_defaults(struct parser *parser, const char *file)
{
	const struct option *option;
	char why[WHY_MAX];

	for (size_t i = 0; (option = option_at(i)); i++) {
		parser->origins[i].file = file;
		if (option->type && !option->named &&
		    !option_set(option, option->def, parser->conf, why))
			complain_about(parser, option->section, option->key, why);
	}
}

struct conf *
conf_parse(const struct conf_file *files, size_t count, struct conf_errors *errors)
{
	static const struct reader_events events = {take_section, take_entry};
	struct parser parser = {.errors = errors};
	const char *first = count > 0 ? files[0].name : "defaults";
	size_t before = errors->count;

	parser.conf = calloc(1, sizeof(*parser.conf));
	if (!parser.conf) {
		conf_errors_add(errors, first, 0, "out of memory");
		return NULL;
	}
	option_peer_defaults(&parser.conf->others);
	set_defaults(&parser, first);
	for (size_t i = 0; i < count; i++) {
		memset(parser.seen, 0, sizeof(parser.seen));
		memset(parser.peer_seen, 0, sizeof(parser.peer_seen));
		reader_run(&files[i], &events, &parser, errors);
	}
	if (errors->count == before)
		check_whole(&parser);
	if (errors->count == before)
		return parser.conf;
	conf_free(parser.conf);
	return NULL;
}

void
conf_free(struct conf *conf)
{
	if (!conf)
		return;
	for (size_t i = 0; i < conf->peer_count; i++)
		secret_wipe(&conf->peers[i].secret, sizeof(conf->peers[i].secret));
	secret_wipe(&conf->others.secret, sizeof(conf->others.secret));
	free(conf->peers);
	free(conf);
}

const struct conf_peer *
conf_peer(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->peer_count; i++) {
		if (strcmp(conf->peers[i].name, name) == 0)
			return &conf->peers[i];
	}
	return NULL;
}

struct conf_peer *
conf_secret_owner(struct conf *conf, size_t i)
{
	if (i == 0)
		return &conf->others;
	return i <= conf->peer_count ? &conf->peers[i - 1] : NULL;
}
