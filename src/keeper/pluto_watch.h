/* Notices that pluto starts or stops, by its control socket. */
#ifndef KEEPER_PLUTO_WATCH_H
#define KEEPER_PLUTO_WATCH_H

#include "keeper/loop.h"

struct pluto_watch {
	struct source source; /* inotify */
	void (*changed)(struct pluto_watch *watch);
};

/* `changed` may be called several times for one start. */
void pluto_watch_init(struct pluto_watch *watch, void (*changed)(struct pluto_watch *watch));
/* Begins to watch; done already, it does nothing. Where it cannot, nothing is noticed. */
void pluto_watch_open(struct pluto_watch *watch, struct loop *loop);
void pluto_watch_close(struct pluto_watch *watch, struct loop *loop);

#endif
