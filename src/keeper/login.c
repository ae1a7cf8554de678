/* Logging in: the name is looked up exactly, the proof is checked here so that no secret leaves the
 * keeper. */
#include <stdio.h>
#include <string.h>

#include "keeper/login.h"

static void
refuse(struct login *login, enum cause cause, const char *text)
{
	login->cause = cause;
	snprintf(login->text, sizeof(login->text), "%s", text ? text : cause_text(cause));
}

/* Windows may send DOMAIN\user */
static const char *
without_domain(const char *name)
{
	const char *backslash = strrchr(name, '\\');

	return backslash ? backslash + 1 : name;
}

static bool
proof_holds(struct login *login, const struct plink_auth *auth)
{
	const struct cred *cred = &login->account->cred;

	if (auth->method == METHOD_MSCHAPV2)
		return cred_check_mschapv2(cred, auth->user, auth->challenge, auth->response,
					   login->answer);
	if (auth->method == METHOD_CHAP)
		return cred_check_chap(cred, (uint8_t)auth->id, auth->challenge,
				       auth->challenge_len, auth->response);
	return cred_check_pap(cred, (const char *)auth->response, auth->response_len);
}

void
login_check(struct login *login, const struct plink_auth *auth, const struct conf *conf,
	    const struct users *users, time_t now)
{
	const char *name = without_domain(auth->user);

	*login = (struct login){.cause = CAUSE_NONE};
	memcpy(login->user, name, strnlen(name, sizeof(login->user) - 1));
	login->account = users_find(users, name);
	if (!(conf->auth.methods & auth->method))
		refuse(login, CAUSE_METHOD, "the method is not in auth.methods");
	else if (!login->account)
		refuse(login, CAUSE_UNKNOWN_USER, NULL);
	else if (!cred_serves(&login->account->cred, auth->method))
		refuse(login, CAUSE_METHOD,
		       "CHAP needs a plain: password, the users file has a hash");
	else if (!proof_holds(login, auth))
		refuse(login, CAUSE_WRONG_PASSWORD, NULL);
	else if (login->account->disabled)
		refuse(login, CAUSE_DISABLED, NULL);
	else if (login->account->expires && now >= login->account->expires)
		refuse(login, CAUSE_EXPIRED, NULL);
}

/* RFC 2759 §6: 647 is "account disabled", 691 "authentication failure", which tells nobody whether
 * the name or the password was wrong. Only who knows the password hears of a disabled account. */
static void
mschapv2_failure(struct plink_auth_reply *reply, const struct login *login,
		 const struct plink_auth *auth)
{
	bool proven = login->cause == CAUSE_DISABLED || login->cause == CAUSE_EXPIRED ||
		      login->cause == CAUSE_LIMIT;
	char challenge[33];

	for (size_t i = 0; i < 16; i++)
		snprintf(challenge + 2 * i, 3, "%02X", auth->challenge[i]);
	snprintf(reply->message, sizeof(reply->message), "E=%d R=0 C=%s V=3 M=%s",
		 proven && login->cause != CAUSE_LIMIT ? 647 : 691, challenge,
		 proven ? cause_text(login->cause) : "Access denied");
}

void
login_reply(struct plink_auth_reply *reply, const struct login *login,
	    const struct plink_auth *auth)
{
	memset(reply, 0, sizeof(*reply));
	reply->kind = PLINK_AUTH_REPLY;
	reply->ok = login->cause == CAUSE_NONE;
	reply->cause = login->cause;
	if (auth->method != METHOD_MSCHAPV2)
		snprintf(reply->message, sizeof(reply->message), "%s",
			 reply->ok ? "Welcome" : "Access denied");
	else if (reply->ok)
		snprintf(reply->message, sizeof(reply->message), "%s M=Welcome", login->answer);
	else
		mschapv2_failure(reply, login, auth);
}
