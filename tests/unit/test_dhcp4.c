/* DHCPINFORM inside a session: what a client that splits its tunnel asks for. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "inside_fixture.h"
#include "unit.h"

static const char split[] = "[network]\nsearch-domain = corp.example\nwins = 192.0.2.7\n"
			    "routes = 172.16.0.0/12, 10.5.5.0/25, 0.0.0.0/0, 2001:db8::/32\n";
#define ROUTES "\x0c\xac\x10\x0a\x63\0\1\x19\x0a\5\5\0\x0a\x63\0\1\0\x0a\x63\0\1"

/* An INFORM with these options behind its type. */
static struct wr
inform(uint32_t src, uint32_t dst, const char *options, size_t len)
{
	uint8_t bytes[600] = {1, 1, 6, 0, 'x', 'i', 'd', '!', 0, 9, 0x80, 0, 0x0a, 0x63, 0, 0x0a};
	struct wr w = wr_init(bytes, sizeof(bytes));

	memcpy(bytes + 28, "\2\0\0\0\0\7", 7);
	wr_room(&w, 236);
	wr_u32(&w, 0x63825363);
	wr_bytes(&w, "\x35\1\x08", 3);
	wr_bytes(&w, options, len);
	wr_u8(&w, 255);
	return inside_udp4(src, dst, 67, bytes, wr_len(&w));
}

/* The value of an option of the answer, whose headers and fields are right. */
static struct rd
option4(uint8_t wanted)
{
	struct rd r = rd_init(inside_answer, inside_answer_len);

	ck_assert_uint_eq(rd_u32(&r), 0xff030021);
	ck_assert(inside_sums_up(inside_sum(inside_answer + 4, 20)));
	ck_assert(inside_sums_up(inside_sum(inside_answer + 16, inside_answer_len - 16) + 17 +
				 (uint32_t)inside_answer_len - 24));
	ck_assert_uint_eq(rd_u16(&r), 0x4500);
	ck_assert_uint_eq(rd_u16(&r), inside_answer_len - 4);
	rd_bytes(&r, 8);
	ck_assert_uint_eq(rd_u32(&r), INSIDE_GATEWAY);
	ck_assert_uint_eq(rd_u32(&r), INSIDE_CLIENT);
	ck_assert_uint_eq(rd_u32(&r), 67u << 16 | 68);
	ck_assert_uint_eq(rd_u16(&r), inside_answer_len - 24);
	rd_u16(&r);
	ck_assert_mem_eq(rd_bytes(&r, 4), "\2\1\6\0", 4);
	ck_assert_mem_eq(rd_bytes(&r, 8), "xid!\0\x09\x80\0", 8);
	ck_assert_uint_eq(rd_u32(&r), INSIDE_CLIENT);
	ck_assert_uint_eq(rd_u32(&r), 0);
	rd_bytes(&r, 8);
	ck_assert_mem_eq(rd_bytes(&r, 6), "\2\0\0\0\0\7", 6);
	rd_bytes(&r, 10 + 192);
	ck_assert_uint_eq(rd_u32(&r), 0x63825363);
	for (uint8_t code = rd_u8(&r); code != 255; code = rd_u8(&r)) {
		struct rd value = rd_sub(&r, rd_u8(&r));

		ck_assert(!r.bad);
		if (code == wanted)
			return value;
	}
	ck_assert_uint_eq(rd_left(&r), 0);
	return (struct rd){.bad = true};
}

START_TEST(inform_is_answered_with_what_it_asks_for)
{
	struct wr w;

	inside_begin(split);
	w = inform(INSIDE_CLIENT, UINT32_MAX, "\x37\5\x79\xf9\6\x0f\x2c", 7);
	ck_assert_int_eq(inside_ask(&w), INSIDE_ANSWERED);
	ck_assert_mem_eq(option4(53).p, "\5", 1);
	ck_assert_mem_eq(option4(54).p, "\x0a\x63\0\1", 4);
	ck_assert_uint_eq(option4(121).end - option4(121).p, sizeof(ROUTES) - 1);
	ck_assert_mem_eq(option4(121).p, ROUTES, sizeof(ROUTES) - 1);
	ck_assert_mem_eq(option4(249).p, ROUTES, sizeof(ROUTES) - 1);
	ck_assert_mem_eq(option4(6).p, "\xc0\0\2\x35", 4);
	ck_assert_mem_eq(option4(15).p, "corp.example", 12);
	ck_assert_mem_eq(option4(44).p, "\xc0\0\2\7", 4);
	ck_assert(option4(1).bad);
	ck_assert(option4(51).bad);
	inside_end();
}
END_TEST

