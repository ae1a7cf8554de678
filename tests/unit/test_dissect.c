/* What is shown of a message, and what is struck out before. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "dissect.h"
#include "frame.h"
#include "l2tp/msg.h"
#include "unit.h"

#define HAS(attr) (UINT64_C(1) << AVP_##attr)
#define TEXT(text) ((struct l2tp_bytes){(const uint8_t *)(text), sizeof(text) - 1})

static void
note(void *ctx, const struct dissected_avp *avp)
{
	char *out = ctx;

	snprintf(out + strlen(out), 1000 - strlen(out), "%s%s%s=%s;", avp->mandatory ? "M " : "",
		 avp->hidden ? "H " : "", avp->name, avp->value);
}

static bool
holds(const uint8_t *bytes, size_t len, const char *word)
{
	return memmem(bytes, len, word, strlen(word)) != NULL;
}

static struct l2tp_msg
proof(void)
{
	return (struct l2tp_msg){
		.type = MSG_ICCN,
		.has = HAS(TX_SPEED) | HAS(PROXY_AUTH_TYPE) | HAS(PROXY_AUTH_NAME) |
		       HAS(PROXY_AUTH_RESPONSE),
		.tx_speed = 64000,
		.proxy_auth_type = 3,
		.proxy_auth_name = TEXT("alice"),
		.proxy_auth_response = TEXT("open sesame"),
	};
}

START_TEST(message_is_read_in_the_words_of_the_rfc)
{
	const struct l2tp_msg msg = {
		.type = MSG_SCCRQ,
		.has = HAS(PROTOCOL_VERSION) | HAS(FRAMING_CAPS) | HAS(HOST_NAME) |
		       HAS(ASSIGNED_TUNNEL) | HAS(TIE_BREAKER),
		.protocol_version = 0x0100,
		.framing_caps = 3,
		.tie_breaker = 0x1234,
		.host_name = TEXT("a\"b"),
		.assigned_tunnel = 77,
	};
	uint8_t bytes[512];
	char said[1000] = "";
	struct dissected head;
	size_t len = msg_encode(&msg, 5, 6, NULL, bytes, sizeof(bytes));

	ck_assert(dissect(&head, bytes, len, note, said));
	ck_assert(head.control);
	ck_assert_str_eq(head.type, "SCCRQ");
	ck_assert_uint_eq(head.tid, 5);
	ck_assert_uint_eq(head.sid, 6);
	ck_assert_ptr_null(head.fault);
	ck_assert_str_eq(said, "M Protocol Version=256;M Framing Capabilities=3;"
			       "Tie Breaker=0x0000000000001234;M Host Name=a\\\"b;"
			       "M Assigned Tunnel ID=77;");
}
END_TEST

START_TEST(result_code_is_read_with_its_text)
{
	const struct l2tp_msg msg = {.type = MSG_STOPCCN,
				     .has = HAS(RESULT_CODE) | HAS(ASSIGNED_TUNNEL),
				     .result = {2, 6, TEXT("no")},
				     .assigned_tunnel = 1};
	uint8_t bytes[512];
	char said[1000] = "";
	struct dissected head;
	size_t len = msg_encode(&msg, 5, 0, NULL, bytes, sizeof(bytes));

	ck_assert(dissect(&head, bytes, len, note, said));
	ck_assert_ptr_nonnull(strstr(said, "M Result Code=2, error 6 "));
	ck_assert_ptr_nonnull(strstr(said, ": no;"));
}
END_TEST

START_TEST(secret_is_not_shown_and_is_struck_out_of_the_bytes)
{
	const struct l2tp_msg msg = proof();
	uint8_t bytes[512];
	char said[1000] = "";
	struct dissected head;
	size_t len = msg_encode(&msg, 5, 6, NULL, bytes, sizeof(bytes));

	ck_assert(holds(bytes, len, "open sesame"));
	dissect(&head, bytes, len, note, said);
	ck_assert_ptr_nonnull(strstr(said, "Proxy Authen Response=masked;"));
	ck_assert_ptr_null(strstr(said, "sesame"));
	dissect_mask(bytes, len);
	ck_assert(!holds(bytes, len, "sesame"));
	ck_assert(holds(bytes, len, "alice"));
	said[0] = '\0';
	ck_assert(dissect(&head, bytes, len, note, said));
	ck_assert_ptr_null(head.fault); /* it is still a message of the same form */
	ck_assert_ptr_nonnull(strstr(said, "(Tx) Connect Speed=64000"));
}
END_TEST

