/* Which section of the configuration holds for whom, and for how long. */
#include <check.h>
#include <stdlib.h>

#include "lns_fixture.h"

#include "l2tp/peer.h"
#include "l2tp/tunnel.h"

static struct lns_addr
v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct lns_addr){.ip = {a, b, c, d}, .port = 1701, .family = 4};
}

static struct lns_peer
section(const char *name, const char *host_name)
{
	struct lns_peer peer = {0};

	strcpy(peer.name, name);
	strcpy(peer.host_name, host_name);
	return peer;
}

static struct lns_peer
in_net(struct lns_peer peer, uint8_t a, uint8_t b, uint16_t bits)
{
	peer.prefix[peer.prefixes++] = (struct lns_prefix){.ip = {a, b}, .family = 4, .bits = bits};
	return peer;
}

START_TEST(glob_matches_as_a_shell_does)
{
	static const struct {
		const char *glob, *name;
		bool matches;
	} rows[] = {
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
		{"*", "", true},
		{"*", "anything", true},
		{"lac1", "lac1", true},
		{"LAC1", "lac1", true},
		{"lac1", "LAC1", true},
		{"lac1", "lac12", false},
		{"lac12", "lac1", false},
		{"lac?", "lac1", true},
		{"lac?", "lac", false},
		{"lac*", "lac", true},
		{"lac*", "lac.example.net", true},
		{"*.example.net", "lac.example.net", true},
		{"*.example.net", "lac.example.net.evil", false},
		{"*.example.net", ".example.net.example.net", true},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"**a**", "xxaxx", true},
		{"*a?", "aab", true},
		{"a\\*", "ab", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct l2tp_bytes name = {(const uint8_t *)rows[i].name, strlen(rows[i].name)};

		ck_assert_msg(peer_glob(rows[i].glob, name) == rows[i].matches, "%s and %s",
			      rows[i].glob, rows[i].name);
	}
}
END_TEST

START_TEST(glob_of_many_stars_ends_soon)
{
	/* AVP-19: the longest name that can come, and a pattern that invites trying all ways */
	static uint8_t name[1017];
	char glob[256];

	memset(name, 'a', sizeof(name));
	for (size_t i = 0; i + 1 < sizeof(glob); i++)
		glob[i] = i % 2 ? 'a' : '*';
	glob[sizeof(glob) - 2] = 'b';
	glob[sizeof(glob) - 1] = 0;
	ck_assert(!peer_glob(glob, (struct l2tp_bytes){name, sizeof(name)}));
}
END_TEST

START_TEST(prefix_has_what_its_bits_say)
{
	struct lns_prefix net = {.ip = {10, 1, 0x80}, .family = 4, .bits = 17};
	struct lns_addr addr = v4(10, 1, 0xff, 1);

	ck_assert(peer_prefix_has(&net, &addr));
	addr.ip[2] = 0x7f;
	ck_assert(!peer_prefix_has(&net, &addr));
	net.bits = 16;
	ck_assert(peer_prefix_has(&net, &addr));
	addr.ip[1] = 2;
	ck_assert(!peer_prefix_has(&net, &addr));
	net.bits = 0;
	ck_assert(peer_prefix_has(&net, &addr));
	addr.family = 6;
	ck_assert(!peer_prefix_has(&net, &addr));
	net = (struct lns_prefix){.ip = {[15] = 1}, .family = 6, .bits = 128};
	memset(addr.ip, 0, sizeof(addr.ip));
	ck_assert(!peer_prefix_has(&net, &addr));
	addr.ip[15] = 1;
	ck_assert(peer_prefix_has(&net, &addr));
	net.bits = 129; /* what no prefix has */
	ck_assert(!peer_prefix_has(&net, &addr));
}
END_TEST

static const char *
chosen(const struct peer_list *list, struct lns_addr addr, struct l2tp_bytes name)
{
	return peer_choose(list, &addr, name)->conf.name;
}

START_TEST(first_section_that_matches_is_chosen)
{
	/* CC-09: by address, by name, by both; else the others */
	struct lns_peer sections[] = {
		in_net(in_net(section("both", "lac*"), 10, 0, 8), 172, 16, 12),
		in_net(section("net", ""), 10, 0, 8),
		section("name", "LAC*"),
	};
	struct lns_conf conf = {.peers = sections, .peer_count = 3};
	struct peer_list list = {0};

	ck_assert(peer_list_load(&list, &conf));
	ck_assert_str_eq(chosen(&list, v4(10, 1, 1, 1), BYTES("lac1")), "both");
	ck_assert_str_eq(chosen(&list, v4(172, 31, 1, 1), BYTES("lac1")), "both");
	ck_assert_str_eq(chosen(&list, v4(10, 1, 1, 1), BYTES("bras")), "net");
	ck_assert_str_eq(chosen(&list, v4(11, 1, 1, 1), BYTES("lac1")), "name");
	ck_assert_str_eq(chosen(&list, v4(11, 1, 1, 1), BYTES("lac1\0")), "name");
	ck_assert_str_eq(chosen(&list, v4(11, 1, 1, 1), BYTES("bras")), "");
	ck_assert_str_eq(chosen(&list, v4(11, 1, 1, 1), (struct l2tp_bytes){0}), "");
	ck_assert_ptr_eq(peer_named(&list, "name"), list.all[2]);
	ck_assert_ptr_eq(peer_named(&list, ""), list.all[3]);
	ck_assert_ptr_null(peer_named(&list, "nobody"));
	peer_list_fini(&list);
}
END_TEST

