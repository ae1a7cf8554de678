/* What a process takes of the machine: from its stat file in /proc, opened while that is allowed.
 */
#ifndef WORKER_PROCESS_H
#define WORKER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_use {
	uint64_t cpu_ms, resident_bytes;
};

/* A descriptor for process_read(), or -1. */
int process_open(pid_t pid);
/* False when there is none, or the process has ended. */
bool process_read(int fd, struct process_use *use);
/* The line of a stat file. Pure. False: it is none. */
bool process_parse(const char *line, uint64_t ticks_per_s, uint64_t page, struct process_use *use);

#endif
