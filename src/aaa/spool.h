/*
 * Records in a file, oldest first, until they are acknowledged: a header with the place of the
 * first, then records, each with its length and moment before it. Bounded; places are counted on
 * when the file shrinks, so that one that is held stays good.
 */
#ifndef AAA_SPOOL_H
#define AAA_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPOOL_MAX (32u << 20)
#define SPOOL_RECORD_MAX 4096

struct spool {
	int fd;			   /* -1: there is no file, and nothing is kept */
	uint64_t base, head, tail; /* places: `base` is what the file's first byte would have */
	uint64_t count;
};

/* Takes the descriptor (-1: none). What a crash has left half written at the end is cut off. */
void spool_open(struct spool *spool, int fd);
void spool_close(struct spool *spool);

/* False: the file is full or cannot be written. One that is dispensable is refused earlier. */
bool spool_append(struct spool *spool, int64_t when, const uint8_t *bytes, size_t len,
		  bool dispensable);
/* The record at a place, its length; *next is the place behind it. 0: there is none. `bytes` holds
 * SPOOL_RECORD_MAX. */
size_t spool_read(const struct spool *spool, uint64_t place, int64_t *when, uint8_t *bytes,
		  uint64_t *next);
/* All before this place, where a record begins, is acknowledged. */
void spool_advance(struct spool *spool, uint64_t place, uint64_t records);

#endif
