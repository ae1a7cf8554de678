/* See caller.h. Also linked into the plugin. */
#include <string.h>

#include "caller.h"

static bool
ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

bool
call_valid(const struct call *call)
{
	return ends(call->calling, sizeof(call->calling)) &&
	       ends(call->called, sizeof(call->called)) &&
	       ends(call->sub_address, sizeof(call->sub_address));
}

bool
proof_valid(const struct proof *proof)
{
	if (!ends(proof->user, sizeof(proof->user)) || proof->id > 255 ||
	    proof->challenge_len > sizeof(proof->challenge) ||
	    proof->response_len > sizeof(proof->response) || proof->eap > 255)
		return false;
	if (proof->method == METHOD_EAP)
		return proof->eap && !proof->challenge_len && !proof->response_len;
	if (proof->eap && (proof->eap != EAP_MSCHAPV2 || proof->method != METHOD_MSCHAPV2))
		return false;
	if (proof->method == METHOD_MSCHAPV2)
		return proof->challenge_len == 16 && proof->response_len == 49;
	if (proof->method == METHOD_CHAP)
		return proof->challenge_len > 0 && proof->response_len == 16;
	return proof->method == METHOD_PAP;
}
