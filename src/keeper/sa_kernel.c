/* See sa_kernel.h. */
#include "keeper/sa_kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <string.h>

#include "keeper/guard.h"
#include "keeper/xfrm_sock.h"
#include "log.h"

int
sa_link_open(struct sa_link *link)
{
	int error = 0;

	link->xfrm = xfrm_sock(NETLINK_XFRM, &error);
	link->routes = link->xfrm ? xfrm_sock(NETLINK_ROUTE, &error) : NULL;
	if (!link->routes)
		sa_link_close(link);
	return error;
}

void
sa_link_close(struct sa_link *link)
{
	nl_socket_free(link->xfrm);
	nl_socket_free(link->routes);
	link->xfrm = link->routes = NULL;
}

uint32_t
sa_link_port(const struct sa_link *link)
{
	return nl_socket_get_local_port(link->xfrm);
}

static struct nl_msg *
message(int type, int flags, void *body, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, body, len, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

static void
put_address(xfrm_address_t *out, const uint8_t address[16])
{
	memcpy(out, address, sizeof(*out));
}

static struct xfrm_usersa_id
kernel_id(const struct sa_id *id)
{
	struct xfrm_usersa_id out;

	memset(&out, 0, sizeof(out));
	put_address(&out.daddr, id->dst);
	out.spi = htonl(id->spi);
	out.family = id->family;
	out.proto = IPPROTO_ESP;
	return out;
}

/* A question about an SA; its fixed part is given. */
static struct nl_msg *
question(int type, void *body, size_t len, const struct sa *sa)
{
	const struct xfrm_mark *mark = &sa->facts.mark;
	struct nl_msg *msg = message(type, 0, body, len);

	if (msg && (mark->v || mark->m) && nla_put(msg, XFRMA_MARK, sizeof(*mark), mark) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* ── an SA's mark and port ──────────────────────────────────────────────────────────────── */

/*
 * Of an update the kernel takes encapsulation, limits and marks; keys, sequence numbers and the
 * replay window stay those of the living SA. It asks for the rest all the same, so it gets back
 * what it said itself.
 */
static const bool sent_back[SA_MSG_ATTRS] = {
	[XFRMA_ALG_AUTH] = true,       [XFRMA_ALG_AUTH_TRUNC] = true, [XFRMA_ALG_CRYPT] = true,
	[XFRMA_ALG_AEAD] = true,       [XFRMA_REPLAY_ESN_VAL] = true, [XFRMA_MARK] = true,
	[XFRMA_SA_EXTRA_FLAGS] = true, [XFRMA_IF_ID] = true,	      [SA_MSG_DIR] = true,
};

static int
put_encap(struct nl_msg *msg, const struct nlattr *attr, bool in, uint16_t nat_port)
{
	struct xfrm_encap_tmpl encap;

	if (nla_len(attr) < (int)sizeof(encap))
		return -1;
	memcpy(&encap, nla_data(attr), sizeof(encap));
	if (nat_port)
		*(in ? &encap.encap_sport : &encap.encap_dport) = htons(nat_port);
	return nla_put(msg, XFRMA_ENCAP, sizeof(encap), &encap);
}

static int
put_attributes(struct nl_msg *msg, const struct nlmsghdr *from, bool in, uint16_t nat_port)
{
	const int fixed = sizeof(struct xfrm_usersa_info);
	bool truncated = nlmsg_find_attr((struct nlmsghdr *)from, fixed, XFRMA_ALG_AUTH_TRUNC);
	struct nlattr *attr;
	int left, error = 0;

	nla_for_each_attr(attr, nlmsg_attrdata(from, fixed), nlmsg_attrlen(from, fixed), left)
	{
		int type = nla_type(attr);

		if (type == XFRMA_ENCAP)
			error |= put_encap(msg, attr, in, nat_port);
		else if (type < SA_MSG_ATTRS && sent_back[type] &&
			 !(type == XFRMA_ALG_AUTH && truncated))
			error |= nla_put(msg, type, nla_len(attr), nla_data(attr));
	}
	return error;
}

struct update {
	const struct sa *sa;
	uint32_t mark;
	uint16_t nat_port;
	struct nl_msg *msg;
};

/* Makes the update out of the kernel's message about the SA. */
static void
make_update(void *ctx, const struct nlmsghdr *from)
{
	struct update *update = ctx;
	const uint32_t mask = ~0u;

	if (update->msg || !nlmsg_valid_hdr(from, sizeof(struct xfrm_usersa_info)))
		return;
	update->msg = message(XFRM_MSG_UPDSA, 0, nlmsg_data(from), sizeof(struct xfrm_usersa_info));
	if (!update->msg)
		return;
	if (put_attributes(update->msg, from, update->sa->in, update->nat_port) == 0 &&
	    nla_put_u32(update->msg, XFRMA_SET_MARK, update->mark) == 0 &&
	    nla_put_u32(update->msg, XFRMA_SET_MARK_MASK, mask) == 0)
		return;
	explicit_bzero(nlmsg_hdr(update->msg), nlmsg_get_max_size(update->msg));
	nlmsg_free(update->msg);
	update->msg = NULL;
}

static void
set(void *ctx, const struct sa *sa, uint32_t mark, uint16_t nat_port, const struct nlmsghdr *msg)
{
	struct sa_link *link = ctx;
	struct update update = {.sa = sa, .mark = mark, .nat_port = nat_port};
	struct xfrm_usersa_id id = kernel_id(&sa->facts.id);
	int error = 0;

	if (msg)
		make_update(&update, msg);
	else
		error = xfrm_ask(link->xfrm, question(XFRM_MSG_GETSA, &id, sizeof(id), sa),
				 make_update, &update);
	if (error == 0)
		error = xfrm_send(link->xfrm, update.msg);
	log_debug("xfrm SA %s spi=0x%08x mark=0x%x nat_port=%u: %s", sa->in ? "in" : "out",
		  sa->facts.id.spi, mark, nat_port, strerror(-error));
	/* -ESRCH: it went meanwhile, and its end is on the way to us */
	if (error && error != -ESRCH)
		log_warning("xfrm: the kernel does not take mark 0x%x on the SA 0x%08x: %s", mark,
			    sa->facts.id.spi, strerror(-error));
}

/* ── a client's policies ────────────────────────────────────────────────────────────────── */

/* ESP in transport mode by the client's reqid, and outwards by this very SPI */
static struct xfrm_user_tmpl template(const struct sa_client *client, bool out)
{
	struct xfrm_user_tmpl tmpl;

	memset(&tmpl, 0, sizeof(tmpl));
	tmpl.id.proto = IPPROTO_ESP;
	tmpl.family = client->family;
	tmpl.mode = XFRM_MODE_TRANSPORT;
	tmpl.reqid = client->reqid;
	tmpl.aalgos = tmpl.ealgos = tmpl.calgos = ~0u;
	if (out) {
		tmpl.id.spi = htonl(client->out->facts.id.spi);
		put_address(&tmpl.id.daddr, client->peer);
	}
	return tmpl;
}

static int
put_policy(struct sa_link *link, const struct sa_client *client, uint8_t dir)
{
	const struct xfrm_mark mark = {.v = client->mark, .m = ~0u};
	bool out = dir == XFRM_POLICY_OUT, blocked = out && !client->out;
	struct xfrm_userpolicy_info policy;
	struct nl_msg *msg;

	memset(&policy, 0, sizeof(policy));
	policy.sel = out ? client->sel : sa_reversed(&client->sel);
	policy.dir = dir;
	policy.priority = CLIENT_PRIORITY;
	policy.action = blocked ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW;
	policy.share = XFRM_SHARE_ANY;
	policy.lft.soft_byte_limit = policy.lft.hard_byte_limit = XFRM_INF;
	policy.lft.soft_packet_limit = policy.lft.hard_packet_limit = XFRM_INF;
	msg = message(XFRM_MSG_UPDPOLICY, NLM_F_CREATE, &policy, sizeof(policy));
	if (msg && nla_put(msg, XFRMA_MARK, sizeof(mark), &mark) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	if (msg && !blocked) {
		struct xfrm_user_tmpl tmpl = template(client, out);

		nla_put(msg, XFRMA_TMPL, sizeof(tmpl), &tmpl);
	}
	return xfrm_send(link->xfrm, msg);
}

static void
point(void *ctx, const struct sa_client *client)
{
	int in = put_policy(ctx, client, XFRM_POLICY_IN);
	int out = put_policy(ctx, client, XFRM_POLICY_OUT);

	log_debug("xfrm client mark=0x%x reqid=%u leaves by spi=0x%08x: %s, %s", client->mark,
		  client->reqid, client->out ? client->out->facts.id.spi : 0, strerror(-in),
		  strerror(-out));
	if (in || out)
		log_warning("xfrm: the policies of the client with mark 0x%x are refused: %s",
			    client->mark, strerror(-(in ? in : out)));
}

int
sa_link_remove_policy(struct sa_link *link, const struct sa_policy *policy)
{
	struct xfrm_userpolicy_id id;
	struct nl_msg *msg;

	memset(&id, 0, sizeof(id));
	id.sel = policy->sel;
	id.dir = policy->dir;
	msg = message(XFRM_MSG_DELPOLICY, 0, &id, sizeof(id));
	if (msg && nla_put(msg, XFRMA_MARK, sizeof(policy->mark), &policy->mark) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return xfrm_send(link->xfrm, msg);
}

static void
unpoint(void *ctx, const struct sa_client *client)
{
	struct sa_policy policy = {.mark = {.v = client->mark, .m = ~0u}};

	policy.dir = XFRM_POLICY_OUT;
	policy.sel = client->sel;
	sa_link_remove_policy(ctx, &policy);
	policy.dir = XFRM_POLICY_IN;
	policy.sel = sa_reversed(&client->sel);
	sa_link_remove_policy(ctx, &policy);
}

/* ── questions ──────────────────────────────────────────────────────────────────────────── */

struct lifetime {
	bool known;
	struct xfrm_lifetime_cur now;
};

static void
read_lifetime(void *ctx, const struct nlmsghdr *hdr)
{
	struct lifetime *lifetime = ctx;
	const int fixed = sizeof(struct xfrm_aevent_id);
	const struct nlattr *attr;

	if (hdr->nlmsg_type != XFRM_MSG_NEWAE || !nlmsg_valid_hdr(hdr, fixed))
		return;
	attr = nlmsg_find_attr((struct nlmsghdr *)hdr, fixed, XFRMA_LTIME_VAL);
	if (!attr || nla_len(attr) < (int)sizeof(lifetime->now))
		return;
	memcpy(&lifetime->now, nla_data(attr), sizeof(lifetime->now));
	lifetime->known = true;
}

/* By the message that tells an SA's counters, and not its keys. */
bool
sa_link_count(struct sa_link *link, const struct sa *sa, struct sa_count *count)
{
	struct lifetime lifetime = {.known = false};
	struct xfrm_aevent_id id;

	memset(&id, 0, sizeof(id));
	id.sa_id = kernel_id(&sa->facts.id);
	put_address(&id.saddr, sa->facts.src);
	id.reqid = sa->facts.reqid;
	xfrm_ask(link->xfrm, question(XFRM_MSG_GETAE, &id, sizeof(id), sa), read_lifetime,
		 &lifetime);
	*count = (struct sa_count){.bytes = lifetime.now.bytes,
				   .packets = lifetime.now.packets,
				   .added = lifetime.now.add_time};
	return lifetime.known;
}

static bool
used(void *ctx, const struct sa *sa)
{
	struct sa_count count;

	return sa_link_count(ctx, sa, &count) && count.packets > 0;
}

static void
read_route(void *ctx, const struct nlmsghdr *hdr)
{
	const struct rtmsg *route = nlmsg_data(hdr);
	bool *is_local = ctx;

	if (hdr->nlmsg_type == RTM_NEWROUTE && nlmsg_valid_hdr(hdr, sizeof(*route)))
		*is_local = route->rtm_type == RTN_LOCAL;
}

static bool
local(void *ctx, uint16_t family, const uint8_t address[16])
{
	struct sa_link *link = ctx;
	int len = family == AF_INET6 ? 16 : 4;
	struct rtmsg route = {.rtm_family = (uint8_t)family, .rtm_dst_len = (uint8_t)(len * 8)};
	struct nl_msg *msg = message(RTM_GETROUTE, 0, &route, sizeof(route));
	bool is_local = false;

	if (msg && nla_put(msg, RTA_DST, len, address) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	xfrm_ask(link->routes, msg, read_route, &is_local);
	return is_local;
}

struct sa_kernel
sa_link_kernel(struct sa_link *link)
{
	return (struct sa_kernel){.set = set,
				  .point = point,
				  .unpoint = unpoint,
				  .used = used,
				  .local = local,
				  .ctx = link};
}
