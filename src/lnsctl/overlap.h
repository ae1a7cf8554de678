/* Whether the clients' addresses are somebody else's already. */
#ifndef LNSCTL_OVERLAP_H
#define LNSCTL_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

/* True when the pool has addresses of a network that an interface of this machine is in, other than
 * one end of a point-to-point link; `text` says which is in which. */
bool overlap_find(const struct conf *conf, char *text, size_t cap);

#endif
