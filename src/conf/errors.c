#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf/utf8.h"

#define KEPT_MAX 100

void
conf_errors_fini(struct conf_errors *errors)
{
	free(errors->list);
	memset(errors, 0, sizeof(*errors));
}

/* A cut may have gone through a character, and a name may hold anything. */
static void
make_printable(char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		size_t n = utf8_len(text + i, len - i);
		unsigned char c = (unsigned char)text[i];

		if (n == 0 || c < 0x20 || c == 0x7f) {
			text[i] = '?';
			n = 1;
		}
		i += n;
	}
}

/* Room for one more; the list's length is always a power of two, most files have few errors. */
static bool
make_room(struct conf_errors *errors)
{
	size_t kept = errors->kept;
	struct conf_error *list;

	if (kept & (kept - 1))
		return true;
	list = realloc(errors->list, (kept ? 2 * kept : 1) * sizeof(*list));
	if (!list)
		return false;
	errors->list = list;
	return true;
}

void
conf_errors_add(struct conf_errors *errors, const char *file, int line, const char *fmt, ...)
{
	struct conf_error *error;
	va_list ap;

	errors->count++;
	if (errors->kept >= KEPT_MAX || !make_room(errors))
		return;
	error = &errors->list[errors->kept++];
	snprintf(error->file, sizeof(error->file), "%s", file);
	error->line = line;
	va_start(ap, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	va_end(ap);
	make_printable(error->file);
	make_printable(error->text);
}
