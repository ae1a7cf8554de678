/* See sa_msg.h. One reader a message type. */
#include "keeper/sa_msg.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

/* The least that an attribute must hold before its struct is looked at. */
static struct nla_policy attr_policy[SA_MSG_ATTRS] = {
	[XFRMA_ALG_AEAD] = {.minlen = sizeof(struct xfrm_algo_aead)},
	[XFRMA_ALG_CRYPT] = {.minlen = sizeof(struct xfrm_algo)},
	[XFRMA_ALG_AUTH_TRUNC] = {.minlen = sizeof(struct xfrm_algo_auth)},
	[XFRMA_ENCAP] = {.minlen = sizeof(struct xfrm_encap_tmpl)},
	[XFRMA_SET_MARK] = {.minlen = sizeof(uint32_t)},
	[XFRMA_MARK] = {.minlen = sizeof(struct xfrm_mark)},
	[XFRMA_POLICY] = {.minlen = sizeof(struct xfrm_userpolicy_info)},
	[SA_MSG_DIR] = {.minlen = sizeof(uint8_t)},
};

/* Copies the fixed part, as a message is not aligned for it, and finds the attributes; false when
 * it is cut short. */
static bool
read_fixed(void *fixed, size_t size, struct nlattr *attrs[], const struct nlmsghdr *hdr)
{
	if (!nlmsg_valid_hdr(hdr, (int)size) ||
	    nlmsg_parse((struct nlmsghdr *)hdr, (int)size, attrs, SA_MSG_ATTRS - 1, attr_policy) <
		    0)
		return false;
	memcpy(fixed, nlmsg_data(hdr), size);
	return true;
}

static bool
known_family(uint16_t family)
{
	return family == AF_INET || family == AF_INET6;
}

static void
take_address(uint8_t out[16], const xfrm_address_t *address, uint16_t family)
{
	memset(out, 0, 16);
	memcpy(out, address, family == AF_INET6 ? 16 : 4);
}

/* ── the cipher's name ──────────────────────────────────────────────────────────────────── */

/* The kernel's name of an algorithm; "" when it has no end. */
static const char *
algorithm(const char name[64])
{
	return memchr(name, '\0', 64) ? name : "";
}

/* "aes256-gcm-16" of "rfc4106(gcm(aes))", 288 bits of key with its salt, 128 of ICV */
static void
name_aead(char *out, size_t cap, const struct xfrm_algo_aead *aead)
{
	const char *name = algorithm(aead->alg_name);

	if (strstr(name, "gcm(aes)") && aead->alg_key_len > 32)
		snprintf(out, cap, "aes%u-gcm-%u", aead->alg_key_len - 32, aead->alg_icv_len / 8);
	else
		snprintf(out, cap, "%.40s", name);
}

static void
name_crypt(char *out, size_t cap, const struct xfrm_algo *crypt)
{
	const char *name = algorithm(crypt->alg_name);

	if (strcmp(name, "cbc(aes)") == 0)
		snprintf(out, cap, "aes%u-cbc", crypt->alg_key_len);
	else if (strcmp(name, "cbc(des3_ede)") == 0)
		snprintf(out, cap, "3des-cbc");
	else if (strcmp(name, "ecb(cipher_null)") == 0)
		snprintf(out, cap, "null");
	else
		snprintf(out, cap, "%.24s", name);
}

/* "/hmac-sha256-128" of "hmac(sha256)", 128 bits */
static void
name_auth(char *out, size_t cap, const struct xfrm_algo_auth *auth)
{
	char name[24];
	size_t len = 0;

	for (const char *p = algorithm(auth->alg_name); *p && len < sizeof(name) - 1; p++)
		if (*p != ')')
			name[len++] = *p == '(' ? '-' : *p;
	name[len] = '\0';
	snprintf(out, cap, "/%s-%u", name, auth->alg_trunc_len);
}

