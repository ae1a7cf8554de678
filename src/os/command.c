/* Programs of others. */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mstime.h"

/* longer lines reach fn in parts */
#define LINE_BYTES 4096

bool
command_find(char *path, size_t cap, const char *name)
{
	const char *more = getenv("PATH");
	char places[2048];

	/* an ordinary user's PATH seldom has sbin */
	snprintf(places, sizeof(places), "%.1900s:/usr/sbin:/usr/local/sbin:/sbin",
		 more ? more : "");
	for (char *rest = places, *place; (place = strsep(&rest, ":"));) {
		int len = snprintf(path, cap, "%s/%s", place, name);

		if (place[0] == '/' && len > 0 && (size_t)len < cap && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static mstime_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (mstime_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
command_start(pid_t *pid, const char *const argv[], char *const env[],
	      const posix_spawn_file_actions_t *files, short flags)
{
	posix_spawnattr_t attr;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawnattr_init(&attr) != 0)
		return -ENOMEM;
	flags |= POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	posix_spawnattr_setflags(&attr, flags);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* argv is char *const [] by history only: nothing writes to it */
	error = posix_spawn(pid, argv[0], files, &attr, (char *const *)argv, env);
	posix_spawnattr_destroy(&attr);
	return -error;
}

static int
start(pid_t *pid, const char *const argv[], int out)
{
	char *const env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			     "LC_ALL=C", NULL};
	posix_spawn_file_actions_t files;
	int error;

	if (posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	error = -posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (error == 0)
		error = -posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (error == 0)
		error = -posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	if (error == 0)
		error = command_start(pid, argv, env, &files, POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_destroy(&files);
	return error;
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
		mstime_t left = deadline - now();
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
		error = read_lines(out[0], now() + ms, &lines);
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
