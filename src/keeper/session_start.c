/*
 * Whose turn it is to have a pppd. A few of them start at the same time, the others wait, first in,
 * first out: when everybody comes back at once, hundreds that start together would all be late, and
 * their clients give up. It is over when pppd reads its line, which its plugin tells.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/inside.h"
#include "keeper/session_state.h"
#include "keeper/spawn.h"

#define STARTS_PER_CPU 4
/* One that is not there after this hangs, and the next does not wait for it. */
#define HANG_MS 5000
/* Sessions that are ending and do not count against server.max-sessions. */
#define STOPPING_MAX 64

static void
refuse(struct keeper *keeper, struct lns_ref ref, enum cause cause)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.spawned.kind = WALL_SPAWNED;
	msg.spawned.ref = ref;
	msg.spawned.cause = cause;
	keeper_send(keeper, &msg, -1);
}

/* Says which limit was met, and why to the client. */
static void
refuse_failed(struct keeper *keeper, struct lns_ref ref, enum spawn_step step, int error)
{
	const struct spawn_fault *fault = spawn_fault_find(step, error);
	uint32_t held;

	if (log_limit_pass(&keeper->starts.failed, loop_now(), &held))
		log_error("pppd could not be started session=%u-%u held_back=%u: %s: %s: %s",
			  ref.tid, ref.sid, held, keeper->conf->ppp.pppd, strerror(-error),
			  fault->text);
	refuse(keeper, ref, fault->cause);
}

static void
peer_text(char *out, size_t cap, const struct lns_addr *peer)
{
	if (!inet_ntop(peer->family == 6 ? AF_INET6 : AF_INET, peer->ip, out, (socklen_t)cap))
		snprintf(out, cap, "unknown");
}

/* Gives a session its pppd, of which the master is the caller's; 0 or -errno. */
static int
start_pppd(struct session *session, struct spawned *spawned)
{
	struct keeper *keeper = session->keeper;
	char peer[INET6_ADDRSTRLEN];
	struct pppd_start start = {.conf = keeper->conf,
				   .plugin = keeper->plugin,
				   .host_name = keeper->host_name,
				   .peer = peer,
				   .gateway = keeper->gateway,
				   .ipv6 = inside_wanted(keeper),
				   .line = session->lane.lane == LANE_KERNEL ? session->lane.line.fd
									     : -1,
				   .proved = session->authenticated};
	int error;

	peer_text(peer, sizeof(peer), &session->info.path.peer);
	error = spawn_pppd(spawned, &start, &keeper->spawner);
	if (error)
		return error;
	session->process.fd = spawned->pidfd;
	session->link.fd = spawned->link;
	session->line = spawned->line;
	error = loop_add(&keeper->loop, &session->process, EPOLLIN);
	if (error == 0)
		error = loop_add(&keeper->loop, &session->link, EPOLLIN);
	if (error) {
		close(spawned->master);
		kill(spawned->pid, SIGKILL);
		waitpid(spawned->pid, NULL, 0);
		return error;
	}
	session->pid = spawned->pid;
	return 0;
}

/* Its turn has come. Without memory for a timer nobody waits for it. */
static void
start(struct session *session)
{
	struct keeper *keeper = session->keeper;
	const struct lns_ref ref = session->info.ref;
	struct spawned spawned;
	union wall_msg msg;
	int error = start_pppd(session, &spawned);

	if (error) {
		session_leave(session);
		refuse_failed(keeper, ref, spawned.step, error);
		return;
	}
	if (loop_after(&keeper->loop, &session->hang, HANG_MS)) {
		session->start = START_RUNS;
		keeper->starts.running++;
	}
	log_debug("pppd starts session=%u-%u pid=%d waited_ms=%lld", ref.tid, ref.sid, spawned.pid,
		  (long long)(loop_now() - session->info.since));
	memset(&msg, 0, sizeof(msg));
	msg.spawned.kind = WALL_SPAWNED;
	msg.spawned.ref = ref;
	msg.spawned.pid = spawned.pid;
	msg.spawned.lane = session->lane.lane;
	msg.spawned.reason = session->lane.reason;
	msg.spawned.error = session->lane.error;
	keeper_send(keeper, &msg, spawned.master);
}

