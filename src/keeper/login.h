/* Whether a client is let in. Pure but for the users it is given. */
#ifndef KEEPER_LOGIN_H
#define KEEPER_LOGIN_H

#include <stdint.h>
#include <time.h>

#include "caller.h"
#include "cause.h"
#include "plink.h"
#include "radius.h"
#include "users.h"

struct otp_used;

struct login {
	enum cause cause;	    /* CAUSE_NONE: let in */
	char text[96];		    /* for the log: more than the cause's word */
	char user[128];		    /* the name without its domain, cut to what fits */
	const struct user *account; /* in `users`; NULL when unknown */
	const struct grant *grant;  /* what the login gives; of a refused one it is not looked at */
	uint64_t otp_step;	    /* the step of the one-time code; 0: none was needed */
	char answer[43];	    /* MS-CHAPv2: "S=…" */
	char told[128]; /* what the client is told, word for word; "": login_reply() says */
};

/*
 * Name, proof by one of these methods, and the account's state at `now` (wall clock); not the
 * number of its sessions. A one-time code that `used` has is refused; one that holds is the
 * caller's to note (login->otp_step), whatever else becomes of the login.
 */
void login_check(struct login *login, const struct proof *proof, unsigned methods,
		 const struct users *users, const struct otp_used *used, time_t now);

/* As a RADIUS server has decided; `grant` is the caller's room for what it gives. The account's
 * name is the server's, or else what the client sent without its domain. */
void login_decided(struct login *login, const struct proof *proof, const struct users *users,
		   const struct radius_verdict *verdict, struct grant *grant);

/* What the client is told (RFC 2759 §5 and §6, RFC 1994 §4.2, RFC 1334 §2.2.2). */
void login_reply(struct plink_auth_reply *reply, const struct login *login,
		 const struct proof *proof);

#endif
