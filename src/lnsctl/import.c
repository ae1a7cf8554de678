/* `import`: reads what an older gateway has, tells of all of it, writes our files. */
#include "lnsctl/import.h"
#include "lnsctl/action.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl/field.h"
#include "lnsctl/ours.h"
#include "lnsctl/table.h"
#include "md5.h"

#define XL2TPD_CONF "/etc/xl2tpd/xl2tpd.conf"
#define CHAP_SECRETS "/etc/ppp/chap-secrets"
#define IPSEC_SECRETS "/etc/ipsec.secrets"
#define IPSEC_CONF "/etc/ipsec.conf"
#define XAUTH_USERS "/etc/ipsec.d/passwd"

/* Report */

static void
add(json_t *list, const char *from, const char *what, const char *key, const char *value)
{
	char clean_from[IMPORT_FROM_MAX], clean_what[200], clean_value[IMPORT_VALUE_MAX + 200];

	json_array_append_new(list,
			      json_pack("{s:s, s:s, s:s}", "what",
					clean_text(clean_what, sizeof(clean_what), what), "from",
					clean_text(clean_from, sizeof(clean_from), from), key,
					clean_text(clean_value, sizeof(clean_value), value)));
}

void
import_took(struct import *import, const char *from, const char *what, const char *value)
{
	add(import->taken, from, what, "value", value);
}

void
import_left(struct import *import, const char *from, const char *what, const char *why)
{
	add(import->left, from, what, "why", why);
}

const char *
import_user_name(char what[IMPORT_USER_MAX], const char *name)
{
	snprintf(what, IMPORT_USER_MAX, "user %.140s", name);
	return what;
}

const char *
import_at(char from[IMPORT_FROM_MAX], const char *path, int line)
{
	snprintf(from, IMPORT_FROM_MAX, "%.300s:%d", path, line);
	return from;
}

static void
print_report(const struct import *import)
{
	struct table *taken = table_new("TAKEN VALUE FROM"), *left = table_new("LEFT FROM WHY");
	const json_t *row;
	size_t i;

	json_array_foreach(import->taken, i, row)
	{
		table_add(taken, field_text(row, "what"));
		table_add(taken, field_text(row, "value"));
		table_add(taken, field_text(row, "from"));
	}
	json_array_foreach(import->left, i, row)
	{
		table_add(left, field_text(row, "what"));
		table_add(left, field_text(row, "from"));
		table_add(left, field_text(row, "why"));
	}
	if (json_array_size(import->taken))
		table_print(taken, stdout);
	if (json_array_size(import->taken) && json_array_size(import->left))
		putchar('\n');
	if (json_array_size(import->left))
		table_print(left, stdout);
	if (json_array_size(import->taken) + json_array_size(import->left) == 0)
		puts("there is nothing to take over");
	table_free(taken);
	table_free(left);
}

/* Reading */

char *
import_read(struct import *import, const char *path)
{
	char full[4096];
	int error;
	char *text;

	snprintf(full, sizeof(full), "%s%s", import->root, path);
	text = change_read(full, &error);
	if (text)
		import->files++;
	else if (error)
		import_left(import, path, "the file",
			    error == EINVAL  ? "is no text"
			    : error == EFBIG ? "is larger than 1 MiB"
					     : strerror(error));
	return text;
}

/* Names of ours: what lnsd has written for libreswan comes from nobody else. */
static bool
is_ours(const char *path)
{
	const char *name = strrchr(path, '/');

	return name && (strcmp(name, "/lnsd.conf") == 0 || strcmp(name, "/lnsd.secrets") == 0);
}

