#include "lnsctl/field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *
field_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int64_t
field_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool
field_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

const char *
field_peer(char text[PEER_MAX], const json_t *object)
{
	const char *peer = field_text(object, "peer");
	bool is_v6 = strchr(peer, ':') != NULL;

	snprintf(text, PEER_MAX, "%s%.64s%s:%" PRId64, is_v6 ? "[" : "", peer, is_v6 ? "]" : "",
		 field_number(object, "peer_port"));
	return text;
}

const char *
field_list(char *text, size_t cap, const json_t *list)
{
	static const char more[] = ", …";
	const json_t *item;
	size_t i, len = 0;

	text[0] = '\0';
	json_array_foreach(list, i, item)
	{
		const char *one = json_string_value(item), *comma = len ? ", " : "";
		size_t after = i + 1 < json_array_size(list) ? sizeof(more) : 1;

		if (!one)
			continue;
		if (len + strlen(comma) + strlen(one) + after > cap) {
			snprintf(text + len, cap - len, "%s…", comma);
			break;
		}
		len += (size_t)snprintf(text + len, cap - len, "%s%s", comma, one);
	}
	return text;
}

enum exit_code
print_json(const json_t *document)
{
	if (json_dumpf(document, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF) {
		complain("standard output cannot be written");
		return CODE_REFUSED;
	}
	return CODE_DONE;
}
