/* UTF-8 as RFC 3629 has it. */
#ifndef CONF_UTF8_H
#define CONF_UTF8_H

#include <stddef.h>

/* The bytes of the character at text (1 to 4), or 0 when it is not whole and valid. */
size_t utf8_len(const char *text, size_t len);

#endif
