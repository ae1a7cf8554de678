/* What libreswan prints: lines of 4.10 (with numbers in front) and of 5.2. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "pluto.h"

#define LINES(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(version_of_libreswan_is_read)
{
	struct pluto_version v = {0, 0};

	ck_assert(pluto_version_parse(&v, "Libreswan 4.10"));
	ck_assert(v.major == 4 && v.minor == 10);
	ck_assert(pluto_version_parse(&v, "Linux Libreswan 3.32 (netkey) on 5.10.0"));
	ck_assert(v.major == 3 && v.minor == 32);
	ck_assert(pluto_version_parse(&v, "Libreswan v5.2"));
	ck_assert(v.major == 5 && v.minor == 2);
	ck_assert(!pluto_version_parse(&v, "Linux strongSwan U5.9.8/K6.1.0"));
	ck_assert(!pluto_version_parse(&v, "Libreswan"));
	ck_assert(!pluto_version_parse(&v, "Libreswan 99999999999.1"));
	ck_assert(!pluto_version_parse(&v, ""));
}
END_TEST

START_TEST(conn_names_are_recognised)
{
	char name[PLUTO_NAME_MAX];

	pluto_conn_name(name, 2);
	ck_assert_str_eq(name, "lnsd-psk-3");
	pluto_conn_name(name, PLUTO_ADDRS_MAX);
	ck_assert_str_eq(name, "lnsd-v2-1");
	pluto_conn_name(name, PLUTO_CERT * PLUTO_ADDRS_MAX + 4);
	ck_assert_str_eq(name, "lnsd-cert-5");
	pluto_conn_name(name, PLUTO_CONNS_MAX - 1);
	ck_assert_str_eq(name, "lnsd-cert-v2-32");
	ck_assert_int_eq(pluto_conn_in("\"lnsd-cert-1\"[7] 192.0.2.1"), 64);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-cert-v2-32\": x"), PLUTO_CONNS_MAX - 1);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-cert-v3-1\": x"), -1);
	ck_assert_int_eq(pluto_conn_in("000 \"lnsd-psk-1\": 192.0.2.1/32"), 0);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-psk-1\"[2]: 192.0.2.1/32"), 0);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-psk-32\":   xauth"), 31);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-v2-1\":   xauth"), 32);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-v2-32\":   xauth"), 63);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-v2-33\":   xauth"), -1);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-psk-33\":   xauth"), -1);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-psk-0\":"), -1);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-psk-x\":"), -1);
	ck_assert_int_eq(pluto_conn_in("\"lnsd-psk-1"), -1);
	ck_assert_int_eq(pluto_conn_in("\"other\": \"lnsd-psk-1\""), -1);
	ck_assert_int_eq(pluto_conn_in("\""), -1);
	ck_assert_int_eq(pluto_conn_in(""), -1);
}
END_TEST

START_TEST(status_of_4_is_read)
{
	static const char *const lines[] = {
		"000 pluto_version=4.10, pluto_vendorid=OE-Libreswan-4.10, audit-log=yes",
		"000 nhelpers=-1, uniqueids=yes, dnssec-enable=yes, logappend=yes, logip=yes, "
		"shuntlifetime=900s, xfrmlifetime=30s",
		"000 ddos-cookies-threshold=25000, ddos-max-halfopen=50000, ddos-mode=auto, "
		"ikev1-policy=accept",
		"000 \"lnsd-psk-2\": 10.9.0.1/32:UDP/1701===10.9.0.1...%any===0.0.0.0/0:UDP/"
		"0-65535; unrouted; eroute owner: #0",
	};
	struct pluto_state state = {0};

	for (size_t i = 0; i < LINES(lines); i++)
		pluto_read_status(&state, lines[i]);
	pluto_read_globals(&state, "current.states.all=0");
	ck_assert(state.answered && state.uniqueids && !state.drops_ikev1 && state.idle);
	/* cut short: what is missing may be loaded all the same */
	ck_assert(!state.complete);
	pluto_read_status(&state, "000 Total IPsec connections: loaded 3, active 0");
	ck_assert(state.complete);
	ck_assert_uint_eq(state.conns.of[PLUTO_PSK], 2);
}
END_TEST

