/* src/conf: sections with a name, [peer NAME]. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"

START_TEST(peer_section_without_keys_is_all_defaults)
{
	struct conf *conf = take_text("[peer lac1]\n");
	const struct conf_peer *peer = conf_peer(conf, "lac1");

	ck_assert_uint_eq(conf->peer_count, 1);
	ck_assert_ptr_eq(peer, &conf->peers[0]);
	ck_assert_str_eq(peer->name, "lac1");
	ck_assert_uint_eq(peer->address_count, 0);
	ck_assert_str_eq(peer->host_name, "");
	ck_assert_uint_eq(peer->port, 1701);
	ck_assert_str_eq(peer->secret.file, "");
	ck_assert_uint_eq(peer->secret.len, 0);
	ck_assert(!peer->hide_avps && peer->dscp);
	ck_assert_int_eq(peer->sequencing, LNS_SEQ_OFF);
	ck_assert_int_eq(peer->proxy_auth, PROXY_IGNORE);
	ck_assert_uint_eq(peer->max_sessions, 0);
	ck_assert_ptr_null(conf_peer(conf, "lac2"));
	conf_free(conf);
}
END_TEST

START_TEST(peer_keys_are_taken)
{
	struct conf *conf = take_text("[peer lac1]\n"
				      "address = 192.0.2.0/24, 198.51.100.7,2001:db8::/33\n"
				      "host-name = LAC-*.example.net\n"
				      "port = 1702\n"
				      "secret-file = /etc/lnsd/lac1.secret\n"
				      "hide-avps = yes\n"
				      "sequencing = reorder\n"
				      "proxy-auth = accept\n"
				      "dscp = no\n"
				      "max-sessions = 500\n");
	const struct conf_peer *peer = &conf->peers[0];

	ck_assert_uint_eq(peer->address_count, 3);
	ck_assert_uint_eq(peer->address[0].family, 4);
	ck_assert_uint_eq(peer->address[0].bits, 24);
	ck_assert_mem_eq(peer->address[0].ip, "\xc0\0\x02\0", 4);
	ck_assert_uint_eq(peer->address[1].bits, 32);
	ck_assert_uint_eq(peer->address[2].family, 6);
	ck_assert_uint_eq(peer->address[2].bits, 33);
	ck_assert_str_eq(peer->host_name, "LAC-*.example.net");
	ck_assert_uint_eq(peer->port, 1702);
	ck_assert_str_eq(peer->secret.file, "/etc/lnsd/lac1.secret");
	ck_assert(peer->hide_avps && !peer->dscp);
	ck_assert_int_eq(peer->sequencing, LNS_SEQ_REORDER);
	ck_assert_int_eq(peer->proxy_auth, PROXY_ACCEPT);
	ck_assert_uint_eq(peer->max_sessions, 500);
	conf_free(conf);
}
END_TEST

START_TEST(peers_keep_the_order_of_the_file)
{
	struct conf *conf = take_text("[peer b]\nmax-sessions = 1\n[server]\nport = 1702\n"
				      "[peer\ta]\nmax-sessions = 2\n[peer  c]\nmax-sessions = 3\n");

	ck_assert_uint_eq(conf->peer_count, 3);
	ck_assert_str_eq(conf->peers[0].name, "b");
	ck_assert_str_eq(conf->peers[1].name, "a");
	ck_assert_str_eq(conf->peers[2].name, "c");
	ck_assert_uint_eq(conf->peers[1].max_sessions, 2);
	ck_assert_uint_eq(conf->server.port, 1702);
	conf_free(conf);
}
END_TEST

START_TEST(peer_in_a_later_file_is_changed_key_by_key)
{
	struct conf_file files[] = {
		{"a", "[peer x]\nport = 1\nmax-sessions = 7\n[peer y]\n", 0},
		{"b", "[peer z]\n[peer x]\nport = 2\n", 0},
	};
	struct conf *conf;

	for (size_t i = 0; i < 2; i++)
		files[i].len = strlen(files[i].text);
	conf = conf_parse(files, 2, &errors);
	ck_assert_ptr_nonnull(conf);
	ck_assert_uint_eq(conf->peer_count, 3);
	ck_assert_str_eq(conf->peers[0].name, "x");
	ck_assert_uint_eq(conf->peers[0].port, 2);
	ck_assert_uint_eq(conf->peers[0].max_sessions, 7);
	ck_assert_str_eq(conf->peers[2].name, "z");
	conf_free(conf);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *want;
} faults[] = {
	{"[peer]\n", 1, "[peer] the section needs a name: [peer NAME]"},
	{"[peer ]\n", 1, "[peer] the section needs a name: [peer NAME]"},
	{"[peer a b]\n", 1, "[peer a b] the name has white space in it"},
	{"[peer a234567890123456789012345678901234567890123456789012345678901234]\nx = 1", 1,
	 "[peer a234567890123456789012345678901234567890123456789012345678901234] the name is "
	 "longer than 63 bytes"},
	{"[peer a]\nport = 1\n[peer b]\n\n[peer a]\nport = 2\n", 5,
	 "[peer a] the section stands in this file twice (first in line 1)"},
	{"[peer a]\nport = 1\n[peer b]\nport = 1\nport = 2\n", 5,
	 "[peer b] port: given twice in this file (first in line 4)"},
	{"[peer a]\naddres = 1", 2, "[peer a] unknown key 'addres' (did you mean 'address'?)"},
	{"[per a]\n", 1, "[per a] unknown section (did you mean 'peer'?)"},
	{"[peer a]\naddress =", 2, "[peer a] address: the value is missing"},
	{"[peer a]\naddress = lac.example.net", 2,
	 "[peer a] address: 'lac.example.net' is not an IPv4 or IPv6 address or prefix"},
	{"[peer a]\naddress = 192.0.2.0/33", 2,
	 "[peer a] address: '192.0.2.0/33' is not an IPv4 or IPv6 address or prefix"},
	{"[peer a]\naddress = 192.0.2.0/", 2,
	 "[peer a] address: '192.0.2.0/' is not an IPv4 or IPv6 address or prefix"},
	{"[peer a]\naddress = /24", 2,
	 "[peer a] address: '/24' is not an IPv4 or IPv6 address or prefix"},
	{"[peer a]\naddress = 2001:db8::/129", 2,
	 "[peer a] address: '2001:db8::/129' is not an IPv4 or IPv6 address or prefix"},
	{"[peer a]\naddress = 192.0.2.1/24", 2,
	 "[peer a] address: 192.0.2.1/24 has bits behind the prefix (did you mean "
	 "'192.0.2.0/24'?)"},
	{"[peer a]\naddress = 2001:db8::1/31", 2,
	 "[peer a] address: 2001:db8::1/31 has bits behind the prefix (did you mean "
	 "'2001:db8::/31'?)"},
	{"[peer a]\naddress = ::1,,::2", 2,
	 "[peer a] address: the list has an empty or overlong item"},
	{"[peer a]\naddress = ::1,::2,::3,::4,::5,::6,::7,::8,::9,::a,::b,::c,::d,::e,::f,::10,"
	 "::11",
	 2, "[peer a] address: 'address' takes 16 items at most"},
	{"[peer a]\nhost-name = a b", 2, "[peer a] host-name: the value has white space in it"},
	{"[peer a]\nport = 0", 2, "[peer a] port: 0 is out of range (1 to 65535)"},
	{"[peer a]\nsecret-file = secret", 2,
	 "[peer a] secret-file: 'secret' is not an absolute path"},
	{"[peer a]\nsequencing = yes", 2, "[peer a] sequencing: unknown value 'yes'"},
	{"[peer a]\nproxy-auth = acept", 2,
	 "[peer a] proxy-auth: unknown value 'acept' (did you mean 'accept'?)"},
	{"[peer a]\nmax-sessions = many", 2, "[peer a] max-sessions: 'many' is not a number"},
	{"\n[peer a]\nhide-avps = yes\n", 2,
	 "[peer a] hide-avps: needs a secret-file, whose secret hides them"},
};

START_TEST(peer_fault_is_told_with_its_line)
{
	refuse_text(faults[_i].text, faults[_i].line, faults[_i].want);
}
END_TEST

START_TEST(peer_faults_are_all_told)
{
	ck_assert_ptr_null(parse_text("[peer a]\naddress = x\nport = y\n[peer a]\n[peer]\n"
				      "[peer b]\nsequencing = z\n"));
	ck_assert_uint_eq(errors.count, 5);
	ck_assert_int_eq(errors.list[4].line, 7);
}
END_TEST

/* A thousand and twenty-four may be; one more is one error, with its line. */
START_TEST(peers_are_bounded)
{
	char *text = malloc(32 * (CONF_PEERS_MAX + 1)), *end = text;
	struct conf *conf;

	for (int i = 0; i < CONF_PEERS_MAX; i++)
		end += sprintf(end, "[peer lac%d]\n", i);
	conf = take_text(text);
	ck_assert_uint_eq(conf->peer_count, CONF_PEERS_MAX);
	ck_assert_str_eq(conf->peers[1023].name, "lac1023");
	conf_free(conf);
	sprintf(end, "[peer one-more]\n");
	refuse_text(text, CONF_PEERS_MAX + 1, "[peer one-more] there are more than 1024 peers");
	free(text);
}
END_TEST

