#include "radius/packet.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "md5.h"
#include "radius/attribute.h"

#define PASSWORD_MAX 128

static uint8_t *
authenticator_of(uint8_t *bytes)
{
	return bytes + 4;
}

/* ── building ───────────────────────────────────────────────────────────────────────────── */

struct wr
packet_begin(uint8_t *bytes, enum packet_code code)
{
	struct wr w = wr_init(bytes, PACKET_MAX);

	memset(wr_room(&w, PACKET_HEADER), 0, PACKET_HEADER);
	bytes[0] = (uint8_t)code;
	return w;
}

void
attr_put(struct wr *w, uint8_t type, const void *value, size_t len)
{
	if (len > ATTR_VALUE_MAX)
		w->bad = true;
	if (len == 0 || w->bad)
		return;
	wr_u8(w, type);
	wr_u8(w, (uint8_t)(len + 2));
	wr_bytes(w, value, len);
}

void
attr_put_u32(struct wr *w, uint8_t type, uint32_t value)
{
	uint8_t bytes[4];
	struct wr inside = wr_init(bytes, sizeof(bytes));

	wr_u32(&inside, value);
	attr_put(w, type, bytes, sizeof(bytes));
}

void
attr_put_text(struct wr *w, uint8_t type, const char *text)
{
	attr_put(w, type, text, strlen(text));
}

void
attr_put_vendor(struct wr *w, uint32_t vendor, uint8_t type, const void *value, size_t len)
{
	uint8_t bytes[ATTR_VALUE_MAX];
	struct wr inside = wr_init(bytes, sizeof(bytes));

	wr_u32(&inside, vendor);
	wr_u8(&inside, type);
	wr_u8(&inside, (uint8_t)(len + 2));
	wr_bytes(&inside, value, len);
	if (inside.bad)
		w->bad = true;
	attr_put(w, ATTR_VENDOR_SPECIFIC, bytes, wr_len(&inside));
}

void
attr_put_authenticator(struct wr *w)
{
	static const uint8_t zeroes[AUTHENTICATOR_SIZE];

	attr_put(w, ATTR_MESSAGE_AUTHENTICATOR, zeroes, sizeof(zeroes));
}

bool
attr_put_password(struct wr *w, const struct secret *secret,
		  const uint8_t authenticator[AUTHENTICATOR_SIZE], const void *password, size_t len)
{
	uint8_t hidden[PASSWORD_MAX] = {0}, pad[MD5_SIZE];
	const uint8_t *before = authenticator;
	size_t padded = len ? (len + MD5_SIZE - 1) / MD5_SIZE * MD5_SIZE : MD5_SIZE;
	bool ok = len <= sizeof(hidden);

	if (ok && len)
		memcpy(hidden, password, len);
	for (size_t at = 0; ok && at < padded; at += MD5_SIZE) {
		const struct md5_part parts[] = {{secret->bytes, secret->len}, {before, MD5_SIZE}};

		ok = md5(pad, parts, 2);
		for (size_t i = 0; ok && i < MD5_SIZE; i++)
			hidden[at + i] ^= pad[i];
		before = hidden + at;
	}
	if (ok)
		attr_put(w, ATTR_USER_PASSWORD, hidden, padded);
	secret_wipe(pad, sizeof(pad));
	secret_wipe(hidden, sizeof(hidden));
	return ok;
}

size_t
packet_end(struct wr *w)
{
	size_t len = wr_len(w);

	if (len)
		wr_patch_u16(w, w->start + 2, (uint16_t)len);
	return len;
}

/* ── signatures ─────────────────────────────────────────────────────────────────────────── */

/* Where the value of the Message-Authenticator is; 0: there is none. `bad` when one has another
 * length, or when there are two. */
static size_t
find_authenticator(const uint8_t *bytes, size_t len, bool *bad)
{
	struct attrs attrs = attrs_of(bytes, len);
	struct attr attr;
	size_t at = 0;

	*bad = false;
	while (attrs_next(&attrs, &attr)) {
		if (attr.vendor || attr.type != ATTR_MESSAGE_AUTHENTICATOR)
			continue;
		*bad = *bad || at || attr.len != AUTHENTICATOR_SIZE;
		at = (size_t)(attr.value - bytes);
	}
	return at;
}

/* HMAC-MD5 over the packet with this in the place of its authenticator, and zeroes in the place
 * of the Message-Authenticator (RFC 2869 §5.14). */
static bool
message_authenticator(uint8_t out[AUTHENTICATOR_SIZE], const uint8_t *bytes, size_t len, size_t at,
		      const uint8_t authenticator[AUTHENTICATOR_SIZE], const struct secret *secret)
{
	uint8_t copy[PACKET_MAX];

	memcpy(copy, bytes, len);
	memcpy(authenticator_of(copy), authenticator, AUTHENTICATOR_SIZE);
	memset(copy + at, 0, AUTHENTICATOR_SIZE);
	return HMAC(EVP_md5(), secret->bytes, (int)secret->len, copy, len, out, NULL) != NULL;
}

/* MD5 over the packet with this in the place of its authenticator, and the secret behind. */
static bool
authenticator(uint8_t out[AUTHENTICATOR_SIZE], const uint8_t *bytes, size_t len,
	      const uint8_t inside[AUTHENTICATOR_SIZE], const struct secret *secret)
{
	const struct md5_part parts[] = {{bytes, 4},
					 {inside, AUTHENTICATOR_SIZE},
					 {bytes + PACKET_HEADER, len - PACKET_HEADER},
					 {secret->bytes, secret->len}};

	return md5(out, parts, 4);
}

