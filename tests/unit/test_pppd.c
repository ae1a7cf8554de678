/* pppd from outside: its command line, why it does not start, and what its exit means. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/pppd_args.h"
#include "keeper/pppd_exit.h"
#include "keeper/spawn_fault.h"

static struct conf *
defaults(void)
{
	struct conf_errors errors = {.count = 0};
	struct conf *conf = conf_parse(NULL, 0, &errors);

	ck_assert_ptr_nonnull(conf);
	conf_errors_fini(&errors);
	return conf;
}

static struct pppd_start
start_of(const struct conf *conf)
{
	return (struct pppd_start){.conf = conf,
				   .line = -1,
				   .tty = "/dev/pts/7",
				   .plugin = "/usr/lib/lnsd/lnsd-pppd.so",
				   .link_fd = 3,
				   .host_name = "gw",
				   .peer = "192.0.2.7",
				   .gateway = 0x0a630001};
}

/* In place: argv points into the struct itself. */
static void
build(struct pppd_args *args, const struct conf *conf)
{
	struct pppd_start start = start_of(conf);

	ck_assert(pppd_args_build(args, &start));
	ck_assert_ptr_null(args->argv[args->count]);
}

/* Where an option stands; 0: nowhere */
static size_t
place(const struct pppd_args *args, const char *option)
{
	for (size_t i = 1; i < args->count; i++)
		if (strcmp(args->argv[i], option) == 0)
			return i;
	return 0;
}

static void
check_value(const struct conf *conf, const char *option, const char *value)
{
	struct pppd_args args;
	size_t at;

	build(&args, conf);
	at = place(&args, option);
	ck_assert_msg((at != 0) == (value != NULL), "%s", option);
	if (value)
		ck_assert_str_eq(args.argv[at + 1], value);
}

START_TEST(args_of_defaults_are_a_gateway)
{
	/* DAT-06, DAT-08: nothing that keeps state from frame to frame; DAT-09: room for ESP and
	 * UDP */
	struct conf *conf = defaults();
	struct pppd_args args;

	build(&args, conf);
	ck_assert_str_eq(args.argv[0], "/usr/sbin/pppd");
	ck_assert_str_eq(args.argv[1], "/dev/pts/7");
	ck_assert_uint_ne(place(&args, "nodetach"), 0);
	ck_assert_uint_ne(place(&args, "nolog"), 0);
	ck_assert_uint_ne(place(&args, "auth"), 0);
	ck_assert_uint_ne(place(&args, "noccp"), 0);
	ck_assert_uint_ne(place(&args, "novj"), 0);
	ck_assert_uint_ne(place(&args, "10.99.0.1:"), 0);
	ck_assert_uint_eq(place(&args, "noauth"), 0);
	check_value(conf, "plugin", "/usr/lib/lnsd/lnsd-pppd.so");
	check_value(conf, "lnsd-fd", "3");
	check_value(conf, "mtu", "1400");
	check_value(conf, "mru", "1400");
	check_value(conf, "lcp-echo-interval", "30");
	check_value(conf, "lcp-echo-failure", "4");
	check_value(conf, "ipparam", "192.0.2.7");
	check_value(conf, "name", "gw");
	conf_free(conf);
}
END_TEST

START_TEST(args_ask_for_the_methods_of_the_configuration)
{
	static const struct {
		unsigned method;
		const char *option;
	} rows[] = {{METHOD_MSCHAPV2, "require-mschap-v2"},
		    {METHOD_CHAP, "require-chap"},
		    {METHOD_PAP, "require-pap"},
		    {METHOD_EAP, "require-eap"}};
	struct conf *conf = defaults();

	for (unsigned methods = 1; methods < 16; methods++) {
		struct pppd_args args;

		conf->auth.methods = methods;
		build(&args, conf);
		for (size_t i = 0; i < 4; i++)
			ck_assert_int_eq(place(&args, rows[i].option) != 0,
					 (methods & rows[i].method) != 0);
		ck_assert_int_eq(place(&args, "tls-verify-method") != 0,
				 PPPD_API >= 25 && methods & METHOD_EAP);
		ck_assert_uint_eq(place(&args, "require-mschap"), 0);
	}
	conf_free(conf);
}
END_TEST

