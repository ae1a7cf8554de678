/* src/conf/grant_text.c: what a user may have, as text and back. */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grant.h"

typedef bool read_fn(struct grant *grant, const char *text, char why[GRANT_WHY_MAX]);

static void
take(read_fn *read, struct grant *grant, const char *text)
{
	char why[GRANT_WHY_MAX];

	ck_assert_msg(read(grant, text, why), "'%s' %s", text, why);
}

static void
refuse(read_fn *read, const char *text, const char *want)
{
	struct grant grant = {0};
	char why[GRANT_WHY_MAX];

	ck_assert_msg(!read(&grant, text, why), "'%s' was taken", text);
	ck_assert_msg(strstr(why, want) != NULL, "'%s': %s", text, why);
	grant_fini(&grant);
}

START_TEST(routes_of_both_families_are_read)
{
	struct grant grant = {0};
	char text[GRANT_TEXT_MAX];

	take(grant_read_routes, &grant, "192.168.7.0/24,fd00:7::/64 , 10.1.2.3");
	ck_assert_uint_eq(grant.route_count, 3);
	ck_assert_str_eq(grant_prefix_text(text, &grant.routes[0]), "192.168.7.0/24");
	ck_assert_str_eq(grant_prefix_text(text, &grant.routes[1]), "fd00:7::/64");
	ck_assert_str_eq(grant_prefix_text(text, &grant.routes[2]), "10.1.2.3");
	take(grant_read_routes, &grant, "none");
	ck_assert_uint_eq(grant.route_count, 3);
	grant_fini(&grant);
}
END_TEST

START_TEST(route_that_nobody_can_have_is_refused)
{
	static const char *const none[] = {"0.0.0.0/0",	  "::/0",	   "127.0.0.0/8",
					   "224.0.0.0/4", "fe80::/64",	   "ff00::/8",
					   "::1",	  "169.254.0.0/16"};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		refuse(grant_read_routes, none[i], "item 1 is no network that can be behind");
	refuse(grant_read_routes, "10.0.0.0/8, 10.0.0.0/8", "item 2 stands in the list twice");
	refuse(grant_read_routes, "10.0.0.1/8", "item 1 has bits behind the prefix");
	refuse(grant_read_routes, "10.0.0.0/8,", "item 2 is empty");
	refuse(grant_read_routes, "", "item 1 is empty");
	refuse(grant_read_routes, "10.0.0.0/33", "item 1 is no IPv4 or IPv6 prefix");
	refuse(grant_read_routes, "secret", "item 1 is no IPv4 or IPv6 prefix");
}
END_TEST

START_TEST(routes_beyond_their_number_are_refused)
{
	char text[2000] = "", why[GRANT_WHY_MAX];
	struct grant grant = {0};

	for (int i = 0; i < 65; i++)
		sprintf(text + strlen(text), "%s10.0.%d.0/24", i ? "," : "", i);
	ck_assert(!grant_read_routes(&grant, text, why));
	ck_assert_str_eq(why, "item 65 is one more than the 64 that there may be");
	grant_fini(&grant);
}
END_TEST

static const struct {
	const char *text, *back; /* NULL: the same */
	int family, protocol, first, last;
} allowed[] = {
	{"10.0.6.7", NULL, 4, 0, 0, 0},
	{"10.0.5.0/24:tcp/443", NULL, 4, IPPROTO_TCP, 443, 443},
	{"10.0.5.0/24:udp/5000-5010", NULL, 4, IPPROTO_UDP, 5000, 5010},
	{"10.0.5.0/24:tcp", NULL, 4, IPPROTO_TCP, 0, 0},
	{"10.0.5.1:icmp", NULL, 4, IPPROTO_ICMP, 0, 0},
	{"0.0.0.0/0:tcp/443", NULL, 4, IPPROTO_TCP, 443, 443},
	{"[fd00::/64]:udp/53", NULL, 6, IPPROTO_UDP, 53, 53},
	{"[fd00::/64]:icmp", NULL, 6, IPPROTO_ICMPV6, 0, 0},
	{"[fd00::1]", "fd00::1", 6, 0, 0, 0},
	{"fd00::/64", NULL, 6, 0, 0, 0},
	{"10.0.0.1:tcp/80-80", "10.0.0.1:tcp/80", 4, IPPROTO_TCP, 80, 80},
};

