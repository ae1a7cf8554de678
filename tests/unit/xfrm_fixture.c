#include "xfrm_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

struct nlmsghdr *
xfrm_begin(struct xfrm_bytes *out, uint16_t type, const void *fixed, size_t len)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)(void *)out->bytes;

	memset(out, 0, sizeof(*out));
	hdr->nlmsg_type = type;
	hdr->nlmsg_len = (uint32_t)NLMSG_LENGTH(len);
	memcpy(NLMSG_DATA(hdr), fixed, len);
	return hdr;
}

void
xfrm_attr(struct xfrm_bytes *out, uint16_t type, const void *value, size_t len)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)(void *)out->bytes;
	struct nlattr *attr = (struct nlattr *)(void *)(out->bytes + NLMSG_ALIGN(hdr->nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy((uint8_t *)attr + NLA_HDRLEN, value, len);
	hdr->nlmsg_len = (uint32_t)(NLMSG_ALIGN(hdr->nlmsg_len) + NLA_ALIGN(attr->nla_len));
}

struct xfrm_usersa_info
xfrm_esp(uint32_t src, uint32_t dst, uint32_t spi, uint32_t reqid, uint16_t sport, uint16_t dport)
{
	struct xfrm_usersa_info info;

	memset(&info, 0, sizeof(info));
	info.family = info.sel.family = AF_INET;
	info.id.proto = IPPROTO_ESP;
	info.mode = XFRM_MODE_TRANSPORT;
	info.saddr.a4 = info.sel.saddr.a4 = htonl(src);
	info.id.daddr.a4 = info.sel.daddr.a4 = htonl(dst);
	info.id.spi = htonl(spi);
	info.reqid = reqid;
	info.sel.proto = IPPROTO_UDP;
	info.sel.prefixlen_s = info.sel.prefixlen_d = 32;
	info.sel.sport = htons(sport);
	info.sel.dport = htons(dport);
	info.sel.sport_mask = sport ? 0xffff : 0;
	info.sel.dport_mask = dport ? 0xffff : 0;
	return info;
}
