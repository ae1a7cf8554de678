/* The keeper's life: one loop over signals, the wall, the worker's end, pppds and netlink. */
#include "keeper.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "ctl.h"
#include "keeper/inside.h"
#include "keeper/leases.h"
#include "keeper/net.h"
#include "keeper/pulse.h"
#include "keeper/radius_acct.h"
#include "keeper/reload.h"
#include "keeper/session.h"
#include "keeper/state.h"

/* The contract gives the whole shutdown ten seconds. */
#define PPPD_GRACE_MS 5000
#define WORKER_GRACE_MS 7000
#define LAST_WAIT_MS 1000
#define KEEPER_NICE (-10) /* where the real-time class is refused */

void
keeper_send(struct keeper *keeper, const union wall_msg *msg, int pass_fd)
{
	int error = wall_send(keeper->wall, msg, pass_fd);

	if (wall_wants_write(keeper->wall))
		loop_change(&keeper->loop, &keeper->wall_source, EPOLLIN | EPOLLOUT);
	if (error && !keeper->ending) {
		log_error("wall: the worker does not listen (%s), ending", strerror(-error));
		keeper_end(keeper, 1);
	}
}

void
keeper_name(struct keeper *keeper)
{
	snprintf(keeper->host_name, sizeof(keeper->host_name), "%s",
		 keeper->conf->server.host_name);
	if (!keeper->host_name[0] &&
	    gethostname(keeper->host_name, sizeof(keeper->host_name) - 1) < 0)
		strcpy(keeper->host_name, "lnsd");
}

void
keeper_ready(struct keeper *keeper)
{
	if (keeper->ready_told || !keeper->worker_ready || !keeper->ipsec.tries || keeper->ending)
		return;
	keeper->ready_told = true;
	log_notice("lnsd %s ready", LNSD_VERSION);
	sd_notify(0, "READY=1\nSTATUS=serving");
}

void
keeper_end(struct keeper *keeper, int exit_code)
{
	static const union wall_msg shutdown = {.plain = {.kind = WALL_SHUTDOWN}};

	if (!keeper->ending) {
		keeper->ending = true;
		keeper->exit_code = exit_code;
		sd_notify(0, "STOPPING=1\nSTATUS=ending sessions");
		ipsec_stop(keeper);
		ipsec_drop_stop(keeper);
		marks_used_stop(keeper);
		/* the worker first: its StopCCN tells a client more than a silent line */
		if (keeper->worker)
			keeper_send(keeper, &shutdown, -1);
		session_stop_all(keeper, PPPD_GRACE_MS);
		loop_after(&keeper->loop, &keeper->deadline, WORKER_GRACE_MS);
	}
	keeper->loop.stop =
		keeper->worker == 0 && keeper->session_count == 0 && radius_finish(keeper);
}

static void
due_deadline(struct timer *timer)
{
	struct keeper *keeper = owner_of(timer, struct keeper, deadline);

	/* a process that even SIGKILL does not end must not hold up the shutdown */
	if (keeper->overdue) {
		keeper->loop.stop = true;
		return;
	}
	keeper->overdue = true;
	if (keeper->worker) {
		log_warning("the worker did not end when asked, killing it");
		kill(keeper->worker, SIGKILL);
	}
	loop_after(&keeper->loop, timer, LAST_WAIT_MS);
}

