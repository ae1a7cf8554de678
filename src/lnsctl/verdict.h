/* What is wrong with a client's connection, by all that is known of it. Pure. */
#ifndef LNSCTL_VERDICT_H
#define LNSCTL_VERDICT_H

#include "lnsctl/evidence.h"
#include "lnsctl/finding.h"

/* Gives the case's name ("wrong-psk") and says it in `finding`. */
const char *verdict_find(const struct evidence *evidence, struct finding *finding);

#endif
