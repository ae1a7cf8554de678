/* What a LAC negotiated and heard (RFC 2661 §4.4.5): which of it is believed, and when pppd starts.
 */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/proxy.h"

struct call {
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
};

#define NAME HAS(PROXY_AUTH_NAME)
#define CHALLENGE HAS(PROXY_AUTH_CHALLENGE)
#define ID HAS(PROXY_AUTH_ID)
#define RESPONSE HAS(PROXY_AUTH_RESPONSE)
#define ALL (NAME | CHALLENGE | ID | RESPONSE)

static struct l2tp_msg
iccn(unsigned type, uint64_t has)
{
	struct l2tp_msg msg = lac_iccn();

	msg.has |= HAS(PROXY_AUTH_TYPE) | has;
	msg.proxy_auth_type = (uint16_t)type;
	msg.proxy_auth_id = 9;
	msg.proxy_auth_name = BYTES("alice");
	msg.proxy_auth_challenge = BYTES("0123456789abcdef");
	msg.proxy_auth_response = BYTES("secret");
	return msg;
}

static bool
believed(const struct l2tp_msg *msg)
{
	struct proxy *proxy = proxy_new(msg);
	bool is = proxy != NULL;

	proxy_free(proxy);
	return is;
}

START_TEST(each_type_needs_its_attributes)
{
	/* AVP-29: every subset of the four */
	static const uint64_t parts[] = {NAME, CHALLENGE, ID, RESPONSE};
	static const uint64_t needs[] = {
		[1] = NAME | RESPONSE, [2] = ALL, [3] = NAME | ID | RESPONSE, [4] = 0, [5] = ALL,
	};

	for (unsigned type = 1; type <= 5; type++)
		for (unsigned subset = 0; subset < 16; subset++) {
			uint64_t has = 0;
			struct l2tp_msg msg;

			for (unsigned i = 0; i < 4; i++)
				has |= subset >> i & 1 ? parts[i] : 0;
			msg = iccn(type, has);
			ck_assert_msg(believed(&msg) == !(needs[type] & ~has), "type %u subset %u",
				      type, subset);
		}
}
END_TEST

START_TEST(what_contradicts_itself_is_not_believed)
{
	/* AVP-29: then PPP begins anew */
	struct l2tp_msg msg = iccn(LNS_PROXY_CHAP, ALL);

	ck_assert(believed(&msg));
	msg.proxy_auth_id = 0x0109;
	ck_assert(!believed(&msg));
	msg = iccn(LNS_PROXY_CHAP, ALL);
	msg.proxy_auth_challenge.len = 0;
	ck_assert(!believed(&msg));
	msg = iccn(0, ALL);
	ck_assert(!believed(&msg));
	msg = iccn(6, ALL);
	ck_assert(!believed(&msg));
	msg = iccn(65535, ALL);
	ck_assert(!believed(&msg));
	msg = iccn(LNS_PROXY_PAP, ALL);
	msg.has &= ~HAS(PROXY_AUTH_TYPE);
	ck_assert(!believed(&msg));
}
END_TEST

