/* lnsctl doctor --client: the case that each kind of evidence makes, and the kernel's words. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/sa_look.h"
#include "lnsctl/verdict.h"

#define NOW 1795294920

/* A client of whom all could be looked at, and nothing is known. */
static struct evidence
stranger(void)
{
	return (struct evidence){.client = "192.0.2.7",
				 .family = 4,
				 .now = NOW,
				 .ike = "aes256-sha2;dh14",
				 .esp = "aes_gcm-null",
				 .psk_file = "/etc/lnsd/psk",
				 .log_seen = true,
				 .sas_seen = true,
				 .daemon_seen = true,
				 .history_seen = true,
				 .rules_seen = true,
				 .log = "the journal"};
}

static void
expect(const struct evidence *e, const char *name, const char *text, const char *fix)
{
	struct finding finding;

	ck_assert_str_eq(verdict_find(e, &finding), name);
	ck_assert_msg(strstr(finding.text, text) != NULL, "no '%s' in: %s", text, finding.text);
	ck_assert_msg(strstr(finding.fix, fix) != NULL, "no '%s' in: %s", fix, finding.fix);
	ck_assert_int_eq(finding.ok, finding.fix[0] == '\0');
}

static void
refused(struct evidence *e, const char *user, const char *cause)
{
	e->past.any = e->past.refused = true;
	e->past.end = NOW - 5;
	strcpy(e->past.user, user);
	strcpy(e->past.cause, cause);
}

START_TEST(verdict_of_silence_depends_on_what_was_seen)
{
	struct evidence e = stranger();

	expect(&e, "nothing-arrived", "no rule of this machine drops it", "tcpdump");
	strcpy(e.rule[PROBE_IKE], "table ip mine, chain in: udp dport 500 drop");
	expect(&e, "protocol-blocked", "drops what it sends, udp 500: table ip mine",
	       "nft insert rule ip mine in udp dport 500 accept");
	e = stranger();
	e.rules_seen = e.log_seen = false;
	expect(&e, "not-seen", "libreswan's log cannot be seen by you", "sudo lnsctl");
}
END_TEST

