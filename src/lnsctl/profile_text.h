/*
 * Text that is built for another program to read, with values in that program's own quotes. Values
 * come from files and command lines and may have anything in them but NUL: whatever they have, they
 * are one value there, the same one, and never more. Pure but for memory.
 */
#ifndef LNSCTL_PROFILE_TEXT_H
#define LNSCTL_PROFILE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define PROFILE_TEXT_MAX 65536

/* Holds secrets: profile_text_fini() wipes it. */
struct profile_text {
	char *bytes; /* with a final NUL */
	size_t len;
	const char *fault; /* why the text cannot be used, or NULL: no more is added then */
};

/* False when memory is short. */
bool profile_text_init(struct profile_text *text);
void profile_text_fini(struct profile_text *text);

/* What is not a value. */
void profile_add(struct profile_text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A string of PowerShell: ASCII only, so that no reader's code page matters; all else, and the
 * typographic quotes that PowerShell takes for its own, by number. */
void profile_add_powershell(struct profile_text *text, const char *value);
/* What stands between two tags of XML 1.0, where most control characters cannot stand at all. */
void profile_add_xml(struct profile_text *text, const char *value);
/* What stands behind the '=' of a GLib key file: UTF-8. */
void profile_add_keyfile(struct profile_text *text, const char *value);
/* A string of RouterOS' scripts, quotes and all. */
void profile_add_routeros(struct profile_text *text, const char *value);
/* A word of a POSIX shell, quotes and all. */
void profile_add_shell(struct profile_text *text, const char *value);
/* A string of swanctl.conf, quotes and all. */
void profile_add_swanctl(struct profile_text *text, const char *value);
/* A word of a file of pppd's options, quotes and all. */
void profile_add_pppd(struct profile_text *text, const char *value);
/* RFC 4648 §4 */
void profile_add_base64(struct profile_text *text, const char *value);

/* Whether a value, as it is, is UTF-8 without control characters. */
bool profile_is_plain(const char *value);

#endif
