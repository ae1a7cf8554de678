/* Our files of what was found: each key is tried by the daemon's own parser, and so are the users.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/import.h"
#include "lnsctl/ours.h"
#include "lnsctl/user_password.h"
#include "method.h"

/* The configuration with the keys that are kept; the caller's to free. */
static char *
conf_text(const struct import *import)
{
	static const char *const sections[] = {"server", "ipsec", "network", "ppp", "auth"};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs(OURS_HEADER "import. All keys: man lnsd.conf. After a change: lnsctl check && lnsctl "
			  "reload\n",
	      out);
	for (size_t s = 0; s < sizeof(sections) / sizeof(sections[0]); s++) {
		bool begun = false;

		for (size_t i = 0; i < import->key_count; i++) {
			const struct import_key *key = &import->keys[i];

			if (strcmp(key->section, sections[s]) != 0)
				continue;
			if (!begun)
				fprintf(out, "\n[%s]\n", sections[s]);
			fprintf(out, "%s = %s\n", key->key, key->value);
			begun = true;
		}
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* What the parser has against the last of the keys, or an empty text. */
static void
try_last(const struct import *import, char *why, size_t cap)
{
	struct conf_errors errors = {.count = 0};
	char *text = conf_text(import);
	struct conf *conf = text ? ours_parse(import->path, text, &errors) : NULL;

	snprintf(why, cap, "%s", conf ? "" : errors.kept ? errors.list[0].text : "out of memory");
	conf_free(conf);
	conf_errors_fini(&errors);
	free(text);
}

static void
name_key(char text[96], const struct import_key *key)
{
	snprintf(text, 96, "%s.%s", key->section, key->key);
}

/* A key at a time, each as the daemon's parser takes it. */
static void
sift_keys(struct import *import)
{
	size_t count = import->key_count;
	char what[96], why[300];

	import->key_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct import_key key = import->keys[i];

		import->keys[import->key_count++] = key;
		try_last(import, why, sizeof(why));
		name_key(what, &key);
		if (why[0]) {
			import->key_count--;
			import_left(import, key.from, what, why);
		} else if (key.from[0]) {
			import_took(import, key.from, what, key.value);
		}
	}
}

/* The pool before all else, whatever the order of the file: a gateway is held against it. */
static void
put_pool_first(struct import *import)
{
	for (size_t i = 1; i < import->key_count; i++) {
		const struct import_key key = import->keys[i];

		if (strcmp(key.key, "pool") != 0)
			continue;
		memmove(&import->keys[1], &import->keys[0], i * sizeof(import->keys[0]));
		import->keys[0] = key;
	}
}

static void
add_methods(struct import *import)
{
	static const struct {
		unsigned method;
		const char *name;
	} names[] = {{METHOD_MSCHAPV2, "mschapv2"},
		     {METHOD_CHAP, "chap"},
		     {METHOD_PAP, "pap"},
		     {METHOD_EAP, "eap"}};

	if (!import->methods || import->methods == METHOD_MSCHAPV2)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (import->methods & names[i].method)
			import_key(import, "auth", "methods", names[i].name, import->options, true);
}

/* Key and users stand beside a configuration that is not in the usual place. From nowhere: it is no
 * news. */
static void
add_places(struct import *import)
{
	char path[IMPORT_VALUE_MAX];

	if (strcmp(import->path, OURS_DEFAULT) == 0)
		return;
	ours_beside(path, sizeof(path), import->path, "psk");
	import_key(import, "ipsec", "psk-file", path, "", false);
	ours_beside(path, sizeof(path), import->path, "users");
	import_key(import, "auth", "users-file", path, "", false);
}

static void
leave_keys(struct import *import)
{
	char what[96], why[IMPORT_VALUE_MAX + 160];

	for (size_t i = 0; i < import->key_count; i++) {
		const struct import_key *key = &import->keys[i];

		name_key(what, key);
		snprintf(why, sizeof(why),
			 "%s has settings already: put '%s = %s' into its section [%s] if you want "
			 "it",
			 import->path, key->key, key->value, key->section);
		import_left(import, key->from, what, why);
	}
	import->key_count = 0;
}

/* The configuration that the users are held against; NULL when it cannot be read. */
static struct conf *
merge_conf(struct import *import)
{
	struct conf_errors errors = {.count = 0};
	enum ours_state state = ours_look(import->path);
	struct conf *conf = NULL;
	char *text = NULL;

	if (state == OURS_UNREADABLE)
		return NULL;
	add_methods(import);
	if (state == OURS_FRESH) {
		add_places(import);
		put_pool_first(import);
		sift_keys(import);
		text = import->key_count ? conf_text(import) : NULL;
	} else {
		leave_keys(import);
	}
	conf = ours_parse(import->path, text, &errors);
	if (!conf && errors.kept)
		complain("%s: %s; 'lnsctl check' tells all that is wrong", errors.list[0].file,
			 errors.list[0].text);
	conf_errors_fini(&errors);
	if (conf && text &&
	    !changes_add(&import->changes, import->path, 0644, DIFF_OPEN, strdup(text))) {
		conf_free(conf);
		conf = NULL;
	}
	free(text);
	return conf;
}

static bool
merge_key(struct import *import, const struct conf *conf)
{
	const char *path = conf->ipsec.psk_file;
	int error;
	char *before, *after;
	bool same;

	if (!import->psk_count)
		return true;
	before = change_read(path, &error);
	same = before && strncmp(before, import->psk, strlen(import->psk)) == 0 &&
	       strchr("\r\n", before[strlen(import->psk)]);
	if (before || error) {
		import_left(import, import->psk_from, "the pre-shared key",
			    same ? "it is ours already" : "there is one already, and it stays");
		change_wipe(before);
		return true;
	}
	if (asprintf(&after, "%s\n", import->psk) < 0) {
		complain("out of memory");
		return false;
	}
	import_took(import, import->psk_from, "the pre-shared key", "");
	return changes_add(&import->changes, path, 0600, DIFF_LINES, after);
}

/* One user's section; false when it is no password. */
static bool
add_user(FILE *out, const struct import *import, const struct import_user *user,
	 const struct conf *conf)
{
	char value[USERS_PASSWORD_TEXT_MAX];
	bool plain = import->settings->of[OPT_PLAIN] || conf->auth.methods & METHOD_CHAP;
	bool ok = user_password_text(value, user->password, plain);

	if (ok)
		fprintf(out, "\n[%s]\npassword = %s\n", user->name, value);
	if (ok && user->address[0])
		fprintf(out, "address = %s\n", user->address);
	explicit_bzero(value, sizeof(value));
	return ok;
}

/* Those of the users who are not there yet, after what stands in the file. */
static char *
users_text(struct import *import, const struct conf *conf, const char *before,
	   const struct users *there)
{
	char *text = NULL, what[IMPORT_USER_MAX];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs(before, out);
	for (size_t i = 0; i < import->user_count; i++) {
		struct import_user *user = &import->users[i];

		if (!user->name[0])
			continue;
		if (users_find(there, user->name))
			import_left(import, user->from, import_user_name(what, user->name),
				    "there is such a user already");
		else if (!add_user(out, import, user, conf))
			import_left(import, user->from, import_user_name(what, user->name),
				    "the password is no UTF-8 text");
		else
			continue;
		user->name[0] = '\0';
	}
	if (fclose(out) == 0)
		return text;
	change_wipe(text);
	return NULL;
}

/* The name of the section that a line is in. */
static struct import_user *
user_at(struct import *import, const char *text, int line)
{
	const char *name = NULL;
	size_t len = 0;

	for (int number = 1; *text && number <= line; number++) {
		if (text[0] == '[') {
			name = text + 1;
			len = strcspn(name, "]\n");
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	for (size_t i = 0; name && i < import->user_count; i++)
		if (strlen(import->users[i].name) == len &&
		    strncmp(import->users[i].name, name, len) == 0)
			return &import->users[i];
	return NULL;
}

/* Whom the parser refuses is left out. True when somebody was. */
static bool
drop_refused(struct import *import, const char *text, const struct conf_errors *errors)
{
	char what[IMPORT_USER_MAX];
	bool dropped = false;

	for (size_t i = 0; i < errors->kept; i++) {
		struct import_user *user = user_at(import, text, errors->list[i].line);

		if (!user)
			continue;
		import_left(import, user->from, import_user_name(what, user->name),
			    errors->list[i].text);
		user->name[0] = '\0';
		dropped = true;
	}
	return dropped;
}

/* As often as the parser refuses somebody: at most a hundred at a time, and never the same. */
static char *
accepted_text(struct import *import, const struct conf *conf, const char *path, const char *before,
	      const struct users *there)
{
	for (;;) {
		char *text = users_text(import, conf, before, there);
		struct conf_errors errors = {.count = 0};
		const struct conf_file file = {path, text ? text : "", text ? strlen(text) : 0};
		struct users *users = text ? users_parse(&file, conf, &errors, NULL) : NULL;
		bool again = text && !users && drop_refused(import, text, &errors);

		if (!users && !again && errors.kept)
			complain("%s: %s", path, errors.list[0].text);
		conf_errors_fini(&errors);
		if (users) {
			users_free(users);
			return text;
		}
		change_wipe(text);
		if (!again)
			return NULL;
	}
}

static bool
merge_users(struct import *import, const struct conf *conf)
{
	const char *path = conf->auth.users_file;
	struct conf_errors errors = {.count = 0};
	int error;
	char *before = change_read(path, &error), *after = NULL, what[IMPORT_USER_MAX];
	const struct conf_file file = {path, before ? before : "", before ? strlen(before) : 0};
	struct users *there = error ? NULL : users_parse(&file, conf, &errors, NULL);

	if (!there)
		complain("%s: %s", path, error ? strerror(error) : errors.list[0].text);
	else
		after = accepted_text(import, conf, path, file.text, there);
	for (size_t i = 0; after && i < import->user_count; i++)
		if (import->users[i].name[0])
			import_took(import, import->users[i].from,
				    import_user_name(what, import->users[i].name),
				    import->users[i].address);
	conf_errors_fini(&errors);
	users_free(there);
	change_wipe(before);
	return after && changes_add(&import->changes, path, 0600, DIFF_KEYS, after);
}

enum exit_code
import_merge(struct import *import)
{
	struct conf *conf = merge_conf(import);
	bool ok = conf && merge_key(import, conf) &&
		  (!import->user_count || merge_users(import, conf));

	conf_free(conf);
	return ok ? CODE_DONE : CODE_REFUSED;
}
