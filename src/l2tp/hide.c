/* §4.3: b(1) = MD5(attribute, secret, vector), b(i) = MD5(secret, c(i-1)), c(i) = p(i) xor b(i). */
#include "l2tp/hide.h"

#include "md5.h"

static bool
first_pad(const struct hide_key *key, uint16_t attr, uint8_t pad[MD5_SIZE])
{
	const uint8_t number[2] = {(uint8_t)(attr >> 8), (uint8_t)attr};
	const struct md5_part parts[] = {{number, sizeof(number)},
					 {key->secret, key->secret_len},
					 {key->vector, key->vector_len}};

	return md5(pad, parts, 3);
}

static bool
next_pad(const struct hide_key *key, const uint8_t *hidden, uint8_t pad[MD5_SIZE])
{
	const struct md5_part parts[] = {{key->secret, key->secret_len}, {hidden, MD5_SIZE}};

	return md5(pad, parts, 2);
}

/* `in` and `out` are the same or apart; `hidden` is the one of them that holds what is hidden: each
 * block of it makes the pad of the next. */
static bool
apply(const struct hide_key *key, uint16_t attr, const uint8_t *in, uint8_t *out,
      const uint8_t *hidden, size_t len)
{
	uint8_t pad[MD5_SIZE];
	bool ok = first_pad(key, attr, pad);

	for (size_t i = 0; ok && i < len; i++) {
		if (i && i % MD5_SIZE == 0)
			ok = next_pad(key, hidden + i - MD5_SIZE, pad);
		out[i] = in[i] ^ pad[i % MD5_SIZE];
	}
	secret_wipe(pad, sizeof(pad));
	return ok;
}

bool
hide_value(const struct hide_key *key, uint16_t attr, uint8_t *value, size_t len)
{
	return apply(key, attr, value, value, value, len);
}

bool
unhide_value(const struct hide_key *key, uint16_t attr, const uint8_t *hidden, size_t len,
	     uint8_t *out)
{
	return apply(key, attr, hidden, out, hidden, len);
}
