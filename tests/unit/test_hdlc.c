/*
 * RFC 1662: stuffing and FCS against the appendix's own slow way, and streams cut at every place;
 * once for each way that this machine has.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ppp/hdlc_way.h"

#define LONGEST 1500
#define CAP (LONGEST + 2)

/* An LCP Configure-Request: MRU 1400, magic number */
static const uint8_t request[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x0e, 0x01,
				  0x04, 0x05, 0x78, 0x05, 0x06, 0x12, 0x34, 0x7d, 0x7e};

static int
ways(void)
{
	return hdlc_vector() ? 2 : 1;
}

static const struct hdlc_way *
way_of(int i)
{
	return i ? hdlc_vector() : &hdlc_plain;
}

static size_t
encode(const struct hdlc_way *way, uint8_t *dst, size_t cap, const uint8_t *frame, size_t len)
{
	return way->encode(dst, cap, frame, len, HDLC_ACCM_ALL);
}

/* Appendix C.1: bit by bit, no table */
static uint16_t
slow_fcs(const uint8_t *bytes, size_t len)
{
	uint16_t fcs = 0xffff;

	for (size_t i = 0; i < len; i++) {
		fcs ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			fcs = (uint16_t)(fcs & 1 ? fcs >> 1 ^ 0x8408 : fcs >> 1);
	}
	return fcs ^ 0xffff;
}

/* Stuffs by the words of §4.2, with the control characters of accm escaped. */
static size_t
slow_encode(uint8_t *dst, const uint8_t *frame, size_t len, uint32_t accm)
{
	uint16_t fcs = slow_fcs(frame, len);
	size_t n = 0;

	dst[n++] = 0x7e;
	for (size_t i = 0; i < len + 2; i++) {
		uint8_t c = i < len ? frame[i] : (uint8_t)(i == len ? fcs & 0xff : fcs >> 8);

		if (c == 0x7d || c == 0x7e || (c < 0x20 && accm >> c & 1)) {
			dst[n++] = 0x7d;
			c ^= 0x20;
		}
		dst[n++] = c;
	}
	dst[n++] = 0x7e;
	return n;
}

static void
random_frame(uint8_t *frame, size_t len)
{
	/* every other frame is full of what needs an escape */
	bool nasty = rand() % 2;

	for (size_t i = 0; i < len; i++)
		frame[i] = (uint8_t)(nasty ? 0x70 + rand() % 16 : rand());
}

/* The next frame of the stream, and that it is the one expected. */
static void
expect_frame(const struct hdlc_way *way, struct hdlc_rx *rx, const uint8_t **p, const uint8_t *end,
	     const uint8_t *frame, size_t len)
{
	ck_assert_uint_eq(hdlc_decode_by(way, rx, p, end), len);
	ck_assert_mem_eq(rx->buf, frame, len);
}

static void
expect_nothing(const struct hdlc_way *way, const uint8_t *bytes, size_t len, uint64_t bad)
{
	uint8_t buf[CAP];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	const uint8_t *p = bytes;

	ck_assert_uint_eq(hdlc_decode_by(way, &rx, &p, bytes + len), 0);
	ck_assert_ptr_eq(p, bytes + len);
	ck_assert_uint_eq(rx.bad, bad);
}

START_TEST(encode_is_what_the_rfc_says)
{
	/* RFC 1662 §4; DAT-07: whatever the frame begins with, address and control or not, a whole
	 * protocol or a short one */
	const struct hdlc_way *way = way_of(_i);
	srand(1);
	for (int turn = 0; turn < 2000; turn++) {
		uint8_t frame[LONGEST], slow[HDLC_ENCODED_MAX(LONGEST)], fast[sizeof(slow)];
		size_t len = 1 + (size_t)rand() % 64, n;
		uint32_t accm = turn % 2 ? HDLC_ACCM_ALL : (uint32_t)rand() << 1;

		random_frame(frame, len);
		n = slow_encode(slow, frame, len, accm);
		ck_assert_uint_eq(way->encode(fast, sizeof(fast), frame, len, accm), n);
		ck_assert_mem_eq(fast, slow, n);
	}
}
END_TEST

START_TEST(encode_escapes_every_control_character)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t frame[256], coded[HDLC_ENCODED_MAX(256)];
	size_t n;

	for (int i = 0; i < 256; i++)
		frame[i] = (uint8_t)i;
	n = encode(way, coded, sizeof(coded), frame, sizeof(frame));
	ck_assert_uint_gt(n, 256 + 34);
	for (size_t i = 1; i < n - 1; i++) {
		ck_assert_uint_ge(coded[i], 0x20);
		ck_assert_uint_ne(coded[i], 0x7e);
	}
}
END_TEST

