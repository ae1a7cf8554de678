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

/* A session of its own, default signals, /dev/null for standard descriptors, the link, no more. */
static int
run(pid_t *pid, char *const argv[], int link)
{
	char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	posix_spawn_file_actions_t files;
	int error;

	if (posix_spawn_file_actions_init(&files) != 0)
		return -ENOMEM;
	error = -posix_spawn_file_actions_adddup2(&files, link, LINK_FD);
	for (int fd = 0; error == 0 && fd < LINK_FD; fd++)
		error = -posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	if (error == 0)
		error = command_start(pid, (const char *const *)argv, env, &files,
				      POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static int
start_on(struct spawned *spawned, struct pppd_start *start, int link)
{
	struct pppd_args args;
	int error;

	start->link_fd = LINK_FD;
	if (!pppd_args_build(&args, start))
		return -E2BIG;
	error = run(&spawned->pid, args.argv, link);
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

static void
close_pty(const struct spawned *spawned)
{
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
	spawned->master = open_pty(tty, sizeof(tty));
	if (spawned->master < 0)
		return spawned->master;
	spawned->line = ioctl(spawned->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (spawned->line < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) < 0) {
		error = -errno;
		close_pty(spawned);
		return error;
	}
	start->tty = tty;
	spawned->step = SPAWN_PROGRAM;
	spawned->link = link[0];
	error = start_on(spawned, start, link[1]);
	close(link[1]);
	if (error) {
		close(link[0]);
		close_pty(spawned);
	}
	return error;
}
