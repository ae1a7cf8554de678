/* What a check found: well or not, in words, with what to do. */
#ifndef LNSCTL_FINDING_H
#define LNSCTL_FINDING_H

#include <stdbool.h>

struct finding {
	bool ok;
	char text[512], fix[512];
};

/* All is well, and this is what was found. */
void finding_good(struct finding *finding, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Not ok, with what is wrong; `fix` is a sentence or a command. */
void finding_bad(struct finding *finding, const char *fix, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What to do so that `where`, as rules_drop() names it, lets these in: "udp 500", "udp 4500",
 * "esp", "udp 1701". With the words of who has made the rule, where that is known. */
const char *finding_open(char fix[256], const char *where, const char *what);

/* `name` where it can stand in a command that somebody will copy; else "NAME". */
const char *finding_name(const char *name);

#endif
