/* The JSON document that another program of ours prints. */
#ifndef LNSCTL_DOCUMENT_H
#define LNSCTL_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>

/* Waits for argv[0], a path, at most so long. The caller's; NULL when there is none: then `said`
 * has the last line of what it printed, or why it did not run. */
json_t *document_by(const char *const argv[], int ms, char *said, size_t cap);

#endif
