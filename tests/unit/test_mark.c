/* Tunnels and the SA that protects them: its end, its renewal, its use. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/tunnel.h"

#define MARK 0x20000007u

/* A tunnel's other end under a mark; `n` tells apart several of one client. */
static void
lac_under(struct lac *lac, struct rig *rig, uint32_t mark, uint16_t n)
{
	lac_init(lac, rig, 1);
	lac->path.mark = mark;
	lac->tid = (uint16_t)(lac->tid + n);
}

static void
lac_begin(struct lac *lac)
{
	struct l2tp_msg msg = lac_sccrq(lac);

	ck_assert_int_eq(lac_send(lac, &msg, 0), LNS_TAKEN);
	lac->lns_tid = lac_expect(lac, MSG_SCCRP)->assigned_tunnel;
}

static struct lns_ref
tunnel_of(const struct rig *rig, const struct lac *lac)
{
	return (struct lns_ref){.tid = lac->lns_tid,
				.serial = endpoint_tunnel(rig->lns, lac->lns_tid)->serial};
}

START_TEST(lost_ends_every_tunnel_of_the_mark_and_sends_nothing)
{
	struct rig rig;
	struct lac half, up, closing, lingering, other, plain;

	rig_open(&rig);
	lac_under(&half, &rig, MARK, 1);
	lac_begin(&half);
	lac_under(&closing, &rig, MARK, 2);
	lac_connect(&closing);
	lns_close(rig.lns, rig.now, tunnel_of(&rig, &closing), CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_drain(&rig);
	lac_under(&lingering, &rig, MARK, 3);
	lac_connect(&lingering);
	lac_send_type(&lingering, MSG_STOPCCN, 0);
	rig_drain(&rig);
	lac_under(&up, &rig, MARK, 4);
	lac_connect(&up);
	lac_call(&up, 7);
	lac_under(&other, &rig, MARK + 1, 5);
	lac_connect(&other);
	lac_under(&plain, &rig, 0, 6);
	lac_connect(&plain);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 6);

	/* something waits to be sent, and must not be */
	lac_send_type(&up, MSG_HELLO, 0);
	lns_lost(rig.lns, rig.now, MARK);
	for (int i = 0; i < 3; i++) {
		const struct lns_act *act = rig_next(&rig);

		ck_assert_ptr_nonnull(act);
		ck_assert(act->kind == LNS_ACT_PPP_STOP || act->kind == LNS_ACT_TUNNEL_DOWN);
		ck_assert(act->ref.tid == up.lns_tid || act->ref.tid == half.lns_tid);
		ck_assert_int_eq(act->cause, CAUSE_IPSEC_GONE);
		ck_assert_int_eq(act->by, BY_SERVER);
	}
	rig_expect_nothing(&rig);
	ck_assert(lns_quiet(rig.lns));
	ck_assert_uint_eq(rig_count(&rig).tunnels, 2);
	ck_assert_uint_eq(rig_count(&rig).half_open, 0);
	ck_assert_uint_eq(rig_count(&rig).sessions, 0);
	lac_send_type(&other, MSG_HELLO, 0);
	lac_expect_zlb(&other);
	lac_send_type(&plain, MSG_HELLO, 0);
	lac_expect_zlb(&plain);
	rig_close(&rig);
}
END_TEST

START_TEST(unknown_mark_and_none_change_nothing)
{
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_under(&lac, &rig, 0, 1);
	lac_connect(&lac);
	for (uint32_t mark = 0; mark < 3; mark++) {
		lns_renewed(rig.lns, rig.now, mark);
		lns_lost(rig.lns, rig.now, mark);
		ck_assert(!lns_uses(rig.lns, mark));
	}
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	rig_close(&rig);
}
END_TEST

