/* See net_rules.h. */
#include "keeper/net_rules.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <string.h>

#define IP4_HEADERS 40 /* of IP and TCP */
#define IP6_HEADERS 60

/*
 * source: no packet of a client gets further than here, not even into conntrack, with an address
 * that is not its own. Link-local ones and :: are never forwarded and stay on the link.
 * input, forward: a list of destinations holds for the gateway itself, too, but for what keeps the
 * link going: DHCP, neighbours, routers.
 * allowed: what a client answers to those who may reach it is no way out for itself; what it began
 * is held against its list packet by packet, so that a new list holds for old connections.
 */
static const char table[] =
	"table inet lnsd {\n"
	"	set banned4 { type ipv4_addr; flags timeout; }\n"
	"	set banned6 { type ipv6_addr; flags timeout; }\n"
	"	set clients { type ifname; }\n"
	"	set address4 { type ifname . ipv4_addr; }\n"
	"	set prefix6 { type ifname . ipv6_addr; }\n"
	"	map behind { type ifname : verdict; }\n"
	"	map allow { type ifname : verdict; }\n"
	"	counter spoofed { }\n"
	"	counter refused { }\n"
	"	chain client_source {\n"
	"		iifname . ip saddr @address4 accept\n"
	"		iifname . (ip6 saddr & ffff:ffff:ffff:ffff::) @prefix6 accept\n"
	"		ip6 saddr fe80::/10 accept\n"
	"		ip6 saddr :: meta l4proto ipv6-icmp accept\n"
	"		iifname vmap @behind\n"
	"		counter name spoofed drop\n"
	"	}\n"
	"	chain source {\n"
	"		type filter hook prerouting priority raw; policy accept;\n"
	"		iifname @clients goto client_source\n"
	"	}\n"
	"	chain allowed {\n"
	"		ct direction reply accept\n"
	"		ct state related accept\n"
	"		iifname vmap @allow\n"
	"	}\n"
	"	chain to_gateway {\n"
	"		udp dport { 67, 547 } accept\n"
	"		icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert,\n"
	"			      mld-listener-report, mld2-listener-report } accept\n"
	"		goto allowed\n"
	"	}\n"
	"	chain input {\n"
	"		type filter hook input priority filter; policy accept;\n"
	"		iifname @clients goto to_gateway\n"
	"	}\n"
	"	chain between { }\n"
	"	chain forward {\n"
	"		type filter hook forward priority filter; policy accept;\n"
	"		iifname @clients oifname @clients jump between\n"
	"		iifname @clients goto allowed\n"
	"	}\n"
	"	chain clamp { }\n"
	"	chain segments {\n"
	"		type filter hook forward priority mangle; policy accept;\n"
	"		iifname @clients tcp flags & (syn | rst) == syn jump clamp\n"
	"		oifname @clients tcp flags & (syn | rst) == syn jump clamp\n"
	"	}\n"
	"	chain translate { }\n"
	"	chain postrouting {\n"
	"		type nat hook postrouting priority srcnat; policy accept;\n"
	"		iifname @clients oifname != @clients jump translate\n"
	"	}\n";

bool
rules_ifname(const char *name)
{
	size_t len = strnlen(name, IFNAMSIZ);

	if (len == 0 || len >= IFNAMSIZ)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isascii((unsigned char)name[i]) ||
		    (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i])))
			return false;
	return true;
}

/* What the configuration says, into chains that are empty. */
static void
write_choices(FILE *out, const struct rules_conf *conf)
{
	if (!conf->client_to_client)
		fprintf(out, "add rule inet lnsd between counter name refused drop\n");
	/* never to more than it was */
	fprintf(out, "add rule inet lnsd clamp meta nfproto ipv4 tcp option maxseg size set %d\n",
		conf->mtu - IP4_HEADERS);
	fprintf(out, "add rule inet lnsd clamp meta nfproto ipv6 tcp option maxseg size set %d\n",
		conf->mtu - IP6_HEADERS);
	if (conf->nat)
		fprintf(out, "add rule inet lnsd translate meta nfproto ipv4 masquerade\n");
}

/* It is added so that it can be deleted: a table that a killed daemon left goes in the transaction
 * that makes the new one. */
void
rules_table(FILE *out, const struct rules_conf *conf)
{
	fprintf(out, "add table inet lnsd\ndelete table inet lnsd\n%s", table);
	fprintf(out,
		"	chain banned {\n"
		"		type filter hook input priority raw; policy accept;\n"
		"		udp dport { 500, 4500, %u } ip saddr @banned4 counter drop\n"
		"		udp dport { 500, 4500, %u } ip6 saddr & ffff:ffff:ffff:ffff:: "
		"@banned6 counter drop\n"
		"	}\n}\n",
		conf->port, conf->port);
	write_choices(out, conf);
}

