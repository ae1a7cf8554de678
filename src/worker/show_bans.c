/* See show_bans.h. */
#include "worker/show_bans.h"

#include <stdio.h>
#include <time.h>

#include "worker/addr.h"
#include "worker/document.h"

static void
put_moment(json_t *object, const char *key, int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	put_text(object, key, text);
}

json_t *
show_bans(const struct bans *bans)
{
	json_t *list = json_array();
	const struct ban *ban;

	for (size_t i = 0; (ban = bans_at(bans, i)); i++) {
		json_t *row = json_object();
		char host[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + 4];

		snprintf(text, sizeof(text), "%s%s", addr_host_text(host, &ban->source),
			 ban->source.family == 6 ? "/64" : "");
		put_text(row, "address", text);
		put_text(row, "reason", ban_reason_name(ban->reason));
		put_moment(row, "since", ban->since);
		put_moment(row, "until", ban->until);
		json_object_set_new(row, "packets_dropped", json_boolean(ban->in_force));
		json_array_append_new(list, row);
	}
	return list;
}
