/* Numbers from a seed (splitmix64): the same seed, the same run. */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t
rng_next(struct rng *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 … limit - 1; 0 when there is nothing to choose from */
static inline unsigned
rng_below(struct rng *r, unsigned limit)
{
	return limit ? (unsigned)(rng_next(r) % limit) : 0;
}

/* True in `percent` of 100 cases. */
static inline int
rng_chance(struct rng *r, unsigned percent)
{
	return rng_below(r, 100) < percent;
}

#endif
