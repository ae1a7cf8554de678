/*
 * A session's life here: spawn, login, address, up, end. Its end is always pppd's end, seen by its
 * pidfd; then the address goes back and the worker hears why, once.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/login.h"
#include "keeper/pppd_exit.h"
#include "keeper/session.h"
#include "keeper/spawn.h"
#include "keeper/state.h"

/* A pppd that was asked to go and does not is killed after this. */
#define KILL_AFTER_MS 3000
/* A client may try again on one link (PAP); nobody needs more. */
#define LOGINS_MAX 3

struct session {
	TAILQ_ENTRY(session) next;
	struct keeper *keeper;
	struct lns_ref ref;
	pid_t pid;
	struct source process, link;
	int line; /* see spawn.h */
	struct timer kill;
	unsigned logins;
	bool authenticated, stopping, up;
	struct pppd_course course;
	struct call call;
	char user[128];
	uint32_t fixed, address; /* the account's own; the one it has */
	char ifname[16];
	struct ending ending; /* why, where we know better than pppd's exit code */
};

static int
compare_refs(const void *a, const void *b)
{
	const struct session *x = a, *y = b;

	if (x->ref.tid != y->ref.tid)
		return x->ref.tid < y->ref.tid ? -1 : 1;
	if (x->ref.sid != y->ref.sid)
		return x->ref.sid < y->ref.sid ? -1 : 1;
	return x->ref.serial < y->ref.serial ? -1 : x->ref.serial > y->ref.serial;
}

static struct session *
find(struct keeper *keeper, struct lns_ref ref)
{
	struct session key = {.ref = ref};
	struct session **found = tfind(&key, &keeper->sessions, compare_refs);

	return found ? *found : NULL;
}

static void
set_ending(struct session *session, enum cause cause, enum closed_by by, const char *text)
{
	session->ending = (struct ending){.cause = cause, .by = by};
	snprintf(session->ending.text, sizeof(session->ending.text), "%s",
		 text && text[0] ? text : cause_text(cause));
}

static void
tell(struct session *session, enum wall_kind kind)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.ppp.kind = kind;
	msg.ppp.ref = session->ref;
	msg.ppp.ok = kind != WALL_PPP_AUTH || session->authenticated;
	msg.ppp.cause = session->ending.cause;
	msg.ppp.by = session->ending.by;
	msg.ppp.address = session->address;
	msg.ppp.gateway = session->keeper->gateway;
	memcpy(msg.ppp.user, session->user, sizeof(msg.ppp.user));
	memcpy(msg.ppp.ifname, session->ifname, sizeof(msg.ppp.ifname));
	memcpy(msg.ppp.text, session->ending.text, sizeof(msg.ppp.text));
	keeper_send(session->keeper, &msg, -1);
}

/* SIGTERM, so that the client gets an LCP Terminate-Request; SIGKILL when that does not help. */
static void
terminate(struct session *session, mstime_t kill_after)
{
	if (!session->stopping)
		kill(session->pid, SIGTERM);
	session->stopping = true;
	if (!loop_after(&session->keeper->loop, &session->kill, kill_after))
		kill(session->pid, SIGKILL);
}

static void
due_kill(struct timer *timer)
{
	struct session *session = owner_of(timer, struct session, kill);

	log_warning("pppd pid=%d did not end when asked, killing it", session->pid);
	kill(session->pid, SIGKILL);
}

static size_t
sessions_of(const struct session *self, const char *user)
{
	const struct session *other;
	size_t count = 0;

	TAILQ_FOREACH(other, &self->keeper->session_list, next)
	if (other != self && other->authenticated && strcmp(other->user, user) == 0)
		count++;
	return count;
}

