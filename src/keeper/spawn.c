/*
 * Starting pppd: a fresh pty, the plugin link as descriptor 3, and nothing else of the keeper's.
 * Two or three of its descriptors belong to each session, so neither fork() nor posix_spawn() would
 * do: both copy all of them, and exec closes them one by one. The child shares the table until it
 * has one of its own, of the lowest only (close_range(2), CLOSE_RANGE_UNSHARE); and the memory
 * until it executes, as with vfork().
 */
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/spawn.h"

#define LINK_FD 3
#define LINE_FD 4
/* execve() and what is called before it */
#define CHILD_STACK 16384

/* A process on its way to being pppd. */
struct child {
	const struct spawner *spawner;
	char *const *argv;
	bool has_line;
	int error;
};

static void
note_ignored(sigset_t *ignored)
{
	struct sigaction action;

	sigemptyset(ignored);
	for (int signal = 1; signal < NSIG; signal++)
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigaddset(ignored, signal);
}

int
spawner_open(struct spawner *spawner)
{
	/* not one of those that pppd is given something as */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	*spawner = (struct spawner){.null = -1, .link = -1, .line = -1};
	note_ignored(&spawner->ignored);
	if (null < 0)
		return -errno;
	spawner->null = fcntl(null, F_DUPFD_CLOEXEC, LINE_FD + 1);
	spawner->link = fcntl(null, F_DUPFD_CLOEXEC, LINE_FD + 1);
	spawner->line = fcntl(null, F_DUPFD_CLOEXEC, LINE_FD + 1);
	close(null);
	return spawner->null < 0 || spawner->link < 0 || spawner->line < 0 ? -EMFILE : 0;
}

void
spawner_close(struct spawner *spawner)
{
	close(spawner->null);
	close(spawner->link);
	close(spawner->line);
}

static unsigned
above(const struct spawner *spawner)
{
	int most = spawner->null > spawner->link ? spawner->null : spawner->link;

	return (unsigned)(most > spawner->line ? most : spawner->line) + 1;
}

/* /dev/null for standard descriptors, the link, its line if that is no pty, and none besides. */
static bool
take_descriptors(const struct child *child)
{
	const struct spawner *spawner = child->spawner;

	/* before anything else: until here they are the keeper's */
	if (close_range(above(spawner), ~0u, CLOSE_RANGE_UNSHARE) < 0)
		return false;
	for (int fd = 0; fd < LINK_FD; fd++) {
		if (dup2(spawner->null, fd) < 0)
			return false;
	}
	return dup2(spawner->link, LINK_FD) >= 0 &&
	       (!child->has_line || dup2(spawner->line, LINE_FD) >= 0) &&
	       close_range(child->has_line ? LINE_FD + 1 : LINK_FD + 1, ~0u, 0) == 0;
}

static bool
take_signals(const sigset_t *ignored)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (sigismember(ignored, number) == 1)
			signal(number, SIG_DFL);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static int
become_pppd(void *arg)
{
	static char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	struct child *child = arg;

	if (take_descriptors(child) && setsid() >= 0 && take_signals(&child->spawner->ignored))
		execve(child->argv[0], child->argv, env);
	child->error = errno;
	_exit(127);
}

/* Until pppd executes, or cannot. */
static int
run(struct spawned *spawned, struct child *child)
{
	char stack[CHILD_STACK] __attribute__((aligned(16)));

	spawned->pid = clone(become_pppd, stack + sizeof(stack),
			     CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD | SIGCHLD, child,
			     &spawned->pidfd);
	if (spawned->pid < 0)
		return -errno;
	if (!child->error)
		return 0;
	waitpid(spawned->pid, NULL, 0);
	close(spawned->pidfd);
	return -child->error;
}

/* The number of the pty, or -errno. */
static int
open_pty(int *master)
{
	/* no echo, no line, no control characters: PPP's bytes pass unchanged from the first one
	 * on; on Linux the master's settings are the slave's. The speed 0 would hang up. */
	const struct termios raw = {.c_cflag = CS8 | CREAD | B38400, .c_cc = {[VMIN] = 1}};
	int unlocked = 0, number;

	*master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (*master < 0)
		return -errno;
	if (ioctl(*master, TIOCSPTLCK, &unlocked) == 0 && ioctl(*master, TIOCGPTN, &number) == 0 &&
	    ioctl(*master, TCSETS, &raw) == 0)
		return number;
	return -errno;
}

/* What is to be pppd's, or /dev/null again, has a low number: `slot`. */
static bool
put_in(int slot, int fd)
{
	return dup3(fd, slot, O_CLOEXEC) >= 0;
}

static int
start_on(struct spawned *spawned, struct pppd_start *start, const struct spawner *spawner, int link)
{
	struct pppd_args args;
	struct child child = {.spawner = spawner, .argv = args.argv, .has_line = start->line >= 0};
	int error = -EBADF;

	/* not left there: the keeper would hold pppd's end of the link */
	if (put_in(spawner->link, link) &&
	    (!child.has_line || put_in(spawner->line, start->line))) {
		start->link_fd = LINK_FD;
		start->line = child.has_line ? LINE_FD : -1;
		error = pppd_args_build(&args, start) ? run(spawned, &child) : -E2BIG;
	}
	put_in(spawner->link, spawner->null);
	if (child.has_line)
		put_in(spawner->line, spawner->null);
	if (error == 0)
		spawned->step = SPAWN_WATCH;
	return error;
}

/* The pty; or what the worker counts by where the line is in the kernel. */
static int
open_line(struct spawned *spawned, char *tty, size_t cap, int line)
{
	int number;

	spawned->line = -1;
	if (line >= 0) {
		spawned->master = fcntl(line, F_DUPFD_CLOEXEC, 0);
		return spawned->master < 0 ? -errno : 0;
	}
	number = open_pty(&spawned->master);
	if (number < 0)
		return number;
	snprintf(tty, cap, "/dev/pts/%d", number);
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
spawn_pppd(struct spawned *spawned, struct pppd_start *start, const struct spawner *spawner)
{
	char tty[64];
	int link[2], error;

	*spawned = (struct spawned){.master = -1, .pidfd = -1, .link = -1, .step = SPAWN_LINE};
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
	error = start_on(spawned, start, spawner, link[1]);
	close(link[1]);
	if (error) {
		close(link[0]);
		close_line(spawned);
	}
	return error;
}
