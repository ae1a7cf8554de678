/* See until.h. */
#include "lnsctl/until.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "lnsctl/lnsctl.h"
#include "lnsctl/seconds.h"

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool
until_open(struct until *until, const char *time)
{
	int64_t ms = time ? seconds_read(time) * 1000 : 0;
	sigset_t set;

	*until = (struct until){.signals = -1, .end = INT64_MAX};
	if (time && !ms) {
		complain("--for %s: a time such as 30s, 10m or 2h is needed", time);
		return false;
	}
	if (time)
		until->end = now_ms() + ms;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	until->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (until->signals < 0)
		complain("cannot wait for signals: %s", strerror(errno));
	return until->signals >= 0;
}

void
until_close(struct until *until)
{
	if (until->signals >= 0)
		close(until->signals);
	until->signals = -1;
}

enum until_what
until_wait(const struct until *until, int fd, int ms)
{
	struct pollfd fds[2] = {{.fd = until->signals, .events = POLLIN},
				{.fd = fd, .events = POLLIN}};
	int64_t left = until->end == INT64_MAX ? INT64_MAX : until->end - now_ms();
	int n;

	if (left <= 0)
		return UNTIL_OVER;
	if (ms < 0 || ms > left)
		ms = left == INT64_MAX ? -1 : (int)(left < INT32_MAX ? left : INT32_MAX);
	n = poll(fds, 2, ms);
	if (n > 0 && fds[0].revents)
		return UNTIL_OVER;
	if (n > 0)
		return UNTIL_READY;
	return n < 0 && errno != EINTR ? UNTIL_OVER : UNTIL_QUIET;
}
