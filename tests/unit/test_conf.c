/* src/conf: the parser and the rules over several keys. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "conf_fixture.h"

START_TEST(conf_of_no_file_is_all_defaults)
{
	struct conf *conf = conf_parse(NULL, 0, &errors);

	ck_assert_ptr_nonnull(conf);
	ck_assert_uint_eq(conf->server.listen_count, 2);
	ck_assert_uint_eq(conf->server.listen[0].family, 4);
	ck_assert_uint_eq(conf->server.listen[1].family, 6);
	ck_assert_uint_eq(conf->server.port, 1701);
	ck_assert_int_eq(conf->server.data_path, DATA_PATH_AUTO);
	ck_assert_str_eq(conf->server.host_name, "");
	ck_assert_int_eq(conf->server.hello, 60000);
	ck_assert_uint_eq(conf->server.max_tunnels, 60000);
	ck_assert_uint_eq(conf->server.max_half_open, 1000);
	ck_assert(!conf->server.avp_strict);
	ck_assert(conf->ipsec.manage && conf->ipsec.require && !conf->ipsec.ikev2);
	ck_assert_str_eq(conf->ipsec.psk_file, "/etc/lnsd/psk");
	ck_assert_str_eq(conf->ipsec.ike, "");
	ck_assert_uint_eq(conf->ipsec.mark_base, 0x20000000);
	ck_assert_uint_eq(conf->network.pool_count, 1);
	ck_assert_uint_eq(conf->network.pool[0].first, 0x0a63000a);
	ck_assert_uint_eq(conf->network.pool[0].last, 0x0a6300fa);
	ck_assert_uint_eq(conf->network.gateway, 0x0a630001);
	ck_assert_uint_eq(conf->network.dns_count, 0);
	ck_assert_uint_eq(conf->network.mtu, 1400);
	ck_assert(conf->network.nat && !conf->network.client_to_client);
	ck_assert_str_eq(conf->ppp.pppd, "/usr/sbin/pppd");
	ck_assert_int_eq(conf->ppp.lcp_echo, 30000);
	ck_assert_uint_eq(conf->auth.methods, METHOD_MSCHAPV2);
	ck_assert_uint_eq(conf->auth.max_sessions_per_user, 2);
	ck_assert_int_eq(conf->auth.idle_timeout, 0);
	ck_assert_uint_eq(conf->auth.ban_after, 5);
	ck_assert_int_eq(conf->auth.ban_time, 600000);
	ck_assert_int_eq(conf->log.level, LVL_INFO);
	conf_free(conf);
}
END_TEST

START_TEST(conf_empty_file_is_valid)
{
	conf_free(take_text(""));
	conf_free(take_text("\n\r\n   \n\t\n# a comment\n ; another"));
	conf_free(take_text("[server]"));
}
END_TEST

START_TEST(conf_values_are_taken)
{
	struct conf *conf = take_text("[server]\n"
				      "  listen = 192.0.2.1 ,2001:db8::1\n"
				      "port=1702 # comment\n"
				      "\thello = 90\n"
				      "host-name = vpn.example.net;no # comment\n"
				      "avp-strict = on\r\n"
				      "[network]\n"
				      "pool = 10.1.0.0/24, 10.2.0.5 - 10.2.0.9, 10.3.0.1\n"
				      "dns = 192.0.2.53, 192.0.2.54 ; comment\n"
				      "mtu = 1280\n"
				      "[auth]\n"
				      "methods = pap, mschapv2\n"
				      "idle-timeout = 30m\n"
				      "[server]\n"
				      "data-path = pty\n"
				      "[log]\n"
				      "level = debug\n");

	ck_assert_uint_eq(conf->server.listen_count, 2);
	ck_assert_mem_eq(conf->server.listen[0].ip, "\xc0\0\x02\x01", 4);
	ck_assert_uint_eq(conf->server.listen[1].ip[15], 1);
	ck_assert_uint_eq(conf->server.port, 1702);
	ck_assert_int_eq(conf->server.hello, 90000);
	ck_assert_str_eq(conf->server.host_name, "vpn.example.net;no");
	ck_assert(conf->server.avp_strict);
	ck_assert_int_eq(conf->server.data_path, DATA_PATH_PTY);
	ck_assert_uint_eq(conf->network.pool_count, 3);
	ck_assert_uint_eq(conf->network.pool[0].first, 0x0a010001);
	ck_assert_uint_eq(conf->network.pool[0].last, 0x0a0100fe);
	ck_assert_uint_eq(conf->network.pool[1].last, 0x0a020009);
	ck_assert_uint_eq(conf->network.pool[2].first, 0x0a030001);
	ck_assert_uint_eq(conf->network.gateway, 0x0a010001);
	ck_assert_uint_eq(conf->network.dns_count, 2);
	ck_assert_uint_eq(conf->network.dns[1], 0xc0000236);
	ck_assert_uint_eq(conf->auth.methods, METHOD_PAP | METHOD_MSCHAPV2);
	ck_assert_int_eq(conf->auth.idle_timeout, 1800000);
	ck_assert_int_eq(conf->log.level, LVL_DEBUG);
	conf_free(conf);
}
END_TEST

START_TEST(conf_takes_what_clients_are_told_inside)
{
	struct conf *conf = take_text("[network]\n"
				      "pool6 = fd00:1::/48\n"
				      "dns = fd00:1::53, 192.0.2.53\n"
				      "search-domain = corp.example.net\n"
				      "routes = 172.16.0.0/24, 2001:db8:7::/48, 192.0.2.7\n");

	ck_assert_uint_eq(conf->network.pool6.family, 6);
	ck_assert_uint_eq(conf->network.pool6.bits, 48);
	ck_assert_mem_eq(conf->network.pool6.ip, "\xfd\0\0\1\0\0\0\0", 8);
	ck_assert_uint_eq(conf->network.dns_count, 1);
	ck_assert_uint_eq(conf->network.dns[0], 0xc0000235);
	ck_assert_uint_eq(conf->network.dns6_count, 1);
	ck_assert_uint_eq(conf->network.dns6[0][15], 0x53);
	ck_assert_str_eq(conf->network.search_domain, "corp.example.net");
	ck_assert_uint_eq(conf->network.route_count, 3);
	ck_assert_uint_eq(conf->network.routes[0].bits, 24);
	ck_assert_uint_eq(conf->network.routes[1].family, 6);
	ck_assert_uint_eq(conf->network.routes[2].bits, 32);
	conf_free(conf);
}
END_TEST

START_TEST(conf_later_file_wins_key_by_key)
{
	struct conf_file files[] = {
		{"a", "[server]\nport = 1\nhello = 5s\n[network]\ndns = 192.0.2.1, fd00::1\n", 0},
		{"b", "[server]\nport = 2\n", 0},
		{"c", "[network]\ndns = none\n[server]\nport = 3\n", 0},
	};
	struct conf *conf;

	for (size_t i = 0; i < 3; i++)
		files[i].len = strlen(files[i].text);
	conf = conf_parse(files, 3, &errors);
	ck_assert_ptr_nonnull(conf);
	ck_assert_uint_eq(conf->server.port, 3);
	ck_assert_int_eq(conf->server.hello, 5000);
	ck_assert_uint_eq(conf->network.dns_count, 0);
	ck_assert_uint_eq(conf->network.dns6_count, 0);
	conf_free(conf);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *want;
} faults[] = {
	{"[sever]\nport = 1\n", 1, "[sever] unknown section (did you mean 'server'?)"},
	{"[xyz]", 1, "[xyz] unknown section"},
	{"[server]\n\nlissten = ::\n", 3,
	 "[server] unknown key 'lissten' (did you mean 'listen'?)"},
	{"[server]\nPORT = 1\n", 2, "[server] unknown key 'PORT' (did you mean 'port'?)"},
	{"[server]\nport = 1\nport = 2\n", 3,
	 "[server] port: given twice in this file (first in line 2)"},
	{"[server]\nport = 0", 2, "[server] port: 0 is out of range (1 to 65535)"},
	{"[server]\nport = 17o1", 2, "[server] port: '17o1' is not a number"},
	{"[server]\nport = -1", 2, "[server] port: '-1' is not a number"},
	{"[server]\nport =", 2, "[server] port: the value is missing"},
	{"[server]\nport = 99999999999999999999", 2,
	 "[server] port: '99999999999999999999' is not a number"},
	{"[server]\nport", 2, "[server] expected 'key = value', but there is no '='"},
	{"[server]\nport: 1 = 2", 2,
	 "[server] what stands before '=' is no key: letters, digits and dashes only"},
	{"[server]\n= 2", 2,
	 "[server] what stands before '=' is no key: letters, digits and dashes only"},
	{"port = 1\n", 1, "a key stands before the first [section]"},
	{"[server\nport = 1\n", 1, "']' is missing after the section's name"},
	{"[server] port = 1", 1, "there is text after the section's ']'"},
	{"[]", 1, "the section has no name"},
	{"[server x]", 1, "[server x] section 'server' takes no name"},
	{"[client a]\nserver = x", 2, "[client a] server: not yet supported"},
	{"\xef\xbb\xbf[server]", 1,
	 "the file begins with a byte order mark: save it as plain UTF-8"},
	{"[server]\nhost-name = a\xff", 2, "[server] the line is not UTF-8 text"},
	{"[server]\nhost-name = a\x1b[m", 2, "[server] the line has a control character"},
	{"[server]\nhost-name = a b", 2, "[server] host-name: the value has white space in it"},
	{"[server]\navp-strict = maybe", 2, "[server] avp-strict: 'maybe' is neither yes nor no"},
	{"[server]\nhello = 5 min", 2,
	 "[server] hello: '5 min' is not a time (such as 500ms, 30s, 10m or 1h)"},
	{"[server]\nhello = 0", 2, "[server] hello: 0 is out of range (1s to 1h)"},
	{"[server]\nhello = 2h", 2, "[server] hello: 2h is out of range (1s to 1h)"},
	{"[server]\nhello = 900000000000000h", 2,
	 "[server] hello: 900000000000000h is out of range (1s to 1h)"},
	{"[auth]\nidle-timeout = 1500ms", 2,
	 "[auth] idle-timeout: 1500ms is no whole number of seconds"},
	{"[server]\ndata-path = pyt", 2,
	 "[server] data-path: unknown value 'pyt' (did you mean 'pty'?)"},
	{"[server]\ntunnel-secret-file = x", 2,
	 "[server] tunnel-secret-file: 'x' is not an absolute path"},
	{"[server]\nretries = 0", 2, "[server] retries: 0 is out of range (1 to 20)"},
	{"[ipsec]\ncertificate = a\"b", 2,
	 "[ipsec] certificate: 'a\"b' is no nickname: letters, digits and ._@+- only, and no - in "
	 "front"},
	{"[ipsec]\ncertificate = my gateway", 2,
	 "[ipsec] certificate: 'my gateway' is no nickname: letters, digits and ._@+- only, and no "
	 "- in front"},
	{"[ipsec]\ncertificate = -n", 2,
	 "[ipsec] certificate: '-n' is no nickname: letters, digits and ._@+- only, and no - in "
	 "front"},
	{"[server]\nlisten = 192.0.2.1, ::1, 192.0.2.1", 2,
	 "[server] listen: 192.0.2.1 stands twice in the list"},
	{"[server]\nlisten = 224.0.0.1", 2, "[server] listen: 224.0.0.1 is no address of a host"},
	{"[server]\nlisten = ff02::1", 2, "[server] listen: ff02::1 is no address of a host"},
	{"[server]\nlisten = eth0", 2, "[server] listen: 'eth0' is not an IPv4 or IPv6 address"},
	{"[server]\nlisten = ::,", 2, "[server] listen: the list has an empty or overlong item"},
	{"[ipsec]\nmark-base = 0x100", 2,
	 "[ipsec] mark-base: 0x100 is not a multiple of 0x10000 from 0x10000 to 0xffff0000, such "
	 "as 0x20000000"},
	{"[ipsec]\nmark-base = 0", 2,
	 "[ipsec] mark-base: 0 is not a multiple of 0x10000 from 0x10000 to 0xffff0000, such as "
	 "0x20000000"},
	{"[ipsec]\nmark-base = 536870913", 2,
	 "[ipsec] mark-base: 536870913 is not a multiple of 0x10000 from 0x10000 to 0xffff0000, "
	 "such as 0x20000000"},
	{"[ipsec]\nmark-base = 4294967296", 2,
	 "[ipsec] mark-base: '4294967296' is not a 32-bit number"},
	{"[ipsec]\nmark-base = x", 2, "[ipsec] mark-base: 'x' is not a 32-bit number"},
	{"[ipsec]\nmark-base = 0x", 2, "[ipsec] mark-base: '0x' is not a 32-bit number"},
	{"[ipsec]\nmark-base = 0x123456789", 2,
	 "[ipsec] mark-base: '0x123456789' is not a 32-bit number"},
	{"[ipsec]\nmarks = mine", 2, "[ipsec] marks: unknown value 'mine' (did you mean 'ike'?)"},
	{"[ipsec]\npsk-file = psk", 2, "[ipsec] psk-file: 'psk' is not an absolute path"},
	{"[ipsec]\nike = aes256-sha2;dh14 aes128", 2,
	 "[ipsec] ike: 'aes256-sha2;dh14 aes128' is no proposal (such as aes256-sha2;dh14)"},
	{"[ipsec]\nesp = aes256-sha2,,aes", 2,
	 "[ipsec] esp: there is an empty or overlong proposal in the list"},
	{"[ipsec]\nesp = aes/256", 2,
	 "[ipsec] esp: 'aes/256' is no proposal (such as aes256-sha2)"},
	{"[network]\npool = 10.0.0.9-10.0.0.5", 2,
	 "[network] pool: the range 10.0.0.9-10.0.0.5 runs backwards"},
	{"[network]\npool = 10.0.0.5/24", 2,
	 "[network] pool: 10.0.0.5/24 has bits behind the prefix (did you mean '10.0.0.0/24'?)"},
	{"[network]\npool = 10.0.0.0/33", 2,
	 "[network] pool: '10.0.0.0/33' is not an IPv4 prefix of 8 to 32 bits"},
	{"[network]\npool = 10.0.0.1-x", 2,
	 "[network] pool: 'x' is not an IPv4 address, range (FIRST-LAST) or prefix"},
	{"[network]\npool = all", 2,
	 "[network] pool: 'all' is not an IPv4 address, range (FIRST-LAST) or prefix"},
	{"[network]\npool = 10.0.0.2-10.0.0.9, 10.0.1.1, 10.0.0.9", 2,
	 "[network] pool: items 1 and 3 overlap"},
	{"[network]\npool = 10.0.0.0/8, 11.0.0.0/24", 2,
	 "[network] pool: has more than 16777216 addresses"},
	{"[network]\npool = 10.0.0.1", 2,
	 "[network] pool: has no address besides the gateway's own"},
	{"[network]\npool = 127.0.0.2-127.0.0.9", 2,
	 "[network] pool: has addresses that no client can have (0/8, 127/8, 224/3)"},
	{"[network]\npool = 126.0.0.2-128.0.0.9", 2,
	 "[network] pool: has addresses that no client can have (0/8, 127/8, 224/3)"},
	{"[network]\ngateway = 0.0.0.0", 2, "[network] gateway: 0.0.0.0 is no address of a host"},
	{"[network]\ngateway = 192.168.1.1", 2,
	 "[network] gateway: 192.168.1.1 is in no network of network.pool "
	 "(10.99.0.10-10.99.0.250): take an address beside the clients', or auto"},
	{"[network]\npool = 10.1.0.0/23, 10.2.0.9\ngateway = 10.1.2.1", 3,
	 "[network] gateway: 10.1.2.1 is in no network of network.pool (10.1.0.1-10.1.1.254, "
	 "...): take an address beside the clients', or auto"},
	{"[network]\ngateway = none", 2, "[network] gateway: 'none' is not an IPv4 address"},
	{"[network]\ndns = 192.0.2.1, 192.0.2.2, 192.0.2.3", 2,
	 "[network] dns: 'dns' takes 2 IPv4 addresses at most"},
	{"[network]\nmtu = 575", 2, "[network] mtu: 575 is out of range (576 to 1500)"},
	{"[network]\npool6 = 2001:db8::/65", 2,
	 "[network] pool6: '2001:db8::/65' is not an IPv6 prefix of 16 to 64 bits"},
	{"[network]\npool6 = 10.0.0.0/16", 2,
	 "[network] pool6: '10.0.0.0/16' is not an IPv6 prefix of 16 to 64 bits"},
	{"[network]\npool6 = fe80::/48", 2,
	 "[network] pool6: fe80::/48 is neither in 2000::/3 nor in fc00::/7"},
	{"[network]\npool6 = 2001:db8:0:1::/48", 2,
	 "[network] pool6: 2001:db8:0:1::/48 has bits behind the prefix (did you mean "
	 "'2001:db8::/48'?)"},
	{"[network]\npool6 = fd00::/48\nmtu = 1279", 3,
	 "[network] mtu: IPv6 (network.pool6) needs an MTU of 1280 or more"},
	{"[network]\ndns = fd00::1, 192.0.2.1, fd00::2, fd00::3", 2,
	 "[network] dns: 'dns' takes 2 IPv6 addresses at most"},
	{"[network]\nsearch-domain = a..b", 2,
	 "[network] search-domain: 'a..b' is no name of a domain (such as example.net)"},
	{"[network]\nsearch-domain = -a.example", 2,
	 "[network] search-domain: '-a.example' is no name of a domain (such as example.net)"},
	{"[network]\nroutes = 172.16.0.1/24", 2,
	 "[network] routes: 172.16.0.1/24 has bits behind the prefix (did you mean "
	 "'172.16.0.0/24'?)"},
	{"[auth]\nmethods = mschap", 2,
	 "[auth] methods: unknown value 'mschap' (did you mean 'mschapv2'?)"},
	{"[auth]\nmethods = pap,", 2, "[auth] methods: the list has an empty or overlong item"},
	{"[metrics]\nlisten = 127.0.0.1", 2,
	 "[metrics] listen: '127.0.0.1' is not address:port or the absolute path of a socket (IPv6 "
	 "in brackets)"},
	{"[metrics]\nlisten = ::1:9170", 2,
	 "[metrics] listen: '::1:9170' is not address:port or the absolute path of a socket (IPv6 "
	 "in brackets)"},
	{"[metrics]\nlisten = 127.0.0.1:0", 2,
	 "[metrics] listen: '127.0.0.1:0' is not address:port or the absolute path of a socket "
	 "(IPv6 in brackets)"},
	{"[metrics]\nlisten = "
	 "/run/lnsd/"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaa",
	 2, "[metrics] listen: the path of a socket has 107 bytes at most"},
	{"[auth]\nban-after = 51", 2, "[auth] ban-after: 51 is out of range (0 to 50)"},
	{"[log]\nlevel = verbose", 2, "[log] level: unknown value 'verbose'"},
};

START_TEST(conf_fault_is_told_with_its_place)
{
	refuse_text(faults[_i].text, faults[_i].line, faults[_i].want);
}
END_TEST

START_TEST(conf_metrics_listen_is_an_address_or_a_path)
{
	struct conf *conf = take_text("[metrics]\nlisten = 127.0.0.1:9170\n");
	const struct conf_socket *place = &conf->metrics.listen;

	ck_assert_uint_eq(place->addr.family, 4);
	ck_assert_uint_eq(place->addr.port, 9170);
	ck_assert_mem_eq(place->addr.ip, "\x7f\0\0\1", 4);
	ck_assert_str_eq(place->path, "");
	conf_free(conf);
	conf = take_text("[metrics]\nlisten = [::]:9170\n");
	ck_assert_uint_eq(conf->metrics.listen.addr.family, 6);
	conf_free(conf);
	conf = take_text("[metrics]\nlisten = /run/lnsd/metrics\n");
	ck_assert_uint_eq(conf->metrics.listen.addr.family, 0);
	ck_assert_str_eq(conf->metrics.listen.path, "/run/lnsd/metrics");
	conf_free(conf);
	conf = take_text("[metrics]\nlisten = none\n");
	ck_assert(!conf->metrics.listen.addr.family && !conf->metrics.listen.path[0]);
	conf_free(conf);
}
END_TEST

START_TEST(conf_all_faults_are_told)
{
	ck_assert_ptr_null(parse_text("[server]\nport = x\n[nope]\nfoo = bar\n[network]\nmtu = 9\n"
				      "[log]\nlevle = info\nlevel = nope\n"));
	ck_assert_uint_eq(errors.count, 5);
	ck_assert_int_eq(errors.list[0].line, 2);
	ck_assert_int_eq(errors.list[1].line, 3);
	ck_assert_int_eq(errors.list[2].line, 6);
	ck_assert_int_eq(errors.list[3].line, 8);
	ck_assert_int_eq(errors.list[4].line, 9);
}
END_TEST

START_TEST(conf_errors_beyond_100_are_counted_only)
{
	char text[4096] = "[server]\n";

	for (int i = 0; i < 150; i++)
		strcat(text, "x = 1\n");
	ck_assert_ptr_null(parse_text(text));
	ck_assert_uint_eq(errors.count, 150);
	ck_assert_uint_eq(errors.kept, 100);
}
END_TEST

START_TEST(conf_marks_are_taken_in_both_notations)
{
	struct conf *conf = take_text("[ipsec]\nmark-base = 536870912\nmarks = own\n");

	ck_assert_uint_eq(conf->ipsec.mark_base, 0x20000000);
	conf_free(conf);
	conf = take_text("[ipsec]\nmark-base = 0xFFFF0000\nmarks = ike\nikev2 = yes\n");
	ck_assert_uint_eq(conf->ipsec.mark_base, 0xffff0000);
	ck_assert_int_eq(conf->ipsec.marks, MARKS_IKE);
	ck_assert(conf->ipsec.ikev2);
	conf_free(conf);
	conf = take_text("[ipsec]\nmark-base = 0x10000\n");
	ck_assert_uint_eq(conf->ipsec.mark_base, 0x10000);
	conf_free(conf);
}
END_TEST

START_TEST(conf_radius_servers_are_addresses_with_two_ports)
{
	struct conf *conf =
		take_text("[auth]\nradius = 10.0.0.5, 10.0.0.6:1645:1646, [fd00::5]:2000\n"
			  "radius-secret-file = /etc/lnsd/radius\n"
			  "coa-listen = [::1]\norder = radius\n");

	ck_assert_uint_eq(conf->auth.radius_count, 3);
	ck_assert_uint_eq(conf->auth.radius[0].addr.port, 1812);
	ck_assert_uint_eq(conf->auth.radius[0].acct_port, 1813);
	ck_assert_uint_eq(conf->auth.radius[1].addr.port, 1645);
	ck_assert_uint_eq(conf->auth.radius[1].acct_port, 1646);
	ck_assert_uint_eq(conf->auth.radius[2].addr.family, 6);
	ck_assert_uint_eq(conf->auth.radius[2].acct_port, 2001);
	ck_assert_uint_eq(conf->auth.coa_listen.family, 6);
	ck_assert_uint_eq(conf->auth.coa_listen.port, 3799);
	ck_assert_int_eq(conf->auth.order, ORDER_RADIUS);
	conf_free(conf);
}
END_TEST

START_TEST(conf_radius_that_cannot_work_is_refused)
{
	static const char file[] = "[auth]\nradius-secret-file = /x\nradius = ";
	static const struct {
		const char *value, *why;
	} servers[] = {
		{"radius.example", "'radius.example' is not"},
		{"10.0.0.5:0", "'10.0.0.5:0' is not"},
		{"10.0.0.5:1:2:3", "'10.0.0.5:1:2:3' is not"},
		{"[10.0.0.5]", "'[10.0.0.5]' is not"},
		{"fd00::5", "'fd00::5' is not"},
	};
	char text[128], want[160];

	refuse_text("[auth]\nradius = 10.0.0.5\n", 2,
		    "[auth] radius: needs radius-secret-file, the secret that the servers know us "
		    "by");
	refuse_text("[auth]\ncoa-listen = 10.0.0.1\n", 2,
		    "[auth] coa-listen: needs radius, the servers that may ask there");
	refuse_text("[auth]\norder = radius\n", 2,
		    "[auth] order: is radius, and there is no server in radius");
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		sprintf(text, "%s%s\n", file, servers[i].value);
		sprintf(want,
			"[auth] radius: %s address[:port[:accounting port]] (IPv6 in brackets)",
			servers[i].why);
		refuse_text(text, 3, want);
	}
	sprintf(text, "%s10.0.0.5,,10.0.0.6\n", file);
	refuse_text(text, 3, "[auth] radius: has an empty or overlong item, or more than 8");
}
END_TEST

START_TEST(conf_unbuilt_keys_are_taken_at_default_or_off)
{
	conf_free(take_text("[network]\nnat = no\n"));
	conf_free(take_text("[network]\nnat = true\nclient-to-client = off\npool6 = none\n"));
	conf_free(take_text("[auth]\nban-after = 0\nban-time = 0\nradius = none\n"));
	conf_free(take_text("[auth]\nban-after = 5\nban-time = 600s\ncoa-listen = none\n"));
	conf_free(take_text("[metrics]\nlisten = none\n[peer a]\n[client b]\n"));
}
END_TEST

static void
check_gateway(const char *pool, uint32_t want)
{
	char text[200];
	struct conf *conf;

	sprintf(text, "[network]\npool = %s\n", pool);
	conf = take_text(text);
	ck_assert_uint_eq(conf->network.gateway, want);
	conf_free(conf);
}

START_TEST(conf_gateway_is_first_of_the_pools_network)
{
	check_gateway("10.99.0.10-10.99.0.250", 0x0a630001);
	check_gateway("10.99.7.200-10.99.9.9", 0x0a630701);
	check_gateway("10.99.0.0/22", 0x0a630001);
	check_gateway("10.99.0.128/25", 0x0a630081);
	check_gateway("10.99.0.4/31, 10.1.0.0/24", 0x0a630004);
	check_gateway("10.99.0.4/32", 0x0a630001);
	check_gateway("10.99.0.4", 0x0a630001);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("conf");
	TCase *tc = tcase_create("conf");

	tcase_add_checked_fixture(tc, errors_begin, errors_end);
	tcase_add_test(tc, conf_of_no_file_is_all_defaults);
	tcase_add_test(tc, conf_empty_file_is_valid);
	tcase_add_test(tc, conf_values_are_taken);
	tcase_add_test(tc, conf_takes_what_clients_are_told_inside);
	tcase_add_test(tc, conf_later_file_wins_key_by_key);
	tcase_add_loop_test(tc, conf_fault_is_told_with_its_place, 0,
			    (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_test(tc, conf_all_faults_are_told);
	tcase_add_test(tc, conf_metrics_listen_is_an_address_or_a_path);
	tcase_add_test(tc, conf_errors_beyond_100_are_counted_only);
	tcase_add_test(tc, conf_marks_are_taken_in_both_notations);
	tcase_add_test(tc, conf_radius_servers_are_addresses_with_two_ports);
	tcase_add_test(tc, conf_radius_that_cannot_work_is_refused);
	tcase_add_test(tc, conf_unbuilt_keys_are_taken_at_default_or_off);
	tcase_add_test(tc, conf_gateway_is_first_of_the_pools_network);
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
