/* Who is shut out, as a document of the contract. */
#ifndef WORKER_SHOW_BANS_H
#define WORKER_SHOW_BANS_H

#include <jansson.h>

#include "bans.h"

/* A new reference, NULL when memory is short. */
json_t *show_bans(const struct bans *bans);

#endif
