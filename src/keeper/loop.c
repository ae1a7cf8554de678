/* One event a turn: nothing that its handler removes can still be waiting in a batch. */
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
run_timers(struct loop *loop)
{
	mstime_t now = loop_now();
	struct heap_item *first;

	while ((first = heap_first(&loop->timers)) && first->when <= now) {
		struct timer *timer = owner_of(first, struct timer, item);

		heap_remove(&loop->timers, first);
		timer->due(timer);
	}
}

static int
wait_ms(struct loop *loop)
{
	const struct heap_item *first = heap_first(&loop->timers);
	mstime_t left = first ? first->when - loop_now() : -1;

	if (!first)
		return -1;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int
loop_run(struct loop *loop)
{
	while (!loop->stop) {
		struct epoll_event event;
		int n = epoll_wait(loop->epoll, &event, 1, wait_ms(loop));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 1) {
			struct source *source = event.data.ptr;

			source->ready(source, event.events);
		}
		run_timers(loop);
	}
	return 0;
}
