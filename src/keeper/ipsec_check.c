/*
 * Checking before anything is put in place: libreswan reads its whole configuration as it would be,
 * a copy of /etc/ipsec.conf whose includes name our new file where the old one stands.
 */
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "keeper/ipsec_host.h"
#include "keeper/ipsec_load.h"

#define COMMAND_MS 10000
#define MAIN_FILE "/etc/ipsec.conf"
#define CHECK_MAIN "/run/lnsd/ipsec-check.conf"
#define CHECK_OURS "/run/lnsd/ipsec-check-lnsd.conf"

/* `include PATTERN`: every file that it names by itself, ours replaced. True when ours was named.
 */
static bool
copy_include(FILE *out, const char *pattern)
{
	char full[600];
	glob_t found;
	bool ours;

	snprintf(full, sizeof(full), "%s%s", pattern[0] == '/' ? "" : "/etc/", pattern);
	ours = fnmatch(full, IPSEC_CONF_FILE, FNM_PATHNAME) == 0;
	if (glob(full, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (strcmp(found.gl_pathv[i], IPSEC_CONF_FILE) != 0)
				fprintf(out, "include %s\n", found.gl_pathv[i]);
		globfree(&found);
	}
	if (ours)
		fprintf(out, "include " CHECK_OURS "\n");
	return ours;
}

/* True when libreswan would read our file. */
static bool
copy_main(FILE *out, FILE *in)
{
	char line[1024], pattern[512];
	bool ours = false;

	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "include %511s", pattern) == 1)
			ours = copy_include(out, pattern) || ours;
		else
			fputs(line, out);
	}
	return ours;
}

static const char *
write_check(const char *text)
{
	FILE *in = fopen(MAIN_FILE, "re");
	FILE *out = in ? fopen(CHECK_MAIN, "we") : NULL;
	bool ours = out && copy_main(out, in);
	const char *why = NULL;

	if (!in)
		why = MAIN_FILE " cannot be read";
	else if (!out || fclose(out) != 0 || ipsec_host_write(CHECK_OURS, text, 0600) != 0)
		why = "/run/lnsd cannot be written";
	else if (!ours)
		why = MAIN_FILE " must have the line: include /etc/ipsec.d/*.conf";
	if (in)
		fclose(in);
	return why;
}

struct complaint {
	char *text;
	size_t cap;
};

/* the last line is the one that ended it */
static void
keep_line(void *ctx, const char *line)
{
	struct complaint *complaint = ctx;

	snprintf(complaint->text, complaint->cap, "%s", line);
}

bool
ipsec_host_checkconfig(const char *ipsec, const char *text, char *why, size_t cap)
{
	const char *const argv[] = {ipsec,	"addconn",	 "--config",
				    CHECK_MAIN, "--checkconfig", NULL};
	struct complaint complaint = {.text = why, .cap = cap};
	const char *fault = write_check(text);
	bool ok = false;

	snprintf(why, cap, "%s", fault ? fault : "ipsec addconn failed");
	if (!fault)
		ok = command_run(argv, COMMAND_MS, keep_line, &complaint) == 0;
	unlink(CHECK_MAIN);
	unlink(CHECK_OURS);
	return ok;
}
