#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

#define WIDTH 15
#define LINE_MAX_BYTES 640

static void
print_listen(const json_t *status)
{
	char line[LINE_MAX_BYTES];

	field_list(line, sizeof(line), json_object_get(status, "listen"));
	print_pair(stdout, WIDTH, "listening", line);
}

static void
print_ipsec(const json_t *status)
{
	const json_t *ipsec = json_object_get(status, "ipsec");
	const char *manager = field_text(ipsec, "manager");
	char line[LINE_MAX_BYTES];

	if (!manager[0] || strcmp(manager, "none") == 0)
		snprintf(line, sizeof(line), "not managed");
	else
		snprintf(line, sizeof(line), "%.60s %.60s, profile %.60s, %s", manager,
			 field_text(ipsec, "version"), field_text(ipsec, "profile"),
			 field_true(ipsec, "loaded") ? "loaded" : "not loaded");
	print_pair(stdout, WIDTH, "ipsec", line);
}

static void
print_counts(const json_t *status)
{
	char line[LINE_MAX_BYTES], size[HUMAN_MAX];

	snprintf(line, sizeof(line), "%" PRId64 " (%" PRId64 " half-open)",
		 field_number(status, "tunnels"), field_number(status, "half_open"));
	print_pair(stdout, WIDTH, "tunnels", line);
	snprintf(line, sizeof(line), "%" PRId64, field_number(status, "sessions"));
	print_pair(stdout, WIDTH, "sessions", line);
	snprintf(line, sizeof(line), "%" PRId64 " (%" PRId64 " refused)",
		 field_number(status, "logins_today"), field_number(status, "failures_today"));
	print_pair(stdout, WIDTH, "logins today", line);
	print_pair(stdout, WIDTH, "received", human_bytes(size, field_number(status, "rx_bytes")));
	print_pair(stdout, WIDTH, "sent", human_bytes(size, field_number(status, "tx_bytes")));
}

static void
print_radius(const json_t *radius)
{
	const json_t *server;
	char line[LINE_MAX_BYTES];
	size_t i;

	json_array_foreach(json_object_get(radius, "servers"), i, server)
	{
		const char *answer = field_text(server, "last_answer");

		snprintf(line, sizeof(line),
			 "%.60s %.30s, last answer %.30s, %" PRId64 " requests, %" PRId64
			 " timeouts",
			 field_text(server, "address"), field_text(server, "state"),
			 answer[0] ? answer : "never", field_number(server, "requests"),
			 field_number(server, "timeouts"));
		print_pair(stdout, WIDTH, i ? "" : "radius", line);
	}
	if (field_number(radius, "records_waiting") || field_number(radius, "records_lost")) {
		snprintf(line, sizeof(line), "%" PRId64 " records wait, %" PRId64 " lost",
			 field_number(radius, "records_waiting"),
			 field_number(radius, "records_lost"));
		print_pair(stdout, WIDTH, "accounting", line);
	}
}

static void
print_problems(const json_t *problems)
{
	const json_t *problem;
	size_t i;

	if (json_array_size(problems) == 0) {
		print_pair(stdout, WIDTH, "problems", "none");
		return;
	}
	json_array_foreach(problems, i, problem)
	{
		const char *fix = field_text(problem, "fix");

		print_pair(stdout, WIDTH, field_text(problem, "severity"),
			   field_text(problem, "text"));
		if (fix[0])
			print_pair(stdout, WIDTH, "  fix", fix);
	}
}

static void
print(const json_t *status)
{
	char text[HUMAN_MAX];

	print_pair(stdout, WIDTH, "version", field_text(status, "version"));
	print_pair(stdout, WIDTH, "uptime", human_duration(text, field_number(status, "uptime_s")));
	print_listen(status);
	print_pair(stdout, WIDTH, "data path", field_text(status, "data_path"));
	if (field_text(status, "metrics")[0])
		print_pair(stdout, WIDTH, "metrics at", field_text(status, "metrics"));
	print_ipsec(status);
	print_counts(status);
	print_radius(json_object_get(status, "radius"));
	if (field_text(status, "draining")[0])
		print_pair(stdout, WIDTH, "draining to", field_text(status, "draining"));
	print_problems(json_object_get(status, "problems"));
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	enum exit_code code;
	json_t *data = client_fetch(settings, "status", args[0], &code);

	if (data && settings->json)
		code = print_json(data);
	else if (data)
		print(data);
	json_decref(data);
	return code;
}

const struct verb verb_status = {
	.name = "status",
	.summary = "is the gateway well",
	.help = "What the daemon listens on, the state of IPsec, how many are connected, and what "
		"is\n"
		"wrong with a fix for each.\n",
	.prints = true,
	.run = run,
};
