/*
 * The first byte says how the stream is cut into reads. Whatever comes out of the decoder must
 * survive a way through encoder and decoder, and must not depend on the cuts.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "hdlc.h"

/* short, so that an input need not be long to reach what is too long */
#define FRAME_CAP 130

struct sums {
	size_t frames, bytes;
	uint64_t bad;
};

static void
check_frame(const uint8_t *frame, size_t len)
{
	uint8_t coded[HDLC_ENCODED_MAX(FRAME_CAP)], again[FRAME_CAP];
	struct hdlc_rx rx = {.buf = again, .cap = sizeof(again)};
	size_t n = hdlc_encode(coded, sizeof(coded), frame, len);
	const uint8_t *p = coded;

	assert(len >= 2 && len <= FRAME_CAP - 2);
	assert(n >= len + 4 && n <= HDLC_ENCODED_MAX(len));
	assert(hdlc_decode(&rx, &p, coded + n) == len);
	assert(p == coded + n && memcmp(again, frame, len) == 0 && rx.bad == 0);
	assert(hdlc_encode(coded, n - 1, frame, len) == 0);
}

static struct sums
decode_cut(const uint8_t *data, size_t size, size_t cut)
{
	uint8_t buf[FRAME_CAP];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	struct sums sums = {0};

	for (size_t at = 0; at < size; at += cut) {
		size_t n = size - at < cut ? size - at : cut, len;
		const uint8_t *p = data + at, *end = p + n;

		while ((len = hdlc_decode(&rx, &p, end)) > 0) {
			check_frame(buf, len);
			sums.frames++;
			sums.bytes += len;
		}
		assert(p == end);
	}
	sums.bad = rx.bad;
	return sums;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sums whole, parts;

	if (size < 2)
		return 0;
	whole = decode_cut(data + 1, size - 1, size);
	parts = decode_cut(data + 1, size - 1, (size_t)(data[0] % 16) + 1);
	assert(whole.frames == parts.frames && whole.bytes == parts.bytes);
	assert(whole.bad == parts.bad);
	return 0;
}
