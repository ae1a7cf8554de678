/* What is told about a call that goes on: WEN, SLI, MDMST, CSUN (RFC 2661 §6.13, §6.14, RFC 3573,
 * RFC 5515). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lns_fixture.h"

struct call {
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
};

/* One call, its ICCN with this framing. */
static void
call_open(struct call *c, uint32_t framing)
{
	struct l2tp_msg msg = lac_iccn();

	rig_open(&c->rig);
	lac_init(&c->lac, &c->rig, 1);
	lac_connect(&c->lac);
	c->ref = lac_ask(&c->lac, 7);
	msg.framing_type = framing;
	lac_send(&c->lac, &msg, c->ref.sid);
	rig_expect(&c->rig, LNS_ACT_PPP_GO);
	lac_expect_zlb(&c->lac);
}

static struct lns_session_info
info_of(const struct call *c)
{
	struct lns_session_info info;

	ck_assert(lns_find(c->rig.lns, c->ref, NULL, &info));
	return info;
}

START_TEST(wen_is_kept_and_shown_in_any_state)
{
	/* SES-11: the counters are totals, the last message says it all */
	struct call c;
	struct l2tp_msg msg = {
		.type = MSG_WEN, .has = HAS(CALL_ERRORS), .call_errors = {1, 2, 3, 4, 5, 6}};

	call_open(&c, 1);
	ck_assert(!info_of(&c).has_errors);
	lac_send(&c.lac, &msg, c.ref.sid);
	lac_expect_zlb(&c.lac);
	ck_assert(info_of(&c).has_errors);
	ck_assert_uint_eq(info_of(&c).errors.crc, 1);
	ck_assert_uint_eq(info_of(&c).errors.framing, 2);
	ck_assert_uint_eq(info_of(&c).errors.hardware, 3);
	ck_assert_uint_eq(info_of(&c).errors.buffer, 4);
	ck_assert_uint_eq(info_of(&c).errors.timeout, 5);
	ck_assert_uint_eq(info_of(&c).errors.alignment, 6);
	msg.call_errors.crc = 0xffffffff;
	lac_send(&c.lac, &msg, c.ref.sid);
	lac_expect_zlb(&c.lac);
	ck_assert_uint_eq(info_of(&c).errors.crc, 0xffffffff);
	c.ref = lac_ask(&c.lac, 8);
	lac_send(&c.lac, &msg, c.ref.sid);
	lac_expect_zlb(&c.lac);
	ck_assert_str_eq(info_of(&c).state, "wait-connect");
	ck_assert_uint_eq(info_of(&c).errors.alignment, 6);
	/* of a session that is gone: acknowledged, nothing else (SES-10) */
	lns_close(c.rig.lns, c.rig.now, c.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect(&c.rig, LNS_ACT_PPP_STOP);
	lac_expect_cdn(&c.lac, 8, 3, 0);
	lac_send(&c.lac, &msg, c.ref.sid);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
}
END_TEST

struct kept {
	unsigned count;
	char text[256];
};

static void
keep(void *ctx, const char *name, const char *value)
{
	struct kept *kept = ctx;
	size_t len = strlen(kept->text);

	kept->count++;
	snprintf(kept->text + len, sizeof(kept->text) - len, "%s=%s;", name, value);
}

START_TEST(sli_and_mdmst_are_acknowledged_and_kept)
{
	/* SES-12, MOH-01 */
	struct call c;
	struct kept kept = {0};
	struct l2tp_msg sli = {
		.type = MSG_SLI, .has = HAS(ACCM), .accm = {.send = 0xa0000, .receive = 0}};
	struct l2tp_msg mdmst = {.type = MSG_MDMST, .has = HAS(MOH_STATUS), .moh_status = 0x8001};

	call_open(&c, 1);
	lac_send(&c.lac, &sli, c.ref.sid);
	lac_expect_zlb(&c.lac);
	lac_send(&c.lac, &mdmst, c.ref.sid);
	lac_expect_zlb(&c.lac);
	mdmst.moh_status = 0;
	lac_send(&c.lac, &mdmst, c.ref.sid);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	lns_walk_attributes(c.rig.lns, c.ref, keep, &kept);
	ck_assert_str_eq(kept.text, "Framing Type=synchronous;"
				    "ACCM=send 0x000a0000, receive 0x00000000;"
				    "Modem On-Hold Status=not on hold (0x0000);");
	rig_close(&c.rig);
}
END_TEST

static void
expect_sli(struct call *c, uint32_t send, uint32_t receive)
{
	const struct l2tp_msg *msg = lac_expect(&c->lac, MSG_SLI);

	ck_assert_uint_eq(c->rig.head.sid, 7);
	ck_assert_uint_eq(msg->accm.send, send);
	ck_assert_uint_eq(msg->accm.receive, receive);
	lac_zlb(&c->lac);
	rig_expect_nothing(&c->rig);
}

START_TEST(accm_that_is_no_default_is_told_once)
{
	/* §6.14, SES-12: and told again when it changes, back to the default as well */
	struct call c;

	call_open(&c, 2);
	lns_set_accm(c.rig.lns, c.rig.now, c.ref, 0xffffffff, 0xffffffff);
	rig_expect_nothing(&c.rig);
	lns_set_accm(c.rig.lns, c.rig.now, c.ref, 0, 0xffffffff);
	expect_sli(&c, 0, 0xffffffff);
	lns_set_accm(c.rig.lns, c.rig.now, c.ref, 0, 0xffffffff);
	rig_expect_nothing(&c.rig);
	lns_set_accm(c.rig.lns, c.rig.now, c.ref, 0, 0xa0000);
	expect_sli(&c, 0, 0xa0000);
	lns_set_accm(c.rig.lns, c.rig.now, c.ref, 0xffffffff, 0xffffffff);
	expect_sli(&c, 0xffffffff, 0xffffffff);
	rig_close(&c.rig);
}
END_TEST

START_TEST(accm_is_not_told_where_it_means_nothing)
{
	/* synchronous framing; a call that is not up; a handle that is stale */
	struct call c;
	struct lns_ref early;

	call_open(&c, 1);
	lns_set_accm(c.rig.lns, c.rig.now, c.ref, 0, 0);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
	call_open(&c, 2);
	early = lac_ask(&c.lac, 8);
	lns_set_accm(c.rig.lns, c.rig.now, early, 0, 0);
	c.ref.serial++;
	lns_set_accm(c.rig.lns, c.rig.now, c.ref, 0, 0);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
}
END_TEST

START_TEST(csun_changes_the_speeds_of_its_tunnels_sessions)
{
	/* ALI-02: several in one message; what is another tunnel's, or nobody's, is passed over */
	struct call c;
	struct lac other;
	struct lns_ref second, theirs;
	struct lns_session_info info;
	struct l2tp_msg msg = {.type = MSG_CSUN, .has_line = 1u << LINE_SPEED_UPDATE};

	call_open(&c, 1);
	second = lac_call(&c.lac, 8);
	lac_init(&other, &c.rig, 2);
	lac_connect(&other);
	theirs = lac_call(&other, 7);
	msg.speeds.count = 4;
	msg.speeds.list[0] = (struct l2tp_speed){c.ref.sid, 100, 200};
	msg.speeds.list[1] = (struct l2tp_speed){theirs.sid, 1, 2};
	msg.speeds.list[2] = (struct l2tp_speed){0, 1, 2};
	msg.speeds.list[3] = (struct l2tp_speed){second.sid, 300, 400};
	lac_send(&c.lac, &msg, 0);
	lac_expect_zlb(&c.lac);
	ck_assert_uint_eq(info_of(&c).tx_speed, 100);
	ck_assert_uint_eq(info_of(&c).rx_speed, 200);
	ck_assert(lns_find(c.rig.lns, second, NULL, &info));
	ck_assert_uint_eq(info.rx_speed, 400);
	ck_assert(lns_find(c.rig.lns, theirs, NULL, &info));
	ck_assert_uint_eq(info.tx_speed, 1000000);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("status");
	TCase *t = tcase_create("status");
	SRunner *sr;
	int failed;

	tcase_add_test(t, wen_is_kept_and_shown_in_any_state);
	tcase_add_test(t, sli_and_mdmst_are_acknowledged_and_kept);
	tcase_add_test(t, accm_that_is_no_default_is_told_once);
	tcase_add_test(t, accm_is_not_told_where_it_means_nothing);
	tcase_add_test(t, csun_changes_the_speeds_of_its_tunnels_sessions);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
