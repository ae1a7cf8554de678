/* Lines of pluto's log, in which peers have a hand: what is believed has the form that pluto gives
 * it, from the first byte on. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pluto.h"

/* The lines of a log about one client, whose texts end where they should. */
static void
tell(char *lines)
{
	struct pluto_tale tale = {.family = 4, .ip = {192, 0, 2, 7}, .since = 1};

	for (char *line; (line = strsep(&lines, "\n"));)
		pluto_tale_line(&tale, line, 1795294920);
	assert(strlen(tale.offered) < sizeof(tale.offered) && strlen(tale.why) < sizeof(tale.why));
	assert(tale.heard <= tale.lines);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pluto_failure failure;
	char *line = malloc(size + 1);

	if (!line)
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	if (pluto_read_failure(&failure, line)) {
		const char *conn = strstr(line, "\"lnsd-");

		assert(failure.family == 4 || failure.family == 6);
		assert(conn && strcspn(line, "\"") == (size_t)(conn - line));
	}
	tell(line);
	free(line);
	return 0;
}
