/* The header of both kinds of message (RFC 2661 §3.1), and the way of a PPP frame in and out. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/session.h"

#define T 0x8000
#define L 0x4000
#define S 0x0800
#define O 0x0200
#define P 0x0100

static const unsigned reserved[] = {0x2000, 0x1000, 0x0400, 0x0080, 0x0040, 0x0020, 0x0010};

/* A data message with these flags; the offset is five bytes of padding. */
static size_t
build(uint8_t *bytes, size_t cap, unsigned flags, uint16_t tid, uint16_t sid)
{
	struct wr w = wr_init(bytes, cap);

	wr_u16(&w, (uint16_t)(flags | 2));
	if (flags & L)
		wr_u16(&w, 0);
	wr_u16(&w, tid);
	wr_u16(&w, sid);
	if (flags & S) {
		wr_u16(&w, 0x1111);
		wr_u16(&w, 0x2222);
	}
	if (flags & O) {
		wr_u16(&w, 5);
		wr_bytes(&w, "\xee\xee\xee\xee\xee", 5);
	}
	wr_bytes(&w, "frame", 5);
	if (flags & L)
		wr_patch_u16(&w, bytes + 2, (uint16_t)wr_len(&w));
	return wr_len(&w);
}

START_TEST(data_header_is_read_in_all_combinations)
{
	/* §3.1, HDR-06: L, S, O, P; anything cut off is refused */
	static const unsigned bits[] = {L, S, O, P};

	for (unsigned i = 0; i < 16; i++) {
		uint8_t bytes[64];
		struct l2tp_header h;
		unsigned flags = 0;
		size_t len;

		for (unsigned b = 0; b < 4; b++)
			flags |= i >> b & 1 ? bits[b] : 0;
		len = build(bytes, sizeof(bytes), flags, 11, 22);
		ck_assert(header_read(&h, bytes, len));
		ck_assert(!h.control);
		ck_assert_uint_eq(h.tid, 11);
		ck_assert_uint_eq(h.sid, 22);
		ck_assert_int_eq(h.has_length, !!(flags & L));
		ck_assert_int_eq(h.has_sequence, !!(flags & S));
		ck_assert_uint_eq(h.ns, flags & S ? 0x1111 : 0);
		ck_assert_uint_eq(h.len, 5);
		ck_assert_mem_eq(h.body, "frame", 5);
		for (size_t cut = 0; cut < len; cut++) {
			uint8_t *exact = malloc(cut + 1);

			ck_assert_ptr_nonnull(exact);
			memcpy(exact, bytes, cut);
			if (flags & L || cut < len - 5)
				ck_assert(!header_read(&h, exact, cut));
			free(exact);
		}
	}
}
END_TEST

START_TEST(reserved_bits_are_ignored)
{
	/* §3.1, HDR-02, in both kinds */
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		uint8_t bytes[64];
		struct l2tp_header h;
		size_t len = build(bytes, sizeof(bytes), reserved[i], 11, 22);

		ck_assert(header_read(&h, bytes, len));
		len = build(bytes, sizeof(bytes), T | L | S | reserved[i], 11, 22);
		ck_assert(header_read(&h, bytes, len));
		ck_assert(h.control);
	}
}
END_TEST

START_TEST(other_versions_are_discarded)
{
	/* §3.1, §8.1, HDR-03, UDP-06: L2F is 1 */
	for (unsigned version = 0; version < 16; version++) {
		uint8_t bytes[64];
		struct l2tp_header h;
		size_t len = build(bytes, sizeof(bytes), T | L | S, 11, 22);

		bytes[1] = (uint8_t)version;
		ck_assert_int_eq(header_read(&h, bytes, len), version == 2);
	}
}
END_TEST

START_TEST(control_without_length_or_sequence_or_with_offset_is_discarded)
{
	/* §3.1, HDR-04 */
	static const unsigned bad[] = {T, T | L, T | S, T | L | S | O};

	for (size_t i = 0; i < 4; i++) {
		uint8_t bytes[64];
		struct l2tp_header h;
		size_t len = build(bytes, sizeof(bytes), bad[i], 11, 22);

		ck_assert(!header_read(&h, bytes, len));
	}
}
END_TEST

