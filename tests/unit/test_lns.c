/* The door of the core: what makes state, what is bounded, who is heard, and how it ends. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/session.h"

static enum lns_verdict
send_sccrq(struct lac *lac)
{
	struct l2tp_msg msg = lac_sccrq(lac);

	return lac_send(lac, &msg, 0);
}

/* One client's tunnels, under a mark, each `step` ports from the other */
static void
rig_open_with_256(struct rig *rig, uint32_t mark, unsigned step)
{
	struct lac lac;

	rig_open(rig);
	rig->conf.max_tunnels = 1000;
	lns_reconf(rig->lns, &rig->conf);
	for (unsigned i = 0; i < 256; i++) {
		lac_init(&lac, rig, 1);
		lac.path.mark = mark;
		lac.path.peer.port = (uint16_t)(1701 + i * step);
		lac.tid = (uint16_t)(1 + i);
		lac_connect(&lac);
		rig_drain(rig);
	}
}

/* Each new tunnel of a client is held against its others, of which there is a bound. */
START_TEST(one_port_has_a_bounded_number_of_tunnels)
{
	struct rig rig;
	struct lac lac;

	rig_open_with_256(&rig, 0, 0);
	lac_init(&lac, &rig, 1);
	lac.tid = 257;
	ck_assert_int_eq(send_sccrq(&lac), LNS_DROPPED);
	lac_expect(&lac, MSG_STOPCCN);
	ck_assert_uint_eq(rig.msg.result.result, 2);
	ck_assert_uint_eq(rig.msg.result.error, 4);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 256);
	lac_init(&lac, &rig, 1);
	lac.path.peer.port = 1702;
	ck_assert_int_eq(send_sccrq(&lac), LNS_TAKEN);
	rig_close(&rig);
}
END_TEST

/* The same of an SA, whatever ports it is used from. */
START_TEST(one_sa_has_a_bounded_number_of_tunnels)
{
	struct rig rig;
	struct lac lac;

	rig_open_with_256(&rig, 7, 1);
	lac_init(&lac, &rig, 1);
	lac.path.mark = 7;
	lac.path.peer.port = 1701 + 256;
	ck_assert_int_eq(send_sccrq(&lac), LNS_DROPPED);
	lac_expect(&lac, MSG_STOPCCN);
	lac.path.mark = 8;
	lac.ns = 0;
	ck_assert_int_eq(send_sccrq(&lac), LNS_TAKEN);
	rig_close(&rig);
}
END_TEST

START_TEST(scraps_and_noise_make_no_state)
{
	/* HDR-05, UDP-07: 0, 1, 5, 12 and 65,507 bytes, and 100,000 of chance */
	static uint8_t bytes[65507];
	static const size_t sizes[] = {0, 1, 5, 11, 12, 20, 65507};
	struct rig rig;
	struct lac lac;
	struct lns_data data;
	uint32_t chance = 1;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		ck_assert_int_eq(lns_input(rig.lns, rig.now, &lac.path, bytes, sizes[i], &data),
				 LNS_DROPPED);
	ck_assert_int_eq(lns_input(rig.lns, rig.now, &lac.path, NULL, 0, &data), LNS_DROPPED);
	for (unsigned i = 0; i < 100000; i++) {
		for (size_t k = 0; k < 64; k++)
			bytes[k] = (uint8_t)((chance = chance * 1664525 + 1013904223) >> 24);
		bytes[0] = i & 1 ? 0xc8 : bytes[0];
		bytes[1] = 2;
		bytes[2] = 0;
		lns_input(rig.lns, rig.now, &lac.path, bytes, 64, &data);
	}
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_int_eq(lns_deadline(rig.lns), MSTIME_NEVER);
	rig_close(&rig);
}
END_TEST

