/*
 * Follows pluto's log, for who fails with a wrong pre-shared key: by journalctl, or by tail where
 * pluto writes a file. What they print is read line by line and never waited for.
 */
#ifndef KEEPER_PSK_WATCH_H
#define KEEPER_PSK_WATCH_H

#include <sys/types.h>

#include "conf.h"
#include "keeper/loop.h"

struct keeper;

#define PSK_LINE_MAX 1024 /* longer ones are passed over */
#define PSK_EXCHANGES 64  /* whose failure is remembered, so that it counts once */

struct psk_watch {
	struct source source; /* what the program prints */
	struct timer again;
	pid_t pid; /* 0: none runs */
	char line[PSK_LINE_MAX];
	size_t len;
	bool overlong;
	unsigned exchanges[PSK_EXCHANGES], next;
	char file[CONF_PATH_MAX]; /* that it follows; "": the journal */
};

void psk_watch_init(struct keeper *keeper);
/* The configuration is new: begins, ends, or follows another log. */
void psk_watch_set(struct keeper *keeper);
void psk_watch_stop(struct keeper *keeper);

#endif
