/* The keeper's loop: descriptors by epoll, deadlines by a heap. Sources and timers live inside
 * their owners. */
#ifndef KEEPER_LOOP_H
#define KEEPER_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "heap.h"
#include "mstime.h"

/* The owner of an embedded member */
#define owner_of(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* A watched descriptor. `ready` may remove any source, its own too, and free the owner. */
struct source {
	int fd;
	void (*ready)(struct source *source, uint32_t events); /* EPOLLIN, EPOLLOUT … */
};

/* A deadline; zero-initialise `item`. `due` is called once; the timer is out of the heap by then.
 */
struct timer {
	struct heap_item item;
	void (*due)(struct timer *timer);
};

#define LOOP_BATCH 16

struct loop {
	int epoll;
	struct epoll_event batch[LOOP_BATCH]; /* of this turn: those before `next` had theirs */
	int next, count;
	struct heap timers;
	bool stop;
};

/* 0 or -errno */
int loop_init(struct loop *loop);
void loop_fini(struct loop *loop);

/* Watches source->fd; 0 or -errno. */
int loop_add(struct loop *loop, struct source *source, uint32_t events);
void loop_change(struct loop *loop, struct source *source, uint32_t events);
/* Forgets the source; the descriptor stays open. */
void loop_forget(struct loop *loop, struct source *source);
/* Forgets the source and closes its descriptor; nothing when it is -1 already. */
void loop_close(struct loop *loop, struct source *source);

/* (Re)arms a timer, ms from now. False when memory is short. */
bool loop_after(struct loop *loop, struct timer *timer, mstime_t ms);
void loop_cancel(struct loop *loop, struct timer *timer);

/* Runs until `stop` is set; 0 or -errno. */
int loop_run(struct loop *loop);

/* CLOCK_MONOTONIC in ms */
mstime_t loop_now(void);

#endif
