/* A moment as people write it. */
#ifndef LNSCTL_SINCE_H
#define LNSCTL_SINCE_H

#include <stdbool.h>
#include <time.h>

/*
 * "90s", "30m", "2h", "7d", "4w" before now; "today", "yesterday"; "2026-11-21", "2026-11-21 14:05"
 * or "14:05:33", local time ("T" will do for the space, and a "Z" at the end makes it UTC). False:
 * it is none of these.
 */
bool since_parse(const char *text, time_t now, time_t *since);

#endif
