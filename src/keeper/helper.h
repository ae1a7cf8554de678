/*
 * A process that waits for other programs, so that the keeper's loop never does. It is a fork: it
 * knows what the keeper knows, reports once through a pipe, and ends.
 */
#ifndef KEEPER_HELPER_H
#define KEEPER_HELPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "keeper/loop.h"

/* A report is one write(2). */
#define HELPER_REPORT_MAX 4096

struct helper {
	struct source source; /* the pipe */
	struct loop *loop;
	pid_t pid; /* 0: none runs */
	/* The helper has ended. len is 0 when it died without a report. May start another. */
	void (*done)(struct helper *helper, const void *report, size_t len);
};

void helper_init(struct helper *helper, struct loop *loop,
		 void (*done)(struct helper *helper, const void *report, size_t len));

/* Runs in the helper: fills the report, gives its length. */
typedef size_t helper_fn(const void *arg, char report[HELPER_REPORT_MAX]);

/* False when none could be started; one that still runs is ended first, unheard. */
bool helper_start(struct helper *helper, helper_fn *run, const void *arg);
/* Ends it. A program that it waited for may go on. */
void helper_stop(struct helper *helper);

#endif
