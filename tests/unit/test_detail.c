/* What a peer said and nothing acts on: kept, replaced, bounded. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/detail.h"

struct kept {
	unsigned count;
	size_t bytes;
	char text[8192];
};

static void
keep(void *ctx, const char *name, const char *value)
{
	struct kept *kept = ctx;
	size_t len = strlen(kept->text);

	kept->count++;
	kept->bytes += strlen(name) + strlen(value) + 2;
	snprintf(kept->text + len, sizeof(kept->text) - len, "%s=%s;", name, value);
}

static struct kept
all_of(const struct detail *detail)
{
	struct kept kept = {0};

	detail_walk(detail, keep, &kept);
	return kept;
}

START_TEST(attributes_come_out_in_the_order_of_their_coming)
{
	struct detail *detail = NULL;
	struct l2tp_msg msg = {.has = HAS(PRIVATE_GROUP), .private_group = BYTES("red\n")};

	ck_assert_uint_eq(all_of(detail).count, 0);
	detail_take(&detail, &msg);
	msg = (struct l2tp_msg){.has = HAS(SUB_ADDRESS) | HAS(PHYSICAL_CHANNEL),
				.sub_address = BYTES(""),
				.physical_channel = 7};
	detail_take(&detail, &msg);
	ck_assert_str_eq(all_of(detail).text,
			 "Private Group ID=red\\x0a;Sub-Address=;Physical Channel ID=7;");
	detail_free(detail);
}
END_TEST

START_TEST(attribute_that_comes_again_replaces_the_old)
{
	struct detail *detail = NULL;
	struct l2tp_msg msg = {.has = HAS(PRIVATE_GROUP) | HAS(PHYSICAL_CHANNEL) | HAS(SUB_ADDRESS),
			       .private_group = BYTES("red"),
			       .sub_address = BYTES("s")};

	detail_take(&detail, &msg);
	msg.has = HAS(PHYSICAL_CHANNEL);
	msg.physical_channel = 123456;
	detail_take(&detail, &msg);
	ck_assert_str_eq(all_of(detail).text,
			 "Sub-Address=s;Private Group ID=red;Physical Channel ID=123456;");
	detail_free(detail);
}
END_TEST

START_TEST(message_without_attributes_adds_nothing)
{
	struct detail *detail = NULL;
	struct l2tp_msg msg = {.type = MSG_ICRQ};

	detail_take(&detail, &msg);
	ck_assert_ptr_null(detail);
	detail_free(detail);
}
END_TEST

START_TEST(what_does_not_fit_is_left_out)
{
	static uint8_t bytes[1017];
	struct l2tp_bytes longest = {bytes, sizeof(bytes)};
	struct detail *detail = NULL;
	struct kept kept;
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

	memset(bytes, 0x01, sizeof(bytes));
	for (unsigned i = 0; i < 3; i++) {
		detail_take(&detail, &msg);
		kept = all_of(detail);
		ck_assert_uint_le(kept.bytes, DETAIL_BYTES);
		ck_assert_uint_gt(kept.count, 30);
		ck_assert_uint_le(kept.count, DETAIL_MAX);
	}
	detail_free(detail);
}
END_TEST

START_TEST(session_gives_out_what_its_messages_said)
{
	/* ALI-01, ATM-01 */
	struct rig rig;
	struct lac lac;
	struct lns_ref ref;
	struct kept kept = {0};
	struct l2tp_msg msg;

	rig_open(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	msg = lac_icrq(&lac, 7);
	msg.has |= HAS(VPI_VCI);
	msg.vpi_vci = 8 << 16 | 32;
	msg.has_line = 1u << LINE_CIRCUIT_ID;
	msg.line.circuit_id = BYTES("dslam 1/2");
	lac_send(&lac, &msg, 0);
	ref = rig_expect(&rig, LNS_ACT_PPP_START)->ref;
	lac_expect(&lac, MSG_ICRP);
	msg = lac_iccn();
	msg.has |= HAS(PRIVATE_GROUP);
	msg.private_group = BYTES("red");
	lac_send(&lac, &msg, ref.sid);
	lns_walk_attributes(rig.lns, ref, keep, &kept);
	ck_assert_str_eq(kept.text, "VPI/VCI Identifier=8/32;Agent-Circuit-Id=dslam 1/2;"
				    "Framing Type=synchronous;Private Group ID=red;");
	kept = (struct kept){0};
	ref.serial++;
	lns_walk_attributes(rig.lns, ref, keep, &kept);
	ck_assert_uint_eq(kept.count, 0);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("detail");
	TCase *t = tcase_create("detail");
	SRunner *sr;
	int failed;

	tcase_add_test(t, attributes_come_out_in_the_order_of_their_coming);
	tcase_add_test(t, attribute_that_comes_again_replaces_the_old);
	tcase_add_test(t, message_without_attributes_adds_nothing);
	tcase_add_test(t, what_does_not_fit_is_left_out);
	tcase_add_test(t, session_gives_out_what_its_messages_said);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
