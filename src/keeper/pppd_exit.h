/* What pppd's end means in the words of cause.h. Pure. */
#ifndef KEEPER_PPPD_EXIT_H
#define KEEPER_PPPD_EXIT_H

#include "cause.h"

struct ending {
	enum cause cause;
	enum closed_by by;
	char text[96];
};

/* From a status of wait(2). */
void pppd_exit_read(struct ending *ending, int wait_status);

#endif
