/* See worker.h: the order in which the worker comes to life. */
#include "worker.h"

#include <jansson.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "md5.h"
#include "sandbox.h"
#include "worker/app.h"
#include "worker/process.h"
#include "worker/udp.h"

/* What libevent and our own loops ask of the kernel. */
static const int calls[] = {
	/* datagrams, ptys, the control socket */
	SCMP_SYS(recvmmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(accept4),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt),
	/* the loop */
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	/* 32-bit machines */
	SCMP_SYS(recvmmsg_time64),
};

/* The keeper commands over the wall; a signal to the process group is meant for it. */
static void
ignore_signals(void)
{
	static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

/* What libraries read from files at their first use, and could not any more. */
static void
wake_libraries(void)
{
	const struct md5_part nothing = {"", 0};
	uint8_t digest[MD5_SIZE];
	size_t seed = 0;

	tzset();
	md5(digest, &nothing, 1);
	if (getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
		json_object_seed(seed | 1); /* 0 would mean /dev/urandom */
}

static void
drop_start(struct worker_start *start)
{
	for (size_t i = 0; i < start->udp_count; i++)
		close(start->udp[i]);
	free(start->udp);
	close(start->ctl);
	if (start->metrics >= 0)
		close(start->metrics);
	wall_free(start->wall);
	conf_free(start->conf);
}

int
worker_main(struct worker_start *start)
{
	/* without socket(2) CAP_NET_RAW is good for nothing but SO_MARK */
	const struct sandbox sandbox = {.name = "worker",
					.uid = start->uid,
					.gid = start->gid,
					.raw = true,
					.http = start->metrics >= 0,
					.calls = calls,
					.count = sizeof(calls) / sizeof(calls[0])};
	struct app_place place = {.stat_worker = -1, .stat_keeper = -1};
	struct app *app;
	int code = 1;

	ignore_signals();
	for (size_t i = 0; i < start->udp_count; i++)
		udp_prepare(start->udp[i]);
	/* as root still: where others' processes are hidden, the keeper's is as well */
	if (start->metrics >= 0) {
		place.stat_worker = process_open(getpid());
		place.stat_keeper = process_open(getppid());
	}
	if (!sandbox_drop(&sandbox)) {
		drop_start(start);
		return 1;
	}
	if (gethostname(place.host_name, sizeof(place.host_name) - 1) < 0 || !place.host_name[0])
		strcpy(place.host_name, "lnsd");
	wake_libraries();
	app = app_new(start, &place);
	if (app && sandbox_seal(&sandbox))
		code = app_run(app);
	app_free(app);
	return code;
}
