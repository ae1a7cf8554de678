/* Whole messages: Message Type first (§4.4.1), required AVPs (§6), and our own encoding. */
#include <check.h>
#include <stdlib.h>

#include "l2tp/avp.h"

static const struct msg_reading strict = {.strict = true}, lax = {.strict = false};

#define HAS(attr) (UINT64_C(1) << AVP_##attr)

/* §6.1 to §6.14, typed in again; Message Type apart. StopCCN and CDN are let go without. */
static const struct {
	unsigned type;
	uint64_t required;
} messages[] = {
	{MSG_SCCRQ,
	 HAS(PROTOCOL_VERSION) | HAS(HOST_NAME) | HAS(FRAMING_CAPS) | HAS(ASSIGNED_TUNNEL)},
	{MSG_SCCRP,
	 HAS(PROTOCOL_VERSION) | HAS(FRAMING_CAPS) | HAS(HOST_NAME) | HAS(ASSIGNED_TUNNEL)},
	{MSG_SCCCN, 0},
	{MSG_STOPCCN, 0},
	{MSG_HELLO, 0},
	{MSG_ICRQ, HAS(ASSIGNED_SESSION) | HAS(CALL_SERIAL)},
	{MSG_ICRP, HAS(ASSIGNED_SESSION)},
	{MSG_ICCN, HAS(TX_SPEED) | HAS(FRAMING_TYPE)},
	{MSG_OCRQ, HAS(ASSIGNED_SESSION) | HAS(CALL_SERIAL) | HAS(MINIMUM_BPS) | HAS(MAXIMUM_BPS) |
			   HAS(BEARER_TYPE) | HAS(FRAMING_TYPE) | HAS(CALLED_NUMBER)},
	{MSG_OCRP, HAS(ASSIGNED_SESSION)},
	{MSG_OCCN, HAS(TX_SPEED) | HAS(FRAMING_TYPE)},
	{MSG_CDN, 0},
	{MSG_WEN, HAS(CALL_ERRORS)},
	{MSG_SLI, HAS(ACCM)},
	{MSG_MDMST, 0},
	{MSG_CSUN, 0},
	{MSG_CSURQ, 0},
};
#define MESSAGES (sizeof(messages) / sizeof(messages[0]))

#define SOME                                                                                       \
	{                                                                                          \
		(const uint8_t *)"sixteen bytes...", 16                                            \
	}

/* Every value there is. */
static const struct l2tp_msg everything = {
	.result = {2, 6, SOME},
	.protocol_version = L2TP_PROTOCOL_VERSION,
	.framing_caps = 3,
	.bearer_caps = 1,
	.tie_breaker = UINT64_C(0x0123456789abcdef),
	.firmware = 0x0690,
	.host_name = SOME,
	.vendor_name = SOME,
	.assigned_tunnel = 11,
	.window = 8,
	.challenge = SOME,
	.response = SOME,
	.q931 = {17, 69, SOME},
	.assigned_session = 12,
	.call_serial = 13,
	.minimum_bps = 14,
	.maximum_bps = 15,
	.bearer_type = 1,
	.framing_type = 2,
	.called = SOME,
	.calling = SOME,
	.sub_address = SOME,
	.tx_speed = 16,
	.rx_speed = 17,
	.physical_channel = 18,
	.initial_lcp = SOME,
	.last_sent_lcp = SOME,
	.last_received_lcp = SOME,
	.proxy_auth_type = 2,
	.proxy_auth_id = 19,
	.proxy_auth_name = SOME,
	.proxy_auth_challenge = SOME,
	.proxy_auth_response = SOME,
	.call_errors = {1, 2, 3, 4, 5, 6},
	.accm = {20, 21},
	.random_vector = SOME,
	.private_group = SOME,
	.rx_minimum_bps = 22,
	.rx_maximum_bps = 23,
	.service_category = 1,
	.service_name = SOME,
	.calling_sub_address = SOME,
	.vpi_vci = 24,
	.disconnect = {5, 0xc021, 1, SOME},
	.control_dscp = 0xb800,
	.session_dscp = 0x2800,
	.lcp_want = SOME,
	.lcp_allow = SOME,
	.lns_last_sent_lcp = SOME,
	.lns_last_received_lcp = SOME,
	.moh_status = 0x8005,
	.line = {.circuit_id = SOME,
		 .remote_id = SOME,
		 .actual_up = UINT64_C(0x0123456789abcdef),
		 .delay_down = 25,
		 .encapsulation = {(const uint8_t *)"abc", 3},
		 .type = 5},
	.speeds = {.count = 3, .list = {{26, 27, 28}, {29, 30, 31}, {32, 33, 34}}},
};

