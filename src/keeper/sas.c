/*
 * A dump of the kernel's SAs. It has the keys in it: every buffer is wiped, and of an SA only what
 * struct sa holds is kept.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/sas.h"
#include "keeper/state.h"

/* more clients than max-sessions ever has, so that a mad dump ends */
#define SAS_MAX 262144

struct sa {
	uint16_t family;
	bool in;
	uint8_t local[16], peer[16];
	uint16_t peer_port; /* of the selector; 0: any */
	uint16_t nat_port;
	uint32_t spi, reqid, mark;
	uint64_t added;
	char cipher[48];
};

struct sas {
	struct sa *list;
	size_t count, room;
	struct ifaddrs *interfaces;
	uint16_t port;
};

static bool
is_local(const struct sas *sas, uint16_t family, const void *address)
{
	for (const struct ifaddrs *ifa = sas->interfaces; ifa; ifa = ifa->ifa_next) {
		if (!ifa->ifa_addr || ifa->ifa_addr->sa_family != family)
			continue;
		if (family == AF_INET &&
		    memcmp(&((const struct sockaddr_in *)(const void *)ifa->ifa_addr)->sin_addr,
			   address, 4) == 0)
			return true;
		if (family == AF_INET6 &&
		    memcmp(&((const struct sockaddr_in6 *)(const void *)ifa->ifa_addr)->sin6_addr,
			   address, 16) == 0)
			return true;
	}
	return false;
}

/* "aes256-gcm-16" of "rfc4106(gcm(aes))", 288 bits of key with its salt, 128 of ICV */
static void
name_aead(char *out, size_t cap, const struct xfrm_algo_aead *aead)
{
	const char *name = strstr(aead->alg_name, "gcm(aes)") ? "aes" : NULL;

	if (name && aead->alg_key_len > 32)
		snprintf(out, cap, "%s%u-gcm-%u", name, aead->alg_key_len - 32,
			 aead->alg_icv_len / 8);
	else
		snprintf(out, cap, "%.40s", aead->alg_name);
}

static void
name_crypt(char *out, size_t cap, const struct xfrm_algo *crypt)
{
	if (strcmp(crypt->alg_name, "cbc(aes)") == 0)
		snprintf(out, cap, "aes%u-cbc", crypt->alg_key_len);
	else if (strcmp(crypt->alg_name, "cbc(des3_ede)") == 0)
		snprintf(out, cap, "3des-cbc");
	else if (strcmp(crypt->alg_name, "ecb(cipher_null)") == 0)
		snprintf(out, cap, "null");
	else
		snprintf(out, cap, "%.24s", crypt->alg_name);
}

/* "hmac-sha256-128" of "hmac(sha256)", 128 bits */
static void
name_auth(char *out, size_t cap, const char *algorithm, unsigned bits)
{
	char name[24];
	size_t len = 0;

	for (const char *p = algorithm; *p && len < sizeof(name) - 1; p++)
		if (*p != ')')
			name[len++] = *p == '(' ? '-' : *p;
	name[len] = '\0';
	snprintf(out, cap, "/%s-%u", name, bits);
}

static void
read_cipher(struct sa *sa, struct nlattr *attrs[])
{
	size_t len;

	if (attrs[XFRMA_ALG_AEAD]) {
		name_aead(sa->cipher, sizeof(sa->cipher), nla_data(attrs[XFRMA_ALG_AEAD]));
		return;
	}
	if (attrs[XFRMA_ALG_CRYPT])
		name_crypt(sa->cipher, sizeof(sa->cipher), nla_data(attrs[XFRMA_ALG_CRYPT]));
	len = strlen(sa->cipher);
	if (attrs[XFRMA_ALG_AUTH_TRUNC]) {
		const struct xfrm_algo_auth *auth = nla_data(attrs[XFRMA_ALG_AUTH_TRUNC]);

		name_auth(sa->cipher + len, sizeof(sa->cipher) - len, auth->alg_name,
			  auth->alg_trunc_len);
	}
}

/* The least that an attribute must hold before its struct is looked at. */
static struct nla_policy policy[XFRMA_MAX + 1] = {
	[XFRMA_ALG_AEAD] = {.minlen = sizeof(struct xfrm_algo_aead)},
	[XFRMA_ALG_CRYPT] = {.minlen = sizeof(struct xfrm_algo)},
	[XFRMA_ALG_AUTH_TRUNC] = {.minlen = sizeof(struct xfrm_algo_auth)},
	[XFRMA_ENCAP] = {.minlen = sizeof(struct xfrm_encap_tmpl)},
	[XFRMA_SET_MARK] = {.minlen = sizeof(uint32_t)},
};

static bool
read_sa(struct sa *sa, const struct sas *sas, struct nlmsghdr *hdr)
{
	const struct xfrm_usersa_info *info = nlmsg_data(hdr);
	struct nlattr *attrs[XFRMA_MAX + 1];
	size_t len = info->family == AF_INET6 ? 16 : 4;

	if (nlmsg_parse(hdr, sizeof(*info), attrs, XFRMA_MAX, policy) < 0 ||
	    info->id.proto != IPPROTO_ESP || info->mode != XFRM_MODE_TRANSPORT ||
	    (info->family != AF_INET && info->family != AF_INET6))
		return false;
	memset(sa, 0, sizeof(*sa));
	sa->family = info->family;
	sa->in = is_local(sas, info->family, &info->id.daddr);
	if (info->sel.proto != IPPROTO_UDP ||
	    (sa->in ? info->sel.dport : info->sel.sport) != htons(sas->port))
		return false;
	memcpy(sa->local, sa->in ? &info->id.daddr : &info->saddr, len);
	memcpy(sa->peer, sa->in ? &info->saddr : &info->id.daddr, len);
	sa->peer_port = ntohs(sa->in ? info->sel.sport : info->sel.dport);
	sa->spi = ntohl(info->id.spi);
	sa->reqid = info->reqid;
	sa->added = info->curlft.add_time;
	if (attrs[XFRMA_ENCAP]) {
		const struct xfrm_encap_tmpl *encap = nla_data(attrs[XFRMA_ENCAP]);

		sa->nat_port = ntohs(sa->in ? encap->encap_sport : encap->encap_dport);
	}
	if (attrs[XFRMA_SET_MARK])
		sa->mark = nla_get_u32(attrs[XFRMA_SET_MARK]);
	read_cipher(sa, attrs);
	return true;
}

