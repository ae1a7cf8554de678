/* lnsctl against a daemon of one answer: each verb's table, its JSON, and exit codes. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lnsctl_fixture.h"

static void
expect(const char *answer, const char *arguments, int code, const char *want)
{
	tool_daemon(answer);
	ck_assert_int_eq(tool_run(arguments), code);
	ck_assert_str_eq(tool_output, want);
	tool_daemon_ended();
}

static void
expect_request(const char *want)
{
	char path[128], request[8192] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/request", tool_dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_gt(read(fd, request, sizeof(request) - 1), 0);
	close(fd);
	ck_assert_str_eq(request, want);
}

#define OK(data) "{\"ok\": true, \"data\": " data "}\n"

#define STATUS                                                                                     \
	"\"version\": \"0.1.0\", \"uptime_s\": 3725, \"listen\": [\"0.0.0.0:1701\", "              \
	"\"[::]:1701\"], \"data_path\": \"pty\", \"ipsec\": {\"manager\": \"libreswan\", "         \
	"\"version\": \"4.10\", \"profile\": \"compatible\", \"loaded\": true}, "                  \
	"\"tunnels\": 3, \"sessions\": 2, \"half_open\": 1, \"logins_today\": 5, "                 \
	"\"failures_today\": 4, \"rx_bytes\": 999, \"tx_bytes\": 12345678"

START_TEST(lnsctl_status_is_pairs)
{
	expect(OK("{" STATUS ", \"problems\": []}"), "status", 0,
	       "version:       0.1.0\n"
	       "uptime:        1h02m\n"
	       "listening:     0.0.0.0:1701, [::]:1701\n"
	       "data path:     pty\n"
	       "ipsec:         libreswan 4.10, profile compatible, loaded\n"
	       "tunnels:       3 (1 half-open)\n"
	       "sessions:      2\n"
	       "logins today:  5 (4 refused)\n"
	       "received:      999 B\n"
	       "sent:          12.3 MB\n"
	       "problems:      none\n");
	expect_request("{\"verb\":\"status\"}\n");
}
END_TEST

START_TEST(lnsctl_status_shows_problems_with_fixes)
{
	expect(OK("{\"problems\": [{\"severity\": \"error\", \"text\": \"/dev/ppp is missing\", "
		  "\"fix\": \"modprobe ppp_generic\"}, {\"severity\": \"warning\", \"text\": "
		  "\"bad\\u001b[31m\", \"fix\": \"\"}], \"ipsec\": {\"manager\": \"none\"}}"),
	       "status", 0,
	       "version:       -\n"
	       "uptime:        0s\n"
	       "listening:     -\n"
	       "data path:     -\n"
	       "ipsec:         not managed\n"
	       "tunnels:       0 (0 half-open)\n"
	       "sessions:      0\n"
	       "logins today:  0 (0 refused)\n"
	       "received:      0 B\n"
	       "sent:          0 B\n"
	       "error:         /dev/ppp is missing\n"
	       "  fix:         modprobe ppp_generic\n"
	       "warning:       bad?[31m\n");
}
END_TEST

/* Of two sessions: one common, one with everything that may spoil a table. */
#define ALICE                                                                                      \
	"{\"id\": \"4711-815\", \"tunnel_id\": 4711, \"user\": \"alice\", \"address\": "           \
	"\"10.99.0.20\", \"address6\": null, \"peer\": \"198.51.100.7\", \"peer_port\": 1701, "    \
	"\"nat\": true, \"client\": \"windows\", \"uptime_s\": 3725, \"state\": \"up\", "          \
	"\"rx_bytes\": 12345678, \"tx_bytes\": 999950000, \"setup_ms\": {\"l2tp\": 12, "           \
	"\"ppp\": null, \"total\": 340}, \"ipsec\": {\"protected\": true, \"cipher\": "            \
	"\"AES_CBC_256-HMAC_SHA1_96\", \"shares_nat_with\": [\"bob\", \"carol\"]}}"