/* All that may stand there. */
static struct l2tp_msg
full(unsigned type)
{
	struct l2tp_msg msg = everything;

	msg.type = (uint16_t)type;
	for (uint16_t attr = 1; attr < AVP_ATTR_END; attr++)
		if (attr != AVP_RANDOM_VECTOR && avp_rule(attr) &&
		    avp_rule(attr)->messages >> type & 1)
			msg.has |= UINT64_C(1) << attr;
	for (unsigned i = 0; i < LINE_ATTR_END; i++)
		if (avp_line_rule(i)->messages >> type & 1)
			msg.has_line |= UINT32_C(1) << i;
	return msg;
}

static const struct msg_hiding hidden = {.secret = (const uint8_t *)"secret",
					 .secret_len = 6,
					 .vector = "a random vector",
					 .padding = "some padding",
					 .padding_len = 5};

static size_t
body_with(const struct l2tp_msg *msg, const struct msg_hiding *hide, uint8_t *out, size_t cap)
{
	uint8_t bytes[4096];
	size_t len = msg_encode(msg, 1, 2, hide, bytes, sizeof(bytes));

	ck_assert_uint_gt(len, L2TP_CONTROL_HEADER);
	len -= L2TP_CONTROL_HEADER;
	ck_assert_uint_le(len, cap);
	memcpy(out, bytes + L2TP_CONTROL_HEADER, len);
	return len;
}

static size_t
body_of(const struct l2tp_msg *msg, uint8_t *out, size_t cap)
{
	return body_with(msg, NULL, out, cap);
}

START_TEST(nothing_is_a_zlb)
{
	struct l2tp_msg msg;
	struct l2tp_fault fault;
	uint8_t bytes[L2TP_CONTROL_HEADER];

	ck_assert(msg_decode(&msg, NULL, 0, &strict, &fault));
	ck_assert_uint_eq(msg.type, MSG_ZLB);
	ck_assert_uint_eq(msg_encode(&msg, 1, 2, NULL, bytes, sizeof(bytes)), L2TP_CONTROL_HEADER);
}
END_TEST

START_TEST(header_is_twelve_bytes_with_t_l_s_alone)
{
	/* §3.1, HDR-01, HDR-08 */
	static const uint8_t hello[] = {0xc8, 0x02, 0x00, 0x14, 0x12, 0x34, 0x56, 0x78, 0, 0,
					0,    0,    0x80, 0x08, 0,    0,    0,	  0,	0, 6};
	struct l2tp_msg msg = {.type = MSG_HELLO};
	uint8_t bytes[64];

	ck_assert_uint_eq(msg_encode(&msg, 0x1234, 0x5678, NULL, bytes, sizeof(bytes)),
			  sizeof(hello));
	ck_assert_mem_eq(bytes, hello, sizeof(hello));
}
END_TEST

START_TEST(full_message_survives_encode_and_decode)
{
	for (size_t i = 0; i < MESSAGES; i++) {
		struct l2tp_msg msg = full(messages[i].type), back;
		struct l2tp_fault fault;
		uint8_t body[4096], again[4096];
		size_t len = body_of(&msg, body, sizeof(body));

		ck_assert(msg_decode(&back, body, len, &strict, &fault));
		ck_assert_uint_eq(back.type, messages[i].type);
		/* AVP-07: what came after RFC 2661 need not be understood */
		ck_assert_int_eq(back.mandatory, msg.type <= MSG_SLI);
		ck_assert_uint_eq(back.has, msg.has);
		ck_assert_uint_eq(back.has_line, msg.has_line);
		ck_assert_uint_eq(back.ignored, 0);
		ck_assert_uint_eq(body_of(&back, again, sizeof(again)), len);
		ck_assert_mem_eq(again, body, len);
	}
}
END_TEST

START_TEST(full_message_survives_hidden)
{
	/* HID-03, HID-04, HID-08: it takes a secret and nothing else */
	for (size_t i = 0; i < MESSAGES; i++) {
		static uint8_t room[4096];
		const struct msg_reading how = {.strict = true,
						.secret = hidden.secret,
						.secret_len = hidden.secret_len,
						.room = room,
						.room_len = sizeof(room)};
		struct l2tp_msg msg = full(messages[i].type), back;
		struct l2tp_fault fault;
		uint8_t body[4096], again[4096], open[4096];
		size_t len = body_with(&msg, &hidden, body, sizeof(body)), open_len;

		ck_assert(msg_decode(&back, body, len, &how, &fault));
		ck_assert_uint_eq(back.has & ~HAS(RANDOM_VECTOR), msg.has);
		ck_assert_uint_eq(back.has_line, msg.has_line);
		ck_assert_uint_eq(back.ignored, 0);
		open_len = body_of(&msg, open, sizeof(open));
		ck_assert_uint_eq(body_of(&back, again, sizeof(again)), open_len);
		ck_assert_mem_eq(again, open, open_len);
	}
}
END_TEST

