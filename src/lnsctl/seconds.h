/* A length of time as people write it. */
#ifndef LNSCTL_SECONDS_H
#define LNSCTL_SECONDS_H

#include <stdint.h>

/* "600", "90s", "10m", "1h", "2d"; 0: it is none, or no time at all. */
int64_t seconds_read(const char *text);

#endif