START_TEST(encode_worst_case_fits_the_bound)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t frame[LONGEST], coded[HDLC_ENCODED_MAX(LONGEST)];

	memset(frame, 0x7e, sizeof(frame));
	ck_assert_uint_ge(encode(way, coded, sizeof(coded), frame, sizeof(frame)), 2 * LONGEST + 4);
}
END_TEST

START_TEST(encode_without_room_gives_nothing_and_stays_inside)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t coded[HDLC_ENCODED_MAX(sizeof(request)) + 1];
	size_t need = encode(way, coded, sizeof(coded), request, sizeof(request));

	ck_assert_uint_gt(need, sizeof(request));
	for (size_t cap = 0; cap < need; cap++) {
		memset(coded, 0xaa, sizeof(coded));
		ck_assert_uint_eq(encode(way, coded, cap, request, sizeof(request)), 0);
		ck_assert_uint_eq(coded[cap], 0xaa);
	}
	ck_assert_uint_eq(encode(way, coded, need, request, sizeof(request)), need);
}
END_TEST

START_TEST(decode_takes_frames_of_every_length)
{
	/* DAT-07: what comes out has neither flags nor FCS */
	const struct hdlc_way *way = way_of(_i);
	uint8_t frame[LONGEST], coded[HDLC_ENCODED_MAX(LONGEST)], buf[CAP];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};

	srand(2);
	for (size_t len = 2; len <= LONGEST; len++) {
		const uint8_t *p = coded, *end;

		random_frame(frame, len);
		end = coded + encode(way, coded, sizeof(coded), frame, len);
		expect_frame(way, &rx, &p, end, frame, len);
		ck_assert_ptr_eq(p, end);
	}
	ck_assert_uint_eq(rx.bad, 0);
}
END_TEST

START_TEST(decode_takes_bare_control_characters)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t coded[HDLC_ENCODED_MAX(sizeof(request))], buf[CAP];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	const uint8_t *p = coded;

	expect_frame(way, &rx, &p, coded + slow_encode(coded, request, sizeof(request), 0), request,
		     sizeof(request));
}
END_TEST

/* Two frames in two reads: both come out, whatever place the cut is at. */
static void
check_cut(const struct hdlc_way *way, const uint8_t *stream, size_t n, size_t cut,
	  const uint8_t *frame)
{
	uint8_t buf[CAP];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	const uint8_t *p = stream, *const ends[] = {stream + cut, stream + n};
	unsigned got = 0;
	size_t len;

	for (int part = 0; part < 2; part++) {
		while ((len = hdlc_decode_by(way, &rx, &p, ends[part]))) {
			ck_assert_mem_eq(buf, got ? request : frame, len);
			got++;
		}
		ck_assert_ptr_eq(p, ends[part]);
	}
	ck_assert_uint_eq(got, 2);
	ck_assert_uint_eq(rx.bad, 0);
}

START_TEST(decode_of_a_stream_cut_anywhere_is_the_same)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t frame[40], stream[2 * HDLC_ENCODED_MAX(40)];

	srand(3);
	for (int turn = 0; turn < 50; turn++) {
		size_t n;

		random_frame(frame, sizeof(frame));
		n = encode(way, stream, sizeof(stream), frame, sizeof(frame));
		n += encode(way, stream + n, sizeof(stream) - n, request, sizeof(request));
		for (size_t cut = 0; cut <= n; cut++)
			check_cut(way, stream, n, cut, frame);
	}
}
END_TEST

START_TEST(decode_byte_by_byte_takes_all_frames)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t stream[100 * HDLC_ENCODED_MAX(100)], frames[100][100], buf[CAP];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	size_t n = 0, got = 0;

	srand(4);
	for (size_t i = 0; i < 100; i++) {
		random_frame(frames[i], 100);
		n += encode(way, stream + n, sizeof(stream) - n, frames[i], 100);
	}
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = stream + i;
		size_t len = hdlc_decode_by(way, &rx, &p, stream + i + 1);

		ck_assert_ptr_eq(p, stream + i + 1);
		if (len) {
			ck_assert_uint_eq(len, 100);
			ck_assert_mem_eq(buf, frames[got++], 100);
		}
	}
	ck_assert_uint_eq(got, 100);
}
END_TEST

START_TEST(decode_one_flag_between_frames_is_enough)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t coded[3 * HDLC_ENCODED_MAX(sizeof(request))], buf[CAP];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	size_t n = encode(way, coded, sizeof(coded), request, sizeof(request));
	const uint8_t *p = coded;

	memcpy(coded + n, coded + 1, n - 1);
	expect_frame(way, &rx, &p, coded + 2 * n - 1, request, sizeof(request));
	expect_frame(way, &rx, &p, coded + 2 * n - 1, request, sizeof(request));
	ck_assert_ptr_eq(p, coded + 2 * n - 1);
}
END_TEST

