/* The address pool (src/policy/pool.c). IPv4 addresses in host order. Nothing here takes longer in
 * a large pool than in a small one. Pure; one owner, the keeper.
 */
#ifndef POOL_H
#define POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

struct pool;

/* A pool over the ranges; `gateway` is never given out. NULL when memory is short. */
struct pool *pool_new(const struct conf_range *ranges, size_t count, uint32_t gateway);
void pool_free(struct pool *pool);

/* Keeps an address (inside the ranges or not) for pool_take_fixed() alone: the users with a fixed
 * one. False when memory is short. */
bool pool_reserve(struct pool *pool, uint32_t address);
bool pool_reserved(const struct pool *pool, uint32_t address);

/* The first of the wishes that can be had, else any free address; 0 when there is none. Addresses
 * just given back come last. */
uint32_t pool_take(struct pool *pool, const uint32_t *wishes, size_t wish_count);
/* This address; false when somebody has it, or memory is short. */
bool pool_take_fixed(struct pool *pool, uint32_t address);
/* Back into the pool; an address that is not out is ignored. */
void pool_give(struct pool *pool, uint32_t address);

size_t pool_size(const struct pool *pool); /* without gateway and reserved ones */
size_t pool_used(const struct pool *pool); /* fixed ones, too */
bool pool_exhausted(const struct pool *pool);

#endif
