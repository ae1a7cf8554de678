/* See request.h. */
#include "worker/request.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

/* ctl.h's table */
static const struct {
	const char *name;
	const char *arg; /* what it takes, NULL: nothing */
} verbs[VERB_COUNT] = {
	[VERB_STATUS] = {"status", NULL},
	[VERB_SESSIONS] = {"sessions", NULL},
	[VERB_TUNNELS] = {"tunnels", NULL},
	[VERB_SHOW] = {"show", "a session or tunnel ID"},
	[VERB_DISCONNECT] = {"disconnect", "a user, a session or tunnel ID, an address, or 'all'"},
	[VERB_RELOAD] = {"reload", NULL},
};

static bool
find_verb(struct request *request, const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, name) == 0) {
			request->verb = (enum request_verb)i;
			return true;
		}
	}
	return false;
}

/* False for control bytes, which no user name, ID or address has. */
static bool
take_arg(struct request *request, const char *arg)
{
	size_t len = strlen(arg);

	if (len >= sizeof(request->arg))
		return false;
	for (const char *p = arg; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	}
	memcpy(request->arg, arg, len + 1);
	return true;
}

static bool
read_object(struct request *request, json_t *object, char *why, size_t cap)
{
	const char *name = json_string_value(json_object_get(object, "verb"));
	json_t *arg = json_object_get(object, "arg");
	char shown[64];

	if (!name) {
		snprintf(why, cap, "the request has no \"verb\"");
		return false;
	}
	if (!find_verb(request, name)) {
		snprintf(why, cap, "unknown verb \"%s\"",
			 log_escape(shown, sizeof(shown), name, strlen(name)));
		return false;
	}
	if (!verbs[request->verb].arg && arg && !json_is_null(arg)) {
		snprintf(why, cap, "%s takes no argument", verbs[request->verb].name);
		return false;
	}
	if (verbs[request->verb].arg &&
	    (!json_string_length(arg) || !take_arg(request, json_string_value(arg)))) {
		snprintf(why, cap, "%s needs %s", verbs[request->verb].name,
			 verbs[request->verb].arg);
		return false;
	}
	return true;
}

bool
request_parse(struct request *request, const char *line, size_t len, char *why, size_t cap)
{
	json_error_t error;
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	bool ok = false;

	memset(request, 0, sizeof(*request));
	if (json_is_object(object))
		ok = read_object(request, object, why, cap);
	else
		snprintf(why, cap, "the request is not a JSON object in one line");
	json_decref(object);
	return ok;
}

const char *
request_id_text(char dst[REQUEST_ID_MAX], struct lns_ref ref)
{
	snprintf(dst, REQUEST_ID_MAX, "%u-%u", ref.tid, ref.sid);
	return dst;
}

uint16_t
request_tunnel_id(const char *arg)
{
	unsigned id = 0;

	for (const char *p = arg; *p; p++) {
		if (*p < '0' || *p > '9')
			return 0;
		id = 10 * id + (unsigned)(*p - '0');
		if (id > UINT16_MAX)
			return 0;
	}
	return (uint16_t)id;
}
