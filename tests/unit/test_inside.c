/* What clients ask inside a session: frames in, frames out, byte by byte. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside_fixture.h"

static const uint8_t link_local[16] = {0xfe, 0x80, [8] = 0xaa, [15] = 0x17};
static const uint8_t our_link_local[16] = {0xfe, 0x80, [15] = 1};
static const uint8_t all_nodes[16] = {0xff, 2, [15] = 1};
static const uint8_t all_routers[16] = {0xff, 2, [15] = 2};
static const uint8_t all_dhcp[16] = {0xff, 2, [13] = 1, [15] = 2};

/* ── frames ─────────────────────────────────────────────────────────────────────────────── */

static uint8_t room[2048];

static struct wr
begin6(uint8_t protocol, uint8_t hops, const uint8_t *src, const uint8_t *dst, size_t len)
{
	struct wr w = wr_init(room, sizeof(room));

	wr_u32(&w, 0xff030057);
	wr_u32(&w, 6u << 28);
	wr_u16(&w, (uint16_t)len);
	wr_u8(&w, protocol);
	wr_u8(&w, hops);
	wr_bytes(&w, src, 16);
	wr_bytes(&w, dst, 16);
	return w;
}

static struct wr
icmp6(uint8_t type, uint8_t hops, const uint8_t *src)
{
	struct wr w = begin6(58, hops, src, all_routers, 8);

	wr_u8(&w, type);
	wr_u8(&w, 0);
	wr_u16(&w, 0xbeef);
	wr_u32(&w, 0);
	return w;
}

static struct wr
udp6(const uint8_t *src, const uint8_t *dst, uint16_t port, const void *payload, size_t len)
{
	struct wr w = begin6(17, 1, src, dst, len + 8);

	wr_u16(&w, 546);
	wr_u16(&w, port);
	wr_u16(&w, (uint16_t)(len + 8));
	wr_u16(&w, 0xbeef);
	wr_bytes(&w, payload, len);
	return w;
}

/* ── answers ────────────────────────────────────────────────────────────────────────────── */

/* The message in an answer over IPv6, whose headers are right. */
static struct rd
message6(uint8_t protocol, const uint8_t *dst)
{
	struct rd r = rd_init(inside_answer, inside_answer_len);
	size_t len;

	ck_assert_uint_eq(rd_u32(&r), 0xff030057);
	ck_assert_uint_eq(rd_u32(&r), 6u << 28);
	len = rd_u16(&r);
	ck_assert_uint_eq(len, inside_answer_len - 44);
	ck_assert_uint_eq(rd_u8(&r), protocol);
	ck_assert_uint_eq(rd_u8(&r), 255);
	ck_assert_mem_eq(rd_bytes(&r, 16), our_link_local, 16);
	ck_assert_mem_eq(rd_bytes(&r, 16), dst, 16);
	ck_assert(inside_sums_up(inside_sum(inside_answer + 12, 32 + len) + protocol +
				 (uint32_t)len));
	if (protocol == 17) {
		ck_assert_uint_eq(rd_u16(&r), 547);
		ck_assert_uint_eq(rd_u16(&r), 546);
		ck_assert_uint_eq(rd_u16(&r), len);
		rd_u16(&r);
	}
	return r;
}

/* The value of an option of DHCPv6, over its neighbours; bad when it is not there. */
static struct rd
option6(struct rd r, uint16_t wanted)
{
	while (rd_left(&r)) {
		uint16_t code = rd_u16(&r);
		struct rd value = rd_sub(&r, rd_u16(&r));

		if (code == wanted)
			return value;
	}
	ck_assert(!r.bad);
	return (struct rd){.bad = true};
}

/* ── router advertisements ──────────────────────────────────────────────────────────────── */

static const char all_of_it[] = "[network]\npool6 = fd00:1::/48\nmtu = 1300\n"
				"dns = fd00:5::53, fd00:5::54\nsearch-domain = corp.example\n";