static void
read_cipher(char out[SA_CIPHER_MAX], struct nlattr *attrs[])
{
	size_t len;

	if (attrs[XFRMA_ALG_AEAD]) {
		name_aead(out, SA_CIPHER_MAX, nla_data(attrs[XFRMA_ALG_AEAD]));
		return;
	}
	if (attrs[XFRMA_ALG_CRYPT])
		name_crypt(out, SA_CIPHER_MAX, nla_data(attrs[XFRMA_ALG_CRYPT]));
	len = strlen(out);
	if (attrs[XFRMA_ALG_AUTH_TRUNC])
		name_auth(out + len, SA_CIPHER_MAX - len, nla_data(attrs[XFRMA_ALG_AUTH_TRUNC]));
}

/* ── SAs ────────────────────────────────────────────────────────────────────────────────── */

static bool
take_id(struct sa_id *id, uint16_t family, uint8_t proto, const xfrm_address_t *dst, uint32_t spi)
{
	if (!known_family(family) || proto != IPPROTO_ESP)
		return false;
	id->family = family;
	take_address(id->dst, dst, family);
	id->spi = ntohl(spi);
	return true;
}

static enum sa_msg_kind
read_sa(struct sa_msg *msg, const struct nlmsghdr *hdr)
{
	struct nlattr *attrs[SA_MSG_ATTRS];
	struct xfrm_usersa_info info;
	struct sa_facts *facts = &msg->facts;

	/* an SPI that was only asked for has no keys yet, and state 0 of a reqid */
	if (!read_fixed(&info, sizeof(info), attrs, hdr) || info.mode != XFRM_MODE_TRANSPORT ||
	    !take_id(&facts->id, info.family, info.id.proto, &info.id.daddr, info.id.spi) ||
	    (!attrs[XFRMA_ALG_AEAD] && !attrs[XFRMA_ALG_CRYPT] && !attrs[XFRMA_ALG_AUTH_TRUNC]))
		return SA_MSG_OTHER;
	take_address(facts->src, &info.saddr, info.family);
	facts->reqid = info.reqid;
	facts->sel = info.sel;
	facts->added = info.curlft.add_time;
	if (attrs[XFRMA_ENCAP]) {
		const struct xfrm_encap_tmpl *encap = nla_data(attrs[XFRMA_ENCAP]);

		facts->nat_src = ntohs(encap->encap_sport);
		facts->nat_dst = ntohs(encap->encap_dport);
	}
	if (attrs[XFRMA_SET_MARK])
		facts->set_mark = nla_get_u32(attrs[XFRMA_SET_MARK]);
	if (attrs[XFRMA_MARK])
		memcpy(&facts->mark, nla_data(attrs[XFRMA_MARK]), sizeof(facts->mark));
	if (attrs[SA_MSG_DIR])
		facts->dir = nla_get_u8(attrs[SA_MSG_DIR]) == 1 ? SA_DIR_IN : SA_DIR_OUT;
	read_cipher(facts->cipher, attrs);
	return SA_MSG_PUT;
}

static enum sa_msg_kind
read_deleted(struct sa_msg *msg, const struct nlmsghdr *hdr)
{
	struct nlattr *attrs[SA_MSG_ATTRS];
	struct xfrm_usersa_id id;

	if (!read_fixed(&id, sizeof(id), attrs, hdr) ||
	    !take_id(&msg->id, id.family, id.proto, &id.daddr, id.spi))
		return SA_MSG_OTHER;
	return SA_MSG_GONE;
}

static enum sa_msg_kind
read_expired(struct sa_msg *msg, const struct nlmsghdr *hdr)
{
	struct nlattr *attrs[SA_MSG_ATTRS];
	struct xfrm_user_expire expire;
	const struct xfrm_usersa_info *info = &expire.state;

	/* a soft limit is the IKE daemon's call to renew it */
	if (!read_fixed(&expire, sizeof(expire), attrs, hdr) || !expire.hard ||
	    !take_id(&msg->id, info->family, info->id.proto, &info->id.daddr, info->id.spi))
		return SA_MSG_OTHER;
	return SA_MSG_GONE;
}

