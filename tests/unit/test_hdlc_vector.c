/*
 * What the vector instructions make is what the plain way makes, to the byte, and touches nothing
 * beside its buffers: pages that must not be read lie before and behind the input, canaries behind
 * the output. Where there are no such instructions, there is nothing to compare.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ppp/hdlc_way.h"

#define LONGEST 1600
#define ALIGNMENTS 64
#define CODED (HDLC_ENCODED_MAX(LONGEST) + ALIGNMENTS)
#define CANARY 0xc5
#define CANARIES 32

/* ── bytes to try ───────────────────────────────────────────────────────────────────────── */

enum payload { RANDOM, NASTY, ALL_ESCAPED, CONTROLS, TEXT, PAYLOADS };

static void
fill(uint8_t *p, size_t len, enum payload payload)
{
	/* flags, escapes and their neighbours, in all orders */
	static const uint8_t nasty[] = {0x7d, 0x7e, 0x7d, 0x7e, 0x7f, 0x5d, 0x5e, 'x'};

	for (size_t i = 0; i < len; i++) {
		unsigned n = (unsigned)rand() >> 4;

		switch (payload) {
		case RANDOM:
			p[i] = (uint8_t)n;
			break;
		case NASTY:
			p[i] = nasty[n % sizeof(nasty)];
			break;
		case ALL_ESCAPED:
			p[i] = (uint8_t)(n % 2 ? 0x7d : 0x7e);
			break;
		case CONTROLS:
			p[i] = (uint8_t)(n % 0x30);
			break;
		case TEXT:
		case PAYLOADS:
			p[i] = (uint8_t)(' ' + n % 90);
			break;
		}
	}
}

static uint32_t
random_accm(void)
{
	switch (rand() % 4) {
	case 0:
		return HDLC_ACCM_ALL;
	case 1:
		return 0;
	case 2:
		return 1u << rand() % 32;
	default:
		return (uint32_t)rand() << 1;
	}
}

/* Bytes between pages that must not be touched. */
struct fenced {
	uint8_t *start, *end;
	size_t page;
};

static struct fenced
fence(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (CODED / page + 1) * page;
	uint8_t *all = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(all, MAP_FAILED);
	ck_assert_int_eq(mprotect(all + page, size, PROT_READ | PROT_WRITE), 0);
	return (struct fenced){all + page, all + page + size, page};
}

static void
unfence(struct fenced *f)
{
	munmap(f->start - f->page, (size_t)(f->end - f->start) + 2 * f->page);
}

/* ── encode ─────────────────────────────────────────────────────────────────────────────── */

/* No assertion a byte or call here: libcheck writes each down. */
static bool
canaries_live(const uint8_t *p)
{
	static const uint8_t none[CANARIES] = {0};
	uint8_t all[CANARIES];

	for (size_t i = 0; i < CANARIES; i++)
		all[i] = p[i] ^ CANARY;
	return memcmp(all, none, CANARIES) == 0;
}

/* One frame in both ways, with exactly `cap` bytes for it at `dst`, which has canaries behind. */
static void
check_encode(uint8_t *dst, size_t cap, const uint8_t *frame, size_t len, uint32_t accm)
{
	uint8_t plain[CODED];
	size_t n = hdlc_plain.encode(plain, cap, frame, len, accm), got;

	memset(dst + cap, CANARY, CANARIES);
	dst[-1] = CANARY;
	got = hdlc_vector()->encode(dst, cap, frame, len, accm);
	if (got != n || memcmp(dst, plain, n) != 0)
		ck_abort_msg("len %zu, cap %zu, accm %08x: %zu bytes, not %zu", len, cap, accm, got,
			     n);
	if (!canaries_live(dst + cap) || dst[-1] != CANARY)
		ck_abort_msg("len %zu, cap %zu: writes beside its room", len, cap);
}

START_TEST(encode_of_every_length_at_every_alignment_is_the_plain_one)
{
	uint8_t frames[PAYLOADS][LONGEST + ALIGNMENTS], coded[1 + CODED + CANARIES];

	srand(1);
	for (int i = 0; i < PAYLOADS; i++)
		fill(frames[i], sizeof(frames[i]), (enum payload)i);
	for (size_t len = 0; len <= LONGEST; len++) {
		for (size_t at = 0; at < ALIGNMENTS; at++)
			check_encode(coded + 1 + (size_t)rand() % ALIGNMENTS, HDLC_ENCODED_MAX(len),
				     frames[rand() % PAYLOADS] + at, len, random_accm());
	}
}
END_TEST

