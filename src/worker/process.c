/* See process.h. */
#include "worker/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* proc(5), counted from one */
enum stat_field { STAT_USER = 14, STAT_KERNEL = 15, STAT_PAGES = 24 };

int
process_open(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool
process_parse(const char *line, uint64_t ticks_per_s, uint64_t page, struct process_use *use)
{
	/* the name, the second field, may hold anything, a parenthesis too */
	const char *rest = strrchr(line, ')');
	uint64_t ticks = 0, pages = 0;

	if (!rest || !ticks_per_s)
		return false;
	rest++;
	for (int field = 3; field <= STAT_PAGES; field++) {
		rest += strspn(rest, " ");
		if (*rest == '\0')
			return false;
		if (field == STAT_USER || field == STAT_KERNEL)
			ticks += strtoull(rest, NULL, 10);
		if (field == STAT_PAGES)
			pages = strtoull(rest, NULL, 10);
		rest += strcspn(rest, " ");
	}
	*use = (struct process_use){.cpu_ms = ticks * 1000 / ticks_per_s,
				    .resident_bytes = pages * page};
	return true;
}

bool
process_read(int fd, struct process_use *use)
{
	char line[1024];
	ssize_t n = fd < 0 ? -1 : pread(fd, line, sizeof(line) - 1, 0);

	if (n <= 0)
		return false;
	line[n] = '\0';
	return process_parse(line, (uint64_t)sysconf(_SC_CLK_TCK), (uint64_t)sysconf(_SC_PAGESIZE),
			     use);
}
