/* No more tunnels: the end of the daemon, and peers that are sent to another server. */
#include <stdio.h>

#include "l2tp/tunnel.h"

void
lns_shutdown(struct lns *lns, mstime_t now)
{
	struct tunnel *next;

	endpoint_enter(lns, now);
	lns->shutting_down = true;
	for (struct tunnel *t = lns->tunnels; t; t = next) {
		next = t->next;
		tunnel_close(lns, t, CAUSE_SHUTDOWN, BY_SERVER, NULL);
	}
}

bool
lns_quiet(const struct lns *lns)
{
	return lns->closing == 0;
}

void
lns_drain(struct lns *lns, mstime_t now, const char *address, bool all)
{
	struct tunnel *next;

	endpoint_enter(lns, now);
	snprintf(lns->drain, sizeof(lns->drain), "%s", address ? address : "");
	if (!lns->drain[0] || !all)
		return;
	for (struct tunnel *t = lns->tunnels; t; t = next) {
		next = t->next;
		if (t->state >= T_CLOSING)
			continue;
		l2tp_end_elsewhere(&t->end, lns->drain);
		tunnel_event(lns, t, TE_CLOSE);
	}
}

const char *
lns_draining(const struct lns *lns)
{
	return lns->drain[0] ? lns->drain : NULL;
}
