/*
 * Remembers who has asked, while many ask. A forged SCCRQ is heard once; whoever waits for an
 * answer repeats his (RFC 2661 §5.8). Two bytes an asker, in a room that does not grow: the newest
 * take the places of older ones, and one in 65535 of those who never asked is taken for one who
 * has.
 */
#ifndef L2TP_SIEVE_H
#define L2TP_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: without room. */
struct sieve {
	uint16_t *heard; /* mask + 1 of them */
	size_t mask;
};

/* True when `hash`, keyed and of all that is alike in a repetition, was given before and has not
 * been forgotten; then it is forgotten. Without room, which is for about `askers` if there is
 * memory, it is made first; and where it cannot be made, all are true. */
bool sieve_passes(struct sieve *sieve, uint64_t hash, size_t askers);
/* Gives the room back. */
void sieve_fini(struct sieve *sieve);

#endif
