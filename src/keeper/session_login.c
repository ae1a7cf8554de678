/* The part of a session in which its client says who it is: asked by pppd, or by a LAC before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "keeper/login.h"
#include "keeper/radius_acct.h"
#include "keeper/radius_link.h"
#include "keeper/session_state.h"

/* A client may try again on one link (PAP); nobody needs more. */
#define LOGINS_MAX 3

/* An account's sessions but this one, and the oldest of them. One that is ending does not count. */
static size_t
sessions_of(const struct session *self, const char *user, struct session **oldest)
{
	struct session *other;
	size_t count = 0;

	*oldest = NULL;
	TAILQ_FOREACH(other, &self->keeper->session_list, next)
	{
		if (other == self || !other->authenticated || other->stopping ||
		    strcmp(other->info.user, user) != 0)
			continue;
		if (count++ == 0)
			*oldest = other;
	}
	return count;
}

/* The limit on an account's sessions, which only the whole table can tell. With auth.on-limit =
 * replace the oldest make room; the caller is good for all the rest. */
static void
check_limit(const struct session *session, struct login *login)
{
	const struct conf *conf = session->keeper->conf;
	uint32_t limit = conf->auth.max_sessions_per_user;
	struct session *oldest;
	size_t count;

	if (login->grant->max_sessions)
		limit = login->grant->max_sessions;
	while ((count = sessions_of(session, login->user, &oldest)) >= limit) {
		if (conf->auth.on_limit != ON_LIMIT_REPLACE) {
			login->cause = CAUSE_LIMIT;
			snprintf(login->text, sizeof(login->text),
				 "the user has %zu of %u sessions", count, limit);
			return;
		}
		session_end(session->keeper, oldest->info.ref, CAUSE_REPLACED, BY_SERVER,
			    "the user has come back, and has no more sessions");
	}
}

/* Name and proof, by the users' file; a one-time code is used up at once, even where the login
 * comes to nothing in the end. */
static void
check(const struct session *session, struct login *login, const struct proof *proof,
      unsigned methods)
{
	struct keeper *keeper = session->keeper;
	int error;

	login_check(login, proof, methods, keeper->users, keeper->otp_used, time(NULL));
	if (login->otp_step == 0)
		return;
	error = otp_used_note(keeper->otp_used, login->account->name, login->otp_step,
			      keeper->users);
	if (error)
		log_error("%s: %s: a one-time code could be used twice after a restart",
			  OTP_USED_PATH, strerror(-error));
	if (otp_used_step(keeper->otp_used, login->account->name) != login->otp_step)
		login->cause = CAUSE_NO_RESOURCES;
}

/* What is left when name and proof are good, whoever found them so: the session is logged in, or
 * login->cause says why not. */
static void
admit(struct session *session, struct login *login)
{
	/* whatever the proof was worth: who is shut out must not learn it */
	if (ban_holds(session->keeper, &session->info.path.peer)) {
		login->cause = CAUSE_BANNED;
		snprintf(login->text, sizeof(login->text), "%s", cause_text(CAUSE_BANNED));
	}
	if (login->cause == CAUSE_NONE && session->stopping)
		login->cause = session->ending.cause;
	if (login->cause == CAUSE_NONE)
		check_limit(session, login);
	session->authenticated = login->cause == CAUSE_NONE;
	grant_fini(&session->info.grant);
	if (session->authenticated && !grant_copy(&session->info.grant, login->grant)) {
		login->cause = CAUSE_NO_RESOURCES;
		session->authenticated = false;
	}
	session->info.local = session->authenticated && login->account;
	if (!session->info.grant.session_timeout_s)
		session->info.grant.session_timeout_s =
			(uint32_t)(session->keeper->conf->auth.session_timeout / 1000);
}

/* The worker is not believed when nobody asked for this: it sees what clients answer to pppd, and
 * one that was taken over must not be able to say it again. */
static bool
trusts_any_lac(const struct conf *conf)
{
	bool trusts = conf->others.proxy_auth == PROXY_ACCEPT;

	for (size_t i = 0; i < conf->peer_count; i++)
		trusts = trusts || conf->peers[i].proxy_auth == PROXY_ACCEPT;
	return trusts;
}

/*
 * What the LAC heard (RFC 2661 §4.4.5). auth.methods has no part in it: it says what we ask for,
 * and here nobody is asked. A client that does not pass is asked by pppd as if nothing had come, so
 * that it hears of a refusal in PPP's own words; it may have mistyped for the LAC only.
 */
void
session_login_proxied(struct session *session, const struct proof *proof)
{
	char user[300];
	struct login login;

	/* what only a server can check is asked by pppd, when there is time to wait */
	if (proof->method == 0 || !trusts_any_lac(session->keeper->conf) ||
	    (radius_wanted(session->keeper) && session->keeper->conf->auth.order == ORDER_RADIUS))
		return;
	check(session, &login, proof, METHOD_PAP | METHOD_CHAP);
	admit(session, &login);
	log_escape(user, sizeof(user), login.user, strlen(login.user));
	if (session->authenticated) {
		memcpy(session->info.user, login.user, sizeof(session->info.user));
		log_info("what the LAC heard proves user=\"%s\" session=%u-%u", user,
			 session->info.ref.tid, session->info.ref.sid);
	} else {
		log_info("what the LAC heard does not let in user=\"%s\" session=%u-%u cause=%s "
			 "text=\"%s\": the client itself is asked",
			 user, session->info.ref.tid, session->info.ref.sid,
			 cause_name(login.cause), login.text);
	}
	explicit_bzero(&login, sizeof(login));
}

