/* A pppd, and a pty for it unless it has its line already. */
#ifndef KEEPER_SPAWN_H
#define KEEPER_SPAWN_H

#include <signal.h>
#include <sys/types.h>

#include "keeper/pppd_args.h"
#include "keeper/spawn_fault.h"

struct spawned {
	pid_t pid;
	int pidfd;  /* readable when pppd has ended; the caller's */
	int master; /* the pty, raw, non-blocking, or a duplicate of start->line; the caller's */
	int line; /* -1, or the pty's other end, pppd's: while it is open, the kernel gives no other
		     pty its name, which pppd opens in its own time; the caller's */
	int link; /* our end of the plugin link; the caller's */
	enum spawn_step step; /* the last that was begun: where it failed, if it did */
};

/* Low descriptors for what a pppd is given, whatever the number of sessions: /dev/null while none
 * starts. */
struct spawner {
	int null, link, line;
	sigset_t ignored; /* what the daemon ignores, or was started with: not for pppd */
};

/* To be called before there are many descriptors; 0 or -errno. */
int spawner_open(struct spawner *spawner);
void spawner_close(struct spawner *spawner);

/* Starts pppd; tty, link_fd and line of `start` are filled in here, the
 * descriptors with what they are in pppd. 0 or -errno, in which case nothing is
 * left open. */
int spawn_pppd(struct spawned *spawned, struct pppd_start *start, const struct spawner *spawner);

#endif