START_TEST(secret_owners_are_the_others_and_each_peer)
{
	struct conf *conf = take_text("[server]\ntunnel-secret-file = /x\n[peer a]\n[peer b]\n"
				      "secret-file = /y\n");

	ck_assert_str_eq(conf_secret_owner(conf, 0)->secret.file, "/x");
	ck_assert_str_eq(conf_secret_owner(conf, 0)->name, "");
	ck_assert_str_eq(conf_secret_owner(conf, 1)->secret.file, "");
	ck_assert_str_eq(conf_secret_owner(conf, 2)->secret.file, "/y");
	ck_assert_ptr_null(conf_secret_owner(conf, 3));
	conf_free(conf);
}
END_TEST

START_TEST(diff_of_a_changed_peer_names_its_keys)
{
	struct conf *from = take_text("[peer a]\naddress = 192.0.2.0/24, ::1\nport = 1701\n");
	struct conf *to = take_text("[peer a]\naddress = 192.0.2.7\nsequencing = on\n"
				    "host-name = any\nsecret-file = /x\nhide-avps = on\n");
	char log[1024] = "";

	conf_diff(from, from, note_change, log);
	ck_assert_str_eq(log, "");
	conf_diff(from, to, note_change, log);
	ck_assert_str_eq(log, "peer a.address 1 '192.0.2.0/24, ::1' '192.0.2.7'\n"
			      "peer a.secret-file 1 '' '/x'\n"
			      "peer a.hide-avps 1 'no' 'yes'\n"
			      "peer a.sequencing 1 'off' 'on'\n");
	conf_free(from);
	conf_free(to);
}
END_TEST