void
rules_conf(FILE *out, const struct rules_conf *conf)
{
	fprintf(out, "flush chain inet lnsd between\nflush chain inet lnsd clamp\n"
		     "flush chain inet lnsd translate\n");
	write_choices(out, conf);
}

void
rules_end(FILE *out)
{
	fprintf(out, "delete table inet lnsd\n");
}

/* The network's first address, as text. */
static void
prefix_text(char text[INET6_ADDRSTRLEN], const struct lns_prefix *prefix)
{
	uint8_t ip[16] = {0};

	memcpy(ip, prefix->ip, prefix->bits / 8);
	if (prefix->bits % 8)
		ip[prefix->bits / 8] =
			(uint8_t)(prefix->ip[prefix->bits / 8] & 0xff << (8 - prefix->bits % 8));
	inet_ntop(prefix->family == 4 ? AF_INET : AF_INET6, ip, text, INET6_ADDRSTRLEN);
}

/* "ip saddr 192.0.2.0/24": `side` is saddr or daddr; a prefix of no bits is its whole family. */
static void
write_match(FILE *out, const char *side, const struct lns_prefix *prefix)
{
	char text[INET6_ADDRSTRLEN];

	prefix_text(text, prefix);
	if (prefix->bits == 0)
		fprintf(out, "meta nfproto %s", prefix->family == 4 ? "ipv4" : "ipv6");
	else
		fprintf(out, "%s %s %s/%u", prefix->family == 4 ? "ip" : "ip6", side, text,
			prefix->bits);
}

/* The set that a source is an element of, or NULL: it needs a rule. */
static const char *
set_of(const struct lns_prefix *source)
{
	if (source->family == 4)
		return source->bits == 32 ? "address4" : NULL;
	return source->bits == 64 ? "prefix6" : NULL;
}

static void
write_elements(FILE *out, const char *verb, const struct rules_session *session)
{
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < session->source_count; i++) {
		const char *set = set_of(&session->sources[i]);

		prefix_text(text, &session->sources[i]);
		if (set)
			fprintf(out, "%s element inet lnsd %s { \"%s\" . %s }\n", verb, set,
				session->ifname, text);
	}
	fprintf(out, "%s element inet lnsd clients { \"%s\" }\n", verb, session->ifname);
}

static bool
has_rules(const struct rules_session *session)
{
	for (size_t i = 0; i < session->source_count; i++)
		if (!set_of(&session->sources[i]))
			return true;
	return false;
}

static void
write_sources(FILE *out, const struct rules_session *session)
{
	fprintf(out, "add chain inet lnsd behind_%u\n", session->serial);
	for (size_t i = 0; i < session->source_count; i++) {
		if (set_of(&session->sources[i]))
			continue;
		fprintf(out, "add rule inet lnsd behind_%u ", session->serial);
		write_match(out, "saddr", &session->sources[i]);
		fprintf(out, " accept\n");
	}
	fprintf(out, "add element inet lnsd behind { \"%s\" : jump behind_%u }\n", session->ifname,
		session->serial);
}

static void
write_allow(FILE *out, const struct grant_allow *allow)
{
	write_match(out, "daddr", &allow->to);
	if (allow->protocol)
		fprintf(out, " meta l4proto %u", allow->protocol);
	if (allow->last && allow->first == allow->last)
		fprintf(out, " th dport %u", allow->first);
	else if (allow->last)
		fprintf(out, " th dport %u-%u", allow->first, allow->last);
	fprintf(out, " accept\n");
}

static void
write_destinations(FILE *out, const struct rules_session *session)
{
	fprintf(out, "add chain inet lnsd allow_%u\n", session->serial);
	for (size_t i = 0; i < session->allow_count; i++) {
		fprintf(out, "add rule inet lnsd allow_%u ", session->serial);
		write_allow(out, &session->allow[i]);
	}
	fprintf(out, "add rule inet lnsd allow_%u counter name refused drop\n", session->serial);
	fprintf(out, "add element inet lnsd allow { \"%s\" : goto allow_%u }\n", session->ifname,
		session->serial);
}

void
rules_up(FILE *out, const struct rules_session *session)
{
	if (has_rules(session))
		write_sources(out, session);
	if (session->allow_count)
		write_destinations(out, session);
	write_elements(out, "add", session);
}

static void
write_gone(FILE *out, const struct rules_session *session, const char *map)
{
	fprintf(out, "delete element inet lnsd %s { \"%s\" }\n", map, session->ifname);
	fprintf(out, "flush chain inet lnsd %s_%u\n", map, session->serial);
	fprintf(out, "delete chain inet lnsd %s_%u\n", map, session->serial);
}

void
rules_down(FILE *out, const struct rules_session *session)
{
	write_elements(out, "delete", session);
	if (has_rules(session))
		write_gone(out, session, "behind");
	if (session->allow_count)
		write_gone(out, session, "allow");
}
