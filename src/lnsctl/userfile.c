#include "lnsctl/userfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "md5.h"

/* A part of the text: offsets */
struct span {
	size_t begin, end;
};

bool
userfile_init(struct userfile *file, const char *text, size_t len)
{
	file->text = malloc(len + 1);
	file->len = len;
	if (!file->text)
		return false;
	if (len)
		memcpy(file->text, text, len);
	return true;
}

void
userfile_fini(struct userfile *file)
{
	if (file->text)
		secret_wipe(file->text, file->len);
	free(file->text);
	*file = (struct userfile){.text = NULL};
}

/* The line that begins at `begin`, with its newline. */
static struct span
line_at(const struct userfile *file, size_t begin)
{
	const char *newline =
		begin < file->len ? memchr(file->text + begin, '\n', file->len - begin) : NULL;

	return (struct span){begin, newline ? (size_t)(newline - file->text) + 1 : file->len};
}

static struct span
line_number(const struct userfile *file, int number)
{
	struct span line = line_at(file, 0);

	while (--number > 0)
		line = line_at(file, line.end);
	return line;
}

/* The line's first character that is no blank; '\0' in an empty one. */
static char
first_of(const struct userfile *file, struct span line)
{
	while (line.begin < line.end &&
	       (file->text[line.begin] == ' ' || file->text[line.begin] == '\t'))
		line.begin++;
	if (line.begin == line.end || strchr("\r\n", file->text[line.begin]))
		return '\0';
	return file->text[line.begin];
}

static bool
is_remark(const struct userfile *file, struct span line)
{
	char first = first_of(file, line);

	return first == '\0' || first == '#' || first == ';';
}

/* From the header to the next one, or to the end of the file. */
static struct span
section_at(const struct userfile *file, int number)
{
	struct span header = line_number(file, number), line = header;

	do
		line = line_at(file, line.end);
	while (line.begin < file->len && first_of(file, line) != '[');
	return (struct span){header.begin, line.begin};
}

/* Behind the section's last line that is no comment and not empty: what follows belongs to the next
 * section. */
static size_t
end_of_keys(const struct userfile *file, struct span section)
{
	struct span line = line_at(file, section.begin);
	size_t end = line.end;

	while (line.begin < section.end) {
		if (!is_remark(file, line))
			end = line.end;
		line = line_at(file, line.end);
	}
	return end;
}

/* The key's line within the section; an empty span where it has none. */
static struct span
find_key(const struct userfile *file, struct span section, const char *key)
{
	struct span line = line_at(file, line_at(file, section.begin).end);
	size_t len = strlen(key);

	for (; line.begin < section.end; line = line_at(file, line.end)) {
		size_t at = line.begin;

		while (at < line.end && (file->text[at] == ' ' || file->text[at] == '\t'))
			at++;
		if (line.end - at <= len || memcmp(file->text + at, key, len) != 0)
			continue;
		at += len;
		while (at < line.end && (file->text[at] == ' ' || file->text[at] == '\t'))
			at++;
		if (at < line.end && file->text[at] == '=')
			return line;
	}
	return (struct span){section.end, section.end};
}

/* Puts `text` in place of a span. Not realloc(), which would leave secrets behind. */
static bool
replace(struct userfile *file, struct span span, const char *text)
{
	size_t more = strlen(text), rest = file->len - span.end;
	char *fresh = malloc(span.begin + more + rest + 1);

	if (!fresh)
		return false;
	memcpy(fresh, file->text, span.begin);
	memcpy(fresh + span.begin, text, more + 1);
	memcpy(fresh + span.begin + more, file->text + span.end, rest);
	fresh[span.begin + more + rest] = '\0';
	userfile_fini(file);
	file->text = fresh;
	file->len = span.begin + more + rest;
	return true;
}

/* The lines' ends as the file has them. */
static const char *
newline_of(const struct userfile *file)
{
	struct span first = line_at(file, 0);

	return first.end >= 2 && file->text[first.end - 1] == '\n' &&
			       file->text[first.end - 2] == '\r'
		       ? "\r\n"
		       : "\n";
}

static bool
ends_open(const struct userfile *file, size_t at)
{
	return at > 0 && file->text[at - 1] != '\n';
}

/* Joins up to five parts; the caller's to wipe and free. */
static char *
join(const char *const part[5])
{
	size_t size = 1, len = 0;
	char *text;

	for (size_t i = 0; i < 5; i++)
		size += strlen(part[i]);
	text = calloc(size, 1);
	for (size_t i = 0; text && i < 5; i++)
		len += (size_t)snprintf(text + len, size - len, "%s", part[i]);
	return text;
}

static bool
put(struct userfile *file, struct span span, const char *const part[5])
{
	char *text = join(part);
	bool ok = text && replace(file, span, text);

	if (text)
		secret_wipe(text, strlen(text));
	free(text);
	return ok;
}

bool
userfile_add(struct userfile *file, const char *name, int *line)
{
	const char *newline = newline_of(file);
	const char *before = ends_open(file, file->len) ? newline : "";
	struct span end = {file->len, file->len};

	if (!put(file, end, (const char *[5]){before, file->len ? newline : "", "[", name, "]"}) ||
	    !replace(file, (struct span){file->len, file->len}, newline))
		return false;
	*line = 0;
	for (size_t i = 0; i < file->len; i++)
		*line += file->text[i] == '\n';
	return true;
}

bool
userfile_remove(struct userfile *file, int line)
{
	struct span section = section_at(file, line);
	size_t end = end_of_keys(file, section);
	struct span next = line_at(file, end);

	/* one empty line of those around it, so that they do not gather */
	if (next.begin < section.end && first_of(file, next) == '\0')
		end = next.end;
	return replace(file, (struct span){section.begin, end}, "");
}

bool
userfile_set(struct userfile *file, int line, const char *key, const char *value)
{
	const char *newline = newline_of(file);
	struct span section = section_at(file, line), old = find_key(file, section, key);
	bool there = old.begin < old.end;

	if (!value)
		return !there || replace(file, old, "");
	if (there) {
		/* the old line's own end stays */
		while (old.end > old.begin && strchr("\r\n", file->text[old.end - 1]))
			old.end--;
		return put(file, old, (const char *[5]){key, " = ", value, "", ""});
	}
	old.begin = old.end = end_of_keys(file, section);
	return put(file, old,
		   (const char *[5]){ends_open(file, old.begin) ? newline : "", key, " = ", value,
				     newline});
}
