/* What happened to whom and when: IKE, L2TP, PPP and logins in one time line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "lnsctl/field.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/log_source.h"
#include "lnsctl/since.h"
#include "lnsctl/table.h"
#include "lnsctl/timeline.h"
#include "lnsctl/until.h"

#define DAY 86400
#define CLOCK_MAX 32

struct printer {
	bool json;
	size_t printed;
	int day; /* of the line before */
};

static json_t *
ms_or_null(int64_t ms)
{
	return ms < 0 ? json_null() : json_integer(ms);
}

static void
print_element(struct printer *printer, const struct timeline_line *line)
{
	time_t seconds = (time_t)(line->time_us / 1000000);
	char when[CLOCK_MAX] = "", moment[CLOCK_MAX + 16], clean[TIMELINE_TEXT_MAX + 1];
	struct tm tm;
	json_t *object;

	if (gmtime_r(&seconds, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(moment, sizeof(moment), "%s.%06dZ", when, (int)(line->time_us % 1000000));
	object = json_pack("{s:s, s:s, s:s, s:s}", "time", moment, "stage",
			   timeline_stage_name(line->stage), "peer", line->host, "text",
			   clean_text(clean, sizeof(clean), line->text));
	if (object && line->l2tp_ms >= 0)
		json_object_set_new(object, "setup_ms",
				    json_pack("{s:o, s:o, s:o}", "ike", ms_or_null(line->ike_ms),
					      "l2tp", ms_or_null(line->l2tp_ms), "ppp",
					      ms_or_null(line->ppp_ms)));
	printf("%s\n ", printer->printed ? "," : "");
	json_dumpf(object, stdout, JSON_COMPACT);
	json_decref(object);
}

/* A login says how long each stage took. */
static void
print_stages(const struct timeline_line *line)
{
	int64_t ike = line->ike_ms < 0 ? 0 : line->ike_ms;

	if (line->l2tp_ms < 0)
		return;
	printf("%23stook ", "");
	if (line->ike_ms >= 0)
		printf("IKE %" PRId64 " ms, ", line->ike_ms);
	printf("L2TP %" PRId64 " ms, PPP %" PRId64 " ms: %" PRId64 " ms\n", line->l2tp_ms,
	       line->ppp_ms, ike + line->l2tp_ms + line->ppp_ms);
}

static void
print_text(struct printer *printer, const struct timeline_line *line)
{
	time_t seconds = (time_t)(line->time_us / 1000000);
	char when[CLOCK_MAX] = "", clean[TIMELINE_TEXT_MAX + 1];
	struct tm tm = {.tm_yday = -1};

	if (localtime_r(&seconds, &tm) && tm.tm_yday != printer->day) {
		strftime(when, sizeof(when), "%Y-%m-%d", &tm);
		printf("%s\n", when);
		printer->day = tm.tm_yday;
	}
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	printf("%s.%03d  %-7s  %s\n", when, (int)(line->time_us / 1000 % 1000),
	       timeline_stage_name(line->stage), clean_text(clean, sizeof(clean), line->text));
	print_stages(line);
}

static void
print_line(void *ctx, const struct timeline_line *line)
{
	struct printer *printer = ctx;

	if (printer->json)
		print_element(printer, line);
	else
		print_text(printer, line);
	printer->printed++;
}

/* False: what is wrong has been said. */
static bool
take_since(const char *text, time_t *since)
{
	time_t now = time(NULL);

	*since = now - DAY;
	if (!text || since_parse(text, now, since))
		return true;
	complain("--since %s: neither a time (today, 2026-11-21, \"2026-11-21 14:05\") nor one ago "
		 "(30m, 2h, 7d)",
		 text);
	return false;
}

static void
print_all(struct log_source *source, const struct until *until, bool follow, const char *who,
	  struct printer *printer)
{
	struct timeline timeline = {.lines = NULL};

	do {
		log_source_read(source, &timeline);
		timeline_walk(&timeline, who, print_line, printer);
		fflush(stdout);
	} while (follow && log_source_wait(source, until));
	timeline_fini(&timeline);
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	const bool follow = settings->of[OPT_FOLLOW];
	struct printer printer = {.json = settings->json, .day = -1};
	struct log_source *source;
	struct until until;
	time_t since;

	if (!take_since(settings->of[OPT_SINCE], &since))
		return CODE_USAGE;
	if (follow && !until_open(&until, settings->of[OPT_FOR]))
		return CODE_USAGE;
	source = log_source_open(settings, (int64_t)since);
	if (source) {
		if (printer.json)
			putchar('[');
		print_all(source, &until, follow, args[0], &printer);
		if (printer.json)
			puts(printer.printed ? "\n]" : "]");
		else if (!printer.printed && !follow)
			printf("Nothing is in the log%s%s.\n", args[0] ? " of " : "",
			       args[0] ? args[0] : "");
		log_source_close(source);
	}
	if (follow)
		until_close(&until);
	return source ? CODE_DONE : CODE_REFUSED;
}

const struct verb verb_log = {
	.name = "log",
	.arg = "[USER|PEER] [-f [--for TIME]] [--since TIME] [--file FILE] [--config FILE]",
	.most = 1,
	.options = OPT_BIT(OPT_FOLLOW) | OPT_BIT(OPT_FOR) | OPT_BIT(OPT_SINCE) | OPT_BIT(OPT_FILE) |
		   OPT_BIT(OPT_CONFIG),
	.summary = "what happened, IKE to logout, in one time line",
	.help = "What pluto and lnsd logged of a user, of an address (the client's own or the one "
		"inside),\n"
		"or of all, in the order of time. A login says how long each stage took. Needs no "
		"daemon.\n\n"
		"  -f            go on as it happens, until Ctrl-C\n"
		"  --for TIME    or for 30s, 10m, 2h\n"
		"  --since TIME  today, yesterday, 2026-11-21, '2026-11-21 14:05', or 30m, 2h, 7d "
		"ago;\n"
		"                without it, a day\n"
		"  --file FILE   read this file, with a time in each line, instead of the "
		"journal\n",
	.prints = true,
	.run = run,
};