START_TEST(destination_is_read_and_written)
{
	const char *back = allowed[_i].back ? allowed[_i].back : allowed[_i].text;
	struct grant grant = {0};
	char text[GRANT_TEXT_MAX];

	take(grant_read_allow, &grant, allowed[_i].text);
	ck_assert_uint_eq(grant.allow_count, 1);
	ck_assert_int_eq(grant.allow[0].to.family, allowed[_i].family);
	ck_assert_int_eq(grant.allow[0].protocol, allowed[_i].protocol);
	ck_assert_int_eq(grant.allow[0].first, allowed[_i].first);
	ck_assert_int_eq(grant.allow[0].last, allowed[_i].last);
	ck_assert_str_eq(grant_allow_text(text, &grant.allow[0]), back);
	grant_fini(&grant);
}
END_TEST

START_TEST(destination_with_a_fault_is_refused)
{
	static const char *const services[] = {
		"10.0.0.1:tcp/0",   "10.0.0.1:tcp/65536", "10.0.0.1:tcp/90-80", "10.0.0.1:tcp/",
		"10.0.0.1:tcp/80-", "10.0.0.1:icmp/3",	  "10.0.0.1:sctp",	"10.0.0.1:",
		"10.0.0.1:tcp/80x", "[fd00::1]:tcp/http", "10.0.0.1:tcp/1-2-3", "10.0.0.1:TCP"};
	static const char *const prefixes[] = {"[fd00::/64",	"[fd00::]/64:udp/53", "x", "[]",
					       "10.0.0:tcp/80", "fd00::/64:udp/53x"};

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		refuse(grant_read_allow, services[i], "has no such protocol or ports");
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		refuse(grant_read_allow, prefixes[i], "item 1 is no IPv4 or IPv6 prefix");
	refuse(grant_read_allow, "10.0.0.1/8:tcp/80", "bits behind the prefix");
	refuse(grant_read_allow, "none", "leave the key out");
	refuse(grant_read_allow, "10.0.0.1, any", "item 2 is not clear");
	refuse(grant_read_allow, "10.0.0.1,,10.0.0.2", "item 2 is empty");
}
END_TEST

static const struct {
	const char *text;
	uint64_t up, down;
	const char *back;
} rates[] = {
	{"20mbit/100mbit", 20000000, 100000000, "20mbit/100mbit"},
	{"1gbit", 1000000000, 1000000000, "1gbit"},
	{"1500kbit / none", 1500000, 0, "1500kbit/none"},
	{"none/64000bit", 0, 64000, "none/64kbit"},
	{"none", 0, 0, "none"},
	{"8000bit", 8000, 8000, "8kbit"},
	{"1000gbit", 1000000000000, 1000000000000, "1000gbit"},
};

START_TEST(rate_is_read_and_written)
{
	struct grant grant = {0};
	char text[GRANT_TEXT_MAX];

	take(grant_read_rate, &grant, rates[_i].text);
	ck_assert_uint_eq(grant.rate_up, rates[_i].up);
	ck_assert_uint_eq(grant.rate_down, rates[_i].down);
	ck_assert_str_eq(grant_rate_text(text, &grant), rates[_i].back);
}
END_TEST

