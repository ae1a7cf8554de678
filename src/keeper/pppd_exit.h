/* What pppd's end means in the words of cause.h. Pure. */
#ifndef KEEPER_PPPD_EXIT_H
#define KEEPER_PPPD_EXIT_H

#include "cause.h"
#include "plink.h"

struct ending {
	enum cause cause;
	enum closed_by by;
	char text[96];
};

/* What the plugin saw; all zero when it could not tell. */
struct pppd_course {
	enum plink_stage stage;
	unsigned status;  /* unless the stage is unknown: better than pppd's exit code */
	bool peer_closed; /* the client sent an LCP Terminate-Request */
};

/* From a status of wait(2), and what led to it. */
void pppd_exit_read(struct ending *ending, int wait_status, const struct pppd_course *course);

#endif
