/* `show ID`: every member of a session's or tunnel's document, and the SAs that protect it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/sessions.h"
#include "lnsctl/table.h"

#define WIDTH 28
#define NAME_MAX_BYTES 128

static bool
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static void
print_member(const char *name, const json_t *value)
{
	char line[PAIR_MAX] = "", human[HUMAN_MAX];
	int64_t number = json_integer_value(value);

	if (json_is_string(value))
		snprintf(line, sizeof(line), "%s", json_string_value(value));
	else if (json_is_boolean(value))
		snprintf(line, sizeof(line), "%s", json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		field_list(line, sizeof(line), value);
	else if (json_is_integer(value) && ends_with(name, "_bytes"))
		snprintf(line, sizeof(line), "%" PRId64 " (%s)", number,
			 human_bytes(human, number));
	else if (json_is_integer(value) && ends_with(name, "uptime_s"))
		snprintf(line, sizeof(line), "%" PRId64 " (%s)", number,
			 human_duration(human, number));
	else if (json_is_integer(value))
		snprintf(line, sizeof(line), "%" PRId64, number);
	print_pair(stdout, WIDTH, name, line);
}

static bool
is_table(const json_t *value)
{
	return json_is_object(json_array_get(value, 0));
}

/* Members in the daemon's order; those of an object within carry its name in front. What is a table
 * comes after them. */
static void
print_object(json_t *object)
{
	const char *key, *inner_key;
	json_t *value, *inner;

	json_object_foreach(object, key, value)
	{
		if (is_table(value))
			continue;
		if (!json_is_object(value)) {
			print_member(key, value);
			continue;
		}
		json_object_foreach(value, inner_key, inner)
		{
			char name[NAME_MAX_BYTES];

			if (is_table(inner))
				continue;
			snprintf(name, sizeof(name), "%.60s.%.60s", key, inner_key);
			print_member(name, inner);
		}
	}
}

/* One row an SA: those before a rekey stay until they expire. */
static void
print_sas(const json_t *sas)
{
	struct table *table = table_new("SA SPI STATE >AGE >BYTES >PACKETS");
	const json_t *sa;
	size_t i;

	json_array_foreach(sas, i, sa)
	{
		char text[HUMAN_MAX];

		table_add(table, field_text(sa, "direction"));
		table_add(table, field_text(sa, "spi"));
		table_add(table, field_true(sa, "current") ? "current" : "old");
		table_add(table, human_duration(text, field_number(sa, "age_s")));
		table_add(table, human_bytes(text, field_number(sa, "bytes")));
		table_add_number(table, field_number(sa, "packets"));
	}
	putchar('\n');
	table_print(table, stdout);
	table_free(table);
}

/* What the peer told besides: access line, ATM, PPP options and so on. */
static void
print_attributes(const json_t *attributes)
{
	struct table *table = table_new("ATTRIBUTE VALUE");
	const json_t *attribute;
	size_t i;

	json_array_foreach(attributes, i, attribute)
	{
		table_add(table, field_text(attribute, "name"));
		table_add(table, field_text(attribute, "value"));
	}
	putchar('\n');
	table_print(table, stdout);
	table_free(table);
}

static void
print_section(const char *title, json_t *object)
{
	const json_t *attributes = json_object_get(object, "attributes");
	const json_t *sas = json_object_get(json_object_get(object, "ipsec"), "sas");

	if (!json_is_object(object))
		return;
	printf("%s\n", title);
	print_object(object);
	if (is_table(attributes))
		print_attributes(attributes);
	if (is_table(sas))
		print_sas(sas);
}

static void
print(const json_t *data)
{
	const json_t *sessions = json_object_get(data, "sessions");

	print_section("SESSION", json_object_get(data, "session"));
	if (json_object_get(data, "session") && json_object_get(data, "tunnel"))
		putchar('\n');
	print_section("TUNNEL", json_object_get(data, "tunnel"));
	if (json_is_array(sessions)) {
		putchar('\n');
		sessions_print(sessions);
	}
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	enum exit_code code;
	json_t *data = client_fetch(settings, "show", args[0], &code);

	if (data && settings->json)
		code = print_json(data);
	else if (data)
		print(data);
	json_decref(data);
	return code;
}

const struct verb verb_show = {
	.name = "show",
	.arg = "ID",
	.least = 1,
	.most = 1,
	.summary = "all about a session or a tunnel",
	.help = "ID is a session's (4711-815) or a tunnel's (4711), as 'lnsctl sessions' and\n"
		"'lnsctl tunnels' show them.\n",
	.prints = true,
	.run = run,
};
