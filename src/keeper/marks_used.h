/* Looks whether somebody else on this machine uses marks of ours, and says so as long as it is so.
 */
#ifndef KEEPER_MARKS_USED_H
#define KEEPER_MARKS_USED_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper/helper.h"

struct keeper;

struct marks_used {
	struct helper helper;
	/* of the start, as a reload cannot change them */
	bool own;
	uint32_t base;
};

void marks_used_init(struct keeper *keeper);
/* Looks now, in a helper process: nothing waits for it. Nothing is done with ipsec.marks = ike. */
void marks_used_look(struct keeper *keeper);
void marks_used_stop(struct keeper *keeper);

#endif
