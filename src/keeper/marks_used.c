#include "keeper/marks_used.h"

#include <stdio.h>
#include <string.h>

#include "keeper/state.h"
#include "marks.h"

#define RULE_MAX 100

static size_t
run(const void *arg, char report[HELPER_REPORT_MAX])
{
	const struct marks_used *marks = arg;

	if (marks_find(marks->base, report, RULE_MAX) != MARKS_USED)
		report[0] = '\0';
	return strlen(report) + 1;
}

static void
done(struct helper *helper, const void *report, size_t len)
{
	struct marks_used *marks = owner_of(helper, struct marks_used, helper);
	const char *rule = report;
	char text[160];

	/* it died: nothing new is known */
	if (len == 0)
		return;
	snprintf(text, sizeof(text), "marks of 0x%x to 0x%x are used by others, too: %.*s",
		 marks->base, marks->base + MARKS_COUNT - 1, (int)len, rule);
	problem_set(owner_of(marks, struct keeper, marks_used), PROBLEM_MARK_RANGE, "warning",
		    rule[0] ? text : "",
		    "set ipsec.mark-base to a range that nobody uses and restart lnsd, or change "
		    "that rule");
}

void
marks_used_init(struct keeper *keeper)
{
	helper_init(&keeper->marks_used.helper, &keeper->loop, done);
	keeper->marks_used.own = keeper->conf->ipsec.marks == MARKS_OWN;
	keeper->marks_used.base = keeper->conf->ipsec.mark_base;
}

void
marks_used_look(struct keeper *keeper)
{
	if (keeper->marks_used.own &&
	    !helper_start(&keeper->marks_used.helper, run, &keeper->marks_used))
		log_notice("ipsec.mark-base: not compared with the rules of this machine: no "
			   "helper process could be started");
}

void
marks_used_stop(struct keeper *keeper)
{
	helper_stop(&keeper->marks_used.helper);
}