START_TEST(malformed_sccrq_is_refused_and_makes_no_state)
{
	/* §6.1, §7.1, CC-01, CC-20, AVP-12, AVP-19, AVP-20, HDR-11: each AVP missing in turn; to
	 * the peer's id where it can be read */
	static const struct {
		uint64_t missing;
		unsigned error;
		const char *text;
	} rows[] = {
		{HAS(PROTOCOL_VERSION), ERROR_VALUE, "Protocol Version"},
		{HAS(FRAMING_CAPS), ERROR_VALUE, "Framing Capabilities"},
		{HAS(HOST_NAME), ERROR_VALUE, "Host Name"},
		{HAS(ASSIGNED_TUNNEL), ERROR_VALUE, "Assigned Tunnel ID"},
	};
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	for (size_t i = 0; i < 4; i++) {
		msg = lac_sccrq(&lac);
		msg.has &= ~rows[i].missing;
		lac.ns = 0;
		ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
		lac_expect_refusal(&lac, i == 3 ? 0 : lac.tid, 2, rows[i].error, NULL);
		ck_assert_ptr_nonnull(memmem(rig.msg.result.text.p, rig.msg.result.text.len,
					     rows[i].text, strlen(rows[i].text)));
		rig_expect_nothing(&rig);
	}
	msg = lac_sccrq(&lac);
	msg.assigned_tunnel = 0;
	lac.ns = 0;
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
	lac_expect_refusal(&lac, 0, 2, ERROR_VALUE, NULL);
	msg = lac_sccrq(&lac);
	msg.host_name.len = 0;
	lac.ns = 0;
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
	lac_expect_refusal(&lac, lac.tid, 2, ERROR_LENGTH, NULL);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).dropped_malformed, 6);
	/* its number is not 0: it begins nothing (§5.8) */
	lac.ns = 1;
	ck_assert_int_eq(send_sccrq(&lac), LNS_DROPPED);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_int_eq(lns_deadline(rig.lns), MSTIME_NEVER);
	rig_close(&rig);
}
END_TEST

