#include <stdio.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	enum exit_code code;
	json_t *data = client_fetch(settings, "reload", args[0], &code);
	const json_t *item;
	size_t i;

	if (data && settings->json) {
		code = print_json(data);
	} else if (data) {
		json_array_foreach(json_object_get(data, "lines"), i, item)
		{
			char line[1200];

			puts(clean_text(line, sizeof(line),
					json_is_string(item) ? json_string_value(item) : ""));
		}
	}
	json_decref(data);
	return code;
}

const struct verb verb_reload = {
	.name = "reload",
	.summary = "read the configuration and the users again",
	.help = "All or nothing: when anything is wrong the daemon says what and keeps the old\n"
		"configuration. Sessions go on; changes that need a restart are named.\n",
	.prints = true,
	.run = run,
};
