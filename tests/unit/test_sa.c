/* Whose datagrams are let in, which SAs are needed no more; and addresses, as text and in the
 * kernel's form. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lns_fixture.h"

#include "worker/addr.h"
#include "worker/sa.h"

static struct lns_addr
ip4(const char *text, uint16_t port)
{
	struct lns_addr addr = {.family = 4, .port = port};

	ck_assert_int_eq(inet_pton(AF_INET, text, addr.ip), 1);
	return addr;
}

static struct lns_addr
ip6(const char *text, uint16_t port, uint32_t scope)
{
	struct lns_addr addr = {.family = 6, .port = port, .scope = scope};

	ck_assert_int_eq(inet_pton(AF_INET6, text, addr.ip), 1);
	return addr;
}

#define BASE 0x20000000u

static struct wall_sa
sa_of(uint32_t mark, const char *peer, uint16_t port)
{
	return (struct wall_sa){.kind = WALL_SA,
				.mark = mark,
				.local = ip4("192.0.2.1", 1701),
				.peer = ip4(peer, port),
				.spi_in = mark & 0xff};
}

static struct sa_table *
table_new(void)
{
	struct sa_table *table = malloc(sizeof(*table));

	ck_assert_ptr_nonnull(table);
	sa_init(table);
	return table;
}

static void
table_free(struct sa_table *table)
{
	sa_fini(table);
	ck_assert_uint_eq(table->count, 0);
	ck_assert_int_eq(sa_deadline(table), MSTIME_NEVER);
	free(table);
}

static enum sa_change
put(struct sa_table *table, uint32_t mark, uint32_t renewed)
{
	struct wall_sa sa = sa_of(mark, "203.0.113.7", 1701);

	sa.renewed = renewed;
	return sa_put(table, &sa);
}

START_TEST(table_knows_what_was_put_until_it_is_removed)
{
	/* three that fall into one chain */
	static const uint32_t marks[] = {BASE + 1, BASE + 1 + SA_CHAINS, BASE + 1 + 2 * SA_CHAINS};
	struct sa_table *table = table_new();

	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(put(table, marks[i], 0), SA_RENEWED);
	ck_assert_uint_eq(table->count, 3);
	sa_remove(table, marks[1]);
	sa_remove(table, marks[1]);
	sa_remove(table, 0);
	ck_assert_uint_eq(table->count, 2);
	ck_assert_ptr_null(sa_find(table, marks[1]));
	ck_assert_ptr_null(sa_find(table, 0));
	ck_assert_uint_eq(sa_find(table, marks[0])->mark, marks[0]);
	ck_assert_uint_eq(sa_find(table, marks[2])->mark, marks[2]);
	table_free(table);
}
END_TEST

START_TEST(sa_to_an_address_is_found_whatever_its_port)
{
	struct sa_table *table = table_new();
	struct wall_sa sa = sa_of(BASE + 7, "198.51.100.7", 4500);
	struct lns_addr peer = ip4("198.51.100.7", 1701);

	ck_assert_ptr_null(sa_to(table, &peer));
	ck_assert_int_eq(sa_put(table, &sa), SA_RENEWED);
	ck_assert_ptr_nonnull(sa_to(table, &peer));
	ck_assert_uint_eq(sa_to(table, &peer)->mark, BASE + 7);
	peer = ip4("198.51.100.8", 4500);
	ck_assert_ptr_null(sa_to(table, &peer));
	table_free(table);
}
END_TEST

START_TEST(put_tells_a_renewal_from_a_change)
{
	struct sa_table *table = table_new();
	struct wall_sa sa = sa_of(BASE + 1, "203.0.113.7", 1701);

	ck_assert_int_eq(sa_put(table, &sa), SA_RENEWED);
	sa.spi_in = 99;
	ck_assert_int_eq(sa_put(table, &sa), SA_SAME);
	ck_assert_uint_eq(sa_find(table, BASE + 1)->spi_in, 99);
	sa.renewed++;
	ck_assert_int_eq(sa_put(table, &sa), SA_RENEWED);
	ck_assert_int_eq(sa_put(table, &sa), SA_SAME);
	ck_assert_uint_eq(table->count, 1);
	ck_assert_uint_eq(table->changes, 2);
	ck_assert_uint_eq(table->gone, 0);
	sa_remove(table, BASE + 1);
	sa_remove(table, BASE + 1);
	ck_assert_uint_eq(table->gone, 1);
	table_free(table);
}
END_TEST

