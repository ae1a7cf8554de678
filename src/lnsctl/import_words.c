#include "lnsctl/import_words.h"

#include <ctype.h>
#include <string.h>

void
words_init(struct words *words, const char *text, enum words_kind kind)
{
	*words = (struct words){.at = text, .kind = kind, .next_line = 1};
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* A line that goes on in the next one */
static bool
goes_on(const struct words *words)
{
	return words->kind == WORDS_PPPD && words->at[0] == '\\' && words->at[1] == '\n';
}

/* To the next word, or the end; notes on the way what is before it. */
static void
skip(struct words *words, struct word *word)
{
	for (;;) {
		if (words->at[0] == '\n') {
			words->next_line++;
			words->at++;
			word->first = true;
			word->indented = is_blank(words->at[0]);
		} else if (goes_on(words)) {
			words->next_line++;
			words->at += 2;
		} else if (words->at[0] == '#') {
			words->at += strcspn(words->at, "\n");
		} else if (is_blank(words->at[0])) {
			words->at++;
		} else {
			return;
		}
	}
}

static void
put(struct word *word, size_t *len, char c)
{
	if (*len < sizeof(word->text) - 1)
		word->text[(*len)++] = c;
	else
		word->cut = true;
}

static int
digit_of(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : 16;
}

/* A character by its number; false where there is no digit. */
static bool
put_number(struct words *words, struct word *word, size_t *len, int base, int most)
{
	int value = 0, digits;

	for (digits = 0; digits < most && digit_of(words->at[0]) < base; digits++)
		value = value * base + digit_of(*words->at++);
	if (digits)
		put(word, len, (char)value);
	return digits > 0;
}

/* pppd's escapes; words->at stands behind the backslash. */
static void
put_escaped(struct words *words, struct word *word, size_t *len)
{
	static const char letters[] = "abfnrst", values[] = "\a\b\f\n\r \t";
	const char *letter = words->at[0] ? strchr(letters, words->at[0]) : NULL;

	if (put_number(words, word, len, 8, 3) || !words->at[0])
		return;
	if (words->at[0] == 'x') {
		words->at++;
		put_number(words, word, len, 16, 2);
		return;
	}
	if (words->at[0] == '\n')
		words->next_line++;
	else
		put(word, len, letter ? values[letter - letters] : words->at[0]);
	words->at++;
}

static bool
ends_word(const struct words *words, char c)
{
	return c == '\n' || is_blank(c) || (words->kind == WORDS_PPPD && c == '#');
}

/* Up to the word's end, quoted parts and all. */
static void
read_word(struct words *words, struct word *word)
{
	char quote = '\0';
	size_t len = 0;

	while (words->at[0] && (quote || !ends_word(words, words->at[0]))) {
		char c = *words->at++;

		if (c == '\\' && words->kind == WORDS_PPPD) {
			put_escaped(words, word, &len);
		} else if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
			word->quoted = true;
		} else {
			words->next_line += c == '\n';
			put(word, &len, c);
		}
	}
	word->text[len] = '\0';
}

bool
words_next(struct words *words, struct word *word)
{
	*word = (struct word){.first = !words->begun,
			      .indented = !words->begun && is_blank(words->at[0])};
	words->begun = true;
	skip(words, word);
	words->line = words->next_line;
	if (!words->at[0])
		return false;
	read_word(words, word);
	return true;
}

void
words_skip_line(struct words *words)
{
	words->at += strcspn(words->at, "\n");
}

bool
words_more(const struct words *words)
{
	const char *at = words->at;

	while (is_blank(*at))
		at++;
	return *at && *at != '\n' && *at != '#';
}

/* A part of a line without the blanks around it, cut to `cap`. */
static void
take_trimmed(const char *from, const char *end, char *text, size_t cap)
{
	size_t len;

	while (from < end && isspace((unsigned char)*from))
		from++;
	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	if (end - from >= 2 && (*from == '"' || *from == '\'') && end[-1] == *from) {
		from++;
		end--;
	}
	len = (size_t)(end - from) < cap ? (size_t)(end - from) : cap - 1;
	memcpy(text, from, len);
	text[len] = '\0';
}

bool
words_pair(const char *line, size_t len, char *key, char *value, size_t cap)
{
	const char *equals = memchr(line, '=', len), *end = line + len;

	if (!equals)
		return false;
	/* as both have it, a comment begins the line or follows a blank */
	for (const char *p = equals + 1; p < end; p++) {
		if ((*p == '#' || *p == ';') && isspace((unsigned char)p[-1])) {
			end = p;
			break;
		}
	}
	take_trimmed(line, equals, key, cap);
	take_trimmed(equals + 1, end, value, cap);
	return key[0] != '\0';
}