START_TEST(status_of_5_is_read)
{
	static const char *const lines[] = {
		"pluto_version=5.2, pluto_vendorid=OE-Libreswan-5.2",
		"nhelpers=-1, uniqueids=no, dnssec-enable=yes, shuntlifetime=900s, "
		"xfrmlifetime=30s",
		"ddos-cookies-threshold=25000, ddos-max-halfopen=50000, ddos-mode=auto, "
		"ikev1-policy=drop",
		"\"lnsd-v2-1\": 10.9.0.1/32/UDP/1701===10.9.0.1...%any; unrouted; my_ip=unset; "
		"their_ip=unset;",
	};
	struct pluto_state state = {0};

	for (size_t i = 0; i < LINES(lines); i++)
		pluto_read_status(&state, lines[i]);
	pluto_read_globals(&state, "current.states.all=2");
	ck_assert(state.answered && !state.uniqueids && state.drops_ikev1 && !state.idle);
	ck_assert_uint_eq(state.conns.of[PLUTO_PSK_V2], 1);
}
END_TEST

START_TEST(status_of_no_pluto_says_nothing)
{
	struct pluto_state state = {0};

	pluto_read_status(&state,
			  "whack: is Pluto running?  connect() for \"/run/pluto/pluto.ctl\" failed "
			  "(2 No such file or directory)");
	ck_assert(!state.answered && state.conns.of[PLUTO_PSK] == 0);
}
END_TEST

#define MARK_4(conn, mark)                                                                         \
	"000 \"" conn ":   nflog-group: unset; mark: " mark                                        \
	"; vti-iface:unset; vti-routing:no; vti-shared:no; nic-offload:auto;"
#define MARK_5(conn, mark)                                                                         \
	"\"" conn ":   nflog-group: unset; mark: " mark                                            \
	"; vti-iface:unset; vti-routing:no; vti-shared:no; nic-offload:no;"

static struct pluto_marks
marks_of(const char *const lines[], size_t count)
{
	struct pluto_marks marks = {.conn = "lnsd-probe"};

	for (size_t i = 0; i < count; i++)
		pluto_read_marks(&marks, lines[i]);
	return marks;
}

START_TEST(marks_of_instances_are_read_the_conns_own_is_not)
{
	static const char *const four[] = {
		MARK_4("lnsd-probe\"", "4294967295/0xffffffff, 4294967295/0xfffffff"),
		MARK_4("lnsd-probe\"[1]", "65536/0xffffffff, 65536/0xffffffff"),
		MARK_4("lnsd-probe\"[2]", "65537/0xffffffff, 65537/0xffffffff")};
	static const char *const five[] = {
		MARK_5("lnsd-probe\"", "4294967295/0xffffffff, 4294967295/0xffffffff"),
		MARK_5("lnsd-psk-1\"[3]", "65535/0xffffffff, 65535/0xffffffff"),
		MARK_5("lnsd-probe\"[1]", "65536/0xffffffff, 65536/0xffffffff"),
		MARK_5("lnsd-probe\"[2]", "65537/0xffffffff, 65537/0xffffffff"),
		MARK_5("lnsd-probe\"[3]", "65538/0xffffffff, 65538/0xffffffff")};
	struct pluto_marks marks = marks_of(four, LINES(four));

	ck_assert_uint_eq(marks.count, 2);
	ck_assert_uint_eq(marks.marks[0], 65536);
	ck_assert_uint_eq(marks.marks[1], 65537);
	marks = marks_of(five, LINES(five));
	ck_assert_uint_eq(marks.count, 2);
	ck_assert_uint_eq(marks.marks[0], 65536);
	ck_assert_uint_eq(marks.marks[1], 65537);
	ck_assert(!marks.overlaps);
}
END_TEST

START_TEST(marks_that_are_one_constant_are_read_as_such)
{
	static const char *const lines[] = {
		MARK_5("lnsd-probe\"[1]", "4294967295/0xffffffff, 4294967295/0xffffffff"),
		MARK_5("lnsd-probe\"[2]", "4294967295/0xffffffff, 4294967295/0xffffffff")};
	struct pluto_marks marks = marks_of(lines, LINES(lines));

	ck_assert_uint_eq(marks.count, 2);
	ck_assert_uint_eq(marks.marks[0], UINT32_MAX);
	ck_assert_uint_eq(marks.marks[1], UINT32_MAX);
}
END_TEST

