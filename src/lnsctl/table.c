#include "lnsctl/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define COLUMNS_MAX 24
#define CELL_MAX 160

struct table {
	size_t columns;
	char header[COLUMNS_MAX][32];
	bool right[COLUMNS_MAX];
	int width[COLUMNS_MAX];
	char **cells; /* row by row */
	size_t count, room;
};

/* Columns on the terminal, 0 for what is none's business to see, -1 for what must not go out. */
static int
width_of(wchar_t c)
{
	/* the marks that turn the direction of text around */
	if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return -1;
	return wcwidth(c);
}

char *
clean_text(char *dst, size_t cap, const char *text)
{
	mbstate_t state = {0};
	size_t len = strlen(text), out = 0;

	while (len > 0) {
		wchar_t c;
		size_t n = mbrtowc(&c, text, len, &state);
		bool good = n != (size_t)-1 && n != (size_t)-2 && width_of(c) >= 0;

		if (n == (size_t)-1 || n == (size_t)-2) {
			memset(&state, 0, sizeof(state));
			n = 1;
		}
		if (out + (good ? n : 1) >= cap)
			break;
		if (good)
			memcpy(dst + out, text, n);
		else
			dst[out] = '?';
		out += good ? n : 1;
		text += n;
		len -= n;
	}
	dst[out] = '\0';
	return dst;
}

/* Of a clean text. */
static int
text_width(const char *text)
{
	mbstate_t state = {0};
	size_t len = strlen(text);
	int width = 0;

	while (len > 0) {
		wchar_t c;
		size_t n = mbrtowc(&c, text, len, &state);

		if (n == (size_t)-1 || n == (size_t)-2)
			break;
		width += width_of(c);
		text += n;
		len -= n;
	}
	return width;
}

static void *
must(void *memory)
{
	if (!memory) {
		fputs("lnsctl: out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

struct table *
table_new(const char *columns)
{
	struct table *table = must(calloc(1, sizeof(*table)));

	while (*columns && table->columns < COLUMNS_MAX) {
		size_t i = table->columns++, len = strcspn(columns, " ");

		table->right[i] = *columns == '>';
		snprintf(table->header[i], sizeof(table->header[i]), "%.*s",
			 (int)(len - table->right[i]), columns + table->right[i]);
		table->width[i] = text_width(table->header[i]);
		columns += len;
		columns += strspn(columns, " ");
	}
	return table;
}

void
table_add(struct table *table, const char *text)
{
	size_t column = table->count % table->columns;
	char cell[CELL_MAX];
	int width;

	clean_text(cell, sizeof(cell), text[0] ? text : "-");
	width = text_width(cell);
	if (width > table->width[column])
		table->width[column] = width;
	if (table->count == table->room) {
		table->room = table->room * 2 + 64;
		table->cells = must(realloc(table->cells, table->room * sizeof(*table->cells)));
	}
	table->cells[table->count++] = must(strdup(cell));
}

void
table_add_number(struct table *table, int64_t number)
{
	char text[HUMAN_MAX];

	snprintf(text, sizeof(text), "%" PRId64, number);
	table_add(table, text);
}

static void
print_cell(const struct table *table, size_t column, const char *text, FILE *out)
{
	int pad = table->width[column] - text_width(text);
	bool last = column + 1 == table->columns;

	if (table->right[column])
		fprintf(out, "%*s%s%s", pad, "", text, last ? "\n" : "  ");
	else if (last)
		fprintf(out, "%s\n", text);
	else
		fprintf(out, "%s%*s", text, pad + 2, "");
}

/* No colour unless a person looks at it (and wants it: no-color.org). */
static bool
is_terminal(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0 && !getenv("NO_COLOR");
}

void
table_print(const struct table *table, FILE *out)
{
	bool bold = is_terminal(out);

	if (bold)
		fputs("\033[1m", out);
	for (size_t i = 0; i < table->columns; i++)
		print_cell(table, i, table->header[i], out);
	if (bold)
		fputs("\033[0m", out);
	for (size_t row = 0; row < table->count; row += table->columns) {
		for (size_t i = 0; i < table->columns && row + i < table->count; i++)
			print_cell(table, i, table->cells[row + i], out);
	}
}

void
table_free(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

void
print_pair(FILE *out, int width, const char *key, const char *value)
{
	char name[CELL_MAX], text[PAIR_MAX];
	int pad;

	clean_text(name, sizeof(name), key);
	clean_text(text, sizeof(text), value[0] ? value : "-");
	pad = width - text_width(name) - 1;
	fprintf(out, "%s:%*s%s\n", name, pad > 1 ? pad : 1, "", text);
}

const char *
human_bytes(char text[HUMAN_MAX], int64_t bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	double size = (double)bytes / 1000;
	size_t i = 0;

	if (bytes < 1000) {
		snprintf(text, HUMAN_MAX, "%" PRId64 " B", bytes);
		return text;
	}
	/* 999.95 would be written as 1000.0 */
	while (size >= 999.95 && i + 1 < sizeof(units) / sizeof(units[0])) {
		size /= 1000;
		i++;
	}
	snprintf(text, HUMAN_MAX, "%.1f %s", size, units[i]);
	return text;
}

const char *
human_duration(char text[HUMAN_MAX], int64_t seconds)
{
	int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (seconds < 60)
		snprintf(text, HUMAN_MAX, "%" PRId64 "s", seconds);
	else if (hours == 0)
		snprintf(text, HUMAN_MAX, "%" PRId64 "m%02" PRId64 "s", minutes, seconds % 60);
	else if (days == 0)
		snprintf(text, HUMAN_MAX, "%" PRId64 "h%02" PRId64 "m", hours, minutes % 60);
	else
		snprintf(text, HUMAN_MAX, "%" PRId64 "d%02" PRId64 "h", days, hours % 24);
	return text;
}
