/* Router Advertisements: RFC 4861 §4.2, route information (RFC 4191), DNS (RFC 8106). */
#include <string.h>

#include "conf.h"
#include "inside/asked.h"
#include "inside/domain.h"

enum { ADVERTISEMENT = 134 };
enum { OPTION_PREFIX = 3, OPTION_MTU = 5, OPTION_ROUTE = 24, OPTION_RDNSS = 25, OPTION_DNSSL = 31 };
enum { FLAG_OTHER = 0x40, PREFIX_ON_LINK = 0x80, PREFIX_AUTONOMOUS = 0x40 };

#define HOPS 64
/* Seconds. Three times the longest time between two advertisements (§6.2.1). */
#define LIFETIME 1800
#define VALID 86400
#define PREFERRED 14400

/* Who is told of networks goes elsewhere for the rest. */
static bool
is_default_router(const struct conf *conf)
{
	for (size_t i = 0; i < conf->network.route_count; i++)
		if (conf->network.routes[i].family == 6)
			return false;
	return true;
}

static void
put_prefix(struct wr *w, const struct lns_prefix *prefix)
{
	wr_u8(w, OPTION_PREFIX);
	wr_u8(w, 4);
	wr_u8(w, (uint8_t)prefix->bits);
	wr_u8(w, PREFIX_ON_LINK | PREFIX_AUTONOMOUS);
	wr_u32(w, VALID);
	wr_u32(w, PREFERRED);
	wr_u32(w, 0);
	wr_bytes(w, prefix->ip, 16);
}

static void
put_mtu(struct wr *w, uint32_t mtu)
{
	wr_u8(w, OPTION_MTU);
	wr_u8(w, 1);
	wr_u16(w, 0);
	wr_u32(w, mtu);
}

static void
put_routes(struct wr *w, const struct conf *conf)
{
	for (size_t i = 0; i < conf->network.route_count; i++) {
		const struct lns_prefix *route = &conf->network.routes[i];

		if (route->family != 6)
			continue;
		wr_u8(w, OPTION_ROUTE);
		wr_u8(w, 3);
		wr_u8(w, (uint8_t)route->bits);
		wr_u8(w, 0);
		wr_u32(w, LIFETIME);
		wr_bytes(w, route->ip, 16);
	}
}

static void
put_dns(struct wr *w, const struct conf *conf)
{
	if (!conf->network.dns6_count)
		return;
	wr_u8(w, OPTION_RDNSS);
	wr_u8(w, (uint8_t)(1 + 2 * conf->network.dns6_count));
	wr_u16(w, 0);
	wr_u32(w, LIFETIME);
	wr_bytes(w, conf->network.dns6, 16 * conf->network.dns6_count);
}

static void
put_domain(struct wr *w, const char *domain)
{
	static const uint8_t padding[8] = {0};
	size_t size = domain_size(domain);

	if (!domain[0])
		return;
	wr_u8(w, OPTION_DNSSL);
	wr_u8(w, (uint8_t)(1 + (size + 7) / 8));
	wr_u16(w, 0);
	wr_u32(w, LIFETIME);
	domain_write(w, domain);
	wr_bytes(w, padding, (8 - size % 8) % 8);
}

bool
ra_write(const struct inside *inside, const uint8_t to[16], struct wr *answer)
{
	const struct conf *conf = inside->conf;
	struct ip_out packet;

	ip_begin6(&packet, answer, PROTO_ICMPV6, ip_our_link_local, to);
	wr_u8(answer, ADVERTISEMENT);
	wr_u8(answer, 0);
	wr_u16(answer, 0);
	wr_u8(answer, HOPS);
	/* no addresses by DHCPv6, but what it tells */
	wr_u8(answer, FLAG_OTHER);
	wr_u16(answer, is_default_router(conf) ? LIFETIME : 0);
	wr_u32(answer, 0); /* Reachable Time, Retrans Timer: PPP resolves no addresses */
	wr_u32(answer, 0);
	put_prefix(answer, &inside->link->link6);
	put_mtu(answer, conf->network.mtu);
	put_dns(answer, conf);
	put_domain(answer, conf->network.search_domain);
	put_routes(answer, conf);
	return ip_end(&packet);
}
