/* diff(1) compares; the texts reach it by descriptors of ours, so that no file is made. */
#include "lnsctl/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "command.h"
#include "lnsctl/lnsctl.h"
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

/* A descriptor that reads as the masked text, or -1. */
static int
offer(const char *text, enum diff_secrets secrets)
{
	char *masked = diff_mask(text ? text : "", secrets);
	size_t len = masked ? strlen(masked) : 0;
	int fd = masked ? memfd_create("lnsctl", MFD_CLOEXEC) : -1;

	if (fd >= 0 && write(fd, masked, len) != (ssize_t)len) {
		close(fd);
		fd = -1;
	}
	free(masked);
	return fd;
}

static void
print_line(void *ctx, const char *line)
{
	char clean[4200];

	fprintf(ctx, "%s\n", clean_text(clean, sizeof(clean), line));
}

/* diff's exit code, or -errno */
static int
run_diff(FILE *out, const char *path, bool is_new, int before, int after)
{
	char program[256], from[64], to[64];
	const char *const argv[] = {program,   "-u", "--label", is_new ? "/dev/null" : path,
				    "--label", path, from,	to,
				    NULL};

	if (before < 0 || after < 0)
		return -ENOMEM;
	if (!command_find(program, sizeof(program), "diff"))
		return -ENOENT;
	snprintf(from, sizeof(from), "/proc/%d/fd/%d", getpid(), before);
	snprintf(to, sizeof(to), "/proc/%d/fd/%d", getpid(), after);
	return command_run(argv, COMMAND_MS, print_line, out);
}

bool
diff_print(FILE *out, const char *path, const char *before, const char *after,
	   enum diff_secrets secrets)
{
	int from = offer(before, secrets), to = offer(after, secrets);
	int code = run_diff(out, path, !before, from, to);

	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	if (code >= 0 && code <= DIFFERENT)
		return true;
	complain("%s: the difference cannot be shown: %s", path,
		 code < 0 ? strerror(-code) : "diff does not work");
	return false;
}