START_TEST(encode_with_every_accm_is_the_plain_one)
{
	uint8_t every[256], coded[1 + CODED + CANARIES];

	for (size_t i = 0; i < sizeof(every); i++)
		every[i] = (uint8_t)i;
	for (unsigned bit = 0; bit < 32; bit++) {
		check_encode(coded + 1, CODED, every, sizeof(every), 1u << bit);
		check_encode(coded + 1, CODED, every, sizeof(every), ~(1u << bit));
	}
	srand(2);
	for (int turn = 0; turn < 10000; turn++)
		check_encode(coded + 1, CODED, every, sizeof(every), random_accm());
}
END_TEST

START_TEST(encode_reads_nothing_beside_the_frame)
{
	struct fenced in = fence();
	uint8_t coded[1 + CODED + CANARIES];

	srand(3);
	fill(in.start, (size_t)(in.end - in.start), NASTY);
	for (size_t len = 0; len <= LONGEST; len++) {
		check_encode(coded + 1, CODED, in.start, len, random_accm());
		check_encode(coded + 1, CODED, in.end - len, len, random_accm());
	}
	unfence(&in);
}
END_TEST

START_TEST(encode_with_any_room_stays_inside)
{
	uint8_t frame[100], coded[1 + CODED + CANARIES];

	srand(4);
	for (size_t len = 0; len <= sizeof(frame); len++) {
		fill(frame, len, (enum payload)(len % PAYLOADS));
		for (size_t cap = 0; cap <= HDLC_ENCODED_MAX(len); cap++)
			check_encode(coded + 1, cap, frame, len, HDLC_ACCM_ALL);
	}
}
END_TEST

START_TEST(fcs_is_the_plain_one)
{
	struct fenced in = fence();

	srand(5);
	fill(in.start, (size_t)(in.end - in.start), RANDOM);
	for (size_t len = 0; len <= LONGEST; len++) {
		const uint8_t *last = in.end - len;

		ck_assert_uint_eq(hdlc_vector()->fcs(in.start, len), hdlc_plain.fcs(in.start, len));
		ck_assert_uint_eq(hdlc_vector()->fcs(last, len), hdlc_plain.fcs(last, len));
	}
	unfence(&in);
}
END_TEST

/* ── decode ─────────────────────────────────────────────────────────────────────────────── */

/* The same line, decoded in both ways. */
struct twins {
	struct hdlc_rx plain, vector;
	uint8_t plain_buf[LONGEST + 2], vector_buf[LONGEST + 2 + CANARIES];
	size_t frames;
};

static void
twins_init(struct twins *twins, size_t cap)
{
	twins->frames = 0;
	twins->plain = (struct hdlc_rx){.buf = twins->plain_buf, .cap = cap};
	twins->vector = (struct hdlc_rx){.buf = twins->vector_buf, .cap = cap};
	memset(twins->vector_buf + cap, CANARY, CANARIES);
}

/* What both have seen is the same, and what they have of a frame. */
static bool
alike(const struct hdlc_rx *a, const struct hdlc_rx *b)
{
	return a->bad == b->bad && a->discarding == b->discarding &&
	       (a->discarding || (a->len == b->len && a->escaped == b->escaped &&
				  memcmp(a->buf, b->buf, a->len) == 0));
}

/* Some more of the line's bytes. */
static void
twins_read(struct twins *twins, const uint8_t *bytes, size_t n)
{
	const uint8_t *p = bytes, *q = bytes, *end = bytes + n;
	size_t len;

	do {
		size_t other = hdlc_decode_by(hdlc_vector(), &twins->vector, &q, end);

		len = hdlc_decode_by(&hdlc_plain, &twins->plain, &p, end);
		if (other != len || p != q || memcmp(twins->plain_buf, twins->vector_buf, len) != 0)
			ck_abort_msg("a frame of %zu, not of %zu", other, len);
		if (!alike(&twins->plain, &twins->vector))
			ck_abort_msg("not alike after %td bytes of %zu", p - bytes, n);
		if (!canaries_live(twins->vector_buf + twins->vector.cap))
			ck_abort_msg("writes behind its room of %zu", twins->vector.cap);
		twins->frames += len > 0;
	} while (len > 0);
	ck_assert_ptr_eq(p, end);
}

START_TEST(decode_of_every_length_at_every_alignment_is_the_plain_one)
{
	uint8_t frame[LONGEST], coded[ALIGNMENTS + CODED];
	struct twins twins;

	srand(6);
	for (size_t len = 2; len <= LONGEST; len++) {
		size_t n;

		fill(frame, len, (enum payload)(rand() % PAYLOADS));
		n = hdlc_plain.encode(coded, CODED, frame, len, random_accm());
		twins_init(&twins, LONGEST + 2);
		for (size_t at = len % 4; at < ALIGNMENTS; at += 4) {
			uint8_t moved[ALIGNMENTS + CODED];

			memcpy(moved + at, coded, n);
			twins_read(&twins, moved + at, n);
		}
		ck_assert_uint_eq(twins.frames, ALIGNMENTS / 4);
		ck_assert_uint_eq(twins.vector.bad, 0);
	}
}
END_TEST

