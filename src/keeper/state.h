/* What the keeper knows. One of it, made by keeper_main(), reached from every source by its owner.
 */
#ifndef KEEPER_STATE_H
#define KEEPER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "conf.h"
#include "keeper/ban.h"
#include "keeper/history.h"
#include "keeper/ipsec.h"
#include "keeper/ipsec_drop.h"
#include "keeper/lanes.h"
#include "keeper/loop.h"
#include "keeper/marks_used.h"
#include "keeper/net.h"
#include "keeper/otp_used.h"
#include "keeper/problem.h"
#include "keeper/psk_watch.h"
#include "keeper/pulse.h"
#include "keeper/radius_link.h"
#include "keeper/reload.h"
#include "keeper/spawn.h"
#include "keeper/tally.h"
#include "keeper/xfrm.h"
#include "pool.h"
#include "pool6.h"
#include "sticky.h"
#include "users.h"
#include "wall.h"

struct session;

/* session_start.c's */
struct starts {
	TAILQ_HEAD(start_queue, session) queue; /* first come, first; those that end, before them */
	size_t waiting;				/* in the queue, and not ending */
	size_t running, most;			/* pppds that do not read their line yet */
	struct timer next;
	struct log_limit failed, slow;
};

struct keeper {
	struct loop loop;

	const char *conf_path;
	struct conf *conf; /* in force: what needs a restart is as it was at the start */
	int conf_fd;	   /* as the worker has it: sealed, with the secrets (bundle.h) */
	struct trial trial;
	struct users *users;
	struct otp_used *otp_used;
	struct pool *pool;
	struct pool6 *pool6;
	struct sticky *sticky; /* over reloads, too */
	/* of the start, as a reload cannot change them */
	uint32_t gateway; /* every session's other end */
	uint16_t port;
	bool require;
	uint32_t marks; /* that the worker can tell apart */
	char host_name[256];
	char plugin[CONF_PATH_MAX];
	bool debug;

	struct wall *wall;
	struct source wall_source; /* the descriptor is the wall's */
	pid_t worker;
	struct source worker_process; /* pidfd */
	bool worker_ready;
	struct pulse pulse;

	struct source signals;
	struct timer deadline; /* of the shutdown */
	bool ready_told;       /* READY=1 went to systemd */
	bool ending, overdue;
	int exit_code;

	void *sessions; /* tsearch(3) by ref */
	TAILQ_HEAD(session_list, session) session_list;
	TAILQ_HEAD(owed_list, owed) owed; /* session_past.c's */
	size_t owed_count;
	size_t session_count, stopping_count; /* all; those that were asked to end */
	struct starts starts;
	struct spawner spawner;

	struct problems problems;
	struct history history;
	struct ban_office bans;
	struct psk_watch psk_watch;
	struct ipsec ipsec;
	struct ipsec_drop drop;
	struct marks_used marks_used;
	struct xfrm xfrm;
	struct net net;
	struct lanes lanes;
	struct radius radius;
	struct tally tally;
};

/* Sends over the wall; a worker that does not listen is a dead one. Takes pass_fd. */
void keeper_send(struct keeper *keeper, const union wall_msg *msg, int pass_fd);

/* The worker is up or IPsec was tried: once both are so, systemd hears READY=1. */
void keeper_ready(struct keeper *keeper);

/* Sets host_name from the configuration, or the machine. */
void keeper_name(struct keeper *keeper);

/* Ends everything, with this exit code. Once begun, the first code stays. */
void keeper_end(struct keeper *keeper, int exit_code);

#endif
