/* See train.h. */
#include "worker/train.h"

#include <netinet/udp.h>
#include <string.h>

#include "worker/addr.h"

#define TRAIN_BYTES 65000 /* less than the largest datagram, headers included */

/* ── control messages ───────────────────────────────────────────────────────────────────── */

static void
put_control(struct msghdr *hdr, int level, int type, const void *value, size_t len)
{
	uint8_t *control = hdr->msg_control;
	struct cmsghdr *c = (struct cmsghdr *)(control + hdr->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), value, len);
	hdr->msg_controllen += CMSG_SPACE(len);
}

/* The code point is the upper six bits of the octet (RFC 2474 §3); the others are ECN's. */
static void
put_dscp(struct msghdr *hdr, bool ip4, uint8_t dscp)
{
	int octet = dscp << 2;

	if (ip4)
		put_control(hdr, IPPROTO_IP, IP_TOS, &octet, sizeof(octet));
	else
		put_control(hdr, IPPROTO_IPV6, IPV6_TCLASS, &octet, sizeof(octet));
}

/* Answers come from the address that was asked, under the SA that asked. */
static void
write_control(struct msghdr *hdr, const struct parcel *parcel, bool with_mark)
{
	const struct lns_path *path = &parcel->path;

	if (path->local.family == 4) {
		struct in_pktinfo info = {0};

		memcpy(&info.ipi_spec_dst, path->local.ip, 4);
		put_control(hdr, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	} else {
		struct in6_pktinfo info = {.ipi6_ifindex = path->local.scope};

		memcpy(&info.ipi6_addr, path->local.ip, 16);
		put_control(hdr, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
	if (with_mark && path->mark)
		put_control(hdr, SOL_SOCKET, SO_MARK, &path->mark, sizeof(path->mark));
	if (parcel->dscp)
		put_dscp(hdr, path->local.family == 4, parcel->dscp);
}

/* ── trains ─────────────────────────────────────────────────────────────────────────────── */

/* The kernel cuts at one size, computes the checksum itself, and cannot do it before ESP. */
static bool
may_lead(const struct parcel *parcel)
{
	return !parcel->path.mark && !parcel->no_checksum;
}

/* How many of `most` parcels leave as one: all as long as the first, but the last may be shorter.
 */
static unsigned
train_length(const struct parcel *parcels, unsigned most)
{
	const struct parcel *first = parcels;
	size_t sum = first->len;
	unsigned n = 1;

	while (n < most && parcels[n - 1].len == first->len && parcels[n].len <= first->len &&
	       sum + parcels[n].len <= TRAIN_BYTES && parcels[n].dscp == first->dscp &&
	       lns_path_eq(&parcels[n].path, &first->path))
		sum += parcels[n++].len;
	return n;
}

/* A message whose parcels' places are in iov. */
static void
make_message(struct msghdr *hdr, struct train *train, struct iovec *iov, const struct parcel *first,
	     unsigned count, bool with_mark)
{
	uint16_t each = (uint16_t)first->len;

	*hdr = (struct msghdr){
		.msg_name = &train->peer,
		.msg_namelen = addr_to_sockaddr(&train->peer, &first->path.peer),
		.msg_iov = iov,
		.msg_iovlen = count,
		.msg_control = train->control,
	};
	write_control(hdr, first, with_mark);
	if (count > 1)
		put_control(hdr, SOL_UDP, UDP_SEGMENT, &each, sizeof(each));
}

unsigned
trains_make(struct trains *trains, struct parcel *parcels, unsigned count, struct train_rules rules)
{
	unsigned messages = 0;

	for (unsigned i = 0; i < count;) {
		struct parcel *first = &parcels[i];
		unsigned most = rules.alone || !may_lead(first) ? 1 : count - i;
		unsigned n = train_length(first, most);

		for (unsigned k = 0; k < n; k++)
			trains->iov[i + k] = (struct iovec){first[k].bytes, first[k].len};
		make_message(&trains->hdr[messages].msg_hdr, &trains->each[messages],
			     &trains->iov[i], first, n, rules.with_mark);
		messages++;
		i += n;
	}
	return messages;
}
