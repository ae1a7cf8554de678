/*
 * A session's life here: its turn, login, address, up, end. Its end is pppd's end, seen by its
 * pidfd, if it has one yet; then the address goes back and the worker hears why, once.
 */
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

#include "keeper/inside.h"
#include "keeper/leases.h"
#include "keeper/net.h"
#include "keeper/radius_acct.h"
#include "keeper/session_state.h"

static int
compare_refs(const void *a, const void *b)
{
	const struct session *x = a, *y = b;

	if (x->info.ref.tid != y->info.ref.tid)
		return x->info.ref.tid < y->info.ref.tid ? -1 : 1;
	if (x->info.ref.sid != y->info.ref.sid)
		return x->info.ref.sid < y->info.ref.sid ? -1 : 1;
	return x->info.ref.serial < y->info.ref.serial ? -1
						       : x->info.ref.serial > y->info.ref.serial;
}

struct session *
session_find(struct keeper *keeper, struct lns_ref ref)
{
	struct session key = {.info.ref = ref};
	struct session **found = tfind(&key, &keeper->sessions, compare_refs);

	return found ? *found : NULL;
}

void
session_set_ending(struct session *session, enum cause cause, enum closed_by by, const char *text)
{
	session->ending = (struct ending){.cause = cause, .by = by};
	snprintf(session->ending.text, sizeof(session->ending.text), "%s",
		 text && text[0] ? text : cause_text(cause));
}

void
session_tell(struct session *session, enum wall_kind kind)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.ppp.kind = kind;
	msg.ppp.ref = session->info.ref;
	msg.ppp.ok = kind != WALL_PPP_AUTH || session->authenticated;
	msg.ppp.cause = session->ending.cause;
	msg.ppp.by = session->ending.by;
	msg.ppp.address = session->info.address;
	msg.ppp.gateway = session->keeper->gateway;
	memcpy(msg.ppp.user, session->info.user, sizeof(msg.ppp.user));
	memcpy(msg.ppp.ifname, session->info.ifname, sizeof(msg.ppp.ifname));
	memcpy(msg.ppp.text, session->ending.text, sizeof(msg.ppp.text));
	keeper_send(session->keeper, &msg, -1);
}

void
session_terminate(struct session *session, mstime_t kill_after)
{
	bool first = !session->stopping;

	session->stopping = true;
	session->keeper->stopping_count += first;
	if (session->pid == 0) {
		if (first)
			session_start_give_up(session);
		return;
	}
	if (first)
		kill(session->pid, SIGTERM);
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

/* An address, or the reason why there is none. */
static void
take_address(struct session *session)
{
	char text[sizeof(session->ending.text)];

	if (session->info.address || !session->authenticated)
		return;
	inside_take(session->keeper, &session->info);
	if (!lease_take(session->keeper, &session->info, text, sizeof(text)))
		session_set_ending(session, CAUSE_NO_ADDRESS, BY_SERVER, text);
}

/* No client has an address without its rules. */
static bool
admit(struct session *session)
{
	if (net_admit(session->keeper, &session->info) == 0)
		return true;
	session_set_ending(session, CAUSE_NO_RESOURCES, BY_SERVER,
			   "the gateway cannot set the rules of the session");
	return false;
}

/* Its own session of before has the fixed address still, but not for long: that is waited for. */
static bool
has_to_wait(const struct session *session)
{
	const struct session *other;
	uint32_t address = session->info.grant.address;

	if (!session->authenticated || session->stopping || !address || session->info.address)
		return false;
	TAILQ_FOREACH(other, &session->keeper->session_list, next)
	if (other->info.address == address)
		return other->stopping;
	return false;
}

/* Its address, or a refusal, once there is no more to wait for. */
static void
give_address(struct session *session)
{
	union plink_msg reply;
	bool ok;

	session->waits = has_to_wait(session);
	if (session->waits)
		return;
	take_address(session);
	ok = session->info.address != 0 && admit(session);
	memset(&reply, 0, sizeof(reply));
	reply.address_reply.kind = PLINK_ADDRESS_REPLY;
	reply.address_reply.ok = ok;
	reply.address_reply.address = session->info.address;
	reply.address_reply.idle_timeout_s = session->info.grant.idle_timeout_s;
	reply.address_reply.dns_count = (uint32_t)session->info.grant.dns_count;
	memcpy(reply.address_reply.dns, session->info.grant.dns, sizeof(reply.address_reply.dns));
	reply.address_reply.tid = session->info.ref.tid;
	reply.address_reply.sid = session->info.ref.sid;
	memcpy(reply.address_reply.user, session->info.user, sizeof(reply.address_reply.user));
	reply.address_reply.call = session->info.call;
	send(session->link.fd, &reply, sizeof(reply.address_reply), MSG_NOSIGNAL | MSG_DONTWAIT);
	if (!ok)
		session_terminate(session, KILL_AFTER_MS);
}

static void
rx_address(struct session *session, const struct plink_up *ask)
{
	memcpy(session->info.ifname, ask->ifname, sizeof(session->info.ifname));
	give_address(session);
}

static void
rx_lcp(struct session *session, const struct plink_lcp *lcp)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.lcp.kind = WALL_PPP_LCP;
	msg.lcp.ref = session->info.ref;
	msg.lcp.send_accm = lcp->send_accm;
	msg.lcp.receive_accm = lcp->receive_accm;
	keeper_send(session->keeper, &msg, -1);
}