void
import_include(struct import *import, const char *pattern, const char *from, int depth,
	       import_file_fn *fn)
{
	char full[4096];
	glob_t found;

	if (depth >= IMPORT_DEPTH_MAX) {
		import_left(import, from, "an include", "files include each other too deeply");
		return;
	}
	snprintf(full, sizeof(full), "%s%s%s", import->root, pattern[0] == '/' ? "" : "/etc/",
		 pattern);
	if (glob(full, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!is_ours(found.gl_pathv[i]))
			fn(import, found.gl_pathv[i] + strlen(import->root), depth + 1);
	globfree(&found);
}

void
import_key(struct import *import, const char *section, const char *key, const char *value,
	   const char *from, bool append)
{
	struct import_key *there = NULL;

	for (size_t i = 0; i < import->key_count; i++)
		if (strcmp(import->keys[i].section, section) == 0 &&
		    strcmp(import->keys[i].key, key) == 0)
			there = &import->keys[i];
	if (there && append && there->value[0]) {
		size_t len = strlen(there->value);

		snprintf(there->value + len, sizeof(there->value) - len, ", %s", value);
		return;
	}
	if (!there && import->key_count < IMPORT_KEYS_MAX)
		there = &import->keys[import->key_count++];
	if (!there)
		return;
	there->section = section;
	there->key = key;
	snprintf(there->value, sizeof(there->value), "%s", value);
	snprintf(there->from, sizeof(there->from), "%s", from);
}

static void
read_stack(struct import *import)
{
	import_xl2tpd(import, XL2TPD_CONF, 0);
	if (import->options[0])
		import_include(import, import->options, XL2TPD_CONF, 0, import_options);
	import_chap(import, CHAP_SECRETS, 0);
	import_secrets(import, IPSEC_SECRETS, 0);
	import_conns(import, IPSEC_CONF, 0);
}

static void
read_hwdsl2(struct import *import)
{
	char full[4096];

	snprintf(import->options, sizeof(import->options), "/etc/ppp/options.xl2tpd");
	read_stack(import);
	snprintf(full, sizeof(full), "%s" XAUTH_USERS, import->root);
	if (access(full, F_OK) == 0)
		import_left(import, XAUTH_USERS, "the users of IPsec with XAUTH",
			    "that is no L2TP: they stay libreswan's");
}

static void
read_chap(struct import *import)
{
	import_chap(import, CHAP_SECRETS, 0);
}

static const struct source {
	const char *name;
	void (*read)(struct import *import);
	const char *needs; /* the file without which it is not that */
} sources[] = {
	{"xl2tpd", read_stack, XL2TPD_CONF},
	{"hwdsl2", read_hwdsl2, XL2TPD_CONF},
	{"chap-secrets", read_chap, CHAP_SECRETS},
};

/* False when there is nothing to read, which has been said. */
static bool
read_source(struct import *import, const struct source *source, const char *path)
{
	char full[4096];
	struct stat st;

	import->root = path && strcmp(path, "/") != 0 ? path : "";
	if (path && source->read == read_chap && stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
		import->root = "";
		import_chap(import, path, 0);
		return true;
	}
	snprintf(full, sizeof(full), "%s%s", import->root, source->needs);
	if (access(full, R_OK) < 0) {
		complain("%s: cannot be read: %s%s", full, strerror(errno),
			 errno == ENOENT ? "; PATH is the folder that has etc/" : "");
		return false;
	}
	source->read(import);
	return true;
}

/* Doing */

static enum exit_code
tell_document(const struct import *import, bool dry)
{
	json_t *changed = json_array(), *document;
	enum exit_code code;

	for (size_t i = 0; i < import->changes.count; i++)
		json_array_append_new(changed, json_string(import->changes.list[i].file.path));
	document = json_pack("{s:b, s:o, s:O, s:O}", "dry_run", dry, "changed", changed, "taken",
			     import->taken, "left", import->left);
	code = print_json(document);
	json_decref(document);
	return code;
}

static void
tell_next(const struct import *import)
{
	for (size_t i = 0; i < import->changes.count; i++)
		printf("%s%s: written\n", i ? "" : "\n", import->changes.list[i].file.path);
	if (import->changes.count == 0)
		puts("\nnothing is changed");
	else
		puts("\nWhen the old server may end: systemctl disable --now xl2tpd, then lnsctl "
		     "setup");
}

static enum exit_code
carry_out(struct import *import)
{
	bool dry = import->settings->of[OPT_DRY_RUN];

	if (!dry && !changes_commit(&import->changes))
		return CODE_REFUSED;
	if (import->settings->json)
		return tell_document(import, dry);
	print_report(import);
	if (!dry) {
		tell_next(import);
		return CODE_DONE;
	}
	putchar('\n');
	if (!changes_print(&import->changes))
		return CODE_REFUSED;
	puts("nothing is changed: this was a dry run");
	return CODE_DONE;
}

static void
import_fini(struct import *import)
{
	changes_fini(&import->changes);
	json_decref(import->taken);
	json_decref(import->left);
	if (import->users)
		secret_wipe(import->users, import->user_count * sizeof(*import->users));
	free(import->users);
	explicit_bzero(import->psk, sizeof(import->psk));
	if (import->folder >= 0)
		close(import->folder);
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	const struct source *source =
		action_find("import", args[0], sources, sizeof(sources) / sizeof(sources[0]),
			    sizeof(sources[0]));
	struct import import = {.settings = settings, .folder = -1};
	enum exit_code code = CODE_REFUSED;

	if (!source)
		return CODE_USAGE;
	import.path = settings->of[OPT_CONFIG] ? settings->of[OPT_CONFIG] : OURS_DEFAULT;
	if (import.path[0] != '/') {
		complain("--config: give the whole path, which the configuration will name");
		return CODE_USAGE;
	}
	import.taken = json_array();
	import.left = json_array();
	if (!settings->of[OPT_DRY_RUN])
		import.folder = change_lock(import.path);
	if (settings->of[OPT_DRY_RUN] || import.folder >= 0)
		code = read_source(&import, source, args[1]) ? import_merge(&import) : CODE_REFUSED;
	if (code == CODE_DONE)
		code = carry_out(&import);
	import_fini(&import);
	return code;
}

const struct verb verb_import = {
	.name = "import",
	.arg = "xl2tpd|chap-secrets|hwdsl2 [PATH]",
	.least = 1,
	.most = 2,
	.options = OPT_BIT(OPT_DRY_RUN) | OPT_BIT(OPT_SERVER) | OPT_BIT(OPT_PLAIN) |
		   OPT_BIT(OPT_CONFIG),
	.summary = "take over users and settings of another server",
	.help = "  xl2tpd        xl2tpd.conf, its pppd's options, chap-secrets, ipsec.secrets\n"
		"  hwdsl2        the same, as the popular script has set them up\n"
		"  chap-secrets  the users only; PATH may be the file, too\n\n"
		"Reads below PATH (/), writes lnsd.conf where it sets nothing yet, the pre-shared\n"
		"key where there is none, and the users who are not there yet; tells what was\n"
		"taken, and what was not and why. The old files stay as they are.\n\n"
		"  --dry-run       show what would be written, and change nothing\n"
		"  --server NAME   of chap-secrets, take what is for this server (or for any)\n"
		"  --plain         store passwords as they are\n"
		"  --config FILE   another lnsd.conf\n",
	.prints = true,
	.run = run,
};