START_TEST(verdict_of_ike_is_its_fault)
{
	static const struct {
		enum pluto_stage stage;
		enum pluto_fault fault;
		const char *name, *text;
	} rows[] = {
		{PLUTO_R2, PLUTO_WRONG_KEY, "wrong-psk", "2 tries"},
		{PLUTO_ASKED, PLUTO_NO_IKE_PROPOSAL, "no-common-proposal",
		 "offers: GROUP 2; allowed: aes256-sha2;dh14"},
		{PLUTO_IKE, PLUTO_NO_ESP_PROPOSAL, "no-common-proposal", "allowed: aes_gcm-null"},
		{PLUTO_ASKED, PLUTO_AGGRESSIVE, "ike-refused", "group name"},
		{PLUTO_ASKED, PLUTO_IKEV2, "ike-refused", "IKEv2"},
		{PLUTO_ASKED, PLUTO_NO_CONN, "ike-refused", "no connection"},
		{PLUTO_IKE, PLUTO_SELECTOR, "ike-refused", "UDP 1701"},
		{PLUTO_IKE, PLUTO_CERTIFICATE, "ike-refused", "certificate"},
		{PLUTO_IKE, PLUTO_KERNEL, "ike-refused", "kernel"},
		{PLUTO_R1, PLUTO_NO_FAULT, "return-path-lost", "does not reach it"},
		{PLUTO_R2, PLUTO_NO_FAULT, "protocol-blocked", "UDP 4500"},
		{PLUTO_IKE, PLUTO_NO_FAULT, "ike-unfinished", "came to no SA"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct evidence e = stranger();

		e.tale.heard = 1;
		e.tale.begun = NOW - 9;
		e.tale.wrong_keys = 2;
		strcpy(e.tale.offered, "GROUP 2");
		e.tale.stage = rows[i].stage;
		e.tale.fault = rows[i].fault;
		expect(&e, rows[i].name, rows[i].text, "");
	}
}
END_TEST

START_TEST(verdict_of_an_sa_is_what_it_carries)
{
	struct evidence e = stranger();

	e.tale.stage = PLUTO_IPSEC;
	e.tale.protected = NOW - 9;
	e.sas.in.sas = e.sas.out.sas = 1;
	expect(&e, "protocol-blocked", "IP protocol 50", "ESP");
	strcpy(e.rule[PROBE_ESP], "table iptables filter, chain INPUT: -p esp -j DROP");
	expect(&e, "protocol-blocked", "drops what it sends, esp",
	       "iptables-legacy -t filter -I INPUT -p esp -j ACCEPT");
	e.sas.nat = true;
	expect(&e, "nat-without-encapsulation", "809", "reg add");
	e.sas.in.packets = 5;
	expect(&e, "no-l2tp", "no SCCRQ", "dropped");
	strcpy(e.rule[PROBE_L2TP],
	       "table inet firewalld, chain filter_IN_public: reject with icmpx admin-prohibited");
	expect(&e, "protocol-blocked", "udp 1701",
	       "firewall-cmd --permanent --add-port=1701/udp && firewall-cmd --reload");
	e.daemon_seen = false;
	e.rule[PROBE_L2TP][0] = '\0';
	expect(&e, "no-daemon", "lnsd does not answer", "systemctl start lnsd");
	e.daemon_seen = true;
	e.sas.out.packets = 3;
	expect(&e, "return-path-lost", "was answered", "ip route get 192.0.2.7");
}
END_TEST

START_TEST(verdict_of_an_sa_that_is_gone_is_what_it_carried)
{
	struct evidence e = stranger();

	e.tale.stage = PLUTO_IPSEC;
	e.tale.protected = NOW - 9;
	expect(&e, "under-way", "SA", "");
	e.tale.counted = e.tale.none_in = e.tale.none_out = true;
	expect(&e, "protocol-blocked", "IP protocol 50", "ESP");
	e.tale.nat = true;
	e.tale.silent = 3;
	expect(&e, "nat-without-encapsulation", "again and again", "reg add");
	e.tale.none_in = e.tale.none_out = false;
	expect(&e, "return-path-lost", "was answered", "");
}
END_TEST

START_TEST(verdict_of_a_refusal_is_its_cause)
{
	static const char *const rows[][3] = {
		{"wrong-password", "alice", "lnsctl user passwd alice"},
		{"unknown-user", "a;reboot", "lnsctl user add NAME"},
		{"unknown-user", "-x", "lnsctl user add NAME"},
		{"expired", "bob", "lnsctl user set bob expires="},
		{"disabled", "bob", "lnsctl user enable bob"},
		{"limit", "bob",
		 "lnsctl disconnect bob, or let the user have more: lnsctl user set bob "},
		{"no-address", "bob", "network.pool"},
		{"ncp", "bob", "lnsctl history"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct evidence e = stranger();

		refused(&e, rows[i][1], rows[i][0]);
		expect(&e, rows[i][0], rows[i][1], rows[i][2]);
	}
}
END_TEST

START_TEST(verdict_is_of_the_last_try)
{
	struct evidence e = stranger();

	refused(&e, "alice", "wrong-password");
	e.tale.stage = PLUTO_IPSEC;
	e.tale.protected = NOW - 5;
	expect(&e, "wrong-password", "alice", "passwd");
	/* it came back since, and got no further than IPsec */
	e.tale.protected = NOW - 2;
	e.sas.in.sas = 1;
	e.sas.nat = true;
	expect(&e, "nat-without-encapsulation", "", "");
	e.tale = (struct pluto_tale){.stage = PLUTO_R2, .fault = PLUTO_WRONG_KEY, .wrong_keys = 1};
	expect(&e, "wrong-psk", "1 try", "");
	/* an SA of before says nothing of the try that is under way */
	e.sas.in.packets = e.sas.out.packets = 9;
	e.tale = (struct pluto_tale){.stage = PLUTO_R2, .begun = NOW - 1};
	expect(&e, "protocol-blocked", "UDP 4500", "");
	e = stranger();
	refused(&e, "alice", "user-request");
	e.past.refused = false;
	expect(&e, "ended", "alice was connected", "");
}
END_TEST

START_TEST(verdict_of_what_is_now_comes_first)
{
	struct evidence e = stranger();

	refused(&e, "alice", "wrong-password");
	e.tunnel.any = e.tunnel.waiting = true;
	e.tunnel.retransmits = 2;
	e.tunnel.since = NOW - 9;
	/* that tunnel was before the login */
	expect(&e, "wrong-password", "", "");
	e.tunnel.since = NOW - 2;
	expect(&e, "return-path-lost", "sent 3 times", "ip route get 192.0.2.7");
	e.session.any = true;
	expect(&e, "logging-in", "", "");
	e.session.up = true;
	expect(&e, "connected", "", "");
	e.looped = true;
	finding_bad(&e.loop, "ip route del 192.0.2.0/24 dev ppp3", "it leads into a tunnel");
	expect(&e, "return-path-lost", "into a tunnel", "ip route del");
	e.ban.any = true;
	strcpy(e.ban.reason, "wrong-psk");
	expect(&e, "banned", "wrong-psk", "lnsctl bans del 192.0.2.7");
}
END_TEST

static const char state[] =
	"src 10.9.0.2 dst 10.9.0.1\n"
	"\tproto esp spi 0x38a01cb2(950017202) reqid 16389(0x00004005) mode transport\n"
	"\treplay-window 128 seq 0x00000000 flag  (0x00000000)\n"
	"\tencap type espinudp sport 4500 dport 4500 addr 0.0.0.0\n"
	"\tlifetime config:\n"
	"\t  limit: soft (INF)(bytes), hard (INF)(bytes)\n"
	"\tlifetime current:\n"
	"\t  1234(bytes), 12(packets)\n"
	"\t  add 2026-11-21 20:40:00 use 2026-11-21 20:40:01\n"
	"src 10.9.0.1 dst 10.9.0.2\n"
	"\tproto esp spi 0xc5930de2(3314748898) reqid 16389(0x00004005) mode transport\n"
	"\tlifetime current:\n"
	"\t  0(bytes), 0(packets)\n"
	"\t  add 2026-11-21 20:40:00 use -\n"
	"src 10.9.0.2 dst 10.9.0.1\n"
	"\tproto esp spi 0x38a01cb3(950017203) reqid 16389(0x00004005) mode transport\n"
	"\tlifetime current:\n"
	"\t  99(bytes), 1(packets)\n"
	"\t  add 2026-11-21 20:30:00 use -\n"
	"src 10.9.0.2 dst 10.9.0.1\n"
	"\tproto esp spi 0x00000000(0) reqid 0 mode transport\n"
	"\tlifetime current:\n"
	"\t  7(bytes), 7(packets)\n"
	"\t  add 2026-11-21 20:50:00 use -\n"
	"src 10.9.0.3 dst 10.9.0.1\n"
	"\tlifetime current:\n"
	"\t  5(bytes), 5(packets)\n"
	"\t  add 2026-11-21 20:50:00 use -\n";

START_TEST(sa_look_takes_the_newest_of_the_client)
{
	struct sa_look look = {.client = "10.9.0.2"};
	char text[sizeof(state)], *rest = text;

	strcpy(text, state);
	for (char *line; (line = strsep(&rest, "\n"));)
		sa_look_line(&look, line);
	ck_assert_uint_eq(look.in.sas, 2);
	ck_assert_uint_eq(look.in.bytes, 1234);
	ck_assert_uint_eq(look.in.packets, 12);
	ck_assert_str_eq(look.in.since, "2026-11-21 20:40:00");
	ck_assert_uint_eq(look.out.sas, 1);
	ck_assert_uint_eq(look.out.packets, 0);
	ck_assert(look.nat);
	ck_assert_str_eq(look.local, "10.9.0.1");
}
END_TEST

START_TEST(finding_opens_in_the_words_of_who_made_the_rule)
{
	static const char *const rows[][3] = {
		{"table inet firewalld, chain x: drop", "esp",
		 "firewall-cmd --permanent --add-protocol=esp && firewall-cmd --reload"},
		{"table iptables filter, chain ufw-user-input: -j DROP", "udp 500",
		 "ufw allow 500/udp"},
		{"table ip filter, chain ufw-not-local: drop", "esp",
		 "ufw allow proto esp from any to any"},
		{"table ip6tables raw, chain PREROUTING: -j DROP", "udp 4500",
		 "ip6tables-legacy -t raw -I PREROUTING -p udp --dport 4500 -j ACCEPT"},
		{"table ip filter, chain INPUT: policy drop", "udp 500",
		 "iptables -t filter -I INPUT -p udp --dport 500 -j ACCEPT"},
		{"table ip6 filter, chain INPUT: policy drop (ufw's)", "udp 500",
		 "ufw allow 500/udp"},
		{"table inet x, chain in: policy drop", "esp",
		 "nft insert rule inet x in meta l4proto esp accept"},
	};
	char fix[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_str_eq(finding_open(fix, rows[i][0], rows[i][1]), rows[i][2]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("verdict");
	TCase *tc = tcase_create("verdict");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, verdict_of_silence_depends_on_what_was_seen);
	tcase_add_test(tc, verdict_of_ike_is_its_fault);
	tcase_add_test(tc, verdict_of_an_sa_is_what_it_carries);
	tcase_add_test(tc, verdict_of_an_sa_that_is_gone_is_what_it_carried);
	tcase_add_test(tc, verdict_of_a_refusal_is_its_cause);
	tcase_add_test(tc, verdict_is_of_the_last_try);
	tcase_add_test(tc, verdict_of_what_is_now_comes_first);
	tcase_add_test(tc, sa_look_takes_the_newest_of_the_client);
	tcase_add_test(tc, finding_opens_in_the_words_of_who_made_the_rule);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