START_TEST(inform_with_a_short_list_gets_no_more)
{
	struct wr w;

	inside_begin(split);
	w = inform(INSIDE_CLIENT, INSIDE_GATEWAY, "\x37\1\x0f", 3);
	ck_assert_int_eq(inside_ask(&w), INSIDE_ANSWERED);
	ck_assert(!option4(15).bad);
	ck_assert(option4(121).bad);
	ck_assert(option4(6).bad);
	inside_end();
}
END_TEST

/* 28 routes twice do not fit into the 576 bytes that every client takes: one of them does. */
START_TEST(inform_answer_is_no_longer_than_the_client_takes)
{
	char text[1024] = "[network]\nroutes = ";
	struct wr w;

	for (int i = 0; i < 28; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s10.0.%d.1",
			 i ? ", " : "", i);
	inside_begin(text);
	w = inform(INSIDE_CLIENT, UINT32_MAX, "", 0);
	ck_assert_int_eq(inside_ask(&w), INSIDE_ANSWERED);
	ck_assert_uint_le(inside_answer_len, 576 + 4);
	ck_assert_uint_eq(option4(121).end - option4(121).p, 28 * 9);
	ck_assert(option4(249).bad);
	w = inform(INSIDE_CLIENT, UINT32_MAX, "\x39\2\5\xdc", 4);
	ck_assert_int_eq(inside_ask(&w), INSIDE_ANSWERED);
	ck_assert(!option4(249).bad);
	ck_assert_uint_le(inside_answer_len, 1400 + 4);
	inside_end();
}
END_TEST

START_TEST(inform_of_another_address_is_not_answered)
{
	struct wr w;

	inside_begin(split);
	w = inform(INSIDE_CLIENT + 1, UINT32_MAX, "", 0);
	ck_assert_int_eq(inside_ask(&w), INSIDE_TAKEN);
	w = inform(INSIDE_CLIENT, UINT32_MAX, "", 0);
	inside_facts.address = INSIDE_CLIENT + 1;
	ck_assert_int_eq(inside_ask(&w), INSIDE_TAKEN);
	inside_end();
}
END_TEST

START_TEST(inform_with_a_broken_option_is_not_answered)
{
	struct wr w;

	inside_begin(split);
	w = inform(INSIDE_CLIENT, UINT32_MAX, "\x37\xf0\x0f", 3);
	ck_assert_int_eq(inside_ask(&w), INSIDE_TAKEN);
	w = inform(INSIDE_CLIENT, UINT32_MAX, "\x35\1\1", 3); /* a DISCOVER */
	ck_assert_int_eq(inside_ask(&w), INSIDE_TAKEN);
	inside_end();
}
END_TEST

START_TEST(inform_goes_its_way_where_there_is_nothing_to_tell)
{
	struct wr w;

	inside_begin("");
	inside_facts.dns_count = 0;
	w = inform(INSIDE_CLIENT, UINT32_MAX, "", 0);
	ck_assert_int_eq(inside_ask(&w), INSIDE_PASS);
	inside_end();
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		inform_is_answered_with_what_it_asks_for,
		inform_with_a_short_list_gets_no_more,
		inform_answer_is_no_longer_than_the_client_takes,
		inform_of_another_address_is_not_answered,
		inform_with_a_broken_option_is_not_answered,
		inform_goes_its_way_where_there_is_nothing_to_tell,
	};

	return unit_run("dhcp4", tests, sizeof(tests) / sizeof(tests[0]));
}