START_TEST(only_sccrq_makes_state)
{
	/* §7.2.1 idle, CC-04, CC-05, HDR-13: a SCCRP is answered, what names no tunnel of ours is
	 * not */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	for (unsigned type = MSG_SCCRP; type < 40; type++) {
		struct l2tp_msg msg = lac_sccrq(&lac);

		lac.ns = 0;
		lac.lns_tid = type & 1 ? 0 : 4711; /* SCCRP: 4711 */
		msg.type = (uint16_t)type;
		ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
		rig_expect_nothing(&rig);
	}
	{
		struct l2tp_msg msg = lac_sccrq(&lac);

		msg.type = MSG_SCCRP;
		lac.ns = 0;
		lac.lns_tid = 0;
		ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
		lac_expect_refusal(&lac, lac.tid, 7, 0, "unexpected SCCRP");
	}
	ck_assert_int_eq(lac_zlb(&lac), LNS_DROPPED);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(repeated_sccrq_makes_one_tunnel)
{
	/* §5.8, CC-11: acknowledged each time, until the SCCRP that was lost goes out again */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	send_sccrq(&lac);
	lac_expect_datagram(&lac);
	for (unsigned i = 0; i < 3; i++) {
		lac.ns = 0;
		ck_assert_int_eq(send_sccrq(&lac), LNS_TAKEN);
		lac_expect_zlb(&lac);
		rig_expect_nothing(&rig);
	}
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	rig.now += 1000;
	lns_tick(rig.lns, rig.now);
	lac_expect(&lac, MSG_SCCRP);
	rig_close(&rig);
}
END_TEST

START_TEST(other_peers_id_port_or_mark_is_another_tunnel)
{
	/* §8.1; the mark alone tells clients behind one NAT apart (IPS-09) */
	struct rig rig;
	struct lac lac[5];

	rig_open(&rig);
	for (unsigned i = 0; i < 5; i++)
		lac_init(&lac[i], &rig, 1);
	lac[1].tid++;
	lac[2].path.peer.port++;
	lac[3].path.mark = 0x20000001;
	lac[4].path.peer.ip[3]++;
	for (unsigned i = 0; i < 5; i++) {
		ck_assert_int_eq(send_sccrq(&lac[i]), LNS_TAKEN);
		lac[i].lns_tid = lac_expect(&lac[i], MSG_SCCRP)->assigned_tunnel;
		for (unsigned k = 0; k < i; k++)
			ck_assert_uint_ne(lac[k].lns_tid, lac[i].lns_tid);
	}
	ck_assert_uint_eq(rig_count(&rig).tunnels, 5);
	rig_close(&rig);
}
END_TEST

START_TEST(packet_from_another_path_changes_nothing)
{
	/* §8.1, HDR-15, UDP-01: address, port, family, scope, mark, and each of our end */
	struct rig rig;
	struct lac lac, other;
	struct lns_ref ref;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	for (unsigned i = 0; i < 8; i++) {
		struct lns_addr *end;

		other = lac;
		end = i & 1 ? &other.path.local : &other.path.peer;
		if (i / 2 == 0)
			end->ip[3] ^= 1;
		else if (i / 2 == 1)
			end->port++;
		else if (i / 2 == 2)
			end->scope = 2;
		else
			other.path.mark = 1 + i;
		ck_assert(!lns_path_eq(&lac.path, &other.path));
		ck_assert_int_eq(lac_send_type(&other, MSG_CDN, ref.sid), LNS_DROPPED);
		ck_assert_int_eq(lac_send_type(&other, MSG_STOPCCN, 0), LNS_DROPPED);
		ck_assert_int_eq(lac_data(&other, ref.sid), LNS_DROPPED);
		rig_expect_nothing(&rig);
	}
	ck_assert_uint_eq(rig_count(&rig).dropped_path, 24);
	lac_send_type(&lac, MSG_HELLO, 0);
	lac_expect_zlb(&lac);
	ck_assert_int_eq(lac_data(&lac, ref.sid), LNS_DATA);
	rig_close(&rig);
}
END_TEST

START_TEST(ipv6_path_is_compared_whole)
{
	struct rig rig;
	struct lac lac, other;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac.path.local =
		(struct lns_addr){.ip = {0x20, 1, 0xd, 0xb8, [15] = 1}, .port = 1701, .family = 6};
	lac.path.peer = (struct lns_addr){
		.ip = {0xfe, 0x80, [15] = 9}, .port = 1701, .family = 6, .scope = 3};
	lac_connect(&lac);
	other = lac;
	other.path.peer.scope = 4;
	ck_assert_int_eq(lac_send_type(&other, MSG_HELLO, 0), LNS_DROPPED);
	other.path = lac.path;
	other.path.peer.ip[15]++;
	ck_assert_int_eq(lac_send_type(&other, MSG_HELLO, 0), LNS_DROPPED);
	lac_send_type(&lac, MSG_HELLO, 0);
	lac_expect_zlb(&lac);
	rig_close(&rig);
}
END_TEST

START_TEST(version_other_than_one_is_refused_with_five)
{
	/* §4.4.3, AVP-17, CC-19: a later revision of version 1 is welcome */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	msg = lac_sccrq(&lac);
	msg.protocol_version = 0x0200;
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
	lac_expect_refusal(&lac, lac.tid, 5, 0x0100 >> 8, NULL); /* as its reader swaps it */
	ck_assert_mem_eq(rig.head.body + 8 + 6, "\x00\x05\x01\x00", 4);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	lac_init(&lac, &rig, 2);
	msg = lac_sccrq(&lac);
	msg.protocol_version = 0x01ff;
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
	lac_expect(&lac, MSG_SCCRP);
	rig_close(&rig);
}
END_TEST

START_TEST(half_open_tunnels_are_bounded_in_number_and_time)
{
	/* CC-21: 5 of them, 30 s */
	struct rig rig;
	struct lac lac;
	unsigned taken = 0;

	rig_open(&rig);
	for (unsigned i = 0; i < 100000; i++) {
		lac_init(&lac, &rig, 1);
		lac.path.peer.port = (uint16_t)i;
		lac.path.peer.ip[2] = (uint8_t)(i >> 16);
		taken += send_sccrq(&lac) == LNS_TAKEN;
		ck_assert_uint_ge(taken, i < 5 ? i + 1 : 5);
		rig_drain(&rig);
	}
	/* one in 65535 is taken for one that repeats itself (sieve.h) */
	ck_assert_uint_le(taken, 5 + 8);
	ck_assert_uint_eq(rig_count(&rig).half_open, 5);
	ck_assert_uint_eq(rig_count(&rig).dropped_limit, 100000 - taken);
	rig_run(&rig, rig.now + 29999);
	ck_assert_uint_eq(rig_count(&rig).half_open, 5);
	rig.now++;
	lns_tick(rig.lns, rig.now);
	for (unsigned i = 0; i < 5; i++)
		rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LOST_CARRIER, BY_SERVER,
			       "not established in time");
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_uint_eq(rig_count(&rig).half_open, 0);
	lac_init(&lac, &rig, 9);
	lac_connect(&lac);
	rig_close(&rig);
}
END_TEST

