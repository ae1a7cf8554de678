/* A connection of NetworkManager with network-manager-l2tp, as a key file (nm-settings-keyfile(5)).
 */
#include <string.h>

#include "lnsctl/profile.h"

/* Who keeps a secret (NMSettingSecretFlags): this file, or nobody. */
enum { SECRET_HERE = 0, SECRET_ASKED_FOR = 2 };

static void
add_key(struct profile_text *text, const char *key, const char *value)
{
	profile_add(text, "%s=", key);
	profile_add_keyfile(text, value);
	profile_add(text, "\n");
}

/* So that nobody in between can ask for a weaker proof. */
static void
add_methods(struct profile_text *text, unsigned methods)
{
	static const struct {
		unsigned method;
		const char *key;
	} keys[] = {{METHOD_EAP, "refuse-eap"},
		    {METHOD_PAP, "refuse-pap"},
		    {METHOD_CHAP, "refuse-chap"},
		    {0, "refuse-mschap"},
		    {METHOD_MSCHAPV2, "refuse-mschapv2"}};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!(methods & keys[i].method))
			profile_add(text, "%s=yes\n", keys[i].key);
	}
}

/* The plugin's own proposals have SHA-1 in all of ESP: what `modern` shuts out. */
static void
add_proposals(struct profile_text *text, const struct conf *conf)
{
	if (conf->ipsec.profile == PROFILE_MODERN)
		profile_add(text,
			    "ipsec-ike=aes256-sha2_256-modp2048\nipsec-esp=aes256-sha2_256\n");
}

static void
add_vpn(struct profile_text *text, const struct profile *profile)
{
	const struct conf *conf = profile->conf;

	profile_add(text, "[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\n");
	add_key(text, "gateway", profile->server);
	add_key(text, "user", profile->user);
	profile_add(text, "password-flags=%d\n",
		    profile->password ? SECRET_HERE : SECRET_ASKED_FOR);
	profile_add(text, "ipsec-enabled=yes\nmachine-auth-type=psk\nipsec-psk-flags=%d\n",
		    profile->key ? SECRET_HERE : SECRET_ASKED_FOR);
	add_proposals(text, conf);
	add_methods(text, conf->auth.methods);
	profile_add(text, "mtu=%u\nmru=%u\n", conf->network.mtu, conf->network.mtu);
	/* four silent ones, as the gateway has it; the plugin's own default is none */
	profile_add(text, "lcp-echo-interval=30\nlcp-echo-failure=4\n\n");
}

/* A key that begins with 0s is taken for Base64: that one, and what is no text, is written so. */
static void
add_psk(struct profile_text *text, const char *key)
{
	if (profile_is_plain(key) && strncmp(key, "0s", 2) != 0) {
		add_key(text, "ipsec-psk", key);
		return;
	}
	profile_add(text, "ipsec-psk=0s");
	profile_add_base64(text, key);
	profile_add(text, "\n");
}

static void
add_secrets(struct profile_text *text, const struct profile *profile)
{
	if (!profile->key && !profile->password)
		return;
	profile_add(text, "[vpn-secrets]\n");
	if (profile->key)
		add_psk(text, profile->key);
	if (profile->password)
		add_key(text, "password", profile->password);
	profile_add(text, "\n");
}

static void
add_networks(struct profile_text *text, const struct profile *profile)
{
	char out[GRANT_TEXT_MAX];
	const char *route;

	profile_add(text, "[ipv4]\nmethod=auto\n");
	if (profile->conf->network.search_domain[0])
		profile_add(text, "dns-search=%s;\n", profile->conf->network.search_domain);
	for (size_t i = 0; (route = profile_route(profile, i, out)); i++)
		profile_add(text, "route%zu=%s\n", i + 1, route);
	profile_add(text, "never-default=%s\n\n", profile_is_split(profile) ? "true" : "false");
	profile_add(text, "[ipv6]\nmethod=%s\n",
		    profile->conf->network.pool6.family ? "auto" : "disabled");
}

void
profile_write_networkmanager(const struct profile *profile, struct profile_text *text)
{
	char uuid[PROFILE_UUID_MAX];
	struct profile_text who;

	if (!profile_text_init(&who)) {
		text->fault = "memory is short";
		return;
	}
	profile_add(&who, "%s\n%s", profile->server, profile->user);
	profile_uuid(uuid, "networkmanager", who.bytes, who.len);
	profile_text_fini(&who);
	profile_add(text, "[connection]\nid=" PROFILE_TITLE "\nuuid=%s\ntype=vpn\n",
		    profile->server, uuid);
	profile_add(text, "autoconnect=false\n\n");
	add_vpn(text, profile);
	add_secrets(text, profile);
	add_networks(text, profile);
}
