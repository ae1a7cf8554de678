/* What becomes of the lines that pluto 4.10 logged about one client, each time as recorded. */
#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pluto.h"

#define NOW 1795294920 /* Nov 21 2026 */
#define C "Nov 21 20:43:27.063095: \"lnsd-psk-1\"[4] 10.9.0.5 "
#define BEGIN C "#7: responding to Main Mode from unknown peer 10.9.0.5:500\n"
#define R1 BEGIN C "#7: sent Main Mode R1\n"
#define R2 R1 C "#7: sent Main Mode R2\n"
#define WRONG                                                                                      \
	C "#7: 8308-byte length of ISAKMP Identification Payload is larger than can fit\n" C       \
	  "#7: probable authentication failure (mismatch of preshared secrets?): malformed "       \
	  "payload in packet\n"
#define IKE                                                                                        \
	R2 C "#7: Peer ID is ID_IPV4_ADDR: '10.9.0.5'\n" C                                         \
	     "#7: IKE SA established {auth=PRESHARED_KEY cipher=AES_CBC_256 integ=HMAC_SHA2_256 "  \
	     "group=MODP2048}\n"
#define SA(how)                                                                                    \
	IKE C "#8: sent Quick Mode reply, inbound IPsec SA installed, expecting confirmation "     \
	      "transport mode {" how "=>0xcdeb4b58 <0x55878372 xfrm=AES_GCM_16_128-NONE}\n" C      \
	      "#8: IPsec SA established transport mode {" how "=>0xcdeb4b58 <0x55878372 "          \
	      "xfrm=AES_GCM_16_128-NONE}\n"
#define DELETED(traffic)                                                                           \
	C "#7: received Delete SA payload: self-deleting ISAKMP State #7\n" C                      \
	  "#8: ESP traffic information: " traffic "\n"
#define PACKET "Nov 21 20:43:27.063362: packet from 10.9.0.5:500: "

static const struct {
	const char *lines;
	enum pluto_stage stage;
	enum pluto_fault fault;
	const char *offered;
} rows[] = {
	{"", PLUTO_SILENT, PLUTO_NO_FAULT, ""},
	{R1, PLUTO_R1, PLUTO_NO_FAULT, ""},
	{R2, PLUTO_R2, PLUTO_NO_FAULT, ""},
	{R2 WRONG, PLUTO_R2, PLUTO_WRONG_KEY, ""},
	{IKE, PLUTO_IKE, PLUTO_NO_FAULT, ""},
	{SA("ESP"), PLUTO_IPSEC, PLUTO_NO_FAULT, ""},
	/* a try that went well mends what was before */
	{R2 WRONG SA("ESP"), PLUTO_IPSEC, PLUTO_NO_FAULT, ""},
	{SA("ESP") R2 WRONG, PLUTO_R2, PLUTO_WRONG_KEY, ""},
	{BEGIN C "#2: Oakley Transform [AES_CBC (128), HMAC_SHA1, MODP2048] refused\n" C
		 "#2: OAKLEY_GROUP 2 not supported.  Attribute OAKLEY_GROUP_DESCRIPTION\n" C
		 "#2: no acceptable Oakley Transform\n" PACKET
		 "sending notification NO_PROPOSAL_CHOSEN to 10.9.0.5:500\n",
	 PLUTO_ASKED, PLUTO_NO_IKE_PROPOSAL, "AES_CBC (128), HMAC_SHA1, MODP2048; GROUP 2"},
	{IKE C "#4: no acceptable Proposal in IPsec SA\n" C
	       "#4: sending encrypted notification NO_PROPOSAL_CHOSEN to 10.9.0.5:500\n",
	 PLUTO_IKE, PLUTO_NO_ESP_PROPOSAL, ""},
	{IKE C "#6: cannot respond to IPsec SA request because no connection is known for "
	       "10.9.0.1/32:UDP/1702===10.9.0.1...10.9.0.5===10.9.0.5/32:UDP/1701\n",
	 PLUTO_IKE, PLUTO_SELECTOR, ""},
	{PACKET
	 "initial Aggressive Mode message from 10.9.0.5:500 but no (wildcard) connection has "
	 "been configured with authby PSK\n",
	 PLUTO_ASKED, PLUTO_AGGRESSIVE, ""},
	{PACKET "ISAKMP_v2_IKE_SA_INIT message received on 10.9.0.1:500 but no suitable connection "
		"found with IKEv2 policy\n",
	 PLUTO_ASKED, PLUTO_IKEV2, ""},
	{PACKET "initial Main Mode message received but no connection has been authorized with "
		"authby=PSK and xauth=no\n",
	 PLUTO_ASKED, PLUTO_NO_CONN, ""},
	{IKE "Nov 21 20:43:27.063362: ERROR: \"lnsd-psk-1\"[4] 10.9.0.5 #8: netlink response for "
	     "Add SA "
	     "esp.c7eb6b55@10.9.0.5: Protocol not supported (errno 93)\n",
	 PLUTO_IKE, PLUTO_KERNEL, ""},
	/* others, and what a peer says of itself */
	{"\"lnsd-psk-1\"[4] 10.9.0.6 #7: responding to Main Mode from unknown peer 10.9.0.6:500\n",
	 PLUTO_SILENT, PLUTO_NO_FAULT, ""},
	{"packet from 10.9.0.50:500: initial Aggressive Mode message\n", PLUTO_SILENT,
	 PLUTO_NO_FAULT, ""},
	{IKE C "#7: Peer ID is ID_FQDN: '@x #7: no acceptable Proposal in IPsec SA'\n", PLUTO_IKE,
	 PLUTO_NO_FAULT, ""},
};