START_TEST(solicitation_is_answered_with_all_that_a_client_needs)
{
	static const uint8_t want[] = {64, 0x40, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0,
				       /* prefix: on link, autonomous */
				       3, 4, 64, 0xc0, 0, 1, 0x51, 0x80, 0, 0, 0x38, 0x40, 0, 0, 0,
				       0, 0xfd, 0, 0, 1, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0,
				       /* MTU */
				       5, 1, 0, 0, 0, 0, 5, 0x14,
				       /* name servers */
				       25, 5, 0, 0, 0, 0, 7, 8, 0xfd, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
				       0, 0, 0, 0, 0x53, 0xfd, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
				       0, 0, 0x54,
				       /* domain */
				       31, 3, 0, 0, 0, 0, 7, 8, 4, 'c', 'o', 'r', 'p', 7, 'e', 'x',
				       'a', 'm', 'p', 'l', 'e', 0, 0, 0};
	struct wr w;
	struct rd r;

	inside_begin(all_of_it);
	w = icmp6(133, 255, link_local);
	ck_assert_int_eq(inside_ask(&w), INSIDE_ANSWERED);
	r = message6(58, link_local);
	ck_assert_uint_eq(rd_u16(&r), 134 << 8);
	rd_u16(&r);
	ck_assert_uint_eq(rd_left(&r), sizeof(want));
	ck_assert_mem_eq(r.p, want, sizeof(want));
	inside_end();
}
END_TEST

START_TEST(routes_of_ipv6_make_us_no_default_router)
{
	static const uint8_t route[] = {24, 3, 48, 0, 0, 0, 7, 8, 0x20, 1, 0x0d, 0xb8, 0, 7};
	struct wr w;
	struct rd r;

	inside_begin("[network]\npool6 = fd00:1::/48\nroutes = 172.16.0.0/16, 2001:db8:7::/48\n");
	w = icmp6(133, 255, link_local);
	ck_assert_int_eq(inside_ask(&w), INSIDE_ANSWERED);
	r = message6(58, link_local);
	rd_bytes(&r, 6);
	ck_assert_uint_eq(rd_u16(&r), 0);
	rd_bytes(&r, 8 + 32 + 8);
	ck_assert_uint_eq(rd_left(&r), 24);
	ck_assert_mem_eq(r.p, route, sizeof(route));
	inside_end();
}
END_TEST

START_TEST(solicitation_without_source_is_answered_to_all)
{
	const uint8_t nobody[16] = {0};
	struct wr w;

	inside_begin(all_of_it);
	w = icmp6(133, 255, nobody);
	ck_assert_int_eq(inside_ask(&w), INSIDE_ANSWERED);
	message6(58, all_nodes);
	inside_end();
}
END_TEST

START_TEST(icmp6_that_nobody_may_send_is_taken_away)
{
	uint8_t global[16] = {0xfd, 0, 0, 1, 0, 0, 0, 0x10, [15] = 9};
	struct wr w;

	inside_begin(all_of_it);
	w = icmp6(133, 254, link_local);
	ck_assert_int_eq(inside_ask(&w), INSIDE_TAKEN);
	w = icmp6(133, 255, global);
	ck_assert_int_eq(inside_ask(&w), INSIDE_TAKEN);
	w = icmp6(134, 255, link_local);
	ck_assert_int_eq(inside_ask(&w), INSIDE_TAKEN);
	w = icmp6(137, 255, link_local);
	ck_assert_int_eq(inside_ask(&w), INSIDE_TAKEN);
	ck_assert_uint_eq(inside_answer_len, 0);
	inside_end();
}
END_TEST

