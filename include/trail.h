/*
 * The last control messages of a tunnel, heard and said, as a person wants to see them when it has
 * died: 16 bytes each, without their bytes. The core (src/l2tp) keeps one for each tunnel.
 */
#ifndef TRAIL_H
#define TRAIL_H

#include <stddef.h>
#include <stdint.h>

#include "mstime.h"

#define TRAIL_MAX 32
/* The Message Type of one that has none that can be read, or one beyond enum l2tp_type. */
#define TRAIL_UNKNOWN 255

enum trail_flag {
	TRAIL_OUT = 1,	  /* we said it; else we heard it */
	TRAIL_AGAIN = 2,  /* not for the first time */
	TRAIL_REFUSED = 4 /* heard, and not taken: acknowledges what was never sent, or is beyond
			     the window */
};

struct trail_step {
	uint32_t seconds; /* and milliseconds after the trail's beginning */
	uint16_t ms;
	uint16_t ns, nr, sid; /* of the header; sid as the receiver calls the session */
	uint16_t len;	      /* of the whole message */
	uint8_t type;	      /* of enum l2tp_type; 0: an acknowledgement alone */
	uint8_t flags;	      /* of enum trail_flag */
};

struct trail {
	mstime_t since; /* when the tunnel began */
	uint32_t total; /* that have been; the last TRAIL_MAX of them are here */
	struct trail_step steps[TRAIL_MAX];
};

/* How many are here, and the i-th of them, oldest first. */
size_t trail_count(const struct trail *trail);
const struct trail_step *trail_at(const struct trail *trail, size_t i);
/* When that was. */
mstime_t trail_when(const struct trail *trail, const struct trail_step *step);
/* "SCCRQ", "ZLB" …; "?" for TRAIL_UNKNOWN. */
const char *trail_type(const struct trail_step *step);

#endif
