/* A session, whole: known to session*.c only. */
#ifndef KEEPER_SESSION_STATE_H
#define KEEPER_SESSION_STATE_H

#include "keeper/lanes.h"
#include "keeper/login.h"
#include "keeper/pppd_exit.h"
#include "keeper/session.h"
#include "keeper/state.h"

/* A pppd that was asked to go and does not is killed after this. */
#define KILL_AFTER_MS 3000

enum start {
	START_OVER,  /* or not begun */
	START_WAITS, /* in the queue: no pppd yet */
	START_RUNS   /* there is one, which does not read its line yet */
};

struct session {
	TAILQ_ENTRY(session) next;
	TAILQ_ENTRY(session) next_start; /* while START_WAITS */
	struct keeper *keeper;
	struct session_info info;
	enum start start;  /* session_start.c's */
	struct timer hang; /* while START_RUNS */
	pid_t pid;	   /* 0: no process yet, or no more */
	struct source process, link;
	int line; /* see spawn.h */
	struct session_lane lane;
	struct timer kill;
	struct timer limit; /* of its time */
	unsigned logins;
	struct proof *asked; /* what the client answered, while somebody else decides; or NULL */
	bool authenticated, stopping, up;
	bool noted; /* it is in the history, though its pppd is still there */
	bool waits; /* for its fixed address, which a session that is ending still has */
	struct pppd_course course;
	struct ending ending; /* why, where we know better than pppd's exit code */
};

/* Why it ends or was refused; text NULL or "": the cause's own. */
void session_set_ending(struct session *session, enum cause cause, enum closed_by by,
			const char *text);
/* Tells the worker how the session stands: one of the kinds that are a wall_ppp. */
void session_tell(struct session *session, enum wall_kind kind);
/* SIGTERM, so that the client gets an LCP Terminate-Request; SIGKILL when that does not help. Its
 * end comes in a later turn of the loop, also where there is no pppd yet. */
void session_terminate(struct session *session, mstime_t kill_after);

/* Into the table, without a process, its client let in already where what the LAC heard is good for
 * that; NULL when memory is short. */
struct session *session_enter(struct keeper *keeper, const struct wall_spawn *spawn);
/* Out of it, with all that it has, and freed; nobody is told. */
void session_leave(struct session *session);
/* It has no pppd any more, or never had one: the worker hears of its end, and it leaves. */
void session_over(struct session *session);

/* NULL when it is gone. */
struct session *session_find(struct keeper *keeper, struct lns_ref ref);

/*
 * session_start.c: whose turn it is to have a pppd.
 */
/* Those that can have one now get it, or are refused; those that have given up are over. None of
 * these has a pppd; all others stay. */
void session_start_next(struct keeper *keeper);
/* Its pppd has said something: it reads its line, and session_start_next() follows. */
void session_started(struct session *session);
/* It ends without a pppd, if it waits for one: in the loop's next turn. */
void session_start_give_up(struct session *session);
/* Takes it out of the queue and of those in start-up; call session_start_next() after it. */
void session_start_leave(struct session *session);
/* `hang` is due. */
void session_due_hang(struct timer *timer);

/*
 * session_login.c: the client's answer, as pppd heard it; and as a LAC did, before pppd is started.
 * pppd waits for its answer, which need not come at once: a login that somebody else decides
 * goes on in session_login_done().
 */
void session_login(struct session *session, const struct proof *proof);
void session_login_proxied(struct session *session, const struct proof *proof);
/* Decided: all that is left of the login. *login has no account where RADIUS decided. */
void session_login_done(struct session *session, struct login *login, const struct proof *proof);
/* pppd has turned the client away without asking. */
void session_refused(struct session *session);
/* The servers' verdict on a login that they were asked about; nothing when it is not waited for. */
void session_login_answer(struct keeper *keeper, const struct radius_verdict *verdict);
/* Nobody is there who could answer: all that wait go on as if no server had. */
void session_login_abandon(struct keeper *keeper);
/* Wipes what session_login() kept. */
void session_login_forget(struct session *session);

/* session_past.c: its pppd has ended, and the worker will tell of it; should it die first, we do.
 */
void session_past_owe(struct session *session);

/* session_limit.c: `limit` is due. */
void session_due_limit(struct timer *timer);

#endif