static void
rx_up(struct session *session)
{
	if (!session->info.net || session->up)
		return;
	session->up = true;
	net_up(session->keeper, &session->info);
	session->info.up_since = loop_now();
	session_tell(session, WALL_PPP_UP);
	inside_up(session->keeper, &session->info);
	radius_acct_start(session->keeper, &session->info);
	session_set_limit(session->keeper, &session->info);
}

/* Before IPCP or after it, or never; but pppd begins with IPCP, and so with the address. */
static void
rx_up6(struct session *session)
{
	if (session->info.net && !session->stopping)
		inside_up6(session->keeper, &session->info);
}

static void
receive(struct session *session, const union plink_msg *msg)
{
	switch ((enum plink_kind)msg->kind) {
	case PLINK_AUTH:
		session_login(session, &msg->auth.proof);
		return;
	case PLINK_LCP:
		rx_lcp(session, &msg->lcp);
		return;
	case PLINK_ADDRESS:
		rx_address(session, &msg->up);
		return;
	case PLINK_UP:
		rx_up(session);
		return;
	case PLINK_UP6:
		rx_up6(session);
		return;
	case PLINK_REFUSED:
		session_refused(session);
		return;
	case PLINK_DOWN:
		session->course = (struct pppd_course){
			.stage = (enum plink_stage)msg->down.stage,
			.status = msg->down.status,
			.peer_closed = msg->down.peer_closed != 0,
		};
		return;
	case PLINK_STARTED:
		log_debug("pppd reads its line session=%u-%u pid=%d", session->info.ref.tid,
			  session->info.ref.sid, session->pid);
		return;
	case PLINK_AUTH_REPLY:
	case PLINK_ADDRESS_REPLY:
	case PLINK_KIND_END:
		return; /* the keeper's own kinds: plink_valid() lets none in */
	}
}

enum heard { LINK_OVER, LINK_SILENT, LINK_SPOKE };

/* One message: a plugin that has asked waits for its answer. */
static enum heard
read_link(struct session *session)
{
	union plink_msg msg;
	ssize_t n = recv(session->link.fd, &msg, sizeof(msg), MSG_TRUNC | MSG_DONTWAIT);
	enum heard heard = LINK_OVER;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? LINK_SILENT : LINK_OVER;
	if (n == 0)
		return heard;
	if (plink_valid(&msg, (size_t)n, PLINK_FROM_PLUGIN)) {
		heard = LINK_SPOKE;
		receive(session, &msg);
		session_started(session);
	} else {
		log_warning("pppd pid=%d: its plugin said what is not allowed, ending it",
			    session->pid);
		session_terminate(session, KILL_AFTER_MS);
	}
	explicit_bzero(&msg, sizeof(msg));
	return heard;
}

static void
link_ready(struct source *source, uint32_t events)
{
	struct session *session = owner_of(source, struct session, link);

	(void)events;
	if (read_link(session) == LINK_OVER)
		loop_close(&session->keeper->loop, &session->link);
}

/* An address is free again. */
static void
serve_waiting(struct keeper *keeper, uint32_t address)
{
	struct session *session;

	TAILQ_FOREACH(session, &keeper->session_list, next)
	{
		if (session->waits && session->info.grant.address == address)
			give_address(session);
	}
}

void
session_leave(struct session *session)
{
	struct keeper *keeper = session->keeper;
	uint32_t address = session->info.address;

	radius_acct_stop(keeper, &session->info, session->ending.cause);
	inside_down(keeper, &session->info);
	net_down(keeper, &session->info);
	lease_give(keeper, &session->info);
	loop_cancel(&keeper->loop, &session->kill);
	loop_cancel(&keeper->loop, &session->limit);
	session_start_leave(session);
	loop_close(&keeper->loop, &session->link);
	loop_close(&keeper->loop, &session->process);
	if (session->line >= 0)
		close(session->line);
	lane_give(keeper, &session->lane);
	tdelete(session, &keeper->sessions, compare_refs);
	TAILQ_REMOVE(&keeper->session_list, session, next);
	keeper->session_count--;
	keeper->stopping_count -= session->stopping;
	session_login_forget(session);
	grant_fini(&session->info.grant);
	ban_session_over(keeper, &session->info.path.peer);
	free(session);
	if (address)
		serve_waiting(keeper, address);
}

