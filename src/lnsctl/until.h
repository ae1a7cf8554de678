/* What goes on until the user ends it (Ctrl-C, SIGTERM), or for a time. */
#ifndef LNSCTL_UNTIL_H
#define LNSCTL_UNTIL_H

#include <stdbool.h>
#include <stdint.h>

struct until {
	int signals;
	int64_t end; /* of the monotonic clock, in ms; INT64_MAX: none */
};

enum until_what { UNTIL_READY, UNTIL_QUIET, UNTIL_OVER };

/* `time` is that of --for, or NULL. From now on Ctrl-C ends the program no more. False: what is
 * wrong has been said. */
bool until_open(struct until *until, const char *time);
void until_close(struct until *until);

/* Waits until fd can be read (-1: there is none), at most for so long (-1: no limit). */
enum until_what until_wait(const struct until *until, int fd, int ms);

#endif
