/* Tunnel authentication and hidden values on the wire: RFC 2661 §5.1.1, §4.3, as a LAC sees them.
 */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/auth.h"
#include "l2tp/tunnel.h"
#include "md5.h"

#define SECRET "ba ba black sheep"

static struct lns_peer
with_secret(const char *name, const char *host_name, const char *secret)
{
	struct lns_peer peer = {.secret_len = (uint32_t)strlen(secret)};

	strcpy(peer.name, name);
	strcpy(peer.host_name, host_name);
	memcpy(peer.secret, secret, strlen(secret));
	return peer;
}

/* What §5.1.1 asks for, written down again. */
static struct l2tp_bytes
respond(uint8_t out[16], uint8_t id, const char *secret, struct l2tp_bytes challenge)
{
	const struct md5_part parts[] = {
		{&id, 1}, {secret, strlen(secret)}, {challenge.p, challenge.len}};

	ck_assert(md5(out, parts, 3));
	return (struct l2tp_bytes){out, 16};
}

/* An endpoint that shares SECRET with everybody, and a LAC. */
static void
shared(struct rig *rig, struct lac *lac)
{
	rig_open(rig);
	rig->conf.others = with_secret("", "", SECRET);
	rig_start(rig);
	lac_init(lac, rig, 1);
}

/* SCCRQ with this challenge, or without one; the SCCRP is in rig->msg, our challenge in *asked. */
static const struct l2tp_msg *
begin(struct lac *lac, struct l2tp_bytes challenge, uint8_t asked[16])
{
	struct l2tp_msg msg = lac_sccrq(lac);
	const struct l2tp_msg *sccrp;

	if (challenge.len) {
		msg.has |= HAS(CHALLENGE);
		msg.challenge = challenge;
	}
	ck_assert_int_eq(lac_send(lac, &msg, 0), LNS_TAKEN);
	sccrp = lac_expect(lac, MSG_SCCRP);
	lac->lns_tid = sccrp->assigned_tunnel;
	ck_assert(MSG_HAS(sccrp, AVP_CHALLENGE));
	ck_assert_uint_eq(sccrp->challenge.len, 16);
	memcpy(asked, sccrp->challenge.p, 16);
	return sccrp;
}

static void
finish(struct lac *lac, struct l2tp_bytes response)
{
	struct l2tp_msg msg = {
		.type = MSG_SCCCN, .has = response.p ? HAS(RESPONSE) : 0, .response = response};
	uint8_t body[64];
	size_t len = lac_body(&msg, body, sizeof(body));

	ck_assert_int_eq(lac_send_body(lac, 0, body, len), LNS_TAKEN);
}

static void
expect_not_authorized(struct lac *lac, const char *text)
{
	rig_expect_end(lac->rig, LNS_ACT_TUNNEL_DOWN, CAUSE_WRONG_PASSWORD, BY_SERVER, text);
	ck_assert_uint_eq(lac_expect(lac, MSG_STOPCCN)->result.result, 4);
	rig_expect_nothing(lac->rig);
}

