#include "lnsctl/algparse.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SILENCE_MS 5000
#define OUTPUT_MAX 8192

/* Starts `ipsec algparse` with its output on *out; gives the process, or -errno. */
static pid_t
start(const char *argument, int *out)
{
	/* an ordinary user's PATH seldom has sbin */
	static const char *const programs[] = {"ipsec", "/usr/sbin/ipsec", "/usr/local/sbin/ipsec"};
	posix_spawn_file_actions_t actions;
	int ends[2], error;
	pid_t pid = -1;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	error = posix_spawn_file_actions_init(&actions);
	if (!error) {
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
		error = ENOENT;
		for (size_t i = 0; error == ENOENT && i < sizeof(programs) / sizeof(programs[0]);
		     i++) {
			char *argv[] = {"ipsec", "algparse", "-v1", (char *)argument, NULL};

			error = posix_spawnp(&pid, programs[i], &actions, NULL, argv, environ);
		}
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	if (error)
		close(ends[0]);
	*out = ends[0];
	return error ? -error : pid;
}

/* All of the output, cut at cap; false when the program falls silent. */
static bool
read_output(int fd, char *output, size_t cap)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t len = 0;

	for (;;) {
		char spare[512];
		ssize_t n;

		output[len] = '\0';
		if (poll(&pfd, 1, SILENCE_MS) <= 0)
			return false;
		if (len + 1 < cap)
			n = read(fd, output + len, cap - 1 - len);
		else
			n = read(fd, spare, sizeof(spare));
		if (n <= 0)
			return n == 0;
		if (len + 1 < cap)
			len += (size_t)n;
	}
}

enum algparse
algparse(const char *kind, const char *proposals, char why[ALGPARSE_WHY_MAX])
{
	char argument[600], output[OUTPUT_MAX], *error;
	int out = -1, status;
	bool ended;
	pid_t pid;

	snprintf(argument, sizeof(argument), "%s=%s", kind, proposals);
	pid = start(argument, &out);
	if (pid < 0)
		return pid == -ENOENT ? ALGPARSE_NO_IPSEC : ALGPARSE_NO_ANSWER;
	ended = read_output(out, output, sizeof(output));
	close(out);
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ALGPARSE_TAKEN;
	error = strstr(output, "ERROR: ");
	if (!ended || !error)
		return ALGPARSE_NO_ANSWER;
	error += strlen("ERROR: ");
	snprintf(why, ALGPARSE_WHY_MAX, "%.*s", (int)strcspn(error, "\n"), error);
	return ALGPARSE_REFUSED;
}
