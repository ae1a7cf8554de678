/* Names of DNS: network.search-domain. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "conf/value.h"

#define LABEL_MAX 63 /* RFC 1035 §2.3.4 */

static bool
label_right(const char *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)label[i]) && label[i] != '-' && label[i] != '_')
			return false;
	}
	return len > 0 && len <= LABEL_MAX && label[0] != '-' && label[len - 1] != '-';
}

static bool
name_right(const char *name)
{
	for (;;) {
		size_t len = strcspn(name, ".");

		if (!label_right(name, len))
			return false;
		if (!name[len])
			return true;
		name += len + 1;
	}
}

static bool
parse_domain(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	char *name = (char *)record + option->offset;

	if (strlen(text) >= option->size || !name_right(text)) {
		snprintf(why, WHY_MAX, "'%.60s' is no name of a domain (such as example.net)",
			 text);
		return false;
	}
	snprintf(name, option->size, "%s", text);
	return true;
}

static void
format_domain(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	snprintf(out, VALUE_TEXT_MAX, "%s", (const char *)record + option->offset);
}

const struct value_type type_domain = {parse_domain, format_domain};
