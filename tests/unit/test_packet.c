/* RADIUS as bytes: the examples of RFC 2865 §7, signatures, attributes that do not measure. */
#include <check.h>
#include <string.h>

#include "radius/attribute.h"
#include "radius/packet.h"
#include "unit.h"

static const struct secret rfc_secret = {(const uint8_t *)"xyzzy5461", 9};
static const struct secret other_secret = {(const uint8_t *)"xyzzy5462", 9};

/* §7.1: nemo, with the password arctangent */
static const uint8_t nemo[] = {
	0x01, 0x00, 0x00, 0x38, 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83,
	0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a, 0x01, 0x06, 0x6e, 0x65, 0x6d, 0x6f, 0x02, 0x12,
	0x0d, 0xbe, 0x70, 0x8d, 0x93, 0xd4, 0x13, 0xce, 0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a,
	0x0a, 0xee, 0x04, 0x06, 0xc0, 0xa8, 0x01, 0x10, 0x05, 0x06, 0x00, 0x00, 0x00, 0x03};
static const uint8_t nemo_accept[] = {0x02, 0x00, 0x00, 0x26, 0x86, 0xfe, 0x22, 0x0e, 0x76, 0x24,
				      0xba, 0x2a, 0x10, 0x05, 0xf6, 0xbf, 0x9b, 0x55, 0xe0, 0xb2,
				      0x06, 0x06, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x06, 0x00, 0x00,
				      0x00, 0x00, 0x0e, 0x06, 0xc0, 0xa8, 0x01, 0x03};

START_TEST(request_of_the_rfc_is_built_byte_by_byte)
{
	const uint8_t address[] = {192, 168, 1, 16};
	uint8_t bytes[PACKET_MAX];
	struct wr w = packet_begin(bytes, CODE_ACCESS_REQUEST);

	memcpy(bytes + 4, nemo + 4, AUTHENTICATOR_SIZE);
	attr_put_text(&w, ATTR_USER_NAME, "nemo");
	ck_assert(attr_put_password(&w, &rfc_secret, bytes + 4, "arctangent", 10));
	attr_put(&w, ATTR_NAS_IP_ADDRESS, address, 4);
	attr_put_u32(&w, ATTR_NAS_PORT, 3);
	ck_assert_uint_eq(packet_end(&w), sizeof(nemo));
	ck_assert(packet_sign_access(bytes, sizeof(nemo), 0, &rfc_secret));
	ck_assert_mem_eq(bytes, nemo, sizeof(nemo));
}
END_TEST

START_TEST(answer_of_the_rfc_holds_with_its_secret_only)
{
	uint8_t bent[sizeof(nemo_accept)];

	ck_assert_uint_eq(packet_length(nemo_accept, sizeof(nemo_accept)), sizeof(nemo_accept));
	ck_assert(packet_answers(nemo_accept, sizeof(nemo_accept), nemo, &rfc_secret, false));
	ck_assert(!packet_answers(nemo_accept, sizeof(nemo_accept), nemo, &rfc_secret, true));
	ck_assert(!packet_answers(nemo_accept, sizeof(nemo_accept), nemo, &other_secret, false));
	for (size_t i = 1; i < sizeof(bent); i++) {
		memcpy(bent, nemo_accept, sizeof(bent));
		bent[i] ^= 0x40;
		ck_assert(!packet_answers(bent, sizeof(bent), nemo, &rfc_secret, false));
	}
}
END_TEST

/* RFC 2865 §5.2: blocks are chained, and a password of a whole block gets no second one */
START_TEST(password_of_any_length_is_hidden_in_whole_blocks)
{
	static const size_t lengths[][2] = {{0, 16}, {1, 16}, {16, 16}, {17, 32}, {128, 128}};
	char password[200] = "";
	uint8_t bytes[PACKET_MAX];

	memset(password, 'p', sizeof(password) - 1);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct wr w = packet_begin(bytes, CODE_ACCESS_REQUEST);

		ck_assert(attr_put_password(&w, &rfc_secret, nemo + 4, password, lengths[i][0]));
		ck_assert_uint_eq(packet_end(&w), PACKET_HEADER + 2 + lengths[i][1]);
		ck_assert_ptr_null(memmem(bytes, packet_end(&w), "pp", 2));
	}
	struct wr w = packet_begin(bytes, CODE_ACCESS_REQUEST);

	ck_assert(!attr_put_password(&w, &rfc_secret, nemo + 4, password, 129));
}
END_TEST

static size_t
answer_with_authenticator(uint8_t *bytes)
{
	struct wr w = packet_begin(bytes, CODE_ACCESS_ACCEPT);
	size_t len;

	attr_put_authenticator(&w);
	attr_put_text(&w, ATTR_REPLY_MESSAGE, "welcome");
	len = packet_end(&w);
	ck_assert(packet_sign_answer(bytes, len, nemo, &rfc_secret));
	return len;
}

START_TEST(answer_with_message_authenticator_is_proven)
{
	uint8_t bytes[PACKET_MAX];
	size_t len = answer_with_authenticator(bytes);

	ck_assert_uint_eq(bytes[PACKET_HEADER], ATTR_MESSAGE_AUTHENTICATOR);
	ck_assert(packet_answers(bytes, len, nemo, &rfc_secret, true));
	ck_assert(!packet_answers(bytes, len, nemo, &other_secret, true));
}
END_TEST

