/* What is shown of a message: names of the RFCs, values for people, peer's text escaped. */
#include <check.h>
#include <stdlib.h>

#include "l2tp/avp.h"

#define HAS(attr) (UINT64_C(1) << AVP_##attr)
#define LINE(attr) (UINT32_C(1) << LINE_##attr)
#define TEXT(text)                                                                                 \
	{                                                                                          \
		(const uint8_t *)(text), sizeof(text) - 1                                          \
	}

struct said {
	unsigned count;
	char name[64][64], value[64][256];
};

static void
take(void *ctx, const char *name, const char *value)
{
	struct said *said = ctx;

	ck_assert_uint_lt(said->count, 64);
	ck_assert_uint_lt(strlen(name), 64);
	ck_assert_uint_lt(strlen(value), 256);
	strcpy(said->name[said->count], name);
	strcpy(said->value[said->count++], value);
}

static void
ck_said(const struct l2tp_msg *msg, const char *const expected[][2], size_t count)
{
	struct said said = {0};

	msg_describe(msg, take, &said);
	for (size_t i = 0; i < count && i < said.count; i++) {
		ck_assert_str_eq(said.name[i], expected[i][0]);
		ck_assert_str_eq(said.value[i], expected[i][1]);
	}
	ck_assert_uint_eq(said.count, count);
}

START_TEST(message_without_such_attributes_says_nothing)
{
	/* what the session has a member for is not said twice */
	struct l2tp_msg msg = {.type = MSG_ICRQ,
			       .has = HAS(ASSIGNED_SESSION) | HAS(CALL_SERIAL) | HAS(CALLED_NUMBER),
			       .called = TEXT("123")};

	ck_said(&msg, NULL, 0);
}
END_TEST

START_TEST(access_line_is_shown)
{
	/* ALI-01 */
	static const struct l2tp_msg msg = {.type = MSG_ICRQ,
					    .has_line = LINE(SPEED_UPDATE) - 1 +
							LINE(SPEED_UPDATE_ENABLE),
					    .line = {.circuit_id = TEXT("bras1 \"x\"\n"),
						     .remote_id = TEXT("home"),
						     .actual_up = 1,
						     .actual_down = UINT64_C(10000000000),
						     .minimum_up = 3,
						     .minimum_down = 4,
						     .attainable_up = 5,
						     .attainable_down = 6,
						     .maximum_up = 7,
						     .maximum_down = 8,
						     .low_power_up = 9,
						     .low_power_down = 10,
						     .maximum_delay_up = 11,
						     .delay_up = 12,
						     .maximum_delay_down = 13,
						     .delay_down = 14,
						     .encapsulation = TEXT("\x01\x02\x00"),
						     .type = 5}};
	static const char *const expected[][2] = {
		{"Agent-Circuit-Id", "bras1 \\\"x\\\"\\x0a"},
		{"Agent-Remote-Id", "home"},
		{"Actual-Data-Rate-Upstream", "1 bit/s"},
		{"Actual-Data-Rate-Downstream", "10000000000 bit/s"},
		{"Minimum-Data-Rate-Upstream", "3 bit/s"},
		{"Minimum-Data-Rate-Downstream", "4 bit/s"},
		{"Attainable-Data-Rate-Upstream", "5 bit/s"},
		{"Attainable-Data-Rate-Downstream", "6 bit/s"},
		{"Maximum-Data-Rate-Upstream", "7 bit/s"},
		{"Maximum-Data-Rate-Downstream", "8 bit/s"},
		{"Minimum-Data-Rate-Upstream-Low-Power", "9 bit/s"},
		{"Minimum-Data-Rate-Downstream-Low-Power", "10 bit/s"},
		{"Maximum-Interleaving-Delay-Upstream", "11 ms"},
		{"Actual-Interleaving-Delay-Upstream", "12 ms"},
		{"Maximum-Interleaving-Delay-Downstream", "13 ms"},
		{"Actual-Interleaving-Delay-Downstream", "14 ms"},
		{"Access-Loop-Encapsulation", "010200"},
		{"ANCP Access Line Type", "VDSL2"},
		{"IWF-Session", "yes"},
		{"Connect Speed Update Enable", "yes"},
	};

	ck_said(&msg, expected, sizeof(expected) / sizeof(expected[0]));
}
END_TEST