START_TEST(put_is_bounded_and_wants_a_mark)
{
	struct sa_table *table = table_new();

	ck_assert_int_eq(put(table, 0, 0), SA_NO_ROOM);
	for (uint32_t i = 1; i <= SA_MAX; i++)
		ck_assert_int_eq(put(table, i, 0), SA_RENEWED);
	ck_assert_int_eq(put(table, SA_MAX + 1, 0), SA_NO_ROOM);
	ck_assert_int_eq(put(table, SA_MAX, 1), SA_RENEWED);
	ck_assert_uint_eq(table->count, SA_MAX);
	table_free(table);
}
END_TEST

enum { CLOSED, OPEN };

/* The table knows BASE + 1 (203.0.113.7:1701), BASE + 2 (the same, any port) and 77 (as 1). */
static const struct {
	bool require, own;
	uint32_t mark;
	const char *local, *peer;
	uint16_t port;
	int admitted;
	uint32_t seen; /* mark that the core gets */
} datagrams[] = {
	/* a client through its SA */
	{true, true, BASE + 1, "192.0.2.1", "203.0.113.7", 1701, OPEN, BASE + 1},
	{false, true, BASE + 1, "192.0.2.1", "203.0.113.7", 1701, OPEN, BASE + 1},
	{true, true, BASE + 2, "192.0.2.1", "203.0.113.7", 50000, OPEN, BASE + 2},
	{true, false, 77, "192.0.2.1", "203.0.113.7", 1701, OPEN, 77},
	/* somebody else with its mark, whatever is required */
	{true, true, BASE + 1, "192.0.2.1", "203.0.113.8", 1701, CLOSED, 0},
	{false, true, BASE + 1, "192.0.2.1", "203.0.113.8", 1701, CLOSED, 0},
	{true, true, BASE + 1, "192.0.2.1", "203.0.113.7", 1702, CLOSED, 0},
	{true, true, BASE + 1, "192.0.2.2", "203.0.113.7", 1701, CLOSED, 0},
	{false, false, 77, "192.0.2.2", "203.0.113.7", 1701, CLOSED, 0},
	/* no SA */
	{true, true, 0, "192.0.2.1", "203.0.113.7", 1701, CLOSED, 0},
	{true, false, 0, "192.0.2.1", "203.0.113.7", 1701, CLOSED, 0},
	{false, true, 0, "192.0.2.1", "203.0.113.7", 1701, OPEN, 0},
	/* a mark of ours that nobody has; the edges of the range */
	{true, true, BASE + 3, "192.0.2.1", "203.0.113.7", 1701, CLOSED, 0},
	{false, true, BASE + 3, "192.0.2.1", "203.0.113.7", 1701, CLOSED, 0},
	{false, true, BASE, "192.0.2.1", "203.0.113.7", 1701, CLOSED, 0},
	{false, true, BASE + 0xffff, "192.0.2.1", "203.0.113.7", 1701, CLOSED, 0},
	/* an administrator's mark says nothing here */
	{false, true, BASE + 0x10000, "192.0.2.1", "203.0.113.7", 1701, OPEN, 0},
	{false, true, BASE - 1, "192.0.2.1", "203.0.113.7", 1701, OPEN, 0},
	{false, false, BASE + 3, "192.0.2.1", "203.0.113.7", 1701, OPEN, 0},
	{true, false, 5, "192.0.2.1", "203.0.113.7", 1701, CLOSED, 0},
	{false, false, 5, "192.0.2.1", "203.0.113.7", 1701, OPEN, 0},
};

