/*
 * What comes over the wall and over the plugin link. The first byte says which and from whom; what
 * is let through must have the length of its kind, strings that end, and counts that fit.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "plink.h"
#include "wall.h"

static void
check_wall(const uint8_t *data, size_t size, enum wall_side from)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	memcpy(&msg, data, size < sizeof(msg) ? size : sizeof(msg));
	if (size > sizeof(msg) || !wall_valid(&msg, size, from))
		return;
	assert(msg.kind > 0 && msg.kind < WALL_KIND_END);
	assert(size == wall_size(msg.kind, from));
	if (msg.kind == WALL_SPAWN)
		assert(strlen(msg.spawn.calling) < sizeof(msg.spawn.calling));
	if (msg.kind == WALL_PPP_AUTH || msg.kind == WALL_PPP_UP || msg.kind == WALL_PPP_DOWN)
		assert(strlen(msg.ppp.user) < sizeof(msg.ppp.user) &&
		       strlen(msg.ppp.ifname) < sizeof(msg.ppp.ifname) &&
		       strlen(msg.ppp.text) < sizeof(msg.ppp.text));
	if (msg.kind == WALL_PROBLEM)
		assert(msg.problem.id < WALL_PROBLEMS);
}

static void
check_plink(const uint8_t *data, size_t size, enum plink_side from)
{
	union plink_msg msg;

	memset(&msg, 0, sizeof(msg));
	memcpy(&msg, data, size < sizeof(msg) ? size : sizeof(msg));
	if (size > sizeof(msg) || !plink_valid(&msg, size, from))
		return;
	assert(size == plink_size(msg.kind, from));
	if (msg.kind == PLINK_AUTH) {
		assert(strlen(msg.auth.user) < sizeof(msg.auth.user));
		assert(msg.auth.challenge_len <= sizeof(msg.auth.challenge));
		assert(msg.auth.response_len <= sizeof(msg.auth.response));
	}
	if (msg.kind == PLINK_AUTH_REPLY)
		assert(strlen(msg.auth_reply.message) < sizeof(msg.auth_reply.message));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] & 2)
		check_plink(data + 1, size - 1,
			    data[0] & 1 ? PLINK_FROM_KEEPER : PLINK_FROM_PLUGIN);
	else
		check_wall(data + 1, size - 1, data[0] & 1 ? WALL_FROM_KEEPER : WALL_FROM_WORKER);
	return 0;
}