void
session_over(struct session *session)
{
	struct keeper *keeper = session->keeper;

	session_tell(session, WALL_PPP_DOWN);
	session_past_owe(session);
	session_leave(session);
	if (keeper->ending)
		keeper_end(keeper, keeper->exit_code);
}

static void
process_ready(struct source *source, uint32_t events)
{
	struct session *session = owner_of(source, struct session, process);
	struct keeper *keeper = session->keeper;
	struct ending ending;
	pid_t pid = session->pid;
	int status;

	(void)events;
	if (waitpid(pid, &status, WNOHANG) != pid)
		return;
	session->pid = 0; /* it may be another's from now on */
	while (session->link.fd >= 0 && read_link(session) == LINK_SPOKE)
		;
	pppd_exit_read(&ending, status, &session->course);
	if (session->ending.cause == CAUSE_NONE)
		session->ending = ending;
	log_debug("pppd ended session=%u-%u pid=%d: %s", session->info.ref.tid,
		  session->info.ref.sid, pid, ending.text);
	session_over(session);
	session_start_next(keeper);
}

struct session *
session_enter(struct keeper *keeper, const struct wall_spawn *spawn)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->keeper = keeper;
	session->info.ref = spawn->ref;
	session->info.path = spawn->path;
	session->info.since = loop_now();
	session->process = (struct source){.fd = -1, .ready = process_ready};
	session->link = (struct source){.fd = -1, .ready = link_ready};
	session->line = -1;
	session->kill.due = due_kill;
	session->limit.due = session_due_limit;
	session->hang.due = session_due_hang;
	if (!tsearch(session, &keeper->sessions, compare_refs)) {
		free(session);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&keeper->session_list, session, next);
	keeper->session_count++;
	session_login_proxied(session, &spawn->proxied);
	return session;
}

void
session_call(struct keeper *keeper, const struct wall_call *call)
{
	struct session *session = session_find(keeper, call->ref);

	if (!session)
		return;
	session->info.call = call->call;
	lane_call(keeper, call, &session->lane);
}

static void
end(struct session *session, enum cause cause, enum closed_by by, const char *text)
{
	if (!session)
		return;
	if (session->ending.cause == CAUSE_NONE)
		session_set_ending(session, cause, by, text);
	session_terminate(session, KILL_AFTER_MS);
}

void
session_stop(struct keeper *keeper, const struct wall_stop *stop)
{
	struct session *session = session_find(keeper, stop->ref);
	enum cause cause = stop->cause < CAUSE_COUNT ? (enum cause)stop->cause : CAUSE_NONE;

	if (session)
		lane_hang_up(&session->lane);
	end(session, cause,
	    cause == CAUSE_ADMIN	  ? BY_ADMIN
	    : cause == CAUSE_USER_REQUEST ? BY_CLIENT
					  : BY_SERVER,
	    NULL);
}

void
session_end(struct keeper *keeper, struct lns_ref ref, enum cause cause, enum closed_by by,
	    const char *text)
{
	end(session_find(keeper, ref), cause, by, text);
}

void
session_each(struct keeper *keeper, session_fn *fn, void *ctx)
{
	struct session *session;

	TAILQ_FOREACH(session, &keeper->session_list, next)
	{
		if (session->authenticated && !session->stopping && !fn(ctx, &session->info))
			return;
	}
}

void
session_stop_all(struct keeper *keeper, int kill_after_ms)
{
	struct session *session;

	TAILQ_FOREACH(session, &keeper->session_list, next)
	{
		if (session->ending.cause == CAUSE_NONE)
			session_set_ending(session, CAUSE_SHUTDOWN, BY_SERVER, NULL);
		session_terminate(session, kill_after_ms);
	}
}

void
session_move_addresses(const struct keeper *keeper, struct pool *pool)
{
	const struct session *session;

	TAILQ_FOREACH(session, &keeper->session_list, next)
	if (session->info.address)
		pool_take_fixed(pool, session->info.address);
}

void
session_move_prefixes(const struct keeper *keeper, struct pool6 *pool)
{
	const struct session *session;

	TAILQ_FOREACH(session, &keeper->session_list, next)
	if (session->info.prefix6.family)
		pool6_take_fixed(pool, &session->info.prefix6);
}
