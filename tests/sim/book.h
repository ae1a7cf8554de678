/*
 * What was told of each session and tunnel, held against what the door promises: a session is
 * started, let go and stopped once each and in this order, one that we placed may end before it
 * started, no id is given twice, and a tunnel that was told to be up is told to be down.
 */
#ifndef SIM_BOOK_H
#define SIM_BOOK_H

#include "lns.h"

#define BOOK_REFS 1024

enum told { TOLD_START = 1, TOLD_GO = 2, TOLD_STOP = 4 };

struct seen {
	struct lns_ref ref;
	unsigned told;
	bool placed;	/* by us */
	uint32_t next;	/* number of the next frame, where they are numbered */
	unsigned owner; /* whose it is: the last byte of its peer's address */
};

struct book {
	struct seen seen[BOOK_REFS];
	unsigned count, up, down; /* tunnels */
	const char *fault;	  /* the first; NULL: none */
	struct lns_ref faulty;
};

/* The entry of a session. When there is none: made with its path, NULL without one or when the book
 * is full. */
struct seen *book_find(struct book *book, struct lns_ref ref, const struct lns_path *path);
/* A session that lns_dial() gave out. */
void book_placed(struct book *book, struct lns_ref ref, const struct lns_path *path);
/* Any action but LNS_ACT_SEND. */
void book_take(struct book *book, const struct lns_act *act);
/* All that has begun must have ended. */
void book_close(struct book *book);

#endif
