/* What the kernel says of SAs and policies, whole, forged and cut short. */
#include <arpa/inet.h>
#include <check.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/sa_msg.h"
#include "unit.h"
#include "xfrm_fixture.h"

#define CLIENT 0x0a090002u
#define GATEWAY 0x0a090001u
#define KEY "the key that nobody may keep...."

static void
put_aead(struct xfrm_bytes *out)
{
	uint8_t room[sizeof(struct xfrm_algo_aead) + 36] = {0};
	struct xfrm_algo_aead *aead = (struct xfrm_algo_aead *)(void *)room;

	strcpy(aead->alg_name, "rfc4106(gcm(aes))");
	aead->alg_key_len = 288;
	aead->alg_icv_len = 128;
	memcpy(aead->alg_key, KEY, 32);
	xfrm_attr(out, XFRMA_ALG_AEAD, room, sizeof(room));
}

static void
put_cbc(struct xfrm_bytes *out, const char *crypt_name, unsigned bits, const char *auth_name)
{
	uint8_t room[sizeof(struct xfrm_algo) + 32] = {0};
	uint8_t auth_room[sizeof(struct xfrm_algo_auth) + 32] = {0};
	struct xfrm_algo *crypt = (struct xfrm_algo *)(void *)room;
	struct xfrm_algo_auth *auth = (struct xfrm_algo_auth *)(void *)auth_room;

	strcpy(crypt->alg_name, crypt_name);
	crypt->alg_key_len = bits;
	strcpy(auth->alg_name, auth_name);
	auth->alg_key_len = 256;
	auth->alg_trunc_len = 128;
	xfrm_attr(out, XFRMA_ALG_CRYPT, room, sizeof(room));
	xfrm_attr(out, XFRMA_ALG_AUTH_TRUNC, auth_room, sizeof(auth_room));
}

static struct nlmsghdr *
begin_sa(struct xfrm_bytes *out)
{
	struct xfrm_usersa_info info = xfrm_esp(CLIENT, GATEWAY, 0xc0ffee01, 16389, 1701, 1701);

	info.curlft.add_time = 1234567890;
	return xfrm_begin(out, XFRM_MSG_NEWSA, &info, sizeof(info));
}

static void
finish_sa(struct xfrm_bytes *out)
{
	struct xfrm_encap_tmpl encap = {.encap_type = UDP_ENCAP_ESPINUDP,
					.encap_sport = htons(40001),
					.encap_dport = htons(4500)};
	uint32_t mark = 0x20000007;
	uint8_t dir = 1;

	put_aead(out);
	xfrm_attr(out, XFRMA_ENCAP, &encap, sizeof(encap));
	xfrm_attr(out, XFRMA_SET_MARK, &mark, sizeof(mark));
	xfrm_attr(out, SA_MSG_DIR, &dir, sizeof(dir));
}

START_TEST(sa_whole_is_read)
{
	struct xfrm_bytes bytes;
	struct nlmsghdr *hdr = begin_sa(&bytes);
	struct in_addr gateway = {htonl(GATEWAY)}, client = {htonl(CLIENT)};
	struct sa_msg msg;

	finish_sa(&bytes);
	sa_msg_read(&msg, hdr);
	ck_assert_int_eq(msg.kind, SA_MSG_PUT);
	ck_assert_int_eq(msg.facts.id.family, AF_INET);
	ck_assert_mem_eq(msg.facts.id.dst, &gateway, 4);
	ck_assert_mem_eq(msg.facts.src, &client, 4);
	ck_assert_uint_eq(msg.facts.id.spi, 0xc0ffee01);
	ck_assert_uint_eq(msg.facts.reqid, 16389);
	ck_assert_uint_eq(msg.facts.nat_src, 40001);
	ck_assert_uint_eq(msg.facts.nat_dst, 4500);
	ck_assert_uint_eq(msg.facts.set_mark, 0x20000007);
	ck_assert_uint_eq(msg.facts.added, 1234567890);
	ck_assert_int_eq(msg.facts.dir, SA_DIR_IN);
	ck_assert_str_eq(msg.facts.cipher, "aes256-gcm-16");
}
END_TEST

START_TEST(sa_read_keeps_no_key)
{
	struct xfrm_bytes bytes;
	struct nlmsghdr *hdr = begin_sa(&bytes);
	struct sa_msg msg;

	finish_sa(&bytes);
	sa_msg_read(&msg, hdr);
	ck_assert_int_eq(msg.kind, SA_MSG_PUT);
	ck_assert_ptr_null(memmem(&msg, sizeof(msg), KEY, 8));
}
END_TEST

