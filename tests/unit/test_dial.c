/* Calls of ours to a LAC that has no tunnel with us: RFC 2661 §7.5.2, wait-tunnel. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

struct dial {
	struct rig rig;
	struct lac lac;
	struct lns_call call;
	struct lns_ref ref;
	const char *why;
};

static bool
dial(struct dial *d)
{
	return lns_dial(d->rig.lns, d->rig.now, &d->call, &d->ref, &d->why);
}

static void
check_state(const struct dial *d, const char *state)
{
	struct lns_session_info info;

	ck_assert(lns_find(d->rig.lns, d->ref, NULL, &info));
	ck_assert_str_eq(info.state, state);
}

/* A call to a host that has no tunnel: its SCCRQ has been sent. */
static void
dial_afar(struct dial *d)
{
	*d = (struct dial){.call = {.peer = "", .number = "5551212", .sub_address = ""}};
	rig_open(&d->rig);
	lac_init(&d->lac, &d->rig, 1);
	d->call.path = &d->lac.path;
	ck_assert(dial(d));
	check_state(d, "wait-tunnel");
	rig_expect(&d->rig, LNS_ACT_SEND);
	ck_assert_uint_eq(d->rig.msg.type, MSG_SCCRQ);
	d->lac.lns_tid = d->rig.msg.assigned_tunnel;
	d->lac.nr = 1;
	rig_expect_nothing(&d->rig);
}

static void
answer_sccrq(struct dial *d, uint32_t bearer)
{
	struct l2tp_msg msg = lac_sccrq(&d->lac);

	msg.type = MSG_SCCRP;
	msg.has |= HAS(BEARER_CAPS);
	msg.bearer_caps = bearer;
	lac_send(&d->lac, &msg, 0);
}

START_TEST(call_waits_for_the_tunnel_that_it_needs)
{
	/* §7.5.2 wait-tunnel; a second call waits for the same one */
	struct dial d;
	struct lns_ref first;
	struct l2tp_msg msg;

	dial_afar(&d);
	first = d.ref;
	d.call.number = "2";
	ck_assert(dial(&d));
	rig_expect_nothing(&d.rig);
	ck_assert_uint_eq(rig_count(&d.rig).tunnels, 1);
	answer_sccrq(&d, 1);
	rig_expect(&d.rig, LNS_ACT_TUNNEL_UP);
	lac_expect(&d.lac, MSG_SCCCN);
	lac_zlb(&d.lac);
	lac_expect(&d.lac, MSG_OCRQ);
	lac_expect(&d.lac, MSG_OCRQ);
	lac_zlb(&d.lac);
	rig_expect_nothing(&d.rig);
	msg = (struct l2tp_msg){
		.type = MSG_OCRP, .has = HAS(ASSIGNED_SESSION), .assigned_session = 7};
	lac_send(&d.lac, &msg, first.sid);
	ck_assert_mem_eq(&rig_expect(&d.rig, LNS_ACT_PPP_START)->ref, &first, sizeof(first));
	lac_expect_zlb(&d.lac);
	/* a further call finds the tunnel */
	ck_assert(dial(&d));
	check_state(&d, "wait-reply");
	lac_expect(&d.lac, MSG_OCRQ);
	rig_close(&d.rig);
}
END_TEST

START_TEST(peer_is_named_and_its_tunnel_is_found)
{
	static const struct lns_peer peers[] = {{.name = "branch", .host_name = "lac"}};
	struct dial d = {.call = {.number = "1", .sub_address = ""}};

	rig_open(&d.rig);
	d.rig.conf.peers = peers;
	d.rig.conf.peer_count = 1;
	rig_start(&d.rig);
	lac_init(&d.lac, &d.rig, 1);
	d.call.peer = "branch";
	ck_assert(!dial(&d));
	ck_assert_str_eq(d.why, "no such tunnel");
	d.call.path = &d.lac.path;
	ck_assert(dial(&d));
	rig_expect(&d.rig, LNS_ACT_SEND);
	d.lac.lns_tid = d.rig.msg.assigned_tunnel;
	d.lac.nr = 1;
	answer_sccrq(&d, 3);
	rig_expect(&d.rig, LNS_ACT_TUNNEL_UP);
	lac_expect(&d.lac, MSG_SCCCN);
	d.call.path = NULL;
	ck_assert(dial(&d));
	rig_close(&d.rig);
}
END_TEST

START_TEST(call_ends_when_the_new_tunnels_lac_cannot_dial)
{
	/* §6.9 */
	struct dial d;

	dial_afar(&d);
	answer_sccrq(&d, 0);
	rig_expect(&d.rig, LNS_ACT_TUNNEL_UP);
	rig_expect_end(&d.rig, LNS_ACT_PPP_STOP, CAUSE_NO_BEARER, BY_SERVER, NULL);
	lac_expect(&d.lac, MSG_SCCCN);
	lac_zlb(&d.lac);
	rig_expect_nothing(&d.rig);
	ck_assert_uint_eq(rig_count(&d.rig).sessions, 0);
	rig_close(&d.rig);
}
END_TEST

START_TEST(call_ends_with_the_tunnel_that_does_not_come)
{
	struct dial d;
	struct l2tp_msg msg = {.type = MSG_STOPCCN,
			       .has = HAS(ASSIGNED_TUNNEL) | HAS(RESULT_CODE),
			       .assigned_tunnel = 101,
			       .result = {.result = 4}};

	dial_afar(&d);
	lac_send(&d.lac, &msg, 0);
	rig_expect(&d.rig, LNS_ACT_PPP_STOP);
	ck_assert_mem_eq(&d.rig.act.ref, &d.ref, sizeof(d.ref));
	rig_expect(&d.rig, LNS_ACT_TUNNEL_DOWN);
	rig_close(&d.rig);
}
END_TEST

START_TEST(call_is_closed_in_wait_tunnel_without_a_cdn)
{
	/* §7.5.2; and what seems to be for a session that the peer cannot know is not */
	struct dial d;

	dial_afar(&d);
	lns_close(d.rig.lns, d.rig.now, d.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect_end(&d.rig, LNS_ACT_PPP_STOP, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect_nothing(&d.rig);
	answer_sccrq(&d, 3);
	rig_expect(&d.rig, LNS_ACT_TUNNEL_UP);
	lac_expect(&d.lac, MSG_SCCCN);
	lac_zlb(&d.lac);
	rig_expect_nothing(&d.rig);
	rig_close(&d.rig);
}
END_TEST

START_TEST(no_tunnel_is_opened_beyond_the_limit)
{
	struct dial d = {.call = {.peer = "", .number = "1", .sub_address = ""}};

	rig_open(&d.rig);
	d.rig.conf.max_tunnels = 0;
	lns_reconf(d.rig.lns, &d.rig.conf);
	lac_init(&d.lac, &d.rig, 1);
	d.call.path = &d.lac.path;
	ck_assert(!dial(&d));
	ck_assert_str_eq(d.why, "server.max-tunnels is reached");
	rig_expect_nothing(&d.rig);
	rig_close(&d.rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("dial");
	TCase *t = tcase_create("dial");
	SRunner *sr;
	int failed;

	tcase_add_test(t, call_waits_for_the_tunnel_that_it_needs);
	tcase_add_test(t, peer_is_named_and_its_tunnel_is_found);
	tcase_add_test(t, call_ends_when_the_new_tunnels_lac_cannot_dial);
	tcase_add_test(t, call_ends_with_the_tunnel_that_does_not_come);
	tcase_add_test(t, call_is_closed_in_wait_tunnel_without_a_cdn);
	tcase_add_test(t, no_tunnel_is_opened_beyond_the_limit);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