#define BOB                                                                                        \
	"{\"id\": \"7-1\", \"user\": \"J\xc3\xb6rg\\u202e\\t\\u001b[2J\", \"address\": \"\", "     \
	"\"peer\": \"2001:db8::1\", \"peer_port\": 50123, \"client\": \"\", \"uptime_s\": 9, "     \
	"\"state\": \"authenticating\", \"rx_bytes\": 0, \"tx_bytes\": 1000, "                     \
	"\"ipsec\": {\"protected\": false, \"cipher\": null}}"

START_TEST(lnsctl_sessions_is_a_table)
{
	expect(OK("[" ALICE ", " BOB "]"), "sessions", 0,
	       "USER        ADDRESS     PEER                 CLIENT   STATE              UP"
	       "       RX      TX  IPSEC                     ID\n"
	       "alice       10.99.0.20  198.51.100.7:1701    windows  up              1h02m"
	       "  12.3 MB  1.0 GB  AES_CBC_256-HMAC_SHA1_96  4711-815\n"
	       "J\xc3\xb6rg???[2J  -           [2001:db8::1]:50123  -        authenticating     9s"
	       "      0 B  1.0 kB  no                        7-1\n");
	expect_request("{\"verb\":\"sessions\"}\n");
}
END_TEST

START_TEST(lnsctl_sessions_of_nobody_is_the_header)
{
	expect(OK("[]"), "sessions", 0,
	       "USER  ADDRESS  PEER  CLIENT  STATE  UP  RX  TX  IPSEC  ID\n");
	expect(OK("[]"), "sessions --json", 0, "[]\n");
}
END_TEST

START_TEST(lnsctl_json_is_the_daemons_document)
{
	expect(OK("{\"z\": 1, \"a\": [\"\xc3\xb6\", null, true, 1.5]}"), "--json status", 0,
	       "{\n  \"z\": 1,\n  \"a\": [\n    \"\xc3\xb6\",\n    null,\n    true,\n    1.5\n"
	       "  ]\n}\n");
	expect(OK("[]"), "tunnels --json", 0, "[]\n");
	expect(OK("{\"session\": {}}"), "--json show 1-1", 0, "{\n  \"session\": {}\n}\n");
	expect(OK("{\"disconnected\": []}"), "--json disconnect all", 0,
	       "{\n  \"disconnected\": []\n}\n");
	expect(OK("{\"lines\": []}"), "--json reload", 0, "{\n  \"lines\": []\n}\n");
}
END_TEST

#define TUNNEL                                                                                     \
	"{\"id\": 4711, \"peer_id\": 9, \"peer\": \"198.51.100.7\", \"peer_port\": 1701, "         \
	"\"host_name\": \"pc\", \"vendor\": \"Microsoft\", \"state\": \"established\", "           \
	"\"sessions\": 1, \"ns\": 4, \"nr\": 3, \"window\": 8, \"retransmits\": 0, "               \
	"\"half_open\": false, \"since\": \"2026-11-21T10:00:00Z\"}"

START_TEST(lnsctl_tunnels_is_a_table)
{
	expect(OK("[" TUNNEL "]"), "tunnels", 0,
	       "ID    PEER               HOST-NAME  VENDOR     STATE        SESSIONS  NS  NR"
	       "  WINDOW  RETRANSMITS  SINCE\n"
	       "4711  198.51.100.7:1701  pc         Microsoft  established         1   4   3"
	       "       8            0  2026-11-21T10:00:00Z\n");
}
END_TEST

