/* The part of a session in which its client says who it is: asked by pppd, or by a LAC before. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "keeper/login.h"
#include "keeper/session_state.h"

/* A client may try again on one link (PAP); nobody needs more. */
#define LOGINS_MAX 3

static size_t
sessions_of(const struct session *self, const char *user)
{
	const struct session *other;
	size_t count = 0;

	TAILQ_FOREACH(other, &self->keeper->session_list, next)
	if (other != self && other->authenticated && strcmp(other->info.user, user) == 0)
		count++;
	return count;
}

/* The limit on an account's sessions, which only the whole table can tell. */
static void
check_limit(const struct session *session, struct login *login)
{
	uint32_t limit = session->keeper->conf->auth.max_sessions_per_user;
	size_t count = sessions_of(session, login->user);

	if (login->account->grant.max_sessions)
		limit = login->account->grant.max_sessions;
	if (count < limit)
		return;
	login->cause = CAUSE_LIMIT;
	snprintf(login->text, sizeof(login->text), "the user has %zu of %u sessions", count, limit);
}

/* Everything that a client must pass to be let in, whoever asked it. */
static void
try_login(struct session *session, struct login *login, const struct proof *proof, unsigned methods)
{
	login_check(login, proof, methods, session->keeper->users, time(NULL));
	if (login->cause == CAUSE_NONE)
		check_limit(session, login);
	if (login->cause == CAUSE_NONE && session->stopping)
		login->cause = session->ending.cause;
	session->authenticated = login->cause == CAUSE_NONE;
	grant_fini(&session->info.grant);
	if (session->authenticated && !grant_copy(&session->info.grant, &login->account->grant)) {
		login->cause = CAUSE_NO_RESOURCES;
		session->authenticated = false;
	}
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

	if (proof->method == 0 || !trusts_any_lac(session->keeper->conf))
		return;
	try_login(session, &login, proof, METHOD_PAP | METHOD_CHAP);
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
session_login(struct session *session, const struct proof *proof)
{
	union plink_msg reply;
	struct login login;

	try_login(session, &login, proof, session->keeper->conf->auth.methods);
	memcpy(session->info.user, login.user, sizeof(session->info.user));
	memset(&session->ending, 0, sizeof(session->ending));
	if (!session->authenticated)
		session_set_ending(session, login.cause, BY_SERVER, login.text);
	memset(&reply, 0, sizeof(reply));
	login_reply(&reply.auth_reply, &login, proof);
	send(session->link.fd, &reply, sizeof(reply.auth_reply), MSG_NOSIGNAL);
	explicit_bzero(&login, sizeof(login));
	session_tell(session, WALL_PPP_AUTH);
	if (!session->authenticated && ++session->logins >= LOGINS_MAX)
		session_terminate(session, KILL_AFTER_MS);
}
