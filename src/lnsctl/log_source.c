/* See log_source.h. */
#include "lnsctl/log_source.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "conf.h"
#include "kept.h"
#include "lnsctl/field.h"

#define JOURNAL "/run/systemd/journal/socket"
#define FILES_MAX 3
#define FILES_EVERY_MS 500
#define JOURNAL_EVERY_MS 5000 /* it says itself when there is something new */

struct log_file {
	char path[CONF_PATH_MAX];
	FILE *stream; /* NULL: not there yet */
	ino_t inode;
	bool history; /* else lines with a time */
	bool of_pluto;
	bool once; /* what comes in its place has been read already */
};

struct log_source {
	sd_journal *journal; /* NULL: none */
	struct log_file files[FILES_MAX];
	size_t count;
	int64_t since_us;
};

/* ── the journal ────────────────────────────────────────────────────────────────────────── */

/* Fields with an underscore are the journal's own word, which nobody can forge. */
static int
match(sd_journal *journal)
{
	int error = sd_journal_add_match(journal, "_SYSTEMD_UNIT=lnsd.service", 0);

	if (error >= 0)
		error = sd_journal_add_disjunction(journal);
	if (error >= 0)
		error = sd_journal_add_match(journal, "_COMM=pluto", 0);
	if (error >= 0)
		error = sd_journal_add_match(journal, "_UID=0", 0);
	return error;
}

static bool
open_journal(struct log_source *source)
{
	int error = sd_journal_open(&source->journal, SD_JOURNAL_LOCAL_ONLY);

	if (error >= 0)
		error = match(source->journal);
	if (error >= 0)
		error = sd_journal_seek_realtime_usec(source->journal, (uint64_t)source->since_us);
	if (error >= 0)
		return true;
	complain("the journal cannot be read: %s (--file FILE reads a file)", strerror(-error));
	return false;
}

/* "NAME=value" as a text, cut at cap. */
static const char *
journal_field(sd_journal *journal, const char *name, char *out, size_t cap)
{
	const void *data;
	size_t len, skip = strlen(name) + 1;

	out[0] = '\0';
	if (sd_journal_get_data(journal, name, &data, &len) >= 0 && len >= skip)
		snprintf(out, cap, "%.*s", (int)(len - skip), (const char *)data + skip);
	return out;
}

static void
read_journal(const struct log_source *source, struct timeline *timeline)
{
	sd_journal_process(source->journal);
	while (sd_journal_next(source->journal) > 0) {
		char text[TIMELINE_TEXT_MAX], program[32];
		uint64_t when;

		if (sd_journal_get_realtime_usec(source->journal, &when) < 0)
			continue;
		journal_field(source->journal, "_COMM", program, sizeof(program));
		journal_field(source->journal, "MESSAGE", text, sizeof(text));
		timeline_add(timeline, (int64_t)when, strcmp(program, "pluto") == 0, text);
	}
}

/* ── files ──────────────────────────────────────────────────────────────────────────────── */

/* The end of the second that is told: what pluto says of the same one came before. */
static int64_t
moment_us(const char *moment)
{
	int64_t us;

	return timeline_time(moment, 0, &us) ? us + 999999 : 0;
}

/* A session of the history has two lines, a refusal one. */
static void
add_entry(const struct log_source *source, const json_t *entry, struct timeline *timeline)
{
	const char *user = field_text(entry, "user"), *id = field_text(entry, "id");
	const char *peer = field_text(entry, "peer"), *address = field_text(entry, "address");
	const bool refused = field_true(entry, "refused");
	int64_t start = moment_us(field_text(entry, "start")),
		end = moment_us(field_text(entry, "end"));
	char text[TIMELINE_TEXT_MAX];

	if (!refused && start >= source->since_us) {
		snprintf(text, sizeof(text),
			 "login user=\"%s\" session=%s address=%s peer=%s client=%s", user, id,
			 address, peer, field_text(entry, "client"));
		timeline_add(timeline, start, false, text);
	}
	if (end < source->since_us)
		return;
	snprintf(text, sizeof(text),
		 "%s user=\"%s\" session=%s address=%s peer=%s cause=%s closed_by=%s text=\"%s\"",
		 refused ? "refused" : "logout", user, id, address, peer,
		 field_text(entry, "cause"), field_text(entry, "closed_by"),
		 field_text(entry, "text"));
	timeline_add(timeline, end, false, text);
}

