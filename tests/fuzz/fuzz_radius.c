/*
 * A datagram at each of the two doors of the RADIUS process, as if it were signed: an answer to a
 * login (first byte even), and what RFC 5176 asks (odd). Whatever it says, what goes on to the
 * keeper is a valid message.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "radius/accept.h"
#include "radius/client.h"
#include "radius/dynamic.h"

static const struct secret secret = {(const uint8_t *)"secret", 6};
static const struct lns_addr server = {.family = 4, .ip = {10, 0, 0, 5}};

static void
check_valid(const union radius_msg *msg)
{
	assert(radius_valid(msg, radius_size(msg->kind, RADIUS_FROM_PROCESS), RADIUS_FROM_PROCESS));
}

static void
answer(uint8_t *bytes, size_t len, uint32_t method)
{
	static struct radius_login login;
	static union radius_msg msg;

	login.proof.method = method;
	accept_read(&msg.verdict, &login, bytes, len);
	check_valid(&msg);
	assert(msg.verdict.cause == CAUSE_NONE || msg.verdict.grant.given == 0);
}

static void
order(uint8_t *bytes, size_t len)
{
	static struct dynamic dynamic;
	static union radius_msg msg;
	const struct dynamic_entry *entry;
	const char *why;

	memset(dynamic.entries, 0, sizeof(dynamic.entries[0]));
	dynamic.nas.secret = secret;
	dynamic.servers[0] = server;
	dynamic.server_count = 1;
	if (!packet_sign_request(bytes, len, bytes[1], &secret))
		return;
	switch (dynamic_input(&dynamic, 1000, &server, bytes, len, &msg.order, &entry, &why)) {
	case DYNAMIC_ORDER:
		check_valid(&msg);
		entry = dynamic_done(&dynamic, msg.order.ask, ERROR_CAUSE_NO_SESSION);
		assert(!entry || packet_length(entry->answer, entry->answer_len));
		break;
	case DYNAMIC_ANSWER:
		assert(packet_length(entry->answer, entry->answer_len));
		break;
	case DYNAMIC_DROP:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[PACKET_MAX];
	size_t len;

	if (size < 2 || size - 1 > sizeof(bytes))
		return 0;
	memcpy(bytes, data + 1, size - 1);
	len = packet_length(bytes, size - 1);
	if (!len)
		return 0;
	if (data[0] & 1)
		order(bytes, len);
	else
		answer(bytes, len, data[0] & 2 ? METHOD_MSCHAPV2 : METHOD_PAP);
	return 0;
}
