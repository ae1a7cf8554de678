/* See trail.h and trail_add.h. */
#include "l2tp/trail_add.h"

#include <stdlib.h>

#include "l2tp/header.h"
#include "l2tp/msg.h"

size_t
trail_count(const struct trail *trail)
{
	return trail->total < TRAIL_MAX ? trail->total : TRAIL_MAX;
}

const struct trail_step *
trail_at(const struct trail *trail, size_t i)
{
	return &trail->steps[(trail->total - trail_count(trail) + i) % TRAIL_MAX];
}

mstime_t
trail_when(const struct trail *trail, const struct trail_step *step)
{
	return trail->since + (mstime_t)step->seconds * 1000 + step->ms;
}

const char *
trail_type(const struct trail_step *step)
{
	return step->type == MSG_ZLB ? "ZLB" : l2tp_type_name(step->type);
}

/* §4.4.1: the Message Type is the first AVP, and never hidden. */
static uint8_t
type_of(const uint8_t *body, size_t len)
{
	struct rd r = rd_init(body, len);
	uint16_t vendor, attr, type;

	if (!len)
		return MSG_ZLB;
	rd_u16(&r);
	vendor = rd_u16(&r);
	attr = rd_u16(&r);
	type = rd_u16(&r);
	return r.bad || vendor || attr || type == MSG_ZLB || type >= TRAIL_UNKNOWN ? TRAIL_UNKNOWN
										   : (uint8_t)type;
}

static void
add(struct trail **trail, mstime_t since, mstime_t now, struct trail_step step)
{
	mstime_t after = now > since ? now - since : 0;

	if (!*trail)
		*trail = calloc(1, sizeof(**trail));
	if (!*trail)
		return;
	step.seconds = (uint32_t)(after / 1000);
	step.ms = (uint16_t)(after % 1000);
	(*trail)->since = since;
	(*trail)->steps[(*trail)->total++ % TRAIL_MAX] = step;
}

void
trail_heard(struct trail **trail, mstime_t since, mstime_t now, const struct l2tp_header *h,
	    unsigned flags)
{
	add(trail, since, now,
	    (struct trail_step){.ns = h->ns,
				.nr = h->nr,
				.sid = h->sid,
				.len = (uint16_t)(L2TP_CONTROL_HEADER + h->len),
				.type = type_of(h->body, h->len),
				.flags = (uint8_t)flags});
}

void
trail_said(struct trail **trail, mstime_t since, mstime_t now, const uint8_t *bytes, size_t len,
	   unsigned flags)
{
	struct rd r = rd_init(bytes, len);
	struct trail_step step = {.len = (uint16_t)len, .flags = (uint8_t)(TRAIL_OUT | flags)};
	size_t left;

	rd_bytes(&r, 6); /* flags and version, length, the peer's tunnel id */
	step.sid = rd_u16(&r);
	step.ns = rd_u16(&r);
	step.nr = rd_u16(&r);
	left = rd_left(&r);
	step.type = type_of(rd_bytes(&r, left), left);
	add(trail, since, now, step);
}
