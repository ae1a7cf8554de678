/* What the worker gives up before it reads a byte from the network. */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Becomes uid and gid for good: no groups, no capability but CAP_NET_RAW, no new privileges, no
 * core dump, no further process. Looks afterwards whether it holds. False after one line with the
 * fix; then the caller must end.
 */
bool sandbox_drop(uid_t uid, gid_t gid);

/*
 * From now on only the system calls of sandbox.c's table, everything else kills: no socket, no
 * open, no process. Call when all is set up. False after one line.
 */
bool sandbox_seal(void);

#endif
