/* Rates from counters, and their order. */
#include <check.h>
#include <string.h>

#include "lnsctl/traffic.h"
#include "unit.h"

static json_t *
row(const char *id, const char *user, long up, long rx, long tx)
{
	return json_pack("[s,s,s,s,s,s,I,I,I]", id, user, "10.99.0.1", "192.0.2.1", "apple", "up",
			 (json_int_t)up, (json_int_t)rx, (json_int_t)tx);
}

static void
look(struct traffic *traffic, json_t *document, int64_t now)
{
	ck_assert(traffic_look(traffic, document, now));
	json_decref(document);
}

static void
two_looks(struct traffic *traffic)
{
	*traffic = (struct traffic){.rows = NULL};
	look(traffic,
	     json_pack("[o,o,o]", row("1-1", "carol", 5, 0, 0), row("2-2", "alice", 9, 1000, 0),
		       row("3-3", "bob", 1, 0, 500)),
	     1000);
	look(traffic,
	     json_pack("[o,o,o]", row("3-3", "bob", 3, 0, 2500), row("2-2", "alice", 11, 2000, 0),
		       row("1-1", "carol", 7, 0, 0)),
	     3000);
}

static void
ck_order(struct traffic *traffic, enum traffic_order order, const char *users)
{
	char said[64] = "";

	traffic_sort(traffic, order);
	for (size_t i = 0; i < traffic->count; i++) {
		strcat(said, i ? " " : "");
		strcat(said, traffic->rows[i].user);
	}
	ck_assert_str_eq(said, users);
}

START_TEST(rate_is_what_came_between_two_looks)
{
	struct traffic traffic;

	two_looks(&traffic);
	traffic_sort(&traffic, TRAFFIC_USER);
	ck_assert_uint_eq(traffic.count, 3);
	ck_assert_int_eq(traffic.rows[0].rx_bps, 4000); /* 1000 bytes in 2 s */
	ck_assert_int_eq(traffic.rows[1].tx_bps, 8000);
	ck_assert_int_eq(traffic.rows[2].rx_bps + traffic.rows[2].tx_bps, 0);
	ck_assert_int_eq(traffic.rx_bps, 4000);
	ck_assert_int_eq(traffic.tx_bps, 8000);
	traffic_fini(&traffic);
}
END_TEST

START_TEST(each_order_puts_another_first)
{
	struct traffic traffic;

	two_looks(&traffic);
	ck_order(&traffic, TRAFFIC_RATE, "bob alice carol");
	ck_order(&traffic, TRAFFIC_IN, "alice bob carol");
	ck_order(&traffic, TRAFFIC_OUT, "bob alice carol");
	ck_order(&traffic, TRAFFIC_TOTAL, "bob alice carol");
	ck_order(&traffic, TRAFFIC_TIME, "alice carol bob");
	ck_order(&traffic, TRAFFIC_USER, "alice bob carol");
	ck_order(&traffic, TRAFFIC_ID, "carol alice bob");
	traffic_fini(&traffic);
}
END_TEST

START_TEST(session_that_is_new_or_began_again_has_no_rate)
{
	struct traffic traffic = {.rows = NULL};

	look(&traffic, json_pack("[o]", row("1-1", "a", 5, 9000, 9000)), 1000);
	ck_assert_int_eq(traffic.rows[0].rx_bps, 0);
	look(&traffic, json_pack("[o,o]", row("1-1", "a", 0, 10, 10), row("2-2", "b", 0, 10, 10)),
	     2000);
	ck_assert_int_eq(traffic.rx_bps + traffic.tx_bps, 0);
	look(&traffic, json_pack("[]"), 3000);
	ck_assert_uint_eq(traffic.count, 0);
	traffic_sort(&traffic, TRAFFIC_RATE);
	traffic_fini(&traffic);
}
END_TEST

START_TEST(row_that_is_none_is_empty)
{
	struct traffic traffic = {.rows = NULL};

	look(&traffic, json_pack("[i,[],[i]]", 5, 6), 1000);
	ck_assert_uint_eq(traffic.count, 3);
	ck_assert_str_eq(traffic.rows[0].id, "");
	traffic_fini(&traffic);
}
END_TEST

START_TEST(rate_has_a_unit)
{
	static const struct {
		int64_t bps;
		const char *text;
	} rates[] = {{0, "0"},
		     {999, "999 b/s"},
		     {1000, "1.0 kb/s"},
		     {999949, "999.9 kb/s"},
		     {999950, "1.0 Mb/s"},
		     {123456789012, "123.5 Gb/s"},
		     {INT64_MAX, "9223372.0 Tb/s"}};
	char text[TRAFFIC_RATE_MAX];

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		ck_assert_str_eq(traffic_rate_text(text, rates[i].bps), rates[i].text);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		rate_is_what_came_between_two_looks,
		each_order_puts_another_first,
		session_that_is_new_or_began_again_has_no_rate,
		row_that_is_none_is_empty,
		rate_has_a_unit,
	};

	return unit_run("traffic", tests, sizeof(tests) / sizeof(tests[0]));
}