/* The limit on an account's sessions, which only the whole table can tell. */
static void
check_limit(const struct session *session, struct login *login)
{
	uint32_t limit = session->keeper->conf->auth.max_sessions_per_user;
	size_t count = sessions_of(session, login->user);

	if (login->account->max_sessions)
		limit = login->account->max_sessions;
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
	if (session->authenticated)
		session->fixed = login->account->address;
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
static void
try_proxied(struct session *session, const struct proof *proof)
{
	char user[300];
	struct login login;

	if (proof->method == 0 || !trusts_any_lac(session->keeper->conf))
		return;
	try_login(session, &login, proof, METHOD_PAP | METHOD_CHAP);
	log_escape(user, sizeof(user), login.user, strlen(login.user));
	if (session->authenticated) {
		memcpy(session->user, login.user, sizeof(session->user));
		log_info("what the LAC heard proves user=\"%s\" session=%u-%u", user,
			 session->ref.tid, session->ref.sid);
	} else {
		log_info("what the LAC heard does not let in user=\"%s\" session=%u-%u cause=%s "
			 "text=\"%s\": the client itself is asked",
			 user, session->ref.tid, session->ref.sid, cause_name(login.cause),
			 login.text);
	}
	explicit_bzero(&login, sizeof(login));
}

static void
rx_auth(struct session *session, const struct proof *proof)
{
	union plink_msg reply;
	struct login login;

	try_login(session, &login, proof, session->keeper->conf->auth.methods);
	memcpy(session->user, login.user, sizeof(session->user));
	memset(&session->ending, 0, sizeof(session->ending));
	if (!session->authenticated)
		set_ending(session, login.cause, BY_SERVER, login.text);
	memset(&reply, 0, sizeof(reply));
	login_reply(&reply.auth_reply, &login, proof);
	send(session->link.fd, &reply, sizeof(reply.auth_reply), MSG_NOSIGNAL);
	explicit_bzero(&login, sizeof(login));
	tell(session, WALL_PPP_AUTH);
	if (!session->authenticated && ++session->logins >= LOGINS_MAX)
		terminate(session, KILL_AFTER_MS);
}

/* An address, or the reason why there is none. */
static void
take_address(struct session *session)
{
	struct pool *pool = session->keeper->pool;
	char text[96];

	if (session->address || !session->authenticated)
		return;
	if (!session->fixed)
		session->address = pool_take(pool);
	else if (pool_take_fixed(pool, session->fixed))
		session->address = session->fixed;
	if (session->address)
		return;
	if (session->fixed)
		snprintf(text, sizeof(text), "the user's fixed address is in use");
	else
		snprintf(text, sizeof(text),
			 "address pool is exhausted (%zu in use): enlarge network.pool",
			 pool_used(pool));
	set_ending(session, CAUSE_NO_ADDRESS, BY_SERVER, text);
	problem_set(session->keeper, PROBLEM_POOL, "warning",
		    session->fixed ? "" : "address pool is exhausted",
		    "enlarge network.pool and reload");
}

static void
rx_address(struct session *session)
{
	union plink_msg reply;

	take_address(session);
	memset(&reply, 0, sizeof(reply));
	reply.address_reply.kind = PLINK_ADDRESS_REPLY;
	reply.address_reply.ok = session->address != 0;
	reply.address_reply.address = session->address;
	reply.address_reply.tid = session->ref.tid;
	reply.address_reply.sid = session->ref.sid;
	memcpy(reply.address_reply.user, session->user, sizeof(reply.address_reply.user));
	reply.address_reply.call = session->call;
	send(session->link.fd, &reply, sizeof(reply.address_reply), MSG_NOSIGNAL);
	if (!session->address)
		terminate(session, KILL_AFTER_MS);
}

static void
rx_lcp(struct session *session, const struct plink_lcp *lcp)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.lcp.kind = WALL_PPP_LCP;
	msg.lcp.ref = session->ref;
	msg.lcp.send_accm = lcp->send_accm;
	msg.lcp.receive_accm = lcp->receive_accm;
	keeper_send(session->keeper, &msg, -1);
}

static void
rx_up(struct session *session, const struct plink_up *up)
{
	if (!session->address || session->up)
		return;
	session->up = true;
	memcpy(session->ifname, up->ifname, sizeof(session->ifname));
	tell(session, WALL_PPP_UP);
}

