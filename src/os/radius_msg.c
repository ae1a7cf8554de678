/* What may come over the pair: one row a kind, and what must hold inside it. */
#include <string.h>

#include "radius.h"

struct text_member {
	size_t at, size;
};

#define TEXT(type, member)                                                                         \
	{                                                                                          \
		offsetof(struct type, member), sizeof(((struct type *)0)->member)                  \
	}

struct kind_row {
	size_t size;
	enum radius_side from;
	bool (*valid)(const union radius_msg *msg);
	struct text_member texts[4]; /* size 0: no more */
};

static bool
setup_valid(const union radius_msg *msg)
{
	return msg->setup.server_count <= CONF_RADIUS_MAX &&
	       msg->setup.secret_len <= sizeof(msg->setup.secret);
}

static bool
line_valid(const struct radius_line *line)
{
	return memchr(line->id, '\0', sizeof(line->id)) != NULL;
}

static bool
login_valid(const union radius_msg *msg)
{
	return line_valid(&msg->login.line) && proof_valid(&msg->login.proof);
}

static bool
record_valid(const union radius_msg *msg)
{
	return line_valid(&msg->record.line) && msg->record.class_len <= RADIUS_CLASS_MAX;
}

/* A prefix that a client may be given: of a family, no longer than its address. */
static bool
prefix_valid(const struct lns_prefix *prefix)
{
	return (prefix->family == 4 && prefix->bits <= 32) ||
	       (prefix->family == 6 && prefix->bits <= 128);
}

static bool
grant_valid(const struct radius_grant *grant)
{
	const struct grant *base = &grant->base;

	if (base->routes || base->allow || base->route_count > GRANT_ROUTES_MAX ||
	    base->allow_count > GRANT_ALLOW_MAX || base->dns_count > 2)
		return false;
	if (base->prefix6.family && (base->prefix6.family != 6 || base->prefix6.bits > 128))
		return false;
	for (size_t i = 0; i < base->route_count; i++) {
		if (!prefix_valid(&grant->routes[i]))
			return false;
	}
	for (size_t i = 0; i < base->allow_count; i++) {
		if (!prefix_valid(&grant->allow[i].to))
			return false;
	}
	return true;
}

static bool
verdict_valid(const union radius_msg *msg)
{
	return msg->verdict.cause < CAUSE_COUNT && msg->verdict.class_len <= RADIUS_CLASS_MAX &&
	       grant_valid(&msg->verdict.grant);
}

static bool
order_valid(const union radius_msg *msg)
{
	return grant_valid(&msg->order.grant);
}

static bool
state_valid(const union radius_msg *msg)
{
	return msg->state.count <= CONF_RADIUS_MAX;
}

static bool
always(const union radius_msg *msg)
{
	(void)msg;
	return true;
}

static const struct kind_row kinds[RADIUS_KIND_END] = {
	[RADIUS_SETUP] = {sizeof(struct radius_setup),
			  RADIUS_FROM_KEEPER,
			  setup_valid,
			  {TEXT(radius_setup, nas)}},
	[RADIUS_LOGIN] = {sizeof(struct radius_login), RADIUS_FROM_KEEPER, login_valid, {{0}}},
	[RADIUS_RECORD] = {sizeof(struct radius_record),
			   RADIUS_FROM_KEEPER,
			   record_valid,
			   {TEXT(radius_record, user)}},
	[RADIUS_DONE] = {sizeof(struct radius_done), RADIUS_FROM_KEEPER, always, {{0}}},
	[RADIUS_VERDICT] = {sizeof(struct radius_verdict),
			    RADIUS_FROM_PROCESS,
			    verdict_valid,
			    {TEXT(radius_verdict, text), TEXT(radius_verdict, user),
			     TEXT(radius_verdict, told)}},
	[RADIUS_ORDER] = {sizeof(struct radius_order),
			  RADIUS_FROM_PROCESS,
			  order_valid,
			  {TEXT(radius_order, match.id), TEXT(radius_order, match.user),
			   TEXT(radius_order, match.calling)}},
	[RADIUS_STATE] = {sizeof(struct radius_state), RADIUS_FROM_PROCESS, state_valid, {{0}}},
};

size_t
radius_size(uint32_t kind, enum radius_side from)
{
	if (kind == 0 || kind >= RADIUS_KIND_END || kinds[kind].from != from)
		return 0;
	return kinds[kind].size;
}

bool
radius_valid(const union radius_msg *msg, size_t len, enum radius_side from)
{
	if (len < sizeof(msg->kind) || len != radius_size(msg->kind, from))
		return false;

	const struct kind_row *row = &kinds[msg->kind];

	for (size_t i = 0; i < 4 && row->texts[i].size; i++) {
		if (!memchr((const char *)msg + row->texts[i].at, '\0', row->texts[i].size))
			return false;
	}
	return row->valid(msg);
}
