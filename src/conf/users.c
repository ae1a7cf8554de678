/* The users' file. No text that comes out of here quotes a value: it may be a password that went
 * astray. */
#include "users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/fold.h"
#include "conf/reader.h"
#include "conf/user_key.h"
#include "conf/users_check.h"
#include "conf/utf8.h"
#include "md5.h"
#include "suggest.h"

#define USERS_MAX 65536
#define WHY_SIZE (GRANT_WHY_MAX + 64)

struct parser {
	struct user *list; /* the last one is being filled */
	size_t count, room;
	unsigned seen; /* keys of the last one, by their place in the table */
	const char *file;
	bool fold_names;
	struct conf_errors *errors;
};

static void
complain(struct parser *parser, int line, const char *name, const char *why)
{
	conf_errors_add(parser->errors, parser->file, line, "[%.127s] %s", name, why);
}

/* Not realloc(), which would leave secrets behind. */
static bool
make_room(struct parser *parser)
{
	size_t room = parser->room ? parser->room * 2 : 16;
	struct user *list;

	if (parser->count < parser->room)
		return true;
	list = calloc(room, sizeof(*list));
	if (!list)
		return false;
	if (parser->count > 0) {
		memcpy(list, parser->list, parser->count * sizeof(*list));
		secret_wipe(parser->list, parser->count * sizeof(*list));
	}
	free(parser->list);
	parser->list = list;
	parser->room = room;
	return true;
}

static void
finish_user(struct parser *parser)
{
	const struct user *user;

	if (parser->count == 0)
		return;
	user = &parser->list[parser->count - 1];
	if (!(parser->seen & 1))
		complain(parser, user->line, user->name, "has no password");
}

static bool
take_section(void *ctx, const struct reader_place *place)
{
	struct parser *parser = ctx;
	struct user *user;

	finish_user(parser);
	parser->seen = 1; /* nothing to miss in a section that is refused */
	if (strlen(place->section) >= sizeof(user->name)) {
		complain(parser, place->line, place->section, "the name is longer than 127 bytes");
		return false;
	}
	if (parser->count == USERS_MAX || !make_room(parser)) {
		complain(parser, place->line, place->section,
			 "there are more users than memory, or 65536, can hold");
		return false;
	}
	user = &parser->list[parser->count];
	snprintf(user->name, sizeof(user->name), "%s", place->section);
	memcpy(user->key, user->name, sizeof(user->key));
	if (parser->fold_names && !fold_name(user->key, sizeof(user->key), user->name)) {
		complain(parser, place->line, place->section,
			 "the name in small letters is longer than 127 bytes");
		return false;
	}
	user->line = place->line;
	parser->count++;
	parser->seen = 0;
	return true;
}

static void
take_entry(void *ctx, const struct reader_place *place, const char *name, const char *value)
{
	struct parser *parser = ctx;
	struct suggest suggest;
	const struct user_key *key;
	char hint[SUGGEST_HINT_MAX], why[GRANT_WHY_MAX], text[WHY_SIZE];

	suggest_init(&suggest, name);
	for (size_t i = 0; (key = user_key_at(i)); i++) {
		bool twice = parser->seen & 1u << i;

		suggest_try(&suggest, key->name);
		if (strcmp(key->name, name) != 0)
			continue;
		parser->seen |= 1u << i;
		if (!twice && key->take(&parser->list[parser->count - 1], value, why))
			return;
		snprintf(text, sizeof(text), "%s: %s", name, twice ? "is given twice" : why);
		complain(parser, place->line, place->section, text);
		return;
	}
	snprintf(text, sizeof(text), "unknown key%s", suggest_hint(&suggest, hint));
	complain(parser, place->line, place->section, text);
}

static int
by_key(const void *a, const void *b)
{
	const struct user *left = a, *right = b;
	int order = strcmp(left->key, right->key);

	return order ? order : left->line - right->line;
}

static void
wipe(struct user *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		grant_fini(&list[i].grant);
	if (list)
		secret_wipe(list, count * sizeof(*list));
	free(list);
}

struct users *
users_parse(const struct conf_file *file, const struct conf *conf, struct conf_errors *errors,
	    struct conf_errors *warnings)
{
	static const struct reader_events events = {take_section, take_entry};
	struct parser parser = {
		.file = file->name, .fold_names = conf->auth.fold_names, .errors = errors};
	struct conf_errors dropped = {.count = 0};
	size_t before = errors->count;
	struct users *users = calloc(1, sizeof(*users));

	reader_run(file, &events, &parser, errors);
	finish_user(&parser);
	if (!users) {
		conf_errors_add(errors, file->name, 0, "out of memory");
		wipe(parser.list, parser.count);
		return NULL;
	}
	*users = (struct users){.list = parser.list,
				.count = parser.count,
				.fold_names = conf->auth.fold_names,
				.strip_domain = conf->auth.strip_domain};
	if (users->count)
		qsort(users->list, users->count, sizeof(*users->list), by_key);
	users_check(users, conf, file->name, errors, warnings ? warnings : &dropped);
	conf_errors_fini(&dropped);
	if (errors->count == before)
		return users;
	users_free(users);
	return NULL;
}

void
users_free(struct users *users)
{
	if (!users)
		return;
	wipe(users->list, users->count);
	free(users);
}

static int
compare_key(const void *key, const void *user)
{
	return strcmp(key, ((const struct user *)user)->key);
}

const struct user *
users_find(const struct users *users, const char *name)
{
	char key[USER_NAME_MAX];

	if (users->fold_names && !fold_name(key, sizeof(key), name))
		return NULL;
	if (!users->count)
		return NULL;
	return bsearch(users->fold_names ? key : name, users->list, users->count,
		       sizeof(*users->list), compare_key);
}

const char *
users_account(const struct users *users, const char *sent)
{
	const char *backslash = users->strip_domain ? strrchr(sent, '\\') : NULL;

	return backslash ? backslash + 1 : sent;
}

const char *
users_name_fault(const char *name)
{
	size_t len = strlen(name);

	if (len == 0)
		return "a user needs a name";
	if (len >= USER_NAME_MAX)
		return "a name is 127 bytes long at most";
	if (name[0] == ' ' || name[len - 1] == ' ')
		return "a name has no blank at its begin or end";
	if (strpbrk(name, "[]\\/"))
		return "a name has none of [ ] / and \\ in it";
	for (size_t i = 0; i < len;) {
		size_t n = utf8_len(name + i, len - i);
		unsigned char c = (unsigned char)name[i];

		if (n == 0)
			return "a name is UTF-8 text";
		if (c < ' ' || c == 0x7f)
			return "a name has no control character in it";
		if (c == ' ' && strchr("#;", name[i + 1]))
			return "a name has no # or ; after a blank: it would begin a comment";
		i += n;
	}
	if (strchr("#;", name[0]))
		return "a name does not begin with # or ;";
	return NULL;
}
