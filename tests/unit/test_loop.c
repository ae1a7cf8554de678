/* Ways that go in circles: whose session, by which route, and the command that ends it. */
#include <check.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/lnsctl.h"
#include "lnsctl/loop.h"

/* field.c says with it that standard output cannot be written, which is nothing of these tests */
void
complain(const char *fmt, ...)
{
	ck_abort_msg("%s", fmt);
}

static json_t *
sessions(void)
{
	return json_pack(
		"[{s:s, s:s, s:[s, s, s]}, {s:s, s:s, s:[s]}, {s:s, s:s, s:[]}, {s:s, s:n}]",
		"ifname", "ppp0", "user", "alice", "routes", "10.1.0.0/16", "198.51.100.0/24",
		"2001:db8:1::/48", "ifname", "ppp1", "user", "bob; reboot", "routes",
		"203.0.113.0/25", "ifname", "ppp2", "user", "carol", "routes", "user", "dave",
		"routes");
}

/* What is found of the way to `peer` that leaves by `iface`, as `route` says; "" nothing. */
static const char *
judge(struct finding *finding, const char *peer, const char *iface, const char *route,
      uint32_t table)
{
	struct way way = {.table = table};
	json_t *all = sessions();
	bool found;

	strcpy(way.iface, iface);
	strcpy(way.route, route);
	ck_assert_ptr_nonnull(all);
	found = loop_judge(finding, peer, &way, all);
	json_decref(all);
	ck_assert(!found || !finding->ok);
	return found ? finding->fix : "";
}

START_TEST(loop_is_where_a_way_leaves_by_a_session)
{
	static const struct {
		const char *peer, *iface, *route;
		uint32_t table;
		const char *fix;
	} rows[] = {
		{"192.0.2.5", "eth0", "0.0.0.0/0", RT_TABLE_MAIN, ""},
		/* no way is known, and dave has no interface yet */
		{"192.0.2.9", "", "", RT_TABLE_MAIN, ""},
		/* its own tunnel, by a route that an administrator has set */
		{"192.0.2.5", "ppp0", "192.0.2.5/32", RT_TABLE_MAIN,
		 "ip route del 192.0.2.5/32 dev ppp0"},
		{"192.0.2.9", "ppp2", "192.0.2.0/24", 77,
		 "ip route del 192.0.2.0/24 dev ppp2 table 77"},
		/* another's, by the networks behind him */
		{"198.51.100.7", "ppp0", "198.51.100.0/24", RT_TABLE_MAIN,
		 "ip route del 198.51.100.0/24 dev ppp0 (to keep it: lnsctl user set alice "
		 "routes=10.1.0.0/16,2001:db8:1::/48)"},
		{"2001:db8:1::7", "ppp0", "2001:db8:1::/48", RT_TABLE_MAIN,
		 "ip route del 2001:db8:1::/48 dev ppp0 (to keep it: lnsctl user set alice "
		 "routes=10.1.0.0/16,198.51.100.0/24)"},
		{"203.0.113.127", "ppp1", "203.0.113.0/25", RT_TABLE_MAIN,
		 "ip route del 203.0.113.0/25 dev ppp1 (to keep it: lnsctl user set NAME "
		 "routes=)"},
		{"203.0.113.128", "ppp1", "203.0.113.0/24", RT_TABLE_MAIN,
		 "ip route del 203.0.113.0/24 dev ppp1"},
	};
	struct finding finding;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_str_eq(
			judge(&finding, rows[i].peer, rows[i].iface, rows[i].route, rows[i].table),
			rows[i].fix);
}
END_TEST

START_TEST(loop_names_client_session_and_route)
{
	struct finding finding;

	judge(&finding, "198.51.100.7", "ppp0", "198.51.100.0/24", RT_TABLE_MAIN);
	ck_assert_str_eq(finding.text,
			 "the way back to the client at 198.51.100.7 leads into a tunnel: this "
			 "machine sends what is for it by ppp0, the session of \"alice\", as the "
			 "route 198.51.100.0/24 says");
}
END_TEST

START_TEST(loop_of_many_networks_is_mended_in_one_line)
{
	struct way way = {.iface = "ppp0", .route = "10.0.0.0/24", .table = RT_TABLE_MAIN};
	json_t *routes = json_array(), *all;
	struct finding finding;
	char text[32];

	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "10.0.%d.0/24", i);
		json_array_append_new(routes, json_string(text));
	}
	all = json_pack("[{s:s, s:s, s:o}]", "ifname", "ppp0", "user", "alice", "routes", routes);
	ck_assert(loop_judge(&finding, "10.0.0.7", &way, all));
	ck_assert_str_eq(finding.fix, "ip route del 10.0.0.0/24 dev ppp0 (to keep it: lnsctl user "
				      "set alice routes=…)");
	json_decref(all);
}
END_TEST

START_TEST(way_to_this_machine_itself_is_found)
{
	struct way way;

	ck_assert(way_find(&way, "127.0.0.1"));
	ck_assert_str_eq(way.iface, "lo");
	/* until there are rules of its own, a kernel keeps both in one */
	ck_assert(way.table == RT_TABLE_LOCAL || way.table == RT_TABLE_MAIN);
	ck_assert_msg(strncmp(way.route, "127.0.0.", 8) == 0, "%s", way.route);
	ck_assert(!way_find(&way, "nowhere"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("loop");
	TCase *tc = tcase_create("loop");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, loop_is_where_a_way_leaves_by_a_session);
	tcase_add_test(tc, loop_names_client_session_and_route);
	tcase_add_test(tc, loop_of_many_networks_is_mended_in_one_line);
	tcase_add_test(tc, way_to_this_machine_itself_is_found);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
