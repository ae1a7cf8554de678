#include <stdio.h>
#include <string.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

static void
print(const json_t *data)
{
	char text[80];

	if (field_text(data, "draining")[0])
		printf("draining to %s\n",
		       clean_text(text, sizeof(text), field_text(data, "draining")));
	else
		puts("not draining");
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	struct answer answer;
	enum exit_code code;

	if (settings->of[OPT_NEW] && (!args[0] || strcmp(args[0], "off") == 0)) {
		complain("--new needs the address of the other server");
		return CODE_USAGE;
	}
	client_request(settings,
		       json_pack("{s:s, s:s*, s:b}", "verb", "drain", "arg", args[0], "new",
				 settings->of[OPT_NEW] != NULL),
		       CLIENT_SILENCE_MS, &answer);
	code = answer.code;
	if (code != CODE_DONE)
		complain("%s", answer.error);
	else if (settings->json)
		code = print_json(answer.data);
	else
		print(answer.data);
	json_decref(answer.data);
	return code;
}

const struct verb verb_drain = {
	.name = "drain",
	.arg = "[ADDRESS [--new] | off]",
	.most = 1,
	.options = OPT_BIT(OPT_NEW),
	.summary = "send the clients to another server",
	.help = "Ends all tunnels, and refuses new ones, with the word to try the server at\n"
		"ADDRESS; with --new those that are there stay, and their sessions too, until "
		"they\n"
		"end by themselves. 'off' lets clients in again. Without an argument it says "
		"where\n"
		"clients are sent now. Only few clients follow; others are shut out. A restart of\n"
		"the daemon ends it.\n",
	.prints = true,
	.run = run,
};