START_TEST(lnsctl_show_session_is_all_members)
{
	expect(OK("{\"tunnel\": " TUNNEL ", \"session\": " ALICE "}"), "show 4711-815", 0,
	       "SESSION\n"
	       "id:                         4711-815\n"
	       "tunnel_id:                  4711\n"
	       "user:                       alice\n"
	       "address:                    10.99.0.20\n"
	       "address6:                   -\n"
	       "peer:                       198.51.100.7\n"
	       "peer_port:                  1701\n"
	       "nat:                        yes\n"
	       "client:                     windows\n"
	       "uptime_s:                   3725 (1h02m)\n"
	       "state:                      up\n"
	       "rx_bytes:                   12345678 (12.3 MB)\n"
	       "tx_bytes:                   999950000 (1.0 GB)\n"
	       "setup_ms.l2tp:              12\n"
	       "setup_ms.ppp:               -\n"
	       "setup_ms.total:             340\n"
	       "ipsec.protected:            yes\n"
	       "ipsec.cipher:               AES_CBC_256-HMAC_SHA1_96\n"
	       "ipsec.shares_nat_with:      bob, carol\n"
	       "\n"
	       "TUNNEL\n"
	       "id:                         4711\n"
	       "peer_id:                    9\n"
	       "peer:                       198.51.100.7\n"
	       "peer_port:                  1701\n"
	       "host_name:                  pc\n"
	       "vendor:                     Microsoft\n"
	       "state:                      established\n"
	       "sessions:                   1\n"
	       "ns:                         4\n"
	       "nr:                         3\n"
	       "window:                     8\n"
	       "retransmits:                0\n"
	       "half_open:                  no\n"
	       "since:                      2026-11-21T10:00:00Z\n");
	expect_request("{\"verb\":\"show\",\"arg\":\"4711-815\"}\n");
}
END_TEST

START_TEST(lnsctl_show_has_a_line_for_each_thing_that_a_session_may_do)
{
	expect(OK("{\"session\": {\"routes\": [\"192.168.7.0/24\", \"fd00:7::/64\"], "
		  "\"allow\": [\"10.0.5.0/24:tcp/443\", \"…\"], \"rate\": \"20mbit/100mbit\"}}"),
	       "show 7-1", 0,
	       "SESSION\n"
	       "routes:                     192.168.7.0/24, fd00:7::/64\n"
	       "allow:                      10.0.5.0/24:tcp/443, …\n"
	       "rate:                       20mbit/100mbit\n");
	expect(OK("{\"session\": {\"routes\": [], \"allow\": null, \"rate\": \"none\"}}"),
	       "show 7-1", 0,
	       "SESSION\n"
	       "routes:                     -\n"
	       "allow:                      -\n"
	       "rate:                       none\n");
}
END_TEST

/* As long as a list of destinations may be */
START_TEST(lnsctl_show_of_a_long_list_is_whole)
{
	char answer[20000] = "{\"ok\": true, \"data\": {\"session\": {\"allow\": [";
	char want[20000] = "SESSION\nallow:                      ", *p = answer + strlen(answer),
	     *q = want + strlen(want);

	for (int i = 0; i < 256; i++) {
		p += sprintf(p, "%s\"[fd00:7::%04x/128]:tcp/1000-2000\"", i ? "," : "", i);
		q += sprintf(q, "%s[fd00:7::%04x/128]:tcp/1000-2000", i ? ", " : "", i);
	}
	sprintf(p, "]}}}\n");
	sprintf(q, "\n");
	expect(answer, "show 7-1", 0, want);
}
END_TEST

START_TEST(lnsctl_show_of_a_list_beyond_all_bounds_says_that_there_is_more)
{
	char *answer = malloc(1 << 20), *p = answer;

	p += sprintf(p, "{\"ok\": true, \"data\": {\"session\": {\"list\": [\"first\"");
	for (int i = 0; i < 20000; i++)
		p += sprintf(p, ", \"item %d\"", i);
	sprintf(p, "]}}}\n");
	tool_daemon(answer);
	ck_assert_int_eq(tool_run("show 7-1"), 0);
	ck_assert_ptr_nonnull(strstr(tool_output, "list:                       first, item 0, "));
	ck_assert_ptr_nonnull(strstr(tool_output, ", …\n"));
	free(answer);
}
END_TEST

START_TEST(lnsctl_show_tunnel_has_its_sessions)
{
	expect(OK("{\"tunnel\": {\"id\": 4711}, \"sessions\": []}"), "show 4711", 0,
	       "TUNNEL\n"
	       "id:                         4711\n"
	       "\n"
	       "USER  ADDRESS  PEER  CLIENT  STATE  UP  RX  TX  IPSEC  ID\n");
}
END_TEST