START_TEST(cipher_of_two_algorithms_names_both)
{
	static const struct {
		const char *crypt;
		unsigned bits;
		const char *auth, *name;
	} rows[] = {
		{"cbc(aes)", 256, "hmac(sha256)", "aes256-cbc/hmac-sha256-128"},
		{"cbc(des3_ede)", 192, "hmac(sha1)", "3des-cbc/hmac-sha1-128"},
		{"ecb(cipher_null)", 0, "hmac(md5)", "null/hmac-md5-128"},
		{"cbc(camellia)", 128, "hmac(sha512)", "cbc(camellia)/hmac-sha512-128"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xfrm_bytes bytes;
		struct nlmsghdr *hdr = begin_sa(&bytes);
		struct sa_msg msg;

		put_cbc(&bytes, rows[i].crypt, rows[i].bits, rows[i].auth);
		sa_msg_read(&msg, hdr);
		ck_assert_int_eq(msg.kind, SA_MSG_PUT);
		ck_assert_str_eq(msg.facts.cipher, rows[i].name);
	}
}
END_TEST

START_TEST(cipher_name_without_end_is_left_out)
{
	struct xfrm_bytes bytes;
	struct nlmsghdr *hdr = begin_sa(&bytes);
	uint8_t room[sizeof(struct xfrm_algo_aead) + 36];
	struct sa_msg msg;

	memset(room, 'x', sizeof(room));
	xfrm_attr(&bytes, XFRMA_ALG_AEAD, room, sizeof(room));
	sa_msg_read(&msg, hdr);
	ck_assert_int_eq(msg.kind, SA_MSG_PUT);
	ck_assert_str_eq(msg.facts.cipher, "");
}
END_TEST

START_TEST(sa_of_another_kind_is_none_of_ours)
{
	struct xfrm_usersa_info infos[4];
	struct xfrm_bytes bytes;
	struct sa_msg msg;

	for (size_t i = 0; i < 4; i++)
		infos[i] = xfrm_esp(CLIENT, GATEWAY, 1, 1, 1701, 1701);
	infos[0].mode = XFRM_MODE_TUNNEL;
	infos[1].id.proto = IPPROTO_AH;
	infos[2].family = AF_UNIX;
	for (size_t i = 0; i < 4; i++) {
		struct nlmsghdr *hdr =
			xfrm_begin(&bytes, XFRM_MSG_NEWSA, &infos[i], sizeof(infos[i]));

		/* the last has no algorithm: an SPI that was only asked for */
		if (i < 3)
			put_aead(&bytes);
		sa_msg_read(&msg, hdr);
		ck_assert_int_eq(msg.kind, SA_MSG_OTHER);
	}
}
END_TEST

START_TEST(sa_cut_short_is_not_understood)
{
	struct xfrm_bytes bytes;
	struct nlmsghdr *hdr = begin_sa(&bytes);
	uint32_t whole;
	struct sa_msg msg;

	finish_sa(&bytes);
	whole = hdr->nlmsg_len;
	for (uint32_t len = NLMSG_HDRLEN; len < whole; len++) {
		/* a copy of just that size, so that a sanitizer sees every byte beyond */
		struct nlmsghdr *copy = malloc(len);

		memcpy(copy, hdr, len);
		copy->nlmsg_len = len;
		sa_msg_read(&msg, copy);
		if (len < NLMSG_LENGTH(sizeof(struct xfrm_usersa_info)))
			ck_assert_int_eq(msg.kind, SA_MSG_OTHER);
		free(copy);
	}
}
END_TEST

START_TEST(attribute_too_short_spoils_the_message)
{
	static const uint16_t types[] = {XFRMA_ALG_AEAD, XFRMA_ALG_CRYPT, XFRMA_ALG_AUTH_TRUNC,
					 XFRMA_ENCAP,	 XFRMA_SET_MARK,  SA_MSG_DIR};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct xfrm_bytes bytes;
		struct nlmsghdr *hdr = begin_sa(&bytes);
		struct sa_msg msg;

		put_aead(&bytes);
		xfrm_attr(&bytes, types[i], "", 0);
		sa_msg_read(&msg, hdr);
		ck_assert_int_eq(msg.kind, SA_MSG_OTHER);
	}
}
END_TEST

START_TEST(attribute_unknown_is_passed_over)
{
	struct xfrm_bytes bytes;
	struct nlmsghdr *hdr = begin_sa(&bytes);
	struct sa_msg msg;

	xfrm_attr(&bytes, 4711, "what?", 5);
	finish_sa(&bytes);
	sa_msg_read(&msg, hdr);
	ck_assert_int_eq(msg.kind, SA_MSG_PUT);
}
END_TEST

START_TEST(expiry_counts_when_it_is_hard)
{
	struct xfrm_user_expire expire = {
		.state = xfrm_esp(CLIENT, GATEWAY, 0xc0ffee02, 1, 1701, 1701)};
	struct xfrm_bytes bytes;
	struct sa_msg msg;

	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_EXPIRE, &expire, sizeof(expire)));
	ck_assert_int_eq(msg.kind, SA_MSG_OTHER);
	expire.hard = 1;
	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_EXPIRE, &expire, sizeof(expire)));
	ck_assert_int_eq(msg.kind, SA_MSG_GONE);
	ck_assert_uint_eq(msg.id.spi, 0xc0ffee02);
}
END_TEST

