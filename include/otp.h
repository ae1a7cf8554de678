/*
 * One-time codes by the clock (RFC 6238: HMAC-SHA-1, six digits, steps of 30 seconds), their
 * secrets as text, and the address that an authenticator reads (src/policy/otp.c). Pure.
 */
#ifndef OTP_H
#define OTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define OTP_DIGITS 6
#define OTP_STEP_S 30
#define OTP_SECRET_MAX 64
/* RFC 4226 §4, R6: at least 128 bits, better 160. Who makes a secret takes so many random bytes. */
#define OTP_SECRET_NEW 20
/* What otp_encode() makes of OTP_SECRET_MAX bytes, with the final NUL */
#define OTP_TEXT_MAX 104

/* Base32 (RFC 4648 §6), in either letter case, with the blanks that authenticators show, with or
 * without its padding. False when it is none, is longer than OTP_SECRET_MAX bytes, or empty. */
bool otp_decode(uint8_t out[OTP_SECRET_MAX], uint32_t *len, const char *text);
/* Upper case, without padding; `len` up to OTP_SECRET_MAX. */
void otp_encode(char out[OTP_TEXT_MAX], const uint8_t *bytes, size_t len);

/* Number of the step that `now` (wall clock) lies in; 0 before 1970. */
uint64_t otp_step(time_t now);
/* The code of a step; for a counter, RFC 4226's. False when the library cannot (memory, policy of
 * the host). */
bool otp_code(char out[OTP_DIGITS + 1], const uint8_t *secret, size_t len, uint64_t step);

/* "otpauth://totp/ISSUER:USER?secret=…&issuer=ISSUER", names escaped by RFC 3986. False when it
 * does not fit. `out` holds a secret. */
bool otp_uri(char *out, size_t cap, const char *issuer, const char *user, const uint8_t *secret,
	     size_t len);

#endif
