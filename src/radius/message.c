/* Grants in messages, and numbers for lines. */
#include <string.h>

#include "radius.h"

bool
radius_pack(struct radius_grant *to, const struct grant *from)
{
	if (from->route_count > GRANT_ROUTES_MAX || from->allow_count > GRANT_ALLOW_MAX)
		return false;
	to->base = *from;
	to->base.routes = NULL;
	to->base.allow = NULL;
	if (from->route_count)
		memcpy(to->routes, from->routes, from->route_count * sizeof(to->routes[0]));
	if (from->allow_count)
		memcpy(to->allow, from->allow, from->allow_count * sizeof(to->allow[0]));
	return true;
}

struct grant
radius_unpack(const struct radius_grant *from)
{
	struct grant grant = from->base;

	/* only looked at, or copied (grant_copy) */
	grant.routes = (struct lns_prefix *)(uintptr_t)from->routes;
	grant.allow = (struct grant_allow *)(uintptr_t)from->allow;
	return grant;
}

uint32_t
radius_port(struct lns_ref ref)
{
	return (uint32_t)ref.tid << 16 | ref.sid;
}
