/* Ways that go in circles: what is for a client's own address leaves by the interface of a session,
 * so that its tunnel is led into a tunnel, its own or another one. */
#ifndef LNSCTL_LOOP_H
#define LNSCTL_LOOP_H

#include <jansson.h>

#include "lnsctl/finding.h"
#include "lnsctl/way.h"

/* Whether the kernel leads what is for `peer` into one of these sessions (as `lnsctl sessions
 * --json` has them); then the finding says which, and what mends it. */
bool loop_find(struct finding *finding, const char *peer, const json_t *sessions);
/* The same, of a way that is known. */
bool loop_judge(struct finding *finding, const char *peer, const struct way *way,
		const json_t *sessions);

#endif