START_TEST(mark_is_used_from_sccrq_until_the_stopccn_is_acknowledged)
{
	struct rig rig;
	struct lac lac, peers;

	rig_open(&rig);
	lac_under(&lac, &rig, MARK, 1);
	ck_assert(!lns_uses(rig.lns, MARK));
	lac_begin(&lac);
	ck_assert(lns_uses(rig.lns, MARK));
	lac_send_type(&lac, MSG_SCCCN, 0);
	rig_drain(&rig);
	ck_assert(lns_uses(rig.lns, MARK));
	ck_assert(!lns_uses(rig.lns, MARK + 1));
	lns_close(rig.lns, rig.now, tunnel_of(&rig, &lac), CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_drain(&rig);
	lac.nr++;
	ck_assert(lns_uses(rig.lns, MARK));
	/* another's end, said by the peer, leaves the first one's use */
	lac_under(&peers, &rig, MARK, 2);
	lac_connect(&peers);
	lac_send_type(&peers, MSG_STOPCCN, 0);
	rig_drain(&rig);
	ck_assert(lns_uses(rig.lns, MARK));
	lac_zlb(&lac);
	ck_assert(!lns_uses(rig.lns, MARK));
	ck_assert_uint_eq(rig_count(&rig).tunnels, 2);
	rig_close(&rig);
}
END_TEST

START_TEST(renewed_sends_again_what_is_not_acknowledged)
{
	struct rig rig;
	struct lac lac, other;

	rig_open(&rig);
	lac_under(&other, &rig, MARK + 1, 2);
	lac_begin(&other);
	lac_under(&lac, &rig, MARK, 1);
	lac_begin(&lac);
	rig.now += 300;
	lns_renewed(rig.lns, rig.now, MARK);
	lac.nr--;
	lac_expect(&lac, MSG_SCCRP);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).retransmits, 1);
	/* nothing on the way: nothing to send */
	lac_send_type(&lac, MSG_SCCCN, 0);
	rig_drain(&rig);
	lns_renewed(rig.lns, rig.now, MARK);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(renewed_leaves_all_tries_to_come)
{
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_under(&lac, &rig, MARK, 1);
	lac_connect(&lac);
	rig_run(&rig, rig.now + 60000 + 30999); /* a HELLO, and silence */
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	lns_renewed(rig.lns, rig.now, MARK);
	lac_expect(&lac, MSG_HELLO);
	rig_expect_nothing(&rig);
	rig_run(&rig, rig.now + 30999);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	lns_tick(rig.lns, ++rig.now);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LOST_CARRIER, BY_SERVER, NULL);
	rig_close(&rig);
}
END_TEST

enum sign { SIGN_NONE, SIGN_ZLB, SIGN_HELLO, SIGN_DATA };

/*
 * A client with a tunnel and a session; its SA is renewed; perhaps it gives a sign of life; `again`
 * sets up another tunnel. True when the first one gives way at once.
 */
static bool
gives_way(enum sign sign, void (*change)(struct lac *again))
{
	struct rig rig;
	struct lac lac, again;
	struct lns_ref ref;
	bool gone;

	rig_open(&rig);
	lac_under(&lac, &rig, MARK, 1);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	rig.now += 1000;
	lns_renewed(rig.lns, rig.now, MARK);
	if (sign == SIGN_ZLB)
		lac_zlb(&lac);
	else if (sign == SIGN_HELLO)
		lac_send_type(&lac, MSG_HELLO, 0);
	else if (sign == SIGN_DATA)
		lac_data(&lac, ref.sid);
	rig_drain(&rig);
	lac_under(&again, &rig, MARK, 2);
	change(&again);
	lac_begin(&again);
	lac_send_type(&again, MSG_SCCCN, 0);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	gone = rig_count(&rig).tunnels == 1;
	if (gone) {
		rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_REPLACED, BY_CLIENT, NULL);
		rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_REPLACED, BY_CLIENT, NULL);
		lac_expect_zlb(&again);
		rig_expect_nothing(&rig);
	}
	rig_close(&rig);
	return gone;
}

static void
nothing_else(struct lac *again)
{
	(void)again;
}

static void
another_port(struct lac *again)
{
	again->path.peer.port = 51234;
}

static void
another_name(struct lac *again)
{
	again->host_name = "lad";
}

static void
another_mark(struct lac *again)
{
	again->path.mark++;
}

START_TEST(tunnel_unheard_since_the_renewal_gives_way_at_once)
{
	ck_assert(gives_way(SIGN_NONE, nothing_else));
	ck_assert(gives_way(SIGN_NONE, another_port));
}
END_TEST

