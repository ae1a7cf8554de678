/* `setup`: from a bare machine to a gateway. Each step is a file; what they share is here. */
#ifndef LNSCTL_SETUP_H
#define LNSCTL_SETUP_H

#include <jansson.h>
#include <stdbool.h>

#include "conf.h"
#include "lnsctl/change.h"
#include "lnsctl/profile_server.h"
#include "lnsctl/user_password.h"
#include "users.h"

#define SETUP_TEXT_MAX 512
#define SETUP_COMMANDS_MAX 4
#define SETUP_WORDS_MAX 6

struct setup {
	const struct settings *settings;
	const char *path; /* of lnsd.conf */
	int folder;	  /* its lock, or -1 */
	struct conf *conf;
	bool fresh, new_key, new_user; /* what is not there yet */
	/* the answers, or what stands in the files */
	char server[PROFILE_SERVER_MAX], user[USER_NAME_MAX], routes[SETUP_TEXT_MAX],
		dns[SETUP_TEXT_MAX], pool[SETUP_TEXT_MAX];
	char password[USER_PASSWORD_MAX];
	struct changes changes;
	const char *commands[SETUP_COMMANDS_MAX][SETUP_WORDS_MAX]; /* of systemctl */
	size_t command_count;
	bool systemd; /* runs the services here */
	bool serving; /* the daemon answers, and libreswan has what it needs of us */
};

/* setup_files.c: what is there. Refuses to go on where somebody else's settings stand. */
enum exit_code setup_look(struct setup *setup);
/* What is missing becomes setup->changes. */
enum exit_code setup_compose(struct setup *setup);
/* setup_ask.c: fills the answers in from options, or from the terminal, or as most would. */
enum exit_code setup_ask(struct setup *setup);

/* setup_start.c: which commands are needed. Refuses where another gateway runs. */
enum exit_code setup_plan_commands(struct setup *setup);
/* Runs them, and waits until the daemon has loaded libreswan's connections. */
enum exit_code setup_start(struct setup *setup);

/* setup_tell.c: what was, or would be, done. */
bool setup_tell_plan(const struct setup *setup);
void setup_tell_done(const struct setup *setup);
/* Runs `check` and `doctor`, and tells what a client needs; as JSON all of it at once. */
enum exit_code setup_tell_checks(const struct setup *setup);

#endif
