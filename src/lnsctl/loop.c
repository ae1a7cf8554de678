#include "lnsctl/loop.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/field.h"

static bool
in_prefix(const char *prefix, const char *address)
{
	uint8_t net[16], ip[16];
	char text[INET6_ADDRSTRLEN];
	size_t len = strcspn(prefix, "/");
	int family = strchr(prefix, ':') ? AF_INET6 : AF_INET;
	unsigned bits = family == AF_INET ? 32 : 128;

	if (len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)len, prefix);
	if (prefix[len] == '/' && strtoul(prefix + len + 1, NULL, 10) < bits)
		bits = (unsigned)strtoul(prefix + len + 1, NULL, 10);
	if (inet_pton(family, text, net) != 1 || inet_pton(family, address, ip) != 1)
		return false;
	for (unsigned i = 0; i < bits; i++) {
		if ((net[i / 8] ^ ip[i / 8]) >> (7 - i % 8) & 1)
			return false;
	}
	return true;
}

static const json_t *
session_at(const json_t *sessions, const char *iface)
{
	const json_t *session;
	size_t i;

	json_array_foreach(sessions, i, session)
	{
		if (strcmp(field_text(session, "ifname"), iface) == 0)
			return session;
	}
	return NULL;
}

/* The networks behind the session without those that the address is in; false when there is none of
 * these. More than there is room for is left to whoever types it. */
static bool
routes_without(char *out, size_t cap, const json_t *session, const char *address)
{
	const json_t *route;
	bool found = false;
	size_t i, len = 0;

	out[0] = '\0';
	json_array_foreach(json_object_get(session, "routes"), i, route)
	{
		const char *text = json_string_value(route);

		if (text && in_prefix(text, address))
			found = true;
		else if (text && len < cap)
			len += (size_t)snprintf(out + len, cap - len, "%s%s", len ? "," : "", text);
	}
	if (len >= cap)
		snprintf(out, cap, "…");
	return found;
}

bool
loop_judge(struct finding *finding, const char *peer, const struct way *way, const json_t *sessions)
{
	const json_t *session = way->iface[0] ? session_at(sessions, way->iface) : NULL;
	char fix[512], table[24] = "", rest[200];
	const char *user;
	int len;

	if (!session)
		return false;
	user = field_text(session, "user");
	if (way->table != RT_TABLE_MAIN)
		snprintf(table, sizeof(table), " table %u", way->table);
	len = snprintf(fix, sizeof(fix), "ip route del %s dev %s%s", way->route, way->iface, table);
	if (routes_without(rest, sizeof(rest), session, peer))
		snprintf(fix + len, sizeof(fix) - (size_t)len,
			 " (to keep it: lnsctl user set %.60s routes=%s)", finding_name(user),
			 rest);
	finding_bad(finding, fix,
		    "the way back to the client at %s leads into a tunnel: this machine sends "
		    "what is for it by %s, the session of \"%.60s\", as the route %s says",
		    peer, way->iface, user, way->route);
	return true;
}

bool
loop_find(struct finding *finding, const char *peer, const json_t *sessions)
{
	struct way way;

	return way_find(&way, peer) && loop_judge(finding, peer, &way, sessions);
}
