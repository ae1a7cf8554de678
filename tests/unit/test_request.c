/* Requests of the control socket: the verbs, and all that is none of them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "worker/request.h"

static char why[160];

static bool
parse(struct request *request, const char *line)
{
	why[0] = '\0';
	return request_parse(request, line, strlen(line), why, sizeof(why));
}

START_TEST(verb_without_argument_is_taken)
{
	static const struct {
		const char *line;
		enum request_verb verb;
	} good[] = {
		{"{\"verb\": \"status\"}", VERB_STATUS},
		{"{\"verb\":\"sessions\"}\r", VERB_SESSIONS},
		{"{\"verb\": \"tunnels\", \"arg\": null}", VERB_TUNNELS},
		{"{\"verb\": \"reload\"}", VERB_RELOAD},
	};
	struct request request;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(parse(&request, good[i].line), "%s: %s", good[i].line, why);
		ck_assert_int_eq(request.verb, good[i].verb);
		ck_assert_str_eq(request.arg, "");
	}
}
END_TEST

START_TEST(verb_with_argument_keeps_it_whole)
{
	struct request request;

	ck_assert(parse(&request, "{\"verb\": \"disconnect\", \"arg\": \"j\\u00f6rg o'neill\"}"));
	ck_assert_int_eq(request.verb, VERB_DISCONNECT);
	ck_assert_str_eq(request.arg, "j\xc3\xb6rg o'neill");
	ck_assert(parse(&request, "{\"verb\": \"show\", \"arg\": \"4711-815\"}"));
	ck_assert_str_eq(request.arg, "4711-815");
}
END_TEST

START_TEST(call_has_peer_number_and_perhaps_a_tunnel)
{
	struct request request;

	ck_assert(parse(&request, "{\"verb\": \"dial\", \"arg\": \"isp\", \"number\": "
				  "\"+49 30 1\", \"tunnel\": 4711}"));
	ck_assert_int_eq(request.verb, VERB_DIAL);
	ck_assert_str_eq(request.arg, "isp");
	ck_assert_str_eq(request.number, "+49 30 1");
	ck_assert_uint_eq(request.tunnel, 4711);
	ck_assert(parse(&request, "{\"verb\": \"dial\", \"arg\": \"isp\", \"number\": \"1\"}"));
	ck_assert_uint_eq(request.tunnel, 0);
}
END_TEST

START_TEST(drain_may_lack_its_address)
{
	struct request request;

	ck_assert(parse(&request, "{\"verb\": \"drain\"}"));
	ck_assert_int_eq(request.verb, VERB_DRAIN);
	ck_assert_str_eq(request.arg, "");
	ck_assert(parse(&request, "{\"verb\": \"drain\", \"arg\": null, \"new\": false}"));
	ck_assert(!request.only_new);
	ck_assert(parse(&request, "{\"verb\": \"drain\", \"arg\": \"::1\", \"new\": true}"));
	ck_assert_str_eq(request.arg, "::1");
	ck_assert(request.only_new);
}
END_TEST

START_TEST(what_is_no_request_is_refused_with_a_reason)
{
	static const char *const bad[] = {
		"",
		"status",
		"[]",
		"{}",
		"{\"verb\": 1}",
		"{\"verb\": \"statu\"}",
		"{\"verb\": \"\\u0007\"}",
		"{\"verb\": \"status\", \"arg\": \"x\"}",
		"{\"verb\": \"status\", \"verb\": \"reload\"}",
		"{\"verb\": \"show\"}",
		"{\"verb\": \"show\", \"arg\": \"\"}",
		"{\"verb\": \"show\", \"arg\": 17}",
		"{\"verb\": \"disconnect\", \"arg\": \"a\\nb\"}",
		"{\"verb\": \"drain\", \"arg\": \"\"}",
		"{\"verb\": \"drain\", \"arg\": 1}",
		"{\"verb\": \"dial\", \"number\": \"1\"}",
		"{\"verb\": \"dial\", \"arg\": \"isp\"}",
		"{\"verb\": \"dial\", \"arg\": \"isp\", \"number\": \"\"}",
		"{\"verb\": \"dial\", \"arg\": \"isp\", \"number\": \"1\\u0007\"}",
		"{\"verb\": \"dial\", \"arg\": \"isp\", \"number\": \"1\", \"tunnel\": 65536}",
		"{\"verb\": \"dial\", \"arg\": \"isp\", \"number\": \"1\", \"tunnel\": -1}",
		"{\"verb\": \"disconnect\", \"arg\": \"\\u0000\"}",
		"{\"verb\": \"status\"} trailing",
		"{\"verb\": \"sta\xfftus\"}",
	};
	struct request request;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!parse(&request, bad[i]), "%s", bad[i]);
		ck_assert_uint_gt(strlen(why), 0);
		for (const char *p = why; *p; p++)
			ck_assert_msg((unsigned char)*p >= ' ', "control byte in: %s", why);
	}
}
END_TEST

START_TEST(argument_too_long_is_refused)
{
	char line[600] = "{\"verb\": \"show\", \"arg\": \"";
	struct request request;

	memset(line + strlen(line), '7', 256);
	strcat(line, "\"}");
	ck_assert(!parse(&request, line));
}
END_TEST

START_TEST(ids_are_tid_and_sid_in_decimal)
{
	char text[REQUEST_ID_MAX];

	ck_assert_str_eq(request_id_text(text, (struct lns_ref){.tid = 4711, .sid = 815}),
			 "4711-815");
	ck_assert_str_eq(request_id_text(text, (struct lns_ref){.tid = 65535, .sid = 65535}),
			 "65535-65535");
}
END_TEST

START_TEST(reload_is_one_of_its_acts_and_on_trial_for_a_day_at_most)
{
	static const struct {
		const char *line;
		bool ok;
		enum reload_act act;
		uint32_t seconds;
	} cases[] = {
		{"{\"verb\": \"reload\"}", true, RELOAD_APPLY, 0},
		{"{\"verb\": \"reload\", \"seconds\": 86400}", true, RELOAD_APPLY, 86400},
		{"{\"verb\": \"reload\", \"seconds\": 86401}", false, 0, 0},
		{"{\"verb\": \"reload\", \"seconds\": -1}", false, 0, 0},
		{"{\"verb\": \"reload\", \"arg\": \"dry-run\"}", true, RELOAD_LOOK, 0},
		{"{\"verb\": \"reload\", \"arg\": \"confirmed\"}", true, RELOAD_CONFIRMED, 0},
		{"{\"verb\": \"reload\", \"arg\": \"undo\"}", true, RELOAD_UNDO, 0},
		{"{\"verb\": \"reload\", \"arg\": \"now\"}", false, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request;
		bool ok;

		why[0] = '\0';
		ok = request_parse(&request, cases[i].line, strlen(cases[i].line), why,
				   sizeof(why));
		ck_assert_msg(ok == cases[i].ok, "%s: %s", cases[i].line, why);
		ck_assert_int_eq(why[0] == '\0', ok);
		if (ok) {
			ck_assert_int_eq(request.act, cases[i].act);
			ck_assert_uint_eq(request.seconds, cases[i].seconds);
		}
	}
}
END_TEST

START_TEST(tunnel_id_is_a_number_in_range_or_none)
{
	ck_assert_uint_eq(request_tunnel_id("4711"), 4711);
	ck_assert_uint_eq(request_tunnel_id("65535"), 65535);
	ck_assert_uint_eq(request_tunnel_id("65536"), 0);
	ck_assert_uint_eq(request_tunnel_id("99999999999999999999"), 0);
	ck_assert_uint_eq(request_tunnel_id("-1"), 0);
	ck_assert_uint_eq(request_tunnel_id("47a"), 0);
	ck_assert_uint_eq(request_tunnel_id(""), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("request");
	TCase *tc = tcase_create("request");

	tcase_add_test(tc, verb_without_argument_is_taken);
	tcase_add_test(tc, verb_with_argument_keeps_it_whole);
	tcase_add_test(tc, call_has_peer_number_and_perhaps_a_tunnel);
	tcase_add_test(tc, drain_may_lack_its_address);
	tcase_add_test(tc, what_is_no_request_is_refused_with_a_reason);
	tcase_add_test(tc, argument_too_long_is_refused);
	tcase_add_test(tc, ids_are_tid_and_sid_in_decimal);
	tcase_add_test(tc, reload_is_one_of_its_acts_and_on_trial_for_a_day_at_most);
	tcase_add_test(tc, tunnel_id_is_a_number_in_range_or_none);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
