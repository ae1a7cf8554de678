#include "lnsctl/action.h"

#include <string.h>

#include "lnsctl/lnsctl.h"
#include "suggest.h"

const void *
action_find(const char *verb, const char *name, const void *rows, size_t count, size_t size)
{
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX];

	suggest_init(&suggest, name);
	for (size_t i = 0; i < count; i++) {
		const char *row = (const char *)rows + i * size;
		const char *own;

		memcpy(&own, row, sizeof(own));
		if (strcmp(own, name) == 0)
			return row;
		suggest_try(&suggest, own);
	}
	complain("unknown: %s %.40s%s; see 'lnsctl help %s'", verb, name,
		 suggest_hint(&suggest, hint), verb);
	return NULL;
}
