/* Tunnels that we ask for: RFC 2661 §5.1, §7.2.1 from wait-ctl-reply on, and the tie breaker. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/sccrq.h"
#include "l2tp/tunnel.h"
#include "md5.h"

#define SECRET "ba ba black sheep"

static void
with_secret(struct rig *rig)
{
	rig->conf.others.secret_len = sizeof(SECRET) - 1;
	memcpy(rig->conf.others.secret, SECRET, sizeof(SECRET) - 1);
	rig_start(rig);
}

static struct peer *
others(const struct rig *rig)
{
	return peer_named(&rig->lns->peers, "");
}

/* Asks the LAC for a tunnel; its SCCRQ is in rig->msg. */
static struct tunnel *
ask(struct lac *lac)
{
	struct rig *rig = lac->rig;
	const char *why;
	struct tunnel *t;

	endpoint_enter(rig->lns, rig->now); /* as lns_dial() does */
	t = tunnel_open(rig->lns, &lac->path, others(rig), &why);
	ck_assert_ptr_nonnull(t);
	ck_assert_int_eq(rig_expect(rig, LNS_ACT_SEND)->kind, LNS_ACT_SEND);
	ck_assert_uint_eq(rig->msg.type, MSG_SCCRQ);
	ck_assert_uint_eq(rig->head.tid, 0);
	ck_assert_uint_eq(rig->head.sid, 0);
	ck_assert_uint_eq(rig->head.ns, 0);
	ck_assert_uint_eq(rig->head.nr, 0);
	lac->lns_tid = rig->msg.assigned_tunnel;
	lac->nr = 1;
	return t;
}

static struct l2tp_msg
sccrp(const struct lac *lac)
{
	struct l2tp_msg msg = lac_sccrq(lac);

	msg.type = MSG_SCCRP;
	return msg;
}

START_TEST(sccrq_carries_what_it_must)
{
	/* §6.1, CC-01 from the other side; AVP-14: the tie breaker with M=0 is for msg's tests */
	struct rig rig;
	struct lac lac;
	uint64_t first;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	ask(&lac);
	ck_assert_uint_eq(rig.msg.protocol_version, 0x0100);
	ck_assert_uint_eq(rig.msg.framing_caps, 3);
	ck_assert_uint_eq(rig.msg.host_name.len, strlen("lns.example"));
	ck_assert_uint_eq(rig.msg.window, 8);
	ck_assert_uint_ne(rig.msg.assigned_tunnel, 0);
	ck_assert(MSG_HAS(&rig.msg, AVP_TIE_BREAKER));
	ck_assert(!MSG_HAS(&rig.msg, AVP_CHALLENGE));
	first = rig.msg.tie_breaker;
	lac_init(&lac, &rig, 2);
	ask(&lac);
	ck_assert(rig.msg.tie_breaker != first);
	rig_close(&rig);
}
END_TEST

START_TEST(lock_step_establishment_is_appendix_b1_from_the_other_side)
{
	/* App. B.1, REL-17; §7.2.1 wait-ctl-reply */
	struct rig rig;
	struct lac lac;
	struct tunnel *t;
	struct l2tp_msg msg;
	struct lns_tunnel_info info;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	t = ask(&lac);
	ck_assert_str_eq(tunnel_state_name(t->state), "wait-ctl-reply");
	msg = sccrp(&lac);
	ck_assert_int_eq(lac_send_as(&lac, lac.lns_tid, 0, 0, 1, NULL, 0), LNS_TAKEN);
	rig_expect_nothing(&rig); /* its ZLB is no answer yet */
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	ck_assert(lns_find(rig.lns, rig.act.ref, &info, NULL));
	ck_assert(info.opened);
	ck_assert(!info.half_open);
	ck_assert(!info.authenticated);
	ck_assert_str_eq(info.host_name, "lac");
	ck_assert_uint_eq(info.peer_tid, lac.tid);
	lac_expect(&lac, MSG_SCCCN);
	ck_assert_uint_eq(rig.head.ns, 1);
	ck_assert_uint_eq(rig.head.nr, 1);
	rig_expect_nothing(&rig);
	lac_zlb(&lac);
	rig_expect_nothing(&rig);
	/* and it is a tunnel like any other */
	lac_call(&lac, 7);
	rig_close(&rig);
}
END_TEST

