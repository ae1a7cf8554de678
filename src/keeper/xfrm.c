/* The guard: who sends to our port without ESP, or would be answered without, meets a block policy.
 */
#include <errno.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "keeper/state.h"
#include "keeper/xfrm.h"

/* below all others: the kernel takes the lowest number first */
#define GUARD_PRIORITY 0x7ffffffe
#define EVENT_BUFFER (1 << 20)

struct guard_row {
	uint16_t family;
	uint8_t dir;
};

static const struct guard_row guard_rows[] = {{AF_INET, XFRM_POLICY_IN},
					      {AF_INET, XFRM_POLICY_OUT},
					      {AF_INET6, XFRM_POLICY_IN},
					      {AF_INET6, XFRM_POLICY_OUT}};
#define GUARD_ROWS (sizeof(guard_rows) / sizeof(guard_rows[0]))

static struct xfrm_selector
guard_selector(const struct guard_row *row, uint16_t port)
{
	struct xfrm_selector sel;

	memset(&sel, 0, sizeof(sel));
	sel.family = row->family;
	sel.proto = IPPROTO_UDP;
	if (row->dir == XFRM_POLICY_IN) {
		sel.dport = htons(port);
		sel.dport_mask = 0xffff;
	} else {
		sel.sport = htons(port);
		sel.sport_mask = 0xffff;
	}
	return sel;
}

/* A new request socket, or NULL with *error. */
static struct nl_sock *
open_socket(int *error)
{
	struct nl_sock *sock = nl_socket_alloc();

	errno = 0;
	if (sock && nl_connect(sock, NETLINK_XFRM) == 0)
		return sock;
	*error = !sock ? -ENOMEM : errno ? -errno : -EPROTONOSUPPORT;
	nl_socket_free(sock);
	return NULL;
}

/* libnl has numbers of its own for errors; these are the ones that the callers tell apart. */
static int
from_nl(int error)
{
	switch (-error) {
	case 0:
		return 0;
	case NLE_EXIST:
		return -EEXIST;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_AF_NOSUPPORT:
		return -EAFNOSUPPORT;
	case NLE_PERM:
		return -EPERM;
	default:
		return -EIO;
	}
}

/* Sends a request made of one struct and waits for its acknowledgement. */
static int
request(struct nl_sock *sock, int type, int flags, void *body, size_t len)
{
	int error = nl_send_simple(sock, type, flags, body, len);

	if (error >= 0)
		error = nl_wait_for_ack(sock);
	return from_nl(error < 0 ? error : 0);
}

/* XFRM_MSG_UPDPOLICY: as we want it, whatever was there. XFRM_MSG_NEWPOLICY: -EEXIST when it is
 * there. */
static int
put_policy(struct nl_sock *sock, int type, const struct guard_row *row, uint16_t port)
{
	struct xfrm_userpolicy_info policy;

	memset(&policy, 0, sizeof(policy));
	policy.sel = guard_selector(row, port);
	policy.dir = row->dir;
	policy.priority = GUARD_PRIORITY;
	policy.action = XFRM_POLICY_BLOCK;
	policy.share = XFRM_SHARE_ANY;
	policy.lft.soft_byte_limit = policy.lft.hard_byte_limit = XFRM_INF;
	policy.lft.soft_packet_limit = policy.lft.hard_packet_limit = XFRM_INF;
	return request(sock, type, NLM_F_CREATE | (type == XFRM_MSG_NEWPOLICY ? NLM_F_EXCL : 0),
		       &policy, sizeof(policy));
}

int
xfrm_guard_up(uint16_t port)
{
	int error = 0;
	struct nl_sock *sock = open_socket(&error);

	for (size_t i = 0; sock && i < GUARD_ROWS && error == 0; i++) {
		error = put_policy(sock, XFRM_MSG_UPDPOLICY, &guard_rows[i], port);
		/* a kernel without IPv6 has nothing to guard there */
		if (guard_rows[i].family == AF_INET6 && error == -EAFNOSUPPORT)
			error = 0;
	}
	nl_socket_free(sock);
	return error;
}