void
session_login_done(struct session *session, struct login *login, const struct proof *proof)
{
	union plink_msg reply;

	admit(session, login);
	memcpy(session->info.user, login->user, sizeof(session->info.user));
	/* one that was ended while others decided has its reason already */
	if (!session->stopping)
		memset(&session->ending, 0, sizeof(session->ending));
	if (!session->authenticated)
		ban_note_login(session->keeper, &session->info.path, login->cause);
	if (!session->authenticated && !session->stopping)
		session_set_ending(session, login->cause, BY_SERVER, login->text);
	memset(&reply, 0, sizeof(reply));
	login_reply(&reply.auth_reply, login, proof);
	send(session->link.fd, &reply, sizeof(reply.auth_reply), MSG_NOSIGNAL | MSG_DONTWAIT);
	session_tell(session, WALL_PPP_AUTH);
	if (!session->authenticated && ++session->logins >= LOGINS_MAX)
		session_terminate(session, KILL_AFTER_MS);
}

/* Where the keeper was asked, it has said why already. */
void
session_refused(struct session *session)
{
	if (session->authenticated || session->stopping || session->ending.cause != CAUSE_NONE)
		return;
	session_set_ending(session, CAUSE_WRONG_PASSWORD, BY_SERVER,
			   "EAP did not prove who the client is: see pppd's lines in the journal");
	ban_note_login(session->keeper, &session->info.path, CAUSE_WRONG_PASSWORD);
	session_tell(session, WALL_PPP_AUTH);
}

void
session_login_forget(struct session *session)
{
	if (session->asked)
		explicit_bzero(session->asked, sizeof(*session->asked));
	free(session->asked);
	session->asked = NULL;
}

/* True when the servers are asked, and will answer. */
static bool
ask_servers(struct session *session, const struct proof *proof)
{
	session->asked = malloc(sizeof(*session->asked));
	if (!session->asked)
		return false;
	*session->asked = *proof;
	if (radius_login(session->keeper, &session->info, proof))
		return true;
	session_login_forget(session);
	return false;
}

/* No server has decided: the users file does where it is the second to be asked. */
static void
decide_alone(struct session *session, struct login *login, const struct proof *proof)
{
	if (session->keeper->conf->auth.order == ORDER_RADIUS)
		check(session, login, proof, session->keeper->conf->auth.methods);
	if (login->cause != CAUSE_UNKNOWN_USER)
		return;
	login->cause = CAUSE_RADIUS_DOWN;
	snprintf(login->text, sizeof(login->text), "%s", cause_text(CAUSE_RADIUS_DOWN));
}

void
session_login(struct session *session, const struct proof *proof)
{
	const struct conf *conf = session->keeper->conf;
	/* EAP-TLS was judged by pppd: of it there is a name only, which proves nothing to a server
	 */
	bool servers = radius_wanted(session->keeper) && proof->method != METHOD_EAP;
	struct login login = {.cause = CAUSE_UNKNOWN_USER};

	if (session->asked)
		return; /* a whole pppd waits for its answer */
	/* who asks a server first knows nothing yet of the user */
	if (!servers || conf->auth.order == ORDER_LOCAL || !(conf->auth.methods & proof->method))
		check(session, &login, proof, conf->auth.methods);
	if (servers && login.cause == CAUSE_UNKNOWN_USER) {
		if (ask_servers(session, proof))
			return;
		decide_alone(session, &login, proof);
	}
	session_login_done(session, &login, proof);
	explicit_bzero(&login, sizeof(login));
}

void
session_login_answer(struct keeper *keeper, const struct radius_verdict *verdict)
{
	struct session *session = session_find(keeper, verdict->ref);
	struct grant grant;
	struct login login;

	if (!session || !session->asked)
		return;
	login_decided(&login, session->asked, keeper->users, verdict, &grant);
	if (login.cause == CAUSE_RADIUS_DOWN) {
		login.cause = CAUSE_UNKNOWN_USER;
		decide_alone(session, &login, session->asked);
	} else if (login.cause == CAUSE_NONE && !radius_acct_note(&session->info, verdict)) {
		login.cause = CAUSE_NO_RESOURCES;
	}
	session_login_done(session, &login, session->asked);
	session_login_forget(session);
	explicit_bzero(&login, sizeof(login));
}

void
session_login_abandon(struct keeper *keeper)
{
	struct radius_verdict verdict = {.kind = RADIUS_VERDICT, .cause = CAUSE_RADIUS_DOWN};
	struct session *session;

	TAILQ_FOREACH(session, &keeper->session_list, next)
	{
		verdict.ref = session->info.ref;
		session_login_answer(keeper, &verdict);
	}
}