static struct l2tp_bytes
respond(uint8_t out[16], uint8_t id, struct l2tp_bytes challenge)
{
	const struct md5_part parts[] = {
		{&id, 1}, {SECRET, sizeof(SECRET) - 1}, {challenge.p, challenge.len}};

	ck_assert(md5(out, parts, 3));
	return (struct l2tp_bytes){out, 16};
}

START_TEST(both_sides_prove_themselves)
{
	/* CC-06: our challenge in SCCRQ, its answer in SCCRP (2), ours in SCCCN (3) */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;
	uint8_t asked[16], theirs[16], right[16];
	struct lns_tunnel_info info;

	rig_open(&rig);
	with_secret(&rig);
	lac_init(&lac, &rig, 1);
	ask(&lac);
	ck_assert_uint_eq(rig.msg.challenge.len, 16);
	memcpy(asked, rig.msg.challenge.p, 16);
	msg = sccrp(&lac);
	msg.has |= HAS(CHALLENGE) | HAS(RESPONSE);
	msg.challenge = BYTES("x");
	msg.response = respond(theirs, 2, (struct l2tp_bytes){asked, 16});
	lac_send(&lac, &msg, 0);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	ck_assert(lns_find(rig.lns, rig.act.ref, &info, NULL));
	ck_assert(info.authenticated);
	lac_expect(&lac, MSG_SCCCN);
	ck_assert(!MSG_HAS(&rig.msg, AVP_CHALLENGE));
	ck_assert_mem_eq(rig.msg.response.p, respond(right, 3, BYTES("x")).p, 16);
	rig_close(&rig);
}
END_TEST

enum fault { NO_RESPONSE, WRONG_RESPONSE, OUR_CHALLENGE, NO_SECRET, VERSION, NO_HOST_NAME, FAULTS };

/* A SCCRP that is not acceptable. */
static struct l2tp_msg
bad_sccrp(const struct lac *lac, enum fault fault, const uint8_t asked[16], uint8_t out[16])
{
	struct l2tp_msg msg = sccrp(lac);

	if (fault == WRONG_RESPONSE || fault == OUR_CHALLENGE) {
		msg.has |= HAS(RESPONSE);
		msg.response = respond(out, fault == WRONG_RESPONSE ? 3 : 2,
				       (struct l2tp_bytes){asked, 16});
	}
	if (fault == OUR_CHALLENGE || fault == NO_SECRET) {
		msg.has |= HAS(CHALLENGE);
		msg.challenge = (struct l2tp_bytes){asked, 16};
	}
	if (fault == VERSION)
		msg.protocol_version = 0x0200;
	if (fault == NO_HOST_NAME)
		msg.has &= ~HAS(HOST_NAME);
	return msg;
}

