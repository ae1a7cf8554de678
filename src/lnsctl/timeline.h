/*
 * One time line of what several logs say of a client: pluto's (IKE) and lnsd's (L2TP, PPP, logins).
 * Who a line is about is worked out from the lines themselves: a user's login names a session, its
 * tunnel and a peer; the peer's address and pluto's instance lead to the exchange before. Pure.
 */
#ifndef LNSCTL_TIMELINE_H
#define LNSCTL_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The oldest are forgotten. */
#define TIMELINE_LINES_MAX 200000
#define TIMELINE_TEXT_MAX 1100
#define TIMELINE_HOST_MAX 48

enum timeline_stage { STAGE_IKE, STAGE_L2TP, STAGE_PPP, STAGE_ACCOUNT, STAGE_DAEMON, STAGES };

struct timeline_line {
	int64_t time_us; /* since 1970 */
	enum timeline_stage stage;
	char *text;		      /* secrets masked */
	char host[TIMELINE_HOST_MAX]; /* the client's address; "" when it names none */
	uint32_t tid;		      /* our tunnel; 0: none */
	unsigned instance;	      /* pluto's, of the conn; 0: none */
	unsigned exchange;	      /* pluto's number of it; 0: none */
	bool shown;
	/* a login: how long it took, in ms; -1: not known */
	int64_t ike_ms, l2tp_ms, ppp_ms;
};

struct timeline {
	struct timeline_line *lines; /* by time */
	size_t count, room;
};

/* A line of one of the logs, without its time. False: it is none that tells anything, or memory is
 * short. */
bool timeline_add(struct timeline *timeline, int64_t time_us, bool of_pluto, const char *text);
/* Puts the lines in order; call after the last timeline_add() and before the next. */
void timeline_sort(struct timeline *timeline);
void timeline_fini(struct timeline *timeline);

/* Calls fn for each line about a user or an address (NULL: for all) that has not been given before.
 */
typedef void timeline_fn(void *ctx, const struct timeline_line *line);
void timeline_walk(struct timeline *timeline, const char *who, timeline_fn *fn, void *ctx);

/* "ike", "l2tp", "ppp", "account", "daemon" */
const char *timeline_stage_name(enum timeline_stage stage);

/* The time at the beginning of a file's line: RFC 3339, or "Nov 21 14:05:33" with or without a
 * fraction, of the year before `now`. Gives what follows it, of syslog the message alone; NULL:
 * there is no time. */
const char *timeline_time(const char *line, int64_t now, int64_t *time_us);

/* Strikes out passwords and what CHAP proves itself by, in place. */
void timeline_mask(char *text);

#endif
