/* Time in the pure rooms: an argument, never a clock. */
#ifndef MSTIME_H
#define MSTIME_H

#include <stdint.h>

/* Milliseconds of a monotonic clock; the origin means nothing. */
typedef int64_t mstime_t;

#define MSTIME_NEVER INT64_MAX

#endif
