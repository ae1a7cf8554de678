#include "keeper/radius_order.h"

#include <stdio.h>
#include <string.h>

#include "keeper/net.h"
#include "keeper/radius_acct.h"
#include "keeper/radius_link.h"
#include "keeper/session.h"
#include "keeper/state.h"

struct order_run {
	struct keeper *keeper;
	const struct radius_order *order;
	size_t count; /* of sessions that it was for */
	enum radius_error error;
};

static bool
is_for(const struct radius_match *match, const struct session_info *info)
{
	const struct radius_line line = radius_line_of(info);
	char calling[RADIUS_TEXT_MAX];

	radius_station(calling, &line.peer);
	return (!match->id[0] || strcmp(match->id, line.id) == 0) &&
	       (!match->user[0] || strcmp(match->user, info->user) == 0) &&
	       (!match->calling[0] || strcmp(match->calling, calling) == 0) &&
	       (!match->address || match->address == info->address) &&
	       (!match->port || match->port == radius_port(line.ref));
}

/* What is given replaces what there was; the rest of the grant stays. False: memory. */
static bool
merge(struct grant *grant, const struct radius_grant *given)
{
	const struct grant fresh = radius_unpack(given);
	struct grant merged = *grant, copy;

	if (given->given & GIFT_SESSION_TIMEOUT)
		merged.session_timeout_s = fresh.session_timeout_s;
	if (given->given & GIFT_RATE) {
		merged.rate_up = fresh.rate_up;
		merged.rate_down = fresh.rate_down;
	}
	if (given->given & GIFT_ALLOW) {
		merged.allow = fresh.allow;
		merged.allow_count = fresh.allow_count;
	}
	if (!grant_copy(&copy, &merged))
		return false;
	grant_fini(grant);
	*grant = copy;
	return true;
}

static enum radius_error
change(struct keeper *keeper, struct session_info *info, const struct radius_grant *given)
{
	char user[300];

	if (!merge(&info->grant, given))
		return ERROR_CAUSE_NO_RESOURCES;
	if (given->given & (GIFT_ALLOW | GIFT_RATE) && net_change(keeper, info) != 0) {
		session_end(keeper, info->ref, CAUSE_NO_RESOURCES, BY_SERVER,
			    "the rules that a RADIUS server gives cannot be set");
		return ERROR_CAUSE_NO_RESOURCES;
	}
	if (given->given & GIFT_SESSION_TIMEOUT)
		session_set_limit(keeper, info);
	if (given->given & GIFT_INTERIM)
		radius_acct_interim(keeper, info, given->interim_s);
	log_escape(user, sizeof(user), info->user, strlen(info->user));
	log_notice("changed by a RADIUS server user=\"%s\" session=%u-%u", user, info->ref.tid,
		   info->ref.sid);
	return ERROR_CAUSE_NONE;
}

static bool
carry_out(void *ctx, struct session_info *info)
{
	struct order_run *run = ctx;

	if (!is_for(&run->order->match, info))
		return true;
	run->count++;
	if (run->order->change)
		run->error = change(run->keeper, info, &run->order->grant);
	else
		session_end(run->keeper, info->ref, CAUSE_DISCONNECT, BY_ADMIN, NULL);
	return run->error == ERROR_CAUSE_NONE;
}

void
radius_order(struct keeper *keeper, const struct radius_order *order)
{
	struct order_run run = {.keeper = keeper, .order = order};
	union radius_msg msg;

	session_each(keeper, carry_out, &run);
	memset(&msg, 0, sizeof(msg));
	msg.done.kind = RADIUS_DONE;
	msg.done.ask = order->ask;
	msg.done.error = run.count ? (uint32_t)run.error : ERROR_CAUSE_NO_SESSION;
	radius_send(keeper, &msg);
}
