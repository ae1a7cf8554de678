#include <stdio.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	enum exit_code code;
	json_t *data = client_fetch(settings, "disconnect", args[0], &code);
	const json_t *item;
	size_t i;

	if (data && settings->json) {
		code = print_json(data);
	} else if (data) {
		json_array_foreach(json_object_get(data, "disconnected"), i, item)
		{
			char id[64];

			printf("disconnected %s\n",
			       clean_text(id, sizeof(id),
					  json_is_string(item) ? json_string_value(item) : ""));
		}
	}
	json_decref(data);
	return code;
}

const struct verb verb_disconnect = {
	.name = "disconnect",
	.arg = "USER|ID|ADDRESS|all",
	.least = 1,
	.most = 1,
	.summary = "end sessions",
	.help = "Ends all sessions of a user, the session with this ID, all sessions of the tunnel "
		"with\n"
		"this ID, the session that has this address, or everybody's. The clients are "
		"told.\n",
	.prints = true,
	.run = run,
};
