/* IP packets in PPP frames: what is to be written around an answer, and the addresses in it. */
#ifndef INSIDE_IP_H
#define INSIDE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum { PPP_IP = 0x21, PPP_IPV6 = 0x57 };
enum { PROTO_UDP = 17, PROTO_ICMPV6 = 58 };

/* A whole packet that a client has sent; the pointers are into its frame. */
struct ip_in {
	unsigned version; /* 4 or 6 */
	uint8_t protocol, hop_limit;
	const uint8_t *src, *dst; /* 4 or 16 bytes */
	struct rd payload;	  /* behind the IP header */
};

/* False for a frame that is no IP packet, or is a fragment of one, or has an IPv6 extension header:
 * nothing that is asked of a gateway comes so. */
bool ip_read(struct ip_in *packet, const uint8_t *frame, size_t len);

/* One that is being written. */
struct ip_out {
	struct wr *w;
	uint8_t *ip, *upper;
	unsigned version;
	uint8_t protocol;
};

/* The header of an ICMPv6 or UDP packet; the message is written behind it. Lengths and checksums
 * are ip_end()'s. */
void ip_begin4(struct ip_out *packet, struct wr *w, const uint8_t src[4], const uint8_t dst[4]);
void ip_begin6(struct ip_out *packet, struct wr *w, uint8_t protocol, const uint8_t src[16],
	       const uint8_t dst[16]);
/* The UDP header, behind one of the two. */
void ip_udp(struct ip_out *packet, uint16_t from, uint16_t to);
/* False when it did not fit. */
bool ip_end(struct ip_out *packet);

extern const uint8_t ip_our_link_local[16]; /* fe80::1, as pppd is told */
bool ip_is_link_local(const uint8_t address[16]);

#endif
