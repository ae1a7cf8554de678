/* See shaper.h. */
#include "keeper/shaper.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_mirred.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/act/mirred.h>
#include <netlink/route/act/skbedit.h>
#include <netlink/route/class.h>
#include <netlink/route/classifier.h>
#include <netlink/route/cls/matchall.h>
#include <netlink/route/link.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/fq_codel.h>
#include <netlink/route/qdisc/htb.h>
#include <netlink/route/qdisc/tbf.h>
#include <netlink/route/tc.h>
#include <netlink/socket.h>
#include <stdbool.h>

#define ROOT TC_HANDLE(1, 0)
#define INGRESS UINT32_C(0xffff0000) /* ffff: */
#define BURST_LEAST 15000	     /* ten packets: a timer that is late loses nothing */
#define BURST_PARTS 100		     /* of a second */
#define QUEUE_PARTS 10		     /* of a second, where there is no fq_codel */
#define TARGET_BYTES 6000	     /* four packets */
#define TARGET_US 5000		     /* of fq_codel, as its default: RFC 8290 §5.2.3 */
#define INTERVAL_US 100000	     /* RFC 8290 §5.2.2 */
#define MINUTE_US 60000000
#define PACKET 1500
#define QUEUE_LEAST 32 /* packets */
#define QUEUE_MOST 10240
#define RATE_MOST UINT32_C(0x7fffffff) /* bytes a second, as the library counts */
#define QUANTUM 3000

static int
to_errno(int error)
{
	switch (error < 0 ? -error : 0) {
	case 0:
		return 0;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_OBJ_NOTFOUND:
	case NLE_OPNOTSUPP:
	case NLE_NOATTR:
		return -EOPNOTSUPP;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_NODEV:
		return -ENODEV;
	default:
		return -EIO;
	}
}

static uint32_t
bytes_of(uint64_t bits)
{
	uint64_t bytes = bits / 8;

	return bytes == 0 ? 1 : bytes > RATE_MOST ? RATE_MOST : (uint32_t)bytes;
}

static uint32_t
burst_of(uint32_t rate)
{
	return rate / BURST_PARTS > BURST_LEAST ? rate / BURST_PARTS : BURST_LEAST;
}

static struct rtnl_qdisc *
qdisc_new(int ifindex, uint32_t parent, uint32_t handle, const char *kind)
{
	struct rtnl_qdisc *qdisc = rtnl_qdisc_alloc();

	if (!qdisc)
		return NULL;
	rtnl_tc_set_ifindex(TC_CAST(qdisc), ifindex);
	rtnl_tc_set_parent(TC_CAST(qdisc), parent);
	if (handle)
		rtnl_tc_set_handle(TC_CAST(qdisc), handle);
	if (rtnl_tc_set_kind(TC_CAST(qdisc), kind) == 0)
		return qdisc;
	rtnl_qdisc_put(qdisc);
	return NULL;
}

/* Takes the qdisc. */
static int
qdisc_put_in(struct nl_sock *sock, struct rtnl_qdisc *qdisc)
{
	int error = qdisc ? rtnl_qdisc_add(sock, qdisc, NLM_F_CREATE | NLM_F_REPLACE) : -NLE_NOMEM;

	rtnl_qdisc_put(qdisc);
	return to_errno(error);
}

static uint32_t
within(uint64_t value, uint32_t least, uint32_t most)
{
	return value < least ? least : value > most ? most : (uint32_t)value;
}

/* What waits behind a bucket, for half a second at most: without fq_codel the rate holds as well.
 * At a slow rate a few packets wait for longer than the usual target (RFC 8290 §5.2.3). */
static int
put_queue(struct nl_sock *sock, int ifindex, uint32_t parent, uint32_t rate)
{
	struct rtnl_qdisc *queue = qdisc_new(ifindex, parent, 0, "fq_codel");
	uint32_t target = within(UINT64_C(1000000) * TARGET_BYTES / rate, TARGET_US, MINUTE_US);
	int error;

	if (queue) {
		rtnl_qdisc_fq_codel_set_target(queue, target);
		rtnl_qdisc_fq_codel_set_interval(
			queue, within(UINT64_C(2) * target, INTERVAL_US, 2 * MINUTE_US));
		rtnl_qdisc_fq_codel_set_limit(
			queue, (int)within(rate / (2 * PACKET), QUEUE_LEAST, QUEUE_MOST));
	}
	error = qdisc_put_in(sock, queue);
	return error == -EOPNOTSUPP ? 0 : error;
}

