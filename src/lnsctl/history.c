/* What has been: read from the file that the keeper appends to, so it needs no daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kept.h"
#include "lnsctl/field.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/since.h"
#include "lnsctl/table.h"

#define MOMENT_MAX 32

/* What is asked for. */
struct query {
	const char *who; /* a user, an address inside or a peer's; NULL: all */
	char since[MOMENT_MAX];
	size_t last; /* 0: all */
	bool logins; /* no refusals */
};

/* "2026-11-21T14:05:33Z": in this form the later moment is the greater text. */
static void
moment_text(char out[MOMENT_MAX], time_t when)
{
	struct tm tm;

	out[0] = '\0';
	if (gmtime_r(&when, &tm))
		strftime(out, MOMENT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static bool
take_last(struct query *query, const char *text)
{
	char *end;

	query->last = strtoul(text, &end, 10);
	return strspn(text, "0123456789") == strlen(text) && query->last > 0 && *end == '\0';
}

/* False: what is wrong has been said. */
static bool
make_query(struct query *query, const struct settings *settings, const char *who)
{
	time_t since;

	*query = (struct query){.who = who, .logins = settings->of[OPT_LOGINS]};
	if (settings->of[OPT_LAST] && !take_last(query, settings->of[OPT_LAST])) {
		complain("--last %s: a number from 1 on is needed", settings->of[OPT_LAST]);
		return false;
	}
	if (!settings->of[OPT_SINCE])
		return true;
	if (!since_parse(settings->of[OPT_SINCE], time(NULL), &since)) {
		complain("--since %s: neither a time (today, 2026-11-21, \"2026-11-21 14:05\") nor "
			 "one ago (30m, 2h, 7d)",
			 settings->of[OPT_SINCE]);
		return false;
	}
	moment_text(query->since, since);
	return true;
}

/* An entry, and not what is left of a line. */
static bool
is_entry(const json_t *entry)
{
	static const char *const texts[] = {"id", "user", "start", "end", "cause", "closed_by"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!json_is_string(json_object_get(entry, texts[i])))
			return false;
	}
	return true;
}

static bool
is_asked_for(const struct query *query, const json_t *entry)
{
	static const char *const keys[] = {"user", "address", "address6", "peer"};

	if (strcmp(field_text(entry, "end"), query->since) < 0 ||
	    (query->logins && field_true(entry, "refused")))
		return false;
	for (size_t i = 0; query->who && i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(field_text(entry, keys[i]), query->who) == 0)
			return true;
	}
	return !query->who;
}

/* The last ones are enough: the list never holds more than twice as many. */
static void
forget_first(json_t *entries, size_t last)
{
	json_t *newest;
	size_t count = json_array_size(entries);

	if (!last || count < 2 * last)
		return;
	newest = json_array();
	for (size_t i = count - last; i < count; i++)
		json_array_append(newest, json_array_get(entries, i));
	json_array_clear(entries);
	json_array_extend(entries, newest);
	json_decref(newest);
}

static void
read_lines(FILE *file, const struct query *query, json_t *entries)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, file)) > 0) {
		json_t *entry = len <= HISTORY_LINE_MAX ? json_loadb(line, (size_t)len,
								     JSON_REJECT_DUPLICATES, NULL)
							: NULL;

		if (is_entry(entry) && is_asked_for(query, entry))
			json_array_append(entries, entry);
		json_decref(entry);
		forget_first(entries, query->last);
	}
	free(line);
}

/* One that is not there is empty. */
static bool
read_file(const char *path, const struct query *query, json_t *entries)
{
	FILE *file = fopen(path, "re");

	if (file) {
		read_lines(file, query, entries);
		fclose(file);
	} else if (errno != ENOENT) {
		complain("%s: %s%s", path, strerror(errno),
			 errno == EACCES ? " (be root, or a member of the group lnsd)" : "");
		return false;
	}
	return true;
}

/* Newest first; NULL after a complaint. */
static json_t *
read_history(const char *path, const struct query *query)
{
	json_t *entries = json_array(), *answer = json_array();
	char *old = NULL;
	bool ok = asprintf(&old, "%s" HISTORY_OLD, path) > 0 && read_file(old, query, entries) &&
		  read_file(path, query, entries);

	for (size_t left = json_array_size(entries), n = 0;
	     left > 0 && (!query->last || n < query->last); n++)
		json_array_append(answer, json_array_get(entries, --left));
	free(old);
	json_decref(entries);
	if (ok)
		return answer;
	json_decref(answer);
	return NULL;
}

/* In the reader's own time zone. */
static const char *
local_time(char out[MOMENT_MAX], const char *moment)
{
	struct tm tm = {.tm_isdst = 0};
	time_t when;

	snprintf(out, MOMENT_MAX, "%s", moment);
	if (!strptime(moment, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return out;
	when = timegm(&tm);
	if (localtime_r(&when, &tm))
		strftime(out, MOMENT_MAX, "%Y-%m-%d %H:%M:%S", &tm);
	return out;
}

static void
print(const json_t *entries)
{
	struct table *table =
		table_new("START >FOR USER ADDRESS PEER CLIENT >RX >TX CAUSE BY TEXT");
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		bool refused = field_true(entry, "refused");
		char text[HUMAN_MAX], moment[MOMENT_MAX];

		table_add(table, local_time(moment, field_text(entry, "start")));
		table_add(table,
			  refused ? "" : human_duration(text, field_number(entry, "duration_s")));
		table_add(table, field_text(entry, "user"));
		table_add(table, field_text(entry, "address"));
		table_add(table, field_text(entry, "peer"));
		table_add(table, field_text(entry, "client"));
		table_add(table, refused ? "" : human_bytes(text, field_number(entry, "rx_bytes")));
		table_add(table, refused ? "" : human_bytes(text, field_number(entry, "tx_bytes")));
		table_add(table, field_text(entry, "cause"));
		table_add(table, field_text(entry, "closed_by"));
		table_add(table, field_text(entry, "text"));
	}
	table_print(table, stdout);
	table_free(table);
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	enum exit_code code = CODE_DONE;
	struct query query;
	json_t *entries;

	if (!make_query(&query, settings, args[0]))
		return CODE_USAGE;
	entries = read_history(settings->of[OPT_FILE] ? settings->of[OPT_FILE] : HISTORY_PATH,
			       &query);
	if (!entries)
		return CODE_REFUSED;
	if (settings->json)
		code = print_json(entries);
	else
		print(entries);
	json_decref(entries);
	return code;
}

const struct verb verb_history = {
	.name = "history",
	.arg = "[USER|ADDRESS] [--since TIME] [--last N] [--logins] [--file FILE]",
	.most = 1,
	.options = OPT_BIT(OPT_SINCE) | OPT_BIT(OPT_LAST) | OPT_BIT(OPT_FILE) | OPT_BIT(OPT_LOGINS),
	.summary = "who was connected, and who was refused",
	.help = "One row for each session that has ended, and for each log-in that was refused, "
		"newest\n"
		"first: of a user, of an address (inside, or the client's own), or of all. CAUSE "
		"and BY\n"
		"are the words of the journal. Needs no running daemon.\n\n"
		"  --since TIME  today, yesterday, 2026-11-21, '2026-11-21 14:05', or 30m, 2h, 7d "
		"ago\n"
		"  --last N      the last N of them\n"
		"  --logins      leave out who was refused\n"
		"  --file FILE   another history\n",
	.prints = true,
	.run = run,
};
