#include "lnsctl/user_store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "lnsctl/change.h"
#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

#define DEFAULT_FILE LNSD_SYSCONFDIR "/lnsd/lnsd.conf"

static enum exit_code
say_errors(struct conf_errors *errors)
{
	for (size_t i = 0; i < errors->kept; i++) {
		const struct conf_error *error = &errors->list[i];

		if (error->line)
			complain("%s:%d: %s", error->file, error->line, error->text);
		else
			complain("%s: %s", error->file, error->text);
	}
	conf_errors_fini(errors);
	return CODE_REFUSED;
}

/* A machine without a configuration has the defaults. */
static bool
read_conf(struct user_store *store, const char *path, struct conf_errors *errors)
{
	struct bundle bundle = {.count = 0};

	if (!path && access(DEFAULT_FILE, F_OK) < 0 && errno == ENOENT) {
		store->conf = conf_parse(NULL, 0, errors);
	} else if (bundle_read(&bundle, path ? path : DEFAULT_FILE, errors)) {
		store->conf = conf_parse(bundle.files, bundle.count, errors);
		bundle_fini(&bundle);
	}
	return store->conf != NULL;
}

static bool
read_users(struct user_store *store, struct conf_errors *errors)
{
	struct conf_file empty = {.name = store->path, .text = ""};
	struct bundle bundle = {.count = 0};
	const struct conf_file *file = &empty;

	if (access(store->path, F_OK) == 0 || errno != ENOENT) {
		if (!bundle_read_one(&bundle, store->path, errors))
			return false;
		file = &bundle.files[0];
	}
	if (!userfile_init(&store->file, file->text, file->len))
		conf_errors_add(errors, store->path, 0, "out of memory");
	else
		store->users = users_parse(file, store->conf, errors, NULL);
	bundle_fini(&bundle);
	return store->users != NULL;
}

enum exit_code
user_store_open(struct user_store *store, const struct settings *settings, bool edit)
{
	struct conf_errors errors = {.count = 0};
	char real[PATH_MAX];

	*store = (struct user_store){.folder = -1};
	if (!read_conf(store, settings->of[OPT_CONFIG], &errors))
		return say_errors(&errors);
	snprintf(store->path, sizeof(store->path), "%s",
		 realpath(store->conf->auth.users_file, real) ? real
							      : store->conf->auth.users_file);
	/* on the folder: the file itself is another one after each change */
	if (edit && (store->folder = change_lock(store->path)) < 0)
		return CODE_REFUSED;
	if (!read_users(store, &errors))
		return say_errors(&errors);
	return CODE_DONE;
}

void
user_store_close(struct user_store *store)
{
	users_free(store->users);
	userfile_fini(&store->file);
	conf_free(store->conf);
	if (store->folder >= 0)
		close(store->folder);
}

/* The lines are of a file that never was: they are left out. */
static bool
check(const struct user_store *store)
{
	const struct conf_file file = {store->path, store->file.text, store->file.len};
	struct conf_errors errors = {.count = 0}, warnings = {.count = 0};
	struct users *users = users_parse(&file, store->conf, &errors, &warnings);

	for (size_t i = 0; i < errors.kept; i++)
		complain("%s", errors.list[i].text);
	for (size_t i = 0; users && i < warnings.kept; i++)
		complain("warning: %s", warnings.list[i].text);
	conf_errors_fini(&errors);
	conf_errors_fini(&warnings);
	users_free(users);
	return users != NULL;
}

static bool
write_file(const struct user_store *store)
{
	struct changes changes = {.count = 0};
	char *text = strndup(store->file.text, store->file.len);
	bool ok;

	if (!text)
		complain("out of memory");
	ok = text && changes_add(&changes, store->path, 0600, DIFF_KEYS, text) &&
	     changes_commit(&changes);
	changes_fini(&changes);
	return ok;
}

/* A daemon that does not run reads the file when it starts. */
static enum exit_code
tell_daemon(const struct settings *settings)
{
	struct answer answer;
	const json_t *item;
	size_t i;

	client_ask(settings, "reload-users", NULL, &answer);
	if (answer.code == CODE_NO_DAEMON) {
		puts("lnsd does not run: it holds when it starts");
		return CODE_DONE;
	}
	if (answer.code != CODE_DONE)
		complain("the file is written, but lnsd has not read it: %s", answer.error);
	json_array_foreach(json_object_get(answer.data, "lines"), i, item)
	{
		char line[1200];

		clean_text(line, sizeof(line), json_is_string(item) ? json_string_value(item) : "");
		if (strcmp(line, "done") != 0)
			puts(line);
	}
	json_decref(answer.data);
	return answer.code;
}

enum exit_code
user_store_save(struct user_store *store, const struct settings *settings)
{
	store->written = check(store) && write_file(store);
	return store->written ? tell_daemon(settings) : CODE_REFUSED;
}