/* Two good frames, one with a wrong FCS, one aborted, one too long. */
static size_t
make_stream(uint8_t *stream, size_t cap, size_t longest)
{
	size_t n = 0;

	for (int i = 0; i < 5; i++) {
		uint8_t frame[LONGEST];
		size_t len = i == 4 ? longest + 1 : 2 + (size_t)rand() % (longest - 1);

		fill(frame, len, (enum payload)(rand() % PAYLOADS));
		n += hdlc_plain.encode(stream + n, cap - n, frame, len, random_accm());
		if (i == 1)
			stream[n - 4] ^= 0x40;
		if (i == 2) {
			stream[n - 1] = 0x7d;
			stream[n++] = 0x7e;
		}
	}
	return n;
}

START_TEST(decode_of_a_stream_cut_anywhere_is_the_plain_one)
{
	enum { LONG = 100 };
	struct fenced in = fence();
	struct twins twins;

	srand(7);
	for (int turn = 0; turn < 20; turn++) {
		uint8_t stream[5 * HDLC_ENCODED_MAX(LONG + 1) + 1];
		size_t n = make_stream(stream, sizeof(stream), LONG);

		for (size_t cut = 0; cut <= n; cut++) {
			twins_init(&twins, LONG + 2);
			/* each part ends where nothing may be read any more */
			memcpy(in.end - cut, stream, cut);
			twins_read(&twins, in.end - cut, cut);
			memcpy(in.end - (n - cut), stream + cut, n - cut);
			twins_read(&twins, in.end - (n - cut), n - cut);
			ck_assert_uint_ge(twins.frames, 2);
			ck_assert_uint_ge(twins.vector.bad, 3);
		}
	}
	unfence(&in);
}
END_TEST

START_TEST(decode_of_anything_in_any_pieces_is_the_plain_one)
{
	struct fenced in = fence();
	struct twins twins;

	srand(8);
	for (int turn = 0; turn < 20000; turn++) {
		enum payload payload = (enum payload)(rand() % PAYLOADS);
		size_t cap = 4 + (size_t)rand() % 100;

		twins_init(&twins, cap);
		for (int piece = 0; piece < 8; piece++) {
			size_t n = (size_t)rand() % 80;

			fill(in.end - n, n, payload);
			if (n && rand() % 2)
				in.end[-1 - rand() % (int)n] = 0x7e;
			twins_read(&twins, in.end - n, n);
		}
	}
	unfence(&in);
}
END_TEST

/* ── choice ─────────────────────────────────────────────────────────────────────────────── */

#ifdef __x86_64__
/* What the kernel says of the CPU. */
static bool
cpu_has_it(void)
{
	static const char *const names[] = {" ssse3 ", " sse4_1 ", " popcnt ", " pclmulqdq "};
	char line[8192] = "";
	FILE *file = fopen("/proc/cpuinfo", "re");
	bool all = true;

	ck_assert_ptr_nonnull(file);
	while (strncmp(line, "flags\t", 6) != 0)
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
	fclose(file);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		all = all && strstr(line, names[i]);
	return all;
}
#else
static bool
cpu_has_it(void)
{
	return false;
}
#endif

START_TEST(vector_is_chosen_where_the_cpu_has_the_instructions)
{
	ck_assert_str_eq(hdlc_best()->name, cpu_has_it() ? "shuffle" : "plain");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hdlc_vector");
	TCase *tc = tcase_create("hdlc_vector");
	int ways = hdlc_vector() ? 1 : 0;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, vector_is_chosen_where_the_cpu_has_the_instructions);
	tcase_add_loop_test(tc, fcs_is_the_plain_one, 0, ways);
	tcase_add_loop_test(tc, encode_of_every_length_at_every_alignment_is_the_plain_one, 0,
			    ways);
	tcase_add_loop_test(tc, encode_with_every_accm_is_the_plain_one, 0, ways);
	tcase_add_loop_test(tc, encode_reads_nothing_beside_the_frame, 0, ways);
	tcase_add_loop_test(tc, encode_with_any_room_stays_inside, 0, ways);
	tcase_add_loop_test(tc, decode_of_every_length_at_every_alignment_is_the_plain_one, 0,
			    ways);
	tcase_add_loop_test(tc, decode_of_a_stream_cut_anywhere_is_the_plain_one, 0, ways);
	tcase_add_loop_test(tc, decode_of_anything_in_any_pieces_is_the_plain_one, 0, ways);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
