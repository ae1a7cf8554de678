/* Logging in: the proof is checked here so that no secret leaves the keeper. */
#include <stdio.h>
#include <string.h>

#include "keeper/login.h"
#include "keeper/otp_used.h"
#include "md5.h"
#include "otp.h"

/* RFC 6238 §5.2: the clock of whoever shows the codes may be one step off, either way. */
#define DRIFT_ALLOWED 1
/* So many steps are looked at to be able to say that a clock is wrong: five minutes either way. */
#define DRIFT_KNOWN 10

static void
refuse(struct login *login, enum cause cause, const char *text)
{
	login->cause = cause;
	snprintf(login->text, sizeof(login->text), "%s", text ? text : cause_text(cause));
}

static bool
proof_holds(struct login *login, const struct proof *proof, const struct cred *cred)
{
	if (proof->method == METHOD_MSCHAPV2)
		return cred_check_mschapv2(cred, proof->user, proof->challenge, proof->response,
					   login->answer);
	if (proof->method == METHOD_CHAP)
		return cred_check_chap(cred, (uint8_t)proof->id, proof->challenge,
				       proof->challenge_len, proof->response);
	return cred_check_pap(cred, (const char *)proof->response, proof->response_len);
}

/* PAP: the password without the six characters behind it. */
static bool
holds_before_code(const struct proof *proof, const struct cred *cred)
{
	return proof->response_len >= OTP_DIGITS &&
	       cred_check_pap(cred, (const char *)proof->response,
			      proof->response_len - OTP_DIGITS);
}

/* The client typed the password, and behind it the code of this step. `before_code`: see above; it
 * is known before any code is looked at, so that the time that a refusal takes tells nothing about
 * the code to who does not know the password. */
static bool
fits_step(struct login *login, const struct proof *proof, bool before_code, uint64_t step)
{
	const struct user *account = login->account;
	char code[OTP_DIGITS + 1];
	struct cred longer;
	bool fits;

	if (!otp_code(code, account->otp, account->otp_len, step))
		return false;
	if (proof->method == METHOD_PAP)
		return before_code &&
		       secret_eq(code, proof->response + proof->response_len - OTP_DIGITS,
				 OTP_DIGITS);
	fits = cred_append(&longer, &account->cred, code) && proof_holds(login, proof, &longer);
	cred_wipe(&longer);
	return fits;
}

/* A code was found, `drift` steps from now. */
static void
judge_code(struct login *login, uint64_t step, int drift, uint64_t last)
{
	char text[96];

	if (drift < -DRIFT_ALLOWED || drift > DRIFT_ALLOWED) {
		snprintf(text, sizeof(text),
			 "the one-time code is one of %d s %s: whose clock is wrong?",
			 (drift < 0 ? -drift : drift) * OTP_STEP_S, drift < 0 ? "ago" : "ahead");
		refuse(login, CAUSE_WRONG_CODE, text);
	} else if (step < last) {
		refuse(login, CAUSE_WRONG_CODE,
		       "a later one-time code was used before: was the clock set back?");
	} else if (step == last) {
		refuse(login, CAUSE_WRONG_CODE, "the one-time code was used before");
	} else {
		login->otp_step = step;
	}
}

/*
 * The account has a second factor. MS-CHAPv2 and CHAP show a hash of password and code together:
 * both are tried as one, and where nothing fits nobody can tell which of the two was wrong.
 */
