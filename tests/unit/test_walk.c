/* What the core shows of its tunnels and sessions. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

struct seen {
	unsigned tunnels, sessions;
	struct lns_tunnel_info tunnel;
	struct lns_session_info session;
};

static void
see_tunnel(void *ctx, const struct lns_tunnel_info *info)
{
	struct seen *seen = ctx;

	seen->tunnels++;
	seen->tunnel = *info;
}

static void
see_session(void *ctx, const struct lns_tunnel_info *tunnel, const struct lns_session_info *info)
{
	struct seen *seen = ctx;

	seen->sessions++;
	seen->tunnel = *tunnel;
	seen->session = *info;
}

START_TEST(walk_shows_tunnels_and_sessions)
{
	struct rig rig;
	struct lac lac;
	struct seen seen = {0};
	struct l2tp_msg msg;
	struct lns_ref ref;
	mstime_t start;

	rig_open(&rig);
	start = rig.now;
	lns_walk_tunnels(rig.lns, see_tunnel, &seen);
	lns_walk_sessions(rig.lns, see_session, &seen);
	ck_assert_uint_eq(seen.tunnels + seen.sessions, 0);
	lac_init(&lac, &rig, 1);
	lac.host_name = "it's \"me\"";
	lac.host_name_len = 9;
	lac.vendor = "MikroTik";
	lac.firmware = 0x0690;
	lac.window = 0;
	msg = lac_sccrq(&lac);
	lac_send(&lac, &msg, 0);
	lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	lns_walk_tunnels(rig.lns, see_tunnel, &seen);
	ck_assert(seen.tunnel.half_open);
	ck_assert_str_eq(seen.tunnel.state, "wait-ctl-conn");
	ck_assert_str_eq(seen.tunnel.host_name, "it's \\\"me\\\"");
	ck_assert_str_eq(seen.tunnel.vendor, "MikroTik");
	ck_assert_str_eq(seen.tunnel.client, "mikrotik");
	ck_assert_uint_eq(seen.tunnel.firmware, 0x0690);
	ck_assert_uint_eq(seen.tunnel.peer_tid, lac.tid);
	ck_assert_uint_eq(seen.tunnel.ref.tid, lac.lns_tid);
	ck_assert_uint_eq(seen.tunnel.ref.sid, 0);
	ck_assert_uint_eq(seen.tunnel.window, 4);
	ck_assert_uint_eq(seen.tunnel.cwnd, 1);
	ck_assert_int_eq(seen.tunnel.since, start);
	ck_assert(lns_path_eq(&seen.tunnel.path, &lac.path));
	rig.now += 5;
	lac_send_type(&lac, MSG_SCCCN, 0);
	rig_drain(&rig);
	lac.serial = 99;
	msg = lac_icrq(&lac, 7);
	msg.has |= HAS(CALLING_NUMBER) | HAS(CALLED_NUMBER);
	msg.calling = BYTES("030\n1");
	msg.called = BYTES("031");
	lac_send(&lac, &msg, 0);
	ref = rig_expect(&rig, LNS_ACT_PPP_START)->ref;
	lac_expect(&lac, MSG_ICRP);
	lns_walk_sessions(rig.lns, see_session, &seen);
	ck_assert_str_eq(seen.session.state, "wait-connect");
	ck_assert(!seen.session.established);
	rig.now += 5;
	msg = lac_iccn();
	msg.has |= HAS(RX_SPEED);
	msg.rx_speed = 64000;
	lac_send(&lac, &msg, ref.sid);
	rig_drain(&rig);
	lns_walk_sessions(rig.lns, see_session, &seen);
	ck_assert_uint_eq(seen.sessions, 2);
	ck_assert_mem_eq(&seen.session.ref, &ref, sizeof(ref));
	ck_assert_uint_eq(seen.session.peer_sid, 7);
	ck_assert(seen.session.established);
	ck_assert_str_eq(seen.session.state, "established");
	ck_assert_str_eq(seen.session.calling, "030\\x0a1");
	ck_assert_str_eq(seen.session.called, "031");
	ck_assert_uint_eq(seen.session.serial_number, 99);
	ck_assert_uint_eq(seen.session.tx_speed, 1000000);
	ck_assert_uint_eq(seen.session.rx_speed, 64000);
	ck_assert_int_eq(seen.session.tunnel_since, start);
	ck_assert_int_eq(seen.session.since, start + 5);
	ck_assert_int_eq(seen.session.established_at, start + 10);
	ck_assert_uint_eq(seen.tunnel.sessions, 1);
	ck_assert(!seen.tunnel.half_open);
	ck_assert_uint_eq(seen.tunnel.ns, 2);
	ck_assert_uint_eq(seen.tunnel.nr, 4);
	rig_close(&rig);
}
END_TEST

START_TEST(find_gives_what_a_live_ref_names)
{
	struct rig rig;
	struct lac lac, other;
	struct lns_ref tunnel, ref, wrong;
	struct lns_tunnel_info t;
	struct lns_session_info s;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	tunnel = (struct lns_ref){.tid = lac.lns_tid, .serial = rig.act.ref.serial};
	ref = lac_call(&lac, 7);
	lac_init(&other, &rig, 2);
	lac_connect(&other);
	ck_assert(lns_find(rig.lns, ref, &t, &s));
	ck_assert_mem_eq(&s.ref, &ref, sizeof(ref));
	ck_assert_uint_eq(t.peer_tid, lac.tid);
	ck_assert(lns_find(rig.lns, tunnel, &t, &s));
	ck_assert_mem_eq(&t.ref, &tunnel, sizeof(tunnel));
	ck_assert_uint_eq(s.ref.sid, 0);
	ck_assert(lns_find(rig.lns, ref, NULL, NULL));
	wrong = ref;
	wrong.serial++;
	ck_assert(!lns_find(rig.lns, wrong, &t, &s));
	wrong = ref;
	wrong.tid = other.lns_tid; /* the session of another tunnel */
	ck_assert(!lns_find(rig.lns, wrong, &t, &s));
	wrong = ref;
	wrong.sid ^= 1;
	ck_assert(!lns_find(rig.lns, wrong, &t, &s));
	wrong = tunnel;
	wrong.serial++;
	ck_assert(!lns_find(rig.lns, wrong, &t, &s));
	wrong = tunnel;
	wrong.tid ^= 1;
	ck_assert(!lns_find(rig.lns, wrong, &t, &s));
	lac_send_type(&lac, MSG_STOPCCN, 0);
	ck_assert(!lns_find(rig.lns, ref, NULL, NULL));
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("walk");
	TCase *t = tcase_create("walk");
	SRunner *sr;
	int failed;

	tcase_add_test(t, walk_shows_tunnels_and_sessions);
	tcase_add_test(t, find_gives_what_a_live_ref_names);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