START_TEST(admit_lets_in_whom_the_rules_name)
{
	struct sa_table *table = table_new();
	struct wall_sa sas[] = {sa_of(BASE + 1, "203.0.113.7", 1701),
				sa_of(BASE + 2, "203.0.113.7", 0), sa_of(77, "203.0.113.7", 1701)};

	for (size_t i = 0; i < 3; i++)
		sa_put(table, &sas[i]);
	for (size_t i = 0; i < sizeof(datagrams) / sizeof(datagrams[0]); i++) {
		struct sa_rules rules = {.require = datagrams[i].require,
					 .own = datagrams[i].own,
					 .mark_base = BASE};
		struct lns_path path = {.local = ip4(datagrams[i].local, 1701),
					.peer = ip4(datagrams[i].peer, datagrams[i].port),
					.mark = datagrams[i].mark};
		bool admitted = sa_admit(table, &rules, &path);

		ck_assert_msg(admitted == (datagrams[i].admitted == OPEN), "row %zu", i);
		if (admitted)
			ck_assert_msg(path.mark == datagrams[i].seen, "row %zu", i);
	}
	table_free(table);
}
END_TEST

START_TEST(admit_tells_the_families_apart)
{
	struct sa_table *table = table_new();
	struct sa_rules rules = {.require = true, .own = true, .mark_base = BASE};
	struct wall_sa sa = sa_of(BASE + 1, "203.0.113.7", 0);
	struct lns_path path = {.mark = BASE + 1};

	sa.local = ip6("fe80::1", 1701, 0);
	sa.peer = ip6("fe80::7", 1701, 0);
	sa_put(table, &sa);
	path.local = ip6("fe80::1", 1701, 3);
	path.peer = ip6("fe80::7", 1701, 3);
	ck_assert(sa_admit(table, &rules, &path));
	path.local.family = path.peer.family = 4;
	ck_assert(!sa_admit(table, &rules, &path));
	table_free(table);
}
END_TEST

START_TEST(rules_are_those_of_the_configuration)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	struct sa_rules rules;

	ck_assert_ptr_nonnull(conf);
	conf->ipsec.mark_base = 0x30000000;
	conf->ipsec.marks = MARKS_OWN;
	conf->ipsec.require = true;
	rules = sa_rules(conf);
	ck_assert(rules.require && rules.own && rules.mark_base == 0x30000000);
	conf->ipsec.marks = MARKS_IKE;
	conf->ipsec.require = false;
	rules = sa_rules(conf);
	ck_assert(!rules.require && !rules.own);
	free(conf);
}
END_TEST

/* ── SAs that no tunnel needs ───────────────────────────────────────────────────────────── */

static void
lac_under(struct lac *lac, struct rig *rig, uint32_t mark)
{
	lac_init(lac, rig, 1);
	lac->path.mark = mark;
}

/* The mark of the next that is unused, 0 for none. */
static uint32_t
unused(struct sa_table *table, const struct lns *lns, mstime_t now)
{
	const struct wall_sa *sa = sa_unused(table, lns, now);

	return sa ? sa->mark : 0;
}

START_TEST(unused_is_told_once_after_the_rest)
{
	struct sa_table *table = table_new();
	struct rig rig;

	rig_open(&rig);
	put(table, BASE + 1, 0);
	put(table, BASE + 2, 0);
	ck_assert_int_eq(sa_deadline(table), MSTIME_NEVER);
	sa_tunnel_ended(table, 0, 1000);
	sa_tunnel_ended(table, BASE + 9, 1000);
	ck_assert_int_eq(sa_deadline(table), MSTIME_NEVER);
	sa_tunnel_ended(table, BASE + 1, 1000);
	sa_tunnel_ended(table, BASE + 2, 2000);
	/* another tunnel of the first: its time begins again, after the second's */
	sa_tunnel_ended(table, BASE + 1, 3000);
	ck_assert_int_eq(sa_deadline(table), 7000);
	ck_assert_uint_eq(unused(table, rig.lns, 6999), 0);
	ck_assert_uint_eq(unused(table, rig.lns, 8000), BASE + 2);
	ck_assert_uint_eq(unused(table, rig.lns, 8000), BASE + 1);
	ck_assert_uint_eq(unused(table, rig.lns, 90000), 0);
	ck_assert_int_eq(sa_deadline(table), MSTIME_NEVER);
	/* it stays known until the keeper says otherwise */
	ck_assert_ptr_nonnull(sa_find(table, BASE + 1));
	rig_close(&rig);
	table_free(table);
}
END_TEST