static bool
sign_message(uint8_t *bytes, size_t len, const uint8_t inside[AUTHENTICATOR_SIZE],
	     const struct secret *secret)
{
	uint8_t signature[AUTHENTICATOR_SIZE];
	bool bad;
	size_t at = find_authenticator(bytes, len, &bad);

	if (!at || bad)
		return !bad;
	if (!message_authenticator(signature, bytes, len, at, inside, secret))
		return false;
	memcpy(bytes + at, signature, sizeof(signature));
	return true;
}

bool
packet_sign_access(uint8_t *bytes, size_t len, uint8_t id, const struct secret *secret)
{
	uint8_t inside[AUTHENTICATOR_SIZE];

	bytes[1] = id;
	memcpy(inside, authenticator_of(bytes), sizeof(inside));
	return sign_message(bytes, len, inside, secret);
}

bool
packet_sign_request(uint8_t *bytes, size_t len, uint8_t id, const struct secret *secret)
{
	static const uint8_t zeroes[AUTHENTICATOR_SIZE];
	uint8_t signature[AUTHENTICATOR_SIZE];

	bytes[1] = id;
	if (!sign_message(bytes, len, zeroes, secret) ||
	    !authenticator(signature, bytes, len, zeroes, secret))
		return false;
	memcpy(authenticator_of(bytes), signature, sizeof(signature));
	return true;
}

bool
packet_sign_answer(uint8_t *bytes, size_t len, const uint8_t *request, const struct secret *secret)
{
	uint8_t signature[AUTHENTICATOR_SIZE];

	bytes[1] = request[1];
	if (!sign_message(bytes, len, request + 4, secret) ||
	    !authenticator(signature, bytes, len, request + 4, secret))
		return false;
	memcpy(authenticator_of(bytes), signature, sizeof(signature));
	return true;
}

static bool
message_holds(const uint8_t *bytes, size_t len, const uint8_t inside[AUTHENTICATOR_SIZE],
	      const struct secret *secret, bool must)
{
	uint8_t expected[AUTHENTICATOR_SIZE];
	bool bad;
	size_t at = find_authenticator(bytes, len, &bad);

	if (!at || bad)
		return !bad && !must;
	return message_authenticator(expected, bytes, len, at, inside, secret) &&
	       secret_eq(expected, bytes + at, sizeof(expected));
}

bool
packet_answers(const uint8_t *answer, size_t len, const uint8_t *request,
	       const struct secret *secret, bool must)
{
	uint8_t expected[AUTHENTICATOR_SIZE];

	return answer[1] == request[1] &&
	       authenticator(expected, answer, len, request + 4, secret) &&
	       secret_eq(expected, answer + 4, sizeof(expected)) &&
	       message_holds(answer, len, request + 4, secret, must);
}

bool
packet_is_signed(const uint8_t *bytes, size_t len, const struct secret *secret)
{
	static const uint8_t zeroes[AUTHENTICATOR_SIZE];
	uint8_t expected[AUTHENTICATOR_SIZE];

	return authenticator(expected, bytes, len, zeroes, secret) &&
	       secret_eq(expected, bytes + 4, sizeof(expected)) &&
	       message_holds(bytes, len, zeroes, secret, false);
}

/* ── taking apart ───────────────────────────────────────────────────────────────────────── */

size_t
packet_length(const uint8_t *bytes, size_t len)
{
	struct rd r = rd_init(bytes, len), inside;
	uint16_t own;

	rd_u16(&r);
	own = rd_u16(&r);
	if (r.bad || own < PACKET_HEADER || own > PACKET_MAX || own > len)
		return 0;
	inside = rd_init(bytes + PACKET_HEADER, own - PACKET_HEADER);
	while (rd_left(&inside)) {
		rd_u8(&inside);

		uint8_t size = rd_u8(&inside);

		if (size < 2 || !rd_bytes(&inside, size - 2u))
			return 0;
	}
	return inside.bad ? 0 : own;
}

struct attrs
attrs_of(const uint8_t *bytes, size_t len)
{
	return (struct attrs){.all = rd_init(bytes + PACKET_HEADER, len - PACKET_HEADER),
			      .inside = rd_init(bytes, 0)};
}

/* The form that RFC 2865 §5.26 suggests, and not every vendor keeps to. */
static bool
has_common_form(struct rd inside)
{
	if (!rd_left(&inside))
		return false;
	while (rd_left(&inside)) {
		rd_u8(&inside);

		uint8_t size = rd_u8(&inside);

		if (size < 2 || !rd_bytes(&inside, size - 2u))
			return false;
	}
	return true;
}

static bool
take(struct rd *r, struct attr *attr)
{
	if (!rd_left(r))
		return false;
	attr->type = rd_u8(r);
	attr->len = (size_t)rd_u8(r) - 2;
	attr->value = rd_bytes(r, attr->len);
	return attr->value != NULL;
}

bool
attrs_next(struct attrs *attrs, struct attr *attr)
{
	struct rd value;

	*attr = (struct attr){.vendor = attrs->vendor};
	if (take(&attrs->inside, attr))
		return true;
	*attr = (struct attr){.vendor = 0};
	if (!take(&attrs->all, attr))
		return false;
	value = rd_init(attr->value, attr->len);
	if (attr->type != ATTR_VENDOR_SPECIFIC)
		return true;
	attrs->vendor = rd_u32(&value);
	if (value.bad || !has_common_form(value))
		return true;
	attrs->inside = value;
	*attr = (struct attr){.vendor = attrs->vendor};
	return take(&attrs->inside, attr);
}
