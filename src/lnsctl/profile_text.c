#include "lnsctl/profile_text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "md5.h"

#define TOO_LONG "it is longer than 64 kB"

bool
profile_text_init(struct profile_text *text)
{
	*text = (struct profile_text){.bytes = calloc(1, PROFILE_TEXT_MAX)};
	return text->bytes != NULL;
}

void
profile_text_fini(struct profile_text *text)
{
	if (text->bytes)
		secret_wipe(text->bytes, PROFILE_TEXT_MAX);
	free(text->bytes);
	*text = (struct profile_text){.bytes = NULL};
}

void
profile_add(struct profile_text *text, const char *fmt, ...)
{
	size_t room = PROFILE_TEXT_MAX - text->len;
	va_list ap;
	int n;

	if (text->fault)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text->bytes + text->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		text->fault = TOO_LONG;
	else
		text->len += (size_t)n;
}

static void
add_byte(struct profile_text *text, unsigned char byte)
{
	profile_add(text, "%c", byte);
}

/* The next character of UTF-8, or 0 at the end. */
static ucs4_t
next_character(struct profile_text *text, const char **value)
{
	ucs4_t character;
	int n = u8_strmbtouc(&character, (const uint8_t *)*value);

	if (n < 0) {
		text->fault = "a name, a password or the key is not UTF-8";
		return 0;
	}
	*value += n;
	return character;
}

static bool
is_printable(ucs4_t character)
{
	return character >= ' ' && character < 0x7f;
}

/* Adds one to a string in single quotes; what would not be safe there stands outside, by number,
 * and is joined. */
static void
add_unit(struct profile_text *text, unsigned unit, bool *quoted)
{
	bool plain = is_printable(unit);

	if (plain != *quoted)
		profile_add(text, "%s", plain ? " + '" : "'");
	*quoted = plain;
	if (unit == '\'')
		profile_add(text, "''");
	else if (plain)
		add_byte(text, (unsigned char)unit);
	else
		profile_add(text, " + [char]0x%04x", unit);
}

static bool
is_ascii_text(const char *value)
{
	for (; *value; value++) {
		if (!is_printable((unsigned char)*value))
			return false;
	}
	return true;
}

void
profile_add_powershell(struct profile_text *text, const char *value)
{
	bool joined = !is_ascii_text(value), quoted = true;
	ucs4_t character;

	profile_add(text, joined ? "('" : "'");
	while ((character = next_character(text, &value))) {
		/* a [char] has 16 bits */
		if (character > 0xffff) {
			add_unit(text, 0xd7c0 + (character >> 10), &quoted);
			character = 0xdc00 + (character & 0x3ff);
		}
		add_unit(text, character, &quoted);
	}
	profile_add(text, "%s%s", quoted ? "'" : "", joined ? ")" : "");
}

void
profile_add_xml(struct profile_text *text, const char *value)
{
	ucs4_t character;

	for (const char *from = value; (character = next_character(text, &value)); from = value) {
		if (strchr("&<>\"'", (int)(character & 0x7f)) && character < 0x80)
			profile_add(text, "&#%u;", (unsigned)character);
		else if (character == '\t' || character == '\n' || character == '\r')
			profile_add(text, "&#%u;", (unsigned)character);
		else if (character < ' ' || character == 0xfffe || character == 0xffff)
			text->fault = "a name, a password or the key has a character that XML "
				      "cannot carry";
		else
			profile_add(text, "%.*s", (int)(value - from), from);
	}
}

/* What two languages write as a backslash and a letter; 0 for what they do not. */
static char
letter_of(unsigned char byte)
{
	static const char letters[] = {['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r', ['\\'] = '\\'};

	return byte < sizeof(letters) ? letters[byte] : 0;
}

void
profile_add_keyfile(struct profile_text *text, const char *value)
{
	const char *begin = value;
	ucs4_t character;

	for (const char *from = value; (character = next_character(text, &value)); from = value) {
		char letter = character < 0x80 ? letter_of((unsigned char)character) : 0;

		if (letter)
			profile_add(text, "\\%c", letter);
		else if (character == ' ' && (from == begin || !*value))
			profile_add(text, "\\s");
		else
			profile_add(text, "%.*s", (int)(value - from), from);
	}
}

void
profile_add_routeros(struct profile_text *text, const char *value)
{
	add_byte(text, '"');
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		/* '?' asks a terminal for help, '$' names a variable */
		if (strchr("\"\\$", byte))
			profile_add(text, "\\%c", byte);
		else if (is_printable(byte) && byte != '?')
			add_byte(text, byte);
		else
			profile_add(text, "\\%02X", byte);
	}
	add_byte(text, '"');
}

void
profile_add_shell(struct profile_text *text, const char *value)
{
	add_byte(text, '\'');
	for (; *value; value++) {
		if (*value == '\'')
			profile_add(text, "'\\''");
		else
			add_byte(text, (unsigned char)*value);
	}
	add_byte(text, '\'');
}

void
profile_add_swanctl(struct profile_text *text, const char *value)
{
	add_byte(text, '"');
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;
		char letter = letter_of(byte);

		if (letter)
			profile_add(text, "\\%c", letter);
		else if (byte == '"')
			profile_add(text, "\\\"");
		else
			add_byte(text, byte);
	}
	add_byte(text, '"');
}

void
profile_add_pppd(struct profile_text *text, const char *value)
{
	add_byte(text, '"');
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		if (byte == '"' || byte == '\\')
			profile_add(text, "\\%c", byte);
		else if (byte < ' ' || byte == 0x7f)
			profile_add(text, "\\%03o", byte);
		else
			add_byte(text, byte);
	}
	add_byte(text, '"');
}

void
profile_add_base64(struct profile_text *text, const char *value)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < len ? (unsigned char)value[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			add_byte(text, i + k > len
					       ? '='
					       : (unsigned char)digits[bits >> (18 - 6 * k) & 63]);
	}
}

bool
profile_is_plain(const char *value)
{
	if (u8_check((const uint8_t *)value, strlen(value)))
		return false;
	for (; *value; value++) {
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	}
	return true;
}