#define SAS                                                                                        \
	"{\"protected\": true, \"cipher\": \"AES_GCM_16_256\", \"spi_in\": \"0x0000a001\", "       \
	"\"spi_out\": \"0x0000b001\", \"reqid\": 16389, \"mark\": \"0x20000001\", "                \
	"\"rekeys\": 1, \"shares_nat_with\": [], \"sas\": ["                                       \
	"{\"direction\": \"in\", \"spi\": \"0x0000a001\", \"current\": true, \"age_s\": 65, "      \
	"\"bytes\": 1234567, \"packets\": 1500}, "                                                 \
	"{\"direction\": \"out\", \"spi\": \"0x0000b000\", \"current\": false, \"age_s\": 3700, "  \
	"\"bytes\": 99, \"packets\": 1}]}"

START_TEST(lnsctl_show_has_a_table_of_the_sas)
{
	static const char expected[] = "ipsec.protected:            yes\n"
				       "ipsec.cipher:               AES_GCM_16_256\n"
				       "ipsec.spi_in:               0x0000a001\n"
				       "ipsec.spi_out:              0x0000b001\n"
				       "ipsec.reqid:                16389\n"
				       "ipsec.mark:                 0x20000001\n"
				       "ipsec.rekeys:               1\n"
				       "ipsec.shares_nat_with:      -\n"
				       "\n"
				       "SA   SPI         STATE      AGE   BYTES  PACKETS\n"
				       "in   0x0000a001  current  1m05s  1.2 MB     1500\n"
				       "out  0x0000b000  old      1h01m    99 B        1\n"
				       "\n";
	char text[1024];

	snprintf(text, sizeof(text), "SESSION\n%sTUNNEL\nid:                         7\n",
		 expected);
	expect(OK("{\"session\": {\"ipsec\": " SAS "}, \"tunnel\": {\"id\": 7}}"), "show 7-1", 0,
	       text);
	snprintf(text, sizeof(text),
		 "TUNNEL\n%sUSER  ADDRESS  PEER  CLIENT  STATE  UP  RX  TX  IPSEC  ID\n", expected);
	expect(OK("{\"tunnel\": {\"ipsec\": " SAS "}, \"sessions\": []}"), "show 7", 0, text);
}
END_TEST

START_TEST(lnsctl_show_has_a_table_of_the_attributes)
{
	expect(OK("{\"session\": {\"id\": \"7-1\", \"call_errors\": {\"crc\": 3, \"timeout\": 0}, "
		  "\"attributes\": [{\"name\": \"Agent-Circuit-Id\", \"value\": \"dslam 1/2\"}, "
		  "{\"name\": \"Q.931 Cause\", \"value\": \"16\"}]}, \"tunnel\": "
		  "{\"id\": 7, \"attributes\": []}}"),
	       "show 7-1", 0,
	       "SESSION\n"
	       "id:                         7-1\n"
	       "call_errors.crc:            3\n"
	       "call_errors.timeout:        0\n"
	       "\n"
	       "ATTRIBUTE         VALUE\n"
	       "Agent-Circuit-Id  dslam 1/2\n"
	       "Q.931 Cause       16\n"
	       "\n"
	       "TUNNEL\n"
	       "id:                         7\n"
	       "attributes:                 -\n");
}
END_TEST

START_TEST(lnsctl_dial_names_the_session)
{
	expect(OK("{\"id\": \"4711-815\", \"tunnel_id\": 4711}"), "dial isp '+49 30 1'", 0,
	       "connected 4711-815\n");
	expect_request(
		"{\"verb\":\"dial\",\"arg\":\"isp\",\"number\":\"+49 30 1\",\"tunnel\":0}\n");
	expect(OK("{\"id\": \"5-6\"}"), "--json dial isp 1 --tunnel 5", 0,
	       "{\n  \"id\": \"5-6\"\n}\n");
	expect_request("{\"verb\":\"dial\",\"arg\":\"isp\",\"number\":\"1\",\"tunnel\":5}\n");
	expect("{\"ok\": false, \"error\": \"the call failed: the LAC is busy\"}\n", "dial isp 1",
	       1, "lnsctl: the call failed: the LAC is busy\n");
}
END_TEST

