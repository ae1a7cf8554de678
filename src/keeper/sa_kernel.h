/* The directory's hands: what it asks of the kernel, as netlink messages. */
#ifndef KEEPER_SA_KERNEL_H
#define KEEPER_SA_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "keeper/sa_dir.h"

struct nl_sock;

struct sa_link {
	struct nl_sock *xfrm, *routes; /* for requests */
};

/* 0 or -errno; -EPROTONOSUPPORT: the kernel has no XFRM. */
int sa_link_open(struct sa_link *link);
void sa_link_close(struct sa_link *link);
/* Messages that this link has caused carry it as their nlmsg_pid. */
uint32_t sa_link_port(const struct sa_link *link);

/* What sa_dir needs, with the link as its context. */
struct sa_kernel sa_link_kernel(struct sa_link *link);

/* Removes one policy; -errno when there is none. */
int sa_link_remove_policy(struct sa_link *link, const struct sa_policy *policy);

struct sa_count {
	uint64_t bytes, packets;
	uint64_t added; /* seconds since 1970 */
};
/* What has passed through an SA; false when the kernel has none such. */
bool sa_link_count(struct sa_link *link, const struct sa *sa, struct sa_count *count);

#endif
