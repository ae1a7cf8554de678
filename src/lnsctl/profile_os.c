/* The table of systems, and what all writers share. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lnsctl/lnsctl.h"
#include "lnsctl/profile.h"
#include "lnsctl/reach.h"
#include "md5.h"
#include "suggest.h"

static const struct profile_os systems[] = {
	{.name = "windows",
	 .suffix = ".ps1",
	 .client = "windows",
	 .write = profile_write_windows,
	 .notes = {"run it in an administrator's PowerShell: powershell -ExecutionPolicy Bypass "
		   "-File FILE",
		   "Windows has to be restarted once after the script has set the registry value; "
		   "a feature update may take the value away: run the script again"}},
	{.name = "macos",
	 .suffix = ".mobileconfig",
	 .client = "macos",
	 .write = profile_write_apple,
	 .notes = {"open it on the Mac, then install it in System Settings > Privacy & Security > "
		   "Profiles",
		   "it is not signed, so macOS calls it unverified"}},
	{.name = "ios",
	 .suffix = ".mobileconfig",
	 .client = "ios",
	 .write = profile_write_apple,
	 .notes = {"send it to the device (AirDrop, mail, a web page), open it there, then install "
		   "it in Settings > General > VPN & Device Management",
		   "it is not signed, so iOS calls it unverified; no camera of iOS reads a profile "
		   "from a QR code",
		   "iOS ends the connection in its sleep; that is how iOS is made"}},
	{.name = "android",
	 .suffix = ".txt",
	 .client = "android",
	 .write = profile_write_android,
	 .qr = true,
	 .notes = {"Android 12 and later have no L2TP: their built-in VPN is IKEv2 only, and no "
		   "app can bring L2TP/IPsec back"}},
	{.name = "linux",
	 .suffix = ".nmconnection",
	 .client = "networkmanager",
	 .write = profile_write_networkmanager,
	 .ipv4 = true,
	 .notes = {"it needs network-manager-l2tp",
		   "put it into /etc/NetworkManager/system-connections, mode 0600, owner root; "
		   "then: nmcli connection reload"}},
	{.name = "mikrotik",
	 .suffix = ".rsc",
	 .client = "mikrotik",
	 .write = profile_write_routeros,
	 .notes = {"copy it to the router, then: /import FILE",
		   "it sets the router's default IPsec profile and proposal, which other IPsec "
		   "peers of the router may use as well"}},
	{.name = "strongswan",
	 .suffix = ".sh",
	 .write = profile_write_strongswan,
	 .ipv4 = true,
	 .notes = {"it needs strongswan-swanctl, charon-systemd (or another charon with vici), "
		   "xl2tpd and ppp",
		   "run it as root; it writes the files, and says how to connect"}},
};

/* Other words for a system. */
static const struct {
	const char *word, *name;
} aliases[] = {{"routeros", "mikrotik"}};

const struct profile_os *
profile_os_at(size_t i)
{
	return i < sizeof(systems) / sizeof(systems[0]) ? &systems[i] : NULL;
}

const struct profile_os *
profile_os_find(const char *name)
{
	const struct profile_os *os;
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX];

	suggest_init(&suggest, name);
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		suggest_try(&suggest, aliases[i].word);
		if (strcmp(aliases[i].word, name) == 0)
			return profile_os_find(aliases[i].name);
	}
	for (size_t i = 0; (os = profile_os_at(i)); i++) {
		suggest_try(&suggest, os->name);
		if (strcmp(os->name, name) == 0)
			return os;
	}
	complain("unknown system '%.40s'%s; 'lnsctl help client' lists them", name,
		 suggest_hint(&suggest, hint));
	return NULL;
}

