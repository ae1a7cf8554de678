/*
 * IPv6 for sessions (src/policy/pool6.c): the prefix of network.pool6 is cut into shares, one a
 * session. A prefix of 48 bits or fewer is cut into /60s: the first /64 of such a share is the
 * session's link, and its upper half may be delegated to the client (a /61). Of a longer prefix
 * each share is a /64, and nothing is delegated. Pure; one owner, the keeper.
 */
#ifndef POOL6_H
#define POOL6_H

#include <stdbool.h>
#include <stddef.h>

#include "lns.h"

/* Of a very short prefix this many shares are used. */
#define POOL6_SHARES_MAX (1u << 20)

struct pool6;

/* family 0: a pool that has nothing. NULL when memory is short. */
struct pool6 *pool6_new(const struct lns_prefix *prefix);
void pool6_free(struct pool6 *pool);

/* A free share, for one name the same as long as nobody else has it; false when there is none. */
bool pool6_take(struct pool6 *pool, const char *user, struct lns_prefix *share);
/* This prefix, of 64 bits or fewer: false when somebody has a share of it. One outside the pool is
 * free: whether others have it, the kernel's routes tell. */
bool pool6_take_fixed(struct pool6 *pool, const struct lns_prefix *prefix);
/* What one of the two has given out. */
void pool6_give(struct pool6 *pool, const struct lns_prefix *share);

size_t pool6_size(const struct pool6 *pool);
size_t pool6_used(const struct pool6 *pool);

/* What is what in a share, of the pool or not: its first /64, and its upper half, which is family 0
 * where the share is no more than a /64. */
struct lns_prefix pool6_link(const struct lns_prefix *share);
struct lns_prefix pool6_delegated(const struct lns_prefix *share);

#endif
