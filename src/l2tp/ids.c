/* A permutation instead of a list: no memory that grows, and nothing to look through. */
#include "l2tp/ids.h"

void
ids_init(struct ids *ids, lns_random_fn *random, void *ctx)
{
	random(ctx, ids, sizeof(*ids));
}

static uint16_t
permute(const struct ids *ids, uint16_t value)
{
	uint8_t left = (uint8_t)(value >> 8), right = (uint8_t)value;

	for (unsigned i = 0; i < IDS_ROUNDS; i++) {
		uint8_t next = left ^ ids->round[i][right];

		left = right;
		right = next;
	}
	return (uint16_t)(left << 8 | right);
}

uint16_t
ids_next(struct ids *ids)
{
	uint16_t id = permute(ids, ids->at++);

	/* one of the 65536 values is 0 */
	return id ? id : permute(ids, ids->at++);
}