START_TEST(unused_is_not_what_has_a_new_tunnel)
{
	struct sa_table *table = table_new();
	struct rig rig;
	struct lac lac;
	mstime_t at;

	rig_open(&rig);
	put(table, BASE + 1, 0);
	sa_tunnel_ended(table, BASE + 1, rig.now);
	lac_under(&lac, &rig, BASE + 1);
	lac_connect(&lac);
	for (at = rig.now + SA_REST_MS; sa_deadline(table) != MSTIME_NEVER; at += SA_REST_MS) {
		ck_assert_int_eq(sa_deadline(table), at);
		ck_assert_uint_eq(unused(table, rig.lns, at), 0);
	}
	/* not looked at for ever: its own end is told */
	ck_assert_int_le(at - rig.now, SA_WATCH_MS + 2 * SA_REST_MS);
	lac_send_type(&lac, MSG_STOPCCN, 0);
	sa_tunnel_ended(table, BASE + 1, rig.now = at);
	ck_assert_uint_eq(unused(table, rig.lns, at + SA_REST_MS), BASE + 1);
	rig_close(&rig);
	table_free(table);
}
END_TEST

START_TEST(unused_waits_for_the_acknowledgement_of_our_stopccn)
{
	struct sa_table *table = table_new();
	struct rig rig;
	struct lac lac;
	mstime_t began;

	rig_open(&rig);
	began = rig.now;
	put(table, BASE + 1, 0);
	lac_under(&lac, &rig, BASE + 1);
	lac_connect(&lac);
	lns_close(rig.lns, rig.now, rig.act.ref, CAUSE_ADMIN, BY_ADMIN, NULL);
	rig_expect(&rig, LNS_ACT_TUNNEL_DOWN);
	rig_drain(&rig);
	sa_tunnel_ended(table, BASE + 1, rig.now);
	/* nobody acknowledges it: given up after 31 s */
	for (int i = 1; i <= 6; i++) {
		rig_run(&rig, began + i * SA_REST_MS);
		rig_drain(&rig);
		ck_assert_uint_eq(unused(table, rig.lns, rig.now), 0);
	}
	rig_run(&rig, began + 7 * SA_REST_MS);
	ck_assert_uint_eq(unused(table, rig.lns, rig.now), BASE + 1);
	rig_close(&rig);
	table_free(table);
}
END_TEST

START_TEST(unused_is_not_what_came_after_the_tunnels_end)
{
	/* a client says good-bye and is back at once, with a new SA of the same mark */
	struct sa_table *table = table_new();
	struct wall_sa sa = {.mark = BASE + 1, .renewed = 1, .spi_in = 0x1000, .spi_out = 0x2000};
	struct rig rig;

	rig_open(&rig);
	sa_put(table, &sa);
	sa_tunnel_ended(table, BASE + 1, 1000);
	/* the old ones go, which changes nothing: there is no newer one */
	sa.spi_in = sa.spi_out = 0;
	sa_put(table, &sa);
	ck_assert_int_eq(sa_deadline(table), 1000 + SA_REST_MS);
	/* the way in comes first */
	sa.spi_in = 0x1001;
	ck_assert_int_eq(sa_put(table, &sa), SA_SAME);
	ck_assert_int_eq(sa_deadline(table), MSTIME_NEVER);
	ck_assert_uint_eq(unused(table, rig.lns, 90000), 0);
	/* its own tunnel's end counts as ever, with the SA that is to go */
	sa_tunnel_ended(table, BASE + 1, 90000);
	ck_assert_uint_eq(sa_unused(table, rig.lns, 90000 + SA_REST_MS)->spi_in, 0x1001);
	rig_close(&rig);
	table_free(table);
}
END_TEST