START_TEST(call_is_shown)
{
	/* ATM-01, LCP-01, LCP-02, MOH-01, AVP-23, AVP-25, AVP-27 */
	static const struct l2tp_msg msg = {
		.has = HAS(BEARER_TYPE) | HAS(FRAMING_TYPE) | HAS(MINIMUM_BPS) | HAS(MAXIMUM_BPS) |
		       HAS(SUB_ADDRESS) | HAS(PHYSICAL_CHANNEL) | HAS(PRIVATE_GROUP) |
		       HAS(Q931_CAUSE) | HAS(RX_MINIMUM_BPS) | HAS(RX_MAXIMUM_BPS) |
		       HAS(SERVICE_CATEGORY) | HAS(SERVICE_NAME) | HAS(CALLING_SUB_ADDRESS) |
		       HAS(VPI_VCI) | HAS(PPP_DISCONNECT) | HAS(LCP_WANT) | HAS(LCP_ALLOW) |
		       HAS(LNS_LAST_SENT_LCP) | HAS(LNS_LAST_RECEIVED_LCP) | HAS(MOH_CAPABLE) |
		       HAS(MOH_STATUS) | HAS(ACCM),
		.bearer_type = 2,
		.accm = {0xffffffff, 0xa0000},
		.framing_type = 1,
		.minimum_bps = 100,
		.maximum_bps = 4000000000,
		.sub_address = TEXT("sub"),
		.physical_channel = 77,
		.private_group = TEXT("red"),
		.q931 = {17, 0x45, TEXT("busy")},
		.rx_minimum_bps = 1,
		.rx_maximum_bps = 2,
		.service_category = 1,
		.service_name = TEXT("gold"),
		.calling_sub_address = TEXT("room 7"),
		.vpi_vci = 0xf0080020,
		.disconnect = {16, 0xc223, 1, TEXT("bad\x1b")},
		.lcp_want = TEXT("\x01\x04\x05\x78"),
		.lcp_allow = TEXT("\x05"),
		.lns_last_sent_lcp = TEXT(""),
		.lns_last_received_lcp = TEXT("\xff"),
		.moh_status = 0x8005};
	static const char *const expected[][2] = {
		{"Bearer Type", "analog"},
		{"Framing Type", "synchronous"},
		{"Minimum BPS", "100 bit/s"},
		{"Maximum BPS", "4000000000 bit/s"},
		{"Sub-Address", "sub"},
		{"Physical Channel ID", "77"},
		{"ACCM", "send 0xffffffff, receive 0x000a0000"},
		{"Private Group ID", "red"},
		{"Q.931 Cause Code", "17, message 0x45: busy"},
		{"Rx Minimum BPS", "1 bit/s"},
		{"Rx Maximum BPS", "2 bit/s"},
		{"Service Category", "1"},
		{"Service Name", "gold"},
		{"Calling Sub-Address", "room 7"},
		{"VPI/VCI Identifier", "8/32"},
		{"PPP Disconnect Cause Code",
		 "16 authentication failed, protocol 0xc223, at the peer: bad\\x1b"},
		{"LCP Want Options", "01040578"},
		{"LCP Allow Options", "05"},
		{"LNS Last Sent LCP CONFREQ", ""},
		{"LNS Last Received LCP CONFREQ", "ff"},
		{"Modem On-Hold Capable", "yes"},
		{"Modem On-Hold Status", "on hold (0x8005)"},
	};

	ck_said(&msg, expected, sizeof(expected) / sizeof(expected[0]));
}
END_TEST

START_TEST(numbers_without_a_name_are_shown_as_they_are)
{
	/* PDC-02: unknown codes are taken */
	static const struct l2tp_msg msg = {.has = HAS(Q931_CAUSE) | HAS(PPP_DISCONNECT) |
						   HAS(MOH_STATUS),
					    .has_line = LINE(TYPE),
					    .q931 = {65535, 0, TEXT("")},
					    .disconnect = {999, 0, 9, TEXT("")},
					    .moh_status = 1,
					    .line = {.type = 8}};
	static const char *const expected[][2] = {
		{"Q.931 Cause Code", "65535, message 0x00"},
		{"PPP Disconnect Cause Code", "999, protocol 0x0000"},
		{"Modem On-Hold Status", "not on hold (0x0001)"},
		{"ANCP Access Line Type", "8"},
	};

	ck_said(&msg, expected, sizeof(expected) / sizeof(expected[0]));
}
END_TEST

START_TEST(longest_values_are_cut)
{
	static uint8_t bytes[1017];
	struct l2tp_bytes longest = {bytes, sizeof(bytes)};
	struct l2tp_msg msg = {
		.has = UINT64_MAX,
		.has_line = UINT32_MAX,
		.line = {.circuit_id = longest, .remote_id = longest, .encapsulation = longest},
		.sub_address = longest,
		.private_group = longest,
		.q931 = {65535, 255, longest},
		.service_name = longest,
		.calling_sub_address = longest,
		.disconnect = {9, 65535, 2, longest},
		.lcp_want = longest,
		.lcp_allow = longest,
		.lns_last_sent_lcp = longest,
		.lns_last_received_lcp = longest};
	struct said said = {0};

	memset(bytes, 0xff, sizeof(bytes));
	msg_describe(&msg, take, &said);
	ck_assert_uint_eq(said.count, 42);
	for (unsigned i = 0; i < said.count; i++)
		if (strncmp(said.name[i], "LCP", 3) == 0)
			ck_assert_uint_eq(strlen(said.value[i]), 254);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("describe");
	TCase *t = tcase_create("describe");
	SRunner *sr;
	int failed;

	tcase_add_test(t, message_without_such_attributes_says_nothing);
	tcase_add_test(t, access_line_is_shown);
	tcase_add_test(t, call_is_shown);
	tcase_add_test(t, numbers_without_a_name_are_shown_as_they_are);
	tcase_add_test(t, longest_values_are_cut);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
