/* What stock clients do, and how they come back. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/session.h"

static enum lns_verdict
send_sccrq(struct lac *lac)
{
	struct l2tp_msg msg = lac_sccrq(lac);

	return lac_send(lac, &msg, 0);
}

/* As lac_connect(), but what the new tunnel does to older ones is still to be taken. */
static void
connect_again(struct lac *lac)
{
	send_sccrq(lac);
	lac->lns_tid = lac_expect(lac, MSG_SCCRP)->assigned_tunnel;
	lac_send_type(lac, MSG_SCCCN, 0);
	rig_expect(lac->rig, LNS_ACT_TUNNEL_UP);
}

static void
as_windows(struct lac *lac)
{
	lac->vendor = "Microsoft";
	lac->host_name = "DESKTOP-1";
	lac->host_name_len = 9;
	lac->firmware = 0x0a00;
	lac->window = 8;
}

static void
as_apple(struct lac *lac)
{
	lac->host_name = "phone.local";
	lac->host_name_len = sizeof("phone.local");
	lac->window = 4;
}

static void
as_android(struct lac *lac)
{
	lac->host_name = "anonymous";
	lac->host_name_len = 9;
	lac->window = 1;
}

static void
as_router(struct lac *lac)
{
	lac->vendor = "MikroTik";
	lac->host_name = "router";
	lac->host_name_len = 6;
}

START_TEST(client_that_has_one_tunnel_replaces_it_at_once)
{
	/* the old one goes without a word: nobody is there to hear it */
	static void (*const as[])(struct lac *) = {as_windows, as_apple, as_android};

	for (size_t i = 0; i < 3; i++) {
		struct rig rig;
		struct lac old, new;

		rig_open(&rig);
		lac_init(&old, &rig, 1);
		as[i](&old);
		new = old;
		new.tid++;
		lac_connect(&old);
		lac_call(&old, 7);
		connect_again(&new);
		rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_REPLACED, BY_CLIENT, NULL);
		rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_REPLACED, BY_CLIENT, NULL);
		lac_expect_zlb(&new);
		rig_expect_nothing(&rig);
		ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(same_client_elsewhere_is_another_one)
{
	/* another mark, port or name is not the same client come back */
	for (unsigned i = 0; i < 3; i++) {
		struct rig rig;
		struct lac one, two;

		rig_open(&rig);
		lac_init(&one, &rig, 1);
		as_windows(&one);
		two = one;
		if (i == 0)
			two.path.mark = 0x20000001;
		else if (i == 1)
			two.path.peer.port = 50000;
		else
			two.host_name = "DESKTOP-2";
		two.tid++;
		lac_connect(&one);
		lac_connect(&two);
		rig_expect_nothing(&rig);
		ck_assert_uint_eq(rig_count(&rig).tunnels, 2);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(two_tunnels_of_one_host_and_port_both_live)
{
	/* §5.1, CC-12: the older one is asked, and answers */
	struct rig rig;
	struct lac one, two;
	struct lns_ref ref;

	rig_open(&rig);
	lac_init(&one, &rig, 1);
	as_router(&one);
	two = one;
	two.tid++;
	lac_connect(&one);
	ref = lac_call(&one, 7);
	connect_again(&two);
	lac_expect_zlb(&two);
	lac_expect(&one, MSG_HELLO);
	rig_expect_nothing(&rig);
	ck_assert_int_eq(lns_deadline(rig.lns), rig.now + 1000);
	lac_zlb(&one);
	rig_run(&rig, rig.now + 10000);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 2);
	ck_assert_int_eq(lac_data(&one, ref.sid), LNS_DATA);
	rig_close(&rig);
}
END_TEST

START_TEST(data_answers_the_question_for_life_too)
{
	struct rig rig;
	struct lac one, two;
	struct lns_ref ref;

	rig_open(&rig);
	lac_init(&one, &rig, 1);
	as_router(&one);
	two = one;
	two.tid++;
	lac_connect(&one);
	ref = lac_call(&one, 7);
	connect_again(&two);
	rig_drain(&rig);
	rig.now += 2000;
	ck_assert_int_eq(lac_data(&one, ref.sid), LNS_DATA);
	rig_run(&rig, rig.now + 5000);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 2);
	rig_close(&rig);
}
END_TEST

START_TEST(older_tunnel_that_stays_silent_is_replaced)
{
	struct rig rig;
	struct lac one, two;

	rig_open(&rig);
	lac_init(&one, &rig, 1);
	as_router(&one);
	two = one;
	two.tid++;
	lac_connect(&one);
	lac_call(&one, 7);
	connect_again(&two);
	rig_drain(&rig);
	rig_run(&rig, rig.now + 2999);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 2);
	rig.now++;
	lns_tick(rig.lns, rig.now);
	rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_REPLACED, BY_CLIENT, NULL);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_REPLACED, BY_CLIENT, NULL);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	rig_close(&rig);
}
END_TEST

START_TEST(vendor_attribute_in_icrq_is_passed_over)
{
	/* attribute 1 of vendor 311, 22 bytes, M=0: in a Windows ICRQ, even to the strict */
	static const uint8_t guid[16] = {1};
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;
	uint8_t body[256];
	struct wr w;

	rig_open(&rig);
	rig.conf.avp_strict = true;
	rig_start(&rig);
	lac_init(&lac, &rig, 1);
	as_windows(&lac);
	lac_connect(&lac);
	msg = lac_icrq(&lac, 1);
	w = wr_init(body, sizeof(body));
	wr_room(&w, lac_body(&msg, body, sizeof(body)));
	avp_raw(&w, 0, 311, 1, guid, sizeof(guid));
	lac_send_body(&lac, 0, body, wr_len(&w));
	rig_expect(&rig, LNS_ACT_PPP_START);
	lac_expect(&lac, MSG_ICRP);
	rig_close(&rig);
}
END_TEST

