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
check_call(const struct call *call)
{
	assert(strlen(call->calling) < sizeof(call->calling) &&
	       strlen(call->called) < sizeof(call->called) &&
	       strlen(call->sub_address) < sizeof(call->sub_address));
}

static void
check_proof(const struct proof *proof)
{
	assert(strlen(proof->user) < sizeof(proof->user));
	assert(proof->challenge_len <= sizeof(proof->challenge));
	assert(proof->response_len <= sizeof(proof->response));
	assert(proof->id <= 255);
}

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
	if (msg.kind == WALL_SPAWN && msg.spawn.proxied.method)
		check_proof(&msg.spawn.proxied);
	if (msg.kind == WALL_CALL)
		check_call(&msg.call.call);
	if (msg.kind == WALL_PPP_AUTH || msg.kind == WALL_PPP_UP || msg.kind == WALL_PPP_DOWN)
		assert(strlen(msg.ppp.user) < sizeof(msg.ppp.user) &&
		       strlen(msg.ppp.ifname) < sizeof(msg.ppp.ifname) &&
		       strlen(msg.ppp.text) < sizeof(msg.ppp.text));
	if (msg.kind == WALL_GRANT)
		assert(strlen(msg.grant.rate) < sizeof(msg.grant.rate) &&
		       strlen(msg.grant.routes) < sizeof(msg.grant.routes) &&
		       strlen(msg.grant.allow) < sizeof(msg.grant.allow));
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
	if (msg.kind == PLINK_AUTH)
		check_proof(&msg.auth.proof);
	if (msg.kind == PLINK_ADDRESS_REPLY) {
		assert(strlen(msg.address_reply.user) < sizeof(msg.address_reply.user));
		check_call(&msg.address_reply.call);
	}
	if (msg.kind == PLINK_DOWN)
		assert(msg.down.stage < PLINK_STAGE_COUNT);
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
