/* Which frames are for us, by what only a gateway is asked; all others are on their way. */
#include "inside.h"

#include <string.h>

#include "conf.h"
#include "inside/asked.h"
#include "inside/ip.h"

enum { SOLICITATION = 133, ADVERTISEMENT = 134, REDIRECT = 137 };
enum { BOOTP_SERVER = 67, BOOTP_CLIENT = 68, DHCP6_SERVER = 547 };
#define HOP_LIMIT 255 /* no router has passed it on (RFC 4861 §6.1) */

static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
static const uint8_t all_dhcp_servers[16] = {0xff, 0x02, [13] = 1, [15] = 2};

static enum inside_verdict
verdict_of(bool answered)
{
	return answered ? INSIDE_ANSWERED : INSIDE_TAKEN;
}

/* Type, code, checksum and four bytes: options are of no interest. A client is no router. */
static enum inside_verdict
look_at_icmp6(const struct inside *inside, struct ip_in *packet, struct wr *answer)
{
	static const uint8_t nobody[16] = {0};
	const uint8_t *p = rd_bytes(&packet->payload, 8), *to = packet->src;

	if (p && (p[0] == ADVERTISEMENT || p[0] == REDIRECT))
		return INSIDE_TAKEN;
	if (!p || p[0] != SOLICITATION)
		return INSIDE_PASS;
	if (packet->hop_limit != HOP_LIMIT || p[1] != 0)
		return INSIDE_TAKEN;
	if (memcmp(to, nobody, sizeof(nobody)) == 0)
		to = all_nodes;
	else if (!ip_is_link_local(to))
		return INSIDE_TAKEN;
	return verdict_of(ra_write(inside, to, answer));
}

/* Source port, destination port, length, checksum; false when it is cut short. */
static bool
read_udp(struct rd *payload, uint16_t *from, uint16_t *to)
{
	size_t all = rd_left(payload), len;

	*from = rd_u16(payload);
	*to = rd_u16(payload);
	len = rd_u16(payload);
	rd_u16(payload);
	if (payload->bad || len < 8 || len > all)
		return false;
	*payload = rd_sub(payload, len - 8);
	return true;
}

static enum inside_verdict
look_at_ip6(const struct inside *inside, struct ip_in *packet, struct wr *answer)
{
	uint16_t from, to;

	if (packet->protocol == PROTO_ICMPV6)
		return look_at_icmp6(inside, packet, answer);
	if (packet->protocol != PROTO_UDP || !read_udp(&packet->payload, &from, &to) ||
	    to != DHCP6_SERVER)
		return INSIDE_PASS;
	if (memcmp(packet->dst, all_dhcp_servers, 16) != 0 &&
	    memcmp(packet->dst, ip_our_link_local, 16) != 0)
		return INSIDE_PASS;
	if (!ip_is_link_local(packet->src))
		return INSIDE_TAKEN;
	return verdict_of(dhcp6_answer(inside, packet->src, packet->payload, answer));
}

static bool
is_ip4(const uint8_t bytes[4], uint32_t ip)
{
	struct rd r = rd_init(bytes, 4);

	return rd_u32(&r) == ip;
}

/* To the whole link or to us. What others on the network are asked passes. */
static enum inside_verdict
look_at_ip4(const struct inside *inside, struct ip_in *packet, struct wr *answer)
{
	const struct inside_link *link = inside->link;
	uint16_t from, to;

	if (packet->protocol != PROTO_UDP || !read_udp(&packet->payload, &from, &to) ||
	    to != BOOTP_SERVER || from != BOOTP_CLIENT)
		return INSIDE_PASS;
	if (!is_ip4(packet->dst, UINT32_MAX) && !is_ip4(packet->dst, link->gateway))
		return INSIDE_PASS;
	if (!dhcp4_knows(inside))
		return INSIDE_PASS;
	if (!is_ip4(packet->src, link->address))
		return INSIDE_TAKEN;
	return verdict_of(dhcp4_answer(inside, packet->payload, answer));
}

enum inside_verdict
inside_look(const struct inside *inside, const uint8_t *frame, size_t len, struct wr *answer)
{
	struct ip_in packet;

	if (!ip_read(&packet, frame, len))
		return INSIDE_PASS;
	if (packet.version == 4)
		return inside->link->address ? look_at_ip4(inside, &packet, answer) : INSIDE_PASS;
	return inside->link->link6.family ? look_at_ip6(inside, &packet, answer) : INSIDE_PASS;
}

bool
inside_advertise(const struct inside *inside, struct wr *frame)
{
	return inside->link->link6.family && ra_write(inside, all_nodes, frame);
}
