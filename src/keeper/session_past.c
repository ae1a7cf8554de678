/* The history of sessions whose worker has died: what the keeper knows of them. */
#include <stdlib.h>
#include <string.h>

#include "keeper/history.h"
#include "keeper/session_state.h"
#include "pool6.h"

/* The worker tells of a session a moment after its pppd has ended, which many can do at once. */
#define OWED_MAX 4096

struct owed {
	TAILQ_ENTRY(owed) next;
	struct wall_history entry;
};

static void
forget(struct keeper *keeper, struct owed *owed)
{
	TAILQ_REMOVE(&keeper->owed, owed, next);
	keeper->owed_count--;
	free(owed);
}

static bool
same(const struct lns_ref *a, const struct lns_ref *b)
{
	return a->tid == b->tid && a->sid == b->sid && a->serial == b->serial;
}

/* What has passed and the client's name were the worker's. */
static void
fill(struct wall_history *entry, const struct session_info *info)
{
	*entry = (struct wall_history){
		.kind = WALL_HISTORY,
		.ref = info->ref,
		.peer = info->path.peer,
		.up = 1,
		.address = info->address,
		.cause = CAUSE_SHUTDOWN,
		.by = BY_SERVER,
		.duration_s = (uint64_t)(loop_now() - info->up_since) / 1000,
		.text = "lnsd's worker died, and nobody knows how much has passed",
	};
	if (info->up6)
		entry->link6 = pool6_link(&info->prefix6);
	memcpy(entry->user, info->user, sizeof(entry->user));
}

void
session_past_owe(struct session *session)
{
	struct keeper *keeper = session->keeper;
	struct owed *owed;

	if (!session->up || session->noted || !keeper->worker)
		return;
	if (keeper->owed_count == OWED_MAX)
		forget(keeper, TAILQ_FIRST(&keeper->owed));
	owed = calloc(1, sizeof(*owed));
	if (!owed)
		return;
	fill(&owed->entry, &session->info);
	TAILQ_INSERT_TAIL(&keeper->owed, owed, next);
	keeper->owed_count++;
}

void
session_past_told(struct keeper *keeper, const struct wall_history *entry)
{
	struct session *session = session_find(keeper, entry->ref);
	struct owed *owed;

	history_add(keeper, entry);
	if (session) {
		session->noted = true;
		return;
	}
	TAILQ_FOREACH(owed, &keeper->owed, next)
	{
		if (same(&owed->entry.ref, &entry->ref)) {
			forget(keeper, owed);
			return;
		}
	}
}

void
session_past_tell(struct keeper *keeper)
{
	const struct owed *owed;
	struct session *session;

	TAILQ_FOREACH(owed, &keeper->owed, next)
	history_add(keeper, &owed->entry);
	session_past_forget(keeper);
	TAILQ_FOREACH(session, &keeper->session_list, next)
	{
		struct wall_history entry;

		if (!session->up || session->noted)
			continue;
		fill(&entry, &session->info);
		history_add(keeper, &entry);
		session->noted = true;
	}
}

void
session_past_forget(struct keeper *keeper)
{
	struct owed *owed = TAILQ_FIRST(&keeper->owed), *next;

	TAILQ_INIT(&keeper->owed);
	keeper->owed_count = 0;
	for (; owed; owed = next) {
		next = TAILQ_NEXT(owed, next);
		free(owed);
	}
}