static void
add_sa(struct sas *sas, struct nlmsghdr *hdr)
{
	if (sas->count == sas->room && sas->room < SAS_MAX) {
		size_t room = sas->room ? 2 * sas->room : 64;
		struct sa *more = realloc(sas->list, room * sizeof(*more));

		if (!more)
			return;
		sas->list = more;
		sas->room = room;
	}
	if (sas->count < sas->room && read_sa(&sas->list[sas->count], sas, hdr))
		sas->count++;
}

/* One buffer of the dump; false at its end. */
static bool
take_buffer(struct sas *sas, unsigned char *bytes, int len)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)(void *)bytes;

	for (; nlmsg_ok(hdr, len); hdr = nlmsg_next(hdr, &len)) {
		if (hdr->nlmsg_type == NLMSG_DONE || hdr->nlmsg_type == NLMSG_ERROR)
			return false;
		if (hdr->nlmsg_type == XFRM_MSG_NEWSA &&
		    nlmsg_valid_hdr(hdr, sizeof(struct xfrm_usersa_info)))
			add_sa(sas, hdr);
	}
	return true;
}

static void
dump(struct sas *sas)
{
	struct nl_sock *sock = nl_socket_alloc();
	bool more = sock && nl_connect(sock, NETLINK_XFRM) == 0 &&
		    nl_send_simple(sock, XFRM_MSG_GETSA, NLM_F_DUMP, NULL, 0) >= 0;

	while (more) {
		struct sockaddr_nl from;
		unsigned char *bytes = NULL;
		int len = nl_recv(sock, &from, &bytes, NULL);

		more = len > 0 && take_buffer(sas, bytes, len);
		if (len > 0)
			explicit_bzero(bytes, (size_t)len);
		free(bytes);
	}
	nl_socket_free(sock);
}

/* Two SAs of one client: same ends, same reqid, same port behind a NAT. */
static int
compare_clients(const struct sa *a, const struct sa *b)
{
	int order = memcmp(a->peer, b->peer, sizeof(a->peer));

	if (order == 0)
		order = memcmp(a->local, b->local, sizeof(a->local));
	if (order == 0)
		order = (a->reqid > b->reqid) - (a->reqid < b->reqid);
	if (order == 0)
		order = a->nat_port - b->nat_port;
	return order;
}

/* Clients together, the newest SA first */
static int
compare_sas(const void *a, const void *b)
{
	const struct sa *x = a, *y = b;
	int order = compare_clients(x, y);

	return order ? order : (x->added < y->added) - (x->added > y->added);
}

static void
send_pair(struct keeper *keeper, uint32_t ask, const struct sa *in, const struct sa *out)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.sa.kind = WALL_SA;
	msg.sa.ask = ask;
	msg.sa.local.family = msg.sa.peer.family = in->family == AF_INET6 ? 6 : 4;
	memcpy(msg.sa.local.ip, in->local, sizeof(in->local));
	memcpy(msg.sa.peer.ip, in->peer, sizeof(in->peer));
	msg.sa.local.port = keeper->port;
	msg.sa.peer.port = in->peer_port;
	msg.sa.spi_in = in->spi;
	msg.sa.spi_out = out ? out->spi : 0;
	msg.sa.reqid = in->reqid;
	msg.sa.mark = in->mark;
	msg.sa.nat_port = in->nat_port;
	memcpy(msg.sa.cipher, in->cipher, sizeof(in->cipher));
	keeper_send(keeper, &msg, -1);
}

/* list[0] to list[count - 1] are one client's. */
static void
send_client(struct keeper *keeper, uint32_t ask, const struct sa *list, size_t count)
{
	const struct sa *in = NULL, *out = NULL;

	for (size_t i = count; i-- > 0;) {
		if (list[i].in)
			in = &list[i];
		else
			out = &list[i];
	}
	if (in)
		send_pair(keeper, ask, in, out);
}

void
sas_list(struct keeper *keeper, uint32_t ask)
{
	struct sas sas = {.port = keeper->port};
	union wall_msg msg;
	size_t first = 0;

	if (getifaddrs(&sas.interfaces) == 0)
		dump(&sas);
	freeifaddrs(sas.interfaces);
	if (sas.count)
		qsort(sas.list, sas.count, sizeof(*sas.list), compare_sas);
	for (size_t i = 1; i <= sas.count; i++) {
		if (i < sas.count && compare_clients(&sas.list[first], &sas.list[i]) == 0)
			continue;
		send_client(keeper, ask, &sas.list[first], i - first);
		first = i;
	}
	free(sas.list);
	memset(&msg, 0, sizeof(msg));
	msg.ask.kind = WALL_SA_END;
	msg.ask.ask = ask;
	keeper_send(keeper, &msg, -1);
}
