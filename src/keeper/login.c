/* Logging in: the proof is checked here so that no secret leaves the keeper. */
#include <stdio.h>
#include <string.h>

#include "keeper/login.h"

static void
refuse(struct login *login, enum cause cause, const char *text)
{
	login->cause = cause;
	snprintf(login->text, sizeof(login->text), "%s", text ? text : cause_text(cause));
}

static bool
proof_holds(struct login *login, const struct proof *proof)
{
	const struct cred *cred = &login->account->cred;

	if (proof->method == METHOD_MSCHAPV2)
		return cred_check_mschapv2(cred, proof->user, proof->challenge, proof->response,
					   login->answer);
	if (proof->method == METHOD_CHAP)
		return cred_check_chap(cred, (uint8_t)proof->id, proof->challenge,
				       proof->challenge_len, proof->response);
	return cred_check_pap(cred, (const char *)proof->response, proof->response_len);
}

void
login_check(struct login *login, const struct proof *proof, unsigned methods,
	    const struct users *users, time_t now)
{
	const char *name = users_account(users, proof->user);

	*login = (struct login){.cause = CAUSE_NONE};
	login->account = users_find(users, name);
	login->grant = login->account ? &login->account->grant : NULL;
	/* as the file writes it: with auth.fold-names a client may not */
	if (login->account)
		name = login->account->name;
	memcpy(login->user, name, strnlen(name, sizeof(login->user) - 1));
	if (!(methods & proof->method))
		refuse(login, CAUSE_METHOD, "the method is not in auth.methods");
	else if (!login->account)
		refuse(login, CAUSE_UNKNOWN_USER, NULL);
	else if (!cred_serves(&login->account->cred, proof->method))
		refuse(login, CAUSE_METHOD,
		       "CHAP needs a plain: password, the users file has a hash");
	else if (!proof_holds(login, proof))
		refuse(login, CAUSE_WRONG_PASSWORD, NULL);
	else if (login->account->disabled)
		refuse(login, CAUSE_DISABLED, NULL);
	else if (login->account->grant.expires && now >= login->account->grant.expires)
		refuse(login, CAUSE_EXPIRED, NULL);
}

/* RFC 2759 §6: 647 is "account disabled", 691 "authentication failure", which tells nobody whether
 * the name or the password was wrong. Only who knows the password hears of a disabled account. */
static void
mschapv2_failure(struct plink_auth_reply *reply, const struct login *login,
		 const struct proof *proof)
{
	bool proven = login->cause == CAUSE_DISABLED || login->cause == CAUSE_EXPIRED ||
		      login->cause == CAUSE_LIMIT;
	char challenge[33];

	for (size_t i = 0; i < 16; i++)
		snprintf(challenge + 2 * i, 3, "%02X", proof->challenge[i]);
	snprintf(reply->message, sizeof(reply->message), "E=%d R=0 C=%s V=3 M=%s",
		 proven && login->cause != CAUSE_LIMIT ? 647 : 691, challenge,
		 proven ? cause_text(login->cause) : "Access denied");
}

void
login_reply(struct plink_auth_reply *reply, const struct login *login, const struct proof *proof)
{
	memset(reply, 0, sizeof(*reply));
	reply->kind = PLINK_AUTH_REPLY;
	reply->ok = login->cause == CAUSE_NONE;
	reply->cause = login->cause;
	if (login->told[0])
		memcpy(reply->message, login->told, sizeof(reply->message));
	else if (proof->method != METHOD_MSCHAPV2)
		snprintf(reply->message, sizeof(reply->message), "%s",
			 reply->ok ? "Welcome" : "Access denied");
	else if (reply->ok)
		snprintf(reply->message, sizeof(reply->message), "%s M=Welcome", login->answer);
	else
		mschapv2_failure(reply, login, proof);
}
