/*
 * The keeper's side of RADIUS: the process of aaa.h, started where auth.radius is set and anew when
 * its settings change or it ends, the logins that it is asked about, and what it tells of the
 * servers. Nothing here waits.
 */
#ifndef KEEPER_RADIUS_LINK_H
#define KEEPER_RADIUS_LINK_H

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "keeper/loop.h"
#include "radius.h"

struct account;
struct channel;
struct keeper;
struct session_info;

struct radius {
	struct keeper *keeper;
	struct channel *channel; /* NULL: no process to speak with */
	struct source source;	 /* the descriptor is the channel's */
	pid_t pid;		 /* 0: none; it may be on its way out */
	struct source process;	 /* pidfd */
	struct timer restart;
	struct radius_setup setup; /* what the process was told; server_count 0: there is none */
	struct lns_addr listen;	   /* auth.coa-listen of the start */
	bool announced;		   /* Accounting-On was sent */
	bool ending;
	TAILQ_HEAD(, account) accounts; /* radius_acct.h */
};

void radius_init(struct keeper *keeper);
/* At the start and after a reload: makes it so as the configuration says. */
void radius_start(struct keeper *keeper);
/* All sessions have ended: the last records, Accounting-Off, and good-bye. True when the process is
 * gone; keeper_end() is called when it goes. */
bool radius_finish(struct keeper *keeper);
void radius_close(struct keeper *keeper);

/* Sends to the process; false when there is none. */
bool radius_send(struct keeper *keeper, const union radius_msg *msg);

/* True where servers are to be asked. */
bool radius_wanted(const struct keeper *keeper);
/* Asks them about a session's client; session_login_answer() is called, once. False: it is not,
 * there is nobody to ask. */
bool radius_login(struct keeper *keeper, const struct session_info *info,
		  const struct proof *proof);
/* What servers are told of a session's line. */
struct radius_line radius_line_of(const struct session_info *info);

#endif
