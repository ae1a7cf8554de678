/* Where the lines of the time line come from: the journal, or files where there is none. */
#ifndef LNSCTL_LOG_SOURCE_H
#define LNSCTL_LOG_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "lnsctl/lnsctl.h"
#include "lnsctl/timeline.h"
#include "lnsctl/until.h"

struct log_source;

/* What has come since then, in seconds since 1970. NULL: what is wrong has been said. */
struct log_source *log_source_open(const struct settings *settings, int64_t since);
void log_source_close(struct log_source *source);

/* Adds all that is new. */
void log_source_read(struct log_source *source, struct timeline *timeline);
/* Waits until there may be more; false: it is over. */
bool log_source_wait(const struct log_source *source, const struct until *until);

#endif