START_TEST(hidden_value_is_struck_out)
{
	const struct l2tp_msg msg = proof();
	struct msg_hiding hide = {.secret = (const uint8_t *)"s", .secret_len = 1};
	uint8_t bytes[512], before[512];
	char said[1000] = "";
	struct dissected head;
	size_t len = msg_encode(&msg, 5, 6, &hide, bytes, sizeof(bytes));

	memcpy(before, bytes, len);
	dissect_mask(bytes, len);
	ck_assert_mem_ne(bytes, before, len);
	dissect(&head, bytes, len, note, said);
	ck_assert_ptr_nonnull(strstr(said, "H Proxy Authen Name=hidden;"));
	ck_assert_ptr_null(strstr(said, "alice"));
}
END_TEST

START_TEST(what_cannot_be_read_is_struck_out)
{
	const struct l2tp_msg msg = proof();
	uint8_t bytes[512];
	char said[1000] = "";
	struct dissected head;
	size_t len = msg_encode(&msg, 5, 6, NULL, bytes, sizeof(bytes));

	/* an AVP that is longer than the message, after the first */
	bytes[12 + 8] |= 0x03;
	dissect_mask(bytes, len);
	ck_assert(!holds(bytes, len, "alice"));
	ck_assert(!holds(bytes, len, "sesame"));
	snprintf((char *)bytes, sizeof(bytes), "no L2TP, but sesame");
	ck_assert(!dissect(&head, bytes, 19, note, said));
	ck_assert_ptr_nonnull(head.fault);
	dissect_mask(bytes, 19);
	ck_assert(!holds(bytes, 19, "sesame"));
}
END_TEST

START_TEST(bytes_behind_the_message_are_struck_out)
{
	const struct l2tp_msg msg = {.type = MSG_HELLO};
	uint8_t bytes[512];
	size_t len = msg_encode(&msg, 5, 0, NULL, bytes, sizeof(bytes));

	snprintf((char *)bytes + len, sizeof(bytes) - len, "sesame");
	dissect_mask(bytes, len + 6);
	ck_assert(!holds(bytes, len + 6, "sesame"));
}
END_TEST

#define FRAME(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

START_TEST(login_in_a_frame_is_struck_out)
{
	static const struct {
		const char *bytes;
		size_t len;
	} frames[] = {
		FRAME("\xff\x03\xc0\x23\x01\x01\x00\x11\x05"
		      "alice\x06sesame"),
		FRAME("\xc0\x23\x01\x01\x00\x11\x05"
		      "alice\x06sesame"),
		FRAME("\xff\x03\xc2\x23\x02\x01\x00\x11\x06sesamealice"),
		FRAME("\xff\x03\xc2\x23\x03\x01\x00\x11S=sesame"),
		FRAME("\xff\x03\xc2\x27\x02\x01\x00\x11\x1asesame"),
		/* lies about the name's length */
		FRAME("\xff\x03\xc0\x23\x01\x01\x00\x11\xf0"
		      "alice\x06sesame"),
	};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t bytes[64];

		memcpy(bytes, frames[i].bytes, frames[i].len);
		frame_mask(bytes, frames[i].len);
		ck_assert_msg(!holds(bytes, frames[i].len, "sesame"), "frame %zu", i);
		if (i < 2)
			ck_assert(holds(bytes, frames[i].len, "alice"));
	}
}
END_TEST

START_TEST(other_frames_stay)
{
	static const char *const frames[] = {"\xff\x03\xc0\x21\x01\x01\x01\x01xxxx",
					     "\x21sesame, encapsulated", "\xff\x03\x80\x21\x01xx"};

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t bytes[64];

		memcpy(bytes, frames[i], strlen(frames[i]));
		frame_mask(bytes, strlen(frames[i]));
		ck_assert_mem_eq(bytes, frames[i], strlen(frames[i]));
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		message_is_read_in_the_words_of_the_rfc,
		result_code_is_read_with_its_text,
		secret_is_not_shown_and_is_struck_out_of_the_bytes,
		hidden_value_is_struck_out,
		what_cannot_be_read_is_struck_out,
		bytes_behind_the_message_are_struck_out,
		login_in_a_frame_is_struck_out,
		other_frames_stay,
	};

	return unit_run("dissect", tests, sizeof(tests) / sizeof(tests[0]));
}
