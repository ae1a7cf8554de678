/*
 * Credentials. The only file that knows MD4 and DES: both live in OpenSSL's legacy provider, which
 * is loaded on first use and stays (asking for it again is a look-up of 2 µs).
 */
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <string.h>

#include "conf.h"
#include "cred.h"
#include "md5.h"

#define SHA1_SIZE 20
#define NT_SIZE 16

static bool
legacy_ready(void)
{
	return OSSL_PROVIDER_try_load(NULL, "legacy", 1) != NULL;
}

static bool
digest(const char *name, uint8_t *out, const struct md5_part *parts, size_t count)
{
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = md && ctx && EVP_DigestInit_ex(ctx, md, NULL) == 1;

	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].bytes, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return ok;
}

static bool
md4(uint8_t out[NT_SIZE], const void *bytes, size_t len)
{
	return legacy_ready() && digest("MD4", out, &(struct md5_part){bytes, len}, 1);
}

/* RFC 2759 §8.6: seven bytes of key spread over eight, the low bit of each (parity) unused. */
static bool
des_encrypt(uint8_t out[8], const uint8_t clear[8], const uint8_t key[7])
{
	EVP_CIPHER *des = EVP_CIPHER_fetch(NULL, "DES-ECB", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint64_t bits = 0;
	uint8_t spread[8];
	int len = 0;

	for (size_t i = 0; i < 7; i++)
		bits = bits << 8 | key[i];
	for (size_t i = 0; i < 8; i++)
		spread[i] = (uint8_t)((bits >> (49 - 7 * i) & 0x7f) << 1);
	bool ok = des && ctx && EVP_EncryptInit_ex(ctx, des, NULL, spread, NULL) == 1 &&
		  EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
		  EVP_EncryptUpdate(ctx, out, &len, clear, 8) == 1 && len == 8;
	secret_wipe(spread, sizeof(spread));
	secret_wipe(&bits, sizeof(bits));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(des);
	return ok;
}

/* One character of UTF-8 (RFC 3629) from *text; false when it is malformed, overlong or a
 * surrogate. */
static bool
utf8_next(const uint8_t **text, uint32_t *c)
{
	static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
	const uint8_t *p = *text;
	unsigned more = *p < 0x80	      ? 0
			: (*p & 0xe0) == 0xc0 ? 1
			: (*p & 0xf0) == 0xe0 ? 2
			: (*p & 0xf8) == 0xf0 ? 3
					      : 4;

	if (more == 4)
		return false;
	*c = more ? *p & (0x3fu >> more) : *p;
	p++;
	for (unsigned i = 0; i < more; i++, p++) {
		if ((*p & 0xc0) != 0x80)
			return false;
		*c = *c << 6 | (*p & 0x3f);
	}
	*text = p;
	return *c >= least[more] && *c <= 0x10ffff && (*c < 0xd800 || *c > 0xdfff);
}

static size_t
put_utf16(uint8_t *out, uint32_t c)
{
	size_t len = 0;

	if (c >= 0x10000) {
		uint32_t high = 0xd800 + ((c - 0x10000) >> 10);

		out[len++] = (uint8_t)high;
		out[len++] = (uint8_t)(high >> 8);
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	out[len++] = (uint8_t)c;
	out[len++] = (uint8_t)(c >> 8);
	return len;
}

bool
cred_nt_hash(uint8_t out[16], const char *password)
{
	const uint8_t *p = (const uint8_t *)password;
	uint8_t wide[2 * 256]; /* RFC 2759 §8.3: at most 256 characters */
	size_t len = 0;
	bool ok = true;

	while (ok && *p) {
		uint32_t c = 0;

		ok = utf8_next(&p, &c) && len + 4 <= sizeof(wide);
		if (ok)
			len += put_utf16(wide + len, c);
	}
	ok = ok && md4(out, wide, len);
	secret_wipe(wide, sizeof(wide));
	return ok;
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool
parse_hex(uint8_t out[NT_SIZE], const char *text)
{
	if (strlen(text) != 2 * NT_SIZE)
		return false;
	for (size_t i = 0; i < NT_SIZE; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static const char *
parse_plain(struct cred *cred, const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return "the password is empty";
	if (len >= sizeof(cred->plain))
		return "the password is longer than 255 bytes";
	if (!legacy_ready())
		return "OpenSSL's legacy provider (MD4) is missing: install "
		       "openssl-provider-legacy or "
		       "the package that has legacy.so";
	if (!cred_nt_hash(cred->nt_hash, text))
		return "the password is not valid UTF-8";
	memcpy(cred->plain, text, len + 1);
	cred->kind = CRED_PLAIN;
	return NULL;
}

bool
cred_parse(struct cred *cred, const char *text, const char **why)
{
	*cred = (struct cred){.kind = CRED_NONE};
	*why = NULL;
	if (strncmp(text, "plain:", 6) == 0) {
		*why = parse_plain(cred, text + 6);
	} else if (strncmp(text, "nt:", 3) == 0) {
		if (parse_hex(cred->nt_hash, text + 3))
			cred->kind = CRED_NT;
		else
			*why = "nt: must be followed by 32 hexadecimal digits";
	} else {
		*why = "a password begins with plain: or nt:";
	}
	if (*why)
		cred_wipe(cred);
	return *why == NULL;
}

void
cred_wipe(struct cred *cred)
{
	secret_wipe(cred, sizeof(*cred));
}

bool
cred_append(struct cred *out, const struct cred *cred, const char *more)
{
	size_t len = strlen(cred->plain), added = strlen(more);
	bool ok = cred->kind == CRED_PLAIN && len + added < sizeof(out->plain);

	*out = *cred;
	if (ok)
		memcpy(out->plain + len, more, added + 1);
	ok = ok && cred_nt_hash(out->nt_hash, out->plain);
	if (!ok)
		cred_wipe(out);
	return ok;
}

bool
cred_check_pap(const struct cred *cred, const char *password, size_t len)
{
	char text[sizeof(cred->plain)];
	uint8_t hash[NT_SIZE];
	bool ok;

	/* A NUL inside would be cut off by the conversion to UTF-16 and let a wrong password pass.
	 */
	if (cred->kind == CRED_NONE || len >= sizeof(text) || memchr(password, '\0', len))
		return false;
	memcpy(text, password, len);
	text[len] = '\0';
	ok = cred_nt_hash(hash, text) && secret_eq(hash, cred->nt_hash, sizeof(hash));
	secret_wipe(text, sizeof(text));
	secret_wipe(hash, sizeof(hash));
	return ok;
}

bool
cred_check_chap(const struct cred *cred, uint8_t id, const uint8_t *challenge, size_t challenge_len,
		const uint8_t response[16])
{
	const struct md5_part parts[] = {
		{&id, 1}, {cred->plain, strlen(cred->plain)}, {challenge, challenge_len}};
	uint8_t expected[MD5_SIZE];

	return cred->kind == CRED_PLAIN && md5(expected, parts, 3) &&
	       secret_eq(expected, response, sizeof(expected));
}

/* RFC 2759 §8.2: without the domain that Windows may put before the name */
static bool
challenge_hash(uint8_t out[8], const uint8_t peer[16], const uint8_t ours[16], const char *user)
{
	const char *backslash = strrchr(user, '\\');
	const char *name = backslash ? backslash + 1 : user;
	const struct md5_part parts[] = {{peer, 16}, {ours, 16}, {name, strlen(name)}};
	uint8_t full[SHA1_SIZE];

	if (!digest("SHA1", full, parts, 3))
		return false;
	memcpy(out, full, 8);
	return true;
}

/* RFC 2759 §8.5: the hash, padded to 21 bytes, as three DES keys */
static bool
nt_response(uint8_t out[24], const uint8_t challenge[8], const uint8_t nt_hash[NT_SIZE])
{
	uint8_t keys[21] = {0};
	bool ok = legacy_ready();

	memcpy(keys, nt_hash, NT_SIZE);
	for (size_t i = 0; ok && i < 3; i++)
		ok = des_encrypt(out + 8 * i, challenge, keys + 7 * i);
	secret_wipe(keys, sizeof(keys));
	return ok;
}

/* RFC 2759 §8.7: shows the client that we know the password too */
static bool
authenticator_response(char answer[43], const uint8_t nt_hash[NT_SIZE], const uint8_t response[24],
		       const uint8_t challenge[8])
{
	static const char magic1[] = "Magic server to client signing constant";
	static const char magic2[] = "Pad to make it do more than one iteration";
	uint8_t hash_hash[NT_SIZE], sha[SHA1_SIZE];
	const struct md5_part first[] = {{hash_hash, NT_SIZE}, {response, 24}, {magic1, 39}};
	const struct md5_part second[] = {{sha, SHA1_SIZE}, {challenge, 8}, {magic2, 41}};
	bool ok = md4(hash_hash, nt_hash, NT_SIZE) && digest("SHA1", sha, first, 3) &&
		  digest("SHA1", sha, second, 3);

	secret_wipe(hash_hash, sizeof(hash_hash));
	if (!ok)
		return false;
	memcpy(answer, "S=", 2);
	for (size_t i = 0; i < SHA1_SIZE; i++) {
		answer[2 + 2 * i] = "0123456789ABCDEF"[sha[i] >> 4];
		answer[3 + 2 * i] = "0123456789ABCDEF"[sha[i] & 15];
	}
	answer[42] = '\0';
	return true;
}

bool
cred_check_mschapv2(const struct cred *cred, const char *user, const uint8_t challenge[16],
		    const uint8_t response[49], char answer[43])
{
	const uint8_t *peer = response, *given = response + 24; /* §4: 16, 8 reserved, 24, flags */
	uint8_t hash[8], expected[24];
	bool ok = cred->kind != CRED_NONE && challenge_hash(hash, peer, challenge, user) &&
		  nt_response(expected, hash, cred->nt_hash) &&
		  secret_eq(expected, given, sizeof(expected)) &&
		  authenticator_response(answer, cred->nt_hash, given, hash);

	secret_wipe(expected, sizeof(expected));
	return ok;
}

bool
cred_serves(const struct cred *cred, unsigned method)
{
	if (method == METHOD_CHAP)
		return cred->kind == CRED_PLAIN;
	return cred->kind != CRED_NONE && (method == METHOD_MSCHAPV2 || method == METHOD_PAP);
}
