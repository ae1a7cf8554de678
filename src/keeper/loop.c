/* See loop.h. What an event's handler removes is taken out of the rest of the batch. */
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "keeper/loop.h"

mstime_t
loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (mstime_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
loop_init(struct loop *loop)
{
	*loop = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC)};
	return loop->epoll < 0 ? -errno : 0;
}

void
loop_fini(struct loop *loop)
{
	close(loop->epoll);
	heap_fini(&loop->timers);
}

int
loop_add(struct loop *loop, struct source *source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, source->fd, &event) < 0 ? -errno : 0;
}

void
loop_change(struct loop *loop, struct source *source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	epoll_ctl(loop->epoll, EPOLL_CTL_MOD, source->fd, &event);
}

void
loop_forget(struct loop *loop, struct source *source)
{
	for (int i = loop->next; i < loop->count; i++) {
		if (loop->batch[i].data.ptr == source)
			loop->batch[i].data.ptr = NULL;
	}
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
}

void
loop_close(struct loop *loop, struct source *source)
{
	if (source->fd < 0)
		return;
	loop_forget(loop, source);
	close(source->fd);
	source->fd = -1;
}

bool
loop_after(struct loop *loop, struct timer *timer, mstime_t ms)
{
	return heap_set(&loop->timers, &timer->item, loop_now() + ms);
}

void
loop_cancel(struct loop *loop, struct timer *timer)
{
	heap_remove(&loop->timers, &timer->item);
}

static void
run_batch(struct loop *loop)
{
	while (loop->next < loop->count && !loop->stop) {
		const struct epoll_event *event = &loop->batch[loop->next++];
		struct source *source = event->data.ptr;

		if (source)
			source->ready(source, event->events);
	}
}

/* How long to wait afterwards; -1: for ever. */
static int
run_timers(struct loop *loop)
{
	mstime_t now = loop_now(), left;
	struct heap_item *first;
	bool ran = false;

	while ((first = heap_first(&loop->timers)) && first->when <= now) {
		struct timer *timer = owner_of(first, struct timer, item);

		heap_remove(&loop->timers, first);
		timer->due(timer);
		ran = true;
	}
	if (!first)
		return -1;
	left = first->when - (ran ? loop_now() : now);
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int
loop_run(struct loop *loop)
{
	while (!loop->stop) {
		int wait = run_timers(loop);

		if (loop->stop)
			break;
		loop->next = 0;
		loop->count = epoll_wait(loop->epoll, loop->batch, LOOP_BATCH, wait);
		if (loop->count < 0 && errno != EINTR)
			return -errno;
		run_batch(loop);
	}
	return 0;
}
