/* `client OS USER`: settings for a client, ready to use. Needs no daemon. */
#include "lnsctl/profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bundle.h"
#include "lnsctl/field.h"
#include "lnsctl/profile_file.h"
#include "lnsctl/profile_server.h"
#include "lnsctl/qr.h"
#include "lnsctl/table.h"
#include "lnsctl/user_store.h"
#include "md5.h"

#define KEY_MAX 256

/* One run of the verb. */
struct job {
	const struct settings *settings;
	const struct profile_os *os;
	const char *word; /* the system, as it was called */
	struct user_store store;
	struct profile profile;
	char server[PROFILE_SERVER_MAX], key[KEY_MAX];
	struct profile_text text;
	json_t *notes; /* of this job; those of the system come before */
};

#define note(job, ...) json_array_append_new((job)->notes, json_sprintf(__VA_ARGS__))

static bool
has_secrets(const struct job *job)
{
	return job->profile.key || job->profile.password;
}

static enum exit_code
choose_server(struct job *job)
{
	const char *asked = job->settings->of[OPT_SERVER], *from;

	if (asked && !profile_server_valid(asked)) {
		complain("--server: neither a name of the DNS nor an address");
		return CODE_USAGE;
	}
	if (asked) {
		snprintf(job->server, sizeof(job->server), "%s", asked);
	} else if (profile_server_guess(job->server, &from, job->store.conf)) {
		note(job, "clients connect to %s (%s); --server NAME for another", job->server,
		     from);
	} else {
		complain("no address of this machine is known: --server NAME");
		return CODE_REFUSED;
	}
	job->profile.server = job->server;
	return CODE_DONE;
}

/* Whoever is in no file may be known to a RADIUS server. */
static enum exit_code
choose_user(struct job *job, const char *name)
{
	const struct user *user = users_find(job->store.users, name);

	job->profile.user = user ? user->name : name;
	if (!user && !job->store.conf->auth.radius_count) {
		complain("%.150s: there is no such user in %s; lnsctl user add", name,
			 job->store.path);
		return CODE_REFUSED;
	}
	if (!user) {
		note(job, "the user is not in %s: the RADIUS server decides", job->store.path);
		return CODE_DONE;
	}
	job->profile.otp = user->otp_len != 0;
	if (user->disabled)
		note(job, "the user is disabled: lnsctl user enable");
	if (user->grant.expires && user->grant.expires <= time(NULL))
		note(job, "the user has expired: lnsctl user set NAME expires=");
	if (!job->settings->of[OPT_SECRETS] || job->profile.otp)
		return CODE_DONE;
	if (user->cred.kind == CRED_PLAIN)
		job->profile.password = user->cred.plain;
	else
		note(job, "the password is not in it: the users' file has only a hash of it");
	return CODE_DONE;
}

/* The same rules as the daemon's: the first line, and nothing behind it. */
static const char *
key_fault(char key[KEY_MAX], const char *text)
{
	size_t len = strcspn(text, "\r\n");

	if (len == 0)
		return "its first line is empty";
	if (len >= KEY_MAX)
		return "the key is longer than 255 bytes";
	if (text[len + strspn(text + len, "\r\n")])
		return "it has more than one line";
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || (unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return "the key has a double quote or a control character";
	}
	memcpy(key, text, len);
	key[len] = '\0';
	return NULL;
}

static enum exit_code
read_key(struct job *job)
{
	const char *path = job->store.conf->ipsec.psk_file, *fault;
	struct conf_errors errors = {.count = 0};
	struct bundle bundle;

	if (!bundle_read_one(&bundle, path, &errors)) {
		complain("%s: %s", path, errors.kept ? errors.list[0].text : "cannot be read");
		conf_errors_fini(&errors);
		return CODE_REFUSED;
	}
	fault = key_fault(job->key, bundle.files[0].text);
	bundle_fini(&bundle);
	conf_errors_fini(&errors);
	if (fault) {
		complain("%s: %s", path, fault);
		return CODE_REFUSED;
	}
	job->profile.key = job->key;
	return CODE_DONE;
}

static enum exit_code
choose_key(struct job *job)
{
	const struct conf *conf = job->store.conf;
	struct stat st;
	bool missing = stat(conf->ipsec.psk_file, &st) < 0 && errno == ENOENT;

	if (!missing)
		return job->settings->of[OPT_SECRETS] ? read_key(job) : CODE_DONE;
	if (conf->ipsec.certificate[0]) {
		complain("%s is not there and the gateway takes certificates only: these settings "
			 "are for a pre-shared key",
			 conf->ipsec.psk_file);
		return CODE_REFUSED;
	}
	if (conf->ipsec.manage && job->settings->of[OPT_SECRETS]) {
		complain("%s is not there: write the pre-shared key into it, one line, mode 0600",
			 conf->ipsec.psk_file);
		return CODE_REFUSED;
	}
	note(job, "%s is not there: the pre-shared key is yours to fill in", conf->ipsec.psk_file);
	return CODE_DONE;
}

