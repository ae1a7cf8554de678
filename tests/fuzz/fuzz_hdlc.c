/*
 * The first byte says how the stream is cut into reads. Whatever comes out of the decoder must
 * survive a way through encoder and decoder, and must depend neither on the cuts nor on the way
 * that it is done in.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "ppp/hdlc_way.h"

/* short, so that an input need not be long to reach what is too long */
#define FRAME_CAP 130

struct sums {
	size_t frames, bytes;
	uint64_t bad;
	uint32_t content;
};

static void
check_frame(const uint8_t *frame, size_t len)
{
	uint8_t coded[HDLC_ENCODED_MAX(FRAME_CAP)], plain[sizeof(coded)], again[FRAME_CAP];
	struct hdlc_rx rx = {.buf = again, .cap = sizeof(again)};
	size_t n = hdlc_encode(coded, sizeof(coded), frame, len);
	const uint8_t *p = coded;

	assert(len >= 2 && len <= FRAME_CAP - 2);
	assert(n >= len + 4 && n <= HDLC_ENCODED_MAX(len));
	assert(hdlc_plain.encode(plain, sizeof(plain), frame, len, HDLC_ACCM_ALL) == n);
	assert(memcmp(plain, coded, n) == 0);
	assert(hdlc_decode(&rx, &p, coded + n) == len);
	assert(p == coded + n && memcmp(again, frame, len) == 0 && rx.bad == 0);
	assert(hdlc_encode(coded, n - 1, frame, len) == 0);
}

/* Any bytes are a frame to encode, with any characters to escape. */
static void
check_encode(const uint8_t *data, size_t size)
{
	uint8_t best[2 * HDLC_ENCODED_MAX(FRAME_CAP)], plain[sizeof(best)];
	size_t len = size - 4 < 2 * FRAME_CAP ? size - 4 : 2 * FRAME_CAP, n;
	uint32_t accm;

	memcpy(&accm, data, sizeof(accm));
	n = hdlc_best()->encode(best, sizeof(best), data + 4, len, accm);
	assert(n == hdlc_plain.encode(plain, sizeof(plain), data + 4, len, accm));
	assert(memcmp(best, plain, n) == 0);
}

static struct sums
decode_cut(const struct hdlc_way *way, const uint8_t *data, size_t size, size_t cut)
{
	uint8_t buf[FRAME_CAP];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	struct sums sums = {0};

	for (size_t at = 0; at < size; at += cut) {
		size_t n = size - at < cut ? size - at : cut, len;
		const uint8_t *p = data + at, *end = p + n;

		while ((len = hdlc_decode_by(way, &rx, &p, end)) > 0) {
			check_frame(buf, len);
			sums.frames++;
			sums.bytes += len;
			for (size_t i = 0; i < len; i++)
				sums.content = sums.content * 31 + buf[i];
		}
		assert(p == end);
	}
	sums.bad = rx.bad;
	return sums;
}

static void
check_equal(struct sums a, struct sums b)
{
	assert(a.frames == b.frames && a.bytes == b.bytes);
	assert(a.bad == b.bad && a.content == b.content);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sums plain;

	if (size < 5)
		return 0;
	check_encode(data, size);
	plain = decode_cut(&hdlc_plain, data + 1, size - 1, size);
	check_equal(plain, decode_cut(hdlc_best(), data + 1, size - 1, size));
	check_equal(plain, decode_cut(hdlc_best(), data + 1, size - 1, (size_t)(data[0] % 64) + 1));
	return 0;
}