static void
signals_ready(struct source *source, uint32_t events)
{
	struct keeper *keeper = owner_of(source, struct keeper, signals);
	struct signalfd_siginfo info;

	(void)events;
	if (read(source->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP && !keeper->ending)
		reload_by_signal(keeper);
	else if (info.ssi_signo != SIGHUP) {
		log_notice("ending by signal %u", info.ssi_signo);
		keeper_end(keeper, 0);
	}
}

/* What it had still to say of its sessions. */
static void
read_last_words(struct keeper *keeper)
{
	union wall_msg msg;
	int fd;

	while (wall_recv(keeper->wall, &msg, &fd) > 0) {
		if (msg.kind == WALL_HISTORY)
			session_past_told(keeper, &msg.history);
	}
}

static void
worker_ended(struct source *source, uint32_t events)
{
	struct keeper *keeper = owner_of(source, struct keeper, worker_process);
	int status;

	(void)events;
	if (waitpid(keeper->worker, &status, WNOHANG) != keeper->worker)
		return;
	keeper->worker = 0;
	loop_close(&keeper->loop, source);
	read_last_words(keeper);
	if (WIFSIGNALED(status))
		log_error("the worker was killed by signal %d", WTERMSIG(status));
	else if (!keeper->ending)
		log_error("the worker ended with code %d", WEXITSTATUS(status));
	/* one that ends when it is asked to has told of all */
	if (!keeper->ending || WIFSIGNALED(status))
		session_past_tell(keeper);
	keeper_end(keeper, 1);
}

static void
rx_ready(struct keeper *keeper)
{
	if (keeper->worker_ready)
		return;
	keeper->worker_ready = true;
	ipsec_send_facts(keeper);
	lanes_tell(keeper);
	problem_send_all(keeper);
	ban_tell_all(keeper);
	xfrm_tell(keeper);
	pulse_start(keeper);
	tally_start(keeper);
	keeper_ready(keeper);
}

/* False when the worker broke the rules, which a whole one never does. */
static bool
receive(struct keeper *keeper, const union wall_msg *msg)
{
	switch (msg->kind) {
	case WALL_READY:
		rx_ready(keeper);
		return true;
	case WALL_SPAWN:
		return session_spawn(keeper, &msg->spawn);
	case WALL_CALL:
		session_call(keeper, &msg->call);
		return true;
	case WALL_STOP:
		session_stop(keeper, &msg->stop);
		return true;
	case WALL_RELOAD:
		if (!keeper->ending)
			reload_by_worker(keeper, &msg->reload);
		return true;
	case WALL_ALIVE:
		return pulse_heard(keeper, &msg->ask);
	case WALL_USED:
		radius_acct_used(keeper, &msg->used);
		return true;
	case WALL_RELOAD_USERS:
		if (!keeper->ending)
			reload_users_by_worker(keeper, msg->ask.ask);
		return true;
	case WALL_COUNT_SA:
		xfrm_count(keeper, &msg->count);
		return true;
	case WALL_DROP_SA:
		xfrm_drop(keeper, &msg->drop_sa);
		return true;
	case WALL_OFFENCE:
		ban_note_malformed(keeper, &msg->offence.path);
		return true;
	case WALL_BAN_ASK:
		ban_asked(keeper, &msg->ban_ask);
		return true;
	case WALL_HISTORY:
		session_past_told(keeper, &msg->history);
		return true;
	default:
		return false;
	}
}

static void
wall_ready(struct source *source, uint32_t events)
{
	struct keeper *keeper = owner_of(source, struct keeper, wall_source);
	union wall_msg msg;
	int fd, n = 0;

	if (events & EPOLLOUT && wall_flush(keeper->wall) == 0 && !wall_wants_write(keeper->wall))
		loop_change(&keeper->loop, source, EPOLLIN);
	if (events & EPOLLOUT) {
		xfrm_tell(keeper);
		net_tell(keeper);
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		n = wall_recv(keeper->wall, &msg, &fd);
	if (n > 0 && !receive(keeper, &msg))
		n = -EPROTO;
	if (n >= 0)
		return;
	/* its exit is seen by worker_ended(); a broken one that goes on is made to end */
	loop_forget(&keeper->loop, source);
	if (n == -EPROTO) {
		log_error("wall: the worker broke the rules, ending");
		kill(keeper->worker, SIGKILL);
		keeper_end(keeper, 1);
	}
}

static int
watch(struct keeper *keeper, struct source *source, int fd,
      void (*ready)(struct source *source, uint32_t events))
{
	*source = (struct source){.fd = fd, .ready = ready};
	return fd < 0 ? -errno : loop_add(&keeper->loop, source, EPOLLIN);
}

/* Everything that the loop listens to from the start, and what pppds are started with; 0 or -errno.
 */
static int
open_sources(struct keeper *keeper)
{
	sigset_t signals;
	int error;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	error = watch(keeper, &keeper->signals, signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
		      signals_ready);
	if (error == 0)
		error = spawner_open(&keeper->spawner);
	if (error == 0)
		error = watch(keeper, &keeper->wall_source, wall_fd(keeper->wall), wall_ready);
	if (error == 0)
		error = watch(keeper, &keeper->worker_process, pidfd_open(keeper->worker, 0),
			      worker_ended);
	if (error == 0)
		error = xfrm_start(keeper);
	if (error == -EPROTONOSUPPORT && !keeper->require) {
		log_notice("the kernel has no XFRM: only clients without IPsec can connect");
		error = 0;
	}
	return error;
}

static void
log_errors(enum log_level level, const struct conf_errors *errors)
{
	for (size_t i = 0; i < errors->kept; i++) {
		const struct conf_error *error = &errors->list[i];

		if (error->line)
			log_line(level, "%s:%d: %s", error->file, error->line, error->text);
		else
			log_line(level, "%s: %s", error->file, error->text);
	}
}

/* The secrets, which no process but this one ever has. */
static bool
open_users(struct keeper *keeper)
{
	struct conf_errors errors = {.count = 0}, warnings = {.count = 0};

	keeper->users = reload_users(keeper->conf, true, &errors, &warnings);
	keeper->otp_used = otp_used_new(OTP_USED_PATH);
	if (keeper->users && keeper->otp_used)
		keeper->pool = reload_pool(keeper->conf, keeper->users, keeper->gateway);
	log_errors(LVL_ERROR, &errors);
	log_errors(LVL_WARNING, &warnings);
	conf_errors_fini(&errors);
	conf_errors_fini(&warnings);
	keeper->pool6 = pool6_new(&keeper->conf->network.pool6);
	if (keeper->users && (!keeper->pool || !keeper->pool6 || !leases_start(keeper)))
		log_error("out of memory");
	return keeper->sticky != NULL;
}

static struct keeper *
keeper_new(struct keeper_start *start)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper)
		return NULL;
	keeper->conf_path = start->conf_path;
	keeper->conf = start->conf;
	keeper->conf_fd = start->conf_fd;
	keeper->wall = start->wall;
	keeper->worker = start->worker_pid;
	keeper->debug = start->debug;
	keeper->gateway = start->conf->network.gateway;
	keeper->port = start->conf->server.port;
	keeper->require = start->conf->ipsec.require;
	keeper->marks = start->marks;
	snprintf(keeper->plugin, sizeof(keeper->plugin), "%s", start->plugin);
	TAILQ_INIT(&keeper->session_list);
	TAILQ_INIT(&keeper->owed);
	session_start_init(keeper);
	keeper->signals.fd = keeper->worker_process.fd = -1;
	keeper->spawner.null = keeper->spawner.link = keeper->spawner.line = -1;
	keeper->deadline.due = due_deadline;
	reload_init(keeper);
	history_init(&keeper->history, start->group);
	ipsec_init(keeper);
	ipsec_drop_init(keeper);
	marks_used_init(keeper);
	psk_watch_init(keeper);
	xfrm_init(keeper);
	net_init(keeper);
	lanes_start(keeper);
	radius_init(keeper);
	keeper_name(keeper);
	return keeper;
}

