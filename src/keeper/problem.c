/* Problems: a change is logged and crosses the wall, a repetition is not. */
#include <stdio.h>
#include <string.h>

#include "keeper/problem.h"
#include "keeper/state.h"

static void
tell(struct keeper *keeper, enum problem_id id)
{
	union wall_msg msg = {.problem = keeper->problems.slots[id]};

	msg.problem.kind = WALL_PROBLEM;
	msg.problem.id = id;
	if (keeper->worker_ready)
		keeper_send(keeper, &msg, -1);
}

void
problem_set(struct keeper *keeper, enum problem_id id, const char *severity, const char *text,
	    const char *fix)
{
	struct wall_problem *slot = &keeper->problems.slots[id];
	struct wall_problem next;

	memset(&next, 0, sizeof(next));
	if (text[0]) {
		snprintf(next.severity, sizeof(next.severity), "%s", severity);
		snprintf(next.text, sizeof(next.text), "%s", text);
		snprintf(next.fix, sizeof(next.fix), "%s", fix);
	}
	if (memcmp(slot, &next, sizeof(next)) == 0)
		return;
	if (next.text[0])
		log_line(strcmp(severity, "error") == 0 ? LVL_ERROR : LVL_WARNING, "%s: %s", text,
			 fix);
	else
		log_notice("solved: %s", slot->text);
	*slot = next;
	tell(keeper, id);
}

void
problem_send_all(struct keeper *keeper)
{
	for (enum problem_id id = 0; id < WALL_PROBLEMS; id++)
		if (keeper->problems.slots[id].text[0])
			tell(keeper, id);
}
