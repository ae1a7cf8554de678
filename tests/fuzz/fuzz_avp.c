/*
 * The AVPs of one control message; bits of the first byte say whether to be strict and whether
 * there is a secret. What is decoded lies inside the input or the room for what was hidden, and
 * comes back the same from a way through encoder and decoder, in the open and hidden.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "l2tp/avp.h"

#define INPUT_STRICT 0x01
#define INPUT_SECRET 0x02

#define MESSAGE_MAX 32768
/* each AVP gets a longer frame, and there is a Random Vector */
#define HIDDEN_MAX (MESSAGE_MAX * 8)

static const uint8_t secret[] = "secret";

static bool
inside(struct l2tp_bytes view, const uint8_t *bytes, size_t size)
{
	return view.p >= bytes && view.p + view.len <= bytes + size;
}

/* Every value of variable length is a piece of what was given. */
static void
check_view(const struct l2tp_msg *msg, const struct avp_rule *rule, const struct msg_reading *how,
	   const uint8_t *data, size_t size)
{
	struct l2tp_bytes view;

	if (!rule || rule->kind != KIND_BYTES || !avp_present(msg, rule))
		return;
	memcpy(&view, (const uint8_t *)msg + rule->offset, sizeof(view));
	assert(view.len >= rule->min && view.len <= rule->max);
	assert(inside(view, data, size) || inside(view, how->room, how->room_len));
}

static void
check_views(const struct l2tp_msg *msg, const struct msg_reading *how, const uint8_t *data,
	    size_t size)
{
	for (uint16_t attr = 1; attr < AVP_ATTR_END; attr++)
		check_view(msg, avp_rule(attr), how, data, size);
	for (unsigned attr = 0; attr < LINE_ATTR_END; attr++)
		check_view(msg, avp_line_rule(attr), how, data, size);
	assert(msg->speeds.count <= L2TP_SPEEDS_MAX);
	assert(!msg->speeds.count || MSG_HAS_LINE(msg, LINE_SPEED_UPDATE));
}

/* True when it could be encoded at all: a value may be too long to be hidden. */
static bool
check_way_back(const struct l2tp_msg *msg, const struct msg_hiding *hide)
{
	static uint8_t first[HIDDEN_MAX], open[HIDDEN_MAX], again[HIDDEN_MAX], room[HIDDEN_MAX];
	const uint64_t vector = UINT64_C(1) << AVP_RANDOM_VECTOR;
	const struct msg_reading how = {.strict = true,
					.secret = secret,
					.secret_len = sizeof(secret),
					.room = room,
					.room_len = sizeof(room)};
	struct l2tp_msg back;
	struct l2tp_fault fault;
	size_t len = msg_encode(msg, 1, 2, hide, first, sizeof(first)), open_len;

	if (!len)
		return false;
	assert(len >= L2TP_CONTROL_HEADER + 8);
	assert(msg_decode(&back, first + L2TP_CONTROL_HEADER, len - L2TP_CONTROL_HEADER, &how,
			  &fault));
	assert(back.type == msg->type && back.ignored == 0);
	assert((back.has & ~vector) == (msg->has & ~vector) && back.has_line == msg->has_line);
	open_len = msg_encode(msg, 1, 2, NULL, open, sizeof(open));
	assert(msg_encode(&back, 1, 2, NULL, again, sizeof(again)) == open_len);
	assert(memcmp(open, again, open_len) == 0);
	return true;
}

static void
take_text(void *ctx, const char *name, const char *value)
{
	unsigned *count = ctx;

	assert(name[0] && strlen(value) < 256 && ++*count <= 64);
	for (; *value; value++)
		assert((unsigned char)*value >= ' ');
}

static void
check_good(const struct l2tp_msg *msg)
{
	struct msg_hiding hide = {.secret = secret,
				  .secret_len = sizeof(secret),
				  .vector = "random vector",
				  .padding = "padding",
				  .padding_len = msg->has % 17};
	unsigned count = 0;
	bool fits = check_way_back(msg, NULL);

	assert(fits);
	(void)fits;
	(void)check_way_back(msg, &hide);
	msg_describe(msg, take_text, &count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[MESSAGE_MAX];
	struct msg_reading how = {.secret = secret, .room = room};
	struct l2tp_msg msg;
	struct l2tp_fault fault;

	if (size < 1 || size > MESSAGE_MAX)
		return 0;
	how.strict = data[0] & INPUT_STRICT;
	how.secret_len = data[0] & INPUT_SECRET ? sizeof(secret) : 0;
	how.room_len = size - 1;
	if (!msg_decode(&msg, data + 1, size - 1, &how, &fault)) {
		char text[96];

		assert(fault.why && fault.result == STOPCCN_GENERAL && fault.error);
		msg_fault_text(&fault, text, sizeof(text));
		assert(strstr(text, "attribute "));
	} else if (l2tp_type_known(msg.type)) {
		check_good(&msg);
	} else {
		assert(size == 1 || (!msg.mandatory && msg.has == 0));
	}
	check_views(&msg, &how, data, size);
	return 0;
}
