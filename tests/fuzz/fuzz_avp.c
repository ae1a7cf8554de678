/*
 * The AVPs of one control message; the first byte says whether to be strict. What is decoded lies
 * inside the input, and comes back the same from a way through encoder and decoder.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "l2tp/avp.h"

/* Every value of variable length is a piece of the input. */
static void
check_views(const struct l2tp_msg *msg, const uint8_t *data, size_t size)
{
	for (uint16_t attr = 1; attr < AVP_ATTR_END; attr++) {
		const struct avp_rule *rule = avp_rule(attr);
		struct l2tp_bytes view;

		if (!rule || rule->kind != KIND_BYTES || !MSG_HAS(msg, attr))
			continue;
		memcpy(&view, (const uint8_t *)msg + rule->offset, sizeof(view));
		assert(view.len >= rule->min && view.len <= rule->max && view.len <= size);
		assert(view.p >= data && view.p + view.len <= data + size);
	}
}

static void
check_way_back(const struct l2tp_msg *msg)
{
	static uint8_t first[65536], second[65536];
	const struct msg_reading strict = {.strict = true};
	struct l2tp_msg again;
	struct l2tp_fault fault;
	size_t len = msg_encode(msg, 1, 2, NULL, first, sizeof(first)), back;

	assert(len >= L2TP_CONTROL_HEADER + 8);
	assert(msg_decode(&again, first + L2TP_CONTROL_HEADER, len - L2TP_CONTROL_HEADER, &strict,
			  &fault));
	assert(again.type == msg->type &&
	       again.has == (msg->has & ~(UINT64_C(1) << AVP_RANDOM_VECTOR)) && again.ignored == 0);
	back = msg_encode(&again, 1, 2, NULL, second, sizeof(second));
	assert(back == len && memcmp(first, second, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct msg_reading how = {0};
	struct l2tp_msg msg;
	struct l2tp_fault fault;

	if (size < 1 || size > 32768)
		return 0;
	how.strict = data[0] & 1;
	if (!msg_decode(&msg, data + 1, size - 1, &how, &fault)) {
		assert(fault.why && fault.result == STOPCCN_GENERAL && fault.error);
	} else if (l2tp_type_known(msg.type)) {
		check_way_back(&msg);
	} else {
		assert(size == 1 || (!msg.mandatory && msg.has == 0));
	}
	check_views(&msg, data, size);
	return 0;
}
