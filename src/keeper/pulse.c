/* See pulse.h. Questions are counted, not seconds: a machine that slept has missed none. */
#include "keeper/pulse.h"

#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "keeper.h"
#include "keeper/state.h"
#include "log.h"
#include "wall.h"

#define PERIOD_MS 5000
#define SHORTEST_MS 50
#define UNANSWERED_MAX 4
/* of systemd's patience: the keeper has noticed, and said so, before that is over */
#define QUESTIONS 6

static mstime_t
period_ms(void)
{
	uint64_t patience_us;
	mstime_t period;

	if (sd_watchdog_enabled(0, &patience_us) <= 0)
		return PERIOD_MS;
	period = (mstime_t)(patience_us / 1000 / QUESTIONS);
	return period < SHORTEST_MS ? SHORTEST_MS : period;
}

static void
ask(struct keeper *keeper)
{
	struct pulse *pulse = &keeper->pulse;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.ask = (struct wall_ask){.kind = WALL_PULSE, .ask = ++pulse->asked};
	keeper_send(keeper, &msg, -1);
	loop_after(&keeper->loop, &pulse->timer, pulse->period);
}

static void
due(struct timer *timer)
{
	struct keeper *keeper = owner_of(timer, struct keeper, pulse.timer);
	uint32_t unanswered = keeper->pulse.asked - keeper->pulse.heard;

	/* who is told to end has a deadline of his own */
	if (keeper->ending)
		return;
	if (unanswered < UNANSWERED_MAX) {
		ask(keeper);
		return;
	}
	log_error("the worker hangs: no answer for %lld ms, ending",
		  (long long)(unanswered * keeper->pulse.period));
	kill(keeper->worker, SIGKILL);
	keeper_end(keeper, 1);
}

void
pulse_start(struct keeper *keeper)
{
	keeper->pulse = (struct pulse){.timer = {.due = due}, .period = period_ms()};
	ask(keeper);
}

bool
pulse_heard(struct keeper *keeper, const struct wall_ask *answer)
{
	struct pulse *pulse = &keeper->pulse;

	if (pulse->heard == pulse->asked || answer->ask != pulse->heard + 1)
		return false;
	pulse->heard = answer->ask;
	sd_notify(0, "WATCHDOG=1");
	return true;
}
