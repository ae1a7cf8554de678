/* src/conf: the parser, the option table, the rules over several keys. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "suggest.h"

static struct conf_errors errors;

static void
setup(void)
{
	memset(&errors, 0, sizeof(errors));
}

static void
teardown(void)
{
	conf_errors_fini(&errors);
}

static struct conf *
parse(const char *text)
{
	struct conf_file file = {"t.conf", text, strlen(text)};

	conf_errors_fini(&errors);
	return conf_parse(&file, 1, &errors);
}

static struct conf *
accept(const char *text)
{
	struct conf *conf = parse(text);

	ck_assert_msg(conf != NULL, "refused: %s", errors.kept ? errors.list[0].text : "?");
	ck_assert_uint_eq(errors.count, 0);
	return conf;
}

/* Refused with exactly one error, at this line and with this text. */
static void
refuse(const char *text, int line, const char *want)
{
	struct conf *conf = parse(text);

	ck_assert_ptr_null(conf);
	ck_assert_msg(errors.count == 1, "%zu errors, the second: %s", errors.count,
		      errors.kept > 1 ? errors.list[1].text : "");
	ck_assert_str_eq(errors.list[0].file, "t.conf");
	ck_assert_str_eq(errors.list[0].text, want);
	ck_assert_int_eq(errors.list[0].line, line);
}

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
	conf_free(accept(""));
	conf_free(accept("\n\r\n   \n\t\n# a comment\n ; another"));
	conf_free(accept("[server]"));
}
END_TEST

