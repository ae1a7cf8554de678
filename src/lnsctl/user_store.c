#include "lnsctl/user_store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

#define DEFAULT_FILE LNSD_SYSCONFDIR "/lnsd/lnsd.conf"
#define LOCK_TRIES 50
#define LOCK_PAUSE_MS 100

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

/* The lock is on the folder: the file itself is another one after each change. */
static bool
lock(struct user_store *store)
{
	char path[sizeof(store->path)];
	int tries = 0;

	memcpy(path, store->path, sizeof(path));
	store->folder = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->folder < 0) {
		complain("%s: the folder cannot be opened: %s", store->path, strerror(errno));
		return false;
	}
	while (flock(store->folder, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || ++tries == LOCK_TRIES) {
			complain("%s: somebody else is changing the users", store->path);
			return false;
		}
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	return true;
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
	if (edit && !lock(store))
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

/* As the old file is, or 0600 for its first owner. 0, or an errno. */
static int
take_mode(const struct user_store *store, int fd)
{
	struct stat st;

	if (stat(store->path, &st) < 0)
		return errno == ENOENT ? 0 : errno;
	if (fchown(fd, st.st_uid, st.st_gid) < 0 || fchmod(fd, st.st_mode & 07777) < 0)
		return errno;
	return 0;
}

static int
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) < 0 ? errno : 0;
}

/* 0, or an errno with nothing changed. */
static int
write_beside(const struct user_store *store)
{
	char path[sizeof(store->path) + 8];
	int fd, error;

	snprintf(path, sizeof(path), "%s.XXXXXX", store->path);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = take_mode(store, fd);
	if (!error)
		error = write_all(fd, store->file.text, store->file.len);
	if (close(fd) < 0 && !error)
		error = errno;
	if (!error && rename(path, store->path) < 0)
		error = errno;
	if (error)
		unlink(path);
	else
		(void)fsync(store->folder);
	return error;
}

/* Who interrupts it now finds the old file or the new one, and nothing beside it. */
static bool
write_file(const struct user_store *store)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	error = write_beside(store);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (error)
		complain("%s: cannot be written, and is as it was: %s", store->path,
			 strerror(error));
	return error == 0;
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
