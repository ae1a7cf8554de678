/* `user …`: the users' file, with the daemon or without. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lnsctl/action.h"
#include "lnsctl/qr.h"
#include "lnsctl/table.h"
#include "lnsctl/user_password.h"
#include "lnsctl/user_show.h"
#include "lnsctl/user_store.h"
#include "otp.h"
#include "suggest.h"

/* One change on its way. `args` are those behind the name. */
struct edit {
	const struct settings *settings;
	struct user_store store;
	const char *name;
	char *const *args;
	int line; /* of the user's section */
};

static bool
set(struct edit *edit, const char *key, const char *value)
{
	if (userfile_set(&edit->store.file, edit->line, key, value))
		return true;
	complain("out of memory");
	return false;
}

/* A value must not become lines of its own. */
static bool
is_one_line(const char *key, const char *value)
{
	for (const char *p = value; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f) {
			complain("%s: has a control character", key);
			return false;
		}
	}
	return true;
}

static enum exit_code
put_password(struct edit *edit, const char *password, bool otp)
{
	char value[USERS_PASSWORD_TEXT_MAX];
	bool ok = user_password_value(value, password, edit->settings, edit->store.conf, otp) &&
		  set(edit, "password", value);

	explicit_bzero(value, sizeof(value));
	return ok ? CODE_DONE : CODE_REFUSED;
}

/* Once; nothing can show it again but a look into the file. */
static void
print_otp(const struct edit *edit, const uint8_t *secret)
{
	char host[256] = "", uri[1024];
	const char *issuer = edit->store.conf->server.host_name;

	if (!issuer[0]) {
		(void)gethostname(host, sizeof(host) - 1);
		issuer = host;
	}
	if (otp_uri(uri, sizeof(uri), issuer, edit->name, secret, OTP_SECRET_NEW)) {
		puts(uri);
		(void)qr_print(stdout, uri);
	}
	explicit_bzero(uri, sizeof(uri));
}

static bool
put_otp(struct edit *edit, uint8_t secret[OTP_SECRET_NEW])
{
	char text[OTP_TEXT_MAX];
	bool ok;

	if (getrandom(secret, OTP_SECRET_NEW, 0) != OTP_SECRET_NEW) {
		complain("the kernel has no random numbers: %s", strerror(errno));
		return false;
	}
	otp_encode(text, secret, OTP_SECRET_NEW);
	ok = set(edit, "otp", text);
	explicit_bzero(text, sizeof(text));
	return ok;
}

static enum exit_code
put_options(struct edit *edit)
{
	const char *const *given = edit->settings->of;
	const struct {
		const char *key, *value;
	} keys[] = {
		{"address", given[OPT_ADDRESS]},
		{"routes", given[OPT_ROUTES]},
		{"allow", given[OPT_ALLOW]},
		{"rate", given[OPT_RATE]},
		{"sessions", given[OPT_SESSIONS]},
		{"expires", given[OPT_EXPIRES]},
		{"disabled", given[OPT_DISABLED] ? "yes" : NULL},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!keys[i].value)
			continue;
		if (!is_one_line(keys[i].key, keys[i].value))
			return CODE_USAGE;
		if (!set(edit, keys[i].key, keys[i].value))
			return CODE_REFUSED;
	}
	return CODE_DONE;
}

/* Opens the store for a user who is, or who is not, in the file. */
static enum exit_code
open_for(struct edit *edit, bool there)
{
	enum exit_code code = user_store_open(&edit->store, edit->settings, true);
	const struct user *user;

	if (code != CODE_DONE)
		return code;
	user = users_find(edit->store.users, edit->name);
	if (!user == !there) {
		edit->line = user ? user->line : 0;
		return CODE_DONE;
	}
	complain(there ? "%.150s: there is no such user in %s" : "%.150s: stands in %s already",
		 edit->name, edit->store.path);
	return CODE_REFUSED;
}

static enum exit_code
save(struct edit *edit)
{
	return user_store_save(&edit->store, edit->settings);
}

