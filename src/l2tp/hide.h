/* Hiding of AVP values (RFC 2661 §4.3): a keystream of MD5 over the tunnel's secret. */
#ifndef L2TP_HIDE_H
#define L2TP_HIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the keystream is made of: the tunnel's secret and the Random Vector that stands closest
 * before the AVP. Borrowed. */
struct hide_key {
	const uint8_t *secret;
	size_t secret_len;
	const uint8_t *vector;
	size_t vector_len;
};

/* Hides the len bytes at `value` (a Hidden AVP Subformat) where they stand. False when the library
 * has no MD5: then they may be half hidden and must not leave. */
bool hide_value(const struct hide_key *key, uint16_t attr, uint8_t *value, size_t len);

/* Writes the len bytes at `hidden` as the subformat that they stand for to `out`, which does not
 * overlap. False when the library has no MD5. */
bool unhide_value(const struct hide_key *key, uint16_t attr, const uint8_t *hidden, size_t len,
		  uint8_t *out);

#endif
