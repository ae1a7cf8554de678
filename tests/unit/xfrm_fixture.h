/* XFRM messages as the kernel sends them, for tests of what reads them. */
#ifndef XFRM_FIXTURE_H
#define XFRM_FIXTURE_H

#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stddef.h>
#include <stdint.h>

/* A message that grows. */
struct xfrm_bytes {
	_Alignas(struct nlmsghdr) uint8_t bytes[2048];
};

struct nlmsghdr *xfrm_begin(struct xfrm_bytes *out, uint16_t type, const void *fixed, size_t len);
void xfrm_attr(struct xfrm_bytes *out, uint16_t type, const void *value, size_t len);

/* The fixed part of an ESP SA in transport mode for UDP 1701, IPv4 in host order. */
struct xfrm_usersa_info xfrm_esp(uint32_t src, uint32_t dst, uint32_t spi, uint32_t reqid,
				 uint16_t sport, uint16_t dport);

#endif