/* What BlastRADIUS makes: the Response Authenticator holds, the Message-Authenticator does not */
START_TEST(answer_with_wrong_message_authenticator_is_none)
{
	uint8_t bytes[PACKET_MAX], forged[PACKET_MAX];
	struct wr w = packet_begin(forged, CODE_ACCESS_ACCEPT);
	size_t len;

	answer_with_authenticator(bytes);
	attr_put(&w, ATTR_REPLY_MESSAGE, "x", 1);
	attr_put(&w, ATTR_STATE, bytes, 16);
	len = packet_end(&w);
	ck_assert(packet_sign_answer(forged, len, nemo, &rfc_secret));
	ck_assert(packet_answers(forged, len, nemo, &rfc_secret, false));
	ck_assert(!packet_answers(forged, len, nemo, &rfc_secret, true));
	forged[PACKET_HEADER + 3] = ATTR_MESSAGE_AUTHENTICATOR; /* of the right length, and wrong */
	ck_assert(!packet_answers(forged, len, nemo, &rfc_secret, true));
	ck_assert(!packet_answers(forged, len, nemo, &rfc_secret, false));
}
END_TEST

START_TEST(request_of_a_server_is_known_by_its_signature)
{
	uint8_t bytes[PACKET_MAX];
	struct wr w = packet_begin(bytes, CODE_DISCONNECT_REQUEST);
	size_t len;

	attr_put_authenticator(&w);
	attr_put_text(&w, ATTR_USER_NAME, "nemo");
	len = packet_end(&w);
	ck_assert(!packet_is_signed(bytes, len, &rfc_secret));
	ck_assert(packet_sign_request(bytes, len, 7, &rfc_secret));
	ck_assert_uint_eq(bytes[1], 7);
	ck_assert(packet_is_signed(bytes, len, &rfc_secret));
	ck_assert(!packet_is_signed(bytes, len, &other_secret));
	bytes[len - 1] ^= 1;
	ck_assert(!packet_is_signed(bytes, len, &rfc_secret));
}
END_TEST

START_TEST(packet_that_does_not_measure_has_no_length)
{
	uint8_t bytes[sizeof(nemo) + 4] = {0};

	memcpy(bytes, nemo, sizeof(nemo));
	ck_assert_uint_eq(packet_length(bytes, sizeof(bytes)), sizeof(nemo)); /* padding */
	ck_assert_uint_eq(packet_length(bytes, sizeof(nemo) - 1), 0);
	ck_assert_uint_eq(packet_length(bytes, 3), 0);
	bytes[3] = 19; /* less than a header */
	ck_assert_uint_eq(packet_length(bytes, sizeof(bytes)), 0);
	bytes[3] = 0x38;
	bytes[21] = 1; /* an attribute shorter than its own head */
	ck_assert_uint_eq(packet_length(bytes, sizeof(bytes)), 0);
	bytes[21] = 200; /* and one that runs out of the packet */
	ck_assert_uint_eq(packet_length(bytes, sizeof(bytes)), 0);
}
END_TEST

START_TEST(vendors_attributes_are_walked_one_by_one)
{
	static const uint8_t two[] = {0, 0, 1, 55, 28, 6, 10, 0, 0, 1, 29, 6, 10, 0, 0, 2};
	static const uint8_t odd[] = {0, 0, 9, 1, 0xff};
	uint8_t bytes[PACKET_MAX];
	struct wr w = packet_begin(bytes, CODE_ACCESS_ACCEPT);
	struct attrs attrs;
	struct attr attr;

	attr_put(&w, ATTR_VENDOR_SPECIFIC, two, sizeof(two));
	attr_put(&w, ATTR_VENDOR_SPECIFIC, odd, sizeof(odd));
	attr_put_u32(&w, ATTR_SESSION_TIMEOUT, 60);
	attrs = attrs_of(bytes, packet_end(&w));
	ck_assert(attrs_next(&attrs, &attr));
	ck_assert(attr.vendor == VENDOR_MICROSOFT && attr.type == 28 && attr.value[3] == 1);
	ck_assert(attrs_next(&attrs, &attr));
	ck_assert(attr.vendor == VENDOR_MICROSOFT && attr.type == 29 && attr.value[3] == 2);
	ck_assert(attrs_next(&attrs, &attr));
	ck_assert(attr.vendor == 0 && attr.type == ATTR_VENDOR_SPECIFIC && attr.len == sizeof(odd));
	ck_assert(attrs_next(&attrs, &attr));
	ck_assert(attr.vendor == 0 && attr.type == ATTR_SESSION_TIMEOUT);
	ck_assert(!attrs_next(&attrs, &attr));
}
END_TEST

START_TEST(attribute_that_is_too_long_spoils_the_packet)
{
	uint8_t bytes[PACKET_MAX], value[254] = {0};
	struct wr w = packet_begin(bytes, CODE_ACCESS_REQUEST);

	attr_put(&w, ATTR_CLASS, value, sizeof(value));
	ck_assert_uint_eq(packet_end(&w), 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		request_of_the_rfc_is_built_byte_by_byte,
		answer_of_the_rfc_holds_with_its_secret_only,
		password_of_any_length_is_hidden_in_whole_blocks,
		answer_with_message_authenticator_is_proven,
		answer_with_wrong_message_authenticator_is_none,
		request_of_a_server_is_known_by_its_signature,
		packet_that_does_not_measure_has_no_length,
		vendors_attributes_are_walked_one_by_one,
		attribute_that_is_too_long_spoils_the_packet,
	};

	return unit_run("packet", tests, sizeof(tests) / sizeof(tests[0]));
}
