/* See traffic.h. Pure. */
#include "lnsctl/traffic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int compare_fn(const void *a, const void *b);

static int
by_number(int64_t a, int64_t b)
{
	return a < b ? 1 : a > b ? -1 : 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct traffic_row *one = a, *other = b;

	return strcmp(one->id, other->id);
}

static int
by_user(const void *a, const void *b)
{
	const struct traffic_row *one = a, *other = b;
	int order = strcmp(one->user, other->user);

	return order ? order : by_id(a, b);
}

static int
by_rate(const void *a, const void *b)
{
	const struct traffic_row *one = a, *other = b;
	int order = by_number(one->rx_bps + one->tx_bps, other->rx_bps + other->tx_bps);

	return order ? order : by_user(a, b); /* those that are idle do not jump about */
}

static int
by_rx(const void *a, const void *b)
{
	const struct traffic_row *one = a, *other = b;
	int order = by_number(one->rx_bps, other->rx_bps);

	return order ? order : by_user(a, b);
}

static int
by_tx(const void *a, const void *b)
{
	const struct traffic_row *one = a, *other = b;
	int order = by_number(one->tx_bps, other->tx_bps);

	return order ? order : by_user(a, b);
}

static int
by_total(const void *a, const void *b)
{
	const struct traffic_row *one = a, *other = b;
	int order = by_number(one->rx_bytes + one->tx_bytes, other->rx_bytes + other->tx_bytes);

	return order ? order : by_user(a, b);
}

static int
by_time(const void *a, const void *b)
{
	const struct traffic_row *one = a, *other = b;
	int order = by_number(one->uptime_s, other->uptime_s);

	return order ? order : by_user(a, b);
}

static compare_fn *const orders[TRAFFIC_ORDERS] = {
	[TRAFFIC_RATE] = by_rate,   [TRAFFIC_IN] = by_rx,     [TRAFFIC_OUT] = by_tx,
	[TRAFFIC_TOTAL] = by_total, [TRAFFIC_TIME] = by_time, [TRAFFIC_USER] = by_user,
	[TRAFFIC_ID] = by_id,
};

static void
take_text(char *dst, size_t cap, const json_t *text)
{
	snprintf(dst, cap, "%s", json_is_string(text) ? json_string_value(text) : "");
}

static void
take_row(struct traffic_row *row, const json_t *object)
{
	*row = (struct traffic_row){.uptime_s = json_integer_value(json_array_get(object, 6)),
				    .rx_bytes = json_integer_value(json_array_get(object, 7)),
				    .tx_bytes = json_integer_value(json_array_get(object, 8))};
	take_text(row->id, sizeof(row->id), json_array_get(object, 0));
	take_text(row->user, sizeof(row->user), json_array_get(object, 1));
	take_text(row->address, sizeof(row->address), json_array_get(object, 2));
	take_text(row->peer, sizeof(row->peer), json_array_get(object, 3));
	take_text(row->client, sizeof(row->client), json_array_get(object, 4));
	take_text(row->state, sizeof(row->state), json_array_get(object, 5));
}

/* Bytes in so many milliseconds; a counter that fell back is another session's with the same ID. */
static int64_t
rate(int64_t before, int64_t after, int64_t ms)
{
	return ms > 0 && after > before ? (int64_t)((double)(after - before) * 8000 / (double)ms)
					: 0;
}

bool
traffic_look(struct traffic *traffic, const json_t *document, int64_t now_ms)
{
	size_t count = json_array_size(document);
	struct traffic_row *rows = calloc(count ? count : 1, sizeof(*rows));
	int64_t ms = now_ms - traffic->taken_ms;
	struct traffic next = {.rows = rows, .count = count, .taken_ms = now_ms};

	if (!rows)
		return false;
	traffic_sort(traffic, TRAFFIC_ID);
	for (size_t i = 0; i < count; i++) {
		const struct traffic_row *was = NULL;

		take_row(&rows[i], json_array_get(document, i));
		if (traffic->count)
			was = bsearch(&rows[i], traffic->rows, traffic->count, sizeof(*rows),
				      by_id);
		if (was) {
			rows[i].rx_bps = rate(was->rx_bytes, rows[i].rx_bytes, ms);
			rows[i].tx_bps = rate(was->tx_bytes, rows[i].tx_bytes, ms);
		}
		next.rx_bps += rows[i].rx_bps;
		next.tx_bps += rows[i].tx_bps;
	}
	traffic_fini(traffic);
	*traffic = next;
	return true;
}

void
traffic_sort(struct traffic *traffic, enum traffic_order order)
{
	if (traffic->count)
		qsort(traffic->rows, traffic->count, sizeof(*traffic->rows), orders[order]);
}

void
traffic_fini(struct traffic *traffic)
{
	free(traffic->rows);
	*traffic = (struct traffic){.rows = NULL};
}

const char *
traffic_rate_text(char text[TRAFFIC_RATE_MAX], int64_t bps)
{
	static const char *const units[] = {"kb/s", "Mb/s", "Gb/s", "Tb/s"};
	double size = (double)bps / 1000;
	size_t i = 0;

	if (bps < 1000) {
		snprintf(text, TRAFFIC_RATE_MAX, "%" PRId64 "%s", bps, bps ? " b/s" : "");
		return text;
	}
	/* 999.95 would be written as 1000.0 */
	while (size >= 999.95 && i + 1 < sizeof(units) / sizeof(units[0])) {
		size /= 1000;
		i++;
	}
	snprintf(text, TRAFFIC_RATE_MAX, "%.1f %s", size, units[i]);
	return text;
}
