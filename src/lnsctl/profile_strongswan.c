/* A shell script that writes what strongSwan (swanctl), xl2tpd and pppd read. */
#include <string.h>

#include "lnsctl/profile.h"

static const char head[] =
	"#!/bin/sh\n"
	"# L2TP/IPsec by strongSwan, xl2tpd and pppd. Run it as root; it can be run again at any "
	"time.\n"
	"set -eu\n"
	"umask 077\n"
	"mkdir -p /etc/swanctl/conf.d /etc/xl2tpd /etc/ppp/ip-up.d\n";

static const char tail[] =
	"\ncat <<'EOF'\n"
	"connect:\n"
	"  swanctl --load-all && swanctl --initiate --child lnsd\n"
	"  xl2tpd -c /etc/xl2tpd/lnsd.conf -p /run/lnsd-xl2tpd.pid -C /run/lnsd-xl2tpd\n"
	"disconnect:\n"
	"  kill \"$(cat /run/lnsd-xl2tpd.pid)\"; swanctl --terminate --ike lnsd\n"
	"EOF\n";

/* Where everything goes into the session, but for what carries it. */
static const char all_routes[] =
	"# shellcheck disable=SC2046 # words of a route\n"
	"ip route replace $(ip -o route get \"$server\" | sed 's/ \\(src\\|uid\\) .*//')\n"
	"ip route replace 0.0.0.0/1 dev \"$PPP_IFACE\"\n"
	"ip route replace 128.0.0.0/1 dev \"$PPP_IFACE\"\n";

/* In double quotes the words of a here document are ours alone: no value has a line of its own. */
static void
begin_file(struct profile_text *text, const char *path)
{
	profile_add(text, "\ncat >%s <<'EOF'\n", path);
}

static void
end_file(struct profile_text *text)
{
	profile_add(text, "EOF\n");
}

/* 0x and 0s begin hexadecimal digits and Base64 in a secret. */
static void
add_secret(struct profile_text *text, const char *key)
{
	if (profile_is_plain(key) && strncmp(key, "0x", 2) != 0 && strncmp(key, "0s", 2) != 0) {
		profile_add_swanctl(text, key);
		return;
	}
	profile_add(text, "0s");
	profile_add_base64(text, key);
}

static void
add_swanctl(struct profile_text *text, const struct profile *profile)
{
	begin_file(text, "/etc/swanctl/conf.d/lnsd.conf");
	profile_add(text,
		    "connections {\n"
		    "\tlnsd {\n"
		    "\t\tversion = 1\n"
		    "\t\tremote_addrs = %s\n"
		    "\t\tproposals = aes256-sha256-modp2048\n"
		    "\t\tdpd_delay = 30s\n"
		    "\t\tlocal {\n\t\t\tauth = psk\n\t\t}\n"
		    "\t\tremote {\n\t\t\tauth = psk\n\t\t}\n"
		    "\t\tchildren {\n"
		    "\t\t\tlnsd {\n"
		    "\t\t\t\tmode = transport\n"
		    "\t\t\t\tesp_proposals = aes256gcm16, aes256-sha256\n"
		    "\t\t\t\tlocal_ts = dynamic[udp/1701]\n"
		    "\t\t\t\tremote_ts = dynamic[udp/1701]\n"
		    "\t\t\t}\n\t\t}\n\t}\n}\n"
		    "secrets {\n\tike-lnsd {\n\t\tsecret = ",
		    profile->server);
	add_secret(text, profile->key ? profile->key : PROFILE_NO_KEY);
	profile_add(text, "\n\t}\n}\n");
	end_file(text);
}

static void
add_xl2tpd(struct profile_text *text, const struct profile *profile)
{
	begin_file(text, "/etc/xl2tpd/lnsd.conf");
	profile_add(text,
		    "[global]\nport = 1701\n\n[lac lnsd]\nlns = %s\npppoptfile = "
		    "/etc/ppp/options.lnsd\nlength bit = yes\nautodial = yes\n",
		    profile->server);
	end_file(text);
}

static void
add_methods(struct profile_text *text, unsigned methods)
{
	static const struct {
		unsigned method;
		const char *option;
	} options[] = {{METHOD_EAP, "refuse-eap"},
		       {METHOD_PAP, "refuse-pap"},
		       {METHOD_CHAP, "refuse-chap"},
		       {0, "refuse-mschap"},
		       {METHOD_MSCHAPV2, "refuse-mschap-v2"}};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!(methods & options[i].method))
			profile_add(text, "%s\n", options[i].option);
	}
}

static void
add_pppd(struct profile_text *text, const struct profile *profile)
{
	unsigned mtu = profile->conf->network.mtu;

	begin_file(text, "/etc/ppp/options.lnsd");
	profile_add(text, "user ");
	profile_add_pppd(text, profile->user);
	profile_add(text, "\npassword ");
	profile_add_pppd(text, profile->password ? profile->password : PROFILE_NO_PASSWORD);
	profile_add(text, "\nipparam lnsd\n");
	add_methods(text, profile->conf->auth.methods);
	profile_add(text,
		    "noauth\nnoccp\nnoipdefault\nnodefaultroute\nusepeerdns\nmtu %u\nmru %u\n"
		    "lcp-echo-interval 30\nlcp-echo-failure 4\n",
		    mtu, mtu);
	end_file(text);
}

/* pppd's package runs what is in ip-up.d for every session of the machine. */
static void
add_routes(struct profile_text *text, const struct profile *profile)
{
	char out[GRANT_TEXT_MAX];
	const char *route;

	begin_file(text, "/etc/ppp/ip-up.d/lnsd");
	profile_add(text, "#!/bin/sh\n[ \"${PPP_IPPARAM:-}\" = lnsd ] || exit 0\n");
	for (size_t i = 0; (route = profile_route(profile, i, out)); i++)
		profile_add(text, "ip route replace %s dev \"$PPP_IFACE\"\n", route);
	if (!profile_is_split(profile)) {
		profile_add(text, "server=$(getent ahostsv4 ");
		profile_add_shell(text, profile->server);
		profile_add(text, " | awk '{ print $1; exit }')\n%s", all_routes);
	}
	end_file(text);
	profile_add(text, "chmod 755 /etc/ppp/ip-up.d/lnsd\n");
}

void
profile_write_strongswan(const struct profile *profile, struct profile_text *text)
{
	profile_add(text, "%s", head);
	if (!profile->key || !profile->password)
		profile_add(text, "# Put the secrets into /etc/swanctl/conf.d/lnsd.conf and "
				  "/etc/ppp/options.lnsd.\n");
	add_swanctl(text, profile);
	add_xl2tpd(text, profile);
	add_pppd(text, profile);
	add_routes(text, profile);
	profile_add(text, "%s", tail);
}