static void
take_line(const struct log_source *source, const struct log_file *file, const char *line,
	  size_t len, struct timeline *timeline)
{
	int64_t when;
	const char *text;

	if (file->history) {
		json_t *entry = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);

		if (entry)
			add_entry(source, entry, timeline);
		json_decref(entry);
		return;
	}
	text = timeline_time(line, (int64_t)time(NULL), &when);
	if (text && when >= source->since_us)
		timeline_add(timeline, when,
			     file->of_pluto || text[0] == '"' ||
				     strncmp(text, "packet from ", 12) == 0,
			     text);
}

static void
read_stream(const struct log_source *source, const struct log_file *file, struct timeline *timeline)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	clearerr(file->stream);
	while ((len = getline(&line, &room, file->stream)) > 0) {
		if (line[len - 1] != '\n') {
			/* not whole yet: from its beginning the next time */
			fseek(file->stream, -(long)len, SEEK_CUR);
			break;
		}
		line[len - 1] = '\0';
		take_line(source, file, line, (size_t)len - 1, timeline);
	}
	free(line);
}

/* False: errno says why. */
static bool
open_stream(struct log_file *file)
{
	struct stat st;

	file->stream = fopen(file->path, "re");
	if (file->stream && fstat(fileno(file->stream), &st) == 0)
		file->inode = st.st_ino;
	return file->stream != NULL;
}

/* One that comes later is read from then on, and one that another has taken the place of to its
 * end. */
static void
read_file(const struct log_source *source, struct log_file *file, struct timeline *timeline)
{
	struct stat st;

	if (file->stream)
		read_stream(source, file, timeline);
	if (file->once || stat(file->path, &st) < 0 || (file->stream && st.st_ino == file->inode))
		return;
	if (file->stream)
		fclose(file->stream);
	if (open_stream(file))
		read_stream(source, file, timeline);
}

/* One that is not there is empty, unless it was asked for. */
static bool
open_file(struct log_source *source, const char *path, bool history, bool asked)
{
	struct log_file *file = &source->files[source->count];

	*file = (struct log_file){.history = history, .of_pluto = !history && !asked};
	snprintf(file->path, sizeof(file->path), "%s", path);
	if (open_stream(file) || (errno == ENOENT && !asked)) {
		source->count++;
		return true;
	}
	complain("%s: %s%s", path, strerror(errno),
		 errno == EACCES ? " (be root, or a member of the group lnsd)" : "");
	return false;
}

/* pluto's own file, where the configuration names one. */
static bool
open_pluto_file(struct log_source *source, const char *path)
{
	struct conf_errors errors = {.count = 0};
	struct conf *conf = NULL;
	struct bundle bundle;
	bool done = true;

	if (bundle_read(&bundle, path, &errors)) {
		conf = conf_parse(bundle.files, bundle.count, &errors);
		bundle_fini(&bundle);
	}
	if (conf && conf->ipsec.log_file[0])
		done = open_file(source, conf->ipsec.log_file, false, false);
	conf_errors_fini(&errors);
	conf_free(conf);
	return done;
}

/* ── both ───────────────────────────────────────────────────────────────────────────────── */

static bool
open_all(struct log_source *source, const struct settings *settings)
{
	const char *file = settings->of[OPT_FILE], *config = settings->of[OPT_CONFIG];

	if (file)
		return open_file(source, file, false, true);
	if (!open_pluto_file(source, config ? config : LNSD_SYSCONFDIR "/lnsd/lnsd.conf"))
		return false;
	if (access(JOURNAL, F_OK) == 0)
		return open_journal(source);
	if (!open_file(source, HISTORY_PATH, true, false) ||
	    !open_file(source, HISTORY_PATH HISTORY_OLD, true, false))
		return false;
	source->files[source->count - 1].once = true;
	return true;
}

struct log_source *
log_source_open(const struct settings *settings, int64_t since)
{
	struct log_source *source = calloc(1, sizeof(*source));

	if (!source) {
		complain("memory is short");
		return NULL;
	}
	source->since_us = since * 1000000;
	if (open_all(source, settings))
		return source;
	log_source_close(source);
	return NULL;
}

void
log_source_close(struct log_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		if (source->files[i].stream)
			fclose(source->files[i].stream);
	}
	if (source->journal)
		sd_journal_close(source->journal);
	free(source);
}

void
log_source_read(struct log_source *source, struct timeline *timeline)
{
	for (size_t i = 0; i < source->count; i++)
		read_file(source, &source->files[i], timeline);
	if (source->journal)
		read_journal(source, timeline);
	timeline_sort(timeline);
}

bool
log_source_wait(const struct log_source *source, const struct until *until)
{
	int fd = source->journal ? sd_journal_get_fd(source->journal) : -1;
	int ms = source->count ? FILES_EVERY_MS : JOURNAL_EVERY_MS;

	return until_wait(until, fd, ms) != UNTIL_OVER;
}
