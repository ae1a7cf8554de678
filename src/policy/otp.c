/* RFC 6238 over RFC 4226, the HMAC by OpenSSL. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "md5.h"
#include "otp.h"

#define SHA1_SIZE 20

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static bool
digit_value(char c, uint32_t *value)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	at = c ? strchr(digits, c) : NULL;
	*value = at ? (uint32_t)(at - digits) : 0;
	return at != NULL;
}

bool
otp_decode(uint8_t out[OTP_SECRET_MAX], uint32_t *len, const char *text)
{
	uint32_t buffer = 0, bits = 0, value;

	*len = 0;
	for (; *text && *text != '='; text++) {
		if (*text == ' ')
			continue;
		if (!digit_value(*text, &value) || *len == OTP_SECRET_MAX)
			return false;
		buffer = buffer << 5 | value;
		bits += 5;
		if (bits < 8)
			continue;
		bits -= 8;
		out[(*len)++] = (uint8_t)(buffer >> bits);
	}
	/* RFC 4648 §3.5: what is left is less than a digit, and zero */
	return *len > 0 && bits < 5 && (buffer & ((1u << bits) - 1)) == 0 &&
	       text[strspn(text, "=")] == '\0';
}

void
otp_encode(char out[OTP_TEXT_MAX], const uint8_t *bytes, size_t len)
{
	uint32_t buffer = 0, bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < len && i < OTP_SECRET_MAX; i++) {
		buffer = buffer << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[n++] = digits[buffer >> (bits - 5) & 31];
	}
	if (bits > 0)
		out[n++] = digits[buffer << (5 - bits) & 31];
	out[n] = '\0';
}

uint64_t
otp_step(time_t now)
{
	return now > 0 ? (uint64_t)now / OTP_STEP_S : 0;
}

bool
otp_code(char out[OTP_DIGITS + 1], const uint8_t *secret, size_t len, uint64_t step)
{
	uint8_t counter[8], mac[SHA1_SIZE];
	unsigned size = sizeof(mac);
	uint32_t number;

	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (uint8_t)(step >> (56 - 8 * i));
	if (!HMAC(EVP_sha1(), secret, (int)len, counter, sizeof(counter), mac, &size))
		return false;

	/* RFC 4226 §5.3: the last digit says where to cut */
	const uint8_t *cut = mac + (mac[SHA1_SIZE - 1] & 15);

	number = (uint32_t)(cut[0] & 0x7f) << 24 | (uint32_t)cut[1] << 16 | (uint32_t)cut[2] << 8 |
		 cut[3];
	snprintf(out, OTP_DIGITS + 1, "%06u", number % 1000000);
	secret_wipe(mac, sizeof(mac));
	return true;
}

static bool
put_escaped(char *out, size_t cap, size_t *used, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text; text++) {
		bool is_plain = strchr(plain, *text) != NULL;

		if (cap - *used < 4)
			return false;
		*used += (size_t)snprintf(out + *used, 4, is_plain ? "%c" : "%%%02X",
					  is_plain ? *text : (uint8_t)*text);
	}
	return true;
}

static bool
put_text(char *out, size_t cap, size_t *used, const char *text)
{
	size_t len = strlen(text);

	if (cap - *used <= len)
		return false;
	memcpy(out + *used, text, len + 1);
	*used += len;
	return true;
}

bool
otp_uri(char *out, size_t cap, const char *issuer, const char *user, const uint8_t *secret,
	size_t len)
{
	char text[OTP_TEXT_MAX];
	size_t used = 0;
	bool ok;

	otp_encode(text, secret, len);
	ok = put_text(out, cap, &used, "otpauth://totp/") && put_escaped(out, cap, &used, issuer) &&
	     put_text(out, cap, &used, ":") && put_escaped(out, cap, &used, user) &&
	     put_text(out, cap, &used, "?secret=") && put_text(out, cap, &used, text) &&
	     put_text(out, cap, &used, "&issuer=") && put_escaped(out, cap, &used, issuer);
	secret_wipe(text, sizeof(text));
	return ok;
}
