#include "lnsctl/cert_show.h"

#include <stdio.h>

#include "lnsctl/field.h"
#include "lnsctl/table.h"

#define DAY_S (24L * 3600)

static const char *const kinds[] = {
	[CERT_CA] = "ca", [CERT_SERVER] = "server", [CERT_CLIENT] = "client"};

static const char *
state_of(const struct cert_facts *facts, bool revoked, time_t now)
{
	if (revoked)
		return "revoked";
	if (facts->until <= now)
		return "expired";
	return facts->until - now < CERT_ENDING_DAYS * DAY_S ? "expires-soon" : "valid";
}

const char *
cert_day(char text[CERT_DAY_MAX], time_t when)
{
	struct tm tm;

	strftime(text, CERT_DAY_MAX, "%Y-%m-%d", gmtime_r(&when, &tm));
	return text;
}

static void
exact_time(char text[32], time_t when)
{
	struct tm tm;

	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &tm));
}

json_t *
cert_document(const struct cert_facts *facts, bool revoked, time_t now)
{
	char from[32], until[32];

	exact_time(from, facts->from);
	exact_time(until, facts->until);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:i}", "name", facts->name,
			 "kind", kinds[facts->kind], "state", state_of(facts, revoked, now), "from",
			 from, "until", until, "days_left",
			 (json_int_t)((facts->until - now) / DAY_S), "serial", facts->serial,
			 "names", facts->names, "bits", facts->bits);
}

static void
add_row(struct table *table, const struct cert_facts *facts, bool revoked, time_t now)
{
	char day[CERT_DAY_MAX];

	table_add(table, facts->name);
	table_add(table, kinds[facts->kind]);
	table_add(table, state_of(facts, revoked, now));
	table_add(table, cert_day(day, facts->from));
	table_add(table, cert_day(day, facts->until));
	table_add(table, facts->serial);
	table_add(table, facts->names);
}

static enum exit_code
print_documents(const struct cert_store *store, time_t now)
{
	json_t *list = json_array();
	enum exit_code code;

	json_array_append_new(list, cert_document(&store->facts, false, now));
	for (size_t i = 0; i < store->count; i++)
		json_array_append_new(list, cert_document(&store->entries[i].facts,
							  store->entries[i].revoked, now));
	code = print_json(list);
	json_decref(list);
	return code;
}

enum exit_code
cert_print_list(const struct cert_store *store, bool json, time_t now)
{
	struct table *table;

	if (json)
		return print_documents(store, now);
	table = table_new("NAME KIND STATE FROM UNTIL SERIAL NAMES");
	add_row(table, &store->facts, false, now);
	for (size_t i = 0; i < store->count; i++)
		add_row(table, &store->entries[i].facts, store->entries[i].revoked, now);
	table_print(table, stdout);
	table_free(table);
	return CODE_DONE;
}
