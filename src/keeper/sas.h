/* The clients' SAs, as the kernel has them. */
#ifndef KEEPER_SAS_H
#define KEEPER_SAS_H

#include <stdint.h>

struct keeper;

/* Sends a WALL_SA for each client's pair of SAs (the newest of each), then WALL_SA_END. */
void sas_list(struct keeper *keeper, uint32_t ask);

#endif
