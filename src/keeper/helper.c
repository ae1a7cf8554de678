#include "keeper/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

static void __attribute__((noreturn)) live(helper_fn *run, const void *arg, int out)
{
	char report[HELPER_REPORT_MAX];
	size_t len;

	/* nothing of the keeper's may be held open by a helper that hangs */
	if (out != 3)
		dup2(out, 3);
	close_range(4, ~0u, 0);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	/* what is typed on the keeper's terminal is not for it */
	setpgid(0, 0);
	signal(SIGTERM, SIG_DFL);
	len = run(arg, report);
	_exit(write(3, report, len) == (ssize_t)len ? 0 : 1);
}

static void
reap(struct helper *helper)
{
	if (!helper->pid)
		return;
	kill(-helper->pid, SIGKILL);
	kill(helper->pid, SIGKILL);
	while (waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
		;
	helper->pid = 0;
}

static void
report_ready(struct source *source, uint32_t events)
{
	struct helper *helper = owner_of(source, struct helper, source);
	char report[HELPER_REPORT_MAX];
	ssize_t len = read(source->fd, report, sizeof(report));

	(void)events;
	helper_stop(helper);
	helper->done(helper, report, len > 0 ? (size_t)len : 0);
}

void
helper_init(struct helper *helper, struct loop *loop,
	    void (*done)(struct helper *helper, const void *report, size_t len))
{
	*helper = (struct helper){
		.source = {.fd = -1, .ready = report_ready}, .loop = loop, .done = done};
}

bool
helper_start(struct helper *helper, helper_fn *run, const void *arg)
{
	int report[2];

	helper_stop(helper);
	if (pipe2(report, O_CLOEXEC) < 0)
		return false;
	helper->pid = fork();
	if (helper->pid == 0)
		live(run, arg, report[1]);
	close(report[1]);
	helper->source.fd = report[0];
	if (helper->pid > 0 && loop_add(helper->loop, &helper->source, EPOLLIN) == 0)
		return true;
	helper->pid = helper->pid < 0 ? 0 : helper->pid;
	helper_stop(helper);
	return false;
}

void
helper_stop(struct helper *helper)
{
	loop_close(helper->loop, &helper->source);
	reap(helper);
}