/* The FCS finds every error of one bit; a flag or an escape more or less too. */
START_TEST(decode_never_passes_a_flipped_bit)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t coded[HDLC_ENCODED_MAX(sizeof(request))];
	size_t n = encode(way, coded, sizeof(coded), request, sizeof(request));

	for (size_t bit = 8; bit < 8 * (n - 1); bit++) {
		uint8_t hurt[sizeof(coded)], buf[CAP];
		struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
		const uint8_t *p = hurt;

		memcpy(hurt, coded, n);
		hurt[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_uint_eq(hdlc_decode_by(way, &rx, &p, hurt + n), 0);
		ck_assert_uint_ge(rx.bad, 1);
	}
}
END_TEST

START_TEST(decode_drops_an_aborted_frame)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t coded[HDLC_ENCODED_MAX(sizeof(request)) + 1];
	size_t n = encode(way, coded, sizeof(coded), request, sizeof(request));

	coded[n - 1] = 0x7d;
	coded[n] = 0x7e;
	expect_nothing(way, coded, n + 1, 1);
}
END_TEST

START_TEST(decode_drops_runts)
{
	const struct hdlc_way *way = way_of(_i);
	const uint8_t flags[] = {0x7e, 0x7e, 0x7e};
	uint8_t coded[HDLC_ENCODED_MAX(1)];

	expect_nothing(way, flags, sizeof(flags), 0);
	expect_nothing(way, (const uint8_t *)"~A~AB~ABC~", 10, 3);
	/* one byte with a good FCS is still too short */
	expect_nothing(way, coded, encode(way, coded, sizeof(coded), request, 1), 1);
}
END_TEST

START_TEST(decode_drops_a_frame_too_long_and_goes_on)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t frame[64] = {0}, stream[3 * HDLC_ENCODED_MAX(64)], buf[33];
	struct hdlc_rx rx = {.buf = buf, .cap = 32};
	const uint8_t *p = stream;
	size_t n;

	memset(frame, 'x', sizeof(frame));
	buf[32] = 0xaa;
	n = encode(way, stream, sizeof(stream), frame, 31);
	n += encode(way, stream + n, sizeof(stream) - n, frame, 64);
	n += encode(way, stream + n, sizeof(stream) - n, frame, 30);
	expect_frame(way, &rx, &p, stream + n, frame, 30);
	ck_assert_uint_eq(rx.bad, 2);
	ck_assert_uint_eq(buf[32], 0xaa);
}
END_TEST

START_TEST(decode_after_rubbish_finds_the_next_frame)
{
	const struct hdlc_way *way = way_of(_i);
	uint8_t stream[2000], buf[200];

	srand(5);
	for (int turn = 0; turn < 500; turn++) {
		struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
		size_t rubbish = (size_t)rand() % 1000, n, len, last = 0;
		const uint8_t *p = stream;

		for (size_t i = 0; i < rubbish; i++)
			stream[i] = (uint8_t)rand();
		stream[rubbish] = 0x7e;
		n = rubbish + 1;
		n += encode(way, stream + n, sizeof(stream) - n, request, sizeof(request));
		while ((len = hdlc_decode_by(way, &rx, &p, stream + n)))
			last = len;
		ck_assert_uint_eq(last, sizeof(request));
		ck_assert_mem_eq(buf, request, sizeof(request));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hdlc");
	TCase *tc = tcase_create("hdlc");

	tcase_add_loop_test(tc, encode_is_what_the_rfc_says, 0, ways());
	tcase_add_loop_test(tc, encode_escapes_every_control_character, 0, ways());
	tcase_add_loop_test(tc, encode_worst_case_fits_the_bound, 0, ways());
	tcase_add_loop_test(tc, encode_without_room_gives_nothing_and_stays_inside, 0, ways());
	tcase_add_loop_test(tc, decode_takes_frames_of_every_length, 0, ways());
	tcase_add_loop_test(tc, decode_takes_bare_control_characters, 0, ways());
	tcase_add_loop_test(tc, decode_of_a_stream_cut_anywhere_is_the_same, 0, ways());
	tcase_add_loop_test(tc, decode_byte_by_byte_takes_all_frames, 0, ways());
	tcase_add_loop_test(tc, decode_one_flag_between_frames_is_enough, 0, ways());
	tcase_add_loop_test(tc, decode_never_passes_a_flipped_bit, 0, ways());
	tcase_add_loop_test(tc, decode_drops_an_aborted_frame, 0, ways());
	tcase_add_loop_test(tc, decode_drops_runts, 0, ways());
	tcase_add_loop_test(tc, decode_drops_a_frame_too_long_and_goes_on, 0, ways());
	tcase_add_loop_test(tc, decode_after_rubbish_finds_the_next_frame, 0, ways());
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