static void
receive(struct session *session, const union plink_msg *msg)
{
	switch ((enum plink_kind)msg->kind) {
	case PLINK_AUTH:
		rx_auth(session, &msg->auth.proof);
		return;
	case PLINK_LCP:
		rx_lcp(session, &msg->lcp);
		return;
	case PLINK_ADDRESS:
		rx_address(session);
		return;
	case PLINK_UP:
		rx_up(session, &msg->up);
		return;
	case PLINK_DOWN:
		session->course = (struct pppd_course){
			.stage = (enum plink_stage)msg->down.stage,
			.status = msg->down.status,
			.peer_closed = msg->down.peer_closed != 0,
		};
		return;
	case PLINK_AUTH_REPLY:
	case PLINK_ADDRESS_REPLY:
	case PLINK_KIND_END:
		return; /* the keeper's own kinds: plink_valid() lets none in */
	}
}

/* Reads all there is. False when the link is over. */
static bool
read_link(struct session *session)
{
	union plink_msg msg;
	ssize_t n;

	while ((n = recv(session->link.fd, &msg, sizeof(msg), MSG_TRUNC)) > 0) {
		if (!plink_valid(&msg, (size_t)n, PLINK_FROM_PLUGIN)) {
			log_warning("pppd pid=%d: its plugin said what is not allowed, ending it",
				    session->pid);
			terminate(session, KILL_AFTER_MS);
			n = 0;
			break;
		}
		receive(session, &msg);
	}
	explicit_bzero(&msg, sizeof(msg));
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
link_ready(struct source *source, uint32_t events)
{
	struct session *session = owner_of(source, struct session, link);

	(void)events;
	if (!read_link(session))
		loop_close(&session->keeper->loop, &session->link);
}

static void
session_free(struct session *session)
{
	struct keeper *keeper = session->keeper;

	if (session->address)
		pool_give(keeper->pool, session->address);
	loop_cancel(&keeper->loop, &session->kill);
	loop_close(&keeper->loop, &session->link);
	loop_close(&keeper->loop, &session->process);
	if (session->line >= 0)
		close(session->line);
	tdelete(session, &keeper->sessions, compare_refs);
	TAILQ_REMOVE(&keeper->session_list, session, next);
	keeper->session_count--;
	free(session);
}

static void
process_ready(struct source *source, uint32_t events)
{
	struct session *session = owner_of(source, struct session, process);
	struct keeper *keeper = session->keeper;
	struct ending ending;
	int status;

	(void)events;
	if (waitpid(session->pid, &status, WNOHANG) != session->pid)
		return;
	if (session->link.fd >= 0)
		read_link(session);
	pppd_exit_read(&ending, status, &session->course);
	if (session->ending.cause == CAUSE_NONE)
		session->ending = ending;
	log_debug("pppd ended session=%u-%u pid=%d: %s", session->ref.tid, session->ref.sid,
		  session->pid, ending.text);
	tell(session, WALL_PPP_DOWN);
	session_free(session);
	if (pool_used(keeper->pool) < pool_size(keeper->pool))
		problem_set(keeper, PROBLEM_POOL, "", "", "");
	if (keeper->ending)
		keeper_end(keeper, keeper->exit_code);
}

static void
refuse_spawn(struct keeper *keeper, struct lns_ref ref, enum cause cause)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.spawned.kind = WALL_SPAWNED;
	msg.spawned.ref = ref;
	msg.spawned.cause = cause;
	keeper_send(keeper, &msg, -1);
}

/* Enters a session without a process yet, its client let in already where what the LAC heard is
 * good for that; NULL when memory is short. */
static struct session *
session_new(struct keeper *keeper, const struct wall_spawn *spawn)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->keeper = keeper;
	session->ref = spawn->ref;
	session->process = (struct source){.fd = -1, .ready = process_ready};
	session->link = (struct source){.fd = -1, .ready = link_ready};
	session->line = -1;
	session->kill.due = due_kill;
	if (!tsearch(session, &keeper->sessions, compare_refs)) {
		free(session);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&keeper->session_list, session, next);
	keeper->session_count++;
	try_proxied(session, &spawn->proxied);
	return session;
}

