/* See proxied.h. */
#include <string.h>

#include "worker/proxied.h"

static bool
copy(uint8_t *to, size_t cap, uint32_t *len, const struct lns_bytes *from)
{
	if (from->len > cap)
		return false;
	if (from->len)
		memcpy(to, from->p, from->len);
	*len = (uint32_t)from->len;
	return true;
}

/* A NUL inside would cut the name, and another user's might be left. */
static bool
copy_name(char *to, size_t cap, const struct lns_bytes *from)
{
	if (from->len >= cap || (from->len && memchr(from->p, '\0', from->len)))
		return false;
	if (from->len)
		memcpy(to, from->p, from->len);
	to[from->len] = '\0';
	return true;
}

/* The challenge of PAP, if a LAC sends one, means nothing. */
static bool
fill(struct proof *proof, const struct lns_proxy *heard)
{
	if (heard->type == LNS_PROXY_CHAP)
		proof->method = METHOD_CHAP;
	else if (heard->type == LNS_PROXY_PAP)
		proof->method = METHOD_PAP;
	else
		return false;
	proof->id = heard->id;
	if (proof->method == METHOD_CHAP && !copy(proof->challenge, sizeof(proof->challenge),
						  &proof->challenge_len, &heard->challenge))
		return false;
	return copy_name(proof->user, sizeof(proof->user), &heard->name) &&
	       copy(proof->response, sizeof(proof->response), &proof->response_len,
		    &heard->response) &&
	       proof_valid(proof);
}

bool
proxied_proof(struct proof *proof, const struct lns_proxy *heard)
{
	memset(proof, 0, sizeof(*proof));
	if (fill(proof, heard))
		return true;
	explicit_bzero(proof, sizeof(*proof));
	return false;
}