START_TEST(sccrp_that_is_not_acceptable_ends_the_tunnel)
{
	/* §7.2.1, CC-04, CC-07, CC-08, AVP-17, CC-20; the StopCCN goes to the id that it gave */
	static const struct {
		unsigned result, error;
		const char *text;
	} rows[FAULTS] = {
		[NO_RESPONSE] = {4, 0, "no response to our challenge"},
		[WRONG_RESPONSE] = {4, 0, "wrong tunnel secret"},
		[OUR_CHALLENGE] = {4, 0, "the challenge is one of ours"},
		[NO_SECRET] = {4, 0, "no tunnel secret is configured here"},
		[VERSION] = {5, 1, NULL},
		[NO_HOST_NAME] = {2, ERROR_VALUE, NULL},
	};

	for (unsigned fault = 0; fault < FAULTS; fault++) {
		struct rig rig;
		struct lac lac;
		struct l2tp_msg msg;
		uint8_t asked[16] = {0}, response[16];
		const struct l2tp_msg *stop;

		rig_open(&rig);
		if (fault <= OUR_CHALLENGE)
			with_secret(&rig);
		lac_init(&lac, &rig, 1);
		ask(&lac);
		if (fault <= OUR_CHALLENGE)
			memcpy(asked, rig.msg.challenge.p, 16);
		msg = bad_sccrp(&lac, (enum fault)fault, asked, response);
		ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
		rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
		if (rows[fault].text)
			ck_assert_str_eq(rig.act.text, rows[fault].text);
		stop = lac_expect(&lac, MSG_STOPCCN);
		ck_assert_uint_eq(stop->result.result, rows[fault].result);
		ck_assert_uint_eq(stop->result.error, rows[fault].error);
		ck_assert_uint_eq(stop->assigned_tunnel, lac.lns_tid);
		rig_expect_nothing(&rig);
		lac_zlb(&lac);
		rig_run(&rig, rig.now + 31000);
		ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(message_out_of_sequence_ends_the_tunnel)
{
	/* §7.2.1, CC-04, CC-05: a SCCRQ in the tunnel itself, SCCCN, a call; nobody knows his id */
	static const unsigned types[] = {MSG_SCCRQ, MSG_SCCCN, MSG_ICRQ, MSG_CDN};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct rig rig;
		struct lac lac;
		struct l2tp_msg msg;

		rig_open(&rig);
		lac_init(&lac, &rig, 1);
		ask(&lac);
		msg = types[i] == MSG_ICRQ ? lac_icrq(&lac, 7) : lac_sccrq(&lac);
		msg.type = (uint16_t)types[i];
		ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
		rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_PROTOCOL_ERROR, BY_SERVER, NULL);
		rig_expect(&rig, LNS_ACT_SEND);
		ck_assert_uint_eq(rig.msg.type, MSG_STOPCCN);
		ck_assert_uint_eq(rig.msg.result.result, 7);
		ck_assert_uint_eq(rig.msg.assigned_tunnel, lac.lns_tid);
		ck_assert_uint_eq(rig.head.tid, 0);
		rig_expect_nothing(&rig);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(hello_and_unknown_types_change_nothing_in_any_state)
{
	/* §4.4.1, AVP-09: acknowledged */
	static const uint8_t unknown[] = {0, 8, 0, 0, 0, 0, 0, 99};
	struct rig rig;
	struct lac lac;
	struct tunnel *t;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	t = ask(&lac);
	lac_send_type(&lac, MSG_HELLO, 0);
	lac_send_body(&lac, 0, unknown, sizeof(unknown));
	ck_assert_int_eq(t->state, T_WAIT_CTL_REPLY);
	rig_close(&rig);
}
END_TEST

START_TEST(stopccn_of_the_peer_is_an_answer)
{
	/* §7.2.1, HDR-11: to our id, or to 0 by a peer that could not read it; acknowledged to the
	 * id that it gives */
	for (int zero = 0; zero < 2; zero++) {
		struct rig rig;
		struct lac lac;
		struct l2tp_msg msg = {.type = MSG_STOPCCN,
				       .has = HAS(ASSIGNED_TUNNEL) | HAS(RESULT_CODE),
				       .result = {.result = 4, .text = BYTES("who are you")}};

		rig_open(&rig);
		lac_init(&lac, &rig, 1);
		ask(&lac);
		msg.assigned_tunnel = lac.tid;
		if (zero)
			lac.lns_tid = 0;
		ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
		rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_USER_REQUEST, BY_CLIENT,
			       "StopCCN: not authorized to establish a control channel: "
			       "who are you");
		lac_expect_zlb(&lac);
		rig_expect_nothing(&rig);
		rig_run(&rig, rig.now + 31000);
		ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(silent_peer_is_given_up)
{
	/* §5.8, CC-21: the same SCCRQ at 1, 3, 7, 15 and 23 s, and the end at 30 s */
	struct rig rig;
	struct lac lac;
	mstime_t start;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	ask(&lac);
	rig_expect_nothing(&rig);
	start = rig.now;
	rig_run(&rig, start + 29999);
	ck_assert_uint_eq(rig_count(&rig).retransmits, 5);
	ck_assert_uint_eq(rig_count(&rig).half_open, 1);
	rig.now = start + 30000;
	lns_tick(rig.lns, rig.now);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_LOST_CARRIER, BY_SERVER,
		       "not established in time");
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_uint_eq(rig.lns->by_host.count, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(local_address_is_learnt_from_the_answer)
{
	/* UDP-03: what leaves afterwards leaves from there, and what comes has to come there */
	struct rig rig;
	struct lac lac, asked;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	asked = lac;
	memset(asked.path.local.ip, 0, sizeof(asked.path.local.ip));
	ask(&asked);
	lac.lns_tid = asked.lns_tid;
	lac.nr = 1;
	asked = lac;
	asked.path.peer.ip[3]++;
	msg = sccrp(&lac);
	ck_assert_int_eq(lac_send(&asked, &msg, 0), LNS_DROPPED);
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_TAKEN);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	lac_expect(&lac, MSG_SCCCN); /* along the whole path */
	asked = lac;
	asked.path.local.ip[3]++;
	ck_assert_int_eq(lac_send_type(&asked, MSG_HELLO, 0), LNS_DROPPED);
	lac_send_type(&lac, MSG_HELLO, 0);
	lac_expect_zlb(&lac);
	rig_close(&rig);
}
END_TEST

START_TEST(nothing_is_opened_against_a_limit)
{
	struct rig rig;
	struct lac lac;
	const char *why = NULL;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	rig.conf.max_half_open = 1;
	lns_reconf(rig.lns, &rig.conf);
	ask(&lac);
	ck_assert_ptr_null(tunnel_open(rig.lns, &lac.path, others(&rig), &why));
	ck_assert_str_eq(why, "server.max-half-open is reached");
	rig.conf.max_tunnels = 1;
	lns_reconf(rig.lns, &rig.conf);
	ck_assert_ptr_null(tunnel_open(rig.lns, &lac.path, others(&rig), &why));
	ck_assert_str_eq(why, "server.max-tunnels is reached");
	rig.conf.max_tunnels = rig.conf.max_half_open = 10;
	rig.conf.others.secret_missing = true;
	lns_reconf(rig.lns, &rig.conf);
	ck_assert_ptr_null(tunnel_open(rig.lns, &lac.path, others(&rig), &why));
	ck_assert_str_eq(why, "the tunnel secret of the peer cannot be read");
	lns_shutdown(rig.lns, rig.now);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_SHUTDOWN, BY_SERVER, NULL);
	ck_assert_ptr_null(tunnel_open(rig.lns, &lac.path, others(&rig), &why));
	ck_assert_str_eq(why, "the daemon is being stopped");
	rig_close(&rig);
}
END_TEST

START_TEST(tie_is_broken_by_the_lower_value)
{
	/* §4.4.3, CC-10: as numbers of 64 bits */
	static const uint64_t low = 1, high = UINT64_C(0x8000000000000000), same = 1;

	ck_assert_int_eq(sccrq_tie(&low, &high), TIE_OURS);
	ck_assert_int_eq(sccrq_tie(&high, &low), TIE_THEIRS);
	ck_assert_int_eq(sccrq_tie(&low, &same), TIE_EQUAL);
	ck_assert_int_eq(sccrq_tie(&high, NULL), TIE_OURS);
	ck_assert_int_eq(sccrq_tie(NULL, &high), TIE_THEIRS);
	ck_assert_int_eq(sccrq_tie(NULL, NULL), TIE_NONE);
}
END_TEST

/* The LAC asks as well, with a tie breaker that many above ours; NULL: with none. */
static enum lns_verdict
ask_back(struct lac *lac, const struct tunnel *t, const int *above)
{
	struct l2tp_msg msg = lac_sccrq(lac);

	if (above) {
		msg.has |= HAS(TIE_BREAKER);
		msg.tie_breaker = t->tie_breaker + (uint64_t)(int64_t)*above;
	}
	lac->ns = 0;
	lac->lns_tid = 0;
	return lac_send(lac, &msg, 0);
}

START_TEST(loser_goes_on_as_the_one_who_was_asked)
{
	/* CC-10, §7.2.1 "lose tie-breaker": our SCCRQ is withdrawn without a word, the same tunnel
	 * answers the peer's; from another port as well */
	struct rig rig;
	struct lac lac;
	struct tunnel *t;
	struct lns_ref ref;
	static const int below = -1;

	rig_open(&rig);
	with_secret(&rig);
	lac_init(&lac, &rig, 1);
	t = ask(&lac);
	ref = (struct lns_ref){.tid = t->tid, .serial = t->serial};
	lac.path.peer.port = 40000;
	lac.nr = 0;
	ck_assert_int_eq(ask_back(&lac, t, &below), LNS_TAKEN);
	lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	ck_assert_uint_eq(lac.lns_tid, ref.tid);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
	ck_assert_uint_eq(rig_count(&rig).half_open, 1);
	ck_assert_uint_eq(rig.lns->by_host.count, 0);
	ck_assert_uint_eq(rig.lns->by_challenge.count, 1);
	ck_assert(lns_find(rig.lns, ref, NULL, NULL));
	{
		uint8_t right[16];
		struct l2tp_msg msg = {.type = MSG_SCCCN, .has = HAS(RESPONSE)};

		msg.response = respond(right, 3, rig.msg.challenge);
		lac_send(&lac, &msg, 0);
	}
	ck_assert_uint_eq(rig_expect(&rig, LNS_ACT_TUNNEL_UP)->ref.tid, ref.tid);
	lac_expect_zlb(&lac);
	rig_close(&rig);
}
END_TEST

START_TEST(winner_says_nothing_and_waits_for_its_answer)
{
	/* CC-10: theirs is higher, or has none */
	static const int above = 1;

	for (int i = 0; i < 2; i++) {
		struct rig rig;
		struct lac lac, theirs;
		struct tunnel *t;
		struct l2tp_msg msg;

		rig_open(&rig);
		lac_init(&lac, &rig, 1);
		t = ask(&lac);
		theirs = lac;
		theirs.tid++;
		ck_assert_int_eq(ask_back(&theirs, t, i ? &above : NULL), LNS_TAKEN);
		rig_expect_nothing(&rig);
		ck_assert_uint_eq(rig_count(&rig).tunnels, 1);
		msg = sccrp(&lac);
		lac_send(&lac, &msg, 0);
		rig_expect(&rig, LNS_ACT_TUNNEL_UP);
		lac_expect(&lac, MSG_SCCCN);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(equal_tie_breakers_discard_both)
{
	/* CC-10 */
	static const int same = 0;
	struct rig rig;
	struct lac lac;
	struct tunnel *t;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	t = ask(&lac);
	ck_assert_int_eq(ask_back(&lac, t, &same), LNS_TAKEN);
	rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_PROTOCOL_ERROR, BY_SERVER,
		       "both sides asked with the same tie breaker");
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(who_is_not_the_one_that_was_asked_has_a_tunnel_of_his_own)
{
	/* CC-12: another host, another mark; the same host once its answer has come */
	static const int below = -1;
	struct rig rig;
	struct lac lac, other;
	struct tunnel *t;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	t = ask(&lac);
	for (int i = 0; i < 2; i++) {
		lac_init(&other, &rig, 1);
		if (i)
			other.path.mark = 7;
		else
			other.path.peer.ip[3]++;
		ck_assert_int_eq(ask_back(&other, t, &below), LNS_TAKEN);
		lac_expect(&other, MSG_SCCRP);
	}
	msg = sccrp(&lac);
	lac_send(&lac, &msg, 0);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	lac_expect(&lac, MSG_SCCCN);
	lac_init(&other, &rig, 1);
	other.tid += 9;
	ck_assert_int_eq(ask_back(&other, t, &below), LNS_TAKEN);
	lac_expect(&other, MSG_SCCRP);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 4);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("open");
	TCase *t = tcase_create("open");
	SRunner *sr;
	int failed;

	tcase_add_test(t, sccrq_carries_what_it_must);
	tcase_add_test(t, lock_step_establishment_is_appendix_b1_from_the_other_side);
	tcase_add_test(t, both_sides_prove_themselves);
	tcase_add_test(t, sccrp_that_is_not_acceptable_ends_the_tunnel);
	tcase_add_test(t, message_out_of_sequence_ends_the_tunnel);
	tcase_add_test(t, hello_and_unknown_types_change_nothing_in_any_state);
	tcase_add_test(t, stopccn_of_the_peer_is_an_answer);
	tcase_add_test(t, silent_peer_is_given_up);
	tcase_add_test(t, local_address_is_learnt_from_the_answer);
	tcase_add_test(t, nothing_is_opened_against_a_limit);
	tcase_add_test(t, tie_is_broken_by_the_lower_value);
	tcase_add_test(t, loser_goes_on_as_the_one_who_was_asked);
	tcase_add_test(t, winner_says_nothing_and_waits_for_its_answer);
	tcase_add_test(t, equal_tie_breakers_discard_both);
	tcase_add_test(t, who_is_not_the_one_that_was_asked_has_a_tunnel_of_his_own);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
