/* src/worker/exposition.c, histogram.c, totals.c, process.c: the text that Prometheus reads */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "worker/exposition.h"
#include "worker/process.h"
#include "worker/totals.h"

static const struct metric gauge = {"a_depth", METRIC_GAUGE, "How deep."};
static const struct metric counter = {"a_total", METRIC_COUNTER, "One \\ two\nthree \"four\"."};
static const struct metric times = {"a_seconds", METRIC_HISTOGRAM, "How long."};

static char *
closed(struct exposition *exposition)
{
	size_t len;
	char *text = exposition_close(exposition, &len);

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(strlen(text), len);
	return text;
}

START_TEST(exposition_of_nothing_is_empty)
{
	struct exposition exposition;
	char *text;

	ck_assert(exposition_open(&exposition));
	text = closed(&exposition);
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(exposition_has_help_type_and_samples)
{
	struct exposition exposition;
	char *text;

	ck_assert(exposition_open(&exposition));
	exposition_begin(&exposition, &gauge);
	exposition_count(&exposition, NULL, UINT64_MAX);
	exposition_begin(&exposition, &counter);
	exposition_count(&exposition, (struct label[]){{"kind", "x"}, {NULL, NULL}}, 0);
	exposition_time(&exposition, (struct label[]){{"kind", "x"}, {"of", "y"}, {NULL, NULL}},
			61005);
	text = closed(&exposition);
	ck_assert_str_eq(text, "# HELP a_depth How deep.\n# TYPE a_depth gauge\n"
			       "a_depth 18446744073709551615\n"
			       "# HELP a_total One \\\\ two\\nthree \"four\".\n"
			       "# TYPE a_total counter\n"
			       "a_total{kind=\"x\"} 0\n"
			       "a_total{kind=\"x\",of=\"y\"} 61.005\n");
	free(text);
}
END_TEST

START_TEST(exposition_label_with_quote_backslash_and_line_break_stays_one_value)
{
	struct exposition exposition;
	char *text;

	ck_assert(exposition_open(&exposition));
	exposition_begin(&exposition, &gauge);
	exposition_count(&exposition, (struct label[]){{"name", "a\"b\\c\nd"}, {NULL, NULL}}, 1);
	text = closed(&exposition);
	ck_assert_ptr_nonnull(strstr(text, "\na_depth{name=\"a\\\"b\\\\c\\nd\"} 1\n"));
	free(text);
}
END_TEST

START_TEST(histogram_value_at_a_bound_is_within_it)
{
	struct histogram histogram = {.sum_ms = 0};

	histogram_note(&histogram, 0);
	histogram_note(&histogram, histogram_bound_ms(0));
	histogram_note(&histogram, histogram_bound_ms(0) + 1);
	histogram_note(&histogram, histogram_bound_ms(HISTOGRAM_BOUNDS - 1) + 1);
	ck_assert_uint_eq(histogram.buckets[0], 2);
	ck_assert_uint_eq(histogram.buckets[1], 1);
	ck_assert_uint_eq(histogram.buckets[HISTOGRAM_BOUNDS - 1], 0);
	ck_assert_uint_eq(histogram.buckets[HISTOGRAM_BOUNDS], 1);
	ck_assert_uint_eq(histogram.sum_ms, 25 + 26 + 30001);
}
END_TEST

START_TEST(histogram_bounds_grow)
{
	for (size_t i = 1; i < HISTOGRAM_BOUNDS; i++)
		ck_assert_uint_gt(histogram_bound_ms(i), histogram_bound_ms(i - 1));
}
END_TEST

START_TEST(exposition_histogram_counts_each_bucket_with_those_below)
{
	struct histogram histogram = {.sum_ms = 0};
	struct exposition exposition;
	char *text;

	histogram_note(&histogram, 20);
	histogram_note(&histogram, 40);
	histogram_note(&histogram, 2000);
	histogram_note(&histogram, 99999);
	ck_assert(exposition_open(&exposition));
	exposition_begin(&exposition, &times);
	exposition_histogram(&exposition, (struct label[]){{"stage", "ppp"}, {NULL, NULL}},
			     &histogram);
	exposition_histogram(&exposition, NULL, &histogram);
	text = closed(&exposition);
	ck_assert_ptr_nonnull(strstr(text, "a_seconds_bucket{stage=\"ppp\",le=\"0.025\"} 1\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"0.05\"} 2\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"0.1\"} 2\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"0.25\"} 2\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"0.5\"} 2\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"1\"} 2\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"2.5\"} 3\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"5\"} 3\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"10\"} 3\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"20\"} 3\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"30\"} 3\n"
					   "a_seconds_bucket{stage=\"ppp\",le=\"+Inf\"} 4\n"
					   "a_seconds_sum{stage=\"ppp\"} 102.059\n"
					   "a_seconds_count{stage=\"ppp\"} 4\n"
					   "a_seconds_bucket{le=\"0.025\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "a_seconds_bucket{le=\"+Inf\"} 4\n"
					   "a_seconds_sum 102.059\na_seconds_count 4\n"));
	free(text);
}
END_TEST

START_TEST(totals_are_of_live_and_gone_sessions)
{
	struct ports *ports = calloc(1, sizeof(*ports));
	struct totals totals = {.logins = 0};
	struct traffic traffic;
	struct port *first, *second;

	first = ports_add(ports, (struct lns_ref){.tid = 1, .sid = 1});
	second = ports_add(ports, (struct lns_ref){.tid = 1, .sid = 2});
	first->counters = (struct port_counters){10, 20, 1, 2, 3};
	second->counters = (struct port_counters){100, 200, 10, 20, 30};
	first->go = first->up = second->go = true;
	first->tunnel_at = 1000;
	first->go_at = 1020;
	first->up_at = 2000;
	second->rx.bad = 7;
	second->out_end = 9;
	totals_note_login(&totals, first);
	traffic = totals_traffic(&totals, ports);
	ck_assert_uint_eq(traffic.counters.rx_bytes, 110);
	ck_assert_uint_eq(traffic.up, 1);
	ck_assert_uint_eq(traffic.authenticating, 1);
	ck_assert_uint_eq(traffic.waiting, 9);

	port_note_end(first, CAUSE_ADMIN, BY_ADMIN, NULL);
	port_note_end(second, CAUSE_WRONG_PASSWORD, BY_SERVER, NULL);
	second->over = true;
	ck_assert_uint_eq(totals_traffic(&totals, ports).closing, 1);
	totals_note_end(&totals, first);
	ports_remove(ports, first);
	totals_note_end(&totals, second);
	ports_remove(ports, second);
	ports_reap(ports);
	traffic = totals_traffic(&totals, ports);
	ck_assert_uint_eq(traffic.counters.rx_bytes, 110);
	ck_assert_uint_eq(traffic.counters.tx_bytes, 220);
	ck_assert_uint_eq(traffic.counters.rx_packets, 11);
	ck_assert_uint_eq(traffic.counters.tx_packets, 22);
	ck_assert_uint_eq(traffic.counters.rx_dropped, 33);
	ck_assert_uint_eq(traffic.bad_frames, 7);
	ck_assert_uint_eq(traffic.up + traffic.authenticating + traffic.closing, 0);
	ck_assert_uint_eq(totals.logins, 1);
	ck_assert_uint_eq(totals.logouts[CAUSE_ADMIN], 1);
	ck_assert_uint_eq(totals.refused[CAUSE_WRONG_PASSWORD], 1);
	ck_assert_uint_eq(totals.refused[CAUSE_ADMIN], 0);
	ck_assert_uint_eq(totals.setup[SETUP_L2TP].buckets[0], 1);
	ck_assert_uint_eq(totals.setup[SETUP_PPP].sum_ms, 980);
	ck_assert_uint_eq(totals.setup[SETUP_TOTAL].sum_ms, 1000);
	free(ports);
}
END_TEST

START_TEST(process_line_is_read_behind_its_name)
{
	static const char line[] = "4711 (a) b (c) S 1 2 3 0 -1 4194560 5 6 7 8 150 50 9 10 20 0 1 "
				   "0 12345 99999 100 18446744073709551615 "
				   "1 1 0";
	struct process_use use;

	ck_assert(process_parse(line, 100, 4096, &use));
	ck_assert_uint_eq(use.cpu_ms, 2000);
	ck_assert_uint_eq(use.resident_bytes, 409600);
	ck_assert(!process_parse("4711 (a", 100, 4096, &use));
	ck_assert(!process_parse("4711 (a) S 1 2 3", 100, 4096, &use));
	ck_assert(!process_parse("", 100, 4096, &use));
}
END_TEST

START_TEST(process_of_ours_has_memory)
{
	struct process_use use;
	int fd = process_open(getpid());

	ck_assert_int_ge(fd, 0);
	ck_assert(process_read(fd, &use));
	ck_assert_uint_gt(use.resident_bytes, 100000);
	close(fd);
	ck_assert(!process_read(-1, &use));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		exposition_of_nothing_is_empty,
		exposition_has_help_type_and_samples,
		exposition_label_with_quote_backslash_and_line_break_stays_one_value,
		histogram_value_at_a_bound_is_within_it,
		histogram_bounds_grow,
		exposition_histogram_counts_each_bucket_with_those_below,
		totals_are_of_live_and_gone_sessions,
		process_line_is_read_behind_its_name,
		process_of_ours_has_memory,
	};

	return unit_run("exposition", tests, sizeof(tests) / sizeof(tests[0]));
}