START_TEST(fault_names_its_attribute)
{
	/* AVP-16: the text of a 2/8 names the attribute, by name where it has one */
	static const struct {
		struct l2tp_fault fault;
		const char *text;
	} all[] = {
		{{2, 2, 0, AVP_HOST_NAME, "AVP has the wrong length"},
		 "AVP has the wrong length: Host Name (attribute 7)"},
		{{2, 8, 0, 20, "unknown AVP"}, "unknown AVP (attribute 20)"},
		{{2, 8, 9, 7, "unknown AVP"}, "unknown AVP (attribute 7 of vendor 9)"},
		{{2, 2, 3561, 129, "short"}, "short: Actual-Data-Rate-Upstream (attribute 129)"},
		{{2, 3, 0, 0, "first AVP"}, "first AVP: Message Type (attribute 0)"},
	};
	char text[96];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		msg_fault_text(&all[i].fault, text, sizeof(text));
		ck_assert_str_eq(text, all[i].text);
	}
	msg_fault_text(&all[0].fault, text, 8);
	ck_assert_str_eq(text, "AVP has");
}
END_TEST

START_TEST(missing_required_attribute_is_a_fault)
{
	/* §6, AVP-12, CC-01, SES-01 to SES-03 */
	for (size_t i = 0; i < MESSAGES; i++) {
		struct l2tp_msg msg = full(messages[i].type), back;
		struct l2tp_fault fault;
		uint64_t all = msg.has;

		for (uint16_t attr = 1; attr < AVP_ATTR_END; attr++) {
			uint64_t bit = UINT64_C(1) << attr;
			uint8_t body[4096];
			bool good;

			if (!(all & bit))
				continue;
			msg.has = all & ~bit;
			good = msg_decode(&back, body, body_of(&msg, body, sizeof(body)), &strict,
					  &fault);
			ck_assert_int_eq(good, !(messages[i].required & bit));
			if (good)
				continue;
			ck_assert_uint_eq(fault.result, 2);
			ck_assert_uint_eq(fault.error, ERROR_VALUE);
			ck_assert_uint_eq(fault.attr, attr);
			ck_assert_uint_eq(back.type, messages[i].type);
		}
	}
}
END_TEST

START_TEST(message_type_must_come_first_whole_and_open)
{
	/* §4.4.1, AVP-08 */
	static const struct {
		size_t len;
		uint8_t bytes[16];
	} bad[] = {
		{1, {0x80}},
		{7, {0x80, 0x08, 0, 0, 0, 0, 0}},
		{8, {0x80, 0x0a, 0, 0, 0, 0, 0, 6}},	    /* longer */
		{10, {0x80, 0x0a, 0, 0, 0, 0, 0, 6, 0, 0}}, /* longer, whole */
		{8, {0xc0, 0x08, 0, 0, 0, 0, 0, 6}},	    /* hidden */
		{8, {0x84, 0x08, 0, 0, 0, 0, 0, 6}},	    /* reserved bit */
		{8, {0x80, 0x08, 0, 9, 0, 0, 0, 6}},	    /* of a vendor */
		{8, {0x80, 0x08, 0, 0, 0, 9, 0, 6}},	    /* another attribute */
		{16, {0x80, 0x08, 0, 0, 0, 9, 0, 6, 0x80, 0x08, 0, 0, 0, 0, 0, 6}}, /* second */
		{8, {0x80, 0x08, 0, 0, 0, 0, 0, 0}}, /* reserved type */
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct l2tp_msg msg;
		struct l2tp_fault fault;

		ck_assert(!msg_decode(&msg, bad[i].bytes, bad[i].len, &lax, &fault));
		ck_assert_uint_eq(fault.result, 2);
		ck_assert_uint_eq(fault.error, ERROR_VALUE);
		ck_assert_uint_eq(msg.type, MSG_ZLB);
	}
}
END_TEST

START_TEST(known_type_without_m_is_the_same_message)
{
	/* AVP-10 */
	static const uint8_t hello[] = {0, 8, 0, 0, 0, 0, 0, 6};
	struct l2tp_msg msg;
	struct l2tp_fault fault;

	ck_assert(msg_decode(&msg, hello, sizeof(hello), &strict, &fault));
	ck_assert_uint_eq(msg.type, MSG_HELLO);
	ck_assert(!msg.mandatory);
}
END_TEST

