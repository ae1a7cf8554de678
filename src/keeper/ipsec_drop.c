#include "keeper/ipsec_drop.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "keeper/state.h"

#define COLLECT_MS 200
#define COMMAND_MS 10000
#define STATES_MAX (2 * IPSEC_DROP_MAX)

/* what the helper says */
struct dropped {
	size_t states, failed;
	bool answered;
};

struct reading {
	struct drop_plan plan;
	bool full;
};

static void
read_state(void *ctx, const char *line)
{
	struct reading *reading = ctx;

	reading->full = reading->full || !drop_plan_read(&reading->plan, line);
}

static bool
delete_state(const char *ipsec, unsigned number)
{
	char text[16];
	const char *const argv[] = {ipsec, "whack", "--deletestate", text, NULL};

	snprintf(text, sizeof(text), "%u", number);
	return command_run(argv, COMMAND_MS, NULL, NULL) == 0;
}

static size_t
run(const void *arg, char report[HELPER_REPORT_MAX])
{
	const struct ipsec_drop *drop = arg;
	char ipsec[256];
	const char *const states[] = {ipsec, "whack", "--showstates", NULL};
	struct reading reading = {.full = false};
	struct dropped dropped = {.answered = false};
	unsigned numbers[STATES_MAX];

	if (command_find(ipsec, sizeof(ipsec), "ipsec") &&
	    command_run(states, COMMAND_MS, read_state, &reading) == 0 && !reading.full) {
		dropped.answered = true;
		dropped.states = drop_plan_pick(&reading.plan, drop->pairs, drop->count, numbers,
						STATES_MAX);
	}
	for (size_t i = 0; i < dropped.states; i++)
		dropped.failed += !delete_state(ipsec, numbers[i]);
	drop_plan_fini(&reading.plan);
	memcpy(report, &dropped, sizeof(dropped));
	return sizeof(dropped);
}

static void
done(struct helper *helper, const void *report, size_t len)
{
	struct ipsec_drop *drop = owner_of(helper, struct ipsec_drop, helper);
	struct dropped dropped = {.answered = false};

	if (len == sizeof(dropped))
		memcpy(&dropped, report, len);
	if (!dropped.answered)
		log_notice("ipsec: pluto was not asked to delete SAs: it did not answer");
	else if (dropped.failed)
		log_notice("ipsec: pluto did not delete %zu of %zu states", dropped.failed,
			   dropped.states);
	else
		log_debug("ipsec: pluto deleted %zu states", dropped.states);
	if (drop->count)
		loop_after(helper->loop, &drop->collect, COLLECT_MS);
}

static void
due_collect(struct timer *timer)
{
	struct ipsec_drop *drop = owner_of(timer, struct ipsec_drop, collect);

	if (!helper_start(&drop->helper, run, drop))
		log_warning("ipsec: no helper process could be started, %zu SAs stay in libreswan",
			    drop->count);
	/* the helper has its own copy */
	drop->count = 0;
}

void
ipsec_drop_init(struct keeper *keeper)
{
	helper_init(&keeper->drop.helper, &keeper->loop, done);
	keeper->drop.collect.due = due_collect;
}

void
ipsec_drop_stop(struct keeper *keeper)
{
	loop_cancel(&keeper->loop, &keeper->drop.collect);
	helper_stop(&keeper->drop.helper);
	keeper->drop.count = 0;
}

static bool
waits(const struct ipsec_drop *drop, const struct spi_pair *pair)
{
	for (size_t i = 0; i < drop->count; i++)
		if (drop->pairs[i].in == pair->in && drop->pairs[i].out == pair->out)
			return true;
	return false;
}

void
ipsec_drop(struct keeper *keeper, uint32_t spi_in, uint32_t spi_out)
{
	struct ipsec_drop *drop = &keeper->drop;
	const struct spi_pair pair = {.in = spi_in, .out = spi_out};
	uint32_t held;

	if (!keeper->conf->ipsec.manage || keeper->ending || (!spi_in && !spi_out) ||
	    waits(drop, &pair))
		return;
	if (drop->count == IPSEC_DROP_MAX) {
		if (log_limit_pass(&drop->full, loop_now(), &held))
			log_warning(
				"ipsec: too many SAs wait to be deleted, one stays in libreswan "
				"(held back %u such lines)",
				held);
		return;
	}
	drop->pairs[drop->count++] = pair;
	if (drop->count == 1 && !drop->helper.pid)
		loop_after(&keeper->loop, &drop->collect, COLLECT_MS);
}
