/* Who else drops forwarded packets, as nft and iptables tell it. */
#include <check.h>
#include <string.h>

#include "forward.h"
#include "unit.h"

/* Gives the lines one by one, NULL ends them. */
static void
check_found(const char *const lines[], const char *want)
{
	struct forward_scan scan = {.found = ""};

	for (size_t i = 0; lines[i]; i++)
		forward_line(&scan, lines[i]);
	forward_end(&scan);
	ck_assert_str_eq(scan.found, want);
}

START_TEST(nft_chain_with_drop_policy_is_found)
{
	check_found((const char *const[]){"table inet filter {", "\tchain input {",
					  "\t\ttype filter hook input priority 0; policy drop;",
					  "\t}", "\tchain forward {",
					  "\t\ttype filter hook forward priority 0; policy drop;",
					  "\t\tct state established accept", "\t}", "}", NULL},
		    "table inet filter, chain forward");
}
END_TEST

START_TEST(nft_rule_for_ppp_interfaces_anywhere_in_the_table_is_believed)
{
	check_found((const char *const[]){"table ip filter {", "\tchain FORWARD {",
					  "\t\ttype filter hook forward priority 0; policy drop;",
					  "\t\tjump DOCKER-USER", "\t}", "\tchain DOCKER-USER {",
					  "\t\tiifname \"ppp*\" accept", "\t}", "}", NULL},
		    "");
	check_found((const char *const[]){"table ip other {", "\tchain x {",
					  "\t\tiifname \"ppp*\" accept", "\t}", "}",
					  "table ip filter {", "\tchain FORWARD {",
					  "\t\ttype filter hook forward priority 0; policy drop;",
					  "\t}", "}", NULL},
		    "table ip filter, chain FORWARD");
}
END_TEST

START_TEST(nft_table_of_ours_and_policy_accept_are_well)
{
	check_found((const char *const[]){"table inet lnsd {", "\tchain forward {",
					  "\t\ttype filter hook forward priority 0; policy drop;",
					  "\t}", "}", "table inet a {", "\tchain forward {",
					  "\t\ttype filter hook forward priority 0; policy accept;",
					  "\t}", "}", NULL},
		    "");
}
END_TEST

START_TEST(iptables_policy_drop_is_found_unless_a_rule_accepts)
{
	check_found((const char *const[]){"*nat", ":PREROUTING ACCEPT [0:0]", "COMMIT", "*filter",
					  ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", "COMMIT",
					  NULL},
		    "table filter, chain FORWARD");
	check_found((const char *const[]){"*filter", ":FORWARD DROP [0:0]",
					  "-A FORWARD -i ppp+ -j ACCEPT", "COMMIT", NULL},
		    "");
	check_found((const char *const[]){"*filter", ":FORWARD DROP [0:0]",
					  "-A FORWARD -i ppp+ -j DROP", "COMMIT", NULL},
		    "table filter, chain FORWARD");
}
END_TEST

START_TEST(names_too_long_are_cut)
{
	struct forward_scan scan = {.found = ""};

	forward_line(
		&scan,
		"table inet aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa {");
	forward_line(
		&scan,
		"chain "
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb {");
	forward_line(&scan, "type filter hook forward priority 0; policy drop;");
	forward_end(&scan);
	ck_assert_int_eq(strlen(scan.found), strlen("table , chain ") + 100);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		nft_chain_with_drop_policy_is_found,
		nft_rule_for_ppp_interfaces_anywhere_in_the_table_is_believed,
		nft_table_of_ours_and_policy_accept_are_well,
		iptables_policy_drop_is_found_unless_a_rule_accepts,
		names_too_long_are_cut,
	};

	return unit_run("forward", tests, sizeof(tests) / sizeof(tests[0]));
}
