#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

static void
print(const json_t *tunnels)
{
	struct table *table = table_new(
		"ID PEER HOST-NAME VENDOR STATE >SESSIONS >NS >NR >WINDOW >RETRANSMITS SINCE");
	const json_t *tunnel;
	size_t i;

	json_array_foreach(tunnels, i, tunnel)
	{
		char peer[PEER_MAX];

		table_add_number(table, field_number(tunnel, "id"));
		table_add(table, field_peer(peer, tunnel));
		table_add(table, field_text(tunnel, "host_name"));
		table_add(table, field_text(tunnel, "vendor"));
		table_add(table, field_text(tunnel, "state"));
		table_add_number(table, field_number(tunnel, "sessions"));
		table_add_number(table, field_number(tunnel, "ns"));
		table_add_number(table, field_number(tunnel, "nr"));
		table_add_number(table, field_number(tunnel, "window"));
		table_add_number(table, field_number(tunnel, "retransmits"));
		table_add(table, field_text(tunnel, "since"));
	}
	table_print(table, stdout);
	table_free(table);
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	enum exit_code code;
	json_t *data = client_fetch(settings, "tunnels", args[0], &code);

	if (data && settings->json)
		code = print_json(data);
	else if (data)
		print(data);
	json_decref(data);
	return code;
}

const struct verb verb_tunnels = {
	.name = "tunnels",
	.summary = "L2TP control connections",
	.help = "One row a tunnel, those that are being set up or torn down too. NS and NR are "
		"the\n"
		"sequence numbers of RFC 2661, WINDOW is the peer's receive window.\n",
	.prints = true,
	.run = run,
};