static void
tell(struct pluto_tale *tale, const char *lines)
{
	char text[4096], *rest = text;

	ck_assert_uint_lt(strlen(lines), sizeof(text));
	strcpy(text, lines);
	for (char *line; (line = strsep(&rest, "\n"));) {
		if (*line)
			pluto_tale_line(tale, line, NOW);
	}
}

static struct pluto_tale
client(void)
{
	struct pluto_tale tale = {.family = 4};

	ck_assert_int_eq(inet_pton(AF_INET, "10.9.0.5", tale.ip), 1);
	return tale;
}

START_TEST(tale_has_stage_and_fault)
{
	struct pluto_tale tale = client();

	tell(&tale, rows[_i].lines);
	ck_assert_int_eq(tale.stage, rows[_i].stage);
	ck_assert_int_eq(tale.fault, rows[_i].fault);
	ck_assert_str_eq(tale.offered, rows[_i].offered);
}
END_TEST

#define AT(time) "Nov 21 20:43:" time ".063095: \"lnsd-psk-1\"[4] 10.9.0.5 "

/* A busy pluto is late in reading the client's last word, and the login may be over by then. */
START_TEST(tale_has_an_sa_from_the_answer_on)
{
	struct pluto_tale tale = client();

	tell(&tale, AT("20") "#7: responding to Main Mode from unknown peer 10.9.0.5:500\n" AT(
			    "22") "#8: sent Quick Mode reply, inbound IPsec SA installed, "
				  "expecting confirmation transport mode {ESP=>0xcdeb4b58}\n");
	ck_assert_int_eq(tale.stage, PLUTO_ASKED);
	tell(&tale, AT("27") "#8: IPsec SA established transport mode {ESP=>0xcdeb4b58}\n");
	ck_assert_int_eq(tale.stage, PLUTO_IPSEC);
	ck_assert_int_eq(tale.protected - tale.begun, 2);
	ck_assert_int_eq(tale.last - tale.begun, 7);
	/* another one, of which no answer is told */
	tell(&tale, AT("41") "#9: responder established Child SA using #8; IPsec transport\n");
	ck_assert_int_eq(tale.protected - tale.begun, 21);
}
END_TEST