START_TEST(frames_of_others_pass)
{
	struct wr w;

	inside_begin(all_of_it);
	w = icmp6(128, 64, link_local);
	ck_assert_int_eq(inside_ask(&w), INSIDE_PASS);
	w = udp6(link_local, all_dhcp, 548, "x", 1);
	ck_assert_int_eq(inside_ask(&w), INSIDE_PASS);
	w = inside_udp4(INSIDE_CLIENT, UINT32_MAX, 53, "x", 1);
	ck_assert_int_eq(inside_ask(&w), INSIDE_PASS);
	w = inside_udp4(INSIDE_CLIENT, 0x08080808, 67, "x", 1);
	ck_assert_int_eq(inside_ask(&w), INSIDE_PASS);
	inside_facts.link6.family = 0;
	w = icmp6(133, 255, link_local);
	ck_assert_int_eq(inside_ask(&w), INSIDE_PASS);
	inside_end();
}
END_TEST

/* Cut anywhere, with whatever lengths inside: at most it is not answered. */
START_TEST(frames_cut_short_are_not_answered)
{
	struct wr w;

	inside_begin(all_of_it);
	w = icmp6(133, 255, link_local);
	for (size_t len = 0; len < wr_len(&w); len++) {
		struct wr part = w;

		part.p = part.start + len;
		ck_assert_int_ne(inside_ask(&part), INSIDE_ANSWERED);
	}
	inside_end();
}
END_TEST

START_TEST(compressed_headers_are_read)
{
	struct wr w, plain;

	inside_begin(all_of_it);
	w = icmp6(133, 255, link_local);
	plain = wr_init(room + 2, sizeof(room) - 2);
	plain.p = w.p;
	ck_assert_int_eq(inside_ask(&plain), INSIDE_ANSWERED);
	plain.start = room + 3;
	ck_assert_int_eq(inside_ask(&plain), INSIDE_ANSWERED);
	inside_end();
}
END_TEST

START_TEST(advertise_is_for_sessions_with_ipv6)
{
	const struct inside inside = {.conf = NULL, .link = &inside_facts, .uuid = inside_uuid};
	struct inside with;
	struct wr w = wr_init(inside_answer, sizeof(inside_answer));

	inside_begin(all_of_it);
	with = inside;
	with.conf = inside_conf;
	ck_assert(inside_advertise(&with, &w));
	inside_answer_len = wr_len(&w);
	message6(58, all_nodes);
	inside_facts.link6.family = 0;
	w = wr_init(inside_answer, sizeof(inside_answer));
	ck_assert(!inside_advertise(&with, &w));
	inside_end();
}
END_TEST

/* ── DHCPv6 ─────────────────────────────────────────────────────────────────────────────── */

#define CLIENT_ID "\0\1\0\4abcd"
#define SERVER_ID                                                                                  \
	"\0\2\0\x12\0\4"                                                                           \
	"0123456789abcde\0"
#define IA_PD "\0\x19\0\x0c\0\0\0\1\0\0\0\0\0\0\0\0"
#define IA_NA "\0\3\0\x0c\0\0\0\2\0\0\0\0\0\0\0\0"
#define text_and_length(text) (text), sizeof(text) - 1

static enum inside_verdict
dhcp6(const void *message, size_t len)
{
	struct wr w = udp6(link_local, all_dhcp, 547, message, len);

	return inside_ask(&w);
}

static void
has_prefix(struct rd r)
{
	static const uint8_t want[] = {0,    0,	   0,  1,    0,	 0, 0x1c, 0x20, 0,    0, 0x2d,
				       0,    0,	   26, 0,    25, 0, 0,	  0x38, 0x40, 0, 1,
				       0x51, 0x80, 61, 0xfd, 0,	 0, 1,	  0,	0,    0, 0x18};
	struct rd pd = option6(r, 25);

	ck_assert_uint_eq(rd_left(&pd), 12 + 29);
	ck_assert_mem_eq(pd.p, want, sizeof(want));
}

