#include "keeper/radius_link.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aaa.h"
#include "channel.h"
#include "command.h"
#include "keeper/radius_acct.h"
#include "keeper/radius_order.h"
#include "keeper/session_state.h"
#include "secret.h"

#define USER_NAME "lnsd"
#define RESTART_MS 1000

/* ── what it says ───────────────────────────────────────────────────────────────────────── */

static void
rx_verdict(struct keeper *keeper, const struct radius_verdict *verdict)
{
	session_login_answer(keeper, verdict);
}

static void
note_state(struct keeper *keeper, const struct radius_state *state)
{
	size_t down = 0;
	char text[160] = "";

	for (size_t i = 0; i < state->count; i++)
		down += state->servers[i].auth_down || state->servers[i].acct_down;
	if (state->count && down == state->count)
		snprintf(text, sizeof(text), "no RADIUS server answers (%zu configured)", down);
	problem_set(keeper, PROBLEM_RADIUS, "error", text,
		    "look at the servers, the way to them, and auth.radius-secret-file: a server "
		    "drops what is signed with another secret");
	text[0] = '\0';
	if (state->lost)
		snprintf(text, sizeof(text), "%llu records for accounting are lost",
			 (unsigned long long)state->lost);
	problem_set(keeper, PROBLEM_ACCOUNTING, "error", text,
		    "make room for " AAA_RECORDS ", or let a RADIUS server answer");
}

static void
tell_worker(struct keeper *keeper, const struct radius_state *state)
{
	const struct radius_setup *setup = &keeper->radius.setup;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.radius.kind = WALL_RADIUS;
	msg.radius.count = setup->server_count;
	memcpy(msg.radius.servers, setup->servers, sizeof(msg.radius.servers));
	msg.radius.state = *state;
	if (keeper->worker_ready)
		keeper_send(keeper, &msg, -1);
}

static void
rx_state(struct keeper *keeper, const struct radius_state *state)
{
	note_state(keeper, state);
	tell_worker(keeper, state);
}

static void
receive(struct keeper *keeper, const union radius_msg *msg)
{
	switch (msg->kind) {
	case RADIUS_VERDICT:
		rx_verdict(keeper, &msg->verdict);
		return;
	case RADIUS_ORDER:
		radius_order(keeper, &msg->order);
		return;
	case RADIUS_STATE:
		rx_state(keeper, &msg->state);
		return;
	default:
		return; /* radius_valid() lets in no other */
	}
}

/* ── the process ────────────────────────────────────────────────────────────────────────── */

/* No word with it any more: it sees that, and ends when it can. */
static void
hang_up(struct radius *radius)
{
	if (!radius->channel)
		return;
	loop_forget(&radius->keeper->loop, &radius->source);
	channel_free(radius->channel);
	radius->channel = NULL;
	session_login_abandon(radius->keeper);
}

static void
channel_ready(struct source *source, uint32_t events)
{
	struct radius *radius = owner_of(source, struct radius, source);
	union radius_msg msg;
	ssize_t n = 0;
	int fd = -1;

	if (events & EPOLLOUT && channel_flush(radius->channel) == 0 &&
	    !channel_wants_write(radius->channel))
		loop_change(&radius->keeper->loop, source, EPOLLIN);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		n = channel_recv(radius->channel, &msg, sizeof(msg), &fd);
	if (fd >= 0)
		close(fd);
	if (n > 0 && radius_valid(&msg, (size_t)n, RADIUS_FROM_PROCESS))
		receive(radius->keeper, &msg);
	else if (n != 0)
		hang_up(radius);
}