static void
keeper_free(struct keeper *keeper)
{
	ipsec_stop(keeper);
	ipsec_drop_stop(keeper);
	marks_used_stop(keeper);
	xfrm_close(keeper);
	lanes_stop(keeper);
	net_stop(keeper);
	psk_watch_stop(keeper);
	ban_stop(keeper);
	tally_stop(keeper);
	radius_close(keeper);
	reload_stop(keeper);
	loop_close(&keeper->loop, &keeper->signals);
	loop_close(&keeper->loop, &keeper->worker_process);
	loop_fini(&keeper->loop);
	wall_free(keeper->wall);
	conf_free(keeper->conf);
	close(keeper->conf_fd);
	users_free(keeper->users);
	session_past_forget(keeper);
	otp_used_free(keeper->otp_used);
	pool_free(keeper->pool);
	pool6_free(keeper->pool6);
	leases_stop(keeper);
	spawner_close(&keeper->spawner);
	free(keeper);
}

/* Runs the loop until everything has ended; what cannot even begin ends at once, with code 1. */
static int
live(struct keeper *keeper)
{
	int error = open_sources(keeper);

	if (error)
		log_error("the keeper cannot watch its descriptors: %s", strerror(-error));
	if (error || !open_users(keeper)) {
		kill(keeper->worker, SIGKILL);
		waitpid(keeper->worker, NULL, 0);
		return 1;
	}
	net_start(keeper);
	ban_start(keeper, keeper->history.group);
	ban_restore(keeper);
	psk_watch_set(keeper);
	reload_note_users(keeper);
	reload_note_secrets(keeper);
	inside_note_problems(keeper);
	ipsec_start(keeper);
	marks_used_look(keeper);
	radius_start(keeper);
	error = loop_run(&keeper->loop);
	if (error)
		log_error("the loop failed: %s", strerror(-error));
	return error ? 1 : keeper->exit_code;
}

/*
 * A client may use a new SA as soon as the IKE daemon has answered it: its mark has to be there by
 * then, whatever else the machine does. A nice value would not do: it counts only among the
 * processes of one control group or login session, and the IKE daemon is in another. What the
 * keeper starts does not inherit it.
 */
static void
hurry(void)
{
	const struct sched_param first = {.sched_priority = 1}, none = {0};

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first) == 0)
		return;
	if (sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) < 0 ||
	    setpriority(PRIO_PROCESS, 0, KEEPER_NICE) < 0)
		log_debug("keeper: no priority: %s", strerror(errno));
}

int
keeper_main(struct keeper_start *start)
{
	struct keeper *keeper = keeper_new(start);
	const struct guard guard = xfrm_guard(start->conf);
	int code = 1;

	/* no core dump, no ptrace: the users' secrets are in this memory */
	prctl(PR_SET_DUMPABLE, 0);
	hurry();
	if (keeper && loop_init(&keeper->loop) == 0) {
		code = live(keeper);
		keeper_free(keeper);
	} else {
		log_error("out of memory or descriptors");
		kill(start->worker_pid, SIGKILL);
		waitpid(start->worker_pid, NULL, 0);
	}
	unlink(CTL_PATH);
	/* last, when no socket of ours can answer in clear any more */
	guard_down(&guard);
	return code;
}
