/* What has been since the start, of all sessions together: logins, ends and what they carried. */
#ifndef WORKER_TOTALS_H
#define WORKER_TOTALS_H

#include <stdint.h>

#include "cause.h"
#include "worker/histogram.h"
#include "worker/port.h"

enum setup_stage {
	SETUP_L2TP, /* SCCRQ, or of a further session of a tunnel ICRQ, to ICCN */
	SETUP_PPP,  /* to IPCP */
	SETUP_TOTAL,
	SETUP_STAGES
};

/* Zero-initialise. */
struct totals {
	uint64_t logins, refused[CAUSE_COUNT], logouts[CAUSE_COUNT];
	struct histogram setup[SETUP_STAGES];
	struct port_counters gone; /* what ports carried that are no more */
	uint64_t bad_frames;	   /* of them */
};

/* What the sessions have carried, and what they are doing. */
struct traffic {
	struct port_counters counters; /* of those that are gone, too */
	uint64_t bad_frames;
	uint64_t authenticating, up, closing; /* those that are listed (port_listed) */
	uint64_t waiting;		      /* bytes that pppds have not read yet */
};

/* The session is up. */
void totals_note_login(struct totals *totals, const struct port *port);
/* The session is over, or was refused: once for each port, before it is removed. */
void totals_note_end(struct totals *totals, const struct port *port);
/* Looks at every port. */
struct traffic totals_traffic(const struct totals *totals, const struct ports *ports);

#endif