START_TEST(tale_counts_tries_with_a_wrong_key)
{
	struct pluto_tale tale = client();

	tell(&tale, R2 WRONG WRONG);
	ck_assert_uint_eq(tale.wrong_keys, 1);
	tell(&tale, R2 WRONG);
	ck_assert_uint_eq(tale.wrong_keys, 2);
	tell(&tale, IKE);
	ck_assert_uint_eq(tale.wrong_keys, 0);
}
END_TEST

START_TEST(tale_knows_what_an_sa_carried)
{
	struct pluto_tale tale = client();

	tell(&tale, SA("ESPinUDP"));
	ck_assert(tale.nat && !tale.counted && tale.protected > 0);
	tell(&tale, DELETED("in=0B out=0B"));
	ck_assert(tale.counted && tale.none_in && tale.none_out);
	ck_assert_uint_eq(tale.silent, 1);
	tell(&tale, SA("ESP") DELETED("in=11KiB out=0B"));
	ck_assert(tale.counted && !tale.none_in && tale.none_out && !tale.nat);
	ck_assert_uint_eq(tale.silent, 0);
	/* the end of the one before it says nothing of the new one */
	tell(&tale, SA("ESP") C "#2: ESP traffic information: in=0B out=0B\n");
	ck_assert(!tale.counted);
	tell(&tale, BEGIN);
	ck_assert(tale.protected == 0 && !tale.counted);
}
END_TEST

START_TEST(tale_counts_what_is_repeated)
{
	struct pluto_tale tale = client();

	tell(&tale, R1 C "#7: retransmitting in response to duplicate packet; already "
			 "STATE_MAIN_R1\n" C "#7: retransmitting in response to duplicate packet; "
			 "already STATE_MAIN_R1\n");
	ck_assert_uint_eq(tale.repeats, 2);
	ck_assert_uint_eq(tale.heard, 4);
}
END_TEST

START_TEST(tale_passes_over_what_is_old)
{
	struct pluto_tale tale = client();

	tale.since = NOW - 3600;
	tell(&tale,
	     "1795200000.657611 gateway pluto[812]: \"lnsd-psk-1\"[2] 10.9.0.5 #1: sent Main "
	     "Mode R1\n");
	ck_assert_uint_eq(tale.heard, 0);
	ck_assert_uint_eq(tale.lines, 1);
	tell(&tale,
	     "1795294900.657611 gateway pluto[812]: \"lnsd-psk-1\"[2] 10.9.0.5 #1: sent Main "
	     "Mode R1\n");
	ck_assert_uint_eq(tale.heard, 1);
	ck_assert_int_eq(tale.last, 1795294900);
}
END_TEST

START_TEST(line_of_a_file_is_of_this_year_or_the_last)
{
	struct pluto_line line;

	setenv("TZ", "UTC", 1);
	ck_assert(pluto_read_line(&line, C "#7: x", 1795294920));
	ck_assert_int_eq(line.when, 1795293807);
	/* in January, November was last year */
	ck_assert(pluto_read_line(&line, C "#7: x", 1799000000));
	ck_assert_int_eq(line.when, 1795293807);
	ck_assert_str_eq(line.text, "x");
	ck_assert(!pluto_read_line(&line, "packet from 10.9.0.5: x", 0));
	ck_assert(pluto_read_line(&line, "packet from [fd09::5]:500: x", 0));
	ck_assert_int_eq(line.family, 6);
	ck_assert_int_eq(line.when, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pluto_tale");
	TCase *tc = tcase_create("pluto_tale");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, tale_has_stage_and_fault, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, tale_has_an_sa_from_the_answer_on);
	tcase_add_test(tc, tale_counts_tries_with_a_wrong_key);
	tcase_add_test(tc, tale_knows_what_an_sa_carried);
	tcase_add_test(tc, tale_counts_what_is_repeated);
	tcase_add_test(tc, tale_passes_over_what_is_old);
	tcase_add_test(tc, line_of_a_file_is_of_this_year_or_the_last);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
