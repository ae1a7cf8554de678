/*
 * A datagram that somebody sent is taken apart for people, and struck of its secrets: what is
 * struck out reads as before, but for what stood there, and striking again changes nothing. The
 * same bytes as a PPP frame.
 */
#include <assert.h>
#include <string.h>

#include "dissect.h"
#include "frame.h"
#include "fuzz.h"

#define BYTES_MAX 2048

struct seen {
	unsigned avps, hidden;
	uint32_t sum; /* of their names */
};

static void
take(void *ctx, const struct dissected_avp *avp)
{
	struct seen *seen = ctx;

	assert(strlen(avp->value) < 256);
	seen->avps++;
	seen->hidden += avp->hidden;
	seen->sum = seen->sum * 31 + avp->attr + avp->vendor;
	if (avp->hidden)
		assert(strcmp(avp->value, "hidden") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t once[BYTES_MAX], twice[BYTES_MAX];
	struct seen before = {0}, after = {0};
	struct dissected head, masked;

	if (size > BYTES_MAX)
		return 0;
	memcpy(once, data, size);
	dissect_mask(once, size);
	memcpy(twice, once, size);
	dissect_mask(twice, size);
	assert(memcmp(once, twice, size) == 0);
	if (dissect(&head, data, size, take, &before) && head.control && !head.fault) {
		assert(dissect(&masked, once, size, take, &after) && !masked.fault);
		assert(memcmp(&before, &after, sizeof(before)) == 0);
		assert(strcmp(head.type, masked.type) == 0);
	}
	memcpy(once, data, size);
	frame_mask(once, size);
	memcpy(twice, once, size);
	frame_mask(twice, size);
	assert(memcmp(once, twice, size) == 0);
	return 0;
}