static void
check_code(struct login *login, const struct proof *proof, const struct otp_used *used, time_t now)
{
	const struct cred *cred = &login->account->cred;
	bool before_code = proof->method == METHOD_PAP && holds_before_code(proof, cred);
	uint64_t step = otp_step(now);

	for (int n = 0; n <= 2 * DRIFT_KNOWN; n++) {
		int drift = n % 2 ? -(n + 1) / 2 : n / 2; /* the nearest first */
		uint64_t that = step + (uint64_t)drift;

		if (fits_step(login, proof, before_code, that)) {
			judge_code(login, that, drift, otp_used_step(used, login->account->name));
			return;
		}
	}
	if (before_code)
		refuse(login, CAUSE_WRONG_CODE, NULL);
	else if (proof_holds(login, proof, cred))
		refuse(login, CAUSE_WRONG_CODE,
		       "the one-time code is missing: it is typed behind the password");
	else
		refuse(login, CAUSE_WRONG_PASSWORD,
		       proof->method == METHOD_PAP ? NULL : "wrong password or one-time code");
}

static void
check_proof(struct login *login, const struct proof *proof, const struct otp_used *used, time_t now)
{
	if (proof->method == METHOD_EAP)
		return; /* pppd has verified the certificate, and that it has this name */
	if (login->account->otp_len)
		check_code(login, proof, used, now);
	else if (!proof_holds(login, proof, &login->account->cred))
		refuse(login, CAUSE_WRONG_PASSWORD, NULL);
}

/* Why nobody at all may come in this way; NULL: it is one of auth.methods. */
static const char *
why_unasked(unsigned methods, const struct proof *proof)
{
	if (!(methods & (proof->eap ? METHOD_EAP : proof->method)))
		return "the method is not in auth.methods";
	if (proof->method == METHOD_EAP && proof->eap != EAP_TLS)
		return "of EAP only TLS and MSCHAPv2 let anybody in";
	return NULL;
}

/* Why the account can never serve what the client came with; NULL: it can. */
static const char *
why_unserved(const struct user *account, const struct proof *proof)
{
	if (proof->method == METHOD_EAP && account->otp_len)
		return "EAP-TLS has no place for the one-time code that the user needs";
	if (proof->method == METHOD_EAP)
		return NULL;
	if (!cred_serves(&account->cred, proof->method))
		return "CHAP needs a plain: password, the users file has a hash";
	if (account->otp_len && account->cred.kind != CRED_PLAIN && proof->method != METHOD_PAP)
		return "with a one-time code only PAP goes with a hash: use plain:";
	return NULL;
}

void
login_check(struct login *login, const struct proof *proof, unsigned methods,
	    const struct users *users, const struct otp_used *used, time_t now)
{
	const char *name = users_account(users, proof->user);

	*login = (struct login){.cause = CAUSE_NONE};
	login->account = users_find(users, name);
	login->grant = login->account ? &login->account->grant : NULL;
	/* as the file writes it: with auth.fold-names a client may not */
	if (login->account)
		name = login->account->name;
	memcpy(login->user, name, strnlen(name, sizeof(login->user) - 1));
	if (why_unasked(methods, proof))
		refuse(login, CAUSE_METHOD, why_unasked(methods, proof));
	else if (!login->account)
		refuse(login, CAUSE_UNKNOWN_USER, NULL);
	else if (why_unserved(login->account, proof))
		refuse(login, CAUSE_METHOD, why_unserved(login->account, proof));
	else
		check_proof(login, proof, used, now);
	if (login->cause == CAUSE_NONE && login->account->disabled)
		refuse(login, CAUSE_DISABLED, NULL);
	else if (login->cause == CAUSE_NONE && login->account->grant.expires &&
		 now >= login->account->grant.expires)
		refuse(login, CAUSE_EXPIRED, NULL);
}

void
login_decided(struct login *login, const struct proof *proof, const struct users *users,
	      const struct radius_verdict *verdict, struct grant *grant)
{
	const char *name = verdict->user[0] ? verdict->user : users_account(users, proof->user);

	*login = (struct login){.cause = (enum cause)verdict->cause, .grant = grant};
	*grant = radius_unpack(&verdict->grant);
	memcpy(login->user, name, strnlen(name, sizeof(login->user) - 1));
	memcpy(login->text, verdict->text, sizeof(login->text));
	memcpy(login->told, verdict->told, sizeof(login->told));
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
