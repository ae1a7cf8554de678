#include "aaa/spool.h"

#include <string.h>
#include <unistd.h>

#include "log.h"
#include "wire.h"

#define MAGIC "lnsdacc1"
#define HEADER 16 /* magic, place of the first record in the file */
#define FRAME 12  /* length, moment */
/* What can be done without is kept out of the last quarter. */
#define SPOOL_DISPENSABLE (SPOOL_MAX / 4 * 3)

static bool
write_header(const struct spool *spool)
{
	uint8_t bytes[HEADER];
	struct wr w = wr_init(bytes, sizeof(bytes));

	wr_bytes(&w, MAGIC, 8);
	wr_u64(&w, spool->head - spool->base);
	return pwrite(spool->fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes);
}

/* Empties the file. */
static void
reset(struct spool *spool)
{
	spool->base = spool->tail - HEADER;
	spool->head = spool->tail;
	spool->count = 0;
	if (!write_header(spool) || ftruncate(spool->fd, HEADER) < 0)
		log_error("accounting: the file of records cannot be written");
}

size_t
spool_read(const struct spool *spool, uint64_t place, int64_t *when, uint8_t *bytes, uint64_t *next)
{
	uint8_t frame[FRAME];
	struct rd r = rd_init(frame, sizeof(frame));
	off_t at = (off_t)(place - spool->base);
	uint32_t len;

	if (spool->fd < 0 || place < spool->head || place + FRAME > spool->tail ||
	    pread(spool->fd, frame, sizeof(frame), at) != (ssize_t)sizeof(frame))
		return 0;
	len = rd_u32(&r);
	*when = (int64_t)rd_u64(&r);
	*next = place + FRAME + len;
	if (len == 0 || len > SPOOL_RECORD_MAX || *next > spool->tail ||
	    pread(spool->fd, bytes, len, at + FRAME) != (ssize_t)len)
		return 0;
	return len;
}

/* Counts what is there, and forgets what is not whole. */
static void
walk(struct spool *spool)
{
	uint8_t bytes[SPOOL_RECORD_MAX];
	uint64_t place = spool->head, next;
	int64_t when;

	while (spool_read(spool, place, &when, bytes, &next)) {
		place = next;
		spool->count++;
	}
	spool->tail = place;
}

void
spool_open(struct spool *spool, int fd)
{
	uint8_t bytes[HEADER];
	struct rd r = rd_init(bytes + 8, 8);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	*spool = (struct spool){.fd = fd, .head = HEADER, .tail = HEADER};
	if (fd < 0)
		return;
	if (size < HEADER || pread(fd, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes) ||
	    memcmp(bytes, MAGIC, 8) != 0) {
		reset(spool);
		return;
	}
	spool->head = rd_u64(&r);
	spool->tail = (uint64_t)size;
	if (spool->head < HEADER || spool->head > spool->tail)
		spool->head = spool->tail;
	walk(spool);
	if (spool->head == spool->tail)
		reset(spool);
}

void
spool_close(struct spool *spool)
{
	if (spool->fd < 0)
		return;
	fdatasync(spool->fd);
	close(spool->fd);
	spool->fd = -1;
}

/* Moves what waits to the front of the file. A crash in between loses some of it at most. */
static void
compact(struct spool *spool)
{
	uint8_t bytes[64 * 1024];
	uint64_t from = spool->head - spool->base, to = HEADER, end = spool->tail - spool->base;

	while (from < end) {
		size_t most = end - from < sizeof(bytes) ? (size_t)(end - from) : sizeof(bytes);
		ssize_t n = pread(spool->fd, bytes, most, (off_t)from);

		if (n <= 0 || pwrite(spool->fd, bytes, (size_t)n, (off_t)to) != n)
			return;
		from += (uint64_t)n;
		to += (uint64_t)n;
	}
	spool->base = spool->head - HEADER;
	if (!write_header(spool) || ftruncate(spool->fd, (off_t)to) < 0)
		log_error("accounting: the file of records cannot be written");
}

bool
spool_append(struct spool *spool, int64_t when, const uint8_t *bytes, size_t len, bool dispensable)
{
	uint8_t framed[FRAME + SPOOL_RECORD_MAX];
	struct wr w = wr_init(framed, sizeof(framed));
	uint64_t most = dispensable ? SPOOL_DISPENSABLE : SPOOL_MAX;
	ssize_t n;

	wr_u32(&w, (uint32_t)len);
	wr_u64(&w, (uint64_t)when);
	wr_bytes(&w, bytes, len);
	if (spool->fd < 0 || w.bad)
		return false;
	if (spool->tail - spool->base + wr_len(&w) > most && spool->head - spool->base > most / 2)
		compact(spool);
	if (spool->tail - spool->base + wr_len(&w) > most)
		return false;
	n = pwrite(spool->fd, framed, wr_len(&w), (off_t)(spool->tail - spool->base));
	if (n != (ssize_t)wr_len(&w))
		return false;
	spool->tail += wr_len(&w);
	spool->count++;
	return true;
}

void
spool_advance(struct spool *spool, uint64_t place, uint64_t records)
{
	spool->head = place;
	spool->count -= records;
	if (spool->head == spool->tail)
		reset(spool);
	else if (!write_header(spool))
		log_error("accounting: the file of records cannot be written");
}
