/* The table's text: what a configuration and a session make of it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/net_rules.h"
#include "unit.h"

typedef void write_fn(FILE *out, const void *of);

static char *
text_of(write_fn *write, const void *of)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	write(out, of);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static void
table(FILE *out, const void *of)
{
	rules_table(out, of);
}

static void
conf(FILE *out, const void *of)
{
	rules_conf(out, of);
}

static void
up(FILE *out, const void *of)
{
	rules_up(out, of);
}

static void
down(FILE *out, const void *of)
{
	rules_down(out, of);
}

static void
check_has(write_fn *write, const void *of, const char *part, bool has)
{
	char *text = text_of(write, of);

	ck_assert_msg((strstr(text, part) != NULL) == has, "%s: %s", part, text);
	free(text);
}

static void
check_is(write_fn *write, const void *of, const char *want)
{
	char *text = text_of(write, of);

	ck_assert_str_eq(text, want);
	free(text);
}

static const struct lns_prefix address = {.ip = {10, 99, 0, 10}, .family = 4, .bits = 32};
static const struct rules_conf defaults = {.nat = true, .mtu = 1400, .port = 1701};

static struct rules_session
session_with(const struct lns_prefix *sources, size_t count)
{
	return (struct rules_session){
		.ifname = "ppp0", .serial = 7, .sources = sources, .source_count = count};
}

START_TEST(table_replaces_what_was_left_in_one_transaction)
{
	char *text = text_of(table, &defaults);

	ck_assert(strncmp(text, "add table inet lnsd\ndelete table inet lnsd\ntable inet lnsd {",
			  60) == 0);
	free(text);
}
END_TEST

START_TEST(table_bans_reach_ike_and_the_port_of_l2tp)
{
	const struct rules_conf other = {.mtu = 1400, .port = 4711};

	check_has(table, &other, "udp dport { 500, 4500, 4711 } ip saddr @banned4 counter drop",
		  true);
	check_has(table, &other,
		  "udp dport { 500, 4500, 4711 } ip6 saddr & ffff:ffff:ffff:ffff:: @banned6 "
		  "counter drop",
		  true);
}
END_TEST

START_TEST(conf_nat_masquerades_ipv4_only)
{
	const struct rules_conf without = {.mtu = 1400, .port = 1701};

	check_has(conf, &defaults, "add rule inet lnsd translate meta nfproto ipv4 masquerade\n",
		  true);
	check_has(conf, &without, "masquerade", false);
	check_has(conf, &without, "flush chain inet lnsd translate\n", true);
}
END_TEST

START_TEST(conf_client_to_client_takes_the_drop_away)
{
	const struct rules_conf open = {.client_to_client = true, .mtu = 1400, .port = 1701};

	check_has(conf, &defaults, "add rule inet lnsd between counter name refused drop\n", true);
	check_has(conf, &open, "add rule inet lnsd between", false);
}
END_TEST

START_TEST(conf_mtu_leaves_room_for_the_headers_of_each_family)
{
	const struct rules_conf small = {.mtu = 1280, .port = 1701};

	check_has(conf, &small, "nfproto ipv4 tcp option maxseg size set 1240\n", true);
	check_has(conf, &small, "nfproto ipv6 tcp option maxseg size set 1220\n", true);
}
END_TEST

START_TEST(session_plain_is_elements_only)
{
	const struct lns_prefix sources[] = {
		address, {.ip = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1}, .family = 6, .bits = 64}};
	const struct rules_session session = session_with(sources, 2);

	check_is(up, &session,
		 "add element inet lnsd address4 { \"ppp0\" . 10.99.0.10 }\n"
		 "add element inet lnsd prefix6 { \"ppp0\" . 2001:db8:0:1:: }\n"
		 "add element inet lnsd clients { \"ppp0\" }\n");
	check_is(down, &session,
		 "delete element inet lnsd address4 { \"ppp0\" . 10.99.0.10 }\n"
		 "delete element inet lnsd prefix6 { \"ppp0\" . 2001:db8:0:1:: }\n"
		 "delete element inet lnsd clients { \"ppp0\" }\n");
}
END_TEST

START_TEST(session_networks_behind_it_are_a_chain)
{
	const struct lns_prefix sources[] = {
		address,
		{.ip = {192, 168, 7, 9}, .family = 4, .bits = 20},
		{.ip = {0x20, 1, 0xd, 0xb8, 0xff}, .family = 6, .bits = 33}};
	const struct rules_session session = session_with(sources, 3);

	check_is(up, &session,
		 "add chain inet lnsd behind_7\n"
		 "add rule inet lnsd behind_7 ip saddr 192.168.0.0/20 accept\n"
		 "add rule inet lnsd behind_7 ip6 saddr 2001:db8:8000::/33 accept\n"
		 "add element inet lnsd behind { \"ppp0\" : jump behind_7 }\n"
		 "add element inet lnsd address4 { \"ppp0\" . 10.99.0.10 }\n"
		 "add element inet lnsd clients { \"ppp0\" }\n");
	check_is(down, &session,
		 "delete element inet lnsd address4 { \"ppp0\" . 10.99.0.10 }\n"
		 "delete element inet lnsd clients { \"ppp0\" }\n"
		 "delete element inet lnsd behind { \"ppp0\" }\n"
		 "flush chain inet lnsd behind_7\n"
		 "delete chain inet lnsd behind_7\n");
}
END_TEST

START_TEST(session_allow_ends_with_a_drop)
{
	const struct grant_allow allow[] = {
		{.to = {.ip = {10, 0, 5, 0}, .family = 4, .bits = 24},
		 .protocol = 6,
		 .first = 443,
		 .last = 443},
		{.to = {.family = 6}, .protocol = 17, .first = 0, .last = 99},
		{.to = {.ip = {10, 0, 6, 7}, .family = 4, .bits = 32}, .protocol = 1},
		{.to = {.family = 4}},
	};
	struct rules_session session = session_with(&address, 1);

	session.allow = allow;
	session.allow_count = 4;
	check_is(up, &session,
		 "add chain inet lnsd allow_7\n"
		 "add rule inet lnsd allow_7 ip daddr 10.0.5.0/24 meta l4proto 6 th dport 443 "
		 "accept\n"
		 "add rule inet lnsd allow_7 meta nfproto ipv6 meta l4proto 17 th dport 0-99 "
		 "accept\n"
		 "add rule inet lnsd allow_7 ip daddr 10.0.6.7/32 meta l4proto 1 accept\n"
		 "add rule inet lnsd allow_7 meta nfproto ipv4 accept\n"
		 "add rule inet lnsd allow_7 counter name refused drop\n"
		 "add element inet lnsd allow { \"ppp0\" : goto allow_7 }\n"
		 "add element inet lnsd address4 { \"ppp0\" . 10.99.0.10 }\n"
		 "add element inet lnsd clients { \"ppp0\" }\n");
	check_has(down, &session, "delete chain inet lnsd allow_7\n", true);
}
END_TEST

START_TEST(ifname_plain_is_taken)
{
	ck_assert(rules_ifname("ppp0"));
	ck_assert(rules_ifname("vpn-out_3.4"));
	ck_assert(rules_ifname("abcdefghijklmno"));
}
END_TEST

START_TEST(ifname_that_could_be_a_rule_is_refused)
{
	const char *const bad[] = {"",	     "ppp*",	 "p\" }",	    "ppp 0", "ppp;0",
				   "ppp0\n", "pp\xc3p0", "ppp{0}",	    "a:b",   "$ppp",
				   "a/b",    "pp\\0",	 "abcdefghijklmnop"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!rules_ifname(bad[i]), "%s", bad[i]);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		table_replaces_what_was_left_in_one_transaction,
		table_bans_reach_ike_and_the_port_of_l2tp,
		conf_nat_masquerades_ipv4_only,
		conf_client_to_client_takes_the_drop_away,
		conf_mtu_leaves_room_for_the_headers_of_each_family,
		session_plain_is_elements_only,
		session_networks_behind_it_are_a_chain,
		session_allow_ends_with_a_drop,
		ifname_plain_is_taken,
		ifname_that_could_be_a_rule_is_refused,
	};

	return unit_run("net_rules", tests, sizeof(tests) / sizeof(tests[0]));
}
