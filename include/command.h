/*
 * Running a program (src/os): no shell, a time limit, its output line by line. It waits, so in the
 * daemon it is only for the start and for helper processes.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Looks for a program along PATH, then in the sbin folders; false when it is nowhere. */
bool command_find(char *path, size_t cap, const char *name);

typedef void command_line_fn(void *ctx, const char *line);

/*
 * Waits for the end of argv[0] (a path), its standard output and error going to fn (may be NULL).
 * Gives its exit code (128 and more: a signal), or -errno: -ETIMEDOUT after ms, when it was killed.
 */
int command_run(const char *const argv[], int ms, command_line_fn *fn, void *ctx);

/*
 * Starts argv[0] and goes on: default signals, the descriptors that `files` says, and `flags`:
 * POSIX_SPAWN_SETSID or POSIX_SPAWN_SETPGROUP. 0 or -errno.
 */
int command_start(pid_t *pid, const char *const argv[], char *const env[],
		  const posix_spawn_file_actions_t *files, short flags);

#endif