static enum exit_code
gather(struct job *job, const char *user)
{
	enum exit_code code = user_store_open(&job->store, job->settings, false);

	job->profile.conf = job->store.conf;
	if (code == CODE_DONE)
		code = choose_server(job);
	if (code == CODE_DONE)
		code = choose_user(job, user);
	if (code == CODE_DONE)
		code = choose_key(job);
	return code;
}

/* "alice.ps1": of the name what every file system takes. */
static void
file_name(char out[256], const struct job *job)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_";
	size_t len = 0;

	for (const char *p = job->profile.user; *p && len < 200; p++, len++)
		out[len] = strchr(letters, *p) || (len > 0 && strchr(".-", *p)) ? *p : '_';
	snprintf(out + len, 256 - len, "%s", job->os->suffix);
}

static enum exit_code
print_document(const struct job *job, const char *file, const json_t *notes)
{
	json_t *document = json_pack("{s:s, s:s, s:s, s:s, s:b, s:O}", "os", job->word, "user",
				     job->profile.user, "file", file, "content", job->text.bytes,
				     "secrets", has_secrets(job), "notes", notes);
	enum exit_code code = CODE_REFUSED;

	if (document)
		code = print_json(document);
	else
		complain("a name or a secret is not UTF-8, which JSON cannot carry");
	json_decref(document);
	return code;
}

/* Not among what is redirected. */
static void
print_notes(const json_t *notes)
{
	const json_t *item;
	size_t i;

	json_array_foreach(notes, i, item)
	{
		char line[1200];

		fprintf(stderr, "note: %s\n",
			clean_text(line, sizeof(line), json_string_value(item)));
	}
}

static enum exit_code
put_out(const struct job *job)
{
	const char *output = job->settings->of[OPT_OUTPUT];
	json_t *notes = profile_notes(job->os, &job->profile);
	enum exit_code code = CODE_DONE;
	char name[256];
	int error = 0;

	json_array_extend(notes, job->notes);
	file_name(name, job);
	if (output)
		error = profile_file_write(output, job->text.bytes, job->text.len,
					   has_secrets(job));
	if (error) {
		complain("%s: cannot be written: %s", output, strerror(error));
		code = CODE_REFUSED;
	} else if (job->settings->json) {
		code = print_document(job, output ? output : name, notes);
	} else {
		if (output)
			printf("%s\n", output);
		else
			fwrite(job->text.bytes, 1, job->text.len, stdout);
		if (!output && job->os->qr)
			(void)qr_print(stdout, job->text.bytes);
		print_notes(notes);
	}
	json_decref(notes);
	return code;
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	struct job job = {.settings = settings, .word = args[0], .store = {.folder = -1}};
	enum exit_code code;

	job.os = profile_os_find(args[0]);
	if (!job.os)
		return CODE_USAGE;
	job.notes = json_array();
	code = gather(&job, args[1]);
	if (code == CODE_DONE && !profile_text_init(&job.text)) {
		complain("out of memory");
		code = CODE_REFUSED;
	}
	if (code == CODE_DONE)
		job.os->write(&job.profile, &job.text);
	if (code == CODE_DONE && job.text.fault) {
		complain("no settings for %s: %s", job.word, job.text.fault);
		code = CODE_REFUSED;
	}
	if (code == CODE_DONE)
		code = put_out(&job);
	profile_text_fini(&job.text);
	secret_wipe(job.key, sizeof(job.key));
	user_store_close(&job.store);
	json_decref(job.notes);
	return code;
}

const struct verb verb_client = {
	.name = "client",
	.arg = "OS USER",
	.least = 2,
	.most = 2,
	.options = OPT_BIT(OPT_SECRETS) | OPT_BIT(OPT_SERVER) | OPT_BIT(OPT_OUTPUT) |
		   OPT_BIT(OPT_CONFIG),
	.summary = "ready settings for a client of a user",
	.help = "  windows                a PowerShell script\n"
		"  macos, ios             a configuration profile (.mobileconfig)\n"
		"  android                what to type, field by field; a QR code on a terminal\n"
		"  linux                  a connection of NetworkManager (.nmconnection)\n"
		"  mikrotik, routeros     a script for RouterOS\n"
		"  strongswan             a shell script: strongSwan, xl2tpd and pppd\n\n"
		"  --secrets              with the pre-shared key, and with the password where "
		"the\n"
		"                         users' file has it as it is; else they are asked for, "
		"or\n"
		"                         there is a placeholder\n"
		"  --server NAME          the name or address that clients connect to\n"
		"  --output FILE          into FILE, mode 0600 when there are secrets in it\n"
		"  --config FILE          another lnsd.conf\n\n"
		"What the user has to do, and what cannot work, goes to standard error. Works "
		"without\n"
		"the daemon.\n",
	.prints = true,
	.run = run,
};