/* What `check` says of this client under the proposals that are configured. */
static void
note_reach(json_t *notes, const struct profile_os *os, const struct conf *conf)
{
	const struct reach_offer offer = {
		.ike = conf->ipsec.ike[0] ? conf->ipsec.ike : conf_profile_ike(conf->ipsec.profile),
		.esp = conf->ipsec.esp[0] ? conf->ipsec.esp : conf_profile_esp(conf->ipsec.profile),
		.methods = conf->auth.methods,
	};
	struct reach reach;

	if (!os->client || !conf->ipsec.manage || !offer.ike || !offer.esp)
		return;
	for (size_t i = 0; reach_at(i, &offer, &reach); i++) {
		if (strcmp(reach.client, os->client) == 0 && !reach.works)
			json_array_append_new(notes, json_sprintf("the gateway as it is configured "
								  "does not serve it: %s",
								  reach.why));
	}
}

/* Addresses that nobody reaches from the Internet (RFC 1918, RFC 6598, RFC 3927). */
static bool
is_private(const char *server)
{
	static const struct {
		uint32_t net, mask;
	} nets[] = {{0x0a000000, 0xff000000}, {0xac100000, 0xfff00000}, {0xc0a80000, 0xffff0000},
		    {0x64400000, 0xffc00000}, {0xa9fe0000, 0xffff0000}, {0x7f000000, 0xff000000}};
	struct in_addr in;

	if (inet_pton(AF_INET, server, &in) != 1)
		return false;
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		if ((ntohl(in.s_addr) & nets[i].mask) == nets[i].net)
			return true;
	}
	return false;
}

json_t *
profile_notes(const struct profile_os *os, const struct profile *profile)
{
	json_t *notes = json_array();

	for (size_t i = 0; os->notes[i]; i++)
		json_array_append_new(notes, json_string(os->notes[i]));
	note_reach(notes, os, profile->conf);
	if (is_private(profile->server))
		json_array_append_new(notes, json_sprintf("%s is a private address: --server NAME "
							  "for the one that clients reach",
							  profile->server));
	if (os->ipv4 && strchr(profile->server, ':'))
		json_array_append_new(notes, json_string("its L2TP knows IPv4 only: --server with "
							 "a name or an IPv4 address"));
	if (profile->otp)
		json_array_append_new(notes, json_string("the password is typed at each login, "
							 "with the six digits of the code behind "
							 "it"));
	return notes;
}

void
profile_uuid(char uuid[PROFILE_UUID_MAX], const char *kind, const char *bytes, size_t len)
{
	/* a namespace of our own */
	static const uint8_t space[16] = {0x9d, 0x3c, 0x51, 0x0e, 0x6b, 0x0f, 0x4b, 0x57,
					  0x8e, 0x2a, 0x6c, 0x6e, 0x73, 0x64, 0x17, 0x01};
	const struct md5_part parts[] = {
		{space, sizeof(space)}, {kind, strlen(kind) + 1}, {bytes, len}};
	uint8_t sum[MD5_SIZE] = {0};

	(void)md5(sum, parts, 3);
	sum[6] = (uint8_t)((sum[6] & 0x0f) | 0x30);
	sum[8] = (uint8_t)((sum[8] & 0x3f) | 0x80);
	for (size_t i = 0, at = 0; i < sizeof(sum); i++) {
		at += (size_t)sprintf(uuid + at, "%02x", sum[i]);
		if (i == 3 || i == 5 || i == 7 || i == 9)
			uuid[at++] = '-';
		uuid[at] = '\0';
	}
}

bool
profile_is_split(const struct profile *profile)
{
	char text[GRANT_TEXT_MAX];

	return profile_route(profile, 0, text) != NULL;
}

const char *
profile_route(const struct profile *profile, size_t i, char out[GRANT_TEXT_MAX])
{
	for (size_t k = 0; k < profile->conf->network.route_count; k++) {
		const struct lns_prefix *route = &profile->conf->network.routes[k];

		if (route->family == 4 && i-- == 0)
			return grant_prefix_text(out, route);
	}
	return NULL;
}