START_TEST(established_tunnels_leave_room_for_half_open_ones)
{
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	for (uint8_t i = 0; i < 10; i++) {
		lac_init(&lac, &rig, i);
		lac_connect(&lac);
		ck_assert_uint_eq(rig_count(&rig).half_open, 0);
	}
	/* max-tunnels counts them all, lingering ones too; §4.4.2: insufficient resources */
	lac_init(&lac, &rig, 99);
	ck_assert_int_eq(send_sccrq(&lac), LNS_DROPPED);
	ck_assert_uint_eq(rig_count(&rig).dropped_limit, 1);
	lac_expect_refusal(&lac, lac.tid, 2, ERROR_RESOURCES, "server.max-tunnels is reached");
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(new_configuration_holds_at_once_where_it_says_so)
{
	/* limits and the HELLO interval; a shorter one for a tunnel that is silent already */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	rig_expect_nothing(&rig);
	rig.conf.hello = 10000;
	rig.conf.max_tunnels = 1;
	lns_reconf(rig.lns, &rig.conf);
	ck_assert_int_eq(lns_deadline(rig.lns), rig.now + 10000);
	rig.now += 10000;
	lns_tick(rig.lns, rig.now);
	lac_expect(&lac, MSG_HELLO);
	lac_init(&lac, &rig, 2);
	ck_assert_int_eq(send_sccrq(&lac), LNS_DROPPED);
	rig.conf.max_tunnels = 2;
	lns_reconf(rig.lns, &rig.conf);
	lac.ns = 0;
	ck_assert_int_eq(send_sccrq(&lac), LNS_TAKEN);
	rig_close(&rig);
}
END_TEST

START_TEST(shutdown_says_so_to_every_peer_and_waits)
{
	/* §4.4.2 StopCCN 6, CC-19; established and half-open ones */
	struct rig rig;
	struct lac up, half, late;

	rig_open(&rig);
	lac_init(&up, &rig, 1);
	lac_connect(&up);
	lac_call(&up, 7);
	lac_init(&half, &rig, 2);
	send_sccrq(&half);
	half.lns_tid = lac_expect(&half, MSG_SCCRP)->assigned_tunnel;
	lac_zlb(&half);
	rig_expect_nothing(&rig);
	ck_assert(lns_quiet(rig.lns));
	lns_shutdown(rig.lns, rig.now);
	ck_assert(!lns_quiet(rig.lns));
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_SHUTDOWN, BY_SERVER, NULL);
	rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_SHUTDOWN, BY_SERVER, NULL);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_SHUTDOWN, BY_SERVER, NULL);
	ck_assert_uint_eq(lac_expect(&half, MSG_STOPCCN)->result.result, 6);
	ck_assert_uint_eq(lac_expect(&up, MSG_STOPCCN)->result.result, 6);
	rig_expect_nothing(&rig);
	lac_zlb(&up);
	ck_assert(!lns_quiet(rig.lns));
	lac_zlb(&half);
	ck_assert(lns_quiet(rig.lns));
	lac_init(&late, &rig, 3);
	ck_assert_int_eq(send_sccrq(&late), LNS_DROPPED);
	lac_expect_refusal(&late, late.tid, 6, 0, NULL);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(stale_ref_of_a_tunnel_does_nothing)
{
	struct rig rig;
	struct lac lac;
	struct lns_ref ref, wrong;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = rig.act.ref;
	ck_assert_uint_eq(ref.sid, 0);
	ck_assert_uint_eq(ref.tid, lac.lns_tid);
	wrong = ref;
	wrong.serial++;
	lns_close(rig.lns, rig.now, wrong, CAUSE_ADMIN, BY_ADMIN, NULL);
	wrong = ref;
	wrong.tid++;
	lns_close(rig.lns, rig.now, wrong, CAUSE_ADMIN, BY_ADMIN, NULL);
	wrong = (struct lns_ref){0};
	lns_close(rig.lns, rig.now, wrong, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	rig_close(&rig);
}
END_TEST

START_TEST(nothing_is_freed_before_it_is_told)
{
	/* a batch of entries without taking actions: the refs in them are those of the dead */
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	lac_send_type(&lac, MSG_STOPCCN, 0);
	for (unsigned i = 0; i < 40; i++)
		lns_tick(rig.lns, rig.now += 1000);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_mem_eq(&rig_expect(&rig, LNS_ACT_PPP_STOP)->ref, &ref, sizeof(ref));
	ck_assert_uint_eq(rig_expect(&rig, LNS_ACT_TUNNEL_DOWN)->ref.tid, ref.tid);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(free_with_everything_alive_leaks_nothing)
{
	/* for the sanitizer: half-open, established with sessions, closing, lingering, early
	 * messages, actions untold */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	for (uint8_t i = 0; i < 4; i++) {
		lac_init(&lac, &rig, i);
		lac_connect(&lac);
		lac_call(&lac, 7);
		lac_ask(&lac, 8);
		if (i == 1)
			lns_close(rig.lns, rig.now, rig.act.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
		if (i == 2)
			lac_send_type(&lac, MSG_STOPCCN, 0);
		if (i == 3)
			lac_send_as(&lac, lac.lns_tid, 0, (uint16_t)(lac.ns + 2), lac.nr,
				    (const uint8_t *)"early", 5);
		rig_drain(&rig);
	}
	lac_init(&lac, &rig, 9);
	send_sccrq(&lac);
	lns_free(NULL);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lns");
	TCase *t = tcase_create("lns");
	SRunner *sr;
	int failed;

	tcase_add_test(t, one_port_has_a_bounded_number_of_tunnels);
	tcase_add_test(t, one_sa_has_a_bounded_number_of_tunnels);
	tcase_add_test(t, scraps_and_noise_make_no_state);
	tcase_add_test(t, malformed_sccrq_is_refused_and_makes_no_state);
	tcase_add_test(t, only_sccrq_makes_state);
	tcase_add_test(t, repeated_sccrq_makes_one_tunnel);
	tcase_add_test(t, other_peers_id_port_or_mark_is_another_tunnel);
	tcase_add_test(t, packet_from_another_path_changes_nothing);
	tcase_add_test(t, ipv6_path_is_compared_whole);
	tcase_add_test(t, version_other_than_one_is_refused_with_five);
	tcase_add_test(t, half_open_tunnels_are_bounded_in_number_and_time);
	tcase_add_test(t, established_tunnels_leave_room_for_half_open_ones);
	tcase_add_test(t, new_configuration_holds_at_once_where_it_says_so);
	tcase_add_test(t, shutdown_says_so_to_every_peer_and_waits);
	tcase_add_test(t, stale_ref_of_a_tunnel_does_nothing);
	tcase_add_test(t, nothing_is_freed_before_it_is_told);
	tcase_add_test(t, free_with_everything_alive_leaks_nothing);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
