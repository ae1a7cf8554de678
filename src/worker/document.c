/* See document.h. */
#include "worker/document.h"

#include <stdio.h>

#include "worker/answer.h"

void
put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value ? value : json_null());
}

void
put_int(json_t *object, const char *key, uint64_t value)
{
	put(object, key, json_integer((json_int_t)value));
}

void
put_text(json_t *object, const char *key, const char *text)
{
	put(object, key, answer_text(text));
}

void
put_hex(json_t *object, const char *key, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", value);
	put_text(object, key, text);
}
