/* The words of RFC 2661, typed in again from its text. */
#include <check.h>
#include <stdlib.h>

#include "l2tp/names.h"

START_TEST(types_have_the_names_and_numbers_of_the_rfc)
{
	/* §3.2 */
	static const struct {
		unsigned type;
		const char *name;
		bool of_session;
	} all[] = {
		{1, "SCCRQ", false},
		{2, "SCCRP", false},
		{3, "SCCCN", false},
		{4, "StopCCN", false},
		{6, "HELLO", false},
		{7, "OCRQ", true},
		{8, "OCRP", true},
		{9, "OCCN", true},
		{10, "ICRQ", true},
		{11, "ICRP", true},
		{12, "ICCN", true},
		{14, "CDN", true},
		{15, "WEN", true},
		{16, "SLI", true},
		/* RFC 3573, RFC 5515 */
		{17, "MDMST", true},
		{28, "CSUN", false},
		{29, "CSURQ", false},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		ck_assert_str_eq(l2tp_type_name(all[i].type), all[i].name);
		ck_assert(l2tp_type_known(all[i].type));
		ck_assert_int_eq(l2tp_type_of_session(all[i].type), all[i].of_session);
	}
}
END_TEST

START_TEST(reserved_and_later_types_are_unknown)
{
	/* §3.2: 0, 5 and 13 are reserved; RFC 3817's and 4045's are not ours (REL-21, IAN-01) */
	static const unsigned others[] = {5, 13, 18, 19, 20, 23, 27, 30, 65535};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ck_assert_str_eq(l2tp_type_name(others[i]), "?");
		ck_assert(!l2tp_type_known(others[i]));
		ck_assert(!l2tp_type_of_session(others[i]));
	}
	ck_assert_str_eq(l2tp_type_name(MSG_ZLB), "ZLB");
	ck_assert(!l2tp_type_known(MSG_ZLB));
	ck_assert(!l2tp_type_of_session(MSG_ZLB));
}
END_TEST

START_TEST(result_codes_have_texts_of_their_own_message)
{
	/* §4.4.2: StopCCN 1 to 7, CDN 1 to 11 */
	for (unsigned i = 1; i <= 7; i++)
		ck_assert_str_ne(l2tp_result_text(MSG_STOPCCN, i), "");
	for (unsigned i = 1; i <= 11; i++)
		ck_assert_str_ne(l2tp_result_text(MSG_CDN, i), "");
	ck_assert_str_eq(l2tp_result_text(MSG_STOPCCN, 6), "peer is being shut down");
	ck_assert_str_eq(l2tp_result_text(MSG_CDN, 1), "loss of carrier");
	ck_assert_str_eq(l2tp_result_text(MSG_STOPCCN, 0), "");
	ck_assert_str_eq(l2tp_result_text(MSG_STOPCCN, 8), "");
	ck_assert_str_eq(l2tp_result_text(MSG_CDN, 0), "");
	ck_assert_str_eq(l2tp_result_text(MSG_CDN, 12), "");
	ck_assert_str_eq(l2tp_result_text(MSG_CDN, 65535), "");
}
END_TEST

START_TEST(error_and_disconnect_codes_have_texts)
{
	/* §4.4.2: errors 0 to 8, AVP-16; RFC 3145: 0 to 20, PDC-02: others are taken as they are */
	for (unsigned i = 0; i <= 8; i++)
		ck_assert_str_ne(l2tp_error_text(i), "");
	ck_assert_str_eq(l2tp_error_text(7), "try another");
	ck_assert_str_eq(l2tp_error_text(8), "unknown AVP with the M bit set");
	ck_assert_str_eq(l2tp_error_text(9), "");
	ck_assert_str_eq(l2tp_error_text(65535), "");
	for (unsigned i = 0; i <= 20; i++)
		ck_assert_str_ne(l2tp_disconnect_text(i), "");
	ck_assert_str_eq(l2tp_disconnect_text(8), "LCP echo timeout");
	ck_assert_str_eq(l2tp_disconnect_text(16), "authentication failed");
	ck_assert_str_eq(l2tp_disconnect_text(21), "");
	ck_assert_str_eq(l2tp_disconnect_text(65535), "");
}
END_TEST

START_TEST(code_point_survives_the_way_through_its_phb_code)
{
	/* RFC 3140 §2: the first six of sixteen bits; DS-01, DS-02 */
	uint8_t dscp = 99;

	ck_assert_uint_eq(l2tp_dscp_phb(46), 0xb800); /* EF */
	ck_assert_uint_eq(l2tp_dscp_phb(10), 0x2800); /* AF11 */
	for (unsigned i = 0; i < 64; i++) {
		ck_assert(l2tp_phb_dscp(l2tp_dscp_phb(i), &dscp));
		ck_assert_uint_eq(dscp, i);
	}
	/* the set of AF1x */
	ck_assert(l2tp_phb_dscp(0x2802, &dscp));
	ck_assert_uint_eq(dscp, 10);
}
END_TEST

START_TEST(phb_code_that_is_no_code_point_is_refused)
{
	/* a number that IANA assigned (last bit), and bits that must be zero */
	static const uint16_t bad[] = {0x0011, 0xb801, 0xb803, 0xb804, 0x0200, 0xffff};
	uint8_t dscp = 99;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert(!l2tp_phb_dscp(bad[i], &dscp));
	ck_assert_uint_eq(dscp, 99);
}
END_TEST

START_TEST(client_is_told_by_what_it_sends)
{
	static const struct {
		const char *vendor, *host;
		bool nul;
		uint16_t window;
		bool firmware;
		const char *name;
		bool single;
	} all[] = {
		{"Microsoft", "PC", false, 8, true, "windows", true},
		{"", "anonymous", false, 1, false, "android", true},
		{"", "phone.local", true, 4, false, "apple", true},
		{"MikroTik", "router", false, 4, true, "mikrotik", false},
		{"xelerance.com", "box", false, 4, true, "xl2tpd", false},
		{"prol2tp", "box", false, 10, false, "kl2tpd", false},
		{"Cisco Systems, Inc.", "lac", false, 512, true, "cisco", false},
		/* each one thing away from a client above */
		{"", "anonymous", false, 4, false, "", false},
		{"", "anonymouse", false, 1, false, "", false},
		{"", "phone.local", false, 4, false, "", false},
		{"", "phone.local", true, 4, true, "", false},
		{"", "phone.local", true, 8, false, "", false},
		{"Microsoftish", "PC", false, 8, true, "", false},
		{"", "", false, 0, false, "", false},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct l2tp_client *client = l2tp_client_guess(
			all[i].vendor, all[i].host, all[i].nul, all[i].window, all[i].firmware);

		ck_assert_str_eq(client->name, all[i].name);
		ck_assert_int_eq(client->single, all[i].single);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("names");
	TCase *t = tcase_create("names");
	SRunner *sr;
	int failed;

	tcase_add_test(t, types_have_the_names_and_numbers_of_the_rfc);
	tcase_add_test(t, reserved_and_later_types_are_unknown);
	tcase_add_test(t, result_codes_have_texts_of_their_own_message);
	tcase_add_test(t, error_and_disconnect_codes_have_texts);
	tcase_add_test(t, code_point_survives_the_way_through_its_phb_code);
	tcase_add_test(t, phb_code_that_is_no_code_point_is_refused);
	tcase_add_test(t, client_is_told_by_what_it_sends);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
