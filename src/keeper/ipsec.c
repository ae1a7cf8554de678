/*
 * The helper waits for libreswan's programs. What failed is tried again, and what went well is
 * looked at again now and then: pluto may be restarted at any time by anybody.
 */
#include <stdio.h>
#include <string.h>

#include "keeper/ipsec.h"
#include "keeper/state.h"

#define BACKOFF_FIRST_MS 2000
#define BACKOFF_MAX_MS 60000
#define LOOK_AGAIN_MS 60000
#define LOOK_SOON_MS 2000

_Static_assert(sizeof(struct ipsec_outcome) <= HELPER_REPORT_MAX, "the report does not fit");

static size_t
run(const void *arg, char report[HELPER_REPORT_MAX])
{
	const struct keeper *keeper = arg;
	struct ipsec_outcome outcome;

	/* what a look-again finds unchanged was said the first time */
	if (keeper->ipsec.looked)
		log_set_level(LVL_NOTICE);
	ipsec_load(&outcome, &keeper->ipsec.outcome, keeper->conf, keeper->ipsec.marks);
	memcpy(report, &outcome, sizeof(outcome));
	return sizeof(outcome);
}

/* libreswan was tried and refuses the second client of an address, or is not told how to take it.
 */
static void
publish_apart(struct keeper *keeper)
{
	const struct ipsec *ipsec = &keeper->ipsec;
	bool foreign = ipsec->marks == MARKS_IKE && ipsec->outcome.loaded;
	bool refused = ipsec->outcome.known && ipsec->outcome.apart == IPSEC_APART_NOTHING;
	char text[160] = "";

	if (foreign || refused)
		snprintf(text, sizeof(text),
			 "only one client behind each NAT can connect: libreswan %.30s %s",
			 ipsec->outcome.version,
			 foreign ? "gives no marks to SAs, as ipsec.marks = ike wants it"
				 : "refuses the second");
	problem_set(
		keeper, PROBLEM_APART, "warning", text,
		foreign ? "set ipsec.marks = own and restart lnsd"
			: "install a libreswan that gives each client a mark with mark=-1 (4.x, "
			  "5.0 to 5.2)");
}

static void
publish_certificate(struct keeper *keeper)
{
	const struct nss_cert *certificate = &keeper->ipsec.outcome.certificate;

	problem_set(keeper, PROBLEM_CERTIFICATE,
		    certificate->state == NSS_ENDING ? "warning" : "error",
		    certificate->state == NSS_GOOD ? "" : certificate->text, certificate->fix);
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
	publish_certificate(keeper);
	publish_apart(keeper);
	ipsec_send_facts(keeper);
}

static void
next_look(struct ipsec *ipsec)
{
	if (!ipsec->outcome.text[0])
		ipsec->backoff = 0;
	else if (ipsec->backoff < BACKOFF_MAX_MS)
		ipsec->backoff = ipsec->backoff ? 2 * ipsec->backoff : BACKOFF_FIRST_MS;
	loop_after(ipsec->helper.loop, &ipsec->again,
		   ipsec->soon	    ? LOOK_SOON_MS
		   : ipsec->backoff ? ipsec->backoff
				    : LOOK_AGAIN_MS);
}

static void
tried(struct keeper *keeper)
{
	keeper->ipsec.tries++;
	publish(keeper);
	keeper_ready(keeper);
}

static void
done(struct helper *helper, const void *report, size_t len)
{
	struct ipsec *ipsec = owner_of(helper, struct ipsec, helper);
	struct ipsec_outcome *outcome = &ipsec->outcome;

	if (len == sizeof(*outcome)) {
		memcpy(outcome, report, len);
	} else {
		memset(outcome, 0, sizeof(*outcome));
		snprintf(outcome->text, sizeof(outcome->text), "the ipsec helper process died");
		snprintf(outcome->fix, sizeof(outcome->fix), "see the lines before in the journal");
	}
	tried(owner_of(ipsec, struct keeper, ipsec));
	next_look(ipsec);
}

void
ipsec_stop(struct keeper *keeper)
{
	loop_cancel(&keeper->loop, &keeper->ipsec.again);
	pluto_watch_close(&keeper->ipsec.watch, &keeper->loop);
	helper_stop(&keeper->ipsec.helper);
}

/* Not managed by us, or no helper can be started: said, and that is all there is to it. */
static void
give_up(struct keeper *keeper, const char *text)
{
	memset(&keeper->ipsec.outcome, 0, sizeof(keeper->ipsec.outcome));
	snprintf(keeper->ipsec.outcome.text, sizeof(keeper->ipsec.outcome.text), "%s", text);
	tried(keeper);
}

static void
start(struct keeper *keeper)
{
	loop_cancel(&keeper->loop, &keeper->ipsec.again);
	if (!keeper->conf->ipsec.manage) {
		ipsec_stop(keeper);
		give_up(keeper, "");
		return;
	}
	keeper->ipsec.soon = false;
	pluto_watch_open(&keeper->ipsec.watch, &keeper->loop);
	if (!helper_start(&keeper->ipsec.helper, run, keeper))
		give_up(keeper, "the ipsec helper process could not be started");
}

static void
due_again(struct timer *timer)
{
	struct ipsec *ipsec = owner_of(timer, struct ipsec, again);

	ipsec->looked = true;
	start(owner_of(ipsec, struct keeper, ipsec));
}

void
ipsec_look_again(struct keeper *keeper)
{
	struct ipsec *ipsec = &keeper->ipsec;

	/* not put off by what goes on happening */
	if (!keeper->conf->ipsec.manage || keeper->ending || ipsec->soon)
		return;
	ipsec->soon = true;
	if (!ipsec->helper.pid)
		loop_after(&keeper->loop, &ipsec->again, LOOK_SOON_MS);
}

static void
pluto_changed(struct pluto_watch *watch)
{
	struct ipsec *ipsec = owner_of(watch, struct ipsec, watch);

	ipsec_look_again(owner_of(ipsec, struct keeper, ipsec));
}

void
ipsec_init(struct keeper *keeper)
{
	pluto_watch_init(&keeper->ipsec.watch, pluto_changed);
	helper_init(&keeper->ipsec.helper, &keeper->loop, done);
	keeper->ipsec.again.due = due_again;
	keeper->ipsec.marks = keeper->conf->ipsec.marks;
}

void
ipsec_start(struct keeper *keeper)
{
	keeper->ipsec.looked = false;
	start(keeper);
}

void
ipsec_send_facts(struct keeper *keeper)
{
	const struct ipsec_outcome *outcome = &keeper->ipsec.outcome;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.facts.kind = WALL_FACTS;
	msg.facts.loaded = outcome->loaded;
	msg.facts.tries = keeper->ipsec.tries;
	snprintf(msg.facts.error, sizeof(msg.facts.error), "%s", outcome->text);
	snprintf(msg.facts.fix, sizeof(msg.facts.fix), "%s", outcome->fix);
	snprintf(msg.facts.manager, sizeof(msg.facts.manager), "%s",
		 outcome->version[0] ? "libreswan" : "none");
	snprintf(msg.facts.version, sizeof(msg.facts.version), "%s", outcome->version);
	snprintf(msg.facts.profile, sizeof(msg.facts.profile), "%s",
		 conf_profile_name(keeper->conf->ipsec.profile));
	if (keeper->worker_ready)
		keeper_send(keeper, &msg, -1);
}