START_TEST(new_sections_leave_the_old_ones_to_who_has_them)
{
	/* and the count of a section's sessions goes on under its name */
	struct lns_peer sections[] = {section("a", "x"), section("b", "y")};
	struct lns_conf conf = {.peers = sections, .peer_count = 2};
	struct peer_list list = {0};
	struct peer *held;

	ck_assert(peer_list_load(&list, &conf));
	held = peer_ref(peer_named(&list, "a"));
	held->use->sessions = 5;
	sections[0].max_sessions = 7;
	strcpy(sections[1].name, "c");
	ck_assert(peer_list_load(&list, &conf));
	ck_assert_ptr_ne(peer_named(&list, "a"), held);
	ck_assert_uint_eq(held->conf.max_sessions, 0);
	ck_assert_uint_eq(peer_named(&list, "a")->conf.max_sessions, 7);
	ck_assert_uint_eq(peer_named(&list, "a")->use->sessions, 5);
	ck_assert_uint_eq(peer_named(&list, "c")->use->sessions, 0);
	ck_assert_ptr_null(peer_named(&list, "b"));
	peer_list_fini(&list);
	ck_assert_str_eq(held->conf.name, "a");
	peer_unref(held);
	peer_unref(NULL);
}
END_TEST

START_TEST(tunnel_keeps_the_peer_that_it_was_made_with)
{
	struct lns_peer sections[] = {section("west", "lac"), section("east", "lae")};
	struct rig rig;
	struct lac lac, later;
	const struct peer *peer;

	rig_open(&rig);
	rig.conf.peers = sections;
	rig.conf.peer_count = 2;
	rig_start(&rig);
	lac_init(&lac, &rig, 1);
	lac_connect(&lac);
	lac_call(&lac, 7);
	lac_call(&lac, 8);
	peer = endpoint_tunnel(rig.lns, lac.lns_tid)->peer;
	ck_assert_str_eq(peer->conf.name, "west");
	ck_assert_uint_eq(peer->use->sessions, 2);
	/* what the caller does with its own copy is nothing to the core */
	strcpy(sections[0].host_name, "nobody");
	lac_init(&later, &rig, 2);
	lac_connect(&later);
	ck_assert_ptr_eq(endpoint_tunnel(rig.lns, later.lns_tid)->peer, peer);
	lns_reconf(rig.lns, &rig.conf);
	ck_assert_ptr_eq(endpoint_tunnel(rig.lns, lac.lns_tid)->peer, peer);
	lac_init(&later, &rig, 3);
	lac_connect(&later);
	ck_assert_str_eq(endpoint_tunnel(rig.lns, later.lns_tid)->peer->conf.name, "");
	/* no sections at all */
	rig.conf.peers = NULL;
	rig.conf.peer_count = 0;
	lns_reconf(rig.lns, &rig.conf);
	ck_assert_str_eq(peer->conf.name, "west");
	lac_send_type(&lac, MSG_STOPCCN, 0);
	ck_assert_uint_eq(peer->use->sessions, 0);
	rig_close(&rig);
}
END_TEST

START_TEST(half_open_tunnels_stand_in_the_order_of_their_coming)
{
	struct rig rig;
	struct lac lac[4];
	struct tunnel *t;

	rig_open(&rig);
	for (uint8_t i = 0; i < 4; i++) {
		struct l2tp_msg msg;

		lac_init(&lac[i], &rig, i);
		msg = lac_sccrq(&lac[i]);
		lac_send(&lac[i], &msg, 0);
		lac[i].lns_tid = lac_expect(&lac[i], MSG_SCCRP)->assigned_tunnel;
	}
	lac_send_type(&lac[1], MSG_SCCCN, 0); /* from the middle, then the last, then the first */
	ck_assert_uint_eq(rig_count(&rig).half_open, 3);
	t = rig.lns->half_open;
	ck_assert_uint_eq(t->tid, lac[0].lns_tid);
	ck_assert_uint_eq(t->next_half_open->tid, lac[2].lns_tid);
	ck_assert_uint_eq(t->next_half_open->next_half_open->tid, lac[3].lns_tid);
	ck_assert_ptr_null(t->next_half_open->next_half_open->next_half_open);
	ck_assert_uint_eq(rig.lns->half_open_last->prev_half_open->tid, lac[2].lns_tid);
	lac_send_type(&lac[3], MSG_SCCCN, 0);
	lac_send_type(&lac[0], MSG_SCCCN, 0);
	ck_assert_uint_eq(rig.lns->half_open->tid, lac[2].lns_tid);
	ck_assert_ptr_eq(rig.lns->half_open, rig.lns->half_open_last);
	rig_drain(&rig);
	rig_run(&rig, rig.now + 31000); /* the last one dies */
	ck_assert_ptr_null(rig.lns->half_open);
	ck_assert_ptr_null(rig.lns->half_open_last);
	ck_assert_uint_eq(rig_count(&rig).half_open, 0);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("peer");
	TCase *t = tcase_create("peer");
	SRunner *sr;
	int failed;

	tcase_add_test(t, glob_matches_as_a_shell_does);
	tcase_add_test(t, glob_of_many_stars_ends_soon);
	tcase_add_test(t, prefix_has_what_its_bits_say);
	tcase_add_test(t, first_section_that_matches_is_chosen);
	tcase_add_test(t, new_sections_leave_the_old_ones_to_who_has_them);
	tcase_add_test(t, tunnel_keeps_the_peer_that_it_was_made_with);
	tcase_add_test(t, half_open_tunnels_stand_in_the_order_of_their_coming);
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
