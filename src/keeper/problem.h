/* The standing problems that `lnsctl status` shows. Each owner has its slot; saying the same again
 * does nothing. */
#ifndef KEEPER_PROBLEM_H
#define KEEPER_PROBLEM_H

#include "wall.h"

struct keeper;

enum problem_id {
	PROBLEM_IPSEC,
	PROBLEM_PSK,
	PROBLEM_PROPOSALS,
	PROBLEM_GUARD,
	PROBLEM_USERS,
	PROBLEM_POOL,
	PROBLEM_MARKS,
	PROBLEM_APART,
	PROBLEM_MARK_RANGE,
	PROBLEM_SECRETS,
	PROBLEM_NFT,
	PROBLEM_RATES,
	PROBLEM_HISTORY,
	PROBLEM_CERTIFICATE,
	PROBLEM_RADIUS,
	PROBLEM_ACCOUNTING,
	PROBLEM_POOL6,
	PROBLEM_IPV6,
	PROBLEM_RESTART,
	PROBLEM_TRIAL
};

struct problems {
	struct wall_problem slots[WALL_PROBLEMS];
};

/* Logs it, keeps it, tells the worker; severity "error" or "warning". text "" : it is over. */
void problem_set(struct keeper *keeper, enum problem_id id, const char *severity, const char *text,
		 const char *fix);

/* Tells a worker that has just come up of all there are. */
void problem_send_all(struct keeper *keeper);

#endif
