#include "lnsctl/sa_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define ASK_MS 10000

static void
begin(struct sa_look *look, const char *line)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];

	look->now = NULL;
	if (sscanf(line, "src %45s dst %45s", from, to) != 2)
		return;
	if (strcmp(from, look->client) == 0) {
		look->now = &look->in;
		snprintf(look->local, sizeof(look->local), "%s", to);
	} else if (strcmp(to, look->client) == 0) {
		look->now = &look->out;
		snprintf(look->local, sizeof(look->local), "%s", from);
	}
}

/* `add 2026-11-21 20:40:00 use -`: the counters stand in the line before. Times in this form are in
 * order as texts are. */
static void
take_times(struct sa_look *look, const char *line)
{
	struct sa_counts *now = look->now;
	char day[16], time[16], since[32];

	if (sscanf(line, "add %15s %15s", day, time) != 2)
		return;
	snprintf(since, sizeof(since), "%s %s", day, time);
	now->sas++;
	if (strcmp(since, now->since) < 0)
		return;
	memcpy(now->since, since, sizeof(now->since));
	now->bytes = look->bytes;
	now->packets = look->packets;
}

/* `1234(bytes), 12(packets)`; those of limits have words for numbers. */
static void
take_counters(struct sa_look *look, const char *line)
{
	char *end;

	look->bytes = strtoull(line, &end, 10);
	look->packets = strtoull(strstr(end, "), ") + strlen("), "), NULL, 10);
}

void
sa_look_line(struct sa_look *look, const char *line)
{
	if (strncmp(line, "src ", 4) == 0) {
		begin(look, line);
		return;
	}
	line += strspn(line, " \t");
	if (!look->now)
		return;
	/* one that is only asked for */
	if (strncmp(line, "proto ", 6) == 0 &&
	    (strncmp(line, "proto esp ", 10) != 0 || strstr(line, "spi 0x00000000(")))
		look->now = NULL;
	else if (strncmp(line, "encap type espinudp", 19) == 0)
		look->nat = true;
	else if (strstr(line, "(bytes), ") && strstr(line, "(packets)"))
		take_counters(look, line);
	else if (strncmp(line, "add ", 4) == 0)
		take_times(look, line);
}

static void
take_line(void *ctx, const char *line)
{
	sa_look_line(ctx, line);
}

bool
sa_look_ask(struct sa_look *look)
{
	char path[256];
	/* "nokeys": they would pass through our memory for nothing */
	const char *const argv[] = {path, "-s", "xfrm", "state", "list", "nokeys", NULL};

	return command_find(path, sizeof(path), "ip") &&
	       command_run(argv, ASK_MS, take_line, look) == 0;
}