START_TEST(dhcp6_information_request_is_answered_with_dns_and_domain)
{
	struct rd r, value;

	inside_begin(all_of_it);
	ck_assert_int_eq(dhcp6(text_and_length("\x0bxyz\0\x06\0\4\0\x17\0\x18")), INSIDE_ANSWERED);
	r = message6(17, link_local);
	ck_assert_mem_eq(rd_bytes(&r, 4), "\7xyz", 4);
	value = option6(r, 23);
	ck_assert_uint_eq(rd_left(&value), 32);
	ck_assert_uint_eq(value.p[15], 0x53);
	value = option6(r, 24);
	ck_assert_mem_eq(value.p, "\4corp\7example", 14);
	value = option6(r, 2);
	ck_assert_mem_eq(value.p,
			 "\0\4"
			 "0123456789abcde",
			 18);
	ck_assert(option6(r, 1).bad);
	inside_end();
}
END_TEST

START_TEST(dhcp6_prefix_is_offered_then_given)
{
	struct rd r;

	inside_begin(all_of_it);
	ck_assert_int_eq(dhcp6(text_and_length("\1xyz" CLIENT_ID IA_PD)), INSIDE_ANSWERED);
	r = message6(17, link_local);
	ck_assert_mem_eq(rd_bytes(&r, 4), "\2xyz", 4);
	has_prefix(r);
	ck_assert_mem_eq(option6(r, 1).p, "abcd", 4);
	for (const char *type = "\3\5"; *type; type++) {
		char message[] = "\3xyz" CLIENT_ID SERVER_ID IA_PD;

		message[0] = *type;
		ck_assert_int_eq(dhcp6(text_and_length(message)), INSIDE_ANSWERED);
		r = message6(17, link_local);
		ck_assert_mem_eq(rd_bytes(&r, 4), "\7xyz", 4);
		has_prefix(r);
	}
	ck_assert_int_eq(dhcp6(text_and_length("\6xyz" CLIENT_ID IA_PD)), INSIDE_ANSWERED);
	r = message6(17, link_local);
	rd_bytes(&r, 4);
	has_prefix(r);
	inside_end();
}
END_TEST

START_TEST(dhcp6_rapid_commit_needs_one_message)
{
	struct rd r;

	inside_begin(all_of_it);
	ck_assert_int_eq(dhcp6(text_and_length("\1xyz" CLIENT_ID "\0\x0e\0\0" IA_PD)),
			 INSIDE_ANSWERED);
	r = message6(17, link_local);
	ck_assert_mem_eq(rd_bytes(&r, 4), "\7xyz", 4);
	ck_assert(!option6(r, 14).bad);
	has_prefix(r);
	inside_end();
}
END_TEST

START_TEST(dhcp6_what_there_is_not_has_its_status)
{
	struct rd r, value;

	inside_begin(all_of_it);
	inside_facts.delegated6.family = 0;
	ck_assert_int_eq(dhcp6(text_and_length("\1xyz" CLIENT_ID IA_PD IA_NA)), INSIDE_ANSWERED);
	r = message6(17, link_local);
	rd_bytes(&r, 4);
	value = option6(r, 25);
	rd_bytes(&value, 12);
	ck_assert_mem_eq(value.p, "\0\x0d\0\2\0\6", 6);
	value = option6(r, 3);
	ck_assert_mem_eq(rd_bytes(&value, 4), "\0\0\0\2", 4);
	rd_bytes(&value, 8);
	ck_assert_mem_eq(value.p, "\0\x0d\0\2\0\2", 6);
	inside_end();
}
END_TEST

