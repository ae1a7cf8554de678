/* Challenges and responses of tunnels. */
#include "l2tp/auth.h"

#include <string.h>

#include "l2tp/tunnel.h"
#include "md5.h"

static uint64_t
hash_of(const struct lns *lns, const uint8_t challenge[AUTH_CHALLENGE])
{
	uint64_t hash = lns->hash_key, part;

	for (size_t i = 0; i < AUTH_CHALLENGE; i += sizeof(part)) {
		memcpy(&part, challenge + i, sizeof(part));
		hash = table_mix(hash, part);
	}
	return hash;
}

void
auth_ask(struct lns *lns, struct tunnel *t)
{
	struct auth *auth = &t->auth;

	auth_forget(lns, t);
	if (!t->peer->conf.secret_len)
		return;
	lns->random(lns->random_ctx, auth->challenge, sizeof(auth->challenge));
	auth->asked = true;
	table_add(&lns->by_challenge, &auth->item, hash_of(lns, auth->challenge));
}

void
auth_forget(struct lns *lns, struct tunnel *t)
{
	if (t->auth.asked)
		table_remove(&lns->by_challenge, &t->auth.item);
	t->auth.asked = false;
}

static bool
is_ours(const struct lns *lns, struct l2tp_bytes challenge)
{
	struct table_item *item;

	if (challenge.len != AUTH_CHALLENGE)
		return false;
	item = table_first(&lns->by_challenge, hash_of(lns, challenge.p));
	for (; item; item = table_next(item)) {
		const struct auth *auth = TABLE_AT(item, struct auth, item);

		if (memcmp(auth->challenge, challenge.p, AUTH_CHALLENGE) == 0)
			return true;
	}
	return false;
}

const char *
auth_refuses(const struct lns *lns, const struct lns_peer *peer, const struct l2tp_msg *msg)
{
	if (!MSG_HAS(msg, AVP_CHALLENGE))
		return NULL;
	if (!peer->secret_len)
		return "no tunnel secret is configured here";
	return is_ours(lns, msg->challenge) ? "the challenge is one of ours" : NULL;
}

bool
auth_response(uint8_t out[AUTH_RESPONSE], unsigned type, const struct lns_peer *peer,
	      struct l2tp_bytes challenge)
{
	const uint8_t id = (uint8_t)type;
	const struct md5_part parts[] = {
		{&id, sizeof(id)}, {peer->secret, peer->secret_len}, {challenge.p, challenge.len}};

	return md5(out, parts, sizeof(parts) / sizeof(parts[0]));
}

bool
auth_answer(struct tunnel *t, unsigned type, const struct l2tp_msg *msg)
{
	t->auth.owed = MSG_HAS(msg, AVP_CHALLENGE);
	return !t->auth.owed ||
	       auth_response(t->auth.response, type, &t->peer->conf, msg->challenge);
}

bool
auth_check(struct tunnel *t, const struct l2tp_msg *msg)
{
	struct l2tp_bytes challenge = {t->auth.challenge, sizeof(t->auth.challenge)};
	uint8_t right[AUTH_RESPONSE];

	if (!t->auth.asked)
		return true;
	t->auth.proved = MSG_HAS(msg, AVP_RESPONSE) && msg->response.len == sizeof(right) &&
			 auth_response(right, msg->type, &t->peer->conf, challenge) &&
			 secret_eq(right, msg->response.p, sizeof(right));
	secret_wipe(right, sizeof(right));
	return t->auth.proved;
}