void
session_start_next(struct keeper *keeper)
{
	struct starts *starts = &keeper->starts;
	struct session *session;

	while ((session = TAILQ_FIRST(&starts->queue)) &&
	       (session->stopping || starts->running < starts->most)) {
		session_start_leave(session);
		if (session->stopping)
			session_over(session);
		else
			start(session);
	}
}

void
session_start_leave(struct session *session)
{
	struct starts *starts = &session->keeper->starts;

	if (session->start == START_WAITS) {
		TAILQ_REMOVE(&starts->queue, session, next_start);
		starts->waiting -= !session->stopping;
	} else if (session->start == START_RUNS) {
		loop_cancel(&session->keeper->loop, &session->hang);
		starts->running--;
	}
	session->start = START_OVER;
}

void
session_started(struct session *session)
{
	if (session->start != START_RUNS)
		return;
	session_start_leave(session);
	session_start_next(session->keeper);
}

void
session_due_hang(struct timer *timer)
{
	struct session *session = owner_of(timer, struct session, hang);
	struct keeper *keeper = session->keeper;
	uint32_t held;

	if (log_limit_pass(&keeper->starts.slow, loop_now(), &held))
		log_warning("pppd is slow to start session=%u-%u pid=%d held_back=%u: others wait "
			    "for it no more",
			    session->info.ref.tid, session->info.ref.sid, session->pid, held);
	session_start_leave(session);
	session_start_next(keeper);
}

/* Not at once: who ends it may be on the way through all sessions. Without memory for the timer it
 * ends when the next pppd has started. */
void
session_start_give_up(struct session *session)
{
	struct starts *starts = &session->keeper->starts;

	if (session->start != START_WAITS)
		return;
	starts->waiting--;
	TAILQ_REMOVE(&starts->queue, session, next_start);
	TAILQ_INSERT_HEAD(&starts->queue, session, next_start);
	loop_after(&session->keeper->loop, &starts->next, 0);
}

static void
due_next(struct timer *timer)
{
	session_start_next(owner_of(timer, struct keeper, starts.next));
}

void
session_start_init(struct keeper *keeper)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	TAILQ_INIT(&keeper->starts.queue);
	keeper->starts.most = STARTS_PER_CPU * (cpus > 0 ? (size_t)cpus : 1);
	keeper->starts.next.due = due_next;
}

/* A client may call again as soon as its call has ended, while the old pppd still says good-bye: a
 * few of these do not count. Not more, for each is a process whatever the worker says. */
static bool
is_full(const struct keeper *keeper)
{
	size_t spared =
		keeper->stopping_count < STOPPING_MAX ? keeper->stopping_count : STOPPING_MAX;

	return keeper->session_count - spared >= keeper->conf->server.max_sessions;
}

bool
session_spawn(struct keeper *keeper, const struct wall_spawn *spawn)
{
	struct session *session;

	if (session_find(keeper, spawn->ref))
		return false;
	if (keeper->ending || is_full(keeper)) {
		refuse(keeper, spawn->ref, keeper->ending ? CAUSE_SHUTDOWN : CAUSE_LIMIT);
		return true;
	}
	session = session_enter(keeper, spawn);
	if (!session) {
		refuse_failed(keeper, spawn->ref, SPAWN_WATCH, -ENOMEM);
		return true;
	}
	/* at once: the kernel keeps what comes until pppd has its turn */
	lane_take(keeper, spawn, &session->lane);
	session->start = START_WAITS;
	TAILQ_INSERT_TAIL(&keeper->starts.queue, session, next_start);
	keeper->starts.waiting++;
	if (session->authenticated)
		session_tell(session, WALL_PPP_AUTH);
	session_start_next(keeper);
	return true;
}
