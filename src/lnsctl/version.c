#include <stdio.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

/* Works without the daemon; tells its version too when it answers. */
static enum exit_code
run(const struct settings *settings, char *const *args)
{
	enum exit_code code = CODE_DONE;
	struct answer answer;
	json_t *document;
	char text[64];

	client_ask(settings, "status", args[0], &answer);
	clean_text(text, sizeof(text), field_text(answer.data, "version"));
	if (settings->json) {
		document = json_pack("{s:s, s:s?}", "lnsctl", LNSD_VERSION, "lnsd",
				     answer.data ? text : NULL);
		code = print_json(document);
		json_decref(document);
	} else {
		printf("lnsctl %s\n", LNSD_VERSION);
		printf("lnsd %s\n", answer.data ? text : "does not answer");
	}
	json_decref(answer.data);
	return code;
}

const struct verb verb_version = {
	.name = "version",
	.summary = "versions of lnsctl and of the running daemon",
	.help = "Works without the daemon.\n",
	.prints = true,
	.run = run,
};