START_TEST(apples_farewell_is_understood)
{
	/* Result Code in its own byte order, its length counted twice; the NUL of the name is gone
	 */
	static const uint8_t cdn[] = {0x80, 8,	  0,	0,    0,    0, 0, 14, 0x80, 8, 0, 0, 0,
				      14,   0x00, 0x07, 0x80, 0x10, 0, 0, 0,  1,    3, 0, 0, 0};
	static const uint8_t stop[] = {0x80, 8,	   0,	 0,    0,    0, 0, 4, 0x80, 8, 0, 0, 0,
				       9,    0x00, 0x65, 0x80, 0x10, 0, 0, 0, 1,    6, 0, 0, 0};
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;

	rig_open(&rig);
	rig.conf.avp_strict = true;
	rig_start(&rig);
	lac_init(&lac, &rig, 1);
	as_apple(&lac);
	lac_connect(&lac);
	ck_assert_str_eq(endpoint_tunnel(rig.lns, lac.lns_tid)->host_name, "phone.local");
	ref = lac_call(&lac, 7);
	lac_send_body(&lac, ref.sid, cdn, sizeof(cdn));
	rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_USER_REQUEST, BY_CLIENT,
		       "CDN: administrative reasons");
	lac_expect_zlb(&lac);
	lac_send_body(&lac, 0, stop, sizeof(stop));
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_USER_REQUEST, BY_CLIENT,
		       "StopCCN: peer is being shut down");
	lac_expect_zlb(&lac);
	rig_expect_nothing(&rig);
	rig_close(&rig);
}
END_TEST

START_TEST(android_gets_one_message_at_a_time_and_is_understood)
{
	/* window 1; each acknowledgement at once, for it waits for that of its SCCCN and ICCN; a
	 * Result Code of two bytes */
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
	struct l2tp_msg msg = {.type = MSG_STOPCCN,
			       .has = HAS(ASSIGNED_TUNNEL) | HAS(RESULT_CODE),
			       .result = {.result = 1}};
	uint8_t body[64];
	size_t len;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	as_android(&lac);
	lac_connect(&lac);
	ref = lac_call(&lac, 7);
	rig.now += 60000;
	lns_tick(rig.lns, rig.now);
	lac_expect_datagram(&lac); /* a HELLO that it does not acknowledge */
	rig_expect_nothing(&rig);
	lns_close(rig.lns, rig.now, ref, CAUSE_IDLE_TIMEOUT, BY_SERVER, NULL);
	rig_expect(&rig, LNS_ACT_PPP_STOP);
	rig_expect_nothing(&rig); /* the CDN has to wait */
	lac.nr++;
	lac_zlb(&lac);
	lac_expect_cdn(&lac, 7, 3, 0);
	rig_expect_nothing(&rig);
	msg.assigned_tunnel = lac.tid;
	len = lac_body(&msg, body, sizeof(body));
	ck_assert_uint_eq(len, 8 + 8 + 8);
	lac_send_body(&lac, 0, body, len);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_USER_REQUEST, BY_CLIENT, NULL);
	lac_expect_zlb(&lac);
	rig_close(&rig);
}
END_TEST

START_TEST(redial_with_the_same_tunnel_id_is_served_at_once)
{
	/* the client hung up (a password mistyped) and comes again: there is nothing to wait for */
	struct rig rig;
	struct lac lac, again;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	again = lac;
	lac_connect(&lac);
	lac_send_type(&lac, MSG_STOPCCN, 0);
	rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
	lac_expect_zlb(&lac);
	rig.now += 1000;
	lac_connect(&again);
	ck_assert_uint_ne(again.lns_tid, lac.lns_tid);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	rig_close(&rig);
}
END_TEST

START_TEST(client_that_starts_again_with_the_same_id_replaces_its_tunnel)
{
	struct rig rig;
	struct lac lac, again;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	again = lac;
	lac_connect(&lac);
	lac_call(&lac, 7);
	rig.now += CHAN_CYCLE;
	/* an echo still */
	lac_send_as(&lac, 0, 0, 0, 0, (const uint8_t *)"", 0);
	send_sccrq(&again);
	lac_expect_datagram(&lac);
	ck_assert_uint_eq(rig.msg.type, MSG_ZLB);
	rig_expect_nothing(&rig);
	rig.now++;
	/* one that begins nothing ends nothing either, but is out of sequence in an old tunnel */
	again.ns = 9;
	send_sccrq(&again);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).sessions, 1);
	again.ns = 0;
	send_sccrq(&again);
	rig_expect_end(&rig, LNS_ACT_PPP_STOP, CAUSE_REPLACED, BY_CLIENT, NULL);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_REPLACED, BY_CLIENT, NULL);
	lac_expect(&again, MSG_SCCRP);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("client");
	TCase *t = tcase_create("client");
	SRunner *sr;
	int failed;

	tcase_add_test(t, client_that_has_one_tunnel_replaces_it_at_once);
	tcase_add_test(t, same_client_elsewhere_is_another_one);
	tcase_add_test(t, two_tunnels_of_one_host_and_port_both_live);
	tcase_add_test(t, data_answers_the_question_for_life_too);
	tcase_add_test(t, older_tunnel_that_stays_silent_is_replaced);
	tcase_add_test(t, vendor_attribute_in_icrq_is_passed_over);
	tcase_add_test(t, apples_farewell_is_understood);
	tcase_add_test(t, android_gets_one_message_at_a_time_and_is_understood);
	tcase_add_test(t, redial_with_the_same_tunnel_id_is_served_at_once);
	tcase_add_test(t, client_that_starts_again_with_the_same_id_replaces_its_tunnel);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
