/* Lines of several logs, put together for one client. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/timeline.h"
#include "unit.h"

#define T0 (INT64_C(1795269600) * 1000000)

/* A tunnel of alice's and one of bob's behind one NAT, and a stranger. */
static const struct {
	int ms;
	bool pluto;
	const char *text;
} lines[] = {
	{0, true, "packet from 203.0.113.7:500: ignoring unknown Vendor ID payload"},
	/* pluto switches to another instance when it knows who it is */
	{100, true, "\"lnsd-psk-1\"[2] 203.0.113.7 #5: responding to Main Mode"},
	{110, true, "\"lnsd-psk-1\"[3] 203.0.113.7 #5: IKE SA established"},
	{150, true, "\"lnsd-psk-1\"[3] 203.0.113.7 #6: responding to Main Mode"},
	{160, true, "\"lnsd-psk-1\"[4] 203.0.113.7 #6: IKE SA established"},
	{312, true, "\"lnsd-psk-1\"[3] 203.0.113.7 #7: IPsec SA established transport mode"},
	{400, false, "tunnel up tid=77 peer=203.0.113.7:4500"},
	{1000, false,
	 "login user=\"alice\" session=77-88 address=10.99.0.10 peer=203.0.113.7:4500 "
	 "client=windows setup_ms=600 l2tp_ms=80 ppp_ms=520"},
	{1500, true, "\"lnsd-psk-1\"[4] 203.0.113.7 #8: IPsec SA established transport mode"},
	{1600, false, "tunnel up tid=78 peer=203.0.113.7:701"},
	{1700, false,
	 "refused user=\"bob\" session=78-9 peer=203.0.113.7:701 cause=wrong-password"},
	{1800, false, "tunnel up tid=79 peer=[2001:db8::9]:1701"},
	{2000, false,
	 "logout user=\"alice\" session=77-88 address=10.99.0.10 peer=203.0.113.7:4500 "
	 "cause=user-request"},
};

struct said {
	char text[4000];
	int64_t ike, l2tp, ppp;
};

static void
note(void *ctx, const struct timeline_line *line)
{
	struct said *said = ctx;
	char words[40];

	snprintf(words, sizeof(words), "%s:%.12s;", timeline_stage_name(line->stage),
		 line->text + (line->text[0] == '"' ? 12 : 0));
	strcat(said->text, words);
	if (line->l2tp_ms >= 0) {
		said->ike = line->ike_ms;
		said->l2tp = line->l2tp_ms;
		said->ppp = line->ppp_ms;
	}
}

static void
fill(struct timeline *timeline, size_t from, size_t to)
{
	for (size_t i = to; i-- > from;) /* the order in which they come is not that of time */
		ck_assert(timeline_add(timeline, T0 + lines[i].ms * 1000, lines[i].pluto,
				       lines[i].text));
	timeline_sort(timeline);
}

#define ALL (sizeof(lines) / sizeof(lines[0]))

START_TEST(user_has_the_lines_of_his_tunnel_and_instance_only)
{
	struct timeline timeline = {.lines = NULL};
	struct said said = {.text = ""};

	fill(&timeline, 0, ALL);
	timeline_walk(&timeline, "alice", note, &said);
	ck_assert_str_eq(said.text,
			 "ike:packet from ;ike:[2] 203.0.11;ike:[3] 203.0.11;ike:[3] 203.0.11;"
			 "l2tp:tunnel up ti;account:login user=\";account:logout user=;");
	ck_assert_int_eq(said.ike, 212);
	ck_assert_int_eq(said.l2tp, 80);
	ck_assert_int_eq(said.ppp, 520);
	timeline_fini(&timeline);
}
END_TEST

START_TEST(refused_user_has_his_lines)
{
	struct timeline timeline = {.lines = NULL};
	struct said said = {.text = ""};

	fill(&timeline, 0, ALL);
	timeline_walk(&timeline, "bob", note, &said);
	ck_assert_str_eq(said.text,
			 "ike:packet from ;ike:[3] 203.0.11;ike:[4] 203.0.11;ike:[4] 203.0.11;"
			 "l2tp:tunnel up ti;account:refused user;");
	timeline_fini(&timeline);
}
END_TEST

START_TEST(address_has_all_that_came_from_there)
{
	struct timeline timeline = {.lines = NULL};
	struct said peer = {.text = ""}, six = {.text = ""}, inside = {.text = ""};

	fill(&timeline, 0, ALL);
	timeline_walk(&timeline, "2001:db8::9", note, &six);
	ck_assert_str_eq(six.text, "l2tp:tunnel up ti;");
	timeline_walk(&timeline, "10.99.0.10", note, &inside);
	ck_assert_ptr_nonnull(strstr(inside.text, "account:login"));
	ck_assert_ptr_nonnull(strstr(inside.text, "ike:[3]"));
	timeline_walk(&timeline, "203.0.113.7", note, &peer);
	ck_assert_ptr_nonnull(strstr(peer.text, "ike:[4]"));
	ck_assert_ptr_null(strstr(peer.text, "login")); /* which was given before */
	timeline_fini(&timeline);
}
END_TEST

