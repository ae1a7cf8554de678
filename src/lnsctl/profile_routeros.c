/* A script for /import of RouterOS 6.44 and later. Its L2TP client takes the default IPsec profile
 * and the default proposal, whose PFS with modp1024 no gateway without that group can answer. */
#include "lnsctl/profile.h"

#define INTERFACE "lnsd-vpn"

static void
add_value(struct profile_text *text, const char *key, const char *value)
{
	profile_add(text, " %s=", key);
	profile_add_routeros(text, value);
}

static void
add_ipsec(struct profile_text *text, const struct conf *conf)
{
	bool modern = conf->ipsec.profile == PROFILE_MODERN;

	profile_add(text,
		    "/ip ipsec profile set [find default=yes] hash-algorithm=%s "
		    "enc-algorithm=aes-256,aes-128 dh-group=modp2048 nat-traversal=yes "
		    "dpd-interval=30s dpd-maximum-failures=5\n",
		    modern ? "sha256" : "sha1");
	profile_add(text,
		    "/ip ipsec proposal set [find default=yes] auth-algorithms=%s "
		    "enc-algorithms=aes-256-cbc,aes-128-cbc pfs-group=none\n",
		    modern ? "sha256" : "sha256,sha1");
}

static void
add_methods(struct profile_text *text, unsigned methods)
{
	const char *comma = "";

	profile_add(text, " allow=");
	if (methods & METHOD_MSCHAPV2 || !(methods & (METHOD_CHAP | METHOD_PAP))) {
		profile_add(text, "mschap2");
		comma = ",";
	}
	if (methods & METHOD_CHAP) {
		profile_add(text, "%schap", comma);
		comma = ",";
	}
	if (methods & METHOD_PAP)
		profile_add(text, "%spap", comma);
}

static void
add_client(struct profile_text *text, const struct profile *profile)
{
	unsigned mtu = profile->conf->network.mtu;

	profile_add(text, "/interface l2tp-client remove [find name=\"" INTERFACE "\"]\n");
	profile_add(text, "/interface l2tp-client add name=\"" INTERFACE "\"");
	add_value(text, "connect-to", profile->server);
	add_value(text, "user", profile->user);
	add_value(text, "password", profile->password ? profile->password : PROFILE_NO_PASSWORD);
	add_value(text, "ipsec-secret", profile->key ? profile->key : PROFILE_NO_KEY);
	profile_add(text, " use-ipsec=yes profile=default max-mtu=%u max-mru=%u", mtu, mtu);
	add_methods(text, profile->conf->auth.methods);
	profile_add(text, " add-default-route=%s disabled=%s\n",
		    profile_is_split(profile) ? "no" : "yes",
		    profile->password && profile->key ? "no" : "yes");
}

void
profile_write_routeros(const struct profile *profile, struct profile_text *text)
{
	char out[GRANT_TEXT_MAX];
	const char *route;

	profile_add(text, "# L2TP/IPsec client. It can be imported again at any time.\n");
	if (!profile->password || !profile->key)
		profile_add(text, "# Put the secrets into the line of the l2tp-client, and "
				  "disabled=no.\n");
	add_ipsec(text, profile->conf);
	add_client(text, profile);
	profile_add(text, "/ip route remove [find comment=\"" INTERFACE "\"]\n");
	for (size_t i = 0; (route = profile_route(profile, i, out)); i++)
		profile_add(text,
			    "/ip route add dst-address=%s gateway=\"" INTERFACE
			    "\" comment=\"" INTERFACE "\"\n",
			    route);
}