START_TEST(args_of_a_proved_client_ask_for_nothing)
{
	struct conf *conf = defaults();
	struct pppd_start start = start_of(conf);
	struct pppd_args args;

	start.proved = true;
	conf->auth.methods = METHOD_MSCHAPV2 | METHOD_CHAP | METHOD_PAP | METHOD_EAP;
	ck_assert(pppd_args_build(&args, &start));
	ck_assert_uint_ne(place(&args, "noauth"), 0);
	ck_assert_uint_eq(place(&args, "auth"), 0);
	for (size_t i = 1; i < args.count; i++)
		ck_assert_int_ne(strncmp(args.argv[i], "require-", 8), 0);
	/* what we never prove to a client stays */
	ck_assert_uint_ne(place(&args, "refuse-chap"), 0);
	conf_free(conf);
}
END_TEST

START_TEST(args_have_ipv6_and_our_identifier_where_it_is_wanted)
{
	struct conf *conf = defaults();
	struct pppd_start start = start_of(conf);
	struct pppd_args args;

	build(&args, conf);
	ck_assert_uint_ne(place(&args, "noipv6"), 0);
	ck_assert_uint_eq(place(&args, "ipv6"), 0);
	start.ipv6 = true;
	ck_assert(pppd_args_build(&args, &start));
	ck_assert_uint_eq(place(&args, "noipv6"), 0);
	ck_assert_uint_ne(place(&args, "+ipv6"), 0);
	ck_assert_str_eq(args.argv[place(&args, "ipv6") + 1], "::1,");
	conf_free(conf);
}
END_TEST

START_TEST(args_of_a_line_in_the_kernel_end_with_it)
{
	static const char *const last[] = {"silent",	  "noaccomp", "nopcomp", "plugin",
					   "pppol2tp.so", "pppol2tp", "4"};
	const size_t count = sizeof(last) / sizeof(last[0]);
	struct conf *conf = defaults();
	struct pppd_start start = start_of(conf);
	struct pppd_args args;

	strcpy(conf->ppp.options_file, "/etc/lnsd/ppp");
	build(&args, conf);
	ck_assert_uint_eq(place(&args, "pppol2tp"), 0);
	ck_assert_uint_eq(place(&args, "silent"), 0);
	ck_assert_uint_eq(place(&args, "lnsd-line"), 0);
	start.line = 4;
	ck_assert(pppd_args_build(&args, &start));
	ck_assert_uint_eq(place(&args, "/dev/pts/7"), 0);
	ck_assert_str_eq(args.argv[place(&args, "lnsd-line") + 1], "4");
	for (size_t i = 0; i < count; i++)
		ck_assert_str_eq(args.argv[args.count - count + i], last[i]);
	conf_free(conf);
}
END_TEST

START_TEST(args_leave_out_what_is_off)
{
	struct conf *conf = defaults();

	check_value(conf, "idle", NULL);
	check_value(conf, "maxconnect", NULL);
	check_value(conf, "ms-dns", NULL);
	check_value(conf, "ms-wins", NULL);
	check_value(conf, "file", NULL);
	conf->ppp.lcp_echo = 0;
	check_value(conf, "lcp-echo-interval", NULL);
	check_value(conf, "lcp-echo-failure", NULL);
	conf_free(conf);
}
END_TEST

START_TEST(args_have_times_servers_and_the_file_last)
{
	struct conf *conf = defaults();
	struct pppd_args args;

	conf->auth.idle_timeout = 90500;
	conf->auth.session_timeout = 3600000;
	conf->network.dns[0] = 0x01010101;
	conf->network.dns[1] = 0x08080808;
	conf->network.dns_count = 2;
	conf->network.wins[0] = 0x0a000001;
	conf->network.wins_count = 1;
	strcpy(conf->ppp.options_file, "/etc/lnsd/ppp");
	check_value(conf, "idle", "91");
	check_value(conf, "maxconnect", NULL); /* the keeper's own timer ends it */
	check_value(conf, "ms-dns", "1.1.1.1");
	check_value(conf, "ms-wins", "10.0.0.1");
	build(&args, conf);
	ck_assert_uint_ne(place(&args, "8.8.8.8"), 0);
	ck_assert_uint_eq(place(&args, "/etc/lnsd/ppp"), args.count - 1);
	ck_assert_str_eq(args.argv[args.count - 2], "file");
	conf_free(conf);
}
END_TEST

START_TEST(args_of_the_longest_paths_fit)
{
	struct conf *conf = defaults();
	struct pppd_args args;

	memset(conf->ppp.options_file, 'f', sizeof(conf->ppp.options_file) - 1);
	memset(conf->ppp.pppd, 'p', sizeof(conf->ppp.pppd) - 1);
	build(&args, conf);
	ck_assert_uint_eq(strlen(args.argv[args.count - 1]), sizeof(conf->ppp.options_file) - 1);
	conf_free(conf);
}
END_TEST

