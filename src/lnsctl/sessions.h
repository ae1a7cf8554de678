/* The table of sessions, which `show` of a tunnel has too. */
#ifndef LNSCTL_SESSIONS_H
#define LNSCTL_SESSIONS_H

#include <jansson.h>

void sessions_print(const json_t *sessions);

#endif