START_TEST(rate_with_a_fault_is_refused)
{
	static const char *const wrong[] = {
		"20",	    "20mbit/", "/20mbit", "20mbit/1gbit/2gbit",	 "1.5mbit", "7999bit",
		"1001gbit", "20Mbit",  "20mbps",  "999999999999999gbit", "",	    "nonesuch"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refuse(grant_read_rate, wrong[i], "is no rate of 8kbit to 1000gbit");
}
END_TEST

static const struct {
	const char *text;
	time_t expires;
} moments[] = {
	{"none", 0},
	{"2027-01-01", 1798761600},
	{"2027-01-01T18:00", 1798826400},
	{"2027-01-01 18:00Z", 1798826400},
	{"2027-01-01T18:00:30Z", 1798826430},
	{"2028-02-29", 1835395200},
};

START_TEST(moment_is_read)
{
	struct grant grant = {0};
	char text[GRANT_TEXT_MAX];

	take(grant_read_expires, &grant, moments[_i].text);
	ck_assert_int_eq(grant.expires, moments[_i].expires);
	if (!grant.expires)
		return;
	grant_expires_text(text, moments[_i].expires);
	ck_assert_uint_eq(strlen(text), strlen("2027-01-01T18:00:30Z"));
	take(grant_read_expires, &grant, text);
	ck_assert_int_eq(grant.expires, moments[_i].expires);
}
END_TEST

START_TEST(moment_with_a_fault_is_refused)
{
	static const char *const wrong[] = {
		"2027-02-29",	    "2027-13-01",	   "1.1.2027",	      "2027-01-01T24:00",
		"2027-01-01T18:60", "2027-01-01T18:00:60", "2027-01-01T18",   "2027-01-01T18:00+1",
		"2027-01-01x",	    "1969-12-31",	   "1970-01-01",      "2027-1-1",
		"2027-01-01 ",	    "2027-00-10",	   "2027-01-01T18:0",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refuse(grant_read_expires, wrong[i], "is no date");
}
END_TEST

START_TEST(lists_are_written_as_they_are_read)
{
	struct grant grant = {0};
	char text[64];

	ck_assert_str_eq(grant_routes_text(text, sizeof(text), &grant), "");
	ck_assert_str_eq(grant_allows_text(text, sizeof(text), &grant), "");
	take(grant_read_routes, &grant, "192.168.7.0/24,fd00:7::/64");
	take(grant_read_allow, &grant, "10.0.5.0/24:tcp/443 , 10.0.6.7");
	ck_assert_str_eq(grant_routes_text(text, sizeof(text), &grant),
			 "192.168.7.0/24, fd00:7::/64");
	ck_assert_str_eq(grant_allows_text(text, sizeof(text), &grant),
			 "10.0.5.0/24:tcp/443, 10.0.6.7");
	grant_fini(&grant);
}
END_TEST

/* The text of a list in so many bytes */
static const struct {
	size_t cap;
	const char *routes, *allows;
} cuts[] = {
	{35, "10.0.0.0/24, 10.1.0.0/24, 10.2.2.2", "10.0.0.0/24, 10.1.0.0/24, 10.2.2.2"},
	{34, "10.0.0.0/24, 10.1.0.0/24, …", "10.0.0.0/24, 10.1.0.0/24, …"},
	{30, "10.0.0.0/24, 10.1.0.0/24, …", "10.0.0.0/24, 10.1.0.0/24, …"},
	{29, "10.0.0.0/24, …", "10.0.0.0/24, …"},
	{16, "…", "…"},
	{8, "…", "…"},
};

START_TEST(list_too_long_ends_at_a_whole_entry)
{
	struct grant grant = {0};
	char text[64];

	take(grant_read_routes, &grant, "10.0.0.0/24, 10.1.0.0/24, 10.2.2.2");
	take(grant_read_allow, &grant, "10.0.0.0/24, 10.1.0.0/24, 10.2.2.2");
	memset(text, 'x', sizeof(text));
	ck_assert_str_eq(grant_routes_text(text, cuts[_i].cap, &grant), cuts[_i].routes);
	ck_assert_str_eq(grant_allows_text(text, cuts[_i].cap, &grant), cuts[_i].allows);
	ck_assert_int_eq(text[cuts[_i].cap], 'x');
	grant_fini(&grant);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *s = suite_create("grant_text");
	TCase *tc = tcase_create("grant_text");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_test(tc, routes_of_both_families_are_read);
	tcase_add_test(tc, route_that_nobody_can_have_is_refused);
	tcase_add_test(tc, routes_beyond_their_number_are_refused);
	tcase_add_loop_test(tc, destination_is_read_and_written, 0, ROWS(allowed));
	tcase_add_test(tc, destination_with_a_fault_is_refused);
	tcase_add_loop_test(tc, rate_is_read_and_written, 0, ROWS(rates));
	tcase_add_test(tc, rate_with_a_fault_is_refused);
	tcase_add_loop_test(tc, moment_is_read, 0, ROWS(moments));
	tcase_add_test(tc, moment_with_a_fault_is_refused);
	tcase_add_test(tc, lists_are_written_as_they_are_read);
	tcase_add_loop_test(tc, list_too_long_ends_at_a_whole_entry, 0, ROWS(cuts));
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
