/* What setup has done or would do, what `check` and `doctor` say of it, and what a client needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lnsctl/document.h"
#include "lnsctl/field.h"
#include "lnsctl/setup.h"
#include "lnsctl/table.h"

#define CHECKS_MS 120000

static json_t *
changed_document(const struct setup *setup)
{
	json_t *list = json_array();

	for (size_t i = 0; i < setup->changes.count; i++)
		json_array_append_new(list, json_string(setup->changes.list[i].file.path));
	return list;
}

static json_t *
commands_document(const struct setup *setup)
{
	json_t *list = json_array();

	for (size_t i = 0; i < setup->command_count; i++) {
		const char *const *words = setup->commands[i];

		json_array_append_new(list,
				      json_sprintf("%s %s %s%s%s", words[0], words[1], words[2],
						   words[3] ? " " : "", words[3] ? words[3] : ""));
	}
	return list;
}

static bool
is_done_already(const struct setup *setup)
{
	return setup->changes.count == 0 && setup->command_count == 0;
}

bool
setup_tell_plan(const struct setup *setup)
{
	json_t *changed = changed_document(setup), *commands = commands_document(setup);
	bool ok = true;
	const json_t *item;
	size_t i;

	if (setup->settings->json) {
		json_t *document = json_pack("{s:b, s:O, s:O}", "dry_run", true, "changed", changed,
					     "commands", commands);

		ok = print_json(document) == CODE_DONE;
		json_decref(document);
	} else {
		ok = changes_print(&setup->changes);
		json_array_foreach(commands, i, item)
		{
			printf("would run: %s\n", json_string_value(item));
		}
		puts(is_done_already(setup) ? "all is set up already: nothing would change"
					    : "nothing is changed: this was a dry run");
	}
	json_decref(changed);
	json_decref(commands);
	return ok;
}

void
setup_tell_done(const struct setup *setup)
{
	if (setup->settings->json)
		return;
	for (size_t i = 0; i < setup->changes.count; i++)
		printf("%s: written\n", setup->changes.list[i].file.path);
	if (is_done_already(setup))
		puts("all is set up already: nothing is changed");
	fflush(stdout);
}

/* The document of another verb of ours: what that says is its own affair, and may grow. */
static json_t *
ask_verb(const struct setup *setup, const char *verb)
{
	const char *const argv[] = {
		"/proc/self/exe", "--json", "--socket", setup->settings->socket, verb,
		setup->path,	  NULL};
	char said[256];

	return document_by(argv, CHECKS_MS, said, sizeof(said));
}

static json_t *
client_document(const struct setup *setup)
{
	const char *path = setup->conf->ipsec.psk_file;
	json_t *client = json_pack("{s:s, s:s, s:s}", "server", setup->server, "psk_file", path,
				   "user", setup->user);
	int error;

	if (setup->new_user && !setup->settings->of[OPT_PASSWORD_STDIN])
		json_object_set_new(client, "password", json_string(setup->password));
	if (setup->settings->of[OPT_SECRETS]) {
		char *key = change_read(path, &error);

		if (key)
			json_object_set_new(client, "psk", json_stringn(key, strcspn(key, "\r\n")));
		change_wipe(key);
	}
	return client;
}

static void
tell_client(const json_t *client)
{
	char text[600];

	puts("\nWhat a client needs:");
	print_pair(stdout, 10, "server", field_text(client, "server"));
	snprintf(text, sizeof(text), "in %s ('lnsctl setup --secrets' shows it)",
		 field_text(client, "psk_file"));
	print_pair(stdout, 10, "key",
		   json_object_get(client, "psk") ? field_text(client, "psk") : text);
	print_pair(stdout, 10, "user", field_text(client, "user"));
	snprintf(text, sizeof(text), "as it was set (lnsctl user passwd %.128s sets another)",
		 field_text(client, "user"));
	print_pair(stdout, 10, "password",
		   json_object_get(client, "password") ? field_text(client, "password") : text);
	if (json_object_get(client, "password"))
		puts("The password is shown this once.");
	printf("As a script or file for Windows, a phone and others: lnsctl client OS %s\n",
	       field_text(client, "user"));
}

/* What is not well of `doctor`, with its fix, and how much is. */
static void
tell_doctor(const json_t *doctor)
{
	size_t i, well = 0;
	const json_t *row;
	char clean[600];

	json_array_foreach(doctor, i, row)
	{
		well += field_true(row, "ok");
	}
	printf("\ndoctor: %zu of %zu are well\n", well, json_array_size(doctor));
	json_array_foreach(doctor, i, row)
	{
		if (field_true(row, "ok"))
			continue;
		printf("  %s: ", field_text(row, "check"));
		puts(clean_text(clean, sizeof(clean), field_text(row, "text")));
		printf("    fix: %s\n", clean_text(clean, sizeof(clean), field_text(row, "fix")));
	}
}

static void
tell_check(const json_t *check)
{
	static const char *const lists[] = {"errors", "warnings"};
	char clean[1200];
	const json_t *row;
	size_t i;

	for (size_t n = 0; n < 2; n++) {
		json_array_foreach(json_object_get(check, lists[n]), i, row)
		{
			printf("  %s: ", n ? "warning" : "error");
			printf("%s: ", clean_text(clean, sizeof(clean), field_text(row, "file")));
			puts(clean_text(clean, sizeof(clean), field_text(row, "text")));
		}
	}
	field_list(clean, sizeof(clean), json_object_get(check, "works_with"));
	if (clean[0])
		printf("  works with %s\n", clean);
}

enum exit_code
setup_tell_checks(const struct setup *setup)
{
	json_t *check = ask_verb(setup, "check"), *doctor = ask_verb(setup, "doctor");
	json_t *client = client_document(setup);
	bool ok = field_true(check, "ok") && (setup->serving || !setup->systemd);

	if (setup->settings->json) {
		json_t *document =
			json_pack("{s:o, s:o, s:O*, s:O*, s:O}", "changed", changed_document(setup),
				  "commands", commands_document(setup), "check", check, "doctor",
				  doctor, "client", client);

		ok = print_json(document) == CODE_DONE && ok;
		json_decref(document);
	} else {
		if (check)
			puts("\ncheck:");
		tell_check(check);
		tell_doctor(doctor);
		tell_client(client);
	}
	json_decref(check);
	json_decref(doctor);
	json_decref(client);
	return ok ? CODE_DONE : CODE_REFUSED;
}
