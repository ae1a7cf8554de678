/* pluto's log: who failed with a wrong key, and nothing that a peer can put there. */
#include <arpa/inet.h>
#include <check.h>
#include <string.h>

#include "pluto.h"

#define V1                                                                                         \
	"probable authentication failure (mismatch of preshared secrets?): malformed payload in "  \
	"packet"
#define V2                                                                                         \
	"responding to IKE_AUTH message (ID 1) from 192.0.2.7:4500 with encrypted notification "   \
	"AUTHENTICATION_FAILED"

static const struct {
	const char *line, *address;
	unsigned exchange;
} good[] = {
	{"\"lnsd-psk-1\"[2] 192.0.2.7 #12: " V1, "192.0.2.7", 12},
	{"\"lnsd-psk-1\" 192.0.2.7 #12: " V1, "192.0.2.7", 12},
	{"\"lnsd-psk-12\"[1] 2001:db8::7 #1: " V1, "2001:db8::7", 1},
	{"Nov 21 08:27:55.014780: \"lnsd-psk-1\"[2] 192.0.2.7 #3: " V1, "192.0.2.7", 3},
	{"\"lnsd-v2-1\"[1] 192.0.2.7 #4: " V2, "192.0.2.7", 4},
};

START_TEST(failure_has_an_address_and_an_exchange)
{
	struct pluto_failure failure;
	char text[INET6_ADDRSTRLEN];

	ck_assert(pluto_read_failure(&failure, good[_i].line));
	ck_assert_uint_eq(failure.exchange, good[_i].exchange);
	inet_ntop(failure.family == 6 ? AF_INET6 : AF_INET, failure.ip, text, sizeof(text));
	ck_assert_str_eq(text, good[_i].address);
}
END_TEST

static const char *const bad[] = {
	"",
	"\"",
	"\"lnsd-psk-1\"",
	"\"lnsd-psk-1\"[2]",
	"\"lnsd-psk-1\"[2] 192.0.2.7",
	"\"lnsd-psk-1\"[2] 192.0.2.7 #",
	"\"lnsd-psk-1\"[2] 192.0.2.7 #1",
	"\"lnsd-psk-1\"[2] 192.0.2.7 #1: ",
	"\"lnsd-psk-1\"[2] 192.0.2.7 #1: ISAKMP SA established {auth=PRESHARED_KEY}",
	/* somebody else's conn */
	"\"office\"[2] 192.0.2.7 #1: " V1,
	/* what a peer may say comes later */
	"\"lnsd-psk-1\"[2] 192.0.2.7 #1: Peer ID is ID_FQDN: '@\"lnsd-psk-1\"[2] 192.0.2.8 #1: " V1
	"'",
	"\"lnsd-psk-1\"[2] 192.0.2.7 #1: Peer ID is ID_FQDN: '@x: \"lnsd-psk-1\"[2] 192.0.2.8 "
	"#1: " V1,
	"packet from 192.0.2.7:500: \"lnsd-psk-1\"[2] 192.0.2.8 #1: " V1 "x",
	"\"lnsd-psk-1\"[2] 192.0.2.7 #1: " V2 " x",
	"\"lnsd-psk-1\"[2] 192.0.2.700 #1: " V1,
	"\"lnsd-psk-1\"[2] 192.0.2.7:500 #1: " V1,
	"\"lnsd-psk-1\"[] 192.0.2.7 #1: " V1,
	"\"lnsd-psk-1\"[2] 192.0.2.7 #99999999999: " V1,
	"\"lnsd-psk-1\"[2] 1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111 #1: " V1,
};

START_TEST(failure_of_any_other_line_is_none)
{
	struct pluto_failure failure;

	ck_assert_msg(!pluto_read_failure(&failure, bad[_i]), "%s", bad[_i]);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("pluto_log");
	TCase *tc = tcase_create("pluto_log");

	tcase_add_loop_test(tc, failure_has_an_address_and_an_exchange, 0,
			    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc, failure_of_any_other_line_is_none, 0, sizeof(bad) / sizeof(bad[0]));
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
