/*
 * A user's credential and the three ways a client proves that it knows it (src/policy/cred.c). Runs
 * in the keeper only. MS-CHAPv2 by RFC 2759, CHAP with MD5 by RFC 1994, PAP by RFC 1334. MD4 and
 * DES come from OpenSSL's legacy provider.
 */
#ifndef CRED_H
#define CRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cred_kind { CRED_NONE, CRED_PLAIN, CRED_NT };

struct cred {
	enum cred_kind kind;
	char plain[256];     /* UTF-8 */
	uint8_t nt_hash[16]; /* for both kinds */
};

/* Reads "plain:…" or "nt:32 hex digits". On false *why says what is wrong, without the secret. */
bool cred_parse(struct cred *cred, const char *text, const char **why);
void cred_wipe(struct cred *cred);

/* The credential of the same password with more behind it: what a client shows that types both into
 * one field. False, and *out wiped, for a hash, or when it does not fit. */
bool cred_append(struct cred *out, const struct cred *cred, const char *more);

/* MD4 of the password in UTF-16LE (RFC 2759 §8.3). False when it is not UTF-8, too long, or the
 * library has no MD4. */
bool cred_nt_hash(uint8_t out[16], const char *password);

bool cred_check_pap(const struct cred *cred, const char *password, size_t len);

/* Needs a plain credential: with a hash alone the answer is always false (see cred_serves). */
bool cred_check_chap(const struct cred *cred, uint8_t id, const uint8_t *challenge,
		     size_t challenge_len, const uint8_t response[16]);

/*
 * `response` is the 49 bytes of RFC 2759 §4; user is the name as the client sent it: what stands
 * before a backslash is left out of the hash. On success `answer` gets "S=" and 40 hex digits.
 */
bool cred_check_mschapv2(const struct cred *cred, const char *user, const uint8_t challenge[16],
			 const uint8_t response[49], char answer[43]);

/* False when this form of credential can never satisfy the method (METHOD_… of conf.h): CHAP with a
 * hash. */
bool cred_serves(const struct cred *cred, unsigned method);

#endif
