/*
 * Ids for tunnels and sessions: unpredictable (RFC 2661 §9.2), never 0, and none comes again before
 * all the others have been given. A peer that has not heard of the end of a session yet (the CDN
 * waits, or is lost and repeated) goes on sending to its id: whoever had that next would get what
 * is not his.
 */
#ifndef L2TP_IDS_H
#define L2TP_IDS_H

#include "lns.h"

#define IDS_ROUNDS 6
/* of 16 bits: 1 to 65535 */
#define IDS_COUNT 65535

/* A permutation of the ids (Feistel's network, its round functions drawn at random), and how far it
 * has been walked. */
struct ids {
	uint8_t round[IDS_ROUNDS][256];
	uint16_t at;
};

/* Draws sizeof(*ids) bytes from `random`. */
void ids_init(struct ids *ids, lns_random_fn *random, void *ctx);

/* The next id; after IDS_COUNT calls it begins again, in the same order. */
uint16_t ids_next(struct ids *ids);

#endif