/* Also where the daemon has not taken the file over: it is what the user has from now on. */
static void
print_generated(const struct edit *edit, const char *password)
{
	if (edit->store.written && edit->settings->of[OPT_GENERATE])
		printf("password: %s\n", password);
}

static enum exit_code
run_add(struct edit *edit)
{
	const char *fault = users_name_fault(edit->name);
	bool otp = edit->settings->of[OPT_OTP];
	char password[USER_PASSWORD_MAX] = "";
	uint8_t secret[OTP_SECRET_NEW] = {0};
	enum exit_code code;

	if (fault) {
		complain("%s", fault);
		return CODE_REFUSED;
	}
	/* before the file is locked, since somebody may think about one */
	code = user_password_get(password, edit->settings);
	if (code == CODE_DONE)
		code = open_for(edit, false);
	if (code == CODE_DONE && !userfile_add(&edit->store.file, edit->name, &edit->line))
		code = CODE_REFUSED;
	if (code == CODE_DONE)
		code = put_password(edit, password, otp);
	if (code == CODE_DONE)
		code = put_options(edit);
	if (code == CODE_DONE && otp && !put_otp(edit, secret))
		code = CODE_REFUSED;
	if (code == CODE_DONE)
		code = save(edit);
	print_generated(edit, password);
	if (edit->store.written && otp)
		print_otp(edit, secret);
	explicit_bzero(password, sizeof(password));
	explicit_bzero(secret, sizeof(secret));
	return code;
}

static enum exit_code
run_passwd(struct edit *edit)
{
	char password[USER_PASSWORD_MAX] = "";
	enum exit_code code = user_password_get(password, edit->settings);

	if (code == CODE_DONE)
		code = open_for(edit, true);
	if (code == CODE_DONE)
		code = put_password(edit, password,
				    users_find(edit->store.users, edit->name)->otp_len != 0);
	if (code == CODE_DONE)
		code = save(edit);
	print_generated(edit, password);
	explicit_bzero(password, sizeof(password));
	return code;
}

/* What may be set by "key=value" on a command line, which everybody on the machine can read. */
static bool
may_set(const char *key, const char *value)
{
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX];
	const char *name;

	suggest_init(&suggest, key);
	for (size_t i = 0; (name = users_key(i)); i++) {
		suggest_try(&suggest, name);
		if (strcmp(name, key) != 0)
			continue;
		if (strcmp(key, "password") == 0)
			complain("a password is set by: lnsctl user passwd NAME");
		else if (strcmp(key, "otp") == 0 && value)
			complain("a secret is not for the command line: otp= takes it away, and "
				 "'user add --otp' makes one");
		else
			return !value || is_one_line(key, value);
		return false;
	}
	complain("unknown key '%.40s'%s", key, suggest_hint(&suggest, hint));
	return false;
}

static enum exit_code
put_argument(struct edit *edit, const char *arg)
{
	const char *equals = strchr(arg, '='), *value = equals && equals[1] ? equals + 1 : NULL;
	char key[64];

	if (!equals || equals == arg || (size_t)(equals - arg) >= sizeof(key)) {
		complain("'%.60s' is not key=value", arg);
		return CODE_USAGE;
	}
	snprintf(key, sizeof(key), "%.*s", (int)(equals - arg), arg);
	if (!may_set(key, value))
		return CODE_USAGE;
	return set(edit, key, value) ? CODE_DONE : CODE_REFUSED;
}

static enum exit_code
run_set(struct edit *edit)
{
	enum exit_code code = open_for(edit, true);

	for (size_t i = 0; code == CODE_DONE && edit->args[i]; i++)
		code = put_argument(edit, edit->args[i]);
	return code == CODE_DONE ? save(edit) : code;
}

static enum exit_code
switch_user(struct edit *edit, const char *disabled)
{
	enum exit_code code = open_for(edit, true);

	if (code == CODE_DONE && !set(edit, "disabled", disabled))
		code = CODE_REFUSED;
	return code == CODE_DONE ? save(edit) : code;
}

static enum exit_code
run_disable(struct edit *edit)
{
	return switch_user(edit, "yes");
}

