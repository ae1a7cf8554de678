/* pppd's exit codes as a table; they are the same in 2.4.9 and 2.5 (pppd(8), EXIT STATUS). */
#include <stdio.h>
#include <sys/wait.h>

#include "keeper/pppd_exit.h"

struct exit_row {
	enum cause cause;
	enum closed_by by;
	const char *text; /* NULL: the cause's own sentence */
};

static const struct exit_row rows[] = {
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
	[10] = {CAUSE_NEGOTIATION, BY_SERVER, NULL},
	[11] = {CAUSE_METHOD, BY_SERVER, "the client did not prove who it is"},
	[12] = {CAUSE_IDLE_TIMEOUT, BY_SERVER, NULL},
	[13] = {CAUSE_SESSION_TIMEOUT, BY_SERVER, NULL},
	[14] = {CAUSE_NEGOTIATION, BY_SERVER, "the client asked to be called back"},
	[15] = {CAUSE_LOST_CARRIER, BY_SERVER, "four LCP echo requests were not answered"},
	[16] = {CAUSE_LOST_CARRIER, BY_SERVER, "the line was closed"},
	[17] = {CAUSE_NEGOTIATION, BY_SERVER, "the line is looped back"},
	[18] = {CAUSE_PPPD_START, BY_SERVER, "an init script of pppd failed"},
	[19] = {CAUSE_METHOD, BY_CLIENT, "the client asked us to authenticate to it"},
	[20] = {CAUSE_LIMIT, BY_SERVER, "the traffic allowed for a session is used up"},
	[21] = {CAUSE_METHOD, BY_SERVER, "the client's number is not allowed"},
};

void
pppd_exit_read(struct ending *ending, int wait_status)
{
	unsigned code = WIFEXITED(wait_status) ? (unsigned)WEXITSTATUS(wait_status) : 0;
	const struct exit_row *row = &rows[code < sizeof(rows) / sizeof(rows[0]) ? code : 1];

	*ending = (struct ending){.cause = row->cause, .by = row->by};
	if (WIFSIGNALED(wait_status)) {
		*ending = (struct ending){.cause = CAUSE_PPPD_DIED, .by = BY_SERVER};
		snprintf(ending->text, sizeof(ending->text), "pppd was killed by signal %d",
			 WTERMSIG(wait_status));
	} else if (code >= sizeof(rows) / sizeof(rows[0])) {
		snprintf(ending->text, sizeof(ending->text), "pppd ended with code %u", code);
	} else {
		snprintf(ending->text, sizeof(ending->text), "%s",
			 row->text ? row->text : cause_text(row->cause));
	}
}