START_TEST(length_that_lies_is_discarded_or_cuts)
{
	/* HDR-05 */
	uint8_t bytes[64];
	struct l2tp_header h;
	size_t len = build(bytes, sizeof(bytes), T | L | S, 11, 22);

	for (unsigned length = 0; length < 12; length++) {
		bytes[3] = (uint8_t)length;
		ck_assert(!header_read(&h, bytes, len));
	}
	bytes[3] = (uint8_t)(len + 1);
	ck_assert(!header_read(&h, bytes, len));
	bytes[2] = 0xff;
	ck_assert(!header_read(&h, bytes, len));
	bytes[2] = 0;
	bytes[3] = 12;
	ck_assert(header_read(&h, bytes, len));
	ck_assert_uint_eq(h.len, 0);
	bytes[3] = 14;
	ck_assert(header_read(&h, bytes, len));
	ck_assert_uint_eq(h.len, 2);
}
END_TEST

START_TEST(offset_beyond_the_packet_is_discarded)
{
	/* HDR-06 */
	uint8_t bytes[64];
	struct l2tp_header h;
	size_t len = build(bytes, sizeof(bytes), O, 11, 22);

	bytes[7] = 10;
	ck_assert(header_read(&h, bytes, len));
	ck_assert_uint_eq(h.len, 0);
	bytes[7] = 11;
	ck_assert(!header_read(&h, bytes, len));
	bytes[6] = 0xff;
	ck_assert(!header_read(&h, bytes, len));
}
END_TEST

struct flow {
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
	uint8_t bytes[16];
};

static void
flow_open_as(struct flow *f, enum lns_sequencing ours, bool sequencing)
{
	struct l2tp_msg msg = lac_iccn();

	rig_open(&f->rig);
	f->rig.conf.others.sequencing = ours;
	rig_start(&f->rig);
	lac_init(&f->lac, &f->rig, 1);
	lac_connect(&f->lac);
	f->ref = lac_ask(&f->lac, 7);
	if (sequencing)
		msg.has |= HAS(SEQUENCING_REQUIRED);
	lac_send(&f->lac, &msg, f->ref.sid);
	rig_drain(&f->rig);
}

static void
flow_open(struct flow *f, bool sequencing)
{
	flow_open_as(f, LNS_SEQ_OFF, sequencing);
}

static enum lns_verdict
flow_input(struct flow *f, const uint8_t *bytes, size_t len, struct lns_data *data)
{
	return lns_input(f->rig.lns, f->rig.now, &f->lac.path, bytes, len, data);
}

static void
see(void *ctx, const struct lns_tunnel_info *tunnel, const struct lns_session_info *info)
{
	struct lns_session_info *seen = ctx;

	(void)tunnel;
	*seen = *info;
}

static struct lns_session_info
flow_info(const struct flow *f)
{
	struct lns_session_info info = {0};

	lns_walk_sessions(f->rig.lns, see, &info);
	return info;
}

START_TEST(frame_comes_out_as_a_view_of_its_session)
{
	/* §5.3, HDR-08: with every form of header; Nr is not looked at (HDR-07) */
	static const unsigned flags[] = {0, L, S, L | S, O | P, L | S | O | P};
	struct flow f;

	flow_open(&f, false);
	for (size_t i = 0; i < 6; i++) {
		uint8_t bytes[64];
		struct lns_data data;
		size_t len = build(bytes, sizeof(bytes), flags[i], f.lac.lns_tid, f.ref.sid);

		ck_assert_int_eq(flow_input(&f, bytes, len, &data), LNS_DATA);
		ck_assert_mem_eq(&data.ref, &f.ref, sizeof(f.ref));
		ck_assert_uint_eq(data.len, 5);
		ck_assert_ptr_eq(data.frame, bytes + len - 5);
	}
	ck_assert_uint_eq(rig_count(&f.rig).data_in, 6);
	rig_expect_nothing(&f.rig);
	rig_close(&f.rig);
}
END_TEST

START_TEST(data_of_nobody_is_dropped_and_counted)
{
	/* HDR-13, HDR-14: nothing is answered */
	struct flow f;
	uint8_t bytes[64];
	struct lns_data data;
	size_t len;

	flow_open(&f, false);
	len = build(bytes, sizeof(bytes), 0, f.lac.lns_tid, (uint16_t)(f.ref.sid + 1));
	ck_assert_int_eq(flow_input(&f, bytes, len, &data), LNS_DROPPED);
	len = build(bytes, sizeof(bytes), 0, f.lac.lns_tid, 0);
	ck_assert_int_eq(flow_input(&f, bytes, len, &data), LNS_DROPPED);
	len = build(bytes, sizeof(bytes), 0, (uint16_t)(f.lac.lns_tid + 1), f.ref.sid);
	ck_assert_int_eq(flow_input(&f, bytes, len, &data), LNS_DROPPED);
	len = build(bytes, sizeof(bytes), 0, 0, f.ref.sid);
	ck_assert_int_eq(flow_input(&f, bytes, len, &data), LNS_DROPPED);
	/* no frame at all */
	len = build(bytes, sizeof(bytes), 0, f.lac.lns_tid, f.ref.sid);
	ck_assert_int_eq(flow_input(&f, bytes, len - 5, &data), LNS_DROPPED);
	ck_assert_uint_eq(rig_count(&f.rig).dropped_unknown, 5);
	ck_assert_uint_eq(rig_count(&f.rig).data_in, 0);
	rig_expect_nothing(&f.rig);
	rig_close(&f.rig);
}
END_TEST