START_TEST(configure_requests_have_to_be_options)
{
	static const struct {
		struct l2tp_bytes body;
		bool good;
	} rows[] = {
		{{(const uint8_t *)"", 0}, true},
		{{(const uint8_t *)"\x01\x04\x05\x78", 4}, true},
		{{(const uint8_t *)"\x01\x04\x05\x78\x07\x02", 6}, true},
		{{(const uint8_t *)"\x01\x04\x05", 3}, false},
		{{(const uint8_t *)"\x07\x02\x01", 3}, false},
		{{(const uint8_t *)"\x07\x00", 2}, false},
		{{(const uint8_t *)"\x07\x01\x00", 3}, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned which = 0; which < 3; which++) {
			struct l2tp_msg msg =
				iccn(LNS_PROXY_NONE, HAS(INITIAL_LCP) | HAS(LAST_SENT_LCP) |
							     HAS(LAST_RECEIVED_LCP));
			struct l2tp_bytes *bodies[] = {&msg.initial_lcp, &msg.last_sent_lcp,
						       &msg.last_received_lcp};

			*bodies[which] = rows[i].body;
			ck_assert_msg(believed(&msg) == rows[i].good, "row %zu, %u", i, which);
		}
}
END_TEST

static void
call_open(struct call *c, bool accept)
{
	rig_open(&c->rig);
	c->rig.conf.others.proxy_accept = accept;
	rig_start(&c->rig);
	lac_init(&c->lac, &c->rig, 1);
	lac_connect(&c->lac);
}

static bool
is_proxied(const struct call *c)
{
	struct lns_session_info info;

	ck_assert(lns_find(c->rig.lns, c->ref, NULL, &info));
	return info.proxied;
}

START_TEST(accepted_proxy_is_known_when_pppd_starts)
{
	/* SES-17: such a peer's pppd starts with ICCN */
	struct call c;
	struct l2tp_msg msg;
	struct lns_proxy proxy;

	call_open(&c, true);
	msg = lac_icrq(&c.lac, 7);
	lac_send(&c.lac, &msg, 0);
	c.ref.sid = lac_expect(&c.lac, MSG_ICRP)->assigned_session;
	rig_expect_nothing(&c.rig);
	msg = iccn(LNS_PROXY_CHAP, ALL | HAS(LAST_SENT_LCP));
	msg.last_sent_lcp = BYTES("\x01\x04\x05\x78");
	lac_send(&c.lac, &msg, c.ref.sid);
	c.ref = rig_expect(&c.rig, LNS_ACT_PPP_START)->ref;
	ck_assert(lns_proxy(c.rig.lns, c.ref, &proxy));
	ck_assert_int_eq(proxy.type, LNS_PROXY_CHAP);
	ck_assert_uint_eq(proxy.id, 9);
	ck_assert_uint_eq(proxy.name.len, 5);
	ck_assert_mem_eq(proxy.name.p, "alice", 5);
	ck_assert_mem_eq(proxy.challenge.p, "0123456789abcdef", 16);
	ck_assert_mem_eq(proxy.response.p, "secret", 6);
	ck_assert_uint_eq(proxy.initial_lcp.len, 0);
	ck_assert_uint_eq(proxy.last_sent_lcp.len, 4);
	ck_assert(is_proxied(&c));
	rig_expect(&c.rig, LNS_ACT_PPP_GO);
	lac_expect_zlb(&c.lac);
	c.ref.serial++;
	ck_assert(!lns_proxy(c.rig.lns, c.ref, &proxy));
	rig_close(&c.rig);
}
END_TEST

START_TEST(peer_that_is_not_believed_authenticates_anew)
{
	/* SES-17: pppd starts at once, as for any client */
	struct call c;
	struct l2tp_msg msg = iccn(LNS_PROXY_CHAP, ALL);
	struct lns_proxy proxy;

	call_open(&c, false);
	c.ref = lac_ask(&c.lac, 7);
	lac_send(&c.lac, &msg, c.ref.sid);
	rig_expect(&c.rig, LNS_ACT_PPP_GO);
	ck_assert(!lns_proxy(c.rig.lns, c.ref, &proxy));
	ck_assert(!is_proxied(&c));
	rig_close(&c.rig);
}
END_TEST

START_TEST(incomplete_proxy_of_a_believed_peer_is_as_none)
{
	struct call c;
	struct l2tp_msg msg;
	struct lns_proxy proxy;

	call_open(&c, true);
	msg = lac_icrq(&c.lac, 7);
	lac_send(&c.lac, &msg, 0);
	c.ref.sid = lac_expect(&c.lac, MSG_ICRP)->assigned_session;
	msg = iccn(LNS_PROXY_CHAP, NAME | RESPONSE);
	lac_send(&c.lac, &msg, c.ref.sid);
	c.ref = rig_expect(&c.rig, LNS_ACT_PPP_START)->ref;
	rig_expect(&c.rig, LNS_ACT_PPP_GO);
	ck_assert(!lns_proxy(c.rig.lns, c.ref, &proxy));
	rig_close(&c.rig);
}
END_TEST

START_TEST(session_without_pppd_ends_without_a_word_to_it)
{
	/* ended before ICCN: nothing was started, nothing is stopped */
	struct call c;
	struct l2tp_msg msg;

	call_open(&c, true);
	msg = lac_icrq(&c.lac, 7);
	lac_send(&c.lac, &msg, 0);
	c.ref.sid = lac_expect(&c.lac, MSG_ICRP)->assigned_session;
	lac_send_type(&c.lac, MSG_CDN, c.ref.sid);
	lac_expect_zlb(&c.lac);
	rig_expect_nothing(&c.rig);
	rig_close(&c.rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("proxy");
	TCase *t = tcase_create("proxy");
	SRunner *sr;
	int failed;

	tcase_add_test(t, each_type_needs_its_attributes);
	tcase_add_test(t, what_contradicts_itself_is_not_believed);
	tcase_add_test(t, configure_requests_have_to_be_options);
	tcase_add_test(t, accepted_proxy_is_known_when_pppd_starts);
	tcase_add_test(t, peer_that_is_not_believed_authenticates_anew);
	tcase_add_test(t, incomplete_proxy_of_a_believed_peer_is_as_none);
	tcase_add_test(t, session_without_pppd_ends_without_a_word_to_it);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
