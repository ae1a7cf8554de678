/* pppd's exit codes as a table; they are the same in 2.4.9 and 2.5 (pppd(8), EXIT STATUS). Where a
 * code stands for too much, a second table knows by how far the link came: RFC 3145 §2.1 wants to
 * be told which of PPP's protocols failed, and so do people. */
#include <stdio.h>
#include <sys/wait.h>

#include "keeper/pppd_exit.h"

struct exit_row {
	enum cause cause;
	enum closed_by by;
	const char *text; /* NULL: the cause's own sentence */
};

/* pppd's EXIT_NEGOTIATION_FAILED: it stands until IPCP is open. EXIT_PEER_AUTH_FAILED: refused by
 * the keeper, who knows better why; or the client never answered. */
enum { CODE_NEGOTIATION = 10, CODE_AUTH = 11, CODE_HANGUP = 16, CODE_COUNT = 22 };

static const struct exit_row rows[CODE_COUNT] = {
	[0] = {CAUSE_USER_REQUEST, BY_CLIENT, NULL},
	[1] = {CAUSE_PPPD_DIED, BY_SERVER, "pppd: a fatal error, see its lines in the journal"},
	[2] = {CAUSE_PPPD_START, BY_SERVER,
	       "pppd refused an option: check ppp.options-file and /etc/ppp/options"},
	[3] = {CAUSE_PPPD_START, BY_SERVER, "pppd was not started as root"},
	[4] = {CAUSE_PPPD_START, BY_SERVER,
	       "the kernel has no PPP: modprobe ppp_generic ppp_async"},
	[5] = {CAUSE_ADMIN, BY_SERVER, "pppd was ended by a signal from outside"},
	[6] = {CAUSE_PPPD_START, BY_SERVER, "pppd could not lock its line"},
	[7] = {CAUSE_PPPD_START, BY_SERVER, "pppd could not open its line"},
	[8] = {CAUSE_PPPD_START, BY_SERVER, "a connect script of pppd failed"},
	[9] = {CAUSE_PPPD_START, BY_SERVER, "a pty command of pppd failed"},
	[CODE_NEGOTIATION] = {CAUSE_NEGOTIATION, BY_SERVER,
			      "PPP negotiation did not come to an end"},
	[CODE_AUTH] = {CAUSE_METHOD, BY_SERVER, "the client did not prove who it is"},
	[12] = {CAUSE_IDLE_TIMEOUT, BY_SERVER, NULL},
	[13] = {CAUSE_SESSION_TIMEOUT, BY_SERVER, NULL},
	[14] = {CAUSE_CALLBACK, BY_SERVER, NULL},
	[15] = {CAUSE_LOST_CARRIER, BY_SERVER, "four LCP echo requests were not answered"},
	[CODE_HANGUP] = {CAUSE_LOST_CARRIER, BY_SERVER, "the line was closed"},
	[17] = {CAUSE_LOOPBACK, BY_SERVER, NULL},
	[18] = {CAUSE_PPPD_START, BY_SERVER, "an init script of pppd failed"},
	[19] = {CAUSE_METHOD, BY_CLIENT, "the client asked us to authenticate to it"},
	[20] = {CAUSE_LIMIT, BY_SERVER, "the traffic allowed for a session is used up"},
	[21] = {CAUSE_METHOD, BY_SERVER, "the client's number is not allowed"},
};

static const struct exit_row by_stage[PLINK_STAGE_COUNT][2] = {
	/* what negotiation came to, and authentication */
	[PLINK_SILENT] = {{CAUSE_LCP_SILENT, BY_SERVER, NULL}},
	[PLINK_HEARD] = {{CAUSE_LCP, BY_SERVER, NULL},
			 {CAUSE_METHOD, BY_SERVER, "the client refused to say who it is"}},
	[PLINK_OPEN] = {{CAUSE_LCP, BY_SERVER, "LCP began anew and did not come to an end"},
			{CAUSE_AUTH_TIMEOUT, BY_SERVER, NULL}},
	[PLINK_PROVED] = {{CAUSE_NCP, BY_SERVER, NULL}},
};

/* The client said that it ends the link. While LCP is not open that means that it does not like
 * what it is asked for. */
static const struct exit_row closed_by_peer[PLINK_STAGE_COUNT] = {
	[PLINK_HEARD] = {CAUSE_LCP, BY_CLIENT, "the client ended the link while LCP negotiated"},
	[PLINK_OPEN] = {CAUSE_USER_REQUEST, BY_CLIENT,
			"the client hung up before it had said who it is"},
	[PLINK_PROVED] = {CAUSE_USER_REQUEST, BY_CLIENT,
			  "the client hung up before it had an address"},
	[PLINK_RUNNING] = {CAUSE_USER_REQUEST, BY_CLIENT, NULL},
};

static const struct exit_row *
find_row(unsigned code, const struct pppd_course *course)
{
	const struct exit_row *row = NULL;

	if (course->peer_closed && (code == CODE_NEGOTIATION || code == CODE_HANGUP))
		row = &closed_by_peer[course->stage];
	else if (code == CODE_NEGOTIATION || code == CODE_AUTH)
		row = &by_stage[course->stage][code == CODE_AUTH];
	if (row && row->cause != CAUSE_NONE)
		return row;
	return &rows[code < CODE_COUNT ? code : 1];
}

void
pppd_exit_read(struct ending *ending, int wait_status, const struct pppd_course *course)
{
	unsigned exit_code = WIFEXITED(wait_status) ? (unsigned)WEXITSTATUS(wait_status) : 0;
	unsigned code = course->stage == PLINK_UNKNOWN ? exit_code : course->status;
	const struct exit_row *row = find_row(code, course);

	*ending = (struct ending){.cause = row->cause, .by = row->by};
	if (WIFSIGNALED(wait_status)) {
		*ending = (struct ending){.cause = CAUSE_PPPD_DIED, .by = BY_SERVER};
		snprintf(ending->text, sizeof(ending->text), "pppd was killed by signal %d",
			 WTERMSIG(wait_status));
	} else if (code >= CODE_COUNT) {
		snprintf(ending->text, sizeof(ending->text), "pppd ended with code %u", code);
	} else {
		snprintf(ending->text, sizeof(ending->text), "%s",
			 row->text ? row->text : cause_text(row->cause));
	}
}
