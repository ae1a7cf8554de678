/* A day in the life of each client. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <stdbool.h>

#include "client.h"

/* Dials, stays for a day with its own keepalives and rekeys, naps, sleeps, comes back, goes in its
 * own way; prints a line. True when all was as the design has it. */
bool scenario_run(const struct client_facts *facts);

#endif
