/* See exposition.h. */
#include "worker/exposition.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const type_names[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

bool
exposition_open(struct exposition *exposition)
{
	*exposition = (struct exposition){.text = NULL};
	exposition->file = open_memstream(&exposition->text, &exposition->len);
	return exposition->file != NULL;
}

char *
exposition_close(struct exposition *exposition, size_t *len)
{
	bool whole = !ferror(exposition->file);

	if (fclose(exposition->file) == 0 && whole) {
		*len = exposition->len;
		return exposition->text;
	}
	free(exposition->text);
	return NULL;
}

/* A line break would end the sample, a quote its value. */
static void
put_escaped(FILE *file, const char *text, bool quoted)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", file);
		else if (*text == '\\' || (*text == '"' && quoted))
			fprintf(file, "\\%c", *text);
		else
			fputc(*text, file);
	}
}

void
exposition_begin(struct exposition *exposition, const struct metric *metric)
{
	FILE *file = exposition->file;

	exposition->name = metric->name;
	fprintf(file, "# HELP %s ", metric->name);
	put_escaped(file, metric->help, false);
	fprintf(file, "\n# TYPE %s %s\n", metric->name, type_names[metric->type]);
}

/* "{name="value",…}"; NULL: no such list, or nothing beyond it. */
static void
put_labels(FILE *file, const struct label *labels, const struct label *more)
{
	char before = '{';

	for (; labels && labels->name; labels++, before = ',') {
		fprintf(file, "%c%s=\"", before, labels->name);
		put_escaped(file, labels->value, true);
		fputc('"', file);
	}
	if (more)
		fprintf(file, "%c%s=\"%s\"", before, more->name, more->value);
	if (more || before == ',')
		fputc('}', file);
}

static void
put_seconds(FILE *file, uint64_t ms)
{
	fprintf(file, "%" PRIu64 ".%03u", ms / 1000, (unsigned)(ms % 1000));
}

void
exposition_count(struct exposition *exposition, const struct label *labels, uint64_t value)
{
	fputs(exposition->name, exposition->file);
	put_labels(exposition->file, labels, NULL);
	fprintf(exposition->file, " %" PRIu64 "\n", value);
}

void
exposition_time(struct exposition *exposition, const struct label *labels, uint64_t ms)
{
	fputs(exposition->name, exposition->file);
	put_labels(exposition->file, labels, NULL);
	fputc(' ', exposition->file);
	put_seconds(exposition->file, ms);
	fputc('\n', exposition->file);
}

static void
put_bucket(struct exposition *exposition, const struct label *labels, const char *bound,
	   uint64_t count)
{
	const struct label le = {"le", bound};

	fprintf(exposition->file, "%s_bucket", exposition->name);
	put_labels(exposition->file, labels, &le);
	fprintf(exposition->file, " %" PRIu64 "\n", count);
}

void
exposition_histogram(struct exposition *exposition, const struct label *labels,
		     const struct histogram *histogram)
{
	FILE *file = exposition->file;
	uint64_t count = 0;
	char bound[32];

	for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
		count += histogram->buckets[i];
		snprintf(bound, sizeof(bound), "%g", histogram_bound_ms(i) / 1000.0);
		put_bucket(exposition, labels, bound, count);
	}
	count += histogram->buckets[HISTOGRAM_BOUNDS];
	put_bucket(exposition, labels, "+Inf", count);
	fprintf(file, "%s_sum", exposition->name);
	put_labels(file, labels, NULL);
	fputc(' ', file);
	put_seconds(file, histogram->sum_ms);
	fprintf(file, "\n%s_count", exposition->name);
	put_labels(file, labels, NULL);
	fprintf(file, " %" PRIu64 "\n", count);
}
