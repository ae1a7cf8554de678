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
	bool may_lack;	 /* the argument */
} verbs[VERB_COUNT] = {
	[VERB_STATUS] = {.name = "status"},
	[VERB_SESSIONS] = {.name = "sessions"},
	[VERB_TUNNELS] = {.name = "tunnels"},
	[VERB_SHOW] = {.name = "show", .arg = "a session or tunnel ID"},
	[VERB_DISCONNECT] = {.name = "disconnect",
			     .arg = "a user, a session or tunnel ID, an address, or 'all'"},
	[VERB_DIAL] = {.name = "dial", .arg = "a peer"},
	[VERB_DRAIN] = {.name = "drain", .arg = "an address or 'off'", .may_lack = true},
	[VERB_RELOAD] = {.name = "reload",
			 .arg = "'dry-run', 'confirmed', 'undo' or nothing",
			 .may_lack = true},
	[VERB_BANS] = {.name = "bans"},
	[VERB_BAN] = {.name = "ban", .arg = "an address"},
	[VERB_UNBAN] = {.name = "unban", .arg = "an address or 'all'"},
	[VERB_RELOAD_USERS] = {.name = "reload-users"},
	[VERB_MESSAGES] = {.name = "messages",
			   .arg = "a user, a peer's address or an ID",
			   .may_lack = true},
	[VERB_TRACE] = {.name = "trace", .arg = "a user, a peer's address or an ID"},
	[VERB_TRAFFIC] = {.name = "traffic"},
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

/* False when it is none, empty or too long, and for control bytes, which no user name, ID, address
 * or number has. */
static bool
take_text(char *dst, size_t cap, const json_t *text)
{
	size_t len = json_string_length(text);
	const char *bytes = json_string_value(text);

	if (len == 0 || len >= cap)
		return false;
	for (const char *p = bytes; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	}
	memcpy(dst, bytes, len + 1);
	return true;
}

static bool
take_arg(struct request *request, const json_t *arg, char *why, size_t cap)
{
	const char *name = verbs[request->verb].name, *wanted = verbs[request->verb].arg;
	bool given = arg && !json_is_null(arg);

	if (!wanted && given) {
		snprintf(why, cap, "%s takes no argument", name);
		return false;
	}
	if ((!wanted || verbs[request->verb].may_lack) && !given)
		return true;
	if (take_text(request->arg, sizeof(request->arg), arg))
		return true;
	snprintf(why, cap, "%s needs %s", name, wanted);
	return false;
}

static bool
take_reload(struct request *request, char *why, size_t cap)
{
	static const char *const acts[RELOAD_ACTS] = {[RELOAD_APPLY] = "",
						      [RELOAD_LOOK] = "dry-run",
						      [RELOAD_CONFIRMED] = "confirmed",
						      [RELOAD_UNDO] = "undo"};

	for (enum reload_act act = RELOAD_APPLY; act < RELOAD_ACTS; act++) {
		if (strcmp(request->arg, acts[act]) == 0) {
			request->act = act;
			if (request->seconds <= RELOAD_TRIAL_MAX)
				return true;
			snprintf(why, cap, "a reload is on trial for a day at most");
			return false;
		}
	}
	snprintf(why, cap, "reload takes %s", verbs[VERB_RELOAD].arg);
	return false;
}

/* What only some verbs have. */
static bool
take_more(struct request *request, const json_t *object, char *why, size_t cap)
{
	json_int_t tunnel = json_integer_value(json_object_get(object, "tunnel"));
	json_int_t seconds = json_integer_value(json_object_get(object, "seconds"));

	request->only_new = json_is_true(json_object_get(object, "new"));
	request->data = json_is_true(json_object_get(object, "data"));
	if (seconds < 0 || seconds > INT32_MAX) {
		snprintf(why, cap, "the time must be from 1 s to 68 years");
		return false;
	}
	request->seconds = (uint32_t)seconds;
	if (request->verb == VERB_RELOAD)
		return take_reload(request, why, cap);
	if (request->verb != VERB_DIAL)
		return true;
	if (!take_text(request->number, sizeof(request->number),
		       json_object_get(object, "number"))) {
		snprintf(why, cap, "dial needs a number of 1 to 127 bytes");
		return false;
	}
	if (tunnel < 0 || tunnel > UINT16_MAX) {
		snprintf(why, cap, "there is no tunnel with such an ID");
		return false;
	}
	request->tunnel = (uint16_t)tunnel;
	return true;
}

static bool
read_object(struct request *request, json_t *object, char *why, size_t cap)
{
	const char *name = json_string_value(json_object_get(object, "verb"));
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
	return take_arg(request, json_object_get(object, "arg"), why, cap) &&
	       take_more(request, object, why, cap);
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
