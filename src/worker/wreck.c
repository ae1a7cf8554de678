/* See wreck.h. */
#include "worker/wreck.h"

#include <stdio.h>
#include <string.h>

void
wrecks_session_over(struct wrecks *wrecks, struct lns_ref ref, const char *user)
{
	wrecks->last_tid = ref.tid;
	snprintf(wrecks->last_user, sizeof(wrecks->last_user), "%s", user);
}

/* One end asked for it, or nothing went wrong that its control messages could tell of. */
static bool
is_regular(const struct lns_act *act)
{
	switch (act->cause) {
	case CAUSE_USER_REQUEST:
	case CAUSE_IDLE_TIMEOUT:
	case CAUSE_SESSION_TIMEOUT:
	case CAUSE_REPLACED:
	case CAUSE_DISCONNECT:
		return act->was_up;
	case CAUSE_ADMIN:
	case CAUSE_SHUTDOWN:
		return true;
	default:
		return false;
	}
}

static size_t
count(const struct wreck_list *list)
{
	return list->total < WRECKS_MAX ? list->total : WRECKS_MAX;
}

void
wrecks_tunnel_down(struct wrecks *wrecks, const struct lns_act *act, mstime_t now)
{
	struct wreck_list *list = act->was_up ? &wrecks->late : &wrecks->early;
	struct wreck *wreck;

	if (!act->trail || is_regular(act))
		return;
	wreck = &list->list[list->total++ % WRECKS_MAX];
	*wreck = (struct wreck){.ref = act->ref,
				.path = act->path,
				.cause = act->cause,
				.by = act->by,
				.at = now,
				.was_up = act->was_up,
				.trail = *act->trail};
	memcpy(wreck->text, act->text, sizeof(wreck->text));
	if (wrecks->last_tid == act->ref.tid)
		memcpy(wreck->user, wrecks->last_user, sizeof(wreck->user));
	wrecks->last_tid = 0;
}

void
wrecks_said(struct wrecks *wrecks, const struct lns_act *act)
{
	struct wreck_list *const lists[] = {&wrecks->late, &wrecks->early};

	for (size_t which = 0; act->trail && which < 2; which++) {
		for (size_t i = 0; i < count(lists[which]); i++) {
			struct wreck *wreck = &lists[which]->list[i];

			if (wreck->ref.tid == act->ref.tid && wreck->ref.serial == act->ref.serial)
				wreck->trail = *act->trail;
		}
	}
}

const struct wreck *
wrecks_at(const struct wrecks *wrecks, size_t i)
{
	const struct wreck_list *list = &wrecks->late;

	if (i >= count(list)) {
		i -= count(list);
		list = &wrecks->early;
	}
	return i < count(list) ? &list->list[(list->total - 1 - i) % WRECKS_MAX] : NULL;
}
