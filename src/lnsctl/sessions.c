#include "lnsctl/sessions.h"

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

static const char *
ipsec_word(const json_t *ipsec)
{
	const char *cipher = field_text(ipsec, "cipher");

	if (!field_true(ipsec, "protected"))
		return "no";
	return cipher[0] ? cipher : "yes";
}

void
sessions_print(const json_t *sessions)
{
	struct table *table = table_new("USER ADDRESS PEER CLIENT STATE >UP >RX >TX IPSEC ID");
	const json_t *session;
	size_t i;

	json_array_foreach(sessions, i, session)
	{
		char text[HUMAN_MAX], peer[PEER_MAX];

		table_add(table, field_text(session, "user"));
		table_add(table, field_text(session, "address"));
		table_add(table, field_peer(peer, session));
		table_add(table, field_text(session, "client"));
		table_add(table, field_text(session, "state"));
		table_add(table, human_duration(text, field_number(session, "uptime_s")));
		table_add(table, human_bytes(text, field_number(session, "rx_bytes")));
		table_add(table, human_bytes(text, field_number(session, "tx_bytes")));
		table_add(table, ipsec_word(json_object_get(session, "ipsec")));
		table_add(table, field_text(session, "id"));
	}
	table_print(table, stdout);
	table_free(table);
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	enum exit_code code;
	json_t *data = client_fetch(settings, "sessions", args[0], &code);

	if (data && settings->json)
		code = print_json(data);
	else if (data)
		sessions_print(data);
	json_decref(data);
	return code;
}

const struct verb verb_sessions = {
	.name = "sessions",
	.summary = "who is connected",
	.help = "One row a session, from the moment that L2TP has set it up. RX is what came from "
		"the\n"
		"client. IPSEC is the cipher that protects it, or 'no'. ID is what 'lnsctl show' "
		"and\n"
		"'lnsctl disconnect' take.\n",
	.prints = true,
	.run = run,
};
