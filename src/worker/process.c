/* See process.h. */
#include "worker/process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
	/* the name may hold anything, a parenthesis too */
	const char *rest = strrchr(line, ')');
	uint64_t user, kernel, pages;

	/* proc(5): after the name user and kernel time are the 12th and 13th, pages the 22nd */
	if (!rest || !ticks_per_s ||
	    sscanf(rest + 1,
		   " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64
		   " %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64,
		   &user, &kernel, &pages) != 3)
		return false;
	*use = (struct process_use){.cpu_ms = (user + kernel) * 1000 / ticks_per_s,
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
