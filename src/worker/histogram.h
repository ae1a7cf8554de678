/* How often something took how long, in buckets. Pure. */
#ifndef WORKER_HISTOGRAM_H
#define WORKER_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS 11

/* Zero-initialise. */
struct histogram {
	uint64_t
		buckets[HISTOGRAM_BOUNDS + 1]; /* each without those below; the last has no bound */
	uint64_t sum_ms;
};

void histogram_note(struct histogram *histogram, uint64_t ms);
/* The most that the i-th bucket takes. */
uint32_t histogram_bound_ms(size_t i);

#endif
