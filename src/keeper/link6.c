#include "keeper/link6.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>

#define OUR_METRIC 512 /* before what the kernel gives by itself (1024) */

struct reading {
	int error;
};

static int
on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *ctx)
{
	struct reading *reading = ctx;

	(void)from;
	reading->error = error->error;
	return NL_STOP;
}

/* Sends and frees. The kernel has answered by the time that the call is over: nobody is waited for.
 */
static int
carry_out(struct nl_sock *sock, struct nl_msg *msg, bool whole)
{
	struct reading reading = {.error = 0};
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int error = cb && whole ? 0 : -ENOMEM;

	if (error == 0 && nl_send_auto(sock, msg) < 0)
		error = -EIO;
	if (error == 0) {
		nl_cb_err(cb, NL_CB_CUSTOM, on_error, &reading);
		nl_recvmsgs(sock, cb);
		error = reading.error;
	}
	nl_cb_put(cb);
	nlmsg_free(msg);
	return error;
}

static int
add_address(struct nl_sock *sock, unsigned ifindex, const struct lns_prefix *link)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK |
								     NLM_F_CREATE | NLM_F_REPLACE);
	const struct ifaddrmsg head = {.ifa_family = AF_INET6,
				       .ifa_prefixlen = (uint8_t)link->bits,
				       .ifa_flags = IFA_F_NODAD,
				       .ifa_index = ifindex};
	uint8_t address[16];

	memcpy(address, link->ip, sizeof(address));
	address[15] = 1;
	return carry_out(
		sock, msg,
		msg && nlmsg_append(msg, (void *)&head, sizeof(head), NLMSG_ALIGNTO) == 0 &&
			nla_put(msg, IFA_LOCAL, sizeof(address), address) == 0 &&
			nla_put(msg, IFA_ADDRESS, sizeof(address), address) == 0);
}

/* Exclusive: a prefix that another interface has is told apart from one that is ours already. */
static int
add_route(struct nl_sock *sock, unsigned ifindex, const struct lns_prefix *share)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK |
								      NLM_F_CREATE | NLM_F_EXCL);
	const struct rtmsg head = {.rtm_family = AF_INET6,
				   .rtm_dst_len = (uint8_t)share->bits,
				   .rtm_table = RT_TABLE_MAIN,
				   .rtm_protocol = RTPROT_STATIC,
				   .rtm_scope = RT_SCOPE_UNIVERSE,
				   .rtm_type = RTN_UNICAST};

	return carry_out(
		sock, msg,
		msg && nlmsg_append(msg, (void *)&head, sizeof(head), NLMSG_ALIGNTO) == 0 &&
			nla_put(msg, RTA_DST, 16, share->ip) == 0 &&
			nla_put_u32(msg, RTA_OIF, ifindex) == 0 &&
			nla_put_u32(msg, RTA_PRIORITY, OUR_METRIC) == 0);
}

int
link6_set(unsigned ifindex, const struct lns_prefix *link, const struct lns_prefix *share)
{
	struct nl_sock *sock = nl_socket_alloc();
	int error = -ENOMEM;

	if (sock && nl_connect(sock, NETLINK_ROUTE) == 0) {
		error = add_route(sock, ifindex, share);
		if (error == 0)
			error = add_address(sock, ifindex, link);
	}
	nl_socket_free(sock);
	return error;
}
