/*
 * The kernel's XFRM messages, read into what lnsd keeps of an SA. A message has the keys in it:
 * nothing here copies them, and whoever owns the bytes wipes them.
 */
#ifndef KEEPER_SA_MSG_H
#define KEEPER_SA_MSG_H

#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Linux 6.10 and later: the direction of an SA, to be repeated in an update */
#define SA_MSG_DIR 33
#define SA_MSG_ATTRS (SA_MSG_DIR + 1)

#define SA_CIPHER_MAX 48

struct sa_id {
	uint16_t family; /* AF_INET, AF_INET6 */
	uint8_t dst[16];
	uint32_t spi; /* host order, as all numbers here */
};

enum sa_dir_known { SA_DIR_UNKNOWN, SA_DIR_IN, SA_DIR_OUT };

struct sa_facts {
	struct sa_id id;
	uint8_t src[16];
	uint32_t reqid;
	struct xfrm_selector sel;
	uint16_t nat_src, nat_dst; /* ports of UDP encapsulation; 0: none */
	uint32_t set_mark;	   /* on what was decrypted */
	struct xfrm_mark mark;	   /* by which the kernel finds it; 0, 0: by any */
	uint64_t added;		   /* seconds since 1970 */
	enum sa_dir_known dir;
	char cipher[SA_CIPHER_MAX];
};

enum sa_msg_kind {
	SA_MSG_OTHER,	     /* of no interest, or not understood */
	SA_MSG_PUT,	     /* facts: an ESP SA in transport mode, new or changed */
	SA_MSG_GONE,	     /* id: deleted or expired */
	SA_MSG_MOVED,	     /* id, nat_port: an authentic packet came from another port */
	SA_MSG_FLUSHED,	     /* all SAs are gone */
	SA_MSG_POLICY,	     /* policy: there is one */
	SA_MSG_POLICY_GONE,  /* policy: it was deleted */
	SA_MSG_POLICY_FLUSH, /* all policies are gone */
};

struct sa_policy {
	struct xfrm_selector sel;
	uint8_t dir;
	uint32_t priority;
	struct xfrm_mark mark;
};

struct sa_msg {
	enum sa_msg_kind kind;
	struct sa_facts facts;
	struct sa_id id;
	uint16_t nat_port;
	struct sa_policy policy;
};

/* Reads one message, which must be whole (nlmsg_ok). What is truncated, malformed or unknown is
 * SA_MSG_OTHER. */
void sa_msg_read(struct sa_msg *msg, const struct nlmsghdr *hdr);

/* The same selector, seen from the other side. */
struct xfrm_selector sa_reversed(const struct xfrm_selector *sel);

#endif
