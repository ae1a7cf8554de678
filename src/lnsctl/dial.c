#include <stdio.h>
#include <stdlib.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

/* The daemon gives a call up before. */
#define DIAL_SILENCE_MS 90000

/* True when the text is a tunnel's ID, or there is none (0). */
static bool
read_tunnel(const char *text, long *tunnel)
{
	char *end;

	*tunnel = 0;
	if (!text)
		return true;
	*tunnel = strtol(text, &end, 10);
	return *text && !*end && *tunnel > 0 && *tunnel < 65536;
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	struct answer answer;
	enum exit_code code;
	long tunnel;
	char text[64];

	if (!read_tunnel(settings->of[OPT_TUNNEL], &tunnel)) {
		complain("--tunnel: '%.60s' is no tunnel's ID; 'lnsctl tunnels' shows them",
			 settings->of[OPT_TUNNEL]);
		return CODE_USAGE;
	}
	client_request(settings,
		       json_pack("{s:s, s:s, s:s, s:I}", "verb", "dial", "arg", args[0], "number",
				 args[1], "tunnel", (json_int_t)tunnel),
		       DIAL_SILENCE_MS, &answer);
	code = answer.code;
	if (code != CODE_DONE)
		complain("%s", answer.error);
	else if (settings->json)
		code = print_json(answer.data);
	else
		printf("connected %s\n",
		       clean_text(text, sizeof(text), field_text(answer.data, "id")));
	json_decref(answer.data);
	return code;
}

const struct verb verb_dial = {
	.name = "dial",
	.arg = "PEER NUMBER [--tunnel ID]",
	.least = 2,
	.most = 2,
	.options = OPT_BIT(OPT_TUNNEL),
	.summary = "let a LAC place a call",
	.help = "Asks the LAC of section [peer PEER] to call NUMBER, through the tunnel with this\n"
		"ID, any tunnel that it has, or a new one, which is opened to the first of its\n"
		"addresses if that is a single one. Waits until the call is connected or has\n"
		"failed, and says why; who interrupts it hangs up.\n",
	.prints = true,
	.run = run,
};
