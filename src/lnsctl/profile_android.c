/* What is typed into Android's own VPN settings, field by field, in the order of its form. */
#include <string.h>

#include "lnsctl/profile.h"

/* A value is shown as it is, or not at all: nobody can type a control character. */
static void
add_field(struct profile_text *text, const char *field, const char *value)
{
	if (!profile_is_plain(value))
		text->fault = "a name, a password or the key has a character that cannot be typed";
	profile_add(text, "%-26s%s\n", field, value);
}

static void
add_routes(struct profile_text *text, const struct profile *profile)
{
	char out[GRANT_TEXT_MAX];
	const char *route;

	if (!profile_is_split(profile))
		return;
	profile_add(text, "%-26s", "Forwarding routes:");
	for (size_t i = 0; (route = profile_route(profile, i, out)); i++)
		profile_add(text, "%s%s", i ? " " : "", route);
	profile_add(text, "\n");
}

void
profile_write_android(const struct profile *profile, struct profile_text *text)
{
	add_field(text, "Name:", profile->server);
	add_field(text, "Type:", "L2TP/IPSec PSK");
	add_field(text, "Server address:", profile->server);
	add_field(text, "L2TP secret:", "(not used)");
	add_field(text, "IPSec identifier:", "(not used)");
	add_field(text, "IPSec pre-shared key:", profile->key ? profile->key : PROFILE_NO_KEY);
	add_routes(text, profile);
	add_field(text, "Username:", profile->user);
	add_field(text, "Password:", profile->password ? profile->password : PROFILE_NO_PASSWORD);
}
