/* See document.h. */
#include "worker/document.h"

#include <stdio.h>
#include <string.h>

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

static json_t *
list_of(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t len = strcspn(text, ",");

		json_array_append_new(list, json_stringn(text, len));
		text += len;
		text += strspn(text, ", ");
	}
	return list;
}

void
put_list(json_t *object, const char *key, const char *text)
{
	put(object, key, text ? list_of(text) : NULL);
}

void
put_hex(json_t *object, const char *key, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", value);
	put_text(object, key, text);
}