START_TEST(line_is_given_once_also_when_its_user_is_known_later)
{
	struct timeline timeline = {.lines = NULL};
	struct said first = {.text = ""}, then = {.text = ""}, more = {.text = ""};

	fill(&timeline, 0, 7);
	timeline_walk(&timeline, "alice", note, &first);
	ck_assert_str_eq(first.text, "");
	fill(&timeline, 7, ALL);
	timeline_walk(&timeline, "alice", note, &then);
	ck_assert_ptr_nonnull(strstr(then.text, "ike:[3]"));
	timeline_walk(&timeline, "alice", note, &more);
	ck_assert_str_eq(more.text, "");
	timeline_fini(&timeline);
}
END_TEST

START_TEST(everything_is_given_without_a_name)
{
	struct timeline timeline = {.lines = NULL};
	struct said said = {.text = ""};
	size_t count = 0;

	fill(&timeline, 0, ALL);
	timeline_walk(&timeline, NULL, note, &said);
	for (const char *at = said.text; (at = strchr(at, ';')) != NULL; at++)
		count++;
	ck_assert_uint_eq(count, ALL);
	timeline_fini(&timeline);
}
END_TEST

START_TEST(secret_is_struck_out)
{
	static const char *const texts[][2] = {
		{"sent [PAP AuthReq id=0x1 user=\"a\" password=\"hunter2\"]",
		 "sent [PAP AuthReq id=0x1 user=\"a\" password=\"*******\"]"},
		{"password=hunter2 next", "password=******* next"},
		{"<0123456789abcdef01>, name", "<******************>, name"},
		{"mark=0x20000001 spi=0x12345678", "mark=0x20000001 spi=0x12345678"},
		{"password=\"open", "password=\"****"},
	};
	struct timeline timeline = {.lines = NULL};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char text[100];

		strcpy(text, texts[i][0]);
		timeline_mask(text);
		ck_assert_str_eq(text, texts[i][1]);
	}
	ck_assert(!timeline_add(&timeline, 1, true, "| its debugging shows keys"));
	ck_assert(timeline_add(&timeline, 1, false, "login user=\"a\" password=b"));
	ck_assert_str_eq(timeline.lines[0].text, "login user=\"a\" password=*");
	timeline_fini(&timeline);
}
END_TEST

START_TEST(time_of_a_line_is_read)
{
	const int64_t now = 1795269600; /* 2026-11-21 14:00 UTC */
	static const struct {
		const char *line, *rest;
		int64_t us;
	} times[] = {
		{"2026-11-21T14:00:00Z lnsd[5]: x", "lnsd[5]: x", T0},
		{"2026-11-21T15:00:00.25+01:00 gw pluto[5]: x", "x", T0 + 250000},
		{"2026-11-21T15:00:00.25+0100 x", "x", T0 + 250000},
		{"Nov 21 14:00:00.000007: \"lnsd-psk-1\" x", "\"lnsd-psk-1\" x", T0 + 7},
		{"Nov 21 14:00:00 gw lnsd[77]: login", "login", T0},
		{"Nov 21 14:00:00 gw sshd[77]: login", "gw sshd[77]: login", T0},
		{"Dec 24 14:00:00 gw lnsd: x", "x", T0 - INT64_C(332) * 86400 * 1000000},
	};
	int64_t us;

	setenv("TZ", "UTC", 1);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		const char *rest = timeline_time(times[i].line, now, &us);

		ck_assert_ptr_nonnull(rest);
		ck_assert_str_eq(rest, times[i].rest);
		ck_assert_int_eq(us, times[i].us);
	}
	ck_assert_ptr_null(timeline_time("login user=\"a\"", now, &us));
	ck_assert_ptr_null(timeline_time("", now, &us));
}
END_TEST

START_TEST(lines_are_bounded)
{
	struct timeline timeline = {.lines = NULL};

	for (unsigned i = 0; i < TIMELINE_LINES_MAX + 10; i++)
		ck_assert(timeline_add(&timeline, i, false, "x"));
	ck_assert_uint_le(timeline.count, TIMELINE_LINES_MAX);
	timeline_sort(&timeline);
	ck_assert_int_eq(timeline.lines[timeline.count - 1].time_us, TIMELINE_LINES_MAX + 9);
	timeline_fini(&timeline);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		user_has_the_lines_of_his_tunnel_and_instance_only,
		refused_user_has_his_lines,
		address_has_all_that_came_from_there,
		line_is_given_once_also_when_its_user_is_known_later,
		everything_is_given_without_a_name,
		secret_is_struck_out,
		time_of_a_line_is_read,
		lines_are_bounded,
	};

	return unit_run("timeline", tests, sizeof(tests) / sizeof(tests[0]));
}
