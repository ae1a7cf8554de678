/* What is there, and what is missing: the configuration, the key, the first user. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lnsctl/ours.h"
#include "lnsctl/setup.h"
#include "lnsctl/userfile.h"

#define KEY_LEN 32 /* letters of five bits */

static enum exit_code
say_first(struct conf_errors *errors, const char *fix)
{
	const struct conf_error *error = errors->list;

	if (errors->kept && error->line)
		complain("%s:%d: %s; %s", error->file, error->line, error->text, fix);
	else if (errors->kept)
		complain("%s: %s; %s", error->file, error->text, fix);
	conf_errors_fini(errors);
	return CODE_REFUSED;
}

/* The caller's to free, NULL when memory is short. */
static char *
conf_text(const struct setup *setup)
{
	bool elsewhere = strcmp(setup->path, OURS_DEFAULT) != 0;
	char *text = NULL, place[CONF_PATH_MAX];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs(OURS_HEADER "setup. All keys: man lnsd.conf. After a change: lnsctl check && lnsctl "
			  "reload\n",
	      out);
	fprintf(out, "[server]\nhost-name = %s\n\n", setup->server);
	if (elsewhere) {
		ours_beside(place, sizeof(place), setup->path, "psk");
		fprintf(out, "[ipsec]\npsk-file = %s\n\n", place);
	}
	fprintf(out, "[network]\npool = %s\n", setup->pool);
	if (setup->dns[0])
		fprintf(out, "dns = %s\n", setup->dns);
	if (setup->routes[0])
		fprintf(out, "routes = %s\n", setup->routes);
	fputs("\n[auth]\nmethods = mschapv2\nmax-sessions-per-user = 2\n", out);
	if (elsewhere) {
		ours_beside(place, sizeof(place), setup->path, "users");
		fprintf(out, "users-file = %s\n", place);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* The configuration as the answers make it, with the drop-ins that are there. */
static enum exit_code
parse_ours(struct setup *setup)
{
	struct conf_errors errors = {.count = 0};
	char *text = conf_text(setup);

	if (!text) {
		complain("out of memory");
		return CODE_REFUSED;
	}
	conf_free(setup->conf);
	setup->conf = ours_parse(setup->path, text, &errors);
	free(text);
	return setup->conf ? CODE_DONE : say_first(&errors, "nothing is changed");
}

static enum exit_code
look_at_conf(struct setup *setup)
{
	struct conf_errors errors = {.count = 0};
	enum ours_state state = ours_look(setup->path);

	setup->fresh = state == OURS_FRESH;
	if (state == OURS_UNREADABLE)
		return CODE_REFUSED;
	if (setup->fresh)
		return parse_ours(setup);
	setup->conf = ours_parse(setup->path, NULL, &errors);
	if (!setup->conf)
		return say_first(&errors, "'lnsctl check' tells all that is wrong in it");
	if (state == OURS_WRITTEN)
		return CODE_DONE;
	complain("%s has settings of your own and stays as it is: change it with an editor, then "
		 "'lnsctl check' and 'lnsctl reload'; or move it away and run this again",
		 setup->path);
	return CODE_REFUSED;
}

/* The one that is asked for where there is such a one, else the first of the file. */
static void
name_user(struct setup *setup, const struct users *users)
{
	const char *wanted = setup->settings->of[OPT_USER];
	const struct user *user = wanted ? users_find(users, wanted) : NULL;
	bool found = user != NULL;

	for (size_t i = 0; !found && i < users->count; i++)
		if (!user || users->list[i].line < user->line)
			user = &users->list[i];
	snprintf(setup->user, sizeof(setup->user), "%s", user ? user->name : "");
	if (wanted && !found)
		complain("there are users already, and %.100s is not made: lnsctl user add %.100s",
			 wanted, wanted);
}

static enum exit_code
look_at_users(struct setup *setup)
{
	const char *path = setup->conf->auth.users_file;
	struct conf_errors errors = {.count = 0};
	int error;
	char *text = change_read(path, &error);
	const struct conf_file file = {path, text ? text : "", text ? strlen(text) : 0};
	struct users *users = error ? NULL : users_parse(&file, setup->conf, &errors, NULL);
	enum exit_code code = users ? CODE_DONE : CODE_REFUSED;

	if (error)
		complain("%s: cannot be read: %s", path, strerror(error));
	else if (!users)
		say_first(&errors, "mend it first");
	setup->new_user = users && users->count == 0;
	if (users && users->count)
		name_user(setup, users);
	change_wipe(text);
	users_free(users);
	return code;
}

enum exit_code
setup_look(struct setup *setup)
{
	enum exit_code code;

	if (!setup->settings->of[OPT_DRY_RUN]) {
		setup->folder = change_lock(setup->path);
		if (setup->folder < 0)
			return CODE_REFUSED;
	}
	/* what the questions are not about is known before they are answered */
	snprintf(setup->pool, sizeof(setup->pool), "10.99.0.10-10.99.0.250");
	snprintf(setup->server, sizeof(setup->server), "auto");
	code = look_at_conf(setup);
	if (code == CODE_DONE)
		code = look_at_users(setup);
	if (code != CODE_DONE)
		return code;
	setup->new_key = access(setup->conf->ipsec.psk_file, F_OK) < 0 && errno == ENOENT;
	if (!setup->fresh)
		snprintf(setup->server, sizeof(setup->server), "%s", setup->conf->server.host_name);
	return CODE_DONE;
}

static bool
compose_conf(struct setup *setup)
{
	char *text;

	if (!setup->fresh)
		return true;
	if (parse_ours(setup) != CODE_DONE)
		return false;
	text = conf_text(setup);
	return changes_add(&setup->changes, setup->path, 0644, DIFF_OPEN, text);
}

static bool
compose_key(struct setup *setup)
{
	char *text;

	if (!setup->new_key)
		return true;
	text = calloc(KEY_LEN + 2, 1);
	if (!text || !user_password_generate(text, KEY_LEN)) {
		free(text);
		return false;
	}
	text[KEY_LEN] = '\n';
	return changes_add(&setup->changes, setup->conf->ipsec.psk_file, 0600, DIFF_LINES, text);
}

static bool
add_user(struct setup *setup, struct userfile *file)
{
	char value[USERS_PASSWORD_TEXT_MAX];
	int line;
	bool ok =
		userfile_add(file, setup->user, &line) &&
		user_password_value(value, setup->password, setup->settings, setup->conf, false) &&
		userfile_set(file, line, "password", value);

	explicit_bzero(value, sizeof(value));
	return ok;
}

static bool
compose_user(struct setup *setup)
{
	const char *path = setup->conf->auth.users_file;
	struct userfile file = {.text = NULL};
	char *before, *after = NULL;
	int error;

	if (!setup->new_user)
		return true;
	before = change_read(path, &error);
	if (userfile_init(&file, before ? before : "", before ? strlen(before) : 0) &&
	    add_user(setup, &file))
		after = strndup(file.text, file.len);
	userfile_fini(&file);
	change_wipe(before);
	return after && changes_add(&setup->changes, path, 0600, DIFF_KEYS, after);
}

enum exit_code
setup_compose(struct setup *setup)
{
	return compose_conf(setup) && compose_key(setup) && compose_user(setup) ? CODE_DONE
										: CODE_REFUSED;
}
