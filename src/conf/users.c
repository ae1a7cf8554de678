/* The users' file. No text that comes out of here quotes a value: it may be a password that went
 * astray. */
#include "users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/reader.h"
#include "conf/value.h"
#include "md5.h"
#include "suggest.h"

#define USERS_MAX 65536
#define WHY_SIZE 128

struct parser {
	struct user *list; /* the last one is being filled */
	size_t count, room;
	unsigned seen; /* keys of the last one, by their place in the table */
	const char *file;
	struct conf_errors *errors;
};

/* False: *why says what is wrong. */
typedef bool take_fn(struct user *user, const char *value, const char **why);

static bool
take_password(struct user *user, const char *value, const char **why)
{
	return cred_parse(&user->cred, value, why);
}

static bool
take_address(struct user *user, const char *value, const char **why)
{
	if (strcmp(value, "none") == 0)
		return true;
	*why = "is no IPv4 address of a host";
	return address_ip4(value, &user->grant.address) && address_usable(user->grant.address);
}

static bool
take_sessions(struct user *user, const char *value, const char **why)
{
	int64_t number;

	*why = "is no number from 1 to 65535";
	if (!value_digits(&value, &number) || *value != '\0' || number < 1 || number > 65535)
		return false;
	user->grant.max_sessions = (uint32_t)number;
	return true;
}

/* YYYY-MM-DD: the first moment of that day in UTC */
static bool
take_expires(struct user *user, const char *value, const char **why)
{
	static const char form[] = "dddd-dd-dd";
	struct tm tm = {0}, back;
	int part[3] = {0};
	size_t n = 0;

	if (strcmp(value, "none") == 0)
		return true;
	*why = "is no date (such as 2027-01-31)";
	for (size_t i = 0; i < sizeof(form); i++) {
		bool digit = value[i] >= '0' && value[i] <= '9';

		if (form[i] == 'd' ? !digit : value[i] != form[i])
			return false;
		if (digit)
			part[n] = part[n] * 10 + (value[i] - '0');
		else
			n++;
	}
	tm.tm_year = part[0] - 1900;
	tm.tm_mon = part[1] - 1;
	tm.tm_mday = part[2];
	back = tm;
	user->grant.expires = timegm(&back);
	return part[0] >= 1970 && back.tm_mon == tm.tm_mon && back.tm_mday == tm.tm_mday;
}

static bool
take_disabled(struct user *user, const char *value, const char **why)
{
	*why = "is neither yes nor no";
	return value_bool(value, &user->disabled);
}

static bool
take_nothing(struct user *user, const char *value, const char **why)
{
	(void)user;
	(void)value;
	*why = "is not yet supported";
	return false;
}

static const struct key {
	const char *name;
	take_fn *take;
} keys[] = {
	{"password", take_password}, {"address", take_address},	  {"sessions", take_sessions},
	{"expires", take_expires},   {"disabled", take_disabled}, {"routes", take_nothing},
	{"allow", take_nothing},     {"rate", take_nothing},	  {"otp", take_nothing},
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

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
	user = &parser->list[parser->count++];
	snprintf(user->name, sizeof(user->name), "%s", place->section);
	user->line = place->line;
	parser->seen = 0;
	return true;
}

static void
take_entry(void *ctx, const struct reader_place *place, const char *name, const char *value)
{
	struct parser *parser = ctx;
	const char *why = "is wrong";
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX], text[WHY_SIZE];

	suggest_init(&suggest, name);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		suggest_try(&suggest, keys[i].name);
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if (parser->seen & 1u << i)
			why = "is given twice";
		else if (keys[i].take(&parser->list[parser->count - 1], value, &why))
			why = NULL;
		parser->seen |= 1u << i;
		snprintf(text, sizeof(text), "%s: %s", name, why ? why : "");
		if (why)
			complain(parser, place->line, place->section, text);
		return;
	}
	snprintf(text, sizeof(text), "unknown key%s", suggest_hint(&suggest, hint));
	complain(parser, place->line, place->section, text);
}

static int
by_name(const void *a, const void *b)
{
	const struct user *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order ? order : left->line - right->line;
}

static int
by_address(const void *a, const void *b)
{
	const struct user *left = *(const struct user *const *)a;
	const struct user *right = *(const struct user *const *)b;

	if (left->grant.address != right->grant.address)
		return left->grant.address < right->grant.address ? -1 : 1;
	return left->line - right->line;
}

static void
check_names(struct parser *parser)
{
	char text[WHY_SIZE];

	for (size_t i = 1; i < parser->count; i++) {
		const struct user *user = &parser->list[i];

		if (strcmp(user[-1].name, user->name) != 0)
			continue;
		snprintf(text, sizeof(text), "the user stands in the file twice (first in line %d)",
			 user[-1].line);
		complain(parser, user->line, user->name, text);
	}
}

static void
check_addresses(struct parser *parser)
{
	const struct user **order = calloc(parser->count + 1, sizeof(const struct user *));
	char text[WHY_SIZE];
	size_t count = 0;

	if (!order) {
		conf_errors_add(parser->errors, parser->file, 0, "out of memory");
		return;
	}
	for (size_t i = 0; i < parser->count; i++) {
		if (parser->list[i].grant.address)
			order[count++] = &parser->list[i];
	}
	qsort(order, count, sizeof(const struct user *), by_address);
	for (size_t i = 1; i < count; i++) {
		if (order[i - 1]->grant.address != order[i]->grant.address)
			continue;
		snprintf(text, sizeof(text),
			 "address: belongs to another user already (section in line %d)",
			 order[i - 1]->line);
		complain(parser, order[i]->line, order[i]->name, text);
	}
	free(order);
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
users_parse(const struct conf_file *file, struct conf_errors *errors)
{
	static const struct reader_events events = {take_section, take_entry};
	struct parser parser = {.file = file->name, .errors = errors};
	size_t before = errors->count;
	struct users *users;

	reader_run(file, &events, &parser, errors);
	finish_user(&parser);
	if (parser.count > 0) {
		qsort(parser.list, parser.count, sizeof(parser.list[0]), by_name);
		check_names(&parser);
		check_addresses(&parser);
	}
	users = calloc(1, sizeof(*users));
	if (!users)
		conf_errors_add(errors, file->name, 0, "out of memory");
	if (!users || errors->count != before) {
		wipe(parser.list, parser.count);
		free(users);
		return NULL;
	}
	users->list = parser.list;
	users->count = parser.count;
	return users;
}

void
users_free(struct users *users)
{
	if (!users)
		return;
	wipe(users->list, users->count);
	free(users);
}

const struct user *
users_find(const struct users *users, const char *name)
{
	size_t low = 0, high = users->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, users->list[middle].name);

		if (order == 0)
			return &users->list[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
