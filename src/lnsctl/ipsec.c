/* `ipsec show|diff|apply`: what lnsd writes for libreswan. The daemon's own program makes the
 * texts, so that there is one who knows how. */
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "lnsctl/action.h"
#include "lnsctl/client.h"
#include "lnsctl/diff.h"
#include "lnsctl/document.h"
#include "lnsctl/field.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/ours.h"

#define PRINT_MS 60000
#define LOAD_S 60
#define LOAD_PAUSE_MS 250

/* What `lnsd --print` says, the caller's; NULL when there is nothing, which has been said. */
static json_t *
fetch(const struct settings *settings)
{
	const char *file = settings->of[OPT_CONFIG] ? settings->of[OPT_CONFIG] : OURS_DEFAULT;
	char program[256], said[512];
	const char *const argv[] = {program, "--print", "--config", file, NULL};
	json_t *document;

	if (!command_find(program, sizeof(program), "lnsd")) {
		complain("lnsd is not installed");
		return NULL;
	}
	document = document_by(argv, PRINT_MS, said, sizeof(said));
	if (!document) {
		complain("%s", said);
	} else if (!field_true(document, "ok")) {
		complain("%s: %s", field_text(document, "error"), field_text(document, "fix"));
		json_decref(document);
		document = NULL;
	}
	return document;
}

static enum exit_code
show(const struct settings *settings, const json_t *files)
{
	json_t *list = json_array();
	enum exit_code code = CODE_DONE;
	const json_t *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		json_array_append_new(list,
				      json_pack("{s:s, s:s}", "path", field_text(file, "path"),
						"text", field_text(file, "text")));
		if (!settings->json)
			printf("%s==> %s <==\n%s", i ? "\n" : "", field_text(file, "path"),
			       field_text(file, "text"));
	}
	if (settings->json)
		code = print_json(list);
	json_decref(list);
	return code;
}

/* The difference of one file; the caller's to free. NULL: it cannot be told. */
static char *
difference(const json_t *file)
{
	const char *now = json_string_value(json_object_get(file, "now"));
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool ok;

	if (!out)
		return NULL;
	ok = diff_print(out, field_text(file, "path"), now, field_text(file, "text"), DIFF_OPEN);
	/* what is masked on both sides looks alike */
	if (ok && now && !field_true(file, "same") && strcmp(now, field_text(file, "text")) == 0)
		fprintf(out, "%s: the key is another\n", field_text(file, "path"));
	if (fclose(out) == 0 && ok)
		return text;
	free(text);
	return NULL;
}

static enum exit_code
diff(const struct settings *settings, const json_t *files)
{
	json_t *list = json_array();
	enum exit_code code = CODE_DONE;
	const json_t *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		char *text = difference(file);

		if (!text || !field_true(file, "same"))
			code = CODE_REFUSED;
		if (text && !settings->json)
			fputs(text, stdout);
		json_array_append_new(
			list, json_pack("{s:s, s:b, s:s}", "path", field_text(file, "path"), "same",
					field_true(file, "same"), "diff", text ? text : ""));
		free(text);
	}
	if (settings->json && print_json(list) != CODE_DONE)
		code = CODE_REFUSED;
	else if (!settings->json && code == CODE_DONE)
		puts("the files are as lnsd writes them");
	json_decref(list);
	return code;
}

static bool
all_same(const json_t *files)
{
	const json_t *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		if (!field_true(file, "same"))
			return false;
	}
	return true;
}

/* How the daemon stands with libreswan; NULL when it does not answer, which has been said. */
static json_t *
standing(const struct settings *settings)
{
	enum exit_code code;
	json_t *status = client_fetch(settings, "status", NULL, &code);
	json_t *ipsec = json_incref(json_object_get(status, "ipsec"));

	json_decref(status);
	return ipsec;
}

enum applied { APPLIED_NOT_YET, APPLIED, APPLIED_NEVER };

/* After so many tries; what keeps the daemon from it is said. */
static enum applied
look(const struct settings *settings, int64_t tries)
{
	json_t *document = fetch(settings), *ipsec = document ? standing(settings) : NULL;
	enum applied applied = ipsec ? APPLIED_NOT_YET : APPLIED_NEVER;

	if (ipsec && field_number(ipsec, "tries") != tries && field_text(ipsec, "error")[0]) {
		complain("%s: %s", field_text(ipsec, "error"), field_text(ipsec, "fix"));
		applied = APPLIED_NEVER;
	} else if (ipsec && field_true(ipsec, "loaded") &&
		   all_same(json_object_get(document, "files"))) {
		applied = APPLIED;
	}
	json_decref(document);
	json_decref(ipsec);
	return applied;
}

/* The daemon has begun anew with its first try; its helper needs seconds for it. */
static bool
wait_until_applied(const struct settings *settings)
{
	json_t *ipsec = standing(settings);
	int64_t tries = ipsec ? field_number(ipsec, "tries") : 0;
	enum applied applied = ipsec ? APPLIED_NOT_YET : APPLIED_NEVER;
	struct timespec now, end;

	json_decref(ipsec);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += LOAD_S;
	do {
		if (applied == APPLIED_NOT_YET)
			applied = look(settings, tries);
		if (applied != APPLIED_NOT_YET)
			return applied == APPLIED;
		poll(NULL, 0, LOAD_PAUSE_MS);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec);
	complain("libreswan has not loaded it within %d s: lnsctl doctor tells why", LOAD_S);
	return false;
}

static enum exit_code
apply(const struct settings *settings, const json_t *files)
{
	bool same = all_same(files), done;
	enum exit_code code;
	json_t *data = client_fetch(settings, "reload", NULL, &code);

	json_decref(data);
	if (code != CODE_DONE)
		return code;
	if (!settings->json && !same) {
		puts("lnsd writes and loads ...");
		fflush(stdout);
	}
	done = wait_until_applied(settings);
	if (settings->json) {
		data = json_pack("{s:b, s:b}", "changed", !same, "loaded", done);
		code = print_json(data);
		json_decref(data);
	} else if (done) {
		puts(same ? "the files were as lnsd writes them, and are loaded"
			  : "written and loaded");
	}
	return done ? code : CODE_REFUSED;
}

static const struct command {
	const char *name;
	enum exit_code (*run)(const struct settings *settings, const json_t *files);
} commands[] = {{"show", show}, {"diff", diff}, {"apply", apply}};

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	const struct command *command =
		action_find("ipsec", args[0], commands, sizeof(commands) / sizeof(commands[0]),
			    sizeof(commands[0]));
	enum exit_code code;
	json_t *document;

	if (!command)
		return CODE_USAGE;
	document = fetch(settings);
	if (!document)
		return CODE_REFUSED;
	code = command->run(settings, json_object_get(document, "files"));
	json_decref(document);
	return code;
}

const struct verb verb_ipsec = {
	.name = "ipsec",
	.arg = "show|diff|apply",
	.least = 1,
	.most = 1,
	.options = OPT_BIT(OPT_CONFIG),
	.summary = "what lnsd writes for libreswan",
	.help = "  show    the two files in /etc/ipsec.d as lnsd would write them\n"
		"  diff    against what stands there; exit code 1 when something differs\n"
		"  apply   have the running daemon read its configuration again, write the files\n"
		"          and load them, and wait for that\n\n"
		"The pre-shared key is never shown. show and diff work without the daemon; run\n"
		"them as root. --config FILE: another lnsd.conf.\n",
	.prints = true,
	.run = run,
};
