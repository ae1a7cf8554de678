/* See answer.h. A row a verb; the documents are in show.c. */
#include "worker/answer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "worker/addr.h"
#include "worker/app.h"
#include "worker/messages.h"
#include "worker/show.h"
#include "worker/show_bans.h"

json_t *
answer_text(const char *text)
{
	char escaped[2048];
	bool plain = true;

	if (!text)
		return json_null();
	for (const char *p = text; *p; p++)
		plain = plain && (unsigned char)*p >= ' ' && *p != 0x7f;
	json_t *string = plain ? json_string(text) : NULL;

	return string ? string
		      : json_string(log_escape(escaped, sizeof(escaped), text, strlen(text)));
}

json_t *
answer_refused(const char *text)
{
	return json_pack("{s:b, s:o*}", "ok", 0, "error", answer_text(text));
}

static json_t *
answer_ok(json_t *data)
{
	return data ? json_pack("{s:b, s:o}", "ok", 1, "data", data) : NULL;
}

json_t *
answer_call(const struct request *request, struct lns_ref ref)
{
	char id[REQUEST_ID_MAX];

	return answer_ok(json_pack("{s:s, s:i, s:o*, s:o*}", "id", request_id_text(id, ref),
				   "tunnel_id", ref.tid, "peer_name", answer_text(request->arg),
				   "called_number", answer_text(request->number)));
}

json_t *
answer_done(const char *text)
{
	return answer_ok(json_pack("{s:o*}", "text", answer_text(text)));
}

json_t *
answer_change(const struct wall_change *change)
{
	static const char *const effects[] = {
		[LIVE_NOW] = "now", [LIVE_NEW] = "new-sessions", [LIVE_RESTART] = "restart"};

	return json_pack("{s:o*, s:o*, s:o*, s:o*, s:s}", "section", answer_text(change->section),
			 "key", answer_text(change->key), "old", answer_text(change->from), "new",
			 answer_text(change->to), "effect", effects[change->live]);
}

json_t *
answer_reload(bool ok, const struct request *request, json_t *changes, json_t *lines)
{
	char text[1500] = "";
	json_t *line;
	size_t i;

	if (ok)
		return answer_ok(json_pack(
			"{s:b, s:i, s:O, s:O}", "applied", request->act != RELOAD_LOOK, "trial_s",
			(int)request->seconds, "changes", changes, "lines", lines));
	json_array_foreach(lines, i, line)
	{
		size_t used = strlen(text);

		snprintf(text + used, sizeof(text) - used, "%s%s", i ? "\n" : "",
			 json_string_value(line));
	}
	return json_pack("{s:b, s:s, s:O}", "ok", 0, "error",
			 text[0] ? text : "the configuration was refused", "lines", lines);
}

/* ── verbs ──────────────────────────────────────────────────────────────────────────────── */

static json_t *
do_status(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	(void)request;
	(void)counts;
	return answer_ok(show_status(app));
}

static json_t *
do_sessions(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	(void)request;
	(void)counts;
	return answer_ok(show_sessions(app));
}

static json_t *
do_tunnels(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	(void)request;
	(void)counts;
	return answer_ok(show_tunnels(app));
}

/* "no session … alice": what was looked for is said. */
static json_t *
refuse_unknown(const char *what, const char *arg)
{
	char text[400];

	snprintf(text, sizeof(text), "%s '%s'", what, arg);
	return answer_refused(text);
}

static json_t *
do_show(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	json_t *data = show_one(app, request->arg, counts);

	return data ? answer_ok(data)
		    : refuse_unknown("no session or tunnel has the ID", request->arg);
}

/* By user, session ID or the address that the client was given. */
static bool
matches(const struct port *port, const char *arg)
{
	char id[REQUEST_ID_MAX], address[ADDR_TEXT_MAX];

	return strcmp(arg, "all") == 0 || (port->user[0] && strcmp(arg, port->user) == 0) ||
	       strcmp(arg, request_id_text(id, port->ref)) == 0 ||
	       (port->address && strcmp(arg, addr_ip4_text(address, port->address)) == 0);
}

