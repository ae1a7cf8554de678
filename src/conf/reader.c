#include "conf/reader.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "conf/utf8.h"
#include "md5.h"

struct reader {
	const char *next, *end; /* the lines still to come */
	const struct reader_events *events;
	void *ctx;
	struct conf_errors *errors;
	struct reader_place place;
	enum { NO_SECTION, SECTION_TAKEN, SECTION_REFUSED } state;
	char section[READER_SECTION_MAX];
	char line[READER_LINE_MAX]; /* the current one, stripped */
	const char *rest;	    /* what inih has not had of its value; NULL: no line at work */
	bool given;		    /* inih has had all, but not yet called back */
	char key[READER_KEY_MAX];
	char value[READER_LINE_MAX];
	size_t value_len;
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static void
strip_end(char *text, size_t len)
{
	while (len > 0 && is_space(text[len - 1]))
		len--;
	text[len] = '\0';
}

/* What is wrong with a line's bytes, or NULL. */
static const char *
fault_of(const char *text, size_t len)
{
	if (len >= READER_LINE_MAX)
		return "the line is longer than 4095 bytes";
	for (size_t i = 0; i < len;) {
		size_t n = utf8_len(text + i, len - i);
		unsigned char c = (unsigned char)text[i];

		if (c == '\0')
			return "the line has a NUL byte";
		if (n == 0)
			return "the line is not UTF-8 text";
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return "the line has a control character";
		i += n;
	}
	return NULL;
}

static void
complain(struct reader *r, const char *what)
{
	if (r->state == SECTION_TAKEN)
		conf_errors_add(r->errors, r->place.file, r->place.line, "[%s] %s", r->section,
				what);
	else
		conf_errors_add(r->errors, r->place.file, r->place.line, "%s", what);
}

/* Copies the next line without comment, indentation and trailing space; false at the end. */
static bool
next_line(struct reader *r)
{
	const char *start = r->next, *stop;
	const char *fault;
	size_t len = 0, used;

	if (start == r->end)
		return false;
	stop = memchr(start, '\n', (size_t)(r->end - start));
	r->next = stop ? stop + 1 : r->end;
	used = (size_t)((stop ? stop : r->end) - start);
	r->place.line++;
	if (used > 0 && start[used - 1] == '\r')
		used--;
	while (used > 0 && is_space(*start)) {
		start++;
		used--;
	}
	fault = fault_of(start, used);
	if (fault) {
		complain(r, fault);
		used = 0;
	}
	while (len < used) {
		bool mark = start[len] == '#' || start[len] == ';';

		if (mark && (len == 0 || is_space(start[len - 1])))
			break;
		len++;
	}
	memcpy(r->line, start, len);
	strip_end(r->line, len);
	return true;
}

static void
begin_section(struct reader *r)
{
	char *name = r->line + 1;
	char *close = strchr(name, ']');
	const char *fault = NULL;

	r->state = NO_SECTION;
	while (is_space(*name))
		name++;
	if (!close)
		fault = "']' is missing after the section's name";
	else if (close[1] != '\0')
		fault = "there is text after the section's ']'";
	else
		strip_end(name, (size_t)(close - name));
	if (!fault && *name == '\0')
		fault = "the section has no name";
	if (!fault && strlen(name) >= sizeof(r->section))
		fault = "the section's name is longer than 159 bytes";
	if (fault) {
		complain(r, fault);
		r->state = SECTION_REFUSED;
		return;
	}
	snprintf(r->section, sizeof(r->section), "%s", name);
	r->state = r->events->section(r->ctx, &r->place) ? SECTION_TAKEN : SECTION_REFUSED;
}

/* Splits off the key; false when the line is none that inih could read, after an error. */
static bool
begin_entry(struct reader *r)
{
	static const char key_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789-_";
	char *equals = strchr(r->line, '=');
	size_t len;

	if (r->state == SECTION_REFUSED)
		return false;
	if (r->state == NO_SECTION) {
		complain(r, "a key stands before the first [section]");
		return false;
	}
	if (!equals) {
		complain(r, "expected 'key = value', but there is no '='");
		return false;
	}
	strip_end(r->line, (size_t)(equals - r->line));
	len = strlen(r->line);
	if (len == 0 || len >= sizeof(r->key) || strspn(r->line, key_bytes) != len) {
		complain(r, "what stands before '=' is no key: letters, digits and dashes only");
		return false;
	}
	memcpy(r->key, r->line, len + 1);
	r->rest = equals + 1;
	while (is_space(*r->rest))
		r->rest++;
	r->value_len = 0;
	return true;
}

/*
 * How much of the value fits into `room` bytes, cut where inih takes nothing away at either side of
 * the cut: it strips white space and takes a line that begins with ; or # for a comment.
 */
static size_t
part_len(const char *value, size_t room)
{
	size_t len = strlen(value);

	if (len <= room)
		return len;
	for (len = room; len > 0; len--) {
		char c = value[len];

		if (!is_space(value[len - 1]) && !is_space(c) && c != ';' && c != '#')
			break;
	}
	return len;
}

/* On to the next line that has a key; false at the end. */
static bool
next_entry(struct reader *r)
{
	r->rest = NULL;
	while (next_line(r)) {
		if (r->line[0] == '[')
			begin_section(r);
		else if (r->line[0] != '\0' && begin_entry(r))
			return true;
	}
	return false;
}

/* Writes a key with (the first part of) its value, or a further part; false when it cannot be cut.
 */
static bool
put_part(struct reader *r, char *out, size_t room)
{
	size_t lead = r->value_len == 0 ? strlen(r->key) + 1 : 1;
	size_t part = lead < room ? part_len(r->rest, room - lead) : 0;

	if (lead >= room || (part == 0 && *r->rest != '\0'))
		return false;
	if (r->value_len == 0) {
		memcpy(out, r->key, lead - 1);
		out[lead - 1] = '=';
	} else {
		out[0] = ' ';
	}
	memcpy(out + lead, r->rest, part);
	out[lead + part] = '\0';
	r->rest += part;
	r->given = *r->rest == '\0';
	return true;
}

/* inih's fgets. `given` still set: inih has had all of the last line, and dropped it. */
static char *
give_line(char *out, int size, void *stream)
{
	struct reader *r = stream;
	size_t room = size > 0 ? (size_t)size - 1 : 0;

	for (;;) {
		if (r->given)
			complain(r, "the INI library does not take this line");
		if ((r->given || !r->rest) && !next_entry(r))
			return NULL;
		r->given = false;
		if (put_part(r, out, room))
			return out;
		complain(r, "the value cannot be cut into parts that the INI library takes");
		r->rest = NULL;
	}
}

static int
take_value(void *user, const char *section, const char *key, const char *value)
{
	struct reader *r = user;
	size_t len = strlen(value);

	(void)section; /* inih keeps 49 bytes of it; ours is in r->section */
	(void)key;
	if (r->value_len + len >= sizeof(r->value))
		return 0;
	memcpy(r->value + r->value_len, value, len + 1);
	r->value_len += len;
	if (r->given) {
		r->given = false;
		r->rest = NULL;
		r->events->entry(r->ctx, &r->place, r->key, r->value);
	}
	return 1;
}

void
reader_run(const struct conf_file *file, const struct reader_events *events, void *ctx,
	   struct conf_errors *errors)
{
	struct reader r = {
		.next = file->text,
		.end = file->text + file->len,
		.events = events,
		.ctx = ctx,
		.errors = errors,
		.place = {.file = file->name},
	};

	if (file->len == 0)
		return;
	r.place.section = r.section;
	if (file->len >= 3 && memcmp(file->text, "\xef\xbb\xbf", 3) == 0) {
		conf_errors_add(errors, file->name, 1,
				"the file begins with a byte order mark: save it as plain UTF-8");
		r.next += 3;
	}
	if (ini_parse_stream(give_line, &r, take_value, &r) != 0)
		conf_errors_add(errors, file->name, r.place.line,
				"the INI library does not take the file");
	secret_wipe(&r, sizeof(r));
}