START_TEST(unused_forgets_what_was_removed)
{
	struct sa_table *table = table_new();
	struct rig rig;

	rig_open(&rig);
	put(table, BASE + 1, 0);
	sa_tunnel_ended(table, BASE + 1, 1000);
	sa_remove(table, BASE + 1);
	ck_assert_int_eq(sa_deadline(table), MSTIME_NEVER);
	ck_assert_uint_eq(unused(table, rig.lns, 90000), 0);
	rig_close(&rig);
	table_free(table);
}
END_TEST

START_TEST(addr_survives_the_way_through_the_kernels_form)
{
	struct lns_addr in[] = {ip4("192.0.2.1", 1701), ip6("2001:db8::1", 500, 0),
				ip6("fe80::1", 1701, 3)};
	struct lns_addr out;
	struct sockaddr_storage sa;

	for (size_t i = 0; i < 3; i++) {
		memset(&sa, 0, sizeof(sa));
		addr_to_sockaddr(&sa, &in[i]);
		ck_assert(addr_from_sockaddr(&out, &sa));
		ck_assert_mem_eq(&out, &in[i], sizeof(out));
	}
	memset(&sa, 0, sizeof(sa));
	ck_assert(!addr_from_sockaddr(&out, &sa));
}
END_TEST

START_TEST(addr_scope_is_kept_for_link_local_only)
{
	struct lns_addr global = ip6("2001:db8::1", 500, 7), out;
	struct sockaddr_storage sa = {0};

	addr_to_sockaddr(&sa, &global);
	ck_assert(addr_from_sockaddr(&out, &sa));
	ck_assert_uint_eq(out.scope, 0);
}
END_TEST

START_TEST(addr_texts_are_what_people_write)
{
	struct lns_addr four = ip4("192.0.2.1", 1701), six = ip6("2001:db8::1", 1701, 0);
	struct lns_addr longest =
		ip6("fe80:1111:2222:3333:4444:5555:6666:7777", 65535, 4294967295u);
	char text[ADDR_TEXT_MAX];

	ck_assert_str_eq(addr_text(text, &four), "192.0.2.1:1701");
	ck_assert_str_eq(addr_text(text, &six), "[2001:db8::1]:1701");
	ck_assert_str_eq(addr_host_text(text, &six), "2001:db8::1");
	ck_assert_str_eq(addr_text(text, &longest),
			 "[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535");
	ck_assert_str_eq(addr_ip4_text(text, 0x0a63000a), "10.99.0.10");
	ck_assert_str_eq(addr_ip4_text(text, 0), "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sa");
	TCase *tc = tcase_create("sa");

	tcase_add_test(tc, table_knows_what_was_put_until_it_is_removed);
	tcase_add_test(tc, sa_to_an_address_is_found_whatever_its_port);
	tcase_add_test(tc, put_tells_a_renewal_from_a_change);
	tcase_add_test(tc, put_is_bounded_and_wants_a_mark);
	tcase_add_test(tc, admit_lets_in_whom_the_rules_name);
	tcase_add_test(tc, admit_tells_the_families_apart);
	tcase_add_test(tc, rules_are_those_of_the_configuration);
	tcase_add_test(tc, unused_is_told_once_after_the_rest);
	tcase_add_test(tc, unused_is_not_what_has_a_new_tunnel);
	tcase_add_test(tc, unused_waits_for_the_acknowledgement_of_our_stopccn);
	tcase_add_test(tc, unused_is_not_what_came_after_the_tunnels_end);
	tcase_add_test(tc, unused_forgets_what_was_removed);
	tcase_add_test(tc, addr_survives_the_way_through_the_kernels_form);
	tcase_add_test(tc, addr_scope_is_kept_for_link_local_only);
	tcase_add_test(tc, addr_texts_are_what_people_write);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