START_TEST(tunnel_heard_since_the_renewal_stays)
{
	ck_assert(!gives_way(SIGN_ZLB, nothing_else));
	ck_assert(!gives_way(SIGN_HELLO, nothing_else));
	ck_assert(!gives_way(SIGN_DATA, nothing_else));
	ck_assert(!gives_way(SIGN_DATA, another_port));
}
END_TEST

START_TEST(tunnel_of_another_host_or_mark_stays)
{
	ck_assert(!gives_way(SIGN_NONE, another_name));
	ck_assert(!gives_way(SIGN_NONE, another_mark));
}
END_TEST

START_TEST(client_that_comes_back_with_the_same_id_is_answered_after_a_renewal)
{
	/* within the time in which its SCCRQ would be taken for a repetition */
	struct rig rig;
	struct lac lac, again;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_under(&lac, &rig, MARK, 1);
	again = lac;
	lac_connect(&lac);
	rig.now += 2000;
	msg = lac_sccrq(&again);
	ck_assert_int_eq(lac_send(&again, &msg, 0), LNS_TAKEN);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).half_open, 0);
	again.ns = 0;
	lns_renewed(rig.lns, rig.now, MARK);
	ck_assert_int_eq(lac_send(&again, &msg, 0), LNS_TAKEN);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_REPLACED, BY_CLIENT, NULL);
	lac_expect(&again, MSG_SCCRP);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	rig_close(&rig);
}
END_TEST

START_TEST(renewal_during_set_up_does_not_begin_it_again)
{
	/* the SCCRQ that comes once more is a repetition: the SCCRP was lost with the old SA */
	struct rig rig;
	struct lac lac;

	rig_open(&rig);
	lac_under(&lac, &rig, MARK, 1);
	lac_begin(&lac);
	lns_renewed(rig.lns, rig.now, MARK);
	rig_drain(&rig);
	lac.ns = 0;
	lac.nr = 0;
	{
		struct l2tp_msg msg = lac_sccrq(&lac);
		uint8_t body[256];

		lac_send_as(&lac, 0, 0, 0, 0, body, lac_body(&msg, body, sizeof(body)));
	}
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	ck_assert_uint_eq(rig.lns->tunnels->tid, lac.lns_tid);
	rig_close(&rig);
}
END_TEST

START_TEST(probe_ends_what_stays_silent)
{
	struct rig rig;
	struct lac dead, alive, other;

	rig_open(&rig);
	lac_under(&dead, &rig, MARK, 1);
	lac_connect(&dead);
	lac_under(&alive, &rig, MARK + 1, 2);
	lac_connect(&alive);
	lac_under(&other, &rig, MARK + 2, 3);
	lac_connect(&other);
	rig_drain(&rig);
	lns_probe(rig.lns, rig.now, MARK);
	lns_probe(rig.lns, rig.now, MARK + 1);
	rig_drain(&rig);
	lac_send_type(&alive, MSG_HELLO, 0);
	rig_drain(&rig);
	rig_run(&rig, rig.now + 4000);
	rig_drain(&rig);
	ck_assert_ptr_null(endpoint_tunnel(rig.lns, dead.lns_tid));
	ck_assert_ptr_nonnull(endpoint_tunnel(rig.lns, alive.lns_tid));
	ck_assert_ptr_nonnull(endpoint_tunnel(rig.lns, other.lns_tid));
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("mark");
	TCase *t = tcase_create("mark");
	SRunner *sr;
	int failed;

	tcase_add_test(t, lost_ends_every_tunnel_of_the_mark_and_sends_nothing);
	tcase_add_test(t, unknown_mark_and_none_change_nothing);
	tcase_add_test(t, mark_is_used_from_sccrq_until_the_stopccn_is_acknowledged);
	tcase_add_test(t, renewed_sends_again_what_is_not_acknowledged);
	tcase_add_test(t, renewed_leaves_all_tries_to_come);
	tcase_add_test(t, tunnel_unheard_since_the_renewal_gives_way_at_once);
	tcase_add_test(t, tunnel_heard_since_the_renewal_stays);
	tcase_add_test(t, tunnel_of_another_host_or_mark_stays);
	tcase_add_test(t, client_that_comes_back_with_the_same_id_is_answered_after_a_renewal);
	tcase_add_test(t, renewal_during_set_up_does_not_begin_it_again);
	tcase_add_test(t, probe_ends_what_stays_silent);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