START_TEST(dhcp6_prefix_of_before_comes_to_its_end)
{
	static const char renewal[] =
		"\5xyz" CLIENT_ID SERVER_ID "\0\x19\0\x29\0\0\0\1\0\0\0\0\0\0\0\0"
		"\0\x1a\0\x19\0\0\0\1\0\0\0\2\x3c\xfd\0\0\2\0\0\0\0"
		"\0\0\0\0\0\0\0\0";
	struct rd r, value;

	inside_begin(all_of_it);
	ck_assert_int_eq(dhcp6(text_and_length(renewal)), INSIDE_ANSWERED);
	r = message6(17, link_local);
	rd_bytes(&r, 4);
	value = option6(r, 25);
	ck_assert_uint_eq(rd_left(&value), 12 + 29 + 29);
	ck_assert_mem_eq(value.p + 12 + 29, "\0\x1a\0\x19\0\0\0\0\0\0\0\0\x3c\xfd\0\0\2", 17);
	inside_end();
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
} unanswered6[] = {
	{text_and_length("")},
	{text_and_length("\1xy")},
	{text_and_length("\1xyz" IA_PD)},			   /* nobody asks */
	{text_and_length("\1xyz" CLIENT_ID SERVER_ID IA_PD)},	   /* not of one server */
	{text_and_length("\3xyz" CLIENT_ID IA_PD)},		   /* must be of one */
	{text_and_length("\3xyz" CLIENT_ID "\0\2\0\4abcd" IA_PD)}, /* another */
	{text_and_length("\4xyz" CLIENT_ID IA_NA)},		   /* Confirm */
	{text_and_length("\7xyz" CLIENT_ID)},			   /* what a server says */
	{text_and_length("\x0bxyz" IA_PD)},			   /* no association here */
	{text_and_length("\x0bxyz\0\1\0\1a")},			   /* too short for a DUID */
	{text_and_length("\1xyz" CLIENT_ID "\0\x19\0\xff")},	   /* cut */
};

START_TEST(dhcp6_message_against_the_rules_is_not_answered)
{
	inside_begin(all_of_it);
	ck_assert_int_eq(dhcp6(unanswered6[_i].bytes, unanswered6[_i].len), INSIDE_TAKEN);
	ck_assert_uint_eq(inside_answer_len, 0);
	inside_end();
}
END_TEST

START_TEST(dhcp6_release_is_confirmed)
{
	struct rd r;

	inside_begin(all_of_it);
	ck_assert_int_eq(dhcp6(text_and_length("\x08xyz" CLIENT_ID SERVER_ID IA_PD)),
			 INSIDE_ANSWERED);
	r = message6(17, link_local);
	ck_assert_mem_eq(rd_bytes(&r, 4), "\7xyz", 4);
	ck_assert_mem_eq(option6(r, 13).p, "\0\0", 2);
	ck_assert(option6(r, 25).bad);
	inside_end();
}
END_TEST

static TCase *
ipv6_tests(void)
{
	TCase *tc = tcase_create("ipv6");

	tcase_add_test(tc, solicitation_is_answered_with_all_that_a_client_needs);
	tcase_add_test(tc, routes_of_ipv6_make_us_no_default_router);
	tcase_add_test(tc, solicitation_without_source_is_answered_to_all);
	tcase_add_test(tc, icmp6_that_nobody_may_send_is_taken_away);
	tcase_add_test(tc, frames_of_others_pass);
	tcase_add_test(tc, frames_cut_short_are_not_answered);
	tcase_add_test(tc, compressed_headers_are_read);
	tcase_add_test(tc, advertise_is_for_sessions_with_ipv6);
	tcase_add_test(tc, dhcp6_information_request_is_answered_with_dns_and_domain);
	tcase_add_test(tc, dhcp6_prefix_is_offered_then_given);
	tcase_add_test(tc, dhcp6_rapid_commit_needs_one_message);
	tcase_add_test(tc, dhcp6_what_there_is_not_has_its_status);
	tcase_add_test(tc, dhcp6_prefix_of_before_comes_to_its_end);
	tcase_add_loop_test(tc, dhcp6_message_against_the_rules_is_not_answered, 0,
			    (int)(sizeof(unanswered6) / sizeof(unanswered6[0])));
	tcase_add_test(tc, dhcp6_release_is_confirmed);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("inside");

	suite_add_tcase(suite, ipv6_tests());

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
