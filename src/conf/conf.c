/* From files to a struct conf: which key came from where, then the rules that no single key can
 * check. */
#include "conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/option.h"
#include "conf/reader.h"
#include "conf/value.h"
#include "suggest.h"

#define POOL_SIZE_MAX (1u << 20)

/* Where a key was given last. line 0: nowhere, it stands at its default. */
struct origin {
	const char *file;
	int line;
};

struct parser {
	struct conf *conf;
	struct conf_errors *errors;
	struct origin origins[OPTION_COUNT];
	bool seen[OPTION_COUNT]; /* in this file */
	char kind[64];		 /* the section without its name: "peer" of [peer NAME] */
};

static void
complain(struct parser *parser, const struct reader_place *place, const char *key, const char *why)
{
	conf_errors_add(parser->errors, place->file, place->line, "[%.100s] %s%s%s", place->section,
			key, key[0] ? ": " : "", why);
}

/* [server], or [peer NAME] */
static bool
take_section(void *ctx, const struct reader_place *place)
{
	struct parser *parser = ctx;
	size_t len = strcspn(place->section, " \t");
	bool has_name = place->section[len] != '\0';
	const struct option *option;
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX], why[WHY_MAX];

	snprintf(parser->kind, sizeof(parser->kind), "%.*s", (int)len, place->section);
	suggest_init(&suggest, parser->kind);
	for (size_t i = 0; (option = option_at(i)); i++) {
		suggest_try(&suggest, option->section);
		if (strcmp(option->section, parser->kind) != 0)
			continue;
		if (option->named == has_name)
			return true;
		snprintf(why, sizeof(why),
			 has_name ? "section '%s' takes no name"
				  : "the section needs a name: [%s NAME]",
			 parser->kind);
		complain(parser, place, "", why);
		return false;
	}
	snprintf(why, sizeof(why), "unknown section%s", suggest_hint(&suggest, hint));
	complain(parser, place, "", why);
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
	if (!option->named && parser->seen[option_index(option)]) {
		snprintf(why, sizeof(why), "given twice in this file (first in line %d)",
			 origin->line);
		complain(parser, place, key, why);
		return;
	}
	parser->seen[option_index(option)] = true;
	*origin = (struct origin){place->file, place->line};
	if (!option_set(option, value, parser->conf, why))
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
		complain_about(parser, "network", "pool", "has more than 1048576 addresses");
	if (total == 0)
		complain_about(parser, "network", "pool",
			       "has no address besides the gateway's own");
}

/* Rules over several keys; only of interest when each of them is right. */
static void
check_whole(struct parser *parser)
{
	struct conf *conf = parser->conf;

	if (conf->network.gateway == 0)
		conf->network.gateway = conf->network.pool_gateway;
	check_pool(parser);
}

static void
set_defaults(struct parser *parser, const char *file)
{
	const struct option *option;
	char why[WHY_MAX];

	for (size_t i = 0; (option = option_at(i)); i++) {
		parser->origins[i].file = file;
		if (option->type && !option_set(option, option->def, parser->conf, why))
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
	set_defaults(&parser, first);
	for (size_t i = 0; i < count; i++) {
		memset(parser.seen, 0, sizeof(parser.seen));
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
	free(conf);
}
