/* Starting pppd: a fresh pty, the plugin link as descriptor 3, and nothing else of the keeper's. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "command.h"
#include "keeper/spawn.h"

#define LINK_FD 3
#define LINE_FD 4

static int
open_pty(char *name, size_t cap)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct termios line;

	if (master < 0)
		return -errno;
	/* on Linux the master's settings are the slave's, so PPP's bytes pass unchanged from the
	 * first one on */
	if (grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, name, cap) != 0 ||
	    tcgetattr(master, &line) < 0)
		goto fail;
	cfmakeraw(&line);
	if (tcsetattr(master, TCSANOW, &line) < 0)
		goto fail;
	return master;
fail:;
	int error = errno;

	close(master);
	return -error;
}

/* A session of its own, default signals, /dev/null for standard descriptors, the link, its line if
 * that is no pty, no more. */
static int
run(pid_t *pid, char *const argv[], int link, int line)
{
	char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	posix_spawn_file_actions_t files;
	/* above what it takes the place of */
	int high = line < 0 ? -1 : fcntl(line, F_DUPFD_CLOEXEC, LINE_FD + 1);
	int error;

	if ((line >= 0 && high < 0) || posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	error = -posix_spawn_file_actions_adddup2(&files, link, LINK_FD);
	if (error == 0 && high >= 0)
		error = -posix_spawn_file_actions_adddup2(&files, high, LINE_FD);
	for (int fd = 0; error == 0 && fd < LINK_FD; fd++)
		error = -posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	if (error == 0)
		error = command_start(pid, (const char *const *)argv, env, &files,
				      POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_destroy(&files);
	if (high >= 0)
		close(high);
	return error;
}

static int
start_on(struct spawned *spawned, struct pppd_start *start, int link)
{
	struct pppd_args args;
	int error;

	int line = start->line;

	start->link_fd = LINK_FD;
	if (line >= 0)
		start->line = LINE_FD;
	if (!pppd_args_build(&args, start))
		return -E2BIG;
	error = run(&spawned->pid, args.argv, link, line);
	if (error)
		return error;
	spawned->step = SPAWN_WATCH;
	spawned->pidfd = pidfd_open(spawned->pid, 0);
	if (spawned->pidfd < 0) {
		error = -errno;
		kill(spawned->pid, SIGKILL);
		waitpid(spawned->pid, NULL, 0);
		return error;
	}
	fcntl(spawned->link, F_SETFL, O_NONBLOCK);
	return 0;
}

/* The pty; or what the worker counts by where the line is in the kernel. */
static int
open_line(struct spawned *spawned, char *tty, size_t cap, int line)
{
	spawned->line = -1;
	if (line >= 0) {
		spawned->master = fcntl(line, F_DUPFD_CLOEXEC, 0);
		return spawned->master < 0 ? -errno : 0;
	}
	spawned->master = open_pty(tty, cap);
	if (spawned->master < 0)
		return spawned->master;
	spawned->line = ioctl(spawned->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return spawned->line < 0 ? -errno : 0;
}

static void
close_line(const struct spawned *spawned)
{
	if (spawned->master >= 0)
		close(spawned->master);
	if (spawned->line >= 0)
		close(spawned->line);
}

int
spawn_pppd(struct spawned *spawned, struct pppd_start *start)
{
	char tty[64];
	int link[2], error;

	*spawned = (struct spawned){.pidfd = -1, .link = -1, .step = SPAWN_LINE};
	error = open_line(spawned, tty, sizeof(tty), start->line);
	if (error == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) < 0)
		error = -errno;
	if (error) {
		close_line(spawned);
		return error;
	}
	start->tty = tty;
	spawned->step = SPAWN_PROGRAM;
	spawned->link = link[0];
	error = start_on(spawned, start, link[1]);
	close(link[1]);
	if (error) {
		close(link[0]);
		close_line(spawned);
	}
	return error;
}