static void
qdisc_take_out(struct nl_sock *sock, int ifindex, uint32_t parent, const char *kind)
{
	struct rtnl_qdisc *qdisc = qdisc_new(ifindex, parent, 0, kind);

	if (qdisc)
		rtnl_qdisc_delete(sock, qdisc);
	rtnl_qdisc_put(qdisc);
}

static int
set_down(struct nl_sock *sock, int ifindex, uint64_t bits)
{
	uint32_t rate = bytes_of(bits), burst = burst_of(rate);
	struct rtnl_qdisc *bucket = qdisc_new(ifindex, TC_H_ROOT, ROOT, "tbf");
	int error;

	if (bucket) {
		rtnl_qdisc_tbf_set_rate(bucket, (int)rate, (int)burst, 0);
		rtnl_qdisc_tbf_set_limit(bucket, (int)(rate / QUEUE_PARTS + burst));
	}
	error = qdisc_put_in(sock, bucket);
	if (error == 0)
		error = put_queue(sock, ifindex, TC_HANDLE(1, 1), rate);
	return error;
}

/* Makes lnsd-up, with classes by skb->priority alone. */
static int
open_link(struct shaper *shaper)
{
	struct rtnl_link *link = rtnl_link_alloc();
	int error = -NLE_NOMEM;

	if (shaper->link) {
		rtnl_link_put(link);
		return 0;
	}
	if (link && rtnl_link_set_type(link, "ifb") == 0) {
		rtnl_link_set_name(link, SHAPER_LINK);
		rtnl_link_set_flags(link, IFF_UP);
		error = rtnl_link_add(shaper->sock, link, NLM_F_CREATE | NLM_F_EXCL);
	}
	rtnl_link_put(link);
	if (error)
		return to_errno(error);
	shaper->link = (int)if_nametoindex(SHAPER_LINK);
	return qdisc_put_in(shaper->sock, qdisc_new(shaper->link, TC_H_ROOT, ROOT, "htb"));
}

static bool
take_class(struct shaper *shaper, uint16_t *class_id)
{
	for (unsigned i = 1; *class_id == 0 && i < SHAPER_CLASSES; i++) {
		if (shaper->used[i / 8] & 1 << i % 8)
			continue;
		shaper->used[i / 8] |= (uint8_t)(1 << i % 8);
		*class_id = (uint16_t)i;
	}
	return *class_id != 0;
}

static struct rtnl_class *
class_new(const struct shaper *shaper, uint16_t class_id)
{
	struct rtnl_class *class = rtnl_class_alloc();

	if (!class)
		return NULL;
	rtnl_tc_set_ifindex(TC_CAST(class), shaper->link);
	rtnl_tc_set_parent(TC_CAST(class), ROOT);
	rtnl_tc_set_handle(TC_CAST(class), TC_HANDLE(1, class_id));
	if (rtnl_tc_set_kind(TC_CAST(class), "htb") == 0)
		return class;
	rtnl_class_put(class);
	return NULL;
}

static int
put_class(struct shaper *shaper, uint16_t class_id, uint64_t bits)
{
	struct rtnl_class *class = class_new(shaper, class_id);
	uint32_t rate = bytes_of(bits);
	int error = -NLE_NOMEM;

	if (class) {
		rtnl_htb_set_rate(class, rate);
		rtnl_htb_set_ceil(class, rate);
		rtnl_htb_set_rbuffer(class, burst_of(rate));
		rtnl_htb_set_cbuffer(class, burst_of(rate));
		rtnl_htb_set_quantum(class, QUANTUM);
		error = rtnl_class_add(shaper->sock, class, NLM_F_CREATE | NLM_F_REPLACE);
	}
	rtnl_class_put(class);
	if (error)
		return to_errno(error);
	return put_queue(shaper->sock, shaper->link, TC_HANDLE(1, class_id), rate);
}

