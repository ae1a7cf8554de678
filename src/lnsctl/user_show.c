#include "lnsctl/user_show.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

/* How often each user is connected, by name; NULL without a daemon. */
static json_t *
count_sessions(const struct settings *settings)
{
	struct answer answer;
	json_t *counts = NULL;
	const json_t *session;
	size_t i;

	client_ask(settings, "sessions", NULL, &answer);
	if (answer.code == CODE_DONE)
		counts = json_object();
	json_array_foreach(answer.data, i, session)
	{
		const char *name = field_text(session, "user");

		if (strcmp(field_text(session, "state"), "up") == 0)
			json_object_set_new(counts, name,
					    json_integer(field_number(counts, name) + 1));
	}
	json_decref(answer.data);
	return counts;
}

static json_t *
address_of(const struct user *user)
{
	struct in_addr in = {.s_addr = htonl(user->grant.address)};
	char text[INET_ADDRSTRLEN];

	return user->grant.address ? json_string(inet_ntop(AF_INET, &in, text, sizeof(text)))
				   : json_null();
}

static json_t *
describe(const struct user *user, const struct conf *conf, const json_t *counts)
{
	const struct grant *grant = &user->grant;
	json_int_t most =
		grant->max_sessions ? grant->max_sessions : conf->auth.max_sessions_per_user;
	char text[GRANT_TEXT_MAX];

	return json_pack("{s:s, s:o, s:o, s:I, s:o, s:b, s:b}", "name", user->name, "address",
			 address_of(user), "sessions",
			 counts ? json_integer(field_number(counts, user->name)) : json_null(),
			 "max_sessions", most, "expires",
			 grant->expires ? json_string(grant_expires_text(text, grant->expires))
					: json_null(),
			 "disabled", user->disabled, "otp", user->otp_len != 0);
}

static void
add_row(struct table *table, const json_t *row)
{
	char name[600];

	table_add(table, clean_text(name, sizeof(name), field_text(row, "name")));
	table_add(table, field_text(row, "address"));
	if (json_is_null(json_object_get(row, "sessions")))
		table_add(table, "");
	else
		table_add_number(table, field_number(row, "sessions"));
	table_add_number(table, field_number(row, "max_sessions"));
	table_add(table, field_text(row, "expires"));
	table_add(table, field_true(row, "disabled") ? "yes" : "no");
	table_add(table, field_true(row, "otp") ? "yes" : "no");
}

enum exit_code
user_list(const struct user_store *store, const struct settings *settings)
{
	json_t *counts = count_sessions(settings), *list = json_array();
	enum exit_code code = CODE_DONE;
	const json_t *row;
	size_t i;

	for (i = 0; i < store->users->count; i++)
		json_array_append_new(list, describe(&store->users->list[i], store->conf, counts));
	if (settings->json) {
		code = print_json(list);
	} else {
		struct table *table = table_new("NAME ADDRESS >SESSIONS >MAX EXPIRES DISABLED OTP");

		json_array_foreach(list, i, row)
		{
			add_row(table, row);
		}
		table_print(table, stdout);
		table_free(table);
	}
	json_decref(counts);
	json_decref(list);
	return code;
}

static json_t *
lists_of(const struct grant *grant, bool allow)
{
	json_t *list = json_array();
	char text[GRANT_TEXT_MAX];

	for (size_t i = 0; i < (allow ? grant->allow_count : grant->route_count); i++)
		json_array_append_new(
			list, json_string(allow ? grant_allow_text(text, &grant->allow[i])
						: grant_prefix_text(text, &grant->routes[i])));
	return list;
}

/* A list joined, yes and no, a number: as text. */
static void
print_value(const char *key, const json_t *value)
{
	char text[PAIR_MAX];

	field_list(text, sizeof(text), value);
	if (json_is_string(value))
		snprintf(text, sizeof(text), "%s", json_string_value(value));
	else if (json_is_boolean(value))
		snprintf(text, sizeof(text), "%s", json_is_true(value) ? "yes" : "no");
	else if (json_is_integer(value))
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
	print_pair(stdout, 16, key, text);
}

enum exit_code
user_show(const struct user_store *store, const struct settings *settings, const struct user *user)
{
	json_t *counts = count_sessions(settings);
	json_t *document = describe(user, store->conf, counts);
	enum exit_code code = CODE_DONE;
	char text[GRANT_TEXT_MAX];
	const char *key;
	json_t *value;

	json_object_set_new(document, "routes", lists_of(&user->grant, false));
	json_object_set_new(document, "allow", lists_of(&user->grant, true));
	json_object_set_new(document, "rate", json_string(grant_rate_text(text, &user->grant)));
	json_object_set_new(document, "stored_as",
			    json_string(user->cred.kind == CRED_NT ? "hash" : "plain"));
	if (settings->json)
		code = print_json(document);
	else
		json_object_foreach(document, key, value)
		{
			print_value(key, value);
		}
	json_decref(counts);
	json_decref(document);
	return code;
}