START_TEST(marks_of_nonsense_are_none)
{
	static const char *const lines[] = {MARK_4("lnsd-probe\"[1]", "unset"),
					    MARK_4("lnsd-probe\"[1]", "65536"),
					    MARK_4("lnsd-probe\"[1]", "99999999999/0xffffffff"),
					    MARK_4("lnsd-probe\"[1]", "-1/0xffffffff"),
					    MARK_4("lnsd-probe2\"[1]", "65536/0xffffffff"),
					    "\"lnsd-probe\"[1]: mark: 5/0xffffffff",
					    "\"lnsd-probe",
					    "\"lnsd-probe\"[",
					    "\"",
					    ""};

	ck_assert_uint_eq(marks_of(lines, LINES(lines)).count, 0);
}
END_TEST

START_TEST(overlap_in_force_is_seen)
{
	static const char
		*const four[] = {"000 \"lnsd-probe\":   policy: "
				 "IKEv1+PSK+ENCRYPT+PFS+OVERLAPIP+IKE_FRAG_ALLOW+ESN_NO+ESN_YES;"},
		       *const five[] = {"\"lnsd-probe\":   policy: "
					"IKEv1+PSK+ENCRYPT+TRANSPORT+PFS+OVERLAPIP+IKE_FRAG_ALLOW+"
					"ESN_NO+ESN_YES;"},
		       *const none[] = {"\"lnsd-probe\":   policy: "
					"IKEv1+PSK+ENCRYPT+TRANSPORT+PFS+IKE_FRAG_ALLOW;",
					"\"other\":   policy: PSK+OVERLAPIP+PFS;"};

	ck_assert(marks_of(four, LINES(four)).overlaps);
	ck_assert(marks_of(five, LINES(five)).overlaps);
	ck_assert(!marks_of(none, LINES(none)).overlaps);
}
END_TEST

START_TEST(states_of_4_are_read)
{
	struct pluto_sa sa;

	ck_assert(pluto_read_sa(&sa,
				"000 #1: \"lnsd-psk-1\"[2] 10.9.0.2:4500 STATE_MAIN_R3 (IKE SA "
				"established); EXPIRE in 15825s; newest; lastdpd=-1s(seq in:0 "
				"out:0); idle;"));
	ck_assert(sa.state == 1 && sa.parent == 0 && !sa.has_spis);
	ck_assert(pluto_read_sa(&sa,
				"000 #2: \"lnsd-psk-1\"[2] 10.9.0.2:4500 STATE_QUICK_R2 (IPsec "
				"SA established); EXPIRE in 3948s; newest; eroute owner; ISAKMP "
				"SA #1; idle;"));
	ck_assert(sa.state == 2 && sa.parent == 1 && !sa.has_spis);
	ck_assert(sa.conn == 0 && sa.instance == 2);
	ck_assert(pluto_read_sa(&sa, "000 #2: \"lnsd-psk-1\"[2] 10.9.0.2 esp.cc659c23@10.9.0.2 "
				     "esp.eeb53dcf@10.9.0.1 Traffic: ESPin=0B ESPout=0B "
				     "ESPmax=2^63B "));
	ck_assert(sa.state == 2 && sa.parent == 0 && sa.has_spis);
	ck_assert_uint_eq(sa.spi_out, 0xcc659c23);
	ck_assert_uint_eq(sa.spi_in, 0xeeb53dcf);
}
END_TEST

