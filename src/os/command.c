/* Programs of others. Only for the start, `lnsd -t` and the helper process: it waits. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/command.h"
#include "keeper/loop.h"

/* longer lines reach fn in parts */
#define LINE_BYTES 4096

static int
start(pid_t *pid, const char *const argv[], int out)
{
	char *const env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			     "LC_ALL=C", NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attr) != 0) {
		posix_spawn_file_actions_destroy(&files);
		return -ENOMEM;
	}
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	if (error == 0) /* argv is char *const [] by history only: nothing writes to it */
		error = posix_spawn(pid, argv[0], &files, &attr, (char *const *)argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -error;
}

struct lines {
	char text[LINE_BYTES];
	size_t len;
	command_line_fn *fn;
	void *ctx;
};

static void
flush_line(struct lines *lines)
{
	lines->text[lines->len] = '\0';
	if (lines->fn && lines->len)
		lines->fn(lines->ctx, lines->text);
	lines->len = 0;
}

static void
feed(struct lines *lines, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n' || lines->len == sizeof(lines->text) - 1)
			flush_line(lines);
		if (bytes[i] != '\n' && bytes[i] != '\0')
			lines->text[lines->len++] = bytes[i];
	}
}

/* 0 at the end of the output, -ETIMEDOUT at the deadline. */
static int
read_lines(int fd, mstime_t deadline, struct lines *lines)
{
	char bytes[4096];

	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		mstime_t left = deadline - loop_now();
		int n = poll(&poll_fd, 1, left > 0 ? (int)left : 0);

		if (n == 0)
			return -ETIMEDOUT;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			continue;

		ssize_t len = read(fd, bytes, sizeof(bytes));
		if (len <= 0)
			break;
		feed(lines, bytes, (size_t)len);
	}
	flush_line(lines);
	return 0;
}

int
command_run(const char *const argv[], int ms, command_line_fn *fn, void *ctx)
{
	struct lines lines = {.fn = fn, .ctx = ctx};
	int out[2], status, error;
	pid_t pid = -1;

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	error = start(&pid, argv, out[1]);
	close(out[1]);
	if (error == 0) {
		error = read_lines(out[0], loop_now() + ms, &lines);
		if (error)
			kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(out[0]);
	if (error)
		return error;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
