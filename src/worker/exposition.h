/*
 * Prometheus' text format, version 0.0.4: metrics with their help and type, each followed by its
 * samples. Into memory, no I/O.
 */
#ifndef WORKER_EXPOSITION_H
#define WORKER_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "worker/histogram.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
	const char *name;
	enum metric_type type;
	const char *help;
};

/* A list of these ends with one that has no name; NULL: no labels. */
struct label {
	const char *name, *value;
};

struct exposition {
	FILE *file;
	char *text;
	size_t len;
	const char *name; /* of the metric that was begun */
};

/* False when memory is short; then nothing is to be closed. */
bool exposition_open(struct exposition *exposition);
/* The text, which is the caller's to free, with its length; NULL when memory was short. */
char *exposition_close(struct exposition *exposition, size_t *len);

/* The samples that follow are this metric's. */
void exposition_begin(struct exposition *exposition, const struct metric *metric);
void exposition_count(struct exposition *exposition, const struct label *labels, uint64_t value);
/* Seconds, as the format wants all times. */
void exposition_time(struct exposition *exposition, const struct label *labels, uint64_t ms);
/* All buckets, each with those below it, sum and count; one label more than these. */
void exposition_histogram(struct exposition *exposition, const struct label *labels,
			  const struct histogram *histogram);

#endif
