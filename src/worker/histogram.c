/* See histogram.h. */
#include "worker/histogram.h"

/* From a client next door to one that a dead RADIUS server holds up. */
static const uint32_t bounds_ms[HISTOGRAM_BOUNDS] = {25,   50,	 100,	250,   500,  1000,
						     2500, 5000, 10000, 20000, 30000};

void
histogram_note(struct histogram *histogram, uint64_t ms)
{
	size_t i = 0;

	while (i < HISTOGRAM_BOUNDS && ms > bounds_ms[i])
		i++;
	histogram->buckets[i]++;
	histogram->sum_ms += ms;
}

uint32_t
histogram_bound_ms(size_t i)
{
	return bounds_ms[i];
}
