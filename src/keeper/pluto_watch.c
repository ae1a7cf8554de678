/* The socket's folder comes and goes with pluto where systemd makes it, so its parent is watched,
 * too. */
#include "keeper/pluto_watch.h"

#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#define PARENT "/run"
#define FOLDER "pluto"
#define SOCKET "pluto.ctl"

/* Replaces the watch of a folder that is gone; one that is there already stays as it is. */
static void
watch_folder(int fd)
{
	inotify_add_watch(fd, PARENT "/" FOLDER, IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR);
}

static void
events_ready(struct source *source, uint32_t what)
{
	struct pluto_watch *watch = owner_of(source, struct pluto_watch, source);
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t len = read(source->fd, buffer, sizeof(buffer));
	const struct inotify_event *event;
	bool changed = false;

	(void)what;
	for (ssize_t at = 0; at < len; at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const void *)(buffer + at);
		if (event->len && strcmp(event->name, FOLDER) == 0)
			watch_folder(source->fd);
		else if (!event->len || strcmp(event->name, SOCKET) != 0)
			continue;
		changed = true;
	}
	if (changed)
		watch->changed(watch);
}

void
pluto_watch_init(struct pluto_watch *watch, void (*changed)(struct pluto_watch *watch))
{
	*watch = (struct pluto_watch){.source = {.fd = -1, .ready = events_ready},
				      .changed = changed};
}

void
pluto_watch_open(struct pluto_watch *watch, struct loop *loop)
{
	int fd = watch->source.fd < 0 ? inotify_init1(IN_CLOEXEC | IN_NONBLOCK) : -1;

	if (fd < 0)
		return;
	watch->source.fd = fd;
	inotify_add_watch(fd, PARENT, IN_CREATE | IN_ONLYDIR);
	watch_folder(fd);
	if (loop_add(loop, &watch->source, EPOLLIN) != 0)
		pluto_watch_close(watch, loop);
}

void
pluto_watch_close(struct pluto_watch *watch, struct loop *loop)
{
	loop_close(loop, &watch->source);
}