void
xfrm_guard_down(uint16_t port)
{
	int error = 0;
	struct nl_sock *sock = open_socket(&error);

	for (size_t i = 0; sock && i < GUARD_ROWS; i++) {
		struct xfrm_userpolicy_id id;

		memset(&id, 0, sizeof(id));
		id.sel = guard_selector(&guard_rows[i], port);
		id.dir = guard_rows[i].dir;
		request(sock, XFRM_MSG_DELPOLICY, 0, &id, sizeof(id));
	}
	nl_socket_free(sock);
}

static void
put_back(struct keeper *keeper)
{
	struct xfrm *xfrm = &keeper->xfrm;
	uint32_t dropped;
	unsigned missing = 0, failed = 0;

	for (size_t i = 0; i < GUARD_ROWS; i++) {
		int error = put_policy(xfrm->requests, XFRM_MSG_NEWPOLICY, &guard_rows[i],
				       keeper->port);

		missing += error == 0;
		failed += error && error != -EEXIST && error != -EAFNOSUPPORT;
	}
	if (missing && log_limit_pass(&xfrm->put_back, loop_now(), &dropped))
		log_warning(
			"xfrm: somebody removed %u of the policies that drop L2TP without ESP, put "
			"back (held back %u such lines)",
			missing, dropped);
	problem_set(keeper, PROBLEM_GUARD, "error",
		    failed ? "the policies that drop L2TP without ESP cannot be installed" : "",
		    "systemctl restart lnsd");
}

static int
on_event(struct nl_msg *msg, void *ctx)
{
	bool *removed = ctx;
	uint16_t type = nlmsg_hdr(msg)->nlmsg_type;

	if (type == XFRM_MSG_DELPOLICY || type == XFRM_MSG_FLUSHPOLICY ||
	    type == XFRM_MSG_POLEXPIRE)
		*removed = true;
	return NL_OK;
}

static void
events_ready(struct source *source, uint32_t events)
{
	struct xfrm *xfrm = owner_of(source, struct xfrm, source);
	struct keeper *keeper = owner_of(xfrm, struct keeper, xfrm);
	bool removed = false;
	int error;

	(void)events;
	nl_socket_modify_cb(xfrm->events, NL_CB_VALID, NL_CB_CUSTOM, on_event, &removed);
	do
		error = nl_recvmsgs_default(xfrm->events);
	while (error >= 0);
	/* any other end than "nothing left" means that events were lost: look for ourselves */
	if (removed || error != -NLE_AGAIN)
		put_back(keeper);
}

int
xfrm_watch(struct keeper *keeper)
{
	struct xfrm *xfrm = &keeper->xfrm;
	int error = 0;

	xfrm->source = (struct source){.fd = -1, .ready = events_ready};
	xfrm->requests = open_socket(&error);
	xfrm->events = xfrm->requests ? open_socket(&error) : NULL;
	if (!xfrm->events)
		return error;
	nl_socket_disable_seq_check(xfrm->events);
	if (nl_socket_set_nonblocking(xfrm->events) < 0 ||
	    nl_socket_set_buffer_size(xfrm->events, EVENT_BUFFER, 0) < 0 ||
	    nl_socket_add_membership(xfrm->events, XFRMNLGRP_POLICY) < 0)
		return -EIO;
	xfrm->source.fd = nl_socket_get_fd(xfrm->events);
	error = loop_add(&keeper->loop, &xfrm->source, EPOLLIN);
	/* what happened since xfrm_guard_up() was not seen */
	put_back(keeper);
	return error;
}

void
xfrm_close(struct keeper *keeper)
{
	nl_socket_free(keeper->xfrm.events);
	nl_socket_free(keeper->xfrm.requests);
	keeper->xfrm.events = keeper->xfrm.requests = NULL;
	keeper->xfrm.source.fd = -1;
}
