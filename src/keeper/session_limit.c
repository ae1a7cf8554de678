/* How long a session may last: its own timeout, and the end of its user. */
#include <time.h>

#include "keeper/session_state.h"

/* The account's end is a moment of the wall clock, which may be set meanwhile: it is looked at
 * again at least so often. */
#define LOOK_AGAIN_MS 60000

/* Milliseconds until the session has to end, 0 when it has, and why; -1: not by itself. */
static mstime_t
time_left(const struct session_info *info, enum cause *cause)
{
	mstime_t left = -1;

	*cause = CAUSE_NONE;
	if (info->grant.session_timeout_s) {
		left = info->up_since + (mstime_t)info->grant.session_timeout_s * 1000 - loop_now();
		left = left < 0 ? 0 : left;
		*cause = CAUSE_SESSION_TIMEOUT;
	}
	if (info->grant.expires) {
		time_t now = time(NULL);
		mstime_t lasts = now < info->grant.expires ? (info->grant.expires - now) * 1000 : 0;

		if (left < 0 || lasts < left) {
			left = lasts;
			*cause = CAUSE_EXPIRED;
		}
	}
	return left;
}

void
session_set_limit(struct keeper *keeper, const struct session_info *info)
{
	struct session *session = owner_of(info, struct session, info);
	enum cause cause;
	mstime_t left = session->up ? time_left(info, &cause) : -1;

	loop_cancel(&keeper->loop, &session->limit);
	if (left < 0)
		return;
	if (left > LOOK_AGAIN_MS)
		left = LOOK_AGAIN_MS;
	/* without memory for a timer the session may not stay: nobody would end it */
	if (!loop_after(&keeper->loop, &session->limit, left))
		session_end(keeper, info->ref, CAUSE_NO_RESOURCES, BY_SERVER, NULL);
}

void
session_due_limit(struct timer *timer)
{
	struct session *session = owner_of(timer, struct session, limit);
	enum cause cause;

	if (time_left(&session->info, &cause) == 0)
		session_end(session->keeper, session->info.ref, cause, BY_SERVER, NULL);
	else
		session_set_limit(session->keeper, &session->info);
}
