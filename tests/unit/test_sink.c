/* Events: one line for people, the same as fields for the journal. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "sink.h"

static struct {
	char line[2000], event[32];
	size_t count;
	int fd;
} taken;

static void
take_line(enum log_level level, const char *line)
{
	(void)level;
	snprintf(taken.line, sizeof(taken.line), "%s", line);
}

static void
take_event(int fd, enum log_level level, const char *line, const char *event,
	   const struct log_field *fields, size_t count)
{
	(void)fields;
	take_line(level, line);
	snprintf(taken.event, sizeof(taken.event), "%s", event);
	taken.count = count;
	taken.fd = fd;
}

static const struct log_field fields[] = {
	{"user", "al \\\"ice", true},
	{"address", "", false},
	{"closed_by", "client", false},
};

START_TEST(event_is_one_line_for_people)
{
	log_set_level(LVL_INFO);
	log_set_sink(take_line);
	log_event(LVL_NOTICE, "login", fields, 3);
	ck_assert_str_eq(taken.line, "login user=\"al \\\"ice\" address= closed_by=client");
	log_event(LVL_DEBUG, "nothing", fields, 3);
	ck_assert_str_eq(taken.line, "login user=\"al \\\"ice\" address= closed_by=client");
	log_set_event_sink(take_event, 7);
	log_event(LVL_NOTICE, "logout", fields, 2);
	ck_assert_str_eq(taken.line, "logout user=\"al \\\"ice\" address=");
	ck_assert_str_eq(taken.event, "logout");
	ck_assert_uint_eq(taken.count, 2);
	ck_assert_int_eq(taken.fd, 7);
	log_set_event_sink(NULL, -1);
	log_set_sink(NULL);
}
END_TEST

START_TEST(event_that_is_too_long_is_cut)
{
	char long_value[3000];
	const struct log_field long_one = {"text", long_value, true};

	memset(long_value, 'x', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	log_set_level(LVL_INFO);
	log_set_sink(take_line);
	log_event(LVL_NOTICE, "login", &long_one, 1);
	ck_assert_uint_eq(strlen(taken.line), 1000);
	log_set_sink(NULL);
}
END_TEST

START_TEST(event_for_the_journal_is_a_field_a_line)
{
	char out[SINK_EVENT_MAX];
	size_t len = sink_event_bytes(out, LVL_NOTICE, "login user=…", "login", fields, 3);
	static const char want[] =
		"MESSAGE=login user=…\nPRIORITY=5\nSYSLOG_IDENTIFIER=lnsd\n"
		"LNSD_EVENT=login\nLNSD_USER=al \\\"ice\nLNSD_CLOSED_BY=client\n";

	ck_assert_uint_eq(len, strlen(want));
	ck_assert_mem_eq(out, want, len);
}
END_TEST

START_TEST(event_for_the_journal_has_no_field_that_breaks_out)
{
	char out[SINK_EVENT_MAX], long_value[SINK_EVENT_MAX];
	const struct log_field odd[] = {{"user", "a\nMESSAGE=b", false},
					{"text", long_value, true},
					{"cause", "limit", false}};
	size_t len;

	memset(long_value, 'x', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	len = sink_event_bytes(out, LVL_ERROR, "x", "e", odd, 3);
	static const char want[] = "MESSAGE=x\nPRIORITY=3\nSYSLOG_IDENTIFIER=lnsd\nLNSD_EVENT=e\n"
				   "LNSD_CAUSE=limit\n";

	ck_assert_uint_eq(len, strlen(want));
	ck_assert_mem_eq(out, want, len);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sink");
	TCase *tc = tcase_create("sink");

	tcase_add_test(tc, event_is_one_line_for_people);
	tcase_add_test(tc, event_that_is_too_long_is_cut);
	tcase_add_test(tc, event_for_the_journal_is_a_field_a_line);
	tcase_add_test(tc, event_for_the_journal_has_no_field_that_breaks_out);
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
