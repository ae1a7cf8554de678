/*
 * Nanoseconds a frame of each way to encode and decode, and how many times as fast as the plain
 * table loop it is: the median of several rounds in which the ways take turns.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ppp/hdlc_way.h"

#define WAYS 2
/* different ones, that no branch predictor learns them, but so few that the first cache has room */
#define FRAMES 8
#define LONGEST 1400
#define TURNS 16 /* between looks at the clock */
#define ROUNDS 41
#define ROUND_NS 400000.0

struct load {
	size_t len, coded_len[FRAMES];
	uint8_t frame[FRAMES][LONGEST], coded[FRAMES][HDLC_ENCODED_MAX(LONGEST)];
};

typedef size_t run_fn(const struct hdlc_way *way, const struct load *load, size_t i);

static size_t
run_encode(const struct hdlc_way *way, const struct load *load, size_t i)
{
	uint8_t out[HDLC_ENCODED_MAX(LONGEST)];

	return way->encode(out, sizeof(out), load->frame[i], load->len, HDLC_ACCM_ALL);
}

static size_t
run_encode_open(const struct hdlc_way *way, const struct load *load, size_t i)
{
	uint8_t out[HDLC_ENCODED_MAX(LONGEST)];

	return way->encode(out, sizeof(out), load->frame[i], load->len, 0);
}

static size_t
run_decode(const struct hdlc_way *way, const struct load *load, size_t i)
{
	uint8_t buf[2048 + 2];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	const uint8_t *p = load->coded[i];

	return hdlc_decode_by(way, &rx, &p, p + load->coded_len[i]);
}

static size_t
run_fcs(const struct hdlc_way *way, const struct load *load, size_t i)
{
	return way->fcs(load->frame[i], load->len);
}

static const struct {
	const char *name;
	run_fn *run;
} works[] = {
	{"encode", run_encode},
	{"encode-accm-0", run_encode_open},
	{"decode", run_decode},
	{"fcs", run_fcs},
};

static double
cpu_ns(void)
{
	struct timespec t;

	/* not what others take of a busy machine */
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* One round: as many turns over all frames as fill its time. */
static double
time_round(run_fn *run, const struct hdlc_way *way, const struct load *load)
{
	double began = cpu_ns(), took;
	size_t frames = 0;

	do {
		for (size_t i = 0; i < TURNS * FRAMES; i++) {
			if (run(way, load, i % FRAMES) == 0)
				abort();
		}
		frames += TURNS * FRAMES;
		took = cpu_ns() - began;
	} while (took < ROUND_NS);
	return took / (double)frames;
}

static int
by_time(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *times)
{
	qsort(times, ROUNDS, sizeof(times[0]), by_time);
	return times[ROUNDS / 2];
}

static void
make_load(struct load *load, size_t len, bool text)
{
	load->len = len;
	for (size_t i = 0; i < FRAMES; i++) {
		for (size_t at = 0; at < len; at++)
			load->frame[i][at] = (uint8_t)(text ? ' ' + rand() % 90 : rand() >> 8);
		load->coded_len[i] =
			hdlc_encode(load->coded[i], sizeof(load->coded[i]), load->frame[i], len);
	}
}

/* The first way is the plain one, which the others are held against round by round. */
static void
print_row(const char *payload, const struct load *load, size_t work)
{
	const struct hdlc_way *ways[] = {&hdlc_plain, hdlc_vector()};
	double times[WAYS][ROUNDS], ratios[WAYS][ROUNDS];

	for (size_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < WAYS && ways[i]; i++) {
			times[i][round] = time_round(works[work].run, ways[i], load);
			ratios[i][round] = times[0][round] / times[i][round];
		}
	}
	for (size_t i = 0; i < WAYS && ways[i]; i++)
		printf("%5zu  %-7s  %-13s  %-7s  %8.1f  %5.2f\n", load->len, payload,
		       works[work].name, ways[i]->name, median(times[i]), median(ratios[i]));
}

static void
print_rows(const char *payload, const struct load *load)
{
	for (size_t work = 0; work < sizeof(works) / sizeof(works[0]); work++)
		print_row(payload, load, work);
}

int
main(void)
{
	static const size_t lengths[] = {64, 512, 1400};
	struct load *load = malloc(sizeof(*load));

	if (!load)
		return 1;
	srand(1);
	printf("bytes  payload  work           way      ns/frame  ratio\n");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		make_load(load, lengths[i], false);
		print_rows("random", load);
		make_load(load, lengths[i], true);
		print_rows("text", load);
	}
	free(load);
	return 0;
}
