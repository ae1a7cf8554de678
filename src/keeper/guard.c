/* See guard.h. One row a policy. */
#include "keeper/guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stddef.h>
#include <string.h>

#include "keeper/xfrm_sock.h"

struct row {
	uint16_t family;
	uint8_t dir;
	bool marked;
};

static const struct row rows[] = {
	{AF_INET, XFRM_POLICY_IN, false},  {AF_INET, XFRM_POLICY_OUT, false},
	{AF_INET6, XFRM_POLICY_IN, false}, {AF_INET6, XFRM_POLICY_OUT, false},
	{AF_INET, XFRM_POLICY_OUT, true},  {AF_INET6, XFRM_POLICY_OUT, true},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool
wanted(const struct guard *guard, const struct row *row)
{
	return row->marked ? guard->marks : guard->require;
}

static struct xfrm_selector
selector(const struct row *row, uint16_t port)
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

/* A message about a row: its fixed part, and the marks that it is for. */
static int
send_row(struct nl_sock *sock, int type, int flags, void *body, size_t len,
	 const struct guard *guard, const struct row *row)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	const struct xfrm_mark mark = {.v = guard->mark_base, .m = 0xffff0000};

	if (msg && (nlmsg_append(msg, body, len, NLMSG_ALIGNTO) < 0 ||
		    (row->marked && nla_put(msg, XFRMA_MARK, sizeof(mark), &mark) < 0))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return xfrm_send(sock, msg);
}

/* XFRM_MSG_UPDPOLICY: as we want it, whatever was there. XFRM_MSG_NEWPOLICY: -EEXIST when it is
 * there. */
static int
put_row(struct nl_sock *sock, int type, const struct guard *guard, const struct row *row)
{
	struct xfrm_userpolicy_info policy;

	memset(&policy, 0, sizeof(policy));
	policy.sel = selector(row, guard->port);
	policy.dir = row->dir;
	policy.priority = row->marked ? MARK_GUARD_PRIORITY : GUARD_PRIORITY;
	policy.action = XFRM_POLICY_BLOCK;
	policy.share = XFRM_SHARE_ANY;
	policy.lft.soft_byte_limit = policy.lft.hard_byte_limit = XFRM_INF;
	policy.lft.soft_packet_limit = policy.lft.hard_packet_limit = XFRM_INF;
	return send_row(sock, type, NLM_F_CREATE | (type == XFRM_MSG_NEWPOLICY ? NLM_F_EXCL : 0),
			&policy, sizeof(policy), guard, row);
}

/* A kernel without IPv6 has nothing to guard there. */
static bool
of_no_family(const struct row *row, int error)
{
	return row->family == AF_INET6 && error == -EAFNOSUPPORT;
}

int
guard_up(const struct guard *guard)
{
	int error = 0;
	struct nl_sock *sock = xfrm_sock(NETLINK_XFRM, &error);

	for (size_t i = 0; sock && i < ROWS && error == 0; i++) {
		if (wanted(guard, &rows[i]))
			error = put_row(sock, XFRM_MSG_UPDPOLICY, guard, &rows[i]);
		if (of_no_family(&rows[i], error))
			error = 0;
	}
	nl_socket_free(sock);
	return error;
}

void
guard_down(const struct guard *guard)
{
	int error = 0;
	struct nl_sock *sock = xfrm_sock(NETLINK_XFRM, &error);

	for (size_t i = 0; sock && i < ROWS; i++) {
		struct xfrm_userpolicy_id id;

		memset(&id, 0, sizeof(id));
		id.sel = selector(&rows[i], guard->port);
		id.dir = rows[i].dir;
		if (wanted(guard, &rows[i]))
			send_row(sock, XFRM_MSG_DELPOLICY, 0, &id, sizeof(id), guard, &rows[i]);
	}
	nl_socket_free(sock);
}

unsigned
guard_restore(const struct guard *guard, struct nl_sock *sock, unsigned *failed)
{
	unsigned missing = 0;

	*failed = 0;
	for (size_t i = 0; i < ROWS; i++) {
		int error = wanted(guard, &rows[i])
				    ? put_row(sock, XFRM_MSG_NEWPOLICY, guard, &rows[i])
				    : -EEXIST;

		missing += error == 0;
		*failed += error && error != -EEXIST && !of_no_family(&rows[i], error);
	}
	return missing;
}
