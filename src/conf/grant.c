/* The two lists are a grant's own: a user that a reload takes away leaves its sessions theirs. */
#include "grant.h"

#include <stdlib.h>
#include <string.h>

bool
grant_copy(struct grant *to, const struct grant *from)
{
	*to = *from;
	to->routes = from->route_count ? calloc(from->route_count, sizeof(*to->routes)) : NULL;
	to->allow = from->allow_count ? calloc(from->allow_count, sizeof(*to->allow)) : NULL;
	if ((from->route_count && !to->routes) || (from->allow_count && !to->allow)) {
		grant_fini(to);
		return false;
	}
	if (from->route_count)
		memcpy(to->routes, from->routes, from->route_count * sizeof(*to->routes));
	if (from->allow_count)
		memcpy(to->allow, from->allow, from->allow_count * sizeof(*to->allow));
	return true;
}

void
grant_fini(struct grant *grant)
{
	free(grant->routes);
	free(grant->allow);
	memset(grant, 0, sizeof(*grant));
}