START_TEST(mapping_of_another_address_is_refused)
{
	struct xfrm_user_mapping map;
	struct xfrm_bytes bytes;
	struct sa_msg msg;

	memset(&map, 0, sizeof(map));
	map.id = (struct xfrm_usersa_id){
		.spi = htonl(7), .family = AF_INET, .proto = IPPROTO_ESP, .daddr.a4 = 1};
	map.old_saddr.a4 = map.new_saddr.a4 = htonl(CLIENT);
	map.new_sport = htons(40002);
	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_MAPPING, &map, sizeof(map)));
	ck_assert_int_eq(msg.kind, SA_MSG_MOVED);
	ck_assert_uint_eq(msg.id.spi, 7);
	ck_assert_uint_eq(msg.nat_port, 40002);
	map.new_saddr.a4 = htonl(CLIENT + 1);
	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_MAPPING, &map, sizeof(map)));
	ck_assert_int_eq(msg.kind, SA_MSG_OTHER);
	map.new_saddr = map.old_saddr;
	map.new_sport = 0;
	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_MAPPING, &map, sizeof(map)));
	ck_assert_int_eq(msg.kind, SA_MSG_OTHER);
}
END_TEST

START_TEST(deletion_names_the_sa)
{
	struct xfrm_usersa_id id = {.spi = htonl(9),
				    .family = AF_INET6,
				    .proto = IPPROTO_ESP,
				    .daddr.a6 = {1, 2, 3, 4}};
	struct xfrm_bytes bytes;
	struct sa_msg msg;

	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_DELSA, &id, sizeof(id)));
	ck_assert_int_eq(msg.kind, SA_MSG_GONE);
	ck_assert_uint_eq(msg.id.spi, 9);
	ck_assert_mem_eq(msg.id.dst, &id.daddr, 16);
	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_FLUSHSA, "    ", 4));
	ck_assert_int_eq(msg.kind, SA_MSG_FLUSHED);
}
END_TEST

START_TEST(policy_deleted_is_named_or_may_be_any)
{
	struct xfrm_userpolicy_id id = {.dir = XFRM_POLICY_OUT};
	struct xfrm_userpolicy_info info = {.priority = 1000, .dir = XFRM_POLICY_OUT};
	struct xfrm_mark mark = {.v = 0x20000001, .m = ~0u};
	struct xfrm_bytes bytes;
	struct nlmsghdr *hdr = xfrm_begin(&bytes, XFRM_MSG_DELPOLICY, &id, sizeof(id));
	struct sa_msg msg;

	sa_msg_read(&msg, hdr);
	ck_assert_int_eq(msg.kind, SA_MSG_POLICY_FLUSH);
	xfrm_attr(&bytes, XFRMA_POLICY, &info, sizeof(info));
	xfrm_attr(&bytes, XFRMA_MARK, &mark, sizeof(mark));
	sa_msg_read(&msg, hdr);
	ck_assert_int_eq(msg.kind, SA_MSG_POLICY_GONE);
	ck_assert_uint_eq(msg.policy.priority, 1000);
	ck_assert_uint_eq(msg.policy.mark.v, 0x20000001);
	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_FLUSHPOLICY, "", 0));
	ck_assert_int_eq(msg.kind, SA_MSG_POLICY_FLUSH);
	sa_msg_read(&msg, xfrm_begin(&bytes, XFRM_MSG_NEWPOLICY, &info, sizeof(info)));
	ck_assert_int_eq(msg.kind, SA_MSG_POLICY);
}
END_TEST

START_TEST(type_unknown_is_of_no_interest)
{
	struct xfrm_bytes bytes;
	struct sa_msg msg;

	for (unsigned type = 0; type < 200; type++) {
		struct nlmsghdr *hdr = xfrm_begin(&bytes, (uint16_t)type, "", 0);

		sa_msg_read(&msg, hdr);
		ck_assert(msg.kind == SA_MSG_OTHER || type == XFRM_MSG_FLUSHSA ||
			  type == XFRM_MSG_FLUSHPOLICY || type == XFRM_MSG_POLEXPIRE);
	}
}
END_TEST

START_TEST(selector_reversed_twice_is_itself)
{
	struct xfrm_usersa_info info = xfrm_esp(CLIENT, GATEWAY, 1, 1, 40000, 1701);
	struct xfrm_selector once = sa_reversed(&info.sel), twice = sa_reversed(&once);

	ck_assert_uint_eq(once.sport, htons(1701));
	ck_assert_uint_eq(once.dport, htons(40000));
	ck_assert_uint_eq(once.saddr.a4, htonl(GATEWAY));
	ck_assert_mem_eq(&twice, &info.sel, sizeof(twice));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		sa_whole_is_read,
		sa_read_keeps_no_key,
		cipher_of_two_algorithms_names_both,
		cipher_name_without_end_is_left_out,
		sa_of_another_kind_is_none_of_ours,
		sa_cut_short_is_not_understood,
		attribute_too_short_spoils_the_message,
		attribute_unknown_is_passed_over,
		expiry_counts_when_it_is_hard,
		mapping_of_another_address_is_refused,
		deletion_names_the_sa,
		policy_deleted_is_named_or_may_be_any,
		type_unknown_is_of_no_interest,
		selector_reversed_twice_is_itself,
	};

	return unit_run("sa_msg", tests, sizeof(tests) / sizeof(tests[0]));
}