START_TEST(diff_of_added_and_removed_peers_names_the_sections)
{
	struct conf *from = take_text("[peer a]\nport = 5\n[peer b]\n");
	struct conf *to = take_text("[peer b]\n[peer c]\nmax-sessions = 9\n");
	char log[1024] = "";

	conf_diff(from, to, note_change, log);
	ck_assert_str_eq(log, "peer.sections 1 'a, b' 'b, c'\n"
			      "peer a.port 0 '5' '1701'\n"
			      "peer c.max-sessions 1 '0' '9'\n");
	conf_free(from);
	conf_free(to);
}
END_TEST

/* The first that matches is taken: the order counts. */
START_TEST(diff_of_peers_in_another_order_is_told)
{
	struct conf *from = take_text("[peer a]\n[peer b]\n");
	struct conf *to = take_text("[peer b]\n[peer a]\n");
	char log[1024] = "";

	conf_diff(from, to, note_change, log);
	ck_assert_str_eq(log, "peer.sections 1 'a, b' 'b, a'\n");
	conf_free(from);
	conf_free(to);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("conf_peer");
	TCase *tc = tcase_create("conf_peer");

	tcase_add_checked_fixture(tc, errors_begin, errors_end);
	tcase_add_test(tc, peer_section_without_keys_is_all_defaults);
	tcase_add_test(tc, peer_keys_are_taken);
	tcase_add_test(tc, peers_keep_the_order_of_the_file);
	tcase_add_test(tc, peer_in_a_later_file_is_changed_key_by_key);
	tcase_add_loop_test(tc, peer_fault_is_told_with_its_line, 0,
			    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, peer_faults_are_all_told);
	tcase_add_test(tc, peers_are_bounded);
	tcase_add_test(tc, secret_owners_are_the_others_and_each_peer);
	tcase_add_test(tc, diff_of_a_changed_peer_names_its_keys);
	tcase_add_test(tc, diff_of_added_and_removed_peers_names_the_sections);
	tcase_add_test(tc, diff_of_peers_in_another_order_is_told);
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