START_TEST(conf_values_are_taken)
{
	struct conf *conf = accept("[server]\n"
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

START_TEST(conf_later_file_wins_key_by_key)
{
	struct conf_file files[] = {
		{"a", "[server]\nport = 1\nhello = 5s\n[network]\ndns = 192.0.2.1\n", 0},
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
	{"[peer]", 1, "[peer] the section needs a name: [peer NAME]"},
	{"[peer a]\naddress = 192.0.2.1", 2, "[peer a] address: not yet supported"},
	{"[peer a]\naddres = 1", 2, "[peer a] unknown key 'addres' (did you mean 'address'?)"},
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
	{"[server]\ndata-path = kernel", 2, "[server] data-path: 'kernel' is not yet supported"},
	{"[server]\ndata-path = pyt", 2,
	 "[server] data-path: unknown value 'pyt' (did you mean 'pty'?)"},
	{"[server]\ntunnel-secret-file = /x", 2,
	 "[server] tunnel-secret-file: not yet supported (leave it at none)"},
	{"[server]\nlisten = 192.0.2.1, ::1, 192.0.2.1", 2,
	 "[server] listen: 192.0.2.1 stands twice in the list"},
	{"[server]\nlisten = 224.0.0.1", 2, "[server] listen: 224.0.0.1 is no address of a host"},
	{"[server]\nlisten = ff02::1", 2, "[server] listen: ff02::1 is no address of a host"},
	{"[server]\nlisten = eth0", 2, "[server] listen: 'eth0' is not an IPv4 or IPv6 address"},
	{"[server]\nlisten = ::,", 2, "[server] listen: the list has an empty or overlong item"},
	{"[ipsec]\nprofile = legacy", 2, "[ipsec] profile: 'legacy' is not yet supported"},
	{"[ipsec]\nikev2 = yes", 2, "[ipsec] ikev2: not yet supported (leave it at no)"},
	{"[ipsec]\nmark-base = 0x100", 2,
	 "[ipsec] mark-base: not yet supported (leave it at 0x20000000)"},
	{"[ipsec]\nmark-base = 0x", 2, "[ipsec] mark-base: '0x' is not a 32-bit number"},
	{"[ipsec]\nmark-base = 0x123456789", 2,
	 "[ipsec] mark-base: '0x123456789' is not a 32-bit number"},
	{"[ipsec]\nmarks = ike", 2, "[ipsec] marks: 'ike' is not yet supported"},
	{"[ipsec]\npsk-file = psk", 2, "[ipsec] psk-file: 'psk' is not an absolute path"},
	{"[ipsec]\nike = aes256-sha2;dh14 aes128", 2,
	 "[ipsec] ike: 'aes256-sha2;dh14 aes128' is no proposal (such as aes256-sha2;dh14)"},
	{"[ipsec]\nesp = aes256-sha2,,aes", 2,
	 "[ipsec] esp: there is an empty or overlong proposal in the list"},
	{"[ipsec]\nesp = aes", 2, "[ipsec] esp: 'aes' is no proposal (such as aes256-sha2)"},
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
	{"[network]\npool = 10.0.0.0/8", 2, "[network] pool: has more than 1048576 addresses"},
	{"[network]\npool = 10.0.0.1", 2,
	 "[network] pool: has no address besides the gateway's own"},
	{"[network]\npool = 127.0.0.2-127.0.0.9", 2,
	 "[network] pool: has addresses that no client can have (0/8, 127/8, 224/3)"},
	{"[network]\npool = 126.0.0.2-128.0.0.9", 2,
	 "[network] pool: has addresses that no client can have (0/8, 127/8, 224/3)"},
	{"[network]\ngateway = 0.0.0.0", 2, "[network] gateway: 0.0.0.0 is no address of a host"},
	{"[network]\ngateway = none", 2, "[network] gateway: 'none' is not an IPv4 address"},
	{"[network]\ndns = 192.0.2.1, 192.0.2.2, 192.0.2.3", 2,
	 "[network] dns: 'dns' takes 2 items at most"},
	{"[network]\nmtu = 575", 2, "[network] mtu: 575 is out of range (576 to 1500)"},
	{"[network]\npool6 = 2001:db8::/48", 2,
	 "[network] pool6: not yet supported (leave it at none)"},
	{"[network]\nclient-to-client = yes", 2,
	 "[network] client-to-client: not yet supported (leave it at no)"},
	{"[auth]\nmethods = mschap", 2,
	 "[auth] methods: unknown value 'mschap' (did you mean 'mschapv2'?)"},
	{"[auth]\nmethods = eap", 2, "[auth] methods: 'eap' is not yet supported"},
	{"[auth]\nmethods = pap,", 2, "[auth] methods: the list has an empty or overlong item"},
	{"[auth]\non-limit = replace", 2, "[auth] on-limit: 'replace' is not yet supported"},
	{"[auth]\nban-after = 4", 2, "[auth] ban-after: not yet supported (leave it at 5)"},
	{"[metrics]\nlisten = 127.0.0.1:9100", 2,
	 "[metrics] listen: not yet supported (leave it at none)"},
	{"[log]\nlevel = verbose", 2, "[log] level: unknown value 'verbose'"},
};

START_TEST(conf_fault_is_told_with_its_place)
{
	refuse(faults[_i].text, faults[_i].line, faults[_i].want);
}
END_TEST

START_TEST(conf_all_faults_are_told)
{
	ck_assert_ptr_null(parse("[server]\nport = x\n[nope]\nfoo = bar\n[network]\nmtu = 9\n"
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
	ck_assert_ptr_null(parse(text));
	ck_assert_uint_eq(errors.count, 150);
	ck_assert_uint_eq(errors.kept, 100);
}
END_TEST

START_TEST(conf_nul_byte_is_refused)
{
	struct conf_file file = {"t.conf", "[server]\nport = 1\0 2\n", 20};

	ck_assert_ptr_null(conf_parse(&file, 1, &errors));
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_int_eq(errors.list[0].line, 2);
	ck_assert_str_eq(errors.list[0].text, "[server] the line has a NUL byte");
}
END_TEST

/* inih's buffer holds 199 bytes; a list of pools may be longer. */
START_TEST(conf_line_longer_than_inih_takes_is_whole)
{
	char text[1024] = "[network]\npool = 10.0.0.1-10.0.0.9";
	struct conf *conf;

	for (unsigned i = 1; i < 16; i++)
		sprintf(text + strlen(text), ", 10.0.%u.1 - 10.0.%u.9", i, i);
	ck_assert_uint_gt(strlen(text), 350);
	conf = accept(text);
	ck_assert_uint_eq(conf->network.pool_count, 16);
	for (unsigned i = 0; i < 16; i++) {
		ck_assert_uint_eq(conf->network.pool[i].first, 0x0a000001 + (i << 8));
		ck_assert_uint_eq(conf->network.pool[i].last, 0x0a000009 + (i << 8));
	}
	conf_free(conf);
	strcat(text, ", 10.1.0.1");
	refuse(text, 2, "[network] pool: 'pool' takes 16 items at most");
}
END_TEST

START_TEST(conf_long_value_of_every_length_is_whole)
{
	char text[600], *value = text + sprintf(text, "[ipsec]\nike = ");

	for (size_t len = 3; len < 512; len++) {
		struct conf *conf;

		for (size_t i = 0; i < len; i++)
			value[i] = "ae-;,a-b"[i % 8];
		value[len] = '\0';
		memcpy(value, "a-a", 3);
		if (value[len - 1] == ',' || value[len - 2] == ',')
			value[len - 1] = value[len - 2] = '-';
		conf = accept(text);
		ck_assert_str_eq(conf->ipsec.ike, value);
		conf_free(conf);
	}
}
END_TEST

START_TEST(conf_line_that_cannot_be_cut_is_refused)
{
	char text[1024] = "[server]\nhost-name = x";
	size_t len = strlen(text);

	memset(text + len, ';', 400);
	strcpy(text + len + 400, "\nport = 9\n");
	refuse(text, 2, "[server] the value cannot be cut into parts that the INI library takes");
}
END_TEST

START_TEST(conf_overlong_line_is_refused)
{
	char *text = malloc(6000);

	strcpy(text, "[server]\nhost-name = ");
	memset(text + strlen("[server]\nhost-name = "), 'x', 5000);
	strcpy(text + strlen("[server]\nhost-name = ") + 5000, "\nport = 9\n");
	refuse(text, 2, "[server] the line is longer than 4095 bytes");
	strcpy(text, "[server]\nhost-name = ");
	memset(text + strlen("[server]\nhost-name = "), 'x', 300);
	text[strlen("[server]\nhost-name = ") + 300] = '\0';
	refuse(text, 2, "[server] host-name: the value is longer than 255 bytes");
	free(text);
}
END_TEST

START_TEST(conf_unbuilt_keys_are_taken_at_default_or_off)
{
	conf_free(accept("[network]\nnat = no\n"));
	conf_free(accept("[network]\nnat = true\nclient-to-client = off\npool6 = none\n"));
	conf_free(accept("[auth]\nban-after = 0\nban-time = 0\nradius = none\n"));
	conf_free(accept("[auth]\nban-after = 5\nban-time = 600s\ncoa-listen = none\n"));
	conf_free(accept("[ipsec]\nmark-base = 536870912\nmarks = own\nikev2 = false\n"));
	conf_free(accept("[metrics]\nlisten = none\n[peer a]\n[client b]\n"));
}
END_TEST

static void
check_gateway(const char *pool, uint32_t want)
{
	char text[200];
	struct conf *conf;

	sprintf(text, "[network]\npool = %s\n", pool);
	conf = accept(text);
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

static void
note_change(void *ctx, const char *section, const char *key, enum conf_live live, const char *from,
	    const char *to)
{
	char *log = ctx;

	sprintf(log + strlen(log), "%s.%s %d '%s' '%s'\n", section, key, live, from, to);
}

START_TEST(conf_diff_names_changed_keys_with_both_values)
{
	struct conf *from = accept("[server]\nhello = 1m\nlisten = 192.0.2.1, 2001:db8::1\n");
	struct conf *to = accept("[server]\nhello = 60s\nhost-name = x\n[network]\ndns=192.0.2.9\n"
				 "pool = 10.1.0.0/24, 10.2.0.1\n[auth]\nmethods = pap, chap\n");
	char log[1024] = "";

	conf_diff(from, from, note_change, log);
	ck_assert_str_eq(log, "");
	conf_diff(from, to, note_change, log);
	ck_assert_str_eq(log, "server.listen 2 '192.0.2.1, 2001:db8::1' '0.0.0.0, ::'\n"
			      "server.host-name 1 '' 'x'\n"
			      "network.pool 1 '10.99.0.10-10.99.0.250' "
			      "'10.1.0.1-10.1.0.254, 10.2.0.1-10.2.0.1'\n"
			      "network.gateway 2 '10.99.0.1' '10.1.0.1'\n"
			      "network.dns 1 '' '192.0.2.9'\n"
			      "auth.methods 1 'mschapv2' 'chap, pap'\n");
	conf_free(from);
	conf_free(to);
}
END_TEST

START_TEST(conf_diff_writes_every_kind_of_value)
{
	struct conf *from = accept("");
	struct conf *to = accept("[server]\nport=9\nhello=1500ms\navp-strict=yes\n[log]\n"
				 "level=error\n[auth]\nidle-timeout=2h\n[ppp]\npppd=/x\n");
	char log[1024] = "";

	conf_diff(from, to, note_change, log);
	ck_assert_str_eq(log, "server.port 2 '1701' '9'\n"
			      "server.hello 0 '1m' '1500ms'\n"
			      "server.avp-strict 0 'no' 'yes'\n"
			      "ppp.pppd 1 '/usr/sbin/pppd' '/x'\n"
			      "auth.idle-timeout 1 '0' '2h'\n"
			      "log.level 0 'info' 'error'\n");
	conf_free(from);
	conf_free(to);
}
END_TEST

/* Every key of the contract, with its default and when a change of it takes effect. */
START_TEST(conf_option_table_is_the_contracts)
{
	static const char want[] =
		"server listen R,server port R,server data-path N,server host-name N,"
		"server hello L,server tunnel-secret-file N,server max-tunnels L,"
		"server max-sessions L,server max-half-open L,server avp-strict L,"
		"ipsec manage L,ipsec require R,ipsec psk-file L,ipsec certificate L,"
		"ipsec profile L,ipsec ike L,ipsec esp L,ipsec mark-base R,ipsec marks R,"
		"ipsec ikev2 L,network pool N,network gateway R,network pool6 N,network dns N,"
		"network wins N,network mtu N,network nat L,network client-to-client L,"
		"ppp pppd N,ppp options-file N,ppp lcp-echo N,auth methods N,auth users-file L,"
		"auth radius N,auth radius-secret-file N,auth coa-listen R,"
		"auth max-sessions-per-user N,auth on-limit N,auth idle-timeout N,"
		"auth session-timeout N,auth ban-after L,auth ban-time L,metrics listen R,"
		"log level L,peer address N,peer host-name N,peer secret-file N,peer hide-avps N,"
		"peer sequencing N,peer proxy-auth N,peer max-sessions N,client server L,"
		"client user L,client password-file L,client psk-file L,client routes L,"
		"client redial L,";
	char have[4096] = "";
	const char *section, *key, *def;
	enum conf_live live;
	bool built;

	for (size_t i = 0; conf_option(i, &section, &key, &def, &live, &built); i++) {
		ck_assert_ptr_nonnull(def);
		sprintf(have + strlen(have), "%s %s %c,", section, key, "LNR"[live]);
	}
	ck_assert_str_eq(have, want);
	ck_assert(conf_option(0, NULL, NULL, NULL, NULL, NULL));
}
END_TEST

/* A whole file, relative to the project's folder (where tests are started). */
static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 1 << 18);

	ck_assert_msg(file != NULL, "%s is not there (run me in the project's folder)", path);
	ck_assert_uint_gt(fread(text, 1, (1 << 18) - 1, file), 0);
	fclose(file);
	return text;
}

START_TEST(conf_shipped_files_are_valid)
{
	static const char *const files[] = {"conf/lnsd.conf", "conf/minimal.conf"};

	for (size_t i = 0; i < 2; i++) {
		char *text = read_file(files[i]);

		conf_free(accept(text));
		free(text);
	}
}
END_TEST

/* The line "#key = def" of the section, without its mark; NULL: it is not there. */
static char *
commented_key(char *text, const char *section, const char *key, const char *def)
{
	char want[256];
	char *begin, *end, *line;

	sprintf(want, "\n[%s]", section);
	begin = strstr(text, want);
	ck_assert_msg(begin != NULL, "conf/lnsd.conf has no [%s]", section);
	end = strstr(begin + 1, "\n[");
	sprintf(want, "\n#%s = %s\n", key, def);
	line = strstr(begin, want);
	return line && (!end || line < end) ? line + 1 : NULL;
}

START_TEST(conf_shipped_file_has_every_key_at_its_default)
{
	char *text = read_file("conf/lnsd.conf");
	struct conf *conf, *defaults = accept("");
	const char *section, *key, *def;
	char log[4096] = "";
	bool built;

	for (size_t i = 0; conf_option(i, &section, &key, &def, NULL, &built); i++) {
		char *line;

		if (strcmp(section, "peer") == 0 || strcmp(section, "client") == 0) {
			char want[100];

			sprintf(want, "#%s = ", key);
			ck_assert_msg(strstr(text, want) != NULL, "[%s] %s is missing", section,
				      key);
			continue;
		}
		line = commented_key(text, section, key, def);
		ck_assert_msg(line != NULL, "no line '#%s = %s' in [%s]", key, def, section);
		line[0] = ' ';
	}
	conf = accept(text);
	conf_diff(defaults, conf, note_change, log);
	ck_assert_str_eq(log, "");
	conf_free(conf);
	conf_free(defaults);
	free(text);
}
END_TEST

START_TEST(conf_manual_has_every_key)
{
	char *text = read_file("docs/lnsd.conf.5");
	const char *section, *key;

	for (size_t i = 0; conf_option(i, &section, &key, NULL, NULL, NULL); i++) {
		char want[100];

		sprintf(want, "\n.It Cm %s", key);
		ck_assert_msg(strstr(text, want) != NULL, "[%s] %s is missing", section, key);
	}
	free(text);
}
END_TEST

START_TEST(conf_profiles_have_proposals)
{
	ck_assert_str_eq(conf_profile_name(PROFILE_MODERN), "modern");
	ck_assert(strstr(conf_profile_ike(PROFILE_COMPATIBLE), "aes256-sha1;dh20") != NULL);
	ck_assert(strstr(conf_profile_ike(PROFILE_MODERN), "sha1") == NULL);
	ck_assert(strstr(conf_profile_esp(PROFILE_MODERN), "sha1") == NULL);
	ck_assert_ptr_null(conf_profile_ike(PROFILE_LEGACY));
	ck_assert_ptr_null(conf_profile_esp(PROFILE_LEGACY));
}
END_TEST

/* The defaults of the profiles must pass the check that the keys' values pass. */
START_TEST(conf_profiles_proposals_are_valid_values)
{
	for (int i = PROFILE_COMPATIBLE; i <= PROFILE_MODERN; i++) {
		char text[1024];

		sprintf(text, "[ipsec]\nike = %s\nesp = %s\n",
			conf_profile_ike((enum conf_profile)i),
			conf_profile_esp((enum conf_profile)i));
		conf_free(accept(text));
	}
}
END_TEST

static const char *
nearest(const char *word)
{
	static const char *const words[] = {"status", "sessions", "show", "reload"};
	struct suggest suggest;

	suggest_init(&suggest, word);
	for (size_t i = 0; i < 4; i++)
		suggest_try(&suggest, words[i]);
	return suggest.best ? suggest.best : "";
}

START_TEST(suggest_finds_what_was_meant_and_nothing_else)
{
	ck_assert_str_eq(nearest("stauts"), "status");
	ck_assert_str_eq(nearest("session"), "sessions");
	ck_assert_str_eq(nearest("relod"), "reload");
	ck_assert_str_eq(nearest("xyzzy"), "");
	ck_assert_str_eq(nearest(""), "");
	ck_assert_str_eq(
		nearest("sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"), "");
}
END_TEST

START_TEST(errors_text_is_printable_and_cut_at_a_character)
{
	char longest[400];

	memset(longest, 'a', sizeof(longest));
	memcpy(longest + 254, "\xc3\xa4", 2);
	longest[399] = '\0';
	conf_errors_add(&errors, "a\nb", 3, "%s", longest);
	conf_errors_add(&errors, "x", 0,
			"tab\tesc\x1b "
			"bad \xff\xc3 good \xe2\x82\xac");
	ck_assert_str_eq(errors.list[0].file, "a?b");
	ck_assert_uint_eq(strlen(errors.list[0].text), 255);
	ck_assert_int_eq(errors.list[0].text[254], '?');
	ck_assert_str_eq(errors.list[1].text, "tab?esc? bad ?? good \xe2\x82\xac");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("conf");
	TCase *tc = tcase_create("conf");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, conf_of_no_file_is_all_defaults);
	tcase_add_test(tc, conf_empty_file_is_valid);
	tcase_add_test(tc, conf_values_are_taken);
	tcase_add_test(tc, conf_later_file_wins_key_by_key);
	tcase_add_loop_test(tc, conf_fault_is_told_with_its_place, 0,
			    (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_test(tc, conf_all_faults_are_told);
	tcase_add_test(tc, conf_errors_beyond_100_are_counted_only);
	tcase_add_test(tc, conf_nul_byte_is_refused);
	tcase_add_test(tc, conf_line_longer_than_inih_takes_is_whole);
	tcase_add_test(tc, conf_long_value_of_every_length_is_whole);
	tcase_add_test(tc, conf_line_that_cannot_be_cut_is_refused);
	tcase_add_test(tc, conf_overlong_line_is_refused);
	tcase_add_test(tc, conf_unbuilt_keys_are_taken_at_default_or_off);
	tcase_add_test(tc, conf_gateway_is_first_of_the_pools_network);
	tcase_add_test(tc, conf_diff_names_changed_keys_with_both_values);
	tcase_add_test(tc, conf_diff_writes_every_kind_of_value);
	tcase_add_test(tc, conf_option_table_is_the_contracts);
	tcase_add_test(tc, conf_shipped_files_are_valid);
	tcase_add_test(tc, conf_shipped_file_has_every_key_at_its_default);
	tcase_add_test(tc, conf_manual_has_every_key);
	tcase_add_test(tc, conf_profiles_have_proposals);
	tcase_add_test(tc, conf_profiles_proposals_are_valid_values);
	tcase_add_test(tc, suggest_finds_what_was_meant_and_nothing_else);
	tcase_add_test(tc, errors_text_is_printable_and_cut_at_a_character);
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
