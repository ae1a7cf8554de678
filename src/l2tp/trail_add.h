/* The writing side of a tunnel's trail (include/trail.h). */
#ifndef L2TP_TRAIL_ADD_H
#define L2TP_TRAIL_ADD_H

#include "trail.h"

struct l2tp_header;

/* Both make the trail with its first step; without memory there is none, and nothing else changes.
 * `flags` of enum trail_flag. */
void trail_heard(struct trail **trail, mstime_t since, mstime_t now, const struct l2tp_header *h,
		 unsigned flags);
/* The bytes of one of ours, as it leaves. */
void trail_said(struct trail **trail, mstime_t since, mstime_t now, const uint8_t *bytes,
		size_t len, unsigned flags);

#endif
