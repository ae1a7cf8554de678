/* The services: which of systemd's commands are needed, and waiting until all is up. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/setup.h"

#define ASK_MS 10000
#define START_MS 120000 /* libreswan makes its database when it starts for the first time */
#define LOAD_S 60
#define LOAD_PAUSE_MS 250

/* `systemctl WORD… UNIT`, without a word of it; its exit code, or -errno. */
static int
ask_systemd(const char *program, const char *what, const char *unit)
{
	const char *const argv[] = {program, what, "--quiet", unit, NULL};

	return command_run(argv, ASK_MS, NULL, NULL);
}

static void
keep_word(void *ctx, const char *line)
{
	snprintf(ctx, 32, "%s", line);
}

/* Where something else is the first process, services are somebody else's affair. */
static bool
has_systemd(char program[256])
{
	const char *const argv[] = {program, "is-system-running", NULL};
	char word[32] = "offline";

	return command_find(program, 256, "systemctl") &&
	       command_run(argv, ASK_MS, keep_word, word) >= 0 && strcmp(word, "offline") != 0 &&
	       strcmp(word, "unknown") != 0;
}

/* Others that hold UDP 1701 or 500. */
static enum exit_code
refuse_others(const char *program)
{
	static const struct {
		const char *unit, *what;
	} others[] = {
		{"xl2tpd.service", "'lnsctl import xl2tpd' takes its users over"},
		{"accel-ppp.service", "it holds UDP 1701"},
		{"strongswan.service", "lnsd sets up libreswan"},
		{"strongswan-starter.service", "lnsd sets up libreswan"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (ask_systemd(program, "is-active", others[i].unit) != 0)
			continue;
		complain("%s runs here (%s): end it first: systemctl disable --now %s",
			 others[i].unit, others[i].what, others[i].unit);
		return CODE_REFUSED;
	}
	return CODE_DONE;
}

static void
plan(struct setup *setup, const char *what, const char *unit, const char *more)
{
	const char **words = setup->commands[setup->command_count++];

	words[0] = "systemctl";
	words[1] = what;
	words[2] = unit;
	words[3] = more;
}

enum exit_code
setup_plan_commands(struct setup *setup)
{
	bool enabled, ipsec, lnsd, writes = setup->fresh || setup->new_key || setup->new_user;
	char program[256];
	enum exit_code code;

	setup->systemd = has_systemd(program);
	if (!setup->systemd)
		return CODE_DONE;
	code = refuse_others(program);
	if (code != CODE_DONE)
		return code;
	enabled = ask_systemd(program, "is-enabled", "ipsec.service") == 0 &&
		  ask_systemd(program, "is-enabled", "lnsd.service") == 0;
	ipsec = ask_systemd(program, "is-active", "ipsec.service") == 0;
	lnsd = ask_systemd(program, "is-active", "lnsd.service") == 0;
	if (!enabled)
		plan(setup, "enable", "ipsec.service", "lnsd.service");
	if (!ipsec)
		plan(setup, "start", "ipsec.service", NULL);
	if (!lnsd || writes)
		plan(setup, lnsd ? "restart" : "start", "lnsd.service", NULL);
	return CODE_DONE;
}

static void
keep_last(void *ctx, const char *line)
{
	snprintf(ctx, 256, "%s", line);
}

static enum exit_code
run_command(const char *const words[SETUP_WORDS_MAX])
{
	const char *argv[SETUP_WORDS_MAX + 1] = {NULL};
	char program[256], said[256] = "";
	int code;

	if (!command_find(program, sizeof(program), words[0]))
		return CODE_REFUSED;
	argv[0] = program;
	for (size_t i = 1; i < SETUP_WORDS_MAX; i++)
		argv[i] = words[i];
	code = command_run(argv, START_MS, keep_last, said);
	if (code == 0)
		return CODE_DONE;
	complain("%s %s %s: %s; the files stand: see 'journalctl -u %s -n 20', mend it, and run "
		 "this again",
		 words[0], words[1], words[2], said[0] ? said : strerror(code < 0 ? -code : 0),
		 words[2]);
	return CODE_REFUSED;
}

static bool
is_serving(const struct setup *setup)
{
	struct answer answer;
	bool serving;

	client_ask(setup->settings, "status", NULL, &answer);
	serving = answer.code == CODE_DONE &&
		  (!setup->conf->ipsec.manage ||
		   field_true(json_object_get(answer.data, "ipsec"), "loaded"));
	json_decref(answer.data);
	return serving;
}

static time_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* What keeps it from serving is told by the checks that follow. */
static void
wait_until_serving(struct setup *setup)
{
	time_t end = now() + LOAD_S;

	setup->serving = is_serving(setup);
	if (setup->serving || !setup->command_count)
		return;
	if (!setup->settings->json)
		puts("waiting until libreswan has our connections ...");
	fflush(stdout);
	while (!setup->serving && now() < end) {
		poll(NULL, 0, LOAD_PAUSE_MS);
		setup->serving = is_serving(setup);
	}
}

enum exit_code
setup_start(struct setup *setup)
{
	for (size_t i = 0; i < setup->command_count; i++) {
		const char *const *words = setup->commands[i];
		enum exit_code code;

		if (!setup->settings->json) {
			printf("%s %s %s%s%s ...\n", words[0], words[1], words[2],
			       words[3] ? " " : "", words[3] ? words[3] : "");
			fflush(stdout);
		}
		code = run_command(words);
		if (code != CODE_DONE)
			return code;
	}
	if (setup->systemd)
		wait_until_serving(setup);
	else if (!setup->settings->json)
		puts("systemd does not run here: start ipsec and lnsd yourself");
	return CODE_DONE;
}