START_TEST(states_of_5_are_read)
{
	struct pluto_sa sa;

	ck_assert(pluto_read_sa(&sa, "#7: \"lnsd-v2-1\"[2] 10.9.0.3:4500 ESTABLISHED_IKE_SA "
				     "(established IKE SA); EXPIRE in 86398s; newest; idle;"));
	ck_assert(sa.state == 7 && sa.parent == 0 && !sa.has_spis);
	ck_assert(pluto_read_sa(&sa, "#26: \"lnsd-v2-4\"[4] 10.9.0.5:4500 ESTABLISHED_CHILD_SA "
				     "(established Child SA); LIVENESS in 29s; EXPIRE in 86399s; "
				     "newest; eroute owner; IKE SA #25; idle;"));
	ck_assert(sa.state == 26 && sa.parent == 25 && !sa.has_spis);
	ck_assert(sa.conn == PLUTO_ADDRS_MAX + 3 && sa.instance == 4);
	ck_assert(pluto_read_sa(&sa, "#26: \"lnsd-v2-4\"[4] 10.9.0.5 esp.cee3f61a@10.9.0.5 "
				     "esp.1cbaeecf@10.9.0.1 Traffic: ESPin=0B ESPout=0B "
				     "ESPmax=2^63B "));
	ck_assert(sa.has_spis && sa.spi_out == 0xcee3f61a && sa.spi_in == 0x1cbaeecf);
}
END_TEST

START_TEST(states_of_others_and_nonsense_are_none)
{
	static const char *const lines[] = {
		"000 #1: \"office\"[2] 10.9.0.2:4500 STATE_MAIN_R3 (IKE SA established); newest;",
		"000 \"lnsd-psk-1\"[2]: 10.9.0.1/32",
		"000 #0: \"lnsd-psk-1\"[2] 10.9.0.2:4500 STATE_MAIN_R3",
		"000 #: \"lnsd-psk-1\"[2]",
		"#99999999999: \"lnsd-psk-1\"[2]",
		"#1",
		"#1: ",
		"#1: \"lnsd-psk-1",
		"#1: \"lnsd-psk-1\" 10.9.0.2:4500 STATE_MAIN_R3",
		"#1: \"lnsd-psk-1\"[x] 10.9.0.2:4500 STATE_MAIN_R3",
		"#2: \"lnsd-psk-1\"[2] 10.9.0.2 STATE_QUICK_R2; ISAKMP SA #x; idle;",
		"000 ",
		""};
	struct pluto_sa sa;

	for (size_t i = 0; i < LINES(lines); i++)
		ck_assert_msg(!pluto_read_sa(&sa, lines[i]), "%s", lines[i]);
}
END_TEST

START_TEST(spis_that_are_none_are_not_taken)
{
	static const char *const lines[] = {
		"#2: \"lnsd-psk-1\"[2] 10.9.0.2 esp.cc659c23@10.9.0.2 Traffic: ESPin=0B",
		"#2: \"lnsd-psk-1\"[2] 10.9.0.2 esp.@10.9.0.2 esp.eeb53dcf@10.9.0.1 Traffic:",
		"#2: \"lnsd-psk-1\"[2] 10.9.0.2 esp.123456789@10.9.0.2 esp.eeb53dcf@10.9.0.1",
		"#2: \"lnsd-psk-1\"[2] 10.9.0.2 esp.cc659c23 esp.eeb53dcf",
		"#2: \"lnsd-psk-1\"[2] 10.9.0.2 ah.cc659c23@10.9.0.2 ah.eeb53dcf@10.9.0.1"};
	struct pluto_sa sa;

	for (size_t i = 0; i < LINES(lines); i++) {
		ck_assert(pluto_read_sa(&sa, lines[i]));
		ck_assert_msg(!sa.has_spis, "%s", lines[i]);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pluto");
	TCase *tc = tcase_create("pluto");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, version_of_libreswan_is_read);
	tcase_add_test(tc, conn_names_are_recognised);
	tcase_add_test(tc, status_of_4_is_read);
	tcase_add_test(tc, status_of_5_is_read);
	tcase_add_test(tc, status_of_no_pluto_says_nothing);
	tcase_add_test(tc, marks_of_instances_are_read_the_conns_own_is_not);
	tcase_add_test(tc, marks_that_are_one_constant_are_read_as_such);
	tcase_add_test(tc, marks_of_nonsense_are_none);
	tcase_add_test(tc, overlap_in_force_is_seen);
	tcase_add_test(tc, states_of_4_are_read);
	tcase_add_test(tc, states_of_5_are_read);
	tcase_add_test(tc, states_of_others_and_nonsense_are_none);
	tcase_add_test(tc, spis_that_are_none_are_not_taken);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
