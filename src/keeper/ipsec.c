/*
 * The helper is a fork that waits for libreswan's programs, so that logins never do. It reports one
 * struct through a pipe and ends. What failed is tried again, and what went well is looked at again
 * now and then: pluto may be restarted at any time by anybody.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/ipsec.h"
#include "keeper/state.h"

#define BACKOFF_FIRST_MS 2000
#define BACKOFF_MAX_MS 60000
#define LOOK_AGAIN_MS 60000

static void
helper_main(const struct keeper *keeper, int out, bool again)
{
	struct ipsec_outcome outcome;

	/* nothing of the keeper's may be held open by a helper that hangs */
	if (out != 3)
		dup2(out, 3);
	close_range(4, ~0u, 0);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	/* a group of its own, so that its programs end with it */
	setpgid(0, 0);
	signal(SIGTERM, SIG_DFL);
	/* what a look-again finds unchanged was said the first time */
	if (again)
		log_set_level(LVL_NOTICE);
	ipsec_load(&outcome, &keeper->ipsec.outcome, keeper->conf, keeper->ipsec.marks);
	_exit(write(3, &outcome, sizeof(outcome)) == (ssize_t)sizeof(outcome) ? 0 : 1);
}

/* libreswan was tried and refuses the second client of an address. */
static void
publish_apart(struct keeper *keeper)
{
	const struct ipsec_outcome *outcome = &keeper->ipsec.outcome;
	char text[160];

	snprintf(text, sizeof(text),
		 "only one client behind each NAT can connect: libreswan %.30s refuses the second",
		 outcome->version);
	problem_set(keeper, PROBLEM_APART, "warning",
		    outcome->tried && outcome->apart == IPSEC_APART_NOTHING ? text : "",
		    "install a libreswan that gives each client a mark with mark=-1 (4.x, 5.0 to "
		    "5.2)");
}

static void
publish(struct keeper *keeper)
{
	const struct ipsec_outcome *outcome = &keeper->ipsec.outcome;
	char text[160], fix[160];

	problem_set(keeper, PROBLEM_IPSEC, "error", outcome->text, outcome->fix);
	snprintf(text, sizeof(text), "others can read %.100s", keeper->conf->ipsec.psk_file);
	snprintf(fix, sizeof(fix), "chmod 600 %.100s", keeper->conf->ipsec.psk_file);
	problem_set(keeper, PROBLEM_PSK, "warning", outcome->psk_open ? text : "", fix);
	publish_apart(keeper);
	ipsec_send_facts(keeper);
}

static void
reap_helper(struct ipsec *ipsec)
{
	if (!ipsec->helper)
		return;
	kill(-ipsec->helper, SIGKILL);
	kill(ipsec->helper, SIGKILL);
	while (waitpid(ipsec->helper, NULL, 0) < 0 && errno == EINTR)
		;
	ipsec->helper = 0;
}

static void
report_ready(struct source *source, uint32_t events)
{
	struct ipsec *ipsec = owner_of(source, struct ipsec, report);
	struct keeper *keeper = owner_of(ipsec, struct keeper, ipsec);
	struct ipsec_outcome outcome;
	bool whole = read(source->fd, &outcome, sizeof(outcome)) == (ssize_t)sizeof(outcome);

	(void)events;
	loop_close(&keeper->loop, source);
	reap_helper(ipsec);
	if (!whole) {
		memset(&outcome, 0, sizeof(outcome));
		snprintf(outcome.text, sizeof(outcome.text), "the ipsec helper process died");
		snprintf(outcome.fix, sizeof(outcome.fix), "see the lines before in the journal");
	}
	ipsec->outcome = outcome;
	publish(keeper);
	if (!ipsec->tried) {
		ipsec->tried = true;
		keeper_ready(keeper);
	}
	if (!outcome.text[0])
		ipsec->backoff = 0;
	else if (ipsec->backoff < BACKOFF_MAX_MS)
		ipsec->backoff = ipsec->backoff ? 2 * ipsec->backoff : BACKOFF_FIRST_MS;
	loop_after(&keeper->loop, &ipsec->again, ipsec->backoff ? ipsec->backoff : LOOK_AGAIN_MS);
}

void
ipsec_stop(struct keeper *keeper)
{
	loop_cancel(&keeper->loop, &keeper->ipsec.again);
	loop_close(&keeper->loop, &keeper->ipsec.report);
	reap_helper(&keeper->ipsec);
}

/* Not managed by us, or no helper can be started: said, and that is all there is to it. */
static void
give_up(struct keeper *keeper, const char *text)
{
	memset(&keeper->ipsec.outcome, 0, sizeof(keeper->ipsec.outcome));
	snprintf(keeper->ipsec.outcome.text, sizeof(keeper->ipsec.outcome.text), "%s", text);
	publish(keeper);
	keeper->ipsec.tried = true;
	keeper_ready(keeper);
}

static void
start(struct keeper *keeper, bool again)
{
	struct ipsec *ipsec = &keeper->ipsec;
	int report[2];

	ipsec_stop(keeper);
	if (!keeper->conf->ipsec.manage) {
		give_up(keeper, "");
		return;
	}
	if (pipe2(report, O_CLOEXEC) < 0) {
		give_up(keeper, "no descriptor is left for the ipsec helper");
		return;
	}
	ipsec->helper = fork();
	if (ipsec->helper == 0)
		helper_main(keeper, report[1], again);
	close(report[1]);
	ipsec->report.fd = report[0];
	if (ipsec->helper < 0 || loop_add(&keeper->loop, &ipsec->report, EPOLLIN) != 0) {
		ipsec->helper = ipsec->helper < 0 ? 0 : ipsec->helper;
		ipsec_stop(keeper);
		give_up(keeper, "the ipsec helper process could not be started");
	}
}

static void
due_again(struct timer *timer)
{
	struct ipsec *ipsec = owner_of(timer, struct ipsec, again);

	start(owner_of(ipsec, struct keeper, ipsec), true);
}

void
ipsec_init(struct keeper *keeper)
{
	keeper->ipsec.report = (struct source){.fd = -1, .ready = report_ready};
	keeper->ipsec.again.due = due_again;
	keeper->ipsec.marks = keeper->conf->ipsec.marks;
}

void
ipsec_start(struct keeper *keeper)
{
	start(keeper, false);
}

void
ipsec_send_facts(struct keeper *keeper)
{
	const struct ipsec_outcome *outcome = &keeper->ipsec.outcome;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.facts.kind = WALL_FACTS;
	msg.facts.loaded = outcome->loaded;
	snprintf(msg.facts.manager, sizeof(msg.facts.manager), "%s",
		 outcome->version[0] ? "libreswan" : "none");
	snprintf(msg.facts.version, sizeof(msg.facts.version), "%s", outcome->version);
	snprintf(msg.facts.profile, sizeof(msg.facts.profile), "%s",
		 conf_profile_name(keeper->conf->ipsec.profile));
	if (keeper->worker_ready)
		keeper_send(keeper, &msg, -1);
}
