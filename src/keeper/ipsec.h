/* libreswan, as far as lnsd manages it: a helper process loads, the keeper hears how it went and
 * tries again. */
#ifndef KEEPER_IPSEC_H
#define KEEPER_IPSEC_H

#include <stdbool.h>

#include "keeper/helper.h"
#include "keeper/ipsec_load.h"
#include "keeper/loop.h"
#include "keeper/pluto_watch.h"

struct keeper;

struct ipsec {
	struct helper helper;
	struct pluto_watch watch;
	struct timer again;
	mstime_t backoff;
	uint32_t tries;	       /* that have ended */
	bool looked;	       /* this one only looks again */
	bool soon;	       /* a look within LOOK_SOON_MS is due */
	enum conf_marks marks; /* of the start, as a reload cannot change them */
	struct ipsec_outcome outcome;
};

void ipsec_init(struct keeper *keeper);
/* Loads now what the configuration says; a helper that still runs is ended first. */
void ipsec_start(struct keeper *keeper);
/* Something happened to pluto or to its SAs: looks again in two seconds, once for all that happens
 * until then. */
void ipsec_look_again(struct keeper *keeper);
/* Ends a helper and the timer. What is loaded stays: it harms nobody while lnsd is away. */
void ipsec_stop(struct keeper *keeper);
/* WALL_FACTS to the worker. */
void ipsec_send_facts(struct keeper *keeper);

#endif