START_TEST(lnsctl_dial_of_no_number_or_tunnel_is_wrong_usage)
{
	static const char *const bad[] = {"dial isp",
					  "dial isp 1 2",
					  "dial isp 1 --tunnel 0",
					  "dial isp 1 --tunnel x",
					  "dial isp 1 --tunnel 65536",
					  "dial isp 1 --tunnel ''",
					  "dial isp 1 --new",
					  "status --tunnel 1"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(tool_run(bad[i]) == 2, "%s", bad[i]);
}
END_TEST

START_TEST(lnsctl_drain_says_where_clients_are_sent)
{
	expect(OK("{\"draining\": \"192.0.2.1\"}"), "drain 192.0.2.1", 0,
	       "draining to 192.0.2.1\n");
	expect_request("{\"verb\":\"drain\",\"arg\":\"192.0.2.1\",\"new\":false}\n");
	expect(OK("{\"draining\": \"::1\"}"), "drain --new ::1", 0, "draining to ::1\n");
	expect_request("{\"verb\":\"drain\",\"arg\":\"::1\",\"new\":true}\n");
	expect(OK("{\"draining\": null}"), "drain off", 0, "not draining\n");
	expect_request("{\"verb\":\"drain\",\"arg\":\"off\",\"new\":false}\n");
	expect(OK("{\"draining\": null}"), "drain --json", 0, "{\n  \"draining\": null\n}\n");
	expect_request("{\"verb\":\"drain\",\"new\":false}\n");
	ck_assert_int_eq(tool_run("drain --new"), 2);
	ck_assert_int_eq(tool_run("drain off --new"), 2);
	ck_assert_int_eq(tool_run("drain 192.0.2.1 192.0.2.2"), 2);
}
END_TEST

START_TEST(lnsctl_status_shows_that_it_drains)
{
	tool_daemon(OK("{\"draining\": \"192.0.2.1\"}"));
	ck_assert_int_eq(tool_run("status"), 0);
	tool_daemon_ended();
	ck_assert_ptr_nonnull(strstr(tool_output, "\ndraining to:   192.0.2.1\n"));
	tool_daemon(OK("{\"draining\": null}"));
	ck_assert_int_eq(tool_run("status"), 0);
	tool_daemon_ended();
	ck_assert_ptr_null(strstr(tool_output, "draining"));
}
END_TEST

START_TEST(lnsctl_disconnect_names_what_it_ended)
{
	expect(OK("{\"disconnected\": [\"4711-815\", \"4711-816\"]}"), "disconnect alice", 0,
	       "disconnected 4711-815\ndisconnected 4711-816\n");
	expect_request("{\"verb\":\"disconnect\",\"arg\":\"alice\"}\n");
}
END_TEST

START_TEST(lnsctl_refusal_is_told_on_every_line)
{
	expect("{\"ok\": false, \"error\": \"no session has the user, ID or address 'x'\"}\n",
	       "disconnect x", 1, "lnsctl: no session has the user, ID or address 'x'\n");
	expect("{\"ok\": false, \"error\": \"a:1: [x] bad\\nb:2: [y] worse\\u001b\", \"lines\": "
	       "[]}",
	       "reload", 1, "lnsctl: a:1: [x] bad\nlnsctl: b:2: [y] worse?\n");
}
END_TEST

START_TEST(lnsctl_reload_shows_the_daemons_lines)
{
	expect(OK("{\"lines\": [\"[server] hello: 60s, now 30s\", \"[server] port: needs a "
		  "restart\"]}"),
	       "reload", 0, "[server] hello: 60s, now 30s\n[server] port: needs a restart\n");
}
END_TEST

START_TEST(lnsctl_version_has_both)
{
	expect(OK("{\"version\": \"9.9\"}"), "version", 0, "lnsctl " LNSD_VERSION "\nlnsd 9.9\n");
	expect(OK("{\"version\": \"9.9\"}"), "version --json", 0,
	       "{\n  \"lnsctl\": \"" LNSD_VERSION "\",\n  \"lnsd\": \"9.9\"\n}\n");
}
END_TEST

START_TEST(lnsctl_version_works_without_the_daemon)
{
	ck_assert_int_eq(tool_run("version"), 0);
	ck_assert_str_eq(tool_output, "lnsctl " LNSD_VERSION "\nlnsd does not answer\n");
	ck_assert_int_eq(tool_run("--json version"), 0);
	ck_assert_str_eq(tool_output,
			 "{\n  \"lnsctl\": \"" LNSD_VERSION "\",\n  \"lnsd\": null\n}\n");
}
END_TEST

START_TEST(lnsctl_without_a_daemon_ends_with_3)
{
	static const char *const verbs[] = {"status", "sessions",     "tunnels",
					    "show 1", "disconnect 1", "reload"};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		ck_assert_int_eq(tool_run(verbs[i]), 3);
		ck_assert(strncmp(tool_output, "lnsctl: lnsd does not answer on /tmp/", 37) == 0);
		ck_assert(strstr(tool_output, "(start it with: systemctl start lnsd)\n") != NULL);
	}
}
END_TEST

