/* Who is shut out: shown, and changed by command. */
#include <stdio.h>
#include <string.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/seconds.h"
#include "lnsctl/table.h"

static void
print(const json_t *bans)
{
	struct table *table = table_new("ADDRESS REASON SINCE UNTIL SHUT-OUT");
	const json_t *ban;
	size_t i;

	json_array_foreach(bans, i, ban)
	{
		table_add(table, field_text(ban, "address"));
		table_add(table, field_text(ban, "reason"));
		table_add(table, field_text(ban, "since"));
		table_add(table, field_text(ban, "until"));
		table_add(table, field_true(ban, "packets_dropped") ? "wholly" : "newcomers");
	}
	table_print(table, stdout);
	table_free(table);
}

static enum exit_code
change(const struct settings *settings, json_t *request)
{
	struct answer answer;

	client_request(settings, request, CLIENT_SILENCE_MS, &answer);
	if (answer.code != CODE_DONE) {
		complain("%s", answer.error);
		return answer.code;
	}
	if (settings->json) {
		answer.code = print_json(answer.data);
	} else {
		char line[300];

		puts(clean_text(line, sizeof(line), field_text(answer.data, "text")));
	}
	json_decref(answer.data);
	return answer.code;
}

static enum exit_code
list(const struct settings *settings)
{
	enum exit_code code;
	json_t *data = client_fetch(settings, "bans", NULL, &code);

	if (data && settings->json)
		code = print_json(data);
	else if (data)
		print(data);
	json_decref(data);
	return code;
}

static enum exit_code
add(const struct settings *settings, const char *address, const char *time)
{
	int64_t seconds = time ? seconds_read(time) : 0;

	if (time && seconds <= 0) {
		complain("%s: no time (600, 90s, 10m, 1h, 2d)", time);
		return CODE_USAGE;
	}
	return change(settings, json_pack("{s:s, s:s, s:I}", "verb", "ban", "arg", address,
					  "seconds", (json_int_t)seconds));
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	const char *what = args[0] ? args[0] : "list";
	int count = 0;

	while (args[count])
		count++;
	if (strcmp(what, "list") == 0 && count <= 1)
		return list(settings);
	if (strcmp(what, "add") == 0 && (count == 2 || count == 3))
		return add(settings, args[1], args[2]);
	if (strcmp(what, "del") == 0 && count == 2)
		return change(settings, json_pack("{s:s, s:s}", "verb", "unban", "arg", args[1]));
	complain("usage: lnsctl bans [list] | add ADDRESS [TIME] | del ADDRESS|all");
	return CODE_USAGE;
}

const struct verb verb_bans = {
	.name = "bans",
	.arg = "[list] | add ADDRESS [TIME] | del ADDRESS|all",
	.most = 3,
	.summary = "who is shut out after too many failures",
	.help = "Shows who is shut out, why and until when; shuts an address out, or lets one in\n"
		"again. IPv6 addresses count as their /64. TIME is 600 (seconds), 10m, 1h, 2d; "
		"without\n"
		"it auth.ban-time.\n\n"
		"SHUT-OUT says 'wholly' when the packet filter drops all that comes from there, "
		"and\n"
		"'newcomers' when others are connected from the same address, behind one NAT: "
		"their\n"
		"sessions go on, and only new ones are refused.\n",
	.prints = true,
	.run = run,
};
