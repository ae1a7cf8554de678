/*
 * What sessions may do, told to the worker for who asks it. A reload may change them all in one
 * turn, which is more than the wall holds: each waits until the wall takes it, and is then told as
 * it is by that time.
 */
#include <string.h>

#include "keeper/net_line.h"
#include "keeper/state.h"

static void
tell(struct keeper *keeper, const struct session_info *info)
{
	union wall_msg msg;
	struct wall_grant *told = &msg.grant;

	memset(&msg, 0, sizeof(msg));
	told->kind = WALL_GRANT;
	told->ref = info->ref;
	grant_rate_text(told->rate, &info->grant);
	grant_routes_text(told->routes, sizeof(told->routes), &info->grant);
	grant_allows_text(told->allow, sizeof(told->allow), &info->grant);
	keeper_send(keeper, &msg, -1);
}

void
net_tell(struct keeper *keeper)
{
	struct net_line *line;

	while (!wall_wants_write(keeper->wall) && (line = TAILQ_FIRST(&keeper->net.untold))) {
		net_tell_no_more(keeper, line);
		tell(keeper, line->info);
	}
}

void
net_tell_grant(struct keeper *keeper, struct net_line *line)
{
	if (!line->untold)
		TAILQ_INSERT_TAIL(&keeper->net.untold, line, next_untold);
	line->untold = true;
	net_tell(keeper);
}

void
net_tell_no_more(struct keeper *keeper, struct net_line *line)
{
	if (line->untold)
		TAILQ_REMOVE(&keeper->net.untold, line, next_untold);
	line->untold = false;
}