START_TEST(lnsctl_daemon_that_hangs_up_ends_with_3)
{
	expect("", "status", 3,
	       "lnsctl: lnsd hung up without an answer (see: journalctl -u lnsd)\n");
}
END_TEST

START_TEST(lnsctl_answer_that_is_none_ends_with_1)
{
	static const char *const answers[] = {
		"hello\n", "[]\n", "{}\n", "{\"ok\": true}\n", "{\"ok\": false}\n", "{\"ok\": tr",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		expect(answers[i], "status", 1,
		       "lnsctl: lnsd's answer is not understood (are lnsd and lnsctl of one "
		       "version?)\n");
	/* whole JSON of the wrong shape is shown as far as it goes */
	expect(OK("7"), "sessions", 0,
	       "USER  ADDRESS  PEER  CLIENT  STATE  UP  RX  TX  IPSEC  ID\n");
}
END_TEST

START_TEST(lnsctl_large_answer_is_whole)
{
	char *answer = malloc(4 << 20), *p = answer;
	int lines = 0;

	p += sprintf(p, "{\"ok\": true, \"data\": {\"lines\": [\"x\"");
	for (int i = 0; i < 5000; i++)
		p += sprintf(p, ", \"line %d\"", i);
	sprintf(p, "]}}\n");
	tool_daemon(answer);
	ck_assert_int_eq(tool_run("reload"), 0);
	for (p = tool_output; (p = strchr(p, '\n')); p++)
		lines++;
	ck_assert_int_eq(lines, 5001);
	free(answer);
}
END_TEST

START_TEST(lnsctl_overlong_argument_is_wrong_usage)
{
	ck_assert_int_eq(tool_run("show \"$(head -c 5000 /dev/zero | tr '\\0' a)\""), 2);
	ck_assert(strstr(tool_output, "is too long, or not UTF-8") != NULL);
	ck_assert_int_eq(tool_run("show \"$(printf '\\377')\""), 2);
}
END_TEST

START_TEST(lnsctl_wrong_usage_ends_with_2)
{
	ck_assert_int_eq(tool_run("stauts"), 2);
	ck_assert_str_eq(tool_output, "lnsctl: unknown verb 'stauts' (did you mean 'status'?); "
				      "'lnsctl help' lists them\n");
	ck_assert_int_eq(tool_run("help relaod"), 2);
	ck_assert_int_eq(tool_run("show"), 2);
	ck_assert_str_eq(tool_output, "usage: lnsctl [--json] [--socket PATH] show ID\n");
	ck_assert_int_eq(tool_run("show 1 2"), 2);
	ck_assert_int_eq(tool_run("status x"), 2);
	ck_assert_int_eq(tool_run("check a b"), 2);
	ck_assert_int_eq(tool_run("--nope status"), 2);
	ck_assert_int_eq(tool_run(""), 2);
	ck_assert(strstr(tool_output, "usage: lnsctl") == tool_output);
}
END_TEST

START_TEST(lnsctl_help_lists_every_verb)
{
	static const char *const verbs[] = {"status",	  "sessions", "tunnels", "show",
					    "disconnect", "dial",     "drain",	 "reload",
					    "check",	  "doctor",   "version"};

	ck_assert_int_eq(tool_run("help"), 0);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		char text[64];

		sprintf(text, "\n  %s ", verbs[i]);
		ck_assert_msg(strstr(tool_output, text) != NULL, "%s", verbs[i]);
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		char text[64];

		sprintf(text, "help %s", verbs[i]);
		ck_assert_int_eq(tool_run(text), 0);
		sprintf(text, "usage: lnsctl [--json] [--socket PATH] %s", verbs[i]);
		ck_assert(strncmp(tool_output, text, strlen(text)) == 0);
	}
	ck_assert_int_eq(tool_run("--help"), 0);
	ck_assert_int_eq(tool_run("--version"), 0);
	ck_assert_str_eq(tool_output, "lnsctl " LNSD_VERSION "\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("lnsctl");
	TCase *tc = tcase_create("lnsctl");

	tcase_add_checked_fixture(tc, tool_begin, tool_end);
	tcase_add_test(tc, lnsctl_status_is_pairs);
	tcase_add_test(tc, lnsctl_status_shows_problems_with_fixes);
	tcase_add_test(tc, lnsctl_sessions_is_a_table);
	tcase_add_test(tc, lnsctl_sessions_of_nobody_is_the_header);
	tcase_add_test(tc, lnsctl_json_is_the_daemons_document);
	tcase_add_test(tc, lnsctl_tunnels_is_a_table);
	tcase_add_test(tc, lnsctl_show_session_is_all_members);
	tcase_add_test(tc, lnsctl_show_has_a_line_for_each_thing_that_a_session_may_do);
	tcase_add_test(tc, lnsctl_show_of_a_long_list_is_whole);
	tcase_add_test(tc, lnsctl_show_of_a_list_beyond_all_bounds_says_that_there_is_more);
	tcase_add_test(tc, lnsctl_show_tunnel_has_its_sessions);
	tcase_add_test(tc, lnsctl_show_has_a_table_of_the_sas);
	tcase_add_test(tc, lnsctl_show_has_a_table_of_the_attributes);
	tcase_add_test(tc, lnsctl_dial_names_the_session);
	tcase_add_test(tc, lnsctl_dial_of_no_number_or_tunnel_is_wrong_usage);
	tcase_add_test(tc, lnsctl_drain_says_where_clients_are_sent);
	tcase_add_test(tc, lnsctl_status_shows_that_it_drains);
	tcase_add_test(tc, lnsctl_disconnect_names_what_it_ended);
	tcase_add_test(tc, lnsctl_refusal_is_told_on_every_line);
	tcase_add_test(tc, lnsctl_reload_shows_the_daemons_lines);
	tcase_add_test(tc, lnsctl_version_has_both);
	tcase_add_test(tc, lnsctl_version_works_without_the_daemon);
	tcase_add_test(tc, lnsctl_without_a_daemon_ends_with_3);
	tcase_add_test(tc, lnsctl_daemon_that_hangs_up_ends_with_3);
	tcase_add_test(tc, lnsctl_answer_that_is_none_ends_with_1);
	tcase_add_test(tc, lnsctl_large_answer_is_whole);
	tcase_add_test(tc, lnsctl_overlong_argument_is_wrong_usage);
	tcase_add_test(tc, lnsctl_wrong_usage_ends_with_2);
	tcase_add_test(tc, lnsctl_help_lists_every_verb);
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