/* Everything that comes in: marked as the class's, then over to lnsd-up. */
static int
add_actions(const struct shaper *shaper, struct rtnl_cls *filter, uint16_t class_id)
{
	struct rtnl_act *mark = rtnl_act_alloc(), *over = rtnl_act_alloc();
	int error = -NLE_NOMEM;

	if (mark && over && rtnl_tc_set_kind(TC_CAST(mark), "skbedit") == 0 &&
	    rtnl_tc_set_kind(TC_CAST(over), "mirred") == 0) {
		rtnl_skbedit_set_priority(mark, TC_HANDLE(1, class_id));
		rtnl_skbedit_set_action(mark, TC_ACT_PIPE);
		rtnl_mirred_set_action(over, TCA_EGRESS_REDIR);
		rtnl_mirred_set_ifindex(over, (uint32_t)shaper->link);
		rtnl_mirred_set_policy(over, TC_ACT_STOLEN);
		error = rtnl_mall_append_action(filter, mark);
		if (error == 0)
			error = rtnl_mall_append_action(filter, over);
	}
	/* the filter has references of its own */
	rtnl_act_put(mark);
	rtnl_act_put(over);
	return error;
}

static int
put_filter(struct shaper *shaper, int ifindex, uint16_t class_id)
{
	struct rtnl_cls *filter = rtnl_cls_alloc();
	int error = -NLE_NOMEM;

	if (filter) {
		rtnl_tc_set_ifindex(TC_CAST(filter), ifindex);
		rtnl_tc_set_parent(TC_CAST(filter), INGRESS);
		rtnl_cls_set_prio(filter, 1);
		rtnl_cls_set_protocol(filter, ETH_P_ALL);
		error = rtnl_tc_set_kind(TC_CAST(filter), "matchall");
	}
	if (error == 0)
		error = add_actions(shaper, filter, class_id);
	if (error == 0)
		error = rtnl_cls_add(shaper->sock, filter, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_cls_put(filter);
	return to_errno(error);
}

static int
set_up(struct shaper *shaper, int ifindex, uint64_t bits, uint16_t *class_id)
{
	bool had = *class_id != 0;
	int error = open_link(shaper);

	if (error == 0 && !take_class(shaper, class_id))
		error = -ENOSPC;
	if (error == 0)
		error = put_class(shaper, *class_id, bits);
	if (error == 0 && !had)
		error = qdisc_put_in(shaper->sock,
				     qdisc_new(ifindex, TC_H_INGRESS, INGRESS, "ingress"));
	if (error == 0 && !had)
		error = put_filter(shaper, ifindex, *class_id);
	if (error && !had)
		shaper_forget(shaper, class_id);
	return error;
}

static int
open_sock(struct shaper *shaper)
{
	if (shaper->sock)
		return 0;
	shaper->sock = nl_socket_alloc();
	if (!shaper->sock)
		return -ENOMEM;
	if (nl_connect(shaper->sock, NETLINK_ROUTE) == 0)
		return 0;
	nl_socket_free(shaper->sock);
	shaper->sock = NULL;
	return -EIO;
}

int
shaper_set(struct shaper *shaper, const char *ifname, uint64_t up, uint64_t down,
	   uint16_t *class_id)
{
	int ifindex = (int)if_nametoindex(ifname), error = open_sock(shaper);

	if (error || ifindex == 0)
		return error ? error : -ENODEV;
	if (down)
		error = set_down(shaper->sock, ifindex, down);
	else
		qdisc_take_out(shaper->sock, ifindex, TC_H_ROOT, "tbf");
	if (error)
		return error;
	if (up)
		return set_up(shaper, ifindex, up, class_id);
	if (*class_id) {
		qdisc_take_out(shaper->sock, ifindex, TC_H_INGRESS, "ingress");
		shaper_forget(shaper, class_id);
	}
	return 0;
}

void
shaper_forget(struct shaper *shaper, uint16_t *class_id)
{
	struct rtnl_class *class = *class_id ? class_new(shaper, *class_id) : NULL;

	if (*class_id)
		shaper->used[*class_id / 8] &= (uint8_t) ~(1 << *class_id % 8);
	*class_id = 0;
	if (class)
		rtnl_class_delete(shaper->sock, class);
	rtnl_class_put(class);
}

void
shaper_stop(struct shaper *shaper)
{
	struct rtnl_link *link = NULL;

	if (if_nametoindex(SHAPER_LINK) && open_sock(shaper) == 0)
		link = rtnl_link_alloc();
	if (link) {
		rtnl_link_set_name(link, SHAPER_LINK);
		rtnl_link_delete(shaper->sock, link);
	}
	rtnl_link_put(link);
	nl_socket_free(shaper->sock);
	*shaper = (struct shaper){.sock = NULL};
}