START_TEST(unknown_type_obeys_its_m_bit_whatever_follows)
{
	/* §4.4.1, AVP-09 */
	static const unsigned types[] = {5, 13, 18, 27, 32, 64, 65535};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint8_t bytes[] = {0,	 8, 0, 0, 0, 0, (uint8_t)(types[i] >> 8), (uint8_t)types[i],
				   0x80, 1, 2, 3};
		struct l2tp_msg msg;
		struct l2tp_fault fault;

		ck_assert(msg_decode(&msg, bytes, sizeof(bytes), &strict, &fault));
		ck_assert_uint_eq(msg.type, types[i]);
		bytes[0] = 0x80;
		ck_assert(!msg_decode(&msg, bytes, sizeof(bytes), &lax, &fault));
		ck_assert_uint_eq(msg.type, types[i]);
		ck_assert_uint_eq(fault.result, 2);
		ck_assert_uint_eq(fault.error, ERROR_UNKNOWN_AVP);
		ck_assert_uint_eq(fault.attr, AVP_MESSAGE_TYPE);
	}
}
END_TEST

START_TEST(assigned_id_of_zero_is_a_fault_where_it_names_something)
{
	/* AVP-20. A StopCCN or CDN with id 0 still says what it has to say. */
	for (size_t i = 0; i < MESSAGES; i++) {
		struct l2tp_msg msg = full(messages[i].type), back;
		struct l2tp_fault fault;
		uint8_t body[4096];
		bool ends = msg.type == MSG_STOPCCN || msg.type == MSG_CDN, good;

		if (!MSG_HAS(&msg, AVP_ASSIGNED_TUNNEL) && !MSG_HAS(&msg, AVP_ASSIGNED_SESSION))
			continue;
		msg.assigned_tunnel = msg.assigned_session = 0;
		good = msg_decode(&back, body, body_of(&msg, body, sizeof(body)), &strict, &fault);
		ck_assert_int_eq(good, ends);
		if (!good)
			ck_assert_uint_eq(fault.error, ERROR_VALUE);
	}
}
END_TEST

START_TEST(message_that_does_not_fit_is_not_encoded)
{
	struct l2tp_msg msg = full(MSG_SCCRQ);
	uint8_t bytes[4096];
	size_t len = msg_encode(&msg, 1, 2, NULL, bytes, sizeof(bytes));

	for (size_t cap = 0; cap < len; cap++)
		ck_assert_uint_eq(msg_encode(&msg, 1, 2, NULL, bytes, cap), 0);
	ck_assert_uint_eq(msg_encode(&msg, 1, 2, NULL, bytes, len), len);
}
END_TEST

START_TEST(message_cut_anywhere_is_a_fault_and_reads_nothing_beyond)
{
	/* AVP-04; a block of just its size, so that a sanitizer sees a read beyond the end */
	struct l2tp_msg msg = full(MSG_ICRQ), back;
	struct l2tp_fault fault;
	uint8_t body[4096];
	size_t len = body_of(&msg, body, sizeof(body));

	for (size_t cut = 1; cut < len; cut++) {
		uint8_t *exact = malloc(cut);

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, body, cut);
		/* between two AVPs it is a shorter message */
		if (msg_decode(&back, exact, cut, &strict, &fault))
			ck_assert(MSG_HAS(&back, AVP_CALL_SERIAL));
		free(exact);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("msg");
	TCase *t = tcase_create("msg");
	SRunner *sr;
	int failed;

	tcase_add_test(t, nothing_is_a_zlb);
	tcase_add_test(t, header_is_twelve_bytes_with_t_l_s_alone);
	tcase_add_test(t, full_message_survives_encode_and_decode);
	tcase_add_test(t, full_message_survives_hidden);
	tcase_add_test(t, fault_names_its_attribute);
	tcase_add_test(t, missing_required_attribute_is_a_fault);
	tcase_add_test(t, message_type_must_come_first_whole_and_open);
	tcase_add_test(t, known_type_without_m_is_the_same_message);
	tcase_add_test(t, unknown_type_obeys_its_m_bit_whatever_follows);
	tcase_add_test(t, assigned_id_of_zero_is_a_fault_where_it_names_something);
	tcase_add_test(t, message_that_does_not_fit_is_not_encoded);
	tcase_add_test(t, message_cut_anywhere_is_a_fault_and_reads_nothing_beyond);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
