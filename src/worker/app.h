/*
 * The shell around the protocol core: owns the loop, the clock and every part, carries out what the
 * core asks for. One turn of the loop: events carry bytes in, then all that has piled up (actions,
 * lines, datagrams) is carried out at once.
 */
#ifndef WORKER_APP_H
#define WORKER_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "bans.h"
#include "conf.h"
#include "lns.h"
#include "log.h"
#include "wall.h"
#include "worker.h"
#include "worker/inner.h"
#include "worker/lanes.h"
#include "worker/past.h"
#include "worker/port.h"
#include "worker/sa.h"
#include "worker/totals.h"
#include "worker/trace.h"
#include "worker/wreck.h"

struct control;
struct event;
struct event_base;
struct ptys;
struct scrape;
struct udp;

/* How long the peers have to acknowledge their StopCCN. */
#define APP_GOODBYE_MS 3000
/* How long the keeper has to take the last of the history. */
#define APP_LAST_WORDS_MS 1000

struct app {
	struct event_base *base;
	struct lns *lns;
	struct conf *conf;
	struct wall *wall;
	struct udp *udp;
	struct ptys *ptys;
	struct control *control;
	struct scrape *scrape; /* NULL: nobody may ask for metrics */
	struct ports ports;
	struct sa_rules rules;
	struct insides insides;
	struct lanes lanes;
	struct event *timer, *wall_readable, *wall_writable;

	struct conf_socket metrics; /* where they can be read, since the start */
	char host_name[256];	    /* the machine's, read while that was allowed */
	bool debug;
	mstime_t now;	/* of this turn; 0: not read yet */
	mstime_t armed; /* when the timer goes off */
	mstime_t started;
	time_t began;		      /* the same, by the calendar */
	int stat_worker, stat_keeper; /* process_open(); -1: none */

	/* what the keeper told */
	struct sa_table sas;
	struct wall_facts facts;
	struct wall_problem problems[WALL_PROBLEMS];
	struct bans *bans; /* who is shut out */
	struct wall_radius radius;
	struct wall_tally tally;

	/* what has been */
	int64_t today; /* day of the two below, UTC */
	uint32_t logins_today, failures_today;
	struct totals totals;
	uint64_t unprotected;	  /* datagrams that sa_admit() kept out */
	uint64_t strays;	  /* the core's dropped_path, as last seen */
	uint64_t banned;	  /* datagrams of who is shut out */
	uint64_t malformed;	  /* the core's dropped_malformed, as last seen */
	struct lns_path offender; /* sent such a one in this turn; family 0: nobody */
	struct log_limit unprotected_lines, stray_lines, banned_lines, half_open_lines, no_room;

	struct past past;
	struct wrecks wrecks;
	struct traces traces;

	mstime_t goodbye; /* when shutting down has to be over; 0: not shutting down */
	bool done;
	bool alone; /* the keeper is gone */
	int exit_code;
};

/* What is learnt of the machine while that is allowed. */
struct app_place {
	char host_name[256];
	int stat_worker, stat_keeper; /* process_open(); -1: none */
};

/* Takes everything of `start` and `place`, also on failure. NULL after a line in the log. */
struct app *app_new(struct worker_start *start, const struct app_place *place);
void app_free(struct app *app);
/* Runs until the end; gives the exit code. */
int app_run(struct app *app);

/* Milliseconds of the monotonic clock, read once a turn. */
mstime_t app_now(struct app *app);

/* A message to the keeper; a keeper that takes none any more is the end of the worker. */
void app_tell(struct app *app, const union wall_msg *msg);

/* What has passed through a session, for accounting; `last`: it is over. */
void app_tell_use(struct app *app, struct port *port, bool last);

/* Makes the core, or gives it the configuration in force. False when memory is short: then what was
 * there goes on as it was. */
bool app_settle(struct app *app);

/* A PPP frame to the client, with LNS_HEADROOM writable bytes before it. */
void app_send_frame(struct app *app, struct port *port, uint8_t *frame, size_t len);

/* The session's pppd has ended or never began: journal line, end of the L2TP side if that still
 * lives, end of the port. */
void app_port_over(struct app *app, struct port *port);
/* The session is up for the first time. */
void app_port_up(struct app *app, struct port *port);

/* By what people type: an ID, without the serial that a ref has. */
bool app_find_tunnel(const struct app *app, uint16_t tid, struct lns_tunnel_info *info);

/* Forgets yesterday's logins and failures. */
void app_turn_day(struct app *app);

/* Good-bye to all peers; the loop ends when they have answered, or after APP_GOODBYE_MS. */
void app_shutdown(struct app *app);
/* Ends the loop after this turn. */
void app_stop(struct app *app, int exit_code);

#endif