START_TEST(frame_goes_out_with_six_bytes_before_it)
{
	/* §3.1, §5.3: the peer's ids */
	struct flow f;
	uint8_t buf[LNS_HEADROOM + 4] = {0};
	struct lns_way way = {0};

	flow_open(&f, false);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(lns_encap(f.rig.lns, f.ref, buf + LNS_HEADROOM, 4, &way), 6);
		ck_assert_mem_eq(buf + LNS_HEADROOM - 6, "\x00\x02\x00\x65\x00\x07", 6);
		ck_assert(lns_path_eq(way.path, &f.lac.path));
	}
	ck_assert_uint_eq(rig_count(&f.rig).data_out, 3);
	rig_close(&f.rig);
}
END_TEST

START_TEST(sequencing_required_numbers_every_frame)
{
	/* §4.4.4, §5.4, AVP-28, DAT-01, DAT-02: S always, Ns from 0, Nr 0; over the wrap */
	struct flow f;
	uint8_t buf[LNS_HEADROOM + 4] = {0};
	struct lns_way way;
	struct l2tp_header h;

	flow_open(&f, true);
	for (unsigned i = 0; i < 65540; i++) {
		ck_assert_uint_eq(lns_encap(f.rig.lns, f.ref, buf + LNS_HEADROOM, 4, &way), 10);
		ck_assert(header_read(&h, buf + LNS_HEADROOM - 10, 14));
		ck_assert(h.has_sequence && !h.control && !h.has_length);
		ck_assert_uint_eq(h.ns, (uint16_t)i);
		ck_assert_uint_eq(h.nr, 0);
		ck_assert_uint_eq(h.len, 4);
	}
	/* the control channel counts by itself */
	lac_send_type(&f.lac, MSG_HELLO, 0);
	lac_expect_zlb(&f.lac);
	ck_assert_uint_eq(f.rig.head.ns, f.lac.nr);
	rig_close(&f.rig);
}
END_TEST

/* The length of the next header, its number in *ns. */
static size_t
next_header(struct flow *f, uint16_t *ns)
{
	uint8_t buf[LNS_HEADROOM + 4] = {0};
	struct lns_way way;
	struct l2tp_header h = {0};
	size_t len = lns_encap(f->rig.lns, f->ref, buf + LNS_HEADROOM, 4, &way);

	ck_assert(header_read(&h, buf + LNS_HEADROOM - len, len + 4));
	*ns = h.ns;
	return len;
}

START_TEST(sequencing_is_ours_to_say_and_keeps_its_count)
{
	/* DAT-02, DAT-04: off, on, off and on again; what is sent between carries no number */
	struct flow f;
	struct lns_peer *peer;
	uint16_t ns;

	flow_open_as(&f, LNS_SEQ_ON, false);
	peer = (struct lns_peer *)session_peer(endpoint_session(f.rig.lns, f.ref.sid));
	ck_assert_uint_eq(next_header(&f, &ns), 10);
	ck_assert_uint_eq(next_header(&f, &ns), 10);
	ck_assert_uint_eq(ns, 1);
	peer->sequencing = LNS_SEQ_OFF;
	ck_assert_uint_eq(next_header(&f, &ns), 6);
	ck_assert_uint_eq(next_header(&f, &ns), 6);
	peer->sequencing = LNS_SEQ_REORDER;
	ck_assert_uint_eq(next_header(&f, &ns), 10);
	ck_assert_uint_eq(ns, 2);
	rig_close(&f.rig);
}
END_TEST

START_TEST(sessions_count_by_themselves)
{
	/* DAT-01 */
	struct flow f;
	struct lns_ref first;
	uint16_t ns;

	flow_open_as(&f, LNS_SEQ_ON, false);
	for (unsigned i = 0; i < 3; i++)
		next_header(&f, &ns);
	first = f.ref;
	f.ref = lac_call(&f.lac, 8);
	next_header(&f, &ns);
	ck_assert_uint_eq(ns, 0);
	f.ref = first;
	next_header(&f, &ns);
	ck_assert_uint_eq(ns, 3);
	rig_close(&f.rig);
}
END_TEST

