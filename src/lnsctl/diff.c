/* diff(1) compares; the texts reach it by descriptors of ours, so that no file is made. */
#include "lnsctl/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/offer.h"
#include "lnsctl/table.h"

#define COMMAND_MS 10000
#define DIFFERENT 1 /* diff's exit code */

/* A line of "key = value" with such a key; *at is where the value begins. */
static bool
is_secret_key(const char *line, size_t len, size_t *at)
{
	static const char *const keys[] = {"password", "otp", "secret"};
	size_t start = strspn(line, " \t");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t end = start + strlen(keys[i]);

		if (end >= len || strncmp(line + start, keys[i], strlen(keys[i])) != 0)
			continue;
		end += strspn(line + end, " \t");
		if (end >= len || line[end] != '=')
			continue;
		*at = end + 1 + strspn(line + end + 1, " \t");
		return *at < len;
	}
	return false;
}

/* How much of the line may be seen. */
static size_t
open_part(const char *line, size_t len, enum diff_secrets secrets)
{
	size_t at;

	if (secrets == DIFF_KEYS && is_secret_key(line, len, &at))
		return at;
	return secrets == DIFF_LINES && len && line[0] != '#' ? 0 : len;
}

char *
diff_mask(const char *text, enum diff_secrets secrets)
{
	char *masked = NULL;
	size_t size;
	FILE *out = open_memstream(&masked, &size);

	if (!out)
		return NULL;
	while (*text) {
		size_t len = strcspn(text, "\n"), seen = open_part(text, len, secrets);

		fwrite(text, 1, seen, out);
		if (seen < len)
			fputs(DIFF_MASK, out);
		text += len;
		if (*text == '\n')
			fputc(*text++, out);
	}
	if (fclose(out) == 0)
		return masked;
	free(masked);
	return NULL;
}

static void
offer_masked(struct offer *offer, const char *text, enum diff_secrets secrets)
{
	char *masked = diff_mask(text ? text : "", secrets);

	offer->fd = -1;
	if (masked)
		offer_open(offer, masked, strlen(masked));
	free(masked);
}

static void
print_line(void *ctx, const char *line)
{
	char clean[4200];

	fprintf(ctx, "%s\n", clean_text(clean, sizeof(clean), line));
}

/* diff's exit code, or -errno */
static int
run_diff(FILE *out, const char *path, bool is_new, const struct offer *before,
	 const struct offer *after)
{
	char program[256];
	const char *const argv[] = {program,   "-u", "--label",	   is_new ? "/dev/null" : path,
				    "--label", path, before->path, after->path,
				    NULL};

	if (before->fd < 0 || after->fd < 0)
		return -ENOMEM;
	if (!command_find(program, sizeof(program), "diff"))
		return -ENOENT;
	return command_run(argv, COMMAND_MS, print_line, out);
}

bool
diff_print(FILE *out, const char *path, const char *before, const char *after,
	   enum diff_secrets secrets)
{
	struct offer from, to;
	int code;

	offer_masked(&from, before, secrets);
	offer_masked(&to, after, secrets);
	code = run_diff(out, path, !before, &from, &to);
	offer_close(&from);
	offer_close(&to);
	if (code >= 0 && code <= DIFFERENT)
		return true;
	complain("%s: the difference cannot be shown: %s", path,
		 code < 0 ? strerror(-code) : "diff does not work");
	return false;
}