static enum exit_code
run_enable(struct edit *edit)
{
	return switch_user(edit, NULL);
}

static enum exit_code
run_del(struct edit *edit)
{
	enum exit_code code = open_for(edit, true);

	if (code == CODE_DONE && !userfile_remove(&edit->store.file, edit->line)) {
		complain("out of memory");
		code = CODE_REFUSED;
	}
	return code == CODE_DONE ? save(edit) : code;
}

static enum exit_code
run_list(struct edit *edit)
{
	enum exit_code code = user_store_open(&edit->store, edit->settings, false);

	return code == CODE_DONE ? user_list(&edit->store, edit->settings) : code;
}

static enum exit_code
run_show(struct edit *edit)
{
	enum exit_code code = user_store_open(&edit->store, edit->settings, false);
	const struct user *user;

	if (code != CODE_DONE)
		return code;
	user = users_find(edit->store.users, edit->name);
	if (user)
		return user_show(&edit->store, edit->settings, user);
	complain("%.150s: there is no such user in %s", edit->name, edit->store.path);
	return CODE_REFUSED;
}

static const struct command {
	const char *name;
	int least, most; /* arguments, the user's name among them */
	enum exit_code (*run)(struct edit *edit);
} commands[] = {
	{"list", 0, 0, run_list},     {"show", 1, 1, run_show},	    {"add", 1, 1, run_add},
	{"set", 2, 32, run_set},      {"passwd", 1, 1, run_passwd}, {"disable", 1, 1, run_disable},
	{"enable", 1, 1, run_enable}, {"del", 1, 1, run_del},
};

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	const struct command *command =
		action_find("user", args[0], commands, sizeof(commands) / sizeof(commands[0]),
			    sizeof(commands[0]));
	struct edit edit = {.settings = settings, .store = {.folder = -1}};
	enum exit_code code;
	int count = 0;

	if (!command)
		return CODE_USAGE;
	while (args[count + 1])
		count++;
	if (count < command->least || count > command->most) {
		complain("user %s: wrong number of arguments; see 'lnsctl help user'",
			 command->name);
		return CODE_USAGE;
	}
	edit.name = count ? args[1] : "";
	edit.args = count ? args + 2 : args + 1;
	code = command->run(&edit);
	user_store_close(&edit.store);
	return code;
}

const struct verb verb_user = {
	.name = "user",
	.arg = "list|show|add|set|passwd|disable|enable|del [NAME] …",
	.least = 1,
	.most = 34,
	.options = OPT_BIT(OPT_CONFIG) | OPT_BIT(OPT_PASSWORD_STDIN) | OPT_BIT(OPT_GENERATE) |
		   OPT_BIT(OPT_PLAIN) | OPT_BIT(OPT_OTP) | OPT_BIT(OPT_DISABLED) |
		   OPT_BIT(OPT_ADDRESS) | OPT_BIT(OPT_ROUTES) | OPT_BIT(OPT_ALLOW) |
		   OPT_BIT(OPT_RATE) | OPT_BIT(OPT_SESSIONS) | OPT_BIT(OPT_EXPIRES),
	.summary = "who may come in",
	.help = "  list                       all users\n"
		"  show NAME                  one of them; neither shows a password\n"
		"  add NAME [OPTION]...       a new one\n"
		"  set NAME KEY=VALUE...      change keys of lnsd-users(5); KEY= takes one away\n"
		"  passwd NAME [OPTION]...    another password\n"
		"  disable NAME, enable NAME  shut out, and let in again\n"
		"  del NAME                   take away\n\n"
		"Passwords: --password-stdin, --generate (shown once), or asked for; --plain "
		"stores\n"
		"them as they are. For add besides: --otp, --disabled, --address, --routes, "
		"--allow,\n"
		"--rate, --sessions, --expires. --config FILE: another lnsd.conf.\n\n"
		"The users' file is changed as a whole or not at all; a running daemon takes the\n"
		"change over at once.\n",
	.prints = true,
	.run = run,
};