/* A data message with this number and a payload of that one character. */
static enum lns_verdict
flow_put(struct flow *f, uint16_t ns, char text, struct lns_data *data)
{
	struct wr w = wr_init(f->bytes, sizeof(f->bytes));

	wr_u16(&w, S | 2);
	wr_u16(&w, f->lac.lns_tid);
	wr_u16(&w, f->ref.sid);
	wr_u16(&w, ns);
	wr_u16(&w, 0xdead);
	wr_u8(&w, (uint8_t)text);
	return flow_input(f, f->bytes, wr_len(&w), data);
}

static void
expect_frame(struct flow *f, char text)
{
	struct lns_data data;

	ck_assert(lns_next_data(f->rig.lns, &data));
	ck_assert_mem_eq(&data.ref, &f->ref, sizeof(f->ref));
	ck_assert_uint_eq(data.len, 1);
	ck_assert_uint_eq(data.frame[0], (uint8_t)text);
}

START_TEST(early_frame_waits_where_frames_are_put_in_order)
{
	/* DAT-05 */
	struct flow f;
	struct lns_data data;
	struct lns_session_info info;

	flow_open_as(&f, LNS_SEQ_REORDER, false);
	ck_assert_int_eq(flow_put(&f, 0, 'a', &data), LNS_DATA);
	ck_assert(!lns_next_data(f.rig.lns, &data));
	ck_assert_int_eq(flow_put(&f, 2, 'c', &data), LNS_TAKEN);
	ck_assert(!lns_next_data(f.rig.lns, &data));
	ck_assert_int_eq(flow_put(&f, 1, 'b', &data), LNS_DATA);
	ck_assert_uint_eq(data.frame[0], 'b');
	expect_frame(&f, 'c');
	ck_assert(!lns_next_data(f.rig.lns, &data));
	ck_assert_int_eq(flow_put(&f, 1, 'b', &data), LNS_DROPPED);
	ck_assert_uint_eq(rig_count(&f.rig).data_in, 3);
	info = flow_info(&f);
	ck_assert(info.sequencing);
	ck_assert_uint_eq(info.early, 1);
	ck_assert_uint_eq(info.late, 1);
	rig_close(&f.rig);
}
END_TEST

START_TEST(tick_delivers_what_has_waited_100_ms)
{
	/* DAT-05: no frame waits for another frame to come */
	struct flow f;
	struct lns_data data;
	mstime_t start;

	flow_open_as(&f, LNS_SEQ_REORDER, true);
	start = f.rig.now;
	ck_assert_int_eq(flow_put(&f, 1, 'b', &data), LNS_TAKEN);
	f.rig.now += 60;
	ck_assert_int_eq(flow_put(&f, 3, 'd', &data), LNS_TAKEN);
	ck_assert_int_eq(lns_deadline(f.rig.lns), start + 100);
	lns_tick(f.rig.lns, start + 99);
	ck_assert(!lns_next_data(f.rig.lns, &data));
	lns_tick(f.rig.lns, start + 100);
	expect_frame(&f, 'b');
	ck_assert(!lns_next_data(f.rig.lns, &data));
	ck_assert_int_eq(lns_deadline(f.rig.lns), start + 160);
	lns_tick(f.rig.lns, start + 160);
	expect_frame(&f, 'd');
	ck_assert_int_gt(lns_deadline(f.rig.lns), start + 1000);
	/* the session lives on: its timer is no longer that of its set-up */
	ck_assert_uint_eq(rig_count(&f.rig).sessions, 1);
	rig_close(&f.rig);
}
END_TEST

START_TEST(frame_without_a_number_has_no_turn)
{
	/* §5.4: a peer that numbers nothing is heard all the same, also where it was required */
	struct flow f;
	uint8_t bytes[64];
	struct lns_data data;
	size_t len;

	flow_open_as(&f, LNS_SEQ_REORDER, true);
	ck_assert_int_eq(flow_put(&f, 1, 'b', &data), LNS_TAKEN);
	len = build(bytes, sizeof(bytes), 0, f.lac.lns_tid, f.ref.sid);
	ck_assert_int_eq(flow_input(&f, bytes, len, &data), LNS_DATA);
	ck_assert_uint_eq(data.len, 5);
	rig_close(&f.rig);
}
END_TEST

