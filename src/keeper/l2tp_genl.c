/* See l2tp_genl.h. */
#include "keeper/l2tp_genl.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

/* after the C library's own of these names */
#include <linux/l2tp.h>

#include "keeper/l2tp_kernel.h"

bool
l2tp_genl_open(struct l2tp_genl *genl)
{
	genl->sock = nl_socket_alloc();
	if (genl->sock && genl_connect(genl->sock) == 0)
		genl->family = genl_ctrl_resolve(genl->sock, L2TP_GENL_NAME);
	else
		genl->family = -1;
	if (genl->family >= 0)
		return true;
	l2tp_genl_close(genl);
	return false;
}

void
l2tp_genl_close(struct l2tp_genl *genl)
{
	nl_socket_free(genl->sock);
	genl->sock = NULL;
}

/* The library's own numbers would hide what the kernel said. */
static int
note_error(struct sockaddr_nl *from, struct nlmsgerr *answer, void *ctx)
{
	int *error = ctx;

	(void)from;
	*error = answer->error;
	return NL_STOP;
}

static struct nl_msg *
new_command(const struct l2tp_genl *genl, uint8_t command, const struct l2tp_ids *ids)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg &&
	    genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, genl->family, 0, NLM_F_ACK, command,
			L2TP_GENL_VERSION) &&
	    nla_put_u32(msg, L2TP_ATTR_CONN_ID, ids->tid) == 0)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/* Sends it, with `full` as what its attributes came to, and frees it. 0 or -errno. */
static int
carry_out(const struct l2tp_genl *genl, struct nl_msg *msg, int full)
{
	int error = 0, sent;

	if (full < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nl_socket_modify_err_cb(genl->sock, NL_CB_CUSTOM, note_error, &error);
	sent = nl_send_auto(genl->sock, msg);
	nlmsg_free(msg);
	if (sent >= 0)
		sent = nl_wait_for_ack(genl->sock);
	nl_socket_modify_err_cb(genl->sock, NL_CB_DEFAULT, NULL, NULL);
	if (error)
		return error;
	return sent < 0 ? -EIO : 0;
}

int
l2tp_genl_tunnel(const struct l2tp_genl *genl, const struct l2tp_ids *ids, int fd, uint32_t debug)
{
	struct nl_msg *msg = new_command(genl, L2TP_CMD_TUNNEL_CREATE, ids);
	int full;

	if (!msg)
		return -ENOMEM;
	full = nla_put_u32(msg, L2TP_ATTR_PEER_CONN_ID, ids->peer_tid);
	full |= nla_put_u8(msg, L2TP_ATTR_PROTO_VERSION, 2);
	full |= nla_put_u16(msg, L2TP_ATTR_ENCAP_TYPE, L2TP_ENCAPTYPE_UDP);
	full |= nla_put_u32(msg, L2TP_ATTR_FD, (uint32_t)fd);
	if (debug)
		full |= nla_put_u32(msg, L2TP_ATTR_DEBUG, debug);
	return carry_out(genl, msg, full);
}

int
l2tp_genl_tunnel_gone(const struct l2tp_genl *genl, const struct l2tp_ids *ids)
{
	struct nl_msg *msg = new_command(genl, L2TP_CMD_TUNNEL_DELETE, ids);

	return msg ? carry_out(genl, msg, 0) : -ENOMEM;
}

int
l2tp_genl_session(const struct l2tp_genl *genl, const struct l2tp_ids *ids,
		  const struct l2tp_manner *manner)
{
	struct nl_msg *msg = new_command(genl, L2TP_CMD_SESSION_CREATE, ids);
	int full;

	if (!msg)
		return -ENOMEM;
	full = nla_put_u32(msg, L2TP_ATTR_SESSION_ID, ids->sid);
	full |= nla_put_u32(msg, L2TP_ATTR_PEER_SESSION_ID, ids->peer_sid);
	full |= nla_put_u16(msg, L2TP_ATTR_PW_TYPE, L2TP_PWTYPE_PPP);
	full |= nla_put_u8(msg, L2TP_ATTR_LNS_MODE, 1);
	full |= nla_put_u64(msg, L2TP_ATTR_RECV_TIMEOUT, L2TP_REORDER_MS);
	/* for kernels that know these still */
	full |= nla_put_u16(msg, L2TP_ATTR_MTU, manner->mtu);
	if (manner->debug)
		full |= nla_put_u32(msg, L2TP_ATTR_DEBUG, manner->debug);
	return carry_out(genl, msg, full);
}

int
l2tp_genl_session_gone(const struct l2tp_genl *genl, const struct l2tp_ids *ids)
{
	struct nl_msg *msg = new_command(genl, L2TP_CMD_SESSION_DELETE, ids);
	int full;

	if (!msg)
		return -ENOMEM;
	full = nla_put_u32(msg, L2TP_ATTR_SESSION_ID, ids->sid);
	return carry_out(genl, msg, full);
}

int
l2tp_genl_number(const struct l2tp_genl *genl, const struct l2tp_ids *ids, bool numbered)
{
	struct nl_msg *msg = new_command(genl, L2TP_CMD_SESSION_MODIFY, ids);
	int full;

	if (!msg)
		return -ENOMEM;
	full = nla_put_u32(msg, L2TP_ATTR_SESSION_ID, ids->sid);
	full |= nla_put_u8(msg, L2TP_ATTR_SEND_SEQ, numbered);
	return carry_out(genl, msg, full);
}
