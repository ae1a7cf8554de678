/*
 * RADIUS packets (RFC 2865, 2866, 2869, 5176) as bytes: building, signing, taking apart. Nothing
 * here knows what an attribute is for.
 */
#ifndef RADIUS_PACKET_H
#define RADIUS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define PACKET_MAX 4096
#define PACKET_HEADER 20
#define AUTHENTICATOR_SIZE 16

enum packet_code {
	CODE_ACCESS_REQUEST = 1,
	CODE_ACCESS_ACCEPT,
	CODE_ACCESS_REJECT,
	CODE_ACCOUNTING_REQUEST,
	CODE_ACCOUNTING_RESPONSE,
	CODE_ACCESS_CHALLENGE = 11,
	CODE_DISCONNECT_REQUEST = 40,
	CODE_DISCONNECT_ACK,
	CODE_DISCONNECT_NAK,
	CODE_COA_REQUEST,
	CODE_COA_ACK,
	CODE_COA_NAK
};

#define VENDOR_MICROSOFT 311
#define VENDOR_WISPR 14122

struct secret {
	const uint8_t *bytes;
	size_t len;
};

/* ── building ───────────────────────────────────────────────────────────────────────────── */

/* A cursor behind the header of a new packet; `bytes` holds PACKET_MAX. */
struct wr packet_begin(uint8_t *bytes, enum packet_code code);
/* An attribute; one without a value is left out. Too long a value makes the cursor bad. */
void attr_put(struct wr *w, uint8_t type, const void *value, size_t len);
void attr_put_u32(struct wr *w, uint8_t type, uint32_t value);
void attr_put_text(struct wr *w, uint8_t type, const char *text);
void attr_put_vendor(struct wr *w, uint32_t vendor, uint8_t type, const void *value, size_t len);
/* Sixteen zeroes in the place of a Message-Authenticator: packet_sign…() fills it in. It goes first
 * (BlastRADIUS: what an attacker may choose must not stand before it). */
void attr_put_authenticator(struct wr *w);
/* User-Password, hidden by secret and Request Authenticator (RFC 2865 §5.2); at most 128 bytes. */
bool attr_put_password(struct wr *w, const struct secret *secret,
		       const uint8_t authenticator[AUTHENTICATOR_SIZE], const void *password,
		       size_t len);
/* Writes the length into the header; 0 when it did not all fit. */
size_t packet_end(struct wr *w);

/* Access-Request: the identifier, and the Message-Authenticator (RFC 2869 §5.14). */
bool packet_sign_access(uint8_t *bytes, size_t len, uint8_t id, const struct secret *secret);
/* Accounting-Request, and what RFC 5176 asks: the identifier, the Message-Authenticator where there
 * is room for one, and the Request Authenticator (RFC 2866 §3). */
bool packet_sign_request(uint8_t *bytes, size_t len, uint8_t id, const struct secret *secret);
/* An answer to `request`: its identifier, and both signatures (RFC 2865 §3, 5176 §3.4). */
bool packet_sign_answer(uint8_t *bytes, size_t len, const uint8_t *request,
			const struct secret *secret);

/* ── taking apart ───────────────────────────────────────────────────────────────────────── */

/* The packet's own length when it is whole and made of whole attributes, else 0. What stands behind
 * it is padding (RFC 2865 §3). */
size_t packet_length(const uint8_t *bytes, size_t len);
/* `answer` answers `request`: identifier and Response Authenticator, and the Message-Authenticator,
 * which must be there when `must` is set. */
bool packet_answers(const uint8_t *answer, size_t len, const uint8_t *request,
		    const struct secret *secret, bool must);
/* As packet_sign_request() makes it; a Message-Authenticator may be missing. */
bool packet_is_signed(const uint8_t *bytes, size_t len, const struct secret *secret);

struct attr {
	uint32_t vendor; /* 0: of the RFCs */
	uint8_t type;
	const uint8_t *value;
	size_t len;
};

struct attrs {
	struct rd all, inside; /* inside: of one Vendor-Specific attribute */
	uint32_t vendor;
};

/* Walks the attributes of a packet that packet_length() found whole, and those inside of
 * Vendor-Specific ones that have the form of RFC 2865 §5.26; others come as they are, type 26. */
struct attrs attrs_of(const uint8_t *bytes, size_t len);
bool attrs_next(struct attrs *attrs, struct attr *attr);

#endif