static void
peer_text(char *out, size_t cap, const struct lns_addr *peer)
{
	if (!inet_ntop(peer->family == 6 ? AF_INET6 : AF_INET, peer->ip, out, (socklen_t)cap))
		snprintf(out, cap, "unknown");
}

/* Gives a new session its pppd; 0, or -errno with nothing left of it. */
static int
start_session(struct session *session, const struct lns_path *path, int *master)
{
	struct keeper *keeper = session->keeper;
	char peer[INET6_ADDRSTRLEN];
	struct pppd_start start = {.conf = keeper->conf,
				   .plugin = keeper->plugin,
				   .host_name = keeper->host_name,
				   .peer = peer,
				   .gateway = keeper->gateway,
				   .proved = session->authenticated};
	struct spawned spawned;
	int error;

	peer_text(peer, sizeof(peer), &path->peer);
	error = spawn_pppd(&spawned, &start);
	if (error)
		return error;
	session->pid = spawned.pid;
	session->process.fd = spawned.pidfd;
	session->link.fd = spawned.link;
	session->line = spawned.line;
	*master = spawned.master;
	error = loop_add(&keeper->loop, &session->process, EPOLLIN);
	if (error == 0)
		error = loop_add(&keeper->loop, &session->link, EPOLLIN);
	if (error) {
		close(spawned.master);
		kill(spawned.pid, SIGKILL);
		waitpid(spawned.pid, NULL, 0);
	}
	return error;
}

bool
session_spawn(struct keeper *keeper, const struct wall_spawn *spawn)
{
	struct session *session;
	union wall_msg msg;
	int error, master = -1;

	if (find(keeper, spawn->ref))
		return false;
	if (keeper->ending || keeper->session_count >= keeper->conf->server.max_sessions) {
		refuse_spawn(keeper, spawn->ref, keeper->ending ? CAUSE_SHUTDOWN : CAUSE_LIMIT);
		return true;
	}
	session = session_new(keeper, spawn);
	error = session ? start_session(session, &spawn->path, &master) : -ENOMEM;
	if (error) {
		log_error("pppd could not be started: %s: %s (check ppp.pppd, LimitNOFILE and "
			  "/proc/sys/kernel/pty/max)",
			  keeper->conf->ppp.pppd, strerror(-error));
		refuse_spawn(keeper, spawn->ref, CAUSE_PPPD_START);
		if (session)
			session_free(session);
		return true;
	}
	memset(&msg, 0, sizeof(msg));
	msg.spawned.kind = WALL_SPAWNED;
	msg.spawned.ref = spawn->ref;
	msg.spawned.pid = session->pid;
	keeper_send(keeper, &msg, master);
	if (session->authenticated)
		tell(session, WALL_PPP_AUTH);
	return true;
}

void
session_call(struct keeper *keeper, const struct wall_call *call)
{
	struct session *session = find(keeper, call->ref);

	if (session)
		session->call = call->call;
}

void
session_stop(struct keeper *keeper, const struct wall_stop *stop)
{
	struct session *session = find(keeper, stop->ref);
	enum cause cause = stop->cause < CAUSE_COUNT ? (enum cause)stop->cause : CAUSE_NONE;

	if (!session)
		return;
	if (session->ending.cause == CAUSE_NONE)
		set_ending(session, cause,
			   cause == CAUSE_ADMIN		 ? BY_ADMIN
			   : cause == CAUSE_USER_REQUEST ? BY_CLIENT
							 : BY_SERVER,
			   NULL);
	terminate(session, KILL_AFTER_MS);
}

void
session_stop_all(struct keeper *keeper, int kill_after_ms)
{
	struct session *session;

	TAILQ_FOREACH(session, &keeper->session_list, next)
	{
		if (session->ending.cause == CAUSE_NONE)
			set_ending(session, CAUSE_SHUTDOWN, BY_SERVER, NULL);
		terminate(session, kill_after_ms);
	}
}

void
session_move_addresses(const struct keeper *keeper, struct pool *pool)
{
	const struct session *session;

	TAILQ_FOREACH(session, &keeper->session_list, next)
	if (session->address)
		pool_take_fixed(pool, session->address);
}
