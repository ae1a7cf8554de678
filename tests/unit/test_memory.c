/*
 * The core when memory is short: each allocation of a tunnel's whole life fails once. Whatever is
 * refused, nothing breaks, nothing stays, and what was started is stopped. The linker puts the
 * functions below in the place of malloc, calloc, realloc and of the entries of the core, inside of
 * which alone an allocation may fail.
 */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/tunnel.h"

/* allocations left until the one that fails; none fails when it is 0 */
static unsigned countdown;
static bool inside;

#define WRAP(type, name, ...)                                                                      \
	type __real_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

static bool
fails(void)
{
	return inside && countdown && --countdown == 0;
}

WRAP(void *, malloc, size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

WRAP(void *, calloc, size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

WRAP(void *, realloc, void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

WRAP(struct lns *, lns_new, const struct lns_conf *conf, lns_random_fn *random, void *ctx)
{
	struct lns *lns;

	inside = true;
	lns = __real_lns_new(conf, random, ctx);
	inside = false;
	return lns;
}

WRAP(enum lns_verdict, lns_input, struct lns *lns, mstime_t now, const struct lns_path *path,
     const uint8_t *bytes, size_t len, struct lns_data *data)
{
	enum lns_verdict verdict;

	inside = true;
	verdict = __real_lns_input(lns, now, path, bytes, len, data);
	inside = false;
	return verdict;
}

WRAP(void, lns_tick, struct lns *lns, mstime_t now)
{
	inside = true;
	__real_lns_tick(lns, now);
	inside = false;
}

WRAP(void, lns_shutdown, struct lns *lns, mstime_t now)
{
	inside = true;
	__real_lns_shutdown(lns, now);
	inside = false;
}

WRAP(void, lns_reconf, struct lns *lns, const struct lns_conf *conf)
{
	inside = true;
	__real_lns_reconf(lns, conf);
	inside = false;
}

WRAP(struct tunnel *, tunnel_open, struct lns *lns, const struct lns_path *path, struct peer *peer,
     const char **why)
{
	struct tunnel *t;

	inside = true;
	t = __real_tunnel_open(lns, path, peer, why);
	inside = false;
	return t;
}

WRAP(bool, lns_dial, struct lns *lns, mstime_t now, const struct lns_call *call,
     struct lns_ref *ref, const char **why)
{
	bool begun;

	inside = true;
	begun = __real_lns_dial(lns, now, call, ref, why);
	inside = false;
	return begun;
}

struct life {
	struct rig rig;
	struct lac lac;
	uint16_t sid;
	unsigned started, stopped, up, down, dialled;
};

/* Takes what there is, and learns the ids from it. */
static void
take_all(struct life *l)
{
	while (rig_next(&l->rig)) {
		l->started += l->rig.act.kind == LNS_ACT_PPP_START;
		l->stopped += l->rig.act.kind == LNS_ACT_PPP_STOP;
		l->up += l->rig.act.kind == LNS_ACT_TUNNEL_UP;
		l->down += l->rig.act.kind == LNS_ACT_TUNNEL_DOWN;
		if (l->rig.act.kind != LNS_ACT_SEND || l->rig.msg.type == MSG_ZLB)
			continue;
		l->lac.nr = (uint16_t)(l->rig.head.ns + 1);
		if (l->rig.msg.type == MSG_SCCRP)
			l->lac.lns_tid = l->rig.msg.assigned_tunnel;
		if (l->rig.msg.type == MSG_ICRP)
			l->sid = l->rig.msg.assigned_session;
	}
}

static void
say(struct life *l, struct l2tp_msg msg, uint16_t sid)
{
	lac_send(&l->lac, &msg, sid);
	take_all(l);
}

static void
wait_until(struct life *l, mstime_t until)
{
	while (lns_deadline(l->rig.lns) <= until) {
		l->rig.now = lns_deadline(l->rig.lns);
		lns_tick(l->rig.lns, l->rig.now);
		take_all(l);
	}
}

/* Two calls, the second one's ICRQ before its turn; a CDN; a HELLO; a StopCCN. */
static void
live(struct life *l)
{
	struct l2tp_msg icrq;
	uint8_t body[64];

	say(l, lac_sccrq(&l->lac), 0);
	say(l, (struct l2tp_msg){.type = MSG_SCCCN}, 0);
	icrq = lac_icrq(&l->lac, 8);
	lac_send_as(&l->lac, l->lac.lns_tid, 0, (uint16_t)(l->lac.ns + 1), l->lac.nr, body,
		    lac_body(&icrq, body, sizeof(body)));
	say(l, lac_icrq(&l->lac, 7), 0);
	l->lac.ns++;
	say(l, lac_iccn(), l->sid);
	say(l, lac_icrq(&l->lac, 7), 0);
	say(l, (struct l2tp_msg){.type = MSG_CDN}, l->sid);
	wait_until(l, l->rig.now + 60000);
	lns_shutdown(l->rig.lns, l->rig.now);
	take_all(l);
}

typedef void life_fn(struct life *l);

/* Lives it with the first allocation failing, with the second, and so on until all are had. What is
 * left in *l is the whole life; returns how many allocations it has. */
static unsigned
fail_each(life_fn *fn, struct life *l)
{
	bool whole = false;
	unsigned n = 0;

	while (!whole) {
		*l = (struct life){.sid = 1};
		ck_assert_uint_lt(++n, 1000);
		rig_open(&l->rig);
		lac_init(&l->lac, &l->rig, 1);
		countdown = n;
		fn(l);
		whole = countdown > 0;
		countdown = 0;
		wait_until(l, MSTIME_NEVER - 1);
		ck_assert_uint_eq(rig_count(&l->rig).tunnels, 0);
		ck_assert_uint_eq(rig_count(&l->rig).sessions, 0);
		ck_assert(lns_quiet(l->rig.lns));
		/* a call of ours may fail before its pppd is wanted */
		ck_assert_uint_le(l->started, l->stopped);
		ck_assert_uint_le(l->stopped, l->started + l->dialled);
		ck_assert_uint_le(l->up, l->down);
		rig_close(&l->rig);
	}
	return n - 1;
}

START_TEST(each_allocation_that_fails_leaves_nothing_behind)
{
	struct life l;

	/* a tunnel, two sessions, messages in and out: there was something to fail */
	ck_assert_uint_gt(fail_each(live, &l), 10);
	ck_assert_uint_eq(l.up, 1);
	ck_assert_uint_eq(l.started, 2);
}
END_TEST

/* A data message of the session that came in, with this number. */
static void
flow(struct life *l, uint16_t ns)
{
	uint8_t bytes[16];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct lns_data data;

	wr_u16(&w, 0x0802);
	wr_u16(&w, l->lac.lns_tid);
	wr_u16(&w, l->sid);
	wr_u16(&w, ns);
	wr_u16(&w, 0);
	wr_u8(&w, 1);
	lns_input(l->rig.lns, l->rig.now, &l->lac.path, bytes, wr_len(&w), &data);
	while (lns_next_data(l->rig.lns, &data))
		;
}

/* A call that a LAC has negotiated and described, its frames out of order; one that we place; SLI.
 */
static void
live_with_calls(struct life *l)
{
	struct l2tp_msg sccrq = lac_sccrq(&l->lac), icrq = lac_icrq(&l->lac, 7), iccn = lac_iccn();
	struct lns_call call = {.peer = "", .number = "1", .sub_address = ""};
	struct lns_ref ref = {0};
	const char *why;

	l->rig.conf.others.proxy_accept = true;
	l->rig.conf.others.sequencing = LNS_SEQ_REORDER;
	lns_reconf(l->rig.lns, &l->rig.conf);
	sccrq.has |= HAS(BEARER_CAPS);
	sccrq.bearer_caps = 3;
	say(l, sccrq, 0);
	say(l, (struct l2tp_msg){.type = MSG_SCCCN}, 0);
	icrq.has |= HAS(BEARER_TYPE);
	say(l, icrq, 0);
	iccn.has |= HAS(PROXY_AUTH_TYPE);
	iccn.proxy_auth_type = LNS_PROXY_NONE;
	iccn.framing_type = 2;
	say(l, iccn, l->sid);
	flow(l, 1);
	flow(l, 2);
	flow(l, 500);
	call.tid = l->lac.lns_tid;
	if (lns_dial(l->rig.lns, l->rig.now, &call, &ref, &why))
		l->dialled++;
	take_all(l);
	say(l,
	    (struct l2tp_msg){
		    .type = MSG_OCRP, .has = HAS(ASSIGNED_SESSION), .assigned_session = 8},
	    ref.sid);
	lns_shutdown(l->rig.lns, l->rig.now);
	take_all(l);
}

START_TEST(calls_with_all_that_belongs_to_them_leave_nothing_behind)
{
	struct life l;

	ck_assert_uint_gt(fail_each(live_with_calls, &l), 12);
	ck_assert_uint_eq(l.dialled, 1);
	ck_assert_uint_eq(l.started, 2);
	ck_assert_uint_eq(l.stopped, 2);
}
END_TEST

START_TEST(endpoint_that_finds_no_memory_is_not_made)
{
	struct rig rig = {0};

	/* itself, the list of its peers, the others, and their counts */
	for (unsigned n = 1; n <= 4; n++) {
		countdown = n;
		ck_assert_ptr_null(lns_new(&rig.conf, NULL, NULL));
	}
	countdown = 0;
}
END_TEST

START_TEST(tunnel_that_cannot_be_opened_leaves_nothing)
{
	struct rig rig;
	struct lac lac;
	struct tunnel *t = NULL;
	const char *why;
	unsigned n = 0;

	while (!t) {
		rig_open(&rig);
		lac_init(&lac, &rig, 1);
		endpoint_enter(rig.lns, rig.now);
		ck_assert_uint_lt(++n, 20);
		countdown = n;
		t = tunnel_open(rig.lns, &lac.path, peer_named(&rig.lns->peers, ""), &why);
		countdown = 0;
		if (!t) {
			ck_assert_str_eq(why, "memory is short");
			ck_assert_uint_eq(rig_count(&rig).tunnels, 0);
		}
		rig_close(&rig);
	}
	/* the tunnel, its timer, its message */
	ck_assert_uint_gt(n, 3);
}
END_TEST

START_TEST(peers_stay_as_they_were_when_memory_is_short)
{
	struct lns_peer peers[2] = {{.name = "west"}, {.name = "east"}};
	struct rig rig;
	unsigned n = 0;
	bool done = false;

	rig_open(&rig);
	rig.conf.peers = peers;
	rig.conf.peer_count = 2;
	while (!done) {
		rig.conf.max_tunnels = countdown = ++n;
		lns_reconf(rig.lns, &rig.conf);
		done = countdown > 0;
		countdown = 0;
		ck_assert_uint_eq(rig.lns->conf.max_tunnels, n);
		ck_assert_uint_eq(rig.lns->peers.count, done ? 3 : 1);
	}
	ck_assert_uint_gt(n, 4);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("memory");
	TCase *t = tcase_create("memory");
	SRunner *sr;
	int failed;

	tcase_add_test(t, each_allocation_that_fails_leaves_nothing_behind);
	tcase_add_test(t, tunnel_that_cannot_be_opened_leaves_nothing);
	tcase_add_test(t, peers_stay_as_they_were_when_memory_is_short);
	tcase_add_test(t, calls_with_all_that_belongs_to_them_leave_nothing_behind);
	tcase_add_test(t, endpoint_that_finds_no_memory_is_not_made);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
