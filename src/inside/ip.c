#include "inside/ip.h"

#include <string.h>

enum { IP4_HEADER = 20, IP6_HEADER = 40, UDP_HEADER = 8 };
/* RFC 4861 §4.2: who sees 255 knows that no router has passed it on */
#define HOP_LIMIT 255

const uint8_t ip_our_link_local[16] = {0xfe, 0x80, [15] = 1};

bool
ip_is_link_local(const uint8_t address[16])
{
	return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

/* Address and control field may be left out, and the protocol may be one byte (RFC 1661 §6.5,
 * §6.6).
 */
static unsigned
read_protocol(struct rd *r)
{
	unsigned first = rd_u8(r);

	if (first == 0xff && rd_u8(r) == 0x03)
		first = rd_u8(r);
	return first & 1 ? first : first << 8 | rd_u8(r);
}

static bool
read_ip4(struct ip_in *packet, struct rd *r)
{
	size_t all = rd_left(r), header, total;
	const uint8_t *p = rd_bytes(r, IP4_HEADER);

	if (!p || p[0] >> 4 != 4)
		return false;
	header = 4u * (p[0] & 15);
	total = (size_t)p[2] << 8 | p[3];
	/* no fragment: neither More Fragments nor an offset */
	if (header < IP4_HEADER || total < header || total > all || (p[6] & 0x3f) || p[7])
		return false;
	packet->version = 4;
	packet->hop_limit = p[8];
	packet->protocol = p[9];
	packet->src = p + 12;
	packet->dst = p + 16;
	rd_bytes(r, header - IP4_HEADER);
	packet->payload = rd_sub(r, total - header);
	return !r->bad;
}

static bool
read_ip6(struct ip_in *packet, struct rd *r)
{
	const uint8_t *p = rd_bytes(r, IP6_HEADER);

	if (!p || p[0] >> 4 != 6)
		return false;
	packet->version = 6;
	packet->protocol = p[6];
	packet->hop_limit = p[7];
	packet->src = p + 8;
	packet->dst = p + 24;
	packet->payload = rd_sub(r, (size_t)p[4] << 8 | p[5]);
	return !r->bad;
}

bool
ip_read(struct ip_in *packet, const uint8_t *frame, size_t len)
{
	struct rd r = rd_init(frame, len);
	unsigned protocol = read_protocol(&r);

	if (protocol == PPP_IP)
		return read_ip4(packet, &r);
	return protocol == PPP_IPV6 && read_ip6(packet, &r);
}

void
ip_begin4(struct ip_out *packet, struct wr *w, const uint8_t src[4], const uint8_t dst[4])
{
	static const uint8_t ppp[] = {0xff, 0x03, 0x00, PPP_IP};
	/* a whole packet of its own: no identification (RFC 6864 §4.1) */
	static const uint8_t start[] = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, PROTO_UDP, 0, 0};

	wr_bytes(w, ppp, sizeof(ppp));
	*packet = (struct ip_out){.w = w, .ip = w->p, .version = 4, .protocol = PROTO_UDP};
	wr_bytes(w, start, sizeof(start));
	wr_bytes(w, src, 4);
	wr_bytes(w, dst, 4);
	packet->upper = w->p;
}

void
ip_begin6(struct ip_out *packet, struct wr *w, uint8_t protocol, const uint8_t src[16],
	  const uint8_t dst[16])
{
	static const uint8_t ppp[] = {0xff, 0x03, 0x00, PPP_IPV6};

	wr_bytes(w, ppp, sizeof(ppp));
	*packet = (struct ip_out){.w = w, .ip = w->p, .version = 6, .protocol = protocol};
	wr_u32(w, 6u << 28);
	wr_u16(w, 0);
	wr_u8(w, protocol);
	wr_u8(w, HOP_LIMIT);
	wr_bytes(w, src, 16);
	wr_bytes(w, dst, 16);
	packet->upper = w->p;
}

void
ip_udp(struct ip_out *packet, uint16_t from, uint16_t to)
{
	wr_u16(packet->w, from);
	wr_u16(packet->w, to);
	wr_u32(packet->w, 0);
}

static uint32_t
sum_of(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static uint16_t
folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* RFC 768, RFC 8200 §8.1: the sum of both pseudo-headers is that of addresses, length and protocol.
 */
static void
put_checksum(struct ip_out *packet)
{
	size_t len = (size_t)(packet->w->p - packet->upper);
	size_t addresses = packet->version == 4 ? 8 : 32;
	uint8_t *place = packet->upper + (packet->protocol == PROTO_UDP ? 6 : 2);
	uint16_t sum = folded(sum_of(packet->upper - addresses, addresses) + (uint32_t)len +
			      packet->protocol + sum_of(packet->upper, len));

	/* 0 would mean that there is none */
	wr_patch_u16(packet->w, place, packet->protocol == PROTO_UDP && !sum ? 0xffff : sum);
}

bool
ip_end(struct ip_out *packet)
{
	struct wr *w = packet->w;

	if (w->bad)
		return false;
	if (packet->protocol == PROTO_UDP)
		wr_patch_u16(w, packet->upper + 4, (uint16_t)(w->p - packet->upper));
	if (packet->version == 4) {
		wr_patch_u16(w, packet->ip + 2, (uint16_t)(w->p - packet->ip));
		wr_patch_u16(w, packet->ip + 10, folded(sum_of(packet->ip, IP4_HEADER)));
	} else {
		wr_patch_u16(w, packet->ip + 4, (uint16_t)(w->p - packet->upper));
	}
	put_checksum(packet);
	return true;
}