START_TEST(numbers_are_not_looked_at_where_order_is_not_kept)
{
	struct flow f;
	struct lns_data data;

	flow_open_as(&f, LNS_SEQ_ON, true);
	ck_assert_int_eq(flow_put(&f, 9, 'a', &data), LNS_DATA);
	ck_assert_int_eq(flow_put(&f, 3, 'b', &data), LNS_DATA);
	ck_assert_int_eq(flow_put(&f, 3, 'b', &data), LNS_DATA);
	ck_assert_uint_eq(flow_info(&f).late, 0);
	rig_close(&f.rig);
}
END_TEST

START_TEST(frames_that_wait_go_with_their_session)
{
	struct flow f;
	struct lns_data data;

	flow_open_as(&f, LNS_SEQ_REORDER, false);
	flow_put(&f, 1, 'b', &data);
	lns_close(f.rig.lns, f.rig.now, f.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect(&f.rig, LNS_ACT_PPP_STOP);
	lac_expect_cdn(&f.lac, 7, 3, 0);
	lns_tick(f.rig.lns, f.rig.now + 100);
	ck_assert(!lns_next_data(f.rig.lns, &data));
	/* and what was not taken is gone at the next entry */
	f.ref = lac_call(&f.lac, 9);
	flow_put(&f, 1, 'b', &data);
	flow_put(&f, 0, 'a', &data);
	lns_tick(f.rig.lns, f.rig.now);
	ck_assert(!lns_next_data(f.rig.lns, &data));
	flow_put(&f, 3, 'd', &data);
	flow_put(&f, 2, 'c', &data);
	rig_close(&f.rig);
}
END_TEST

START_TEST(no_frame_leaves_a_session_that_is_not_established)
{
	/* §5.2, SES-13; stale and foreign refs do nothing */
	struct flow f;
	uint8_t buf[LNS_HEADROOM + 4] = {0};
	struct lns_way way;
	struct lns_ref other;

	flow_open(&f, false);
	other = f.ref;
	other.serial++;
	ck_assert_uint_eq(lns_encap(f.rig.lns, other, buf + LNS_HEADROOM, 4, &way), 0);
	other = f.ref;
	other.tid++;
	ck_assert_uint_eq(lns_encap(f.rig.lns, other, buf + LNS_HEADROOM, 4, &way), 0);
	other.sid = 0;
	ck_assert_uint_eq(lns_encap(f.rig.lns, other, buf + LNS_HEADROOM, 4, &way), 0);
	ck_assert_uint_eq(lns_encap(f.rig.lns, f.ref, buf + LNS_HEADROOM, 0, &way), 0);
	other = lac_ask(&f.lac, 8);
	ck_assert_uint_eq(lns_encap(f.rig.lns, other, buf + LNS_HEADROOM, 4, &way), 0);
	lns_close(f.rig.lns, f.rig.now, f.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	ck_assert_uint_eq(lns_encap(f.rig.lns, f.ref, buf + LNS_HEADROOM, 4, &way), 0);
	ck_assert_uint_eq(rig_count(&f.rig).data_out, 0);
	rig_close(&f.rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("data");
	TCase *t = tcase_create("data");
	SRunner *sr;
	int failed;

	tcase_add_test(t, data_header_is_read_in_all_combinations);
	tcase_add_test(t, reserved_bits_are_ignored);
	tcase_add_test(t, other_versions_are_discarded);
	tcase_add_test(t, control_without_length_or_sequence_or_with_offset_is_discarded);
	tcase_add_test(t, length_that_lies_is_discarded_or_cuts);
	tcase_add_test(t, offset_beyond_the_packet_is_discarded);
	tcase_add_test(t, frame_comes_out_as_a_view_of_its_session);
	tcase_add_test(t, data_of_nobody_is_dropped_and_counted);
	tcase_add_test(t, frame_goes_out_with_six_bytes_before_it);
	tcase_add_test(t, sequencing_required_numbers_every_frame);
	tcase_add_test(t, sequencing_is_ours_to_say_and_keeps_its_count);
	tcase_add_test(t, sessions_count_by_themselves);
	tcase_add_test(t, early_frame_waits_where_frames_are_put_in_order);
	tcase_add_test(t, tick_delivers_what_has_waited_100_ms);
	tcase_add_test(t, frame_without_a_number_has_no_turn);
	tcase_add_test(t, numbers_are_not_looked_at_where_order_is_not_kept);
	tcase_add_test(t, frames_that_wait_go_with_their_session);
	tcase_add_test(t, no_frame_leaves_a_session_that_is_not_established);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
