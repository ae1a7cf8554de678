/* What a process gives up before it reads a byte from the network (src/os/sandbox.c). */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sandbox {
	const char *name; /* for the log: "worker" */
	uid_t uid;
	gid_t gid;
	bool raw;  /* CAP_NET_RAW is kept: SO_MARK on a datagram asks for it */
	bool http; /* libevent's server of HTTP runs in it */
	/* system calls (SCMP_SYS) besides those that every process needs */
	const int *calls;
	size_t count;
};

/*
 * Becomes uid and gid for good: no groups, no capability (but see `raw`), no new privileges, no
 * core dump, no further process. Looks afterwards whether it holds. False after one line with the
 * fix; then the caller must end.
 */
bool sandbox_drop(const struct sandbox *sandbox);

/*
 * From now on only the system calls of sandbox.c's table and of `calls`, everything else kills: no
 * socket, no open, no process. Call when all is set up. False after one line.
 */
bool sandbox_seal(const struct sandbox *sandbox);

#endif