static enum sa_msg_kind
read_mapping(struct sa_msg *msg, const struct nlmsghdr *hdr)
{
	struct nlattr *attrs[SA_MSG_ATTRS];
	struct xfrm_user_mapping map;

	/* a client that comes from another address has to negotiate anew: a forged source address
	 * must not draw its traffic away */
	if (!read_fixed(&map, sizeof(map), attrs, hdr) ||
	    !take_id(&msg->id, map.id.family, map.id.proto, &map.id.daddr, map.id.spi) ||
	    memcmp(&map.old_saddr, &map.new_saddr, map.id.family == AF_INET6 ? 16 : 4) != 0)
		return SA_MSG_OTHER;
	msg->nat_port = ntohs(map.new_sport);
	return msg->nat_port ? SA_MSG_MOVED : SA_MSG_OTHER;
}

/* ── policies ───────────────────────────────────────────────────────────────────────────── */

static void
take_policy(struct sa_policy *policy, const struct xfrm_userpolicy_info *info,
	    struct nlattr *attrs[])
{
	policy->sel = info->sel;
	policy->dir = info->dir;
	policy->priority = info->priority;
	if (attrs[XFRMA_MARK])
		memcpy(&policy->mark, nla_data(attrs[XFRMA_MARK]), sizeof(policy->mark));
}

static enum sa_msg_kind
read_policy(struct sa_msg *msg, const struct nlmsghdr *hdr)
{
	struct nlattr *attrs[SA_MSG_ATTRS];
	struct xfrm_userpolicy_info info;

	if (!read_fixed(&info, sizeof(info), attrs, hdr))
		return SA_MSG_OTHER;
	take_policy(&msg->policy, &info, attrs);
	return SA_MSG_POLICY;
}

/* Whoever was deleted is in an attribute; an older kernel says less, and then it may be anyone. */
static enum sa_msg_kind
read_policy_deleted(struct sa_msg *msg, const struct nlmsghdr *hdr)
{
	struct nlattr *attrs[SA_MSG_ATTRS];
	struct xfrm_userpolicy_id id;
	struct xfrm_userpolicy_info info;

	if (!read_fixed(&id, sizeof(id), attrs, hdr))
		return SA_MSG_OTHER;
	if (!attrs[XFRMA_POLICY])
		return SA_MSG_POLICY_FLUSH;
	memcpy(&info, nla_data(attrs[XFRMA_POLICY]), sizeof(info));
	take_policy(&msg->policy, &info, attrs);
	return SA_MSG_POLICY_GONE;
}

void
sa_msg_read(struct sa_msg *msg, const struct nlmsghdr *hdr)
{
	memset(msg, 0, sizeof(*msg));
	switch (hdr->nlmsg_type) {
	case XFRM_MSG_NEWSA:
	case XFRM_MSG_UPDSA:
		msg->kind = read_sa(msg, hdr);
		break;
	case XFRM_MSG_DELSA:
		msg->kind = read_deleted(msg, hdr);
		break;
	case XFRM_MSG_EXPIRE:
		msg->kind = read_expired(msg, hdr);
		break;
	case XFRM_MSG_MAPPING:
		msg->kind = read_mapping(msg, hdr);
		break;
	case XFRM_MSG_FLUSHSA:
		msg->kind = SA_MSG_FLUSHED;
		break;
	case XFRM_MSG_NEWPOLICY:
	case XFRM_MSG_UPDPOLICY:
		msg->kind = read_policy(msg, hdr);
		break;
	case XFRM_MSG_DELPOLICY:
		msg->kind = read_policy_deleted(msg, hdr);
		break;
	case XFRM_MSG_POLEXPIRE:
	case XFRM_MSG_FLUSHPOLICY:
		msg->kind = SA_MSG_POLICY_FLUSH;
		break;
	default:
		break;
	}
}

struct xfrm_selector
sa_reversed(const struct xfrm_selector *sel)
{
	struct xfrm_selector out = *sel;

	out.saddr = sel->daddr;
	out.daddr = sel->saddr;
	out.sport = sel->dport;
	out.dport = sel->sport;
	out.sport_mask = sel->dport_mask;
	out.dport_mask = sel->sport_mask;
	out.prefixlen_s = sel->prefixlen_d;
	out.prefixlen_d = sel->prefixlen_s;
	return out;
}
