/* See history.h. */
#include "keeper/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/history_file.h"
#include "keeper/state.h"
#include "kept.h"

#define MEGABYTE 1000000

void
history_init(struct history *history, gid_t group)
{
	history->group = group;
	if (mkdir(STATE_DIR, 0750) < 0 && errno != EEXIST)
		log_warning("%s cannot be made: %s", STATE_DIR, strerror(errno));
	else if (chown(STATE_DIR, (uid_t)-1, group) < 0)
		log_warning("%s cannot be given to the group lnsd: %s", STATE_DIR, strerror(errno));
}

void
history_add(struct keeper *keeper, const struct wall_history *entry)
{
	const struct history_file file = {.path = HISTORY_PATH,
					  .group = keeper->history.group,
					  .limit = (uint64_t)keeper->conf->log.history_size *
						   MEGABYTE};
	char problem[160] = "", *line;
	int error;

	if (!file.limit)
		return;
	line = history_line(entry, time(NULL));
	error = line ? history_append(&file, line) : -ENOMEM;
	free(line);
	if (error)
		snprintf(problem, sizeof(problem), "the history cannot be written: %s: %s",
			 file.path, strerror(-error));
	problem_set(keeper, PROBLEM_HISTORY, "warning", problem,
		    "make room there, or set log.history-size = 0");
}