START_TEST(response_is_md5_of_id_secret_and_challenge)
{
	/* CC-06: against values that another program has worked out */
	static const uint8_t counting[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	struct lns_peer peer = with_secret("", "", "secret");
	uint8_t out[16];

	ck_assert(auth_response(out, MSG_SCCRP, &peer, (struct l2tp_bytes){counting, 16}));
	ck_assert_mem_eq(out, "\xdd\x41\x86\xe2\x19\x6f\x00\x12\x4a\x9d\x58\x8f\x02\x70\x12\x59",
			 16);
	peer = with_secret("", "",
			   "a longer shared secret, of more than one block of MD5's 64 bytes: "
			   "0123456789");
	ck_assert(auth_response(out, MSG_SCCCN, &peer, BYTES("\xff")));
	ck_assert_mem_eq(out, "\x95\xbb\x50\x0f\xb4\x25\xda\xde\x1a\xd7\x4a\x4c\x23\x76\x8a\xdd",
			 16);
}
END_TEST

START_TEST(both_sides_prove_themselves)
{
	/* CC-02, CC-03, CC-06, CC-08, AVP-22, SEC-01: a challenge of 1, 16 and 1017 bytes */
	static const size_t sizes[] = {1, 16, 1017};
	uint8_t challenge[1017], asked[16], before[16] = {0}, right[16];

	memset(challenge, 0xa5, sizeof(challenge));
	for (size_t i = 0; i < 3; i++) {
		struct l2tp_bytes theirs = {challenge, sizes[i]};
		struct rig rig;
		struct lac lac;
		const struct l2tp_msg *sccrp;
		struct lns_tunnel_info info;

		shared(&rig, &lac);
		rig.random += i;
		sccrp = begin(&lac, theirs, asked);
		ck_assert(MSG_HAS(sccrp, AVP_RESPONSE));
		respond(right, 2, SECRET, theirs);
		ck_assert_mem_eq(sccrp->response.p, right, 16);
		ck_assert_mem_ne(asked, before, 16);
		memcpy(before, asked, 16);
		finish(&lac, respond(right, 3, SECRET, (struct l2tp_bytes){asked, 16}));
		rig_expect(&rig, LNS_ACT_TUNNEL_UP);
		ck_assert(lns_find(rig.lns, rig.act.ref, &info, NULL));
		ck_assert(info.authenticated);
		ck_assert(!info.opened);
		lac_expect_zlb(&lac);
		lac_call(&lac, 7);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(peer_that_asks_nothing_has_to_prove_himself_all_the_same)
{
	uint8_t asked[16], right[16];
	struct rig rig;
	struct lac lac;

	shared(&rig, &lac);
	ck_assert(!MSG_HAS(begin(&lac, (struct l2tp_bytes){0}, asked), AVP_RESPONSE));
	finish(&lac, respond(right, 3, SECRET, (struct l2tp_bytes){asked, 16}));
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	rig_close(&rig);
}
END_TEST

START_TEST(wrong_response_is_not_authorized)
{
	/* CC-07, CC-19: another secret, the id of a SCCRP, another challenge, our own answer come
	 * back, one bit */
	for (int i = 0; i < 5; i++) {
		struct l2tp_bytes theirs = BYTES("sixteen or so bytes");
		uint8_t asked[16], wrong[16];
		struct rig rig;
		struct lac lac;

		shared(&rig, &lac);
		begin(&lac, theirs, asked);
		respond(wrong, i == 1 ? 2 : 3, i == 0 ? "another" : SECRET,
			i == 2 ? theirs : (struct l2tp_bytes){asked, 16});
		if (i == 3)
			memcpy(wrong, rig.msg.response.p, 16);
		if (i == 4)
			wrong[15] ^= 1;
		finish(&lac, (struct l2tp_bytes){wrong, 16});
		expect_not_authorized(&lac, "wrong tunnel secret");
		rig_close(&rig);
	}
}
END_TEST

START_TEST(missing_response_is_not_authorized)
{
	/* CC-03, CC-07 */
	uint8_t asked[16];
	struct rig rig;
	struct lac lac;

	shared(&rig, &lac);
	begin(&lac, (struct l2tp_bytes){0}, asked);
	finish(&lac, (struct l2tp_bytes){0});
	expect_not_authorized(&lac, "no response to our challenge");
	rig_close(&rig);
}
END_TEST

START_TEST(sessions_wait_for_the_proof)
{
	/* CC-05, SES-13: with a secret, every message of a session before SCCCN */
	static const unsigned types[] = {MSG_ICRQ, MSG_ICRP, MSG_ICCN, MSG_OCRQ, MSG_OCRP,
					 MSG_OCCN, MSG_CDN,  MSG_WEN,  MSG_SLI};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct l2tp_msg msg = lac_iccn();
		uint8_t asked[16];
		struct rig rig;
		struct lac lac;

		shared(&rig, &lac);
		begin(&lac, (struct l2tp_bytes){0}, asked);
		msg.type = (uint16_t)types[i];
		msg.has |= HAS(ASSIGNED_SESSION) | HAS(CALL_SERIAL) | HAS(MINIMUM_BPS) |
			   HAS(MAXIMUM_BPS) | HAS(BEARER_TYPE) | HAS(CALLED_NUMBER) |
			   HAS(CALL_ERRORS) | HAS(ACCM);
		msg.assigned_session = 7;
		msg.called = BYTES("1");
		lac_send(&lac, &msg, 0);
		rig_expect_end(&rig, LNS_ACT_TUNNEL_DOWN, CAUSE_PROTOCOL_ERROR, BY_SERVER, NULL);
		ck_assert_uint_eq(lac_expect(&lac, MSG_STOPCCN)->result.result, 7);
		ck_assert_uint_eq(rig_count(&rig).sessions, 0);
		rig_close(&rig);
	}
}
END_TEST

START_TEST(challenge_without_a_secret_is_refused_with_four)
{
	/* §5.1.1, §4.4.2, CC-19 */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	msg = lac_sccrq(&lac);
	msg.has |= HAS(CHALLENGE);
	msg.challenge = BYTES("sixteen or so bytes");
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
	lac_expect_refusal(&lac, lac.tid, 4, 0, "no tunnel secret is configured here");
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(challenge_of_ours_come_back_is_not_answered)
{
	/* CC-08: from anybody, as long as the tunnel that asked it lives */
	uint8_t asked[16];
	struct l2tp_bytes back = {asked, 16};
	struct rig rig;
	struct lac lac, thief;
	struct l2tp_msg msg;

	shared(&rig, &lac);
	begin(&lac, (struct l2tp_bytes){0}, asked);
	lac_init(&thief, &rig, 2);
	msg = lac_sccrq(&thief);
	msg.has |= HAS(CHALLENGE);
	msg.challenge = back;
	ck_assert_int_eq(lac_send(&thief, &msg, 0), LNS_DROPPED);
	lac_expect_refusal(&thief, thief.tid, 4, 0, "the challenge is one of ours");
	rig_run(&rig, rig.now + 31000);
	rig_drain(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	ck_assert_uint_eq(rig.lns->by_challenge.count, 0);
	lac_init(&thief, &rig, 2);
	begin(&thief, back, asked);
	rig_close(&rig);
}
END_TEST

START_TEST(secret_that_cannot_be_read_stops_its_own_peers_only)
{
	struct lns_peer peers[2] = {with_secret("west", "west*", SECRET),
				    with_secret("east", "east*", "")};
	uint8_t asked[16];
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	peers[1].secret_missing = true;
	rig.conf.peers = peers;
	rig.conf.peer_count = 2;
	rig_start(&rig);
	lac_init(&lac, &rig, 1);
	lac.host_name = "east1";
	lac.host_name_len = 5;
	msg = lac_sccrq(&lac);
	ck_assert_int_eq(lac_send(&lac, &msg, 0), LNS_DROPPED);
	lac_expect_refusal(&lac, lac.tid, 4, 0, "the tunnel secret cannot be read here");
	lac_init(&lac, &rig, 2);
	lac.host_name = "west1";
	lac.host_name_len = 5;
	begin(&lac, (struct l2tp_bytes){0}, asked);
	lac_init(&lac, &rig, 3);
	lac_connect(&lac); /* of the others, who need none */
	rig_close(&rig);
}
END_TEST

/* True when the attribute stands in the datagram with its H bit set. */
static bool
is_hidden(const struct rig *rig, uint16_t attr)
{
	struct rd r = rd_init(rig->head.body, rig->head.len);

	while (rd_left(&r)) {
		uint16_t bits = rd_u16(&r), vendor = rd_u16(&r), found = rd_u16(&r);

		rd_bytes(&r, (bits & 0x3ff) - 6u);
		if (vendor == 0 && found == attr)
			return bits & 0x4000;
	}
	ck_abort_msg("no attribute %u", attr);
}

START_TEST(values_are_hidden_where_the_peer_is_configured_so)
{
	/* HID-01, HID-08, HID-09: and only with a secret; a fresh vector in each message */
	for (int secret = 0; secret < 2; secret++) {
		struct rig rig;
		struct lac lac;
		struct l2tp_msg msg;
		uint8_t vector[16], right[16], asked[16];

		rig_open(&rig);
		rig.conf.others = with_secret("", "", secret ? SECRET : "");
		rig.conf.others.hide = true;
		rig.secret = secret ? SECRET : NULL;
		rig_start(&rig);
		lac_init(&lac, &rig, 1);
		msg = lac_sccrq(&lac);
		lac_send(&lac, &msg, 0);
		lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
		ck_assert_int_eq(is_hidden(&rig, AVP_ASSIGNED_TUNNEL), secret);
		ck_assert(!is_hidden(&rig, AVP_HOST_NAME));
		ck_assert_int_eq(MSG_HAS(&rig.msg, AVP_RANDOM_VECTOR), secret);
		if (secret) {
			ck_assert(is_hidden(&rig, AVP_CHALLENGE));
			ck_assert_uint_ge(rig.msg.random_vector.len, 16);
			memcpy(vector, rig.msg.random_vector.p, 16);
			memcpy(asked, rig.msg.challenge.p, 16);
			finish(&lac, respond(right, 3, SECRET, (struct l2tp_bytes){asked, 16}));
		} else {
			lac_send_type(&lac, MSG_SCCCN, 0);
		}
		rig_expect(&rig, LNS_ACT_TUNNEL_UP);
		rig_drain(&rig);
		msg = lac_icrq(&lac, 7);
		lac_send(&lac, &msg, 0);
		rig_expect(&rig, LNS_ACT_PPP_START);
		lac_expect(&lac, MSG_ICRP);
		ck_assert_int_eq(is_hidden(&rig, AVP_ASSIGNED_SESSION), secret);
		if (secret)
			ck_assert_mem_ne(rig.msg.random_vector.p, vector, 16);
		rig_close(&rig);
	}
}
END_TEST

/* A LAC that hides what may be hidden. */
static enum lns_verdict
send_hidden(struct lac *lac, const struct l2tp_msg *msg, const char *secret)
{
	struct msg_hiding hide = {.secret = (const uint8_t *)secret,
				  .secret_len = strlen(secret),
				  .vector = "0123456789abcde",
				  .padding_len = 3};
	uint8_t bytes[1024];
	size_t len = msg_encode(msg, 0, 0, &hide, bytes, sizeof(bytes));

	ck_assert_uint_gt(len, L2TP_CONTROL_HEADER);
	return lac_send_body(lac, 0, bytes + L2TP_CONTROL_HEADER, len - L2TP_CONTROL_HEADER);
}

START_TEST(hidden_request_is_read_with_the_secret_of_its_section)
{
	/* HID-02, HID-08, CC-09: the Host Name, never hidden, says whose; the peer asks nothing */
	struct lns_peer peers[2] = {with_secret("west", "west*", "w"),
				    with_secret("east", "east*", "e")};
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;
	uint8_t asked[16], right[16];

	rig_open(&rig);
	rig.conf.peers = peers;
	rig.conf.peer_count = 2;
	rig_start(&rig);
	lac_init(&lac, &rig, 1);
	lac.host_name = "east1";
	lac.host_name_len = 5;
	msg = lac_sccrq(&lac);
	ck_assert_int_eq(send_hidden(&lac, &msg, "e"), LNS_TAKEN);
	lac.lns_tid = lac_expect(&lac, MSG_SCCRP)->assigned_tunnel;
	ck_assert_uint_eq(endpoint_tunnel(rig.lns, lac.lns_tid)->peer_tid, lac.tid);
	memcpy(asked, rig.msg.challenge.p, 16);
	msg = (struct l2tp_msg){.type = MSG_SCCCN,
				.has = HAS(RESPONSE),
				.response = respond(right, 3, "e", (struct l2tp_bytes){asked, 16})};
	ck_assert_int_eq(send_hidden(&lac, &msg, "e"), LNS_TAKEN);
	rig_expect(&rig, LNS_ACT_TUNNEL_UP);
	rig_drain(&rig);
	msg = lac_icrq(&lac, 7);
	ck_assert_int_eq(send_hidden(&lac, &msg, "e"), LNS_TAKEN);
	rig_expect(&rig, LNS_ACT_PPP_START);
	lac_expect(&lac, MSG_ICRP);
	ck_assert_uint_eq(rig.head.sid, 7);
	rig_close(&rig);
}
END_TEST

START_TEST(hidden_request_of_who_shares_no_secret_is_refused)
{
	/* HID-06: its Assigned Tunnel ID cannot be read, so it goes to 0 (HDR-11) */
	struct rig rig;
	struct lac lac;
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	msg = lac_sccrq(&lac);
	ck_assert_int_eq(send_hidden(&lac, &msg, SECRET), LNS_DROPPED);
	lac_expect_refusal(&lac, 0, 2, ERROR_UNKNOWN_AVP, NULL);
	rig_expect_nothing(&rig);
	ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("auth");
	TCase *t = tcase_create("auth");
	SRunner *sr;
	int failed;

	tcase_add_test(t, response_is_md5_of_id_secret_and_challenge);
	tcase_add_test(t, both_sides_prove_themselves);
	tcase_add_test(t, peer_that_asks_nothing_has_to_prove_himself_all_the_same);
	tcase_add_test(t, wrong_response_is_not_authorized);
	tcase_add_test(t, missing_response_is_not_authorized);
	tcase_add_test(t, sessions_wait_for_the_proof);
	tcase_add_test(t, challenge_without_a_secret_is_refused_with_four);
	tcase_add_test(t, challenge_of_ours_come_back_is_not_answered);
	tcase_add_test(t, secret_that_cannot_be_read_stops_its_own_peers_only);
	tcase_add_test(t, values_are_hidden_where_the_peer_is_configured_so);
	tcase_add_test(t, hidden_request_is_read_with_the_secret_of_its_section);
	tcase_add_test(t, hidden_request_of_who_shares_no_secret_is_refused);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
