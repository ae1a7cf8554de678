#include "lnsctl/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

struct output {
	char *text; /* of the document, so far */
	size_t len;
	char *said;
	size_t cap;
};

/* Words for people come first; a long document comes in parts. */
static void
keep_line(void *ctx, const char *line)
{
	struct output *output = ctx;
	size_t len = strlen(line);
	char *more;

	if (!output->len && line[0] != '[' && line[0] != '{') {
		snprintf(output->said, output->cap, "%s", line);
		return;
	}
	more = realloc(output->text, output->len + len + 1);
	if (!more)
		return;
	memcpy(more + output->len, line, len + 1);
	output->text = more;
	output->len += len;
}

json_t *
document_by(const char *const argv[], int ms, char *said, size_t cap)
{
	struct output output = {.said = said, .cap = cap};
	json_t *document = NULL;
	int code;

	snprintf(said, cap, "%s says nothing", argv[0]);
	code = command_run(argv, ms, keep_line, &output);
	if (code < 0)
		snprintf(said, cap, "%s: %s", argv[0], strerror(-code));
	else if (output.text)
		/* what is said after it is no part of it */
		document = json_loads(output.text, JSON_DISABLE_EOF_CHECK, NULL);
	free(output.text);
	return document;
}
