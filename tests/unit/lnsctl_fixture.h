/* The program lnsctl, which must stand in the folder above the test's, and a folder to play in. */
#ifndef LNSCTL_FIXTURE_H
#define LNSCTL_FIXTURE_H

#include <sys/types.h>

extern char tool_dir[64];
extern char tool_output[65536]; /* of the last run, standard error too */

/* A checked fixture. */
void tool_begin(void);
void tool_end(void);

/* A file in the folder, with this mode. */
void tool_file(const char *name, mode_t mode, const char *text);

/* The machine's rules, for who asks `ip`, nft and the iptables: none. */
void tool_no_rules(void);

/* A daemon that takes one request, keeps it in the file "request", gives one answer, and ends. */
void tool_daemon(const char *answer);
void tool_daemon_ended(void);

/*
 * Runs lnsctl with arguments for the shell; gives its exit code. The control socket is "ctl" in the
 * folder, and programs are looked for there first.
 */
int tool_run(const char *arguments);

/* What stands in a file of tool_dir, "" when there is none; until the next call. */
char *tool_text(const char *name);

#endif