/* wait(2) has the code in the second byte, a signal in the first. */
static struct ending
ending_of(int code, enum plink_stage stage, bool peer_closed)
{
	const struct pppd_course course = {
		.stage = stage, .status = (unsigned)code, .peer_closed = peer_closed};
	struct ending ending;

	pppd_exit_read(&ending, code << 8, &course);
	return ending;
}

static void
check_ending(int code, enum plink_stage stage, bool peer_closed, enum cause cause,
	     enum closed_by by)
{
	struct ending ending = ending_of(code, stage, peer_closed);

	ck_assert_msg(ending.cause == cause && ending.by == by, "code %d, stage %d: %s by %s", code,
		      (int)stage, cause_name(ending.cause), closed_by_name(ending.by));
}

START_TEST(exit_code_becomes_a_cause)
{
	static const struct {
		int code;
		enum cause cause;
		enum closed_by by;
	} rows[] = {{0, CAUSE_USER_REQUEST, BY_CLIENT},	    {2, CAUSE_PPPD_START, BY_SERVER},
		    {4, CAUSE_PPPD_START, BY_SERVER},	    {10, CAUSE_NEGOTIATION, BY_SERVER},
		    {11, CAUSE_METHOD, BY_SERVER},	    {12, CAUSE_IDLE_TIMEOUT, BY_SERVER},
		    {13, CAUSE_SESSION_TIMEOUT, BY_SERVER}, {14, CAUSE_CALLBACK, BY_SERVER},
		    {15, CAUSE_LOST_CARRIER, BY_SERVER},    {16, CAUSE_LOST_CARRIER, BY_SERVER},
		    {17, CAUSE_LOOPBACK, BY_SERVER},	    {19, CAUSE_METHOD, BY_CLIENT}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_ending(rows[i].code, PLINK_UNKNOWN, false, rows[i].cause, rows[i].by);
}
END_TEST

START_TEST(negotiation_that_failed_is_told_by_its_protocol)
{
	check_ending(10, PLINK_SILENT, false, CAUSE_LCP_SILENT, BY_SERVER);
	check_ending(10, PLINK_HEARD, false, CAUSE_LCP, BY_SERVER);
	check_ending(10, PLINK_OPEN, false, CAUSE_LCP, BY_SERVER);
	check_ending(10, PLINK_PROVED, false, CAUSE_NCP, BY_SERVER);
	check_ending(11, PLINK_HEARD, false, CAUSE_METHOD, BY_SERVER);
	check_ending(11, PLINK_OPEN, false, CAUSE_AUTH_TIMEOUT, BY_SERVER);
}
END_TEST

START_TEST(client_that_ends_the_link_is_told_from_one_that_fails)
{
	check_ending(10, PLINK_HEARD, true, CAUSE_LCP, BY_CLIENT);
	check_ending(10, PLINK_OPEN, true, CAUSE_USER_REQUEST, BY_CLIENT);
	check_ending(10, PLINK_PROVED, true, CAUSE_USER_REQUEST, BY_CLIENT);
	check_ending(0, PLINK_RUNNING, true, CAUSE_USER_REQUEST, BY_CLIENT);
	/* the line was closed behind it */
	check_ending(16, PLINK_RUNNING, true, CAUSE_USER_REQUEST, BY_CLIENT);
	/* it answered our own request with one of its own */
	check_ending(12, PLINK_RUNNING, true, CAUSE_IDLE_TIMEOUT, BY_SERVER);
	check_ending(13, PLINK_RUNNING, true, CAUSE_SESSION_TIMEOUT, BY_SERVER);
}
END_TEST

START_TEST(status_of_the_links_end_beats_the_exit_code)
{
	const struct pppd_course course = {.stage = PLINK_SILENT, .status = 10};
	struct ending ending;

	/* nobody answered, and then pppd found its line closed */
	pppd_exit_read(&ending, 16 << 8, &course);
	ck_assert_int_eq(ending.cause, CAUSE_LCP_SILENT);
	/* a signal is the end of pppd itself */
	pppd_exit_read(&ending, 9, &course);
	ck_assert_int_eq(ending.cause, CAUSE_PPPD_DIED);
}
END_TEST

START_TEST(every_exit_has_a_text)
{
	for (int stage = 0; stage < 2 * PLINK_STAGE_COUNT; stage++) {
		const struct pppd_course course = {.stage = (enum plink_stage)(stage / 2),
						   .status = (unsigned)stage,
						   .peer_closed = stage % 2};

		for (int status = 0; status < 0x10000; status += status < 127 ? 1 : 0x80) {
			struct ending ending;

			pppd_exit_read(&ending, status, &course);
			ck_assert_str_ne(ending.text, "");
			ck_assert_int_ne(ending.cause, CAUSE_NONE);
			ck_assert_ptr_nonnull(memchr(ending.text, '\0', sizeof(ending.text)));
		}
	}
}
END_TEST

START_TEST(death_by_signal_is_pppds_own)
{
	const struct pppd_course course = {.stage = PLINK_RUNNING};
	struct ending ending;

	pppd_exit_read(&ending, 11, &course);
	ck_assert_int_eq(ending.cause, CAUSE_PPPD_DIED);
	ck_assert_str_eq(ending.text, "pppd was killed by signal 11");
	ending = ending_of(99, PLINK_RUNNING, false);
	ck_assert_int_eq(ending.cause, CAUSE_PPPD_DIED);
	ck_assert_str_eq(ending.text, "pppd ended with code 99");
}
END_TEST

START_TEST(fault_of_the_start_names_its_limit)
{
	static const struct {
		enum spawn_step step;
		int error;
		enum cause cause;
		const char *word;
	} rows[] = {{SPAWN_LINE, ENOSPC, CAUSE_NO_RESOURCES, "kernel.pty.max"},
		    {SPAWN_LINE, EMFILE, CAUSE_NO_RESOURCES, "LimitNOFILE"},
		    {SPAWN_LINE, ENFILE, CAUSE_NO_RESOURCES, "fs.file-max"},
		    {SPAWN_LINE, ENOENT, CAUSE_PPPD_START, "/dev/pts"},
		    {SPAWN_LINE, EAGAIN, CAUSE_PPPD_START, "ppp.pppd"},
		    {SPAWN_PROGRAM, EAGAIN, CAUSE_NO_RESOURCES, "TasksMax"},
		    {SPAWN_PROGRAM, EAGAIN, CAUSE_NO_RESOURCES, "LimitNPROC"},
		    {SPAWN_PROGRAM, EAGAIN, CAUSE_NO_RESOURCES, "kernel.pid_max"},
		    {SPAWN_PROGRAM, ENOENT, CAUSE_PPPD_START, "ppp.pppd"},
		    {SPAWN_PROGRAM, EACCES, CAUSE_PPPD_START, "executed"},
		    {SPAWN_PROGRAM, ENOMEM, CAUSE_NO_RESOURCES, "memory"},
		    {SPAWN_WATCH, EMFILE, CAUSE_NO_RESOURCES, "LimitNOFILE"},
		    {SPAWN_WATCH, ENOSPC, CAUSE_NO_RESOURCES, "max_user_watches"},
		    {SPAWN_WATCH, EIO, CAUSE_PPPD_START, "ppp.pppd"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct spawn_fault *fault = spawn_fault_find(rows[i].step, -rows[i].error);

		ck_assert_int_eq(fault->cause, rows[i].cause);
		ck_assert_msg(strstr(fault->text, rows[i].word) != NULL, "%s", fault->text);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pppd");
	TCase *tc = tcase_create("pppd");

	tcase_add_test(tc, args_of_defaults_are_a_gateway);
	tcase_add_test(tc, args_ask_for_the_methods_of_the_configuration);
	tcase_add_test(tc, args_of_a_proved_client_ask_for_nothing);
	tcase_add_test(tc, args_have_ipv6_and_our_identifier_where_it_is_wanted);
	tcase_add_test(tc, args_of_a_line_in_the_kernel_end_with_it);
	tcase_add_test(tc, args_leave_out_what_is_off);
	tcase_add_test(tc, args_have_times_servers_and_the_file_last);
	tcase_add_test(tc, args_of_the_longest_paths_fit);
	tcase_add_test(tc, fault_of_the_start_names_its_limit);
	tcase_add_test(tc, exit_code_becomes_a_cause);
	tcase_add_test(tc, negotiation_that_failed_is_told_by_its_protocol);
	tcase_add_test(tc, client_that_ends_the_link_is_told_from_one_that_fails);
	tcase_add_test(tc, status_of_the_links_end_beats_the_exit_code);
	tcase_add_test(tc, every_exit_has_a_text);
	tcase_add_test(tc, death_by_signal_is_pppds_own);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
