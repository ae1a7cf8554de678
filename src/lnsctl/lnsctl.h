/*
 * lnsctl: a table of verbs, one file a verb. A verb that needs the daemon asks it over the control
 * socket (client.h) and shows the document that came back, as a table or as it is.
 */
#ifndef LNSCTL_LNSCTL_H
#define LNSCTL_LNSCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "lnsctl/options.h"

enum exit_code {
	CODE_DONE = 0,
	CODE_REFUSED = 1,   /* the daemon refused it, or something is wrong */
	CODE_USAGE = 2,	    /* wrong usage */
	CODE_NO_DAEMON = 3, /* the daemon does not answer */
};

/* `args` ends with NULL. What is wrong has been said on standard error. */
typedef enum exit_code verb_fn(const struct settings *settings, char *const *args);

struct verb {
	const char *name;
	const char *arg;     /* its arguments in the usage: "ID", "[FILE]"; NULL: none */
	int least, most;     /* so many of them */
	uint64_t options;    /* OPT_BITs: those that it takes */
	const char *summary; /* a line for the list */
	const char *help;    /* the rest for `lnsctl help VERB` */
	bool prints;	     /* data, so that --json means something */
	verb_fn *run;
};

extern const struct verb verb_status;
extern const struct verb verb_sessions;
extern const struct verb verb_tunnels;
extern const struct verb verb_show;
extern const struct verb verb_disconnect;
extern const struct verb verb_dial;
extern const struct verb verb_drain;
extern const struct verb verb_reload;
extern const struct verb verb_check;
extern const struct verb verb_doctor;
extern const struct verb verb_history;
extern const struct verb verb_bans;
extern const struct verb verb_user;
extern const struct verb verb_client;
extern const struct verb verb_setup;
extern const struct verb verb_import;
extern const struct verb verb_ipsec;
extern const struct verb verb_log;
extern const struct verb verb_trace;
extern const struct verb verb_top;
extern const struct verb verb_cert;
extern const struct verb verb_version;

/* "lnsctl: …" on standard error. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