static size_t
disconnect(struct app *app, const char *arg, uint16_t tid, json_t *ids)
{
	char id[REQUEST_ID_MAX];
	size_t count = 0;

	for (struct port *port = app->ports.first; port; port = port->next_all) {
		if (!port_listed(port) || port->over)
			continue;
		if (tid ? port->ref.tid != tid : !matches(port, arg))
			continue;
		json_array_append_new(ids, json_string(request_id_text(id, port->ref)));
		lns_close(app->lns, app_now(app), port->ref, CAUSE_ADMIN, BY_ADMIN,
			  cause_text(CAUSE_ADMIN));
		count++;
	}
	return count;
}

static json_t *
do_disconnect(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	const char *arg = request->arg;
	json_t *ids = json_array();
	uint16_t tid = request_tunnel_id(arg);
	size_t count = disconnect(app, arg, 0, ids);

	(void)counts;
	/* a number that is no user's name is a tunnel's: all of its sessions */
	if (!count && tid)
		count = disconnect(app, arg, tid, ids);
	if (count || strcmp(arg, "all") == 0)
		return answer_ok(json_pack("{s:o}", "disconnected", ids));
	json_decref(ids);
	return refuse_unknown("no session has the user, ID or address", arg);
}

static json_t *
draining(const struct app *app)
{
	const char *address = lns_draining(app->lns);

	return answer_ok(json_pack("{s:s?}", "draining", address));
}

/* Only an address: a client that follows has no way to look up a name (RFC 3193 §4.3). */
static json_t *
do_drain(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	uint8_t ip[16];
	bool off = strcmp(request->arg, "off") == 0;

	(void)counts;
	if (!request->arg[0])
		return draining(app);
	if (!off && inet_pton(AF_INET, request->arg, ip) != 1 &&
	    inet_pton(AF_INET6, request->arg, ip) != 1)
		return refuse_unknown("no IPv4 or IPv6 address:", request->arg);
	lns_drain(app->lns, app_now(app), off ? NULL : request->arg, !request->only_new);
	if (off)
		log_notice("draining is over");
	else
		log_notice("draining to %s%s", request->arg,
			   request->only_new ? "" : ", all tunnels end");
	return draining(app);
}

static json_t *
do_bans(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	(void)request;
	(void)counts;
	return answer_ok(show_bans(app->bans));
}

static json_t *
do_messages(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	(void)counts;
	return answer_ok(messages_past(app, request->arg));
}

static json_t *
do_traffic(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	(void)request;
	(void)counts;
	return answer_ok(show_traffic(app));
}

typedef json_t *verb_fn(struct app *app, const struct request *request,
			const struct sa_counts *counts);

static verb_fn *const verb_fns[VERB_COUNT] = {
	[VERB_STATUS] = do_status, [VERB_SESSIONS] = do_sessions,     [VERB_TUNNELS] = do_tunnels,
	[VERB_SHOW] = do_show,	   [VERB_DISCONNECT] = do_disconnect, [VERB_DRAIN] = do_drain,
	[VERB_BANS] = do_bans,	   [VERB_MESSAGES] = do_messages,     [VERB_TRAFFIC] = do_traffic,
	/* VERB_RELOAD, VERB_RELOAD_USERS, VERB_BAN and VERB_UNBAN are the keeper's to answer,
	   VERB_DIAL has to wait for a LAC, VERB_TRACE is answered
	   for as long as somebody listens (trace.c) */
};

uint32_t
answer_wants_count(const struct app *app, const struct request *request)
{
	return request->verb == VERB_SHOW ? show_mark(app, request->arg) : 0;
}

json_t *
answer_request(struct app *app, const struct request *request, const struct sa_counts *counts)
{
	return verb_fns[request->verb](app, request, counts);
}