static void
process_ready(struct source *source, uint32_t events)
{
	struct radius *radius = owner_of(source, struct radius, process);
	struct keeper *keeper = radius->keeper;
	int status;

	(void)events;
	if (waitpid(radius->pid, &status, WNOHANG) != radius->pid)
		return;
	if (radius->channel)
		log_error("the RADIUS process ended (%s %d): it is started again",
			  WIFSIGNALED(status) ? "signal" : "code",
			  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	hang_up(radius);
	loop_close(&keeper->loop, source);
	radius->pid = 0;
	if (keeper->ending)
		keeper_end(keeper, keeper->exit_code);
	else
		loop_after(&keeper->loop, &radius->restart, RESTART_MS);
}

static int
run(struct radius *radius, int end)
{
	static const char *const argv[] = {"/proc/self/exe", AAA_ARGUMENT, NULL};
	static char *const env[] = {NULL};
	posix_spawn_file_actions_t files;
	int error;

	if (posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	error = -posix_spawn_file_actions_adddup2(&files, end, AAA_FD);
	if (error == 0)
		error = command_start(&radius->pid, argv, env, &files, POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

/* 0 or -errno; then there is no process. */
static int
spawn(struct radius *radius)
{
	struct loop *loop = &radius->keeper->loop;
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -errno;
	radius->channel = channel_new(pair[0]);
	error = radius->channel ? run(radius, pair[1]) : -ENOMEM;
	close(pair[1]);
	if (!radius->channel)
		close(pair[0]);
	if (error)
		goto fail;
	radius->source.fd = pair[0];
	radius->process.fd = pidfd_open(radius->pid, 0);
	error = radius->process.fd < 0 ? -errno : loop_add(loop, &radius->process, EPOLLIN);
	if (error == 0)
		error = loop_add(loop, &radius->source, EPOLLIN);
	if (error == 0)
		return 0;
	kill(radius->pid, SIGKILL);
	waitpid(radius->pid, NULL, 0);
	loop_close(loop, &radius->process);
fail:
	channel_free(radius->channel);
	radius->channel = NULL;
	radius->pid = 0;
	return error;
}

static void
begin(struct radius *radius)
{
	union radius_msg msg;
	int error = spawn(radius);

	if (error) {
		log_error("the RADIUS process cannot be started: %s", strerror(-error));
		loop_after(&radius->keeper->loop, &radius->restart, RESTART_MS);
		return;
	}
	memset(&msg, 0, sizeof(msg));
	msg.setup = radius->setup;
	radius_send(radius->keeper, &msg);
	explicit_bzero(&msg, sizeof(msg));
	if (!radius->announced)
		radius_acct_announce(radius->keeper, STATUS_ON);
	radius->announced = true;
	tell_worker(radius->keeper, &(const struct radius_state){.count = 0});
}

static void
due_restart(struct timer *timer)
{
	struct radius *radius = owner_of(timer, struct radius, restart);

	if (!radius->pid && radius->setup.server_count && !radius->keeper->ending)
		begin(radius);
}

/* ── the configuration ──────────────────────────────────────────────────────────────────── */

/* Says so when it cannot be read; then no server is asked. */
static bool
read_secret(struct keeper *keeper, struct radius_setup *setup)
{
	struct conf_secret secret = {.len = 0};
	char why[SECRET_WHY_MAX], text[160] = "";

	snprintf(secret.file, sizeof(secret.file), "%s", keeper->conf->auth.radius_secret_file);
	if (!secret_read(&secret, why))
		snprintf(text, sizeof(text), "RADIUS is not used: %.60s %.70s", secret.file, why);
	problem_set(keeper, PROBLEM_RADIUS, "error", text,
		    "write the secret that the servers know us by into auth.radius-secret-file "
		    "(mode 0600), then: lnsctl reload");
	setup->secret_len = secret.len;
	memcpy(setup->secret, secret.bytes, secret.len);
	explicit_bzero(&secret, sizeof(secret));
	return setup->secret_len != 0;
}

static void
make_setup(struct keeper *keeper, struct radius_setup *setup)
{
	const struct conf *conf = keeper->conf;
	const struct passwd *user = getpwnam(USER_NAME);

	memset(setup, 0, sizeof(*setup));
	setup->kind = RADIUS_SETUP;
	if (!conf->auth.radius_count || !user || !read_secret(keeper, setup))
		return;
	setup->uid = user->pw_uid;
	setup->gid = user->pw_gid;
	setup->level = keeper->debug ? LVL_DEBUG : conf->log.level;
	setup->server_count = (uint32_t)conf->auth.radius_count;
	memcpy(setup->servers, conf->auth.radius, sizeof(setup->servers));
	setup->listen = keeper->radius.listen;
	setup->timeout = (uint64_t)conf->auth.radius_timeout;
	setup->dead_time = (uint64_t)conf->auth.radius_dead_time;
	snprintf(setup->nas, sizeof(setup->nas), "%.253s", keeper->host_name);
}

void
radius_start(struct keeper *keeper)
{
	struct radius *radius = &keeper->radius;
	struct radius_setup setup;

	make_setup(keeper, &setup);
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): zeroed and copied whole */
	if (memcmp(&setup, &radius->setup, sizeof(setup)) == 0)
		return;
	memcpy(&radius->setup, &setup, sizeof(setup));
	explicit_bzero(&setup, sizeof(setup));
	hang_up(radius);
	/* one that still says good-bye has the file of records: the next one waits for its end */
	if (!radius->pid && radius->setup.server_count)
		begin(radius);
	if (!radius->setup.server_count) {
		tell_worker(keeper, &(const struct radius_state){.count = 0});
		if (!keeper->conf->auth.radius_count)
			problem_set(keeper, PROBLEM_RADIUS, "", "", "");
	}
}

/* ── doors ──────────────────────────────────────────────────────────────────────────────── */

void
radius_init(struct keeper *keeper)
{
	struct radius *radius = &keeper->radius;

	radius->keeper = keeper;
	radius->source = (struct source){.fd = -1, .ready = channel_ready};
	radius->process = (struct source){.fd = -1, .ready = process_ready};
	radius->restart.due = due_restart;
	radius->listen = keeper->conf->auth.coa_listen;
	TAILQ_INIT(&radius->accounts);
}

bool
radius_finish(struct keeper *keeper)
{
	struct radius *radius = &keeper->radius;

	radius_acct_settle(keeper);
	if (radius->channel && !radius->ending)
		radius_acct_announce(keeper, STATUS_OFF);
	radius->ending = true;
	hang_up(radius);
	return radius->pid == 0;
}

void
radius_close(struct keeper *keeper)
{
	struct radius *radius = &keeper->radius;

	hang_up(radius);
	loop_cancel(&keeper->loop, &radius->restart);
	loop_close(&keeper->loop, &radius->process);
	radius_acct_settle(keeper);
	explicit_bzero(&radius->setup, sizeof(radius->setup));
}

bool
radius_send(struct keeper *keeper, const union radius_msg *msg)
{
	struct radius *radius = &keeper->radius;

	if (!radius->channel)
		return false;
	if (channel_send(radius->channel, msg, radius_size(msg->kind, RADIUS_FROM_KEEPER), -1) <
	    0) {
		log_error("the RADIUS process does not listen, ending it");
		kill(radius->pid, SIGKILL);
		hang_up(radius);
		return false;
	}
	if (channel_wants_write(radius->channel))
		loop_change(&keeper->loop, &radius->source, EPOLLIN | EPOLLOUT);
	return true;
}

bool
radius_wanted(const struct keeper *keeper)
{
	return keeper->conf->auth.radius_count != 0;
}

struct radius_line
radius_line_of(const struct session_info *info)
{
	struct radius_line line;

	memset(&line, 0, sizeof(line));
	line.ref = info->ref;
	line.local = info->path.local;
	line.peer = info->path.peer;
	snprintf(line.id, sizeof(line.id), "%u-%u", info->ref.tid, info->ref.sid);
	return line;
}

bool
radius_login(struct keeper *keeper, const struct session_info *info, const struct proof *proof)
{
	union radius_msg msg;
	bool sent;

	memset(&msg, 0, sizeof(msg));
	msg.login.kind = RADIUS_LOGIN;
	msg.login.line = radius_line_of(info);
	msg.login.proof = *proof;
	sent = radius_send(keeper, &msg);
	explicit_bzero(&msg, sizeof(msg.login));
	return sent;
}
