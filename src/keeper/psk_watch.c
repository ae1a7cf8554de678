/* See psk_watch.h. */
#include "keeper/psk_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "keeper/state.h"
#include "pluto.h"

/* After a program that has ended: there may be no journal yet. */
#define AGAIN_MS 60000
#define READ_MAX 16384 /* a wake-up */

static bool
seen(struct psk_watch *watch, unsigned exchange)
{
	for (size_t i = 0; i < PSK_EXCHANGES; i++) {
		if (watch->exchanges[i] == exchange)
			return true;
	}
	watch->exchanges[watch->next] = exchange;
	watch->next = (watch->next + 1) % PSK_EXCHANGES;
	return false;
}

/* A client with a wrong key sends its message several times: that is one failure. */
static void
take_line(struct keeper *keeper, const char *line)
{
	struct pluto_failure failure;
	struct lns_addr peer;

	if (!pluto_read_failure(&failure, line) || seen(&keeper->psk_watch, failure.exchange))
		return;
	peer = (struct lns_addr){.family = failure.family};
	memcpy(peer.ip, failure.ip, sizeof(peer.ip));
	ban_note_psk(keeper, &peer);
}

static void
take_byte(struct keeper *keeper, char c)
{
	struct psk_watch *watch = &keeper->psk_watch;

	if (c != '\n') {
		watch->overlong = watch->overlong || watch->len + 1 == sizeof(watch->line);
		if (!watch->overlong)
			watch->line[watch->len++] = c;
		return;
	}
	watch->line[watch->len] = '\0';
	if (!watch->overlong)
		take_line(keeper, watch->line);
	watch->len = 0;
	watch->overlong = false;
}

static void
end(struct keeper *keeper)
{
	struct psk_watch *watch = &keeper->psk_watch;

	loop_close(&keeper->loop, &watch->source);
	loop_cancel(&keeper->loop, &watch->again);
	watch->len = 0;
	watch->overlong = false;
	if (!watch->pid)
		return;
	kill(watch->pid, SIGKILL);
	while (waitpid(watch->pid, NULL, 0) < 0 && errno == EINTR)
		;
	watch->pid = 0;
}

static void
output_ready(struct source *source, uint32_t events)
{
	struct psk_watch *watch = owner_of(source, struct psk_watch, source);
	struct keeper *keeper = owner_of(watch, struct keeper, psk_watch);
	char bytes[READ_MAX];
	ssize_t n = read(source->fd, bytes, sizeof(bytes));

	(void)events;
	for (ssize_t i = 0; i < n; i++)
		take_byte(keeper, bytes[i]);
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	end(keeper);
	loop_after(&keeper->loop, &watch->again, AGAIN_MS);
}

/* New lines only. Fields with an underscore are the journal's own word, which nobody can forge. */
static int
start_program(const char *file, pid_t *pid, int out)
{
	char program[CONF_PATH_MAX];
	const char *const journal[] = {program,	       "--follow", "--lines=0",
				       "--output=cat", "--quiet",  "--no-pager",
				       "_COMM=pluto",  "_UID=0",   NULL};
	const char *const tail[] = {program, "-q", "-n", "0", "-F", "--", file, NULL};
	posix_spawn_file_actions_t files;
	int error;

	if (!command_find(program, sizeof(program), file[0] ? "tail" : "journalctl"))
		return -ENOENT;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	error = command_start(pid, file[0] ? tail : journal, (char *const[]){"LC_ALL=C", NULL},
			      &files, POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static void
begin(struct keeper *keeper)
{
	struct psk_watch *watch = &keeper->psk_watch;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		loop_after(&keeper->loop, &watch->again, AGAIN_MS);
		return;
	}
	error = start_program(watch->file, &watch->pid, ends[1]);
	close(ends[1]);
	watch->source.fd = ends[0];
	/* only our end: the program may wait when we are slow */
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	if (error == 0)
		error = loop_add(&keeper->loop, &watch->source, EPOLLIN);
	if (error == 0)
		return;
	log_info("pluto's log cannot be followed: %s: wrong pre-shared keys are not counted",
		 strerror(-error));
	if (error == -ENOENT)
		watch->pid = 0;
	end(keeper);
	loop_after(&keeper->loop, &watch->again, AGAIN_MS);
}

static void
due_again(struct timer *timer)
{
	struct psk_watch *watch = owner_of(timer, struct psk_watch, again);

	begin(owner_of(watch, struct keeper, psk_watch));
}

void
psk_watch_init(struct keeper *keeper)
{
	keeper->psk_watch = (struct psk_watch){.source = {.fd = -1, .ready = output_ready},
					       .again = {.due = due_again}};
}

void
psk_watch_set(struct keeper *keeper)
{
	struct psk_watch *watch = &keeper->psk_watch;
	const struct conf *conf = keeper->conf;
	bool wanted = conf->auth.ban_after && conf->auth.ban_time && conf->ipsec.manage;
	bool same = strcmp(watch->file, conf->ipsec.log_file) == 0;

	if (!wanted || !same)
		end(keeper);
	memcpy(watch->file, conf->ipsec.log_file, sizeof(watch->file));
	if (wanted && !watch->pid)
		begin(keeper);
}

void
psk_watch_stop(struct keeper *keeper)
{
	end(keeper);
}
